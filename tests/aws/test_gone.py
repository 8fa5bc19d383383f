"""What was deleted between its listing and the calls about it is no resource and no gap; threads log under their run's id."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from cloudmigrate import log
from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.listing import RegionReader
from cloudmigrate.aws.resource_type import Call, Item, ResourceType
from cloudmigrate.domain.estate import Scope
from cloudmigrate.domain.resources import Coverage, CoverageStatus, Discovered
from tests.aws.conftest import OWN, own_account, sessions_of
from tests.aws.engine_rows import TABLE, VOLUME, row
from tests.aws.scripted import Asked, Reply, ScriptedAws, json_error, json_reply, query_error, xml

Script = Callable[..., ScriptedAws]
REGION = "us-west-2"
NOT_FOUND = json_error("ResourceNotFoundException", "Requested resource not found")
# Two steps: the tags are asked for by what the first call told.
TABLE_THAT_MAY_GO = replace(TABLE, calls=tuple(replace(call, gone_codes=("ResourceNotFoundException",)) for call in TABLE.calls))
BALANCER = row(
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    service="elbv2",
    operation="describe_load_balancers",
    path="LoadBalancers[]",
    id="LoadBalancerArn",
    arn="=LoadBalancerArn",
    tags="TagDescription.Tags",
    calls=(
        Call(
            "describe_tags",
            {"ResourceArns": "LoadBalancerArn"},
            "TagDescriptions[]",
            "TagDescription",
            batch=20,
            batch_on="LoadBalancerArn",
            batch_key="ResourceArn",
            gone_codes=("LoadBalancerNotFound",),
        ),
    ),
)


def look(one: ResourceType) -> Discovered:
    account = own_account()
    return discover_region(sessions_of(account), account, REGION, [one], Scope(), regions_in_scope=frozenset({REGION}), max_workers=4)


def only(found: Discovered) -> Coverage:
    (one,) = found.coverage
    return one


def describe_table(asked: Asked) -> Reply:
    name = asked.params["TableName"]
    return json_reply({"Table": {"TableArn": f"arn:{name}"}}) if name == "stays" else NOT_FOUND


def test_an_item_gone_before_it_is_described_is_dropped_without_a_gap(script: Script) -> None:
    running = script(
        {
            "ListTables": json_reply({"TableNames": ["went", "stays"]}),
            "DescribeTable": describe_table,
            "ListTagsOfResource": json_reply({"Tags": []}),
        }
    )
    found = look(TABLE_THAT_MAY_GO)
    assert [one.uid for one in found.resources] == ["arn:stays"]
    assert (only(found).status, only(found).resources, only(found).detail) == (CoverageStatus.OK, 1, None)
    assert running.count("ListTagsOfResource") == 1


def test_an_item_gone_after_its_first_call_is_dropped_too(script: Script) -> None:
    script(
        {
            "ListTables": json_reply({"TableNames": ["stays"]}),
            "DescribeTable": describe_table,
            "ListTagsOfResource": NOT_FOUND,
        }
    )
    found = look(TABLE_THAT_MAY_GO)
    assert found.resources == ()
    assert only(found).status is CoverageStatus.EMPTY


def test_without_gone_codes_the_same_answer_is_a_gap(script: Script) -> None:
    script({"ListTables": json_reply({"TableNames": ["stays"]}), "DescribeTable": describe_table, "ListTagsOfResource": NOT_FOUND})
    found = look(TABLE)
    assert [one.uid for one in found.resources] == ["arn:stays"]
    assert only(found).status is CoverageStatus.PARTIAL


def test_of_a_batch_only_what_is_gone_is_dropped(script: Script) -> None:
    """The service refuses the whole batch and does not say which one it misses."""

    def describe_tags(asked: Asked) -> Reply:
        arns = [value for key, value in sorted(asked.params.items()) if key.startswith("ResourceArns.")]
        if "arn:b" in arns:
            return query_error("LoadBalancerNotFound", "One or more load balancers not found", 400)
        told = "".join(
            f"<member><ResourceArn>{arn}</ResourceArn><Tags><member><Key>of</Key><Value>{arn}</Value></member></Tags></member>"
            for arn in arns
        )
        return xml("DescribeTags", f"<TagDescriptions>{told}</TagDescriptions>")

    listed = "".join(f"<member><LoadBalancerArn>arn:{one}</LoadBalancerArn></member>" for one in "abc")
    running = script(
        {"DescribeLoadBalancers": xml("DescribeLoadBalancers", f"<LoadBalancers>{listed}</LoadBalancers>"), "DescribeTags": describe_tags}
    )
    found = look(BALANCER)
    assert {one.uid: one.tags for one in found.resources} == {"arn:a": {"of": "arn:a"}, "arn:c": {"of": "arn:c"}}
    assert only(found).status is CoverageStatus.OK
    assert running.count("DescribeTags") == 4  # all three, then each alone


def test_threads_log_under_the_runs_correlation_id(script: Script) -> None:
    script({"DescribeVolumes": xml("DescribeVolumes", "<volumeSet><item><volumeId>vol-1</volumeId></item></volumeSet>")})
    seen: list[str | None] = []

    def note(item: Item) -> Item:
        seen.append(log.correlation_id())
        return item

    with log.bound("run-7"):
        look(replace(VOLUME, redact=note))
    assert seen == ["run-7"]


def test_calls_about_single_items_log_under_it_too(script: Script) -> None:
    script({})
    sessions = sessions_of(own_account())
    with ThreadPoolExecutor(1) as pool:
        reader = RegionReader(sessions, sessions.identity(OWN), REGION, [], pool, workers=1)
        with log.bound("run-8"):
            assert reader.submit(log.correlation_id).result() == "run-8"
        assert pool.submit(log.correlation_id).result() is None
