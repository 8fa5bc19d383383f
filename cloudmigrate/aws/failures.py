"""What an error from AWS means: a status for coverage, the IAM action that is missing, and what to do now."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from botocore.exceptions import (
    BaseEndpointResolverError,
    BotoCoreError,
    ChecksumError,
    ClientError,
    CredentialRetrievalError,
    EndpointProviderError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    InvalidRegionError,
    LoginError,
    MetadataRetrievalError,
    NoAuthTokenError,
    NoCredentialsError,
    PaginationError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ServiceNotInRegionError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError

from cloudmigrate.aws.answers import BrokenAnswerError
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.errors.sources import AccountAccessError, EndpointGapError
from cloudmigrate.masking import masked_text

DETAIL_CHARACTERS = 400
CODE_CHARACTERS = 80
NOT_IMPLEMENTED = "not implemented by endpoint"


def _codes(names: str) -> frozenset[str]:
    return frozenset(names.split())


# Error codes as services send them. Source: each service's API reference, "Common errors", and botocore's retry tables.
DENIED = _codes(
    "AccessDenied AccessDeniedException AccessDeniedFault AllAccessDisabled AuthFailure AuthorizationError AuthorizationErrorException "
    "ExplicitDeny Forbidden ForbiddenException InsufficientPrivilegesException KMSAccessDeniedException NotAuthorized "
    "NotAuthorizedException OperationNotPermitted OperationNotPermittedException Unauthorized UnauthorizedException "
    "UnauthorizedOperation UnauthorizedAccess WrongAccount 401 403"
)
REGION_OFF = _codes(
    "InvalidClientTokenId UnrecognizedClientException UnrecognizedClient InvalidAccessKeyId OptInRequired RegionDisabledException "
    "SubscriptionRequired SubscriptionRequiredException NotSignedUp IllegalLocationConstraintException"
)
EXPIRED = _codes("ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired ExpiredCredentials")
UNSIGNED = _codes(
    "SignatureDoesNotMatch InvalidSignature InvalidSignatureException IncompleteSignature RequestTimeTooSkewed MissingAuthenticationToken "
    "MissingAuthenticationTokenException InvalidToken NoCredentialsError"
)
THROTTLED = _codes(
    "Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException TooManyRequestsException "
    "TooManyRequests RequestLimitExceeded BandwidthLimitExceeded LimitExceededException SlowDown Slowdown PriorRequestNotComplete "
    "ProvisionedThroughputExceededException ProvisionedThroughputExceeded TransactionInProgressException EC2ThrottledException "
    "KMSThrottlingException 429"
)
# What a launch or a restore is refused for that is neither of the request nor of who asks: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
# and, for databases, the faults of CreateDBInstance and RestoreDBInstanceFromDBSnapshot.
NO_CAPACITY = _codes(
    "InsufficientInstanceCapacity InsufficientCapacity InsufficientVolumeCapacity InsufficientAddressCapacity "
    "InsufficientDBInstanceCapacity InsufficientDBClusterCapacityFault InsufficientStorageClusterCapacity"
)
QUOTA = _codes(
    "VcpuLimitExceeded InstanceLimitExceeded AddressLimitExceeded VolumeLimitExceeded MaxIOPSLimitExceeded SnapshotLimitExceeded "
    "ResourceLimitExceeded SecurityGroupLimitExceeded RulesPerSecurityGroupLimitExceeded SecurityGroupsPerInterfaceLimitExceeded "
    "InstanceQuotaExceeded StorageQuotaExceeded SnapshotQuotaExceeded TooManyBuckets"
)
UNTOLD = frozenset(str(status) for status in range(400, 500)) - {"401", "403", "429"}  # statuses of HTTP that say nothing by themselves
NO_CREDENTIALS = (
    NoCredentialsError,
    NoAuthTokenError,
    PartialCredentialsError,
    CredentialRetrievalError,
    TokenRetrievalError,
    MetadataRetrievalError,
    ProfileNotFound,
    SSOError,
    LoginError,
)
NO_ENDPOINT = (BaseEndpointResolverError, EndpointProviderError, InvalidRegionError, ServiceNotInRegionError)
NETWORK = (BotoConnectionError, HTTPClientError)
GARBLED = (IncompleteReadError, ChecksumError, FlexibleChecksumError, PaginationError)
# What may be raised by a call that is right in itself; everything else is a fault of ours and goes up.
CALL_ERRORS = (ClientError, BotoCoreError, ResponseParserError, EndpointGapError, AccountAccessError)

PERFORMED = re.compile(r"not authorized to perform:? ([a-z0-9-]{1,64}:[A-Za-z0-9*]{1,64})")
# Control characters, line ends, marks that turn the direction of writing, lone surrogates.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
# botocore's reports of values that a request may not have. Ours are constant and tested, so such a value came out of an answer; a
# member that is missing or that the operation does not know is a fault of ours.
VALUE_REFUSED = re.compile(r"Invalid (?:type for parameter|length for parameter|range for parameter|bucket name)(?: ([\w.\[\]]{1,80}))?")
OUR_FAULT = re.compile(r"Missing required parameter|Unknown parameter")

NEXT: Mapping[str, str] = {
    "denied": "grant it to the role that scans (`cloudmigrate iam-policy` prints the whole policy)",
    "by_policy_above": "a policy above the role denies it (service control policy, permission boundary): ask who owns that",
    "region_off": "enable the region or service in the account, or take the region out of the estate file",
    "expired": "renew the credentials (for example `aws sso login`), then run again",
    "unsigned": "check the credentials and this machine's clock, then run again",
    "throttled": "run again later, or ask AWS for a higher request rate",
    "server": "run again later; if it stays, see the AWS Health Dashboard",
    "credentials": "give credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "endpoint": "leave the type out with --types, or the region out of the estate file",
    "network": "check the network, proxy and AWS_ENDPOINT_URL, then run again",
    "garbled": "run again; if it stays, something between here and AWS changes the answers",
    "capacity": "try again later, or name a subnet of another zone, or another size, under `targets` in the estate file",
    "quota": "ask for a higher quota (Service Quotas), or free some of it, then run again",
    "refused": "read the service's message; if the request itself is wrong, report it",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be looked at, in words for the coverage dataset."""

    status: CoverageStatus
    error_code: str
    missing_action: str | None  # an IAM action such as "rds:DescribeDBInstances"
    detail: str
    next_action: str

    @property
    def sentence(self) -> str:
        """The detail and what to do now; of a call that the endpoint lacks the bare detail, which scripts compare."""
        return self.detail if self.detail == NOT_IMPLEMENTED else f"{self.detail.rstrip('.')}. Next: {self.next_action}"


def coverage_status(error: BaseException, *, action: str | None = None) -> Failure | None:  # noqa: PLR0911 - one for each family
    """What *error* means for coverage; None when it is a fault of ours (a wrong parameter, a bug) and must be raised.

    *action* is the IAM action of the call, used when AWS does not name the one that is missing.
    """
    if isinstance(error, EndpointGapError):
        return Failure(CoverageStatus.FAILED, "EndpointGap", None, NOT_IMPLEMENTED, "check AWS_ENDPOINT_URL; this endpoint is not AWS")
    if isinstance(error, AccountAccessError):
        return entry_failure(error)
    if isinstance(error, ClientError):
        return _of_client_error(error, action)
    if isinstance(error, ResponseParserError):
        # Only our own text: botocore's quotes the body, which may hold secrets.
        detail = str(error) if isinstance(error, BrokenAnswerError) else "a call was answered with a document that cannot be read"
        return Failure(CoverageStatus.FAILED, "ResponseParserError", None, plain(detail), NEXT["garbled"])
    if isinstance(error, ParamValidationError):
        return _of_refused_value(error)
    for classes, next_key in ((NO_CREDENTIALS, "credentials"), (NO_ENDPOINT, "endpoint"), (NETWORK, "network"), (GARBLED, "garbled")):
        if isinstance(error, classes):
            return Failure(CoverageStatus.FAILED, type(error).__name__, None, plain(masked_text(str(error))), NEXT[next_key])
    return None


def failure_of(error: BaseException, action: str | None = None) -> Failure:
    """What *error* means, as `coverage_status` has it. Raises it where it is a fault of ours."""
    failure = coverage_status(error, action=action)
    if failure is None:
        raise error
    return failure


def entry_failure(error: AccountAccessError) -> Failure:
    """What it means for every type of an account that the account cannot be entered."""
    status = _meaning(error.error_code, "")[0]
    detail = plain(f"account {error.account_id} could not be entered: {error.reason} ({error.error_code})")
    return Failure(status, error.error_code, error.missing_action, detail, error.next_action)


def error_code(error: BaseException) -> str:
    """The service's error code, or the name of the error's class."""
    if isinstance(error, ClientError):
        return plain(str(_error_of(error).get("Code") or "Unknown"), CODE_CHARACTERS)
    if isinstance(error, ResponseParserError):
        return "ResponseParserError"
    return type(error).__name__


def passes(error: BaseException | None) -> bool:
    """Whether the same call may be answered well a moment later: a throttle, a fault of the server, or no readable answer."""
    if isinstance(error, ClientError):
        http_status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error_code(error) in THROTTLED or http_status >= 500 or _is_unreadable(error)
    return isinstance(error, (*NETWORK, *GARBLED, ResponseParserError))


def _is_unreadable(error: ClientError) -> bool:
    """Whether the error's document was cut off: botocore then has the HTTP status for a code. A HEAD has no document, and says no more."""
    return error_code(error) in UNTOLD and not str(error.operation_name).startswith("Head")


def _of_client_error(error: ClientError, action: str | None) -> Failure:
    if _is_unreadable(error):  # the message would be what is left of the document, which may hold secrets
        code, told = error_code(error), f"{error.operation_name} was answered HTTP {error_code(error)} and a document that cannot be read"
        return Failure(CoverageStatus.FAILED, code, None, plain(told), NEXT["garbled"])
    code, message = error_code(error), str(_error_of(error).get("Message") or "")
    status, next_key = _meaning(code, message)
    http_status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if next_key == "refused" and http_status in (401, 403, 429):  # a code that is new to us
        status, next_key = _meaning(str(http_status), message)
    if status is CoverageStatus.FAILED and next_key == "refused" and http_status >= 500:
        next_key = "server"
    named = PERFORMED.search(message)
    missing = (named.group(1) if named else action) if next_key in ("denied", "by_policy_above") else None
    told = f"{code}: {masked_text(message)}" if message else code  # of a signature that is wrong, AWS quotes the signed headers
    detail = plain(f"{error.operation_name} was answered {told}")
    next_action = f"{missing} is missing; {NEXT[next_key]}" if missing else NEXT[next_key]
    return Failure(status, code, missing, detail, next_action)


def _meaning(code: str, message: str) -> tuple[CoverageStatus, str]:
    """Status of an error code, and the key of what to do now."""
    if code in REGION_OFF or (code == "AuthFailure" and "validate the provided access credentials" in message):
        # The credentials were good when the account was entered, so it is this region or service that does not know them.
        return CoverageStatus.DENIED, "region_off"
    if code in DENIED or code.startswith("AccessDenied"):
        above = any(words in message for words in ("service control policy", "permissions boundary", "resource control policy"))
        return CoverageStatus.DENIED, "by_policy_above" if above else "denied"
    if code in THROTTLED:
        return CoverageStatus.THROTTLED, "throttled"
    families = ((EXPIRED, "expired"), (UNSIGNED, "unsigned"), (NO_CAPACITY, "capacity"), (QUOTA, "quota"))
    return CoverageStatus.FAILED, next((next_key for codes, next_key in families if code in codes), "refused")


def _of_refused_value(error: ParamValidationError) -> Failure | None:
    report = str(error)
    refused = VALUE_REFUSED.search(report)
    if refused is None or OUR_FAULT.search(report):
        return None
    detail = f"an answer gave a value that no request may have{' as ' + refused.group(1) if refused.group(1) else ''}"
    return Failure(CoverageStatus.FAILED, ParamValidationError.__name__, None, detail, NEXT["garbled"])


def _error_of(error: ClientError) -> Mapping[str, object]:
    """The error document; a broken one may hold anything under this name."""
    found: object = error.response.get("Error")
    return found if isinstance(found, Mapping) else {}


def plain(text: str, characters: int = DETAIL_CHARACTERS) -> str:
    """*text* on one line, without control characters, not longer than a line of a report bears."""
    line = UNPRINTABLE.sub(" ", text[: characters * 4]).strip()
    return line if len(line) <= characters else line[: characters - 1] + "…"
