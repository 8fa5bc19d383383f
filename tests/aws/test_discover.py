"""One account and region: every resource in scope, and for each type what became of looking at it."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from cloudmigrate.aws.discover import check_types, discover_region
from cloudmigrate.aws.resource_type import ResourceType
from cloudmigrate.domain.estate import Scope
from cloudmigrate.domain.resources import Coverage, CoverageStatus, Discovered
from cloudmigrate.errors import UsageError
from cloudmigrate.simulate.emulator import Emulator
from tests.aws import engine_rows
from tests.aws.conftest import OWN, own_account, sessions_of
from tests.aws.engine_rows import BUCKET, CLUSTER, INSTANCE, KEY, QUEUE, RECORD_SET, ROWS, SERVICE, TABLE, VOLUME, VPC, ZONE
from tests.aws.scripted import Asked, Reply, ScriptedAws, json_reply, xml

Script = Callable[..., ScriptedAws]
REGION = "us-west-2"


def look(*rows: ResourceType, region: str = REGION, scope: Scope | None = None, in_scope: tuple[str, ...] = (REGION,)) -> Discovered:
    account = own_account(*in_scope)
    sessions = sessions_of(account)
    return discover_region(sessions, account, region, rows, scope or Scope(), regions_in_scope=frozenset(in_scope), max_workers=4)


def only(found: Discovered) -> Coverage:
    (one,) = found.coverage
    return one


def client(service: str, region: str = REGION):  # type: ignore[no-untyped-def]
    return sessions_of(own_account(region)).client(OWN, service, region)


def test_an_empty_account_is_empty_not_unseen(clean_emulator: Emulator) -> None:
    found = look(INSTANCE, TABLE, QUEUE, CLUSTER, SERVICE, KEY)
    assert found.resources == ()
    assert {one.status for one in found.coverage} == {CoverageStatus.EMPTY}
    assert len(found.coverage) == 6


def test_what_is_gone_is_no_resource(clean_emulator: Emulator) -> None:
    ec2 = client("ec2")
    ids = [one["InstanceId"] for one in ec2.run_instances(ImageId="ami-1", MinCount=3, MaxCount=3)["Instances"]]
    ec2.terminate_instances(InstanceIds=ids[:1])
    found = look(INSTANCE)
    assert [one.uid for one in found.resources] == sorted(f"arn:aws:ec2:{REGION}:{OWN}:instance/{one}" for one in ids[1:])
    assert only(found) == Coverage(OWN, REGION, "ec2", INSTANCE.type, CoverageStatus.OK, resources=2)
    ec2.terminate_instances(InstanceIds=ids[1:])
    assert only(look(INSTANCE)).status is CoverageStatus.EMPTY


def test_details_of_each_shape_reach_the_spec(clean_emulator: Emulator) -> None:
    client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "app", "Value": "shop"}],
    )
    client("sqs").create_queue(QueueName="jobs", tags={"app": "shop"})
    ecs = client("ecs")
    ecs.create_cluster(clusterName="blue")
    ecs.create_cluster(clusterName="green")
    ecs.register_task_definition(family="web", containerDefinitions=[{"name": "c", "image": "i", "memory": 64}])
    for number in range(12):  # more than one batch of ten
        ecs.create_service(cluster="green", serviceName=f"web{number:02}", taskDefinition="web", desiredCount=1)
    kms = client("kms")
    kms.create_key(Tags=[{"TagKey": "app", "TagValue": "shop"}])
    doomed = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=doomed)
    found = look(VPC, TABLE, QUEUE, CLUSTER, SERVICE, KEY)
    by_type = {row.type: [one for one in found.resources if one.type == row.type] for row in ROWS}
    assert {one.status for one in found.coverage} == {CoverageStatus.OK}
    assert [one.spec["EnableDnsSupport"] for one in by_type[VPC.type]] == [True]
    (table,) = by_type[TABLE.type]
    assert (table.uid, table.name, table.tags) == (f"arn:aws:dynamodb:{REGION}:{OWN}:table/orders", "orders", {"app": "shop"})
    (queue,) = by_type[QUEUE.type]
    assert (queue.uid, queue.name, queue.tags) == (f"arn:aws:sqs:{REGION}:{OWN}:jobs", "jobs", {"app": "shop"})
    assert queue.created_at is not None
    assert [one.name for one in by_type[CLUSTER.type]] == ["blue", "green"]
    services = by_type[SERVICE.type]
    assert [one.name for one in services] == [f"web{number:02}" for number in range(12)]
    assert {one.spec["Parent"]["clusterArn"].rpartition("/")[2] for one in services} == {"green"}
    (key,) = by_type[KEY.type]  # the one that awaits its deletion is gone
    assert key.tags == {"app": "shop"}
    assert key.spec["Metadata"]["KeyManager"] == "CUSTOMER"


def test_a_parents_listing_is_read_once_for_all_rows(script: Script) -> None:
    arn = f"arn:aws:ecs:{REGION}:{OWN}:cluster/blue"
    running = script(
        {
            "ListClusters": json_reply({"clusterArns": [arn]}),
            "DescribeClusters": json_reply({"clusters": [{"clusterArn": arn, "clusterName": "blue", "status": "ACTIVE"}]}),
            "ListServices": json_reply({"serviceArns": []}),
        }
    )
    found = look(CLUSTER, SERVICE)
    assert [one.status for one in found.coverage] == [CoverageStatus.OK, CoverageStatus.EMPTY]
    assert running.count("ListClusters") == 1
    assert found.calls == 3


def test_a_bucket_belongs_to_its_own_region_and_only_to_regions_in_scope(clean_emulator: Emulator) -> None:
    client("s3", "us-east-1").create_bucket(Bucket="in-virginia")
    for region in ("us-west-2", "eu-west-1"):
        location = {"LocationConstraint": region}
        client("s3", region).create_bucket(Bucket=f"in-{region}", CreateBucketConfiguration=location)
    client("s3").put_bucket_tagging(Bucket="in-us-west-2", Tagging={"TagSet": [{"Key": "app", "Value": "shop"}]})
    found = look(*ROWS, region="global", scope=Scope(types=(BUCKET.type,)), in_scope=("us-west-2", "us-east-1"))
    assert [(one.name, one.region) for one in found.resources] == [("in-us-west-2", "us-west-2"), ("in-virginia", "us-east-1")]
    assert found.resources[0].tags == {"app": "shop"}
    assert only(found) == Coverage(OWN, "global", "s3", BUCKET.type, CoverageStatus.OK, resources=2)


def test_records_of_every_zone_under_one_listing_of_zones(clean_emulator: Emulator) -> None:
    route53 = client("route53", "us-east-1")
    for name in ("a.example", "b.example"):
        route53.create_hosted_zone(Name=name, CallerReference=name)
    found = look(ZONE, RECORD_SET, region="global")
    assert [one.name for one in found.resources if one.type == ZONE.type] in (["a.example.", "b.example."], ["b.example.", "a.example."])
    records = [one for one in found.resources if one.type == RECORD_SET.type]
    assert sorted((one.name, one.spec["Type"]) for one in records) == [
        ("a.example.", "NS"),
        ("a.example.", "SOA"),
        ("b.example.", "NS"),
        ("b.example.", "SOA"),
    ]
    assert all(re.fullmatch(r"arn:aws:route53:::hostedzone/\w+/[ab]\.example\./(NS|SOA)/", one.uid) for one in records)
    assert found.calls == 3  # the zones once, the records of each


def test_types_left_out_give_no_coverage(clean_emulator: Emulator) -> None:
    found = look(*ROWS, scope=Scope(types=(VPC.type, VOLUME.type)))
    assert {one.type for one in found.coverage} == {VPC.type, VOLUME.type}
    assert look(*ROWS, scope=Scope(types=(BUCKET.type,))) == Discovered()


def test_the_tag_filter_asks_for_all_tags_and_says_what_it_left_out(clean_emulator: Emulator) -> None:
    sqs = client("sqs")
    sqs.create_queue(QueueName="both", tags={"app": "shop", "env": "prod=1"})
    sqs.create_queue(QueueName="one", tags={"app": "shop"})
    sqs.create_queue(QueueName="none")
    found = look(QUEUE, scope=Scope(tags=("app=shop", "env=prod=1")))
    assert [one.name for one in found.resources] == ["both"]
    assert only(found).detail == "2 left out by the tag filter"
    nothing = only(look(QUEUE, scope=Scope(tags=("app=other",))))
    assert (nothing.status, nothing.resources, nothing.detail) == (CoverageStatus.OK, 0, "3 left out by the tag filter")


@pytest.mark.parametrize(
    "value",
    ["<script>alert(1)</script>", "\"quoted\" 'twice'", "../../etc/hosts", "x" * 10_000, "名前 🐘 \u202e"],
    ids=["script", "quotes", "path", "10kB", "unicode"],
)
def test_hostile_tags_are_kept_as_they_are(script: Script, value: str) -> None:
    url = f"http://127.0.0.1/{OWN}/jobs"
    script(
        {
            "ListQueues": json_reply({"QueueUrls": [url]}),
            "GetQueueAttributes": json_reply({"Attributes": {"QueueArn": f"arn:aws:sqs:{REGION}:{OWN}:jobs"}}),
            "ListQueueTags": json_reply({"Tags": {"Name": value, value: "as a key"}}),
        }
    )
    (queue,) = look(QUEUE).resources
    assert queue.tags == {"Name": value, value: "as a key"}
    assert queue.name == value


def test_an_item_without_id_is_a_gap(script: Script) -> None:
    script(
        {
            "ListTables": json_reply({"TableNames": ["a", "b"]}),
            "DescribeTable": lambda asked: json_reply(
                {"Table": {"TableArn": "arn:a", "TableStatus": "ACTIVE"} if asked.params["TableName"] == "a" else {}}
            ),
            "ListTagsOfResource": json_reply({"Tags": []}),
        }
    )
    found = look(TABLE)
    assert [one.uid for one in found.resources] == ["arn:a"]
    assert only(found).status is CoverageStatus.PARTIAL
    assert only(found).detail == "1 left out: the answer bears no id for them"


def test_resources_of_other_owners_are_left_to_them(script: Script) -> None:
    vpcs = "".join(f"<item><vpcId>vpc-{owner}</vpcId><ownerId>{owner}</ownerId></item>" for owner in (OWN, "999999999999"))
    answers = {"DescribeVpcs": xml("DescribeVpcs", f"<vpcSet>{vpcs}</vpcSet>"), "DescribeVpcAttribute": xml("DescribeVpcAttribute", "")}
    running = script(answers)
    assert [one.name for one in look(VPC).resources] == [f"vpc-{OWN}"]
    assert running.count("DescribeVpcAttribute") == 1


def test_secret_answers_without_a_redaction_are_not_kept(script: Script) -> None:
    script(
        {
            "ListTables": json_reply({"TableNames": ["a"]}),
            "DescribeTable": json_reply({"Table": {"TableArn": "arn:a", "Password": "hunter2"}}),
            "ListTagsOfResource": json_reply({"Tags": [{"Key": "token", "Value": "hunter2"}]}),
        }
    )
    leaky = replace(TABLE, calls=(TABLE.calls[0], replace(TABLE.calls[1], secret=True)))
    (table,) = look(leaky).resources
    assert "TagList" not in table.spec
    assert "hunter2" not in repr(table)


def test_keys_of_aws_are_dropped_before_their_policy_is_asked_for(script: Script) -> None:
    def describe(asked: Asked) -> Reply:
        manager = {"mine": "CUSTOMER", "theirs": "AWS"}[asked.params["KeyId"]]
        return json_reply({"KeyMetadata": {"KeyId": asked.params["KeyId"], "KeyState": "Enabled", "KeyManager": manager}})

    running = script(
        {
            "ListKeys": json_reply({"Keys": [{"KeyId": "theirs", "KeyArn": "arn:theirs"}, {"KeyId": "mine", "KeyArn": "arn:mine"}]}),
            "DescribeKey": describe,
            "GetKeyPolicy": lambda asked: json_reply({"Policy": asked.params["KeyId"]}),
            "ListResourceTags": json_reply({"Tags": []}),
        }
    )
    found = look(KEY)
    assert [(one.uid, one.spec["Policy"]) for one in found.resources] == [("arn:mine", "mine")]
    assert running.count("GetKeyPolicy") == 1


def test_a_type_that_no_row_has_gets_a_suggestion() -> None:
    check_types([VPC.type], ROWS)
    with pytest.raises(UsageError, match="did you mean AWS::EC2::Instance"):
        check_types(["AWS::EC2::Instances"], ROWS)
    with pytest.raises(UsageError, match="did you mean AWS::EC2::VPC"):
        check_types(["aws::ec2::vpc"], ROWS)
    with pytest.raises(UsageError, match="pick one of AWS::DynamoDB::Table, "):
        check_types(["mainframe"], ROWS)


def test_rows_of_the_engine_cover_each_shape() -> None:
    calls = [call for row in engine_rows.ROWS for call in row.calls]
    assert any(call.batch > 1 for call in calls)
    assert any(call.locates for call in calls)
    assert any(row.parent for row in engine_rows.ROWS)
