"""Fixtures of the AWS room: sessions with no patience, and endpoints that answer as scripted."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cloudmigrate.aws.sessions import AwsSessions, CallPolicy
from cloudmigrate.domain.estate import Account
from cloudmigrate.simulate.emulator import environment_for
from tests.aws.scripted import Answer, ScriptedAws, caller_identity, scripted_aws
from tests.conftest import aws_environment

OWN = "123456789012"
IMPATIENT = CallPolicy(attempts=3, connect_timeout_s=2, read_timeout_s=5)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries come at once, and the adaptive rate limiter does not slow a test down."""
    from botocore.retries import bucket, standard

    monkeypatch.setattr(standard.ExponentialBackoff, "delay_amount", lambda *_: 0.0)
    monkeypatch.setattr(bucket.TokenBucket, "acquire", lambda *_, **__: True)


@pytest.fixture
def script(no_waiting: None) -> Iterator[Callable[..., ScriptedAws]]:
    """Start an endpoint with these answers (the caller's identity is there already); botocore's variables point at it."""
    with contextlib.ExitStack() as stack:

        def start(answers: dict[str, Answer | list[Answer]]) -> ScriptedAws:
            running = stack.enter_context(scripted_aws({"GetCallerIdentity": caller_identity(OWN), **answers}))
            stack.enter_context(aws_environment(environment_for(running.url)))
            return running

        yield start


def sessions_of(*accounts: Account, policy: CallPolicy = IMPATIENT, **options: Any) -> AwsSessions:
    """Sessions that may not leave this machine and do not try long."""
    return AwsSessions(accounts, correlation_id="run-1", loopback_only=True, policy=policy, **options)


def own_account(*regions: str) -> Account:
    return Account(id=OWN, regions=regions or ("us-west-2",))
