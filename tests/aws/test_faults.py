"""Bad days of the network and of AWS: each becomes a coverage row that says so, and nothing else is lost."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.resource_type import ResourceType
from cloudmigrate.aws.sessions import CallPolicy
from cloudmigrate.domain.estate import Account, Scope
from cloudmigrate.domain.resources import Coverage, CoverageStatus, Discovered
from cloudmigrate.errors.sources import LoopbackOnlyError
from cloudmigrate.simulate.emulator import Emulator
from tests.aws.conftest import IMPATIENT, OWN, own_account, sessions_of
from tests.aws.engine_rows import BUCKET, CLUSTER, INSTANCE, QUEUE, RECORD_SET, SERVICE, TABLE, VOLUME, VPC, ZONE
from tests.aws.scripted import HTML_500, Asked, Reply, ScriptedAws, assumed_role, ec2_error, json_error, json_reply, query_error, xml
from tests.conftest import aws_environment
from tests.faults import FaultProxy, fault_proxy

Script = Callable[..., ScriptedAws]
REGION = "us-west-2"
OTHER = "222222222222"
HTML_200 = Reply("<html><body>Please log in to the network</body></html>", 200, "text/html")
NO_VOLUMES = xml("DescribeVolumes", "<volumeSet/>")
ONE_VOLUME = xml("DescribeVolumes", "<volumeSet><item><volumeId>vol-1</volumeId><status>in-use</status></item></volumeSet>")
FIRST_OF_TWO = xml(
    "DescribeVolumes", "<volumeSet><item><volumeId>vol-1</volumeId><status>in-use</status></item></volumeSet><nextToken>more</nextToken>"
)


def look(*rows: ResourceType, region: str = REGION, policy: CallPolicy = IMPATIENT, account: Account | None = None) -> Discovered:
    account = account or own_account()
    sessions = sessions_of(account, policy=policy)
    return discover_region(sessions, account, region, rows, Scope(), regions_in_scope=frozenset({REGION}), max_workers=4)


def by_type(found: Discovered) -> dict[str, Coverage]:
    return {one.type: one for one in found.coverage}


def only(found: Discovered) -> Coverage:
    (one,) = found.coverage
    return one


@pytest.mark.parametrize(
    ("row", "operation", "region"),
    [
        pytest.param(VOLUME, "DescribeVolumes", REGION, id="xml"),
        pytest.param(TABLE, "ListTables", REGION, id="json"),
        pytest.param(BUCKET, "GET /", "global", id="rest"),
    ],
)
def test_html_500_is_no_aws_answer_and_not_asked_twice(script: Script, row: ResourceType, operation: str, region: str) -> None:
    running = script({operation: HTML_500})
    one = only(look(row, region=region))
    assert (one.status, one.error_code, one.resources) == (CoverageStatus.FAILED, "EndpointGap", 0)
    assert one.detail == "not implemented by endpoint"
    assert running.count(operation) == 1


@pytest.mark.parametrize(
    ("row", "operation"), [pytest.param(VOLUME, "DescribeVolumes", id="xml"), pytest.param(TABLE, "ListTables", id="json")]
)
def test_html_200_is_not_shown_as_empty(script: Script, row: ResourceType, operation: str) -> None:
    script({operation: HTML_200})
    assert only(look(row)).status is CoverageStatus.FAILED


@pytest.mark.parametrize("page", ["<html>busy</html>", "<!DOCTYPE html>\n<html>busy</html>"])
def test_a_gateways_html_503_is_asked_again(script: Script, page: str) -> None:
    running = script({"DescribeVolumes": [Reply(page, 503, "text/html"), ONE_VOLUME]})
    assert only(look(VOLUME)).status is CoverageStatus.OK
    assert running.count("DescribeVolumes") == 2


@pytest.mark.parametrize(
    ("row", "operation", "reply"),
    [
        pytest.param(TABLE, "ListTables", Reply('{"TableNames": ["a", "b'), id="json-cut-short"),
        pytest.param(VOLUME, "DescribeVolumes", Reply("<DescribeVolumesResponse><volumeSet><item><vol"), id="xml-cut-short"),
        pytest.param(TABLE, "ListTables", Reply('{"TableNames": ["a"', declared_length=400), id="body-ends-before-its-length"),
        pytest.param(TABLE, "ListTables", Reply(b"\xff\xfe\x00"), id="bytes-that-are-no-text"),
    ],
)
def test_garbled_answers_are_failures_not_emptiness(script: Script, row: ResourceType, operation: str, reply: Reply) -> None:
    script({operation: reply})
    one = only(look(row))
    assert one.status is CoverageStatus.FAILED
    assert one.resources == 0


def test_denied_listing_names_the_action_and_stops_no_other(script: Script) -> None:
    message = "User: arn:aws:iam::1:user/ann is not authorized to perform: ec2:DescribeVpcs because ..."
    script(
        {
            "DescribeVpcs": ec2_error("UnauthorizedOperation", message),
            "DescribeVolumes": ONE_VOLUME,
            "ListTables": json_error("AccessDeniedException"),
        }
    )
    found = by_type(look(VPC, VOLUME, TABLE))
    assert found[VPC.type].status is CoverageStatus.DENIED
    assert (found[VPC.type].error_code, found[VPC.type].missing_action) == ("UnauthorizedOperation", "ec2:DescribeVpcs")
    assert "cloudmigrate iam-policy" in str(found[VPC.type].detail)
    assert (found[TABLE.type].status, found[TABLE.type].missing_action) == (CoverageStatus.DENIED, "dynamodb:ListTables")
    assert (found[VOLUME.type].status, found[VOLUME.type].resources) == (CoverageStatus.OK, 1)


def test_denied_detail_keeps_the_resource_and_is_partial(script: Script) -> None:
    script(
        {
            "ListQueues": json_reply({"QueueUrls": [f"http://127.0.0.1/{OWN}/a", f"http://127.0.0.1/{OWN}/b"]}),
            "GetQueueAttributes": lambda asked: json_reply({"Attributes": {"QueueArn": f"arn:{asked.params['QueueUrl'][-1]}"}}),
            "ListQueueTags": json_error("AccessDeniedException", "not authorized to perform: sqs:ListQueueTags on resource x", 403),
        }
    )
    found = look(QUEUE)
    one = only(found)
    assert [resource.uid for resource in found.resources] == ["arn:a", "arn:b"]
    assert (one.status, one.error_code, one.missing_action, one.resources) == (
        CoverageStatus.PARTIAL,
        "AccessDeniedException",
        "sqs:ListQueueTags",
        2,
    )
    assert str(one.detail).startswith("list_queue_tags was refused 2 times: ")


def test_details_that_are_not_implemented_are_asked_for_once(script: Script) -> None:
    names = [f"t{number}" for number in range(40)]
    running = script(
        {
            "ListTables": json_reply({"TableNames": names}),
            "DescribeTable": lambda asked: json_reply({"Table": {"TableArn": f"arn:{asked.params['TableName']}", "TableStatus": "ACTIVE"}}),
            "ListTagsOfResource": HTML_500,
        }
    )
    found = look(TABLE)
    assert only(found).status is CoverageStatus.PARTIAL
    assert "then not asked again" in str(only(found).detail)
    assert len(found.resources) == 40
    assert running.count("ListTagsOfResource") <= 4  # what was under way in four threads


def test_expired_credentials_mid_run_keep_what_was_listed(script: Script) -> None:
    expired = ec2_error("RequestExpired", "Request has expired.", 400)
    script({"DescribeVolumes": [FIRST_OF_TWO, expired]})
    found = look(VOLUME)
    assert [one.name for one in found.resources] == ["vol-1"]
    assert (only(found).status, only(found).error_code, only(found).resources) == (CoverageStatus.FAILED, "RequestExpired", 1)
    assert str(only(found).detail).startswith("stopped after 1: ")
    assert "renew the credentials" in str(only(found).detail)


def test_a_paginator_that_repeats_its_token_ends(script: Script) -> None:
    running = script({"DescribeVolumes": FIRST_OF_TWO})
    found = look(VOLUME)
    assert only(found).status is CoverageStatus.FAILED
    assert "same next token" in str(only(found).detail)
    assert running.count("DescribeVolumes") == 2
    assert len(found.resources) == 1


def test_a_throttling_storm_that_ends(script: Script) -> None:
    throttle = ec2_error("RequestLimitExceeded", "Request limit exceeded.", 503)
    running = script({"DescribeVolumes": [throttle, throttle, ONE_VOLUME]})
    assert only(look(VOLUME)).status is CoverageStatus.OK
    assert running.count("DescribeVolumes") == 3


def test_a_throttling_storm_that_never_ends(script: Script) -> None:
    running = script(
        {"DescribeVolumes": ec2_error("RequestLimitExceeded", "Request limit exceeded.", 503), "ListTables": json_reply({"TableNames": []})}
    )
    found = by_type(look(VOLUME, TABLE))
    assert (found[VOLUME.type].status, found[VOLUME.type].error_code) == (CoverageStatus.THROTTLED, "RequestLimitExceeded")
    assert found[TABLE.type].status is CoverageStatus.EMPTY
    assert running.count("DescribeVolumes") == IMPATIENT.attempts


def test_throttled_details_are_given_up_after_a_few(script: Script) -> None:
    names = [f"t{number:02}" for number in range(60)]
    running = script(
        {
            "ListTables": json_reply({"TableNames": names}),
            "DescribeTable": lambda asked: json_reply({"Table": {"TableArn": f"arn:{asked.params['TableName']}", "TableStatus": "ACTIVE"}}),
            "ListTagsOfResource": json_error("ThrottlingException", "Rate exceeded"),
        }
    )
    found = look(TABLE)
    assert len(found.resources) == 60
    assert only(found).error_code == "ThrottlingException"
    assert running.count("ListTagsOfResource") <= (5 + 4) * IMPATIENT.attempts


@pytest.mark.parametrize(
    ("resets", "status", "calls"), [(1, CoverageStatus.OK, 2), (99, CoverageStatus.FAILED, IMPATIENT.attempts)], ids=["once", "for-ever"]
)
def test_connection_resets(script: Script, resets: int, status: CoverageStatus, calls: int) -> None:
    running = script({"DescribeVolumes": [*[Reply(reset=True)] * resets, ONE_VOLUME]})
    assert only(look(VOLUME)).status is status
    assert running.count("DescribeVolumes") == calls


def test_nothing_listens(no_waiting: None) -> None:
    with aws_environment({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}):
        found = look(VOLUME, TABLE)
    assert {one.status for one in found.coverage} == {CoverageStatus.FAILED}
    assert "could not be entered" in str(found.coverage[0].detail)
    assert "AWS_ENDPOINT_URL" in str(found.coverage[0].detail)


def test_a_role_that_cannot_be_assumed_is_a_gap_for_every_type(script: Script) -> None:
    script({"AssumeRole": query_error("AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: x")})
    account = Account(id=OTHER, role_arn=f"arn:aws:iam::{OTHER}:role/MigrationScan", regions=(REGION,))
    found = look(VOLUME, TABLE, account=account)
    assert found.resources == ()
    assert [(one.account_id, one.status, one.missing_action) for one in found.coverage] == [
        (OTHER, CoverageStatus.DENIED, "sts:AssumeRole")
    ] * 2


def test_a_role_that_is_withdrawn_mid_run_is_denied_not_empty(script: Script) -> None:
    in_a_minute = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    refused = query_error("AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: x")
    script({"AssumeRole": [assumed_role(OTHER, expires_at=in_a_minute), refused], "DescribeVolumes": ONE_VOLUME})
    account = Account(id=OTHER, role_arn=f"arn:aws:iam::{OTHER}:role/MigrationScan", regions=(REGION,))
    one = only(look(VOLUME, account=account))
    assert (one.status, one.missing_action, one.resources) == (CoverageStatus.DENIED, "sts:AssumeRole", 0)


def test_calls_run_side_by_side_and_no_more_than_allowed(script: Script) -> None:
    under_way: list[int] = [0, 0]  # now, at most
    lock = threading.Lock()

    def slow(asked: Asked) -> Reply:
        with lock:
            under_way[0] += 1
            under_way[1] = max(under_way)
        time.sleep(0.05)
        with lock:
            under_way[0] -= 1
        return json_reply({"Table": {"TableArn": f"arn:{asked.params['TableName']}", "TableStatus": "ACTIVE"}})

    names = [f"t{number}" for number in range(24)]
    script({"ListTables": json_reply({"TableNames": names}), "DescribeTable": slow, "ListTagsOfResource": json_reply({"Tags": []})})
    assert len(look(TABLE).resources) == 24
    assert 2 <= under_way[1] <= 4  # look() allows four


def zone(name: str) -> str:
    return f"<HostedZone><Id>/hostedzone/{name}</Id><Name>{name}.example.</Name><CallerReference>x</CallerReference></HostedZone>"


def records(name: str) -> Reply:
    one = f"<ResourceRecordSet><Name>{name}.example.</Name><Type>A</Type></ResourceRecordSet>"
    document = f"<ResourceRecordSets>{one}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems>"
    return Reply(f"<ListResourceRecordSetsResponse>{document}</ListResourceRecordSetsResponse>")


ZONES = Reply(
    f"<ListHostedZonesResponse><HostedZones>{zone('ZA')}{zone('ZB')}</HostedZones>"
    "<IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesResponse>"
)
DENIED = query_error("AccessDenied", "is not authorized to perform: route53:ListResourceRecordSets on resource: x")


def test_one_parent_denied_is_partial_all_denied_is_denied(script: Script) -> None:
    answers = {"GET /2013-04-01/hostedzone": ZONES, "GET /2013-04-01/hostedzone/ZA/rrset": records("ZA")}
    running = script({**answers, "GET /2013-04-01/hostedzone/ZB/rrset": DENIED})
    found = look(ZONE, RECORD_SET, region="global")
    coverage = by_type(found)
    assert (coverage[ZONE.type].status, coverage[ZONE.type].resources) == (CoverageStatus.OK, 2)
    assert (coverage[RECORD_SET.type].status, coverage[RECORD_SET.type].resources) == (CoverageStatus.PARTIAL, 1)
    assert coverage[RECORD_SET.type].missing_action == "route53:ListResourceRecordSets"
    running.answers["GET /2013-04-01/hostedzone/ZA/rrset"] = DENIED
    coverage = by_type(look(ZONE, RECORD_SET, region="global"))
    assert (coverage[RECORD_SET.type].status, coverage[RECORD_SET.type].resources) == (CoverageStatus.DENIED, 0)


def test_a_denied_listing_of_parents_denies_their_children(script: Script) -> None:
    script({"ListClusters": json_error("AccessDeniedException", "no")})  # without the name of the action
    found = by_type(look(CLUSTER, SERVICE))
    assert [(one.status, one.missing_action) for one in found.values()] == [(CoverageStatus.DENIED, "ecs:ListClusters")] * 2


def buckets(*names: str) -> Reply:
    listed = "".join(f"<Bucket><Name>{name}</Name></Bucket>" for name in names)
    return Reply(f"<ListAllMyBucketsResult><Buckets>{listed}</Buckets></ListAllMyBucketsResult>")


def test_a_bucket_whose_region_is_refused_is_counted_as_a_gap(script: Script) -> None:
    no_policy = Reply("<Error><Code>NoSuchBucketPolicy</Code></Error>", 404)
    no_tags = Reply("<Error><Code>NoSuchTagSet</Code></Error>", 404)
    script(
        {
            "GET /": buckets("a", "b"),
            "GET /a?location": Reply(f"<LocationConstraint>{REGION}</LocationConstraint>"),
            "GET /b?location": Reply("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", 403),
            "GET /a?tagging": no_tags,
            "GET /a?policy": no_policy,
        }
    )
    found = look(BUCKET, region="global")
    assert [(one.name, one.region) for one in found.resources] == [("a", REGION)]
    assert only(found).status is CoverageStatus.PARTIAL
    assert only(found).missing_action == "s3:GetBucketLocation"
    assert "1 left out: their region could not be read" in str(only(found).detail)


@pytest.mark.parametrize(("told", "region"), [("", "us-east-1"), ("EU", "eu-west-1")])
def test_old_names_of_regions(script: Script, told: str, region: str) -> None:
    gone = Reply("<Error><Code>NoSuchTagSet</Code></Error>", 404)
    no_policy = Reply("<Error><Code>NoSuchBucketPolicy</Code></Error>", 404)
    script(
        {
            "GET /": buckets("a"),
            "GET /a?location": Reply(f"<LocationConstraint>{told}</LocationConstraint>"),
            "GET /a?tagging": gone,
            "GET /a?policy": no_policy,
        }
    )
    account = own_account(region)
    found = discover_region(sessions_of(account), account, "global", [BUCKET], Scope(), regions_in_scope=frozenset({region}))
    assert [one.region for one in found.resources] == [region]
    assert only(found).status is CoverageStatus.OK


def test_a_fault_of_ours_is_raised_and_ends_the_other_threads(script: Script) -> None:
    script({"DescribeVolumes": ONE_VOLUME})
    wrong = replace(VPC, params={"NoSuchMember": 1})
    with pytest.raises(Exception, match="NoSuchMember"):
        look(VOLUME, wrong)


def test_a_far_endpoint_is_a_fault_not_a_gap(script: Script) -> None:
    script({})
    with aws_environment({"AWS_ENDPOINT_URL_EC2": "https://ec2.example.com"}), pytest.raises(LoopbackOnlyError):
        look(VOLUME)


@pytest.fixture(scope="module")
def proxy(emulator: Emulator) -> Iterator[FaultProxy]:
    with fault_proxy(emulator.url, warm=("ec2", "sqs")) as running:
        yield running


STORM = {"service": "ec2", "operation": "DescribeVpcs", "error": {"code": "RequestLimitExceeded"}}


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        pytest.param([STORM | {"times": 2}], CoverageStatus.OK, id="storm-ends"),
        pytest.param([STORM], CoverageStatus.THROTTLED, id="storm-stays"),
        pytest.param(
            [{"service": "ec2", "operation": "DescribeVpcs", "error": {"code": "InternalError"}}], CoverageStatus.FAILED, id="5xx"
        ),
    ],
)
def test_faults_in_front_of_a_whole_emulator(
    clean_emulator: Emulator, proxy: FaultProxy, no_waiting: None, rules: list[dict[str, object]], status: CoverageStatus
) -> None:
    proxy.rules(*rules)
    with aws_environment(proxy.environment()):
        found = by_type(look(VPC, INSTANCE, TABLE))
    proxy.rules()
    assert found[VPC.type].status is status
    assert found[INSTANCE.type].status is CoverageStatus.EMPTY
    assert found[TABLE.type].status is CoverageStatus.EMPTY


def test_every_request_of_a_run_is_counted(script: Script) -> None:
    running = script({"DescribeVolumes": NO_VOLUMES})
    assert look(VOLUME).calls == running.count("DescribeVolumes") == 1
