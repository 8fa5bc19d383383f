"""The caller's own credentials, for what is not read by boto3."""

import os

import pytest

from cloudmigrate.aws.caller import caller_credentials
from cloudmigrate.errors.stores import LakeError


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in os.environ if one.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("nobody")
def test_without_credentials_it_is_said_what_could_not_be_opened() -> None:
    with pytest.raises(LakeError, match=r"^open s3://acme-reports/readiness: no AWS credentials were found\. Next: set AWS_PROFILE"):
        caller_credentials("s3://acme-reports/readiness")


def test_they_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "SK", "AWS_DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    found = caller_credentials("s3://b")
    assert (found.region, found.access_key, found.secret_key, found.session_token) == ("eu-west-1", "AK", "SK", None)
