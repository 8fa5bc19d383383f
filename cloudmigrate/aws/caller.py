"""The caller's own credentials as values, for readers of S3 that are not boto3."""

from dataclasses import dataclass, field

import botocore.session
from botocore.exceptions import BotoCoreError

from cloudmigrate.errors.stores import LakeError

DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class CallerCredentials:
    """Keys that are good now, and the region that the caller's environment names."""

    region: str
    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(repr=False, default=None)


def caller_credentials(location: str) -> CallerCredentials:
    """The credentials that botocore finds: environment, profile, role of the machine. Raises LakeError naming *location* where none are."""
    session = botocore.session.Session()
    try:
        found = session.get_credentials()
        frozen = found.get_frozen_credentials() if found else None
        region = session.get_config_variable("region") or DEFAULT_REGION
    except BotoCoreError as error:
        raise _no_credentials(location, str(error)) from error
    if frozen is None or not frozen.access_key or not frozen.secret_key:
        raise _no_credentials(location, "no AWS credentials were found")
    return CallerCredentials(region, frozen.access_key, frozen.secret_key, frozen.token)


def _no_credentials(location: str, reason: str) -> LakeError:
    return LakeError(
        "open", location, reason, "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to keys that may use the bucket"
    )
