"""Plain boto3 over the demo estate, whichever account and region."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from cloudmigrate.simulate.estate.parts import OWN

Clients = Callable[[str, str, str], Any]


@pytest.fixture
def clients(demo: Any) -> Clients:
    def client(account_id: str, region: str, service: str) -> Any:
        keys = {}
        if account_id != OWN:
            found = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{account_id}:role/MigrationScan", RoleSessionName="test")
            held = found["Credentials"]
            keys = {
                "aws_access_key_id": held["AccessKeyId"],
                "aws_secret_access_key": held["SecretAccessKey"],
                "aws_session_token": held["SessionToken"],
            }
        return boto3.client(service, region_name=region, **keys)

    return client


def pages(client: Any, operation: str, path: str, **params: Any) -> Iterator[Any]:
    if client.can_paginate(operation):
        yield from (one for one in client.get_paginator(operation).paginate(**params).search(path) if one is not None)
    else:
        import jmespath

        yield from jmespath.search(path, getattr(client, operation)(**params)) or []
