"""Each error of AWS has one meaning for coverage: a status, the missing action, and something to do."""

import http.client

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    PaginationError,
    ParamValidationError,
    ReadTimeoutError,
    UnknownEndpointError,
)
from botocore.parsers import ResponseParserError

from cloudmigrate.aws.answers import BrokenAnswerError
from cloudmigrate.aws.failures import CALL_ERRORS, coverage_status, failure_of
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.errors.sources import AccountAccessError, EndpointGapError

RDS_MESSAGE = "User: arn:aws:sts::1:assumed-role/scan/x is not authorized to perform: rds:DescribeDBInstances because no policy allows it"
SCP_MESSAGE = "... is not authorized to perform: ec2:DescribeVpcs with an explicit deny in a service control policy"


def answered(code: str, message: str = "", http_status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": http_status}}, "DescribeThings")  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("error", "status", "missing", "do_now"),
    [
        pytest.param(answered("AccessDenied", RDS_MESSAGE), "denied", "rds:DescribeDBInstances", "grant it", id="aws-names-the-action"),
        pytest.param(answered("UnauthorizedOperation", "You are not authorized"), "denied", "x:List", "grant it", id="the-row-names-it"),
        pytest.param(answered("AccessDeniedException", SCP_MESSAGE), "denied", "ec2:DescribeVpcs", "service control", id="scp"),
        pytest.param(answered("AccessDeniedFault"), "denied", "x:List", "grant it", id="dms"),
        pytest.param(answered("NewCodeForNo", "", 403), "denied", "x:List", "grant it", id="new-code-http-403"),
        pytest.param(answered("UnrecognizedClientException"), "denied", None, "enable the region", id="region-off-json"),
        pytest.param(answered("InvalidClientTokenId"), "denied", None, "enable the region", id="region-off-query"),
        pytest.param(
            answered("AuthFailure", "AWS was not able to validate the provided access credentials"), "denied", None, "enable", id="ec2-off"
        ),
        pytest.param(answered("OptInRequired"), "denied", None, "enable the region or service", id="not-signed-up"),
        pytest.param(answered("ExpiredToken"), "failed", None, "renew the credentials", id="expired"),
        pytest.param(answered("RequestExpired"), "failed", None, "renew the credentials", id="expired-ec2"),
        pytest.param(answered("SignatureDoesNotMatch"), "failed", None, "clock", id="clock"),
        pytest.param(answered("RequestLimitExceeded", "", 503), "throttled", None, "run again later", id="throttled-ec2"),
        pytest.param(answered("TooManyRequestsException", "", 429), "throttled", None, "run again later", id="throttled-lambda"),
        pytest.param(answered("NewCodeForSlow", "", 429), "throttled", None, "run again later", id="new-code-http-429"),
        pytest.param(answered("InternalError", "", 500), "failed", None, "Health Dashboard", id="5xx"),
        pytest.param(answered("InsufficientInstanceCapacity", "", 500), "failed", None, "another zone", id="no-capacity"),
        pytest.param(answered("InsufficientDBInstanceCapacity"), "failed", None, "another zone", id="no-capacity-rds"),
        pytest.param(answered("VcpuLimitExceeded"), "failed", None, "higher quota", id="quota"),
        pytest.param(answered("SomethingElse"), "failed", None, "service's message", id="any-other-answer"),
        pytest.param(EndpointConnectionError(endpoint_url="http://x"), "failed", None, "network", id="no-connection"),
        pytest.param(ConnectionClosedError(endpoint_url="http://x"), "failed", None, "network", id="reset"),
        pytest.param(ReadTimeoutError(endpoint_url="http://x"), "failed", None, "network", id="timeout"),
        pytest.param(ResponseParserError("broken"), "failed", None, "run again", id="garbled"),
        pytest.param(answered("400", '{"__type": "ResourceNotFoundFau'), "failed", None, "changes the answers", id="half-an-error"),
        pytest.param(answered("403", "<html>no"), "denied", "x:List", "grant it", id="half-a-denial"),
        pytest.param(PaginationError(message="The same next token was received twice"), "failed", None, "run again", id="token-twice"),
        pytest.param(UnknownEndpointError(service_name="x", region_name="y"), "failed", None, "--types", id="not-in-region"),
        pytest.param(NoCredentialsError(), "failed", None, "AWS_PROFILE", id="no-credentials"),
        pytest.param(EndpointGapError("ec2", "DescribeHosts", 500), "failed", None, "AWS_ENDPOINT_URL", id="not-aws"),
        pytest.param(AccountAccessError("1", "AccessDenied", "r", "n", "sts:AssumeRole"), "denied", "sts:AssumeRole", "n", id="role"),
        pytest.param(AccountAccessError("1", "Throttling", "r", "n"), "throttled", None, "n", id="entry-throttled"),
        pytest.param(AccountAccessError("1", "WrongAccount", "r", "n"), "denied", None, "n", id="wrong-account"),
    ],
)
def test_meaning(error: Exception, status: str, missing: str | None, do_now: str) -> None:
    failure = coverage_status(error, action="x:List")
    assert failure is not None
    assert isinstance(error, CALL_ERRORS)
    assert failure.status is CoverageStatus(status)
    assert failure.missing_action == missing
    assert do_now in failure.next_action
    assert failure.next_action in failure.sentence or failure.sentence == "not implemented by endpoint"


@pytest.mark.parametrize("error", [ParamValidationError(report="bad"), KeyError("x"), http.client.HTTPException(), ValueError()])
def test_faults_of_ours_have_no_status_and_go_up(error: Exception) -> None:
    assert coverage_status(error) is None
    with pytest.raises(type(error)) as raised:
        failure_of(error, "x:List")
    assert raised.value is error


def test_details_fit_a_report_line() -> None:
    failure = coverage_status(answered("AccessDenied", "a\x1b[31m\nb" + "x" * 9000))
    assert failure is not None
    assert failure.detail.startswith("DescribeThings was answered AccessDenied: a [31m b")
    assert len(failure.detail) == 400
    assert "\n" not in failure.sentence


def test_no_body_gets_into_a_detail() -> None:
    """botocore's own text quotes the document that it could not read."""
    failure = coverage_status(ResponseParserError("invalid XML received. Further retries may succeed:\n<Password>hunter2</Password>"))
    assert failure is not None
    assert failure.detail == "a call was answered with a document that cannot be read"
    told = coverage_status(BrokenAnswerError("sns", "GetTopicAttributes", "broken XML"))
    assert told is not None
    assert (told.error_code, told.detail) == ("ResponseParserError", "sns:GetTopicAttributes was answered with broken XML")


def test_a_secret_in_a_message_is_not_kept() -> None:
    """AWS quotes the headers that were signed where a signature is wrong; and anything may stand in a price list's message."""
    quoted = "The Canonical String should have been 'POST / host:x x-amz-security-token:FwoGZXIvYXdzEXAMPLE' for AKIAIOSFODNN7EXAMPLE"
    for error in (answered("SignatureDoesNotMatch", quoted, 403), EndpointConnectionError(endpoint_url="https://ann:hunter2@x.example/")):
        failure = coverage_status(error)
        assert failure is not None
        assert not any(secret in failure.sentence for secret in ("FwoGZXIv", "IOSFODNN7EXAMPLE", "hunter2"))


def test_hostile_codes_are_bounded_and_plain() -> None:
    failure = coverage_status(answered("\x1b[31m" + "x" * 900))
    assert failure is not None
    assert (len(failure.error_code), failure.error_code[:4]) == (80, "[31m")


def test_values_of_answers_are_not_quoted_and_our_faults_go_up() -> None:
    failure = coverage_status(ParamValidationError(report="Invalid length for parameter TableName, value: hunter2, valid min length: 1"))
    assert failure is not None
    assert failure.detail == "an answer gave a value that no request may have as TableName"
    assert coverage_status(ParamValidationError(report='Missing required parameter in input: "TableName"')) is None
    both = "Invalid type for parameter A, value: 5\nUnknown parameter in input: B"
    assert coverage_status(ParamValidationError(report=both)) is None
