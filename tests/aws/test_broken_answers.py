"""Whatever one endpoint answers, discovery goes on, says `failed` for what it could not see, and quotes no body."""

from collections.abc import Callable
from typing import Any

import pytest

from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.resource_type import Call, ResourceType
from cloudmigrate.domain.estate import Scope
from cloudmigrate.domain.resources import Coverage, CoverageStatus, Discovered
from tests.aws.conftest import own_account, sessions_of
from tests.aws.engine_rows import BUCKET, QUEUE, TABLE, VOLUME, ZONE, row
from tests.aws.scripted import Answer, Reply, ScriptedAws, json_reply, xml

Script = Callable[..., ScriptedAws]
REGION = "us-west-2"
SECRET = "hunter2-is-the-password"
API = row("AWS::ApiGateway::RestApi", service="apigateway", operation="get_rest_apis", path="items[]", id="id", arn="arn:{id}", tags=None)
TOPIC = row("AWS::SNS::Topic", service="sns", operation="list_topics", path="Topics[]", id="TopicArn", arn="=TopicArn", tags=None)
HEALTHY = {"ListQueues": json_reply({"QueueUrls": []})}
XHTML = (
    '<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
    '<html xmlns="http://www.w3.org/1999/xhtml"><body>Log in</body></html>'
)
SERVICES = [
    pytest.param(TABLE, "ListTables", id="json"),
    pytest.param(TOPIC, "ListTopics", id="query"),
    pytest.param(ZONE, "GET /2013-04-01/hostedzone", id="rest-xml"),
    pytest.param(BUCKET, "GET /", id="s3"),
    pytest.param(API, "GET /restapis", id="rest-json"),
    pytest.param(VOLUME, "DescribeVolumes", id="ec2"),
]
BROKEN = {
    "empty-200": Reply(""),
    "empty-204": Reply("", 204),
    "error-as-json-200": Reply('{"message":"Forbidden","__type":"AccessDenied"}'),
    "message-as-json-200": Reply('{"Message":"Forbidden"}'),
    "json-of-another-operation": Reply('{"Widgets": [], "Total": 0}'),
    "json-null": Reply("null"),
    "json-list": Reply("[1, 2]"),
    "json-number": Reply("5"),
    "number-where-a-list-should-be": Reply('{"TableNames": 5, "item": 5}'),
    "text-where-a-list-should-be": Reply('{"TableNames": "abc", "item": "abc"}'),
    "object-where-a-list-should-be": Reply('{"TableNames": {"a": 1}, "item": {"a": 1}}'),
    "elements-of-another-type": Reply('{"TableNames": [null, "x", 5], "item": [null, "x", 5]}'),
    "unparsable-instants": Reply('{"TableNames": [[]], "item": [{"id": "a", "createdDate": "yesterday"}]}'),
    "json-cut-short": Reply(f'{{"TableNames": ["{SECRET}", "item": ["{SECRET}'),
    "plain-text": Reply(f"Hello, please log in with {SECRET}", content_type="text/plain"),
    "no-text-at-all": Reply(b"\xff\xfe\x00\x80"),
    "xml-of-another-operation": Reply("<Foo><Bar>1</Bar></Foo>"),
    "xml-error-200": Reply("<Error><Code>Internal</Code><Message>x</Message></Error>"),
    "xml-error-response-200": Reply("<ErrorResponse><Error><Code>Internal</Code></Error></ErrorResponse>"),
    "xml-cut-short": Reply(f"<ListTopicsResponse><Topics><member>{SECRET}</mem"),
    "html": Reply("<!DOCTYPE html><html><body>Log in</body></html>"),
    "html-after-a-comment": Reply(
        b"\xef\xbb\xbf<!-- corporate proxy 7.3.1, all rights reserved, do not -->\n<html><body>Log in</body></html>"
    ),
    "xhtml": Reply(XHTML),
    "redirect": Reply("", 302),
    "redirect-with-a-page": Reply("moved", 307),
    "error-without-structure": Reply("<Response><Errors>x</Errors><Error>x</Error></Response>", 400),
    "json-error-of-numbers": Reply('{"__type": 5, "message": [1]}', 400),
    "json-error-as-list": Reply("[]", 400),
}


def look(*rows: ResourceType) -> Discovered:
    account = own_account()
    region = "global" if rows[0].is_global else REGION
    return discover_region(sessions_of(account), account, region, rows, Scope(), regions_in_scope=frozenset({REGION}), max_workers=4)


def of(found: Discovered, row: ResourceType) -> Coverage:
    return next(one for one in found.coverage if one.type == row.type)


@pytest.mark.parametrize(("row", "operation"), SERVICES)
@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_listing_is_failed_and_stops_no_other(script: Script, row: ResourceType, operation: str, reply: Reply) -> None:
    """It never raises, never says that there is nothing, quotes nothing, and leaves the other types alone."""
    other, answer = (ZONE, ZONES) if row.is_global and row is not ZONE else (BUCKET, BUCKETS) if row is ZONE else (QUEUE, HEALTHY)
    script({**answer, operation: reply})
    found = look(row, other)
    broken = of(found, row)
    assert (broken.status, broken.resources) == (CoverageStatus.FAILED, 0)
    assert "Next: " in str(broken.detail) or broken.detail == "not implemented by endpoint"
    assert SECRET not in str(found)
    assert of(found, other).status is CoverageStatus.EMPTY


ZONES: dict[str, Answer] = {
    "GET /2013-04-01/hostedzone": Reply(
        "<ListHostedZonesResponse><HostedZones/><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesResponse>"
    )
}
BUCKETS: dict[str, Answer] = {"GET /": Reply("<ListAllMyBucketsResult><Owner/><Buckets/></ListAllMyBucketsResult>")}


@pytest.mark.parametrize(
    ("row", "answers"),
    [
        pytest.param(QUEUE, {"ListQueues": json_reply({})}, id="sqs-names-no-member-for-none"),
        pytest.param(API, {"GET /restapis": json_reply({})}, id="api-gateway-neither"),
        pytest.param(TABLE, {"ListTables": json_reply({"TableNames": [], "Novelty": 1})}, id="members-newer-than-botocore"),
        pytest.param(VOLUME, {"DescribeVolumes": Reply("<Anything><volumeSet/></Anything>")}, id="emulator-names-the-root-otherwise"),
        pytest.param(VOLUME, {"DescribeVolumes": Reply('<?xml version="1.0"?>\n<a:DescribeVolumesResponse xmlns:a="b"/>')}, id="prefix"),
        pytest.param(BUCKET, {"GET /": Reply("<ListAllMyBucketsResult/>")}, id="s3-root-not-in-the-model"),
        pytest.param(ZONE, ZONES, id="route53"),
    ],
)
def test_nothing_is_still_nothing(script: Script, row: ResourceType, answers: dict[str, Answer]) -> None:
    script(answers)
    assert of(look(row), row).status is CoverageStatus.EMPTY


def test_values_that_no_request_may_have_are_the_answers_fault(script: Script) -> None:
    """The listing gives an id too short for the call about it: the item is reported, the call is a gap."""
    shortest = Call("describe_table", {"TableName": "TableName"}, "Table", "@")
    tables = row("AWS::DynamoDB::Table", service="dynamodb", operation="list_tables", path="TableNames[].{TableName: @}", id="TableName",
                 arn="arn:{id}", tags=None, calls=(shortest,))  # fmt: skip
    script({"ListTables": json_reply({"TableNames": [""]}), **HEALTHY})
    found = look(tables, QUEUE)
    assert of(found, tables).status is CoverageStatus.PARTIAL
    assert of(found, tables).error_code == "ParamValidationError"
    assert of(found, QUEUE).status is CoverageStatus.EMPTY


@pytest.mark.parametrize("operation", ["DescribeTable", "ListTagsOfResource"])
@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_detail_is_never_ok(script: Script, operation: str, reply: Reply) -> None:
    answers: dict[str, Any] = {
        "ListTables": json_reply({"TableNames": ["orders"]}),
        "DescribeTable": json_reply({"Table": {"TableArn": "arn:orders", "TableStatus": "ACTIVE"}}),
        "ListTagsOfResource": json_reply({"Tags": []}),
    }
    script({**answers, operation: reply})
    found = look(TABLE)
    assert of(found, TABLE).status is CoverageStatus.PARTIAL
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    ("operation", "tagged"), [("GET /photos?location", False), ("GET /photos?tagging", True)], ids=["location", "tagging"]
)
@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_to_nowhere_is_asked_once(script: Script, operation: str, tagged: bool, status: int) -> None:
    answers: dict[str, Any] = {
        "GET /": Reply("<ListAllMyBucketsResult><Buckets><Bucket><Name>photos</Name></Bucket></Buckets></ListAllMyBucketsResult>"),
        "GET /photos?location": Reply(f"<LocationConstraint>{REGION}</LocationConstraint>"),
        "GET /photos?tagging": Reply("<Error><Code>NoSuchTagSet</Code></Error>", 404),
        "GET /photos?policy": Reply("<Error><Code>NoSuchBucketPolicy</Code></Error>", 404),
    }
    running = script({**answers, operation: Reply("", status)})
    found = look(BUCKET)
    assert of(found, BUCKET).status is CoverageStatus.PARTIAL
    assert len(found.resources) == tagged
    assert running.count(operation) == 1


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_sts_is_a_failed_row_for_every_type(script: Script, reply: Reply) -> None:
    script({"GetCallerIdentity": reply, **HEALTHY})
    found = look(QUEUE)
    assert of(found, QUEUE).status is CoverageStatus.FAILED
    assert SECRET not in str(found)


@pytest.mark.parametrize("inner", ["", "<Arn>nonsense</Arn><Account>123456789012</Account>", "<Account>123456789012</Account>"])
def test_sts_that_leaves_out_members(script: Script, inner: str) -> None:
    script({"GetCallerIdentity": xml("GetCallerIdentity", inner), **HEALTHY})
    assert of(look(QUEUE), QUEUE).status is CoverageStatus.FAILED


@pytest.mark.parametrize(
    ("operation", "root"),
    [
        ("get_bucket_versioning", "VersioningConfiguration"),
        ("get_bucket_logging", "BucketLoggingStatus"),
        ("get_bucket_notification_configuration", "NotificationConfiguration"),
        ("get_bucket_notification_configuration", "GetBucketNotificationResponse"),  # moto
        ("get_bucket_location", "LocationConstraint"),
    ],
)
def test_roots_without_children_mean_that_nothing_is_set(script: Script, operation: str, root: str) -> None:
    asked = {"get_bucket_notification_configuration": "notification"}.get(operation, operation.removeprefix("get_bucket_"))
    script({f"GET /photos?{asked}": Reply(f'<?xml version="1.0"?><{root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>')})
    answer = getattr(sessions_of(own_account()).client("123456789012", "s3", REGION), operation)(Bucket="photos")
    assert [value for member, value in answer.items() if member != "ResponseMetadata" and value] == []
