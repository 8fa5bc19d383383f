"""The strategy table row by row, and a confidence worked out by hand."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from cloudmigrate.aws.catalogue import CATALOGUE
from cloudmigrate.aws.strategy_details import StrategyDetails, strategy_details
from cloudmigrate.domain.calibration import Calibration
from cloudmigrate.domain.effort import complexity_of, effort_hours
from cloudmigrate.domain.recommendation import Recommendation, recommend
from cloudmigrate.domain.strategies import WORKLOAD_RULES, Strategy
from cloudmigrate.domain.strategy_facts import Cost, Kind, StrategyFacts, Windows, kind_of
from cloudmigrate.domain.strategy_table import TABLE, check_table, table_lines
from cloudmigrate.domain.strategy_tags import compliance_of, product_of_tags, runs_vmware, told_strategy
from cloudmigrate.domain.workload_strategies import Member, workload_strategies

WINDOWS = Windows(metric_hours=336.0, flow_log_days=13)
SERVER, DB, VOLUME = "AWS::EC2::Instance", "AWS::RDS::DBInstance", "AWS::EC2::Volume"


def cost(usd: str) -> Cost:
    return Cost(Decimal(usd), Decimal(usd), Decimal(usd))


PRICED = {"rehost": cost("100"), "replatform": cost("95")}
# A busy server of which everything was measured: two call it, nothing speaks for a change.
BUSY = StrategyFacts(
    "web",
    SERVER,
    pattern="diurnal",
    pattern_reason="days alike",
    hours=336,
    proof_hours=336,
    peak_pct=50.0,
    peak_measured=True,
    network_mb_a_day_max=900.0,
    duty_cycle=1.0,
    callers=2,
    logged_days=13,
    is_shared=False,
    licence="none",
    placement="shared",
    costs=PRICED,
)
# The same, and idle: 2 % at most, 1 MB a day, nobody calls.
IDLE = replace(BUSY, pattern="idle", pattern_reason="quiet", peak_pct=2.0, network_mb_a_day_max=1.0, duty_cycle=0.0, callers=0)
DATABASE = replace(BUSY, type=DB, network_mb_a_day_max=None, connections_max=9.0, days_since_support=-1000.0)
DISK = StrategyFacts("disk", VOLUME, is_shared=False, attached=True, volume_type="gp3", callers=1, costs=PRICED)


def of(one: StrategyFacts) -> Recommendation:
    [found] = recommend([one], WINDOWS)
    return found


CASES = [
    pytest.param(BUSY, "as-it-is", id="busy"),
    pytest.param(replace(BUSY, compliance="bound", compliance_tag="legal-hold=7"), "bound", id="bound by a rule"),
    pytest.param(replace(BUSY, told=Strategy.REFACTOR), "told-refactor", id="told by a tag"),
    pytest.param(replace(BUSY, told=Strategy.RETIRE), "as-it-is", id="told to retire what others need"),
    pytest.param(replace(IDLE, told=Strategy.RETIRE), "told-retire", id="told to retire what nobody needs"),
    pytest.param(IDLE, "idle-server", id="idle"),
    pytest.param(replace(IDLE, callers=1), "as-it-is", id="idle, but called"),
    pytest.param(replace(IDLE, logged_days=6), "as-it-is", id="idle, watched for less than a week"),
    pytest.param(replace(IDLE, logged_days=None), "as-it-is", id="idle, unwatched"),
    pytest.param(replace(IDLE, is_shared=None), "as-it-is", id="idle, dependencies never mapped"),
    pytest.param(replace(IDLE, is_shared=True), "shared-service", id="idle shared service"),
    pytest.param(replace(IDLE, unread_statements="AWS::Lambda::Function"), "as-it-is", id="idle, functions not read"),
    pytest.param(replace(IDLE, network_mb_a_day_max=None), "as-it-is", id="idle, network not measured"),
    pytest.param(
        replace(DATABASE, pattern="idle", connections_max=0.0, peak_pct=1.0, callers=0), "idle-database", id="database without connections"
    ),
    pytest.param(replace(BUSY, placement="host"), "own-host", id="dedicated host"),
    pytest.param(replace(BUSY, placement="vmware"), "own-host", id="VMware"),
    pytest.param(replace(BUSY, placement=None), "as-it-is", id="placement not read"),
    pytest.param(replace(BUSY, is_shared=True, product="jira"), "shared-service", id="shared before bought"),
    pytest.param(replace(BUSY, product="jira", product_evidence="tag"), "sold-as-service", id="sold as a service"),
    pytest.param(replace(BUSY, product="jira", compliance="regulated"), "as-it-is", id="sold as a service, but regulated"),
    pytest.param(replace(BUSY, product="postgresql"), "self-managed-database", id="self-managed database"),
    pytest.param(replace(DATABASE, days_since_support=1.0), "support-ended", id="out of support"),
    pytest.param(replace(DATABASE, days_since_support=None), "as-it-is", id="support not known"),
    pytest.param(replace(IDLE, pattern="batch", duty_cycle=0.2), "scheduled-work", id="batch that nobody calls"),
    pytest.param(replace(IDLE, pattern="batch", duty_cycle=0.2, licence="windows"), "as-it-is", id="batch on Windows"),
    pytest.param(replace(BUSY, pattern="batch", duty_cycle=0.2), "as-it-is", id="batch that others call"),
    pytest.param(replace(BUSY, costs=PRICED | {"replatform": cost("85")}), "cheaper-server", id="15 % less on another processor"),
    pytest.param(replace(BUSY, costs=PRICED | {"replatform": cost("86")}), "as-it-is", id="14 % less"),
    pytest.param(replace(BUSY, costs={"rehost": cost("100")}), "as-it-is", id="not priced"),
    pytest.param(replace(DATABASE, costs=PRICED | {"replatform": cost("90")}), "cheaper-managed", id="database, 10 % less"),
    pytest.param(DISK, "as-it-is", id="gp3"),
    pytest.param(replace(DISK, volume_type="gp2"), "gp2-to-gp3", id="gp2"),
    pytest.param(replace(DISK, volume_type="gp2", costs={}), "gp2-to-gp3", id="gp2, not priced"),
    pytest.param(replace(DISK, volume_type="gp2", costs=PRICED | {"replatform": cost("110")}), "as-it-is", id="gp2 that gp3 makes dearer"),
    pytest.param(replace(DISK, attached=False, was_used=False, callers=0), "unused-volume", id="attached to nothing, unused"),
    pytest.param(replace(DISK, attached=False, was_used=True, callers=0), "as-it-is", id="attached to nothing, used lately"),
    pytest.param(replace(DISK, attached=False, was_used=None, callers=0), "as-it-is", id="attached to nothing, not measured"),
]


@pytest.mark.parametrize(("facts", "row"), CASES)
def test_a_row_by_hand(facts: StrategyFacts, row: str) -> None:
    assert of(facts).row.name == row


def test_every_strategy_and_row_is_met_by_a_case() -> None:
    met = {case.values[1] for case in CASES} | {f"told-{strategy}" for strategy in Strategy}
    assert met == {row.name for row in TABLE}
    assert {row.strategy for row in TABLE} == set(Strategy) == {rule.strategy for rule in WORKLOAD_RULES}
    check_table()


def test_confidence_of_an_idle_server_by_hand() -> None:
    """All measured, so complete; 13 days logged and 14 measured of 30.

    The nearest other strategy: the busiest point is 2 of 20 % (0.9 away), the network 1 of 5 MB (0.8), callers 1: so 0.8.
    0.3 * 1 + 0.2 * 13/30 + 0.4 * 0.8 + 0.1 * 0.5 = 0.7567.
    """
    found = of(IDLE).record()
    assert found["confidence"] == 0.7567
    assert found["confidence_parts"] == {
        "completeness": 1.0,
        "sources": {"configuration": 1.0, "load": 1.0, "network or connections": 1.0, "flow logs": 1.0, "prices": 1.0},
        "window": 0.4333,
        "window_of": "flow logs",
        "margin": 0.8,
        "calibration": 0.5,
        "calibrated_by": 0,
    }
    assert found["runner_up"] == "rehost"
    assert "open" not in found["features"]  # type: ignore[operator]


def test_finished_migrations_speak_in_a_tenth_of_it() -> None:
    """Of 8 that finished 8 arrived: 9/10 in place of 1/2, so 0.7567 and 0.1 * 0.4."""
    [found] = recommend([IDLE], WINDOWS, calibration=Calibration(8, 8))
    parts = found.record()["confidence_parts"]
    assert found.record()["confidence"] == 0.7967
    assert isinstance(parts, dict)
    assert (parts["calibration"], parts["calibrated_by"]) == (0.9, 8)


def test_a_missing_day_may_have_been_busy_and_may_have_had_a_caller() -> None:
    """No margin, and so at most a half; what may be is told."""
    for change in ({"hours": 312, "proof_hours": 312}, {"logged_days": 12}, {"peak_measured": False}, {"proof_hours": 312}):
        found = of(replace(IDLE, **change))  # type: ignore[arg-type]
        assert found.recommended is Strategy.RETIRE
        assert (found.confidence.margin, found.alternatives[0].distance) == (0, 0)
        assert found.confidence.value <= 0.5
        assert found.features["open"]
    open_ = of(replace(IDLE, hours=312)).features["open"]
    assert isinstance(open_, dict)
    assert open_["peak_pct"] == [2.0, 100.0]
    assert open_["network_mb_a_day"] == [1.0, None]
    assert of(replace(IDLE, logged_days=12)).features["open"] == {
        "callers": [0.0, None],
        "shared": ["yes", "no"],
        "product": ["none", "managed_elsewhere"],
    }


def test_a_price_near_the_limit_is_a_small_margin() -> None:
    """14 % saved, where 15 are asked for: 1/15 away."""
    assert of(replace(BUSY, costs=PRICED | {"replatform": cost("86")})).confidence.margin == pytest.approx(0.01 / 0.15)
    unsure = {"rehost": cost("100"), "replatform": Cost(Decimal(86), Decimal(80), Decimal(90))}
    assert of(replace(BUSY, costs=unsure)).confidence.margin == 0, "it may save 20 %"


def test_reasons_name_numbers_and_alternatives_say_why_not() -> None:
    found = of(replace(IDLE, uid="{0}", pattern_reason="<b>{x}</b> %s"))
    assert found.reasons == (
        "idle (<b>{x}</b> %s), and nobody needs it: no caller on 13 fully logged days of 13",
        "a month on demand: like for like 100.00 USD, replatformed 95.00 USD",
        "work: ask its owner, take a last copy, switch it off (1 hour)",
        "would change it: one busy hour, one caller, or an owner who needs it",
    )
    why = {one.strategy: one.why_not for one in found.alternatives}
    assert why[Strategy.REHOST] == "row idle-server comes first"
    assert why[Strategy.RETAIN] == "only if compliance is bound"
    assert len(why) == 6
    first = of(replace(BUSY, costs=PRICED | {"replatform": cost("86")})).alternatives[0]
    assert (first.strategy, first.why_not) == (
        Strategy.REPLATFORM,
        "only if saving_share >= 0.15, and replatforming costs 86.00 USD a month against 100.00 USD",
    )


def test_what_is_idle_and_stays_is_said_to_be_idle() -> None:
    """Two others need it, so it is not retired: but nobody should build it anew without asking its owner."""
    needed = "it is idle (quiet), but is not to be retired: 2 others need it. Ask its owner before work goes into it"
    assert needed in of(replace(IDLE, callers=2)).reasons
    assert any("it is a shared service. Ask" in one for one in of(replace(IDLE, is_shared=True)).reasons)
    for one in (IDLE, BUSY):
        assert not [reason for reason in of(one).reasons if reason.startswith("it is idle")]


def test_a_uid_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="resource web is given twice"):
        list(recommend([BUSY, BUSY], WINDOWS))


@pytest.mark.parametrize(
    ("members", "strategy"),
    [
        pytest.param([IDLE], Strategy.RETIRE, id="all idle"),
        pytest.param([IDLE, BUSY], Strategy.REHOST, id="one moves"),
        pytest.param([BUSY, replace(DATABASE, days_since_support=1.0)], Strategy.REPLATFORM, id="one changes"),
        pytest.param([replace(BUSY, compliance="bound"), IDLE], Strategy.RETAIN, id="one must stay"),
        pytest.param([replace(BUSY, product="jira"), IDLE], Strategy.REPURCHASE, id="bought, the rest switched off"),
        pytest.param([BUSY, replace(DISK, volume_type="gp2")], Strategy.REHOST, id="a volume follows its server"),
        pytest.param([replace(DISK, volume_type="gp2")], Strategy.REPLATFORM, id="nothing but volumes"),
    ],
)
def test_a_workload_has_the_most_cautious_strategy(members: list[StrategyFacts], strategy: Strategy) -> None:
    facts = [replace(one, uid=f"arn:{number}", workload="shop") for number, one in enumerate(members)]
    each = list(recommend(facts, WINDOWS))
    [found] = workload_strategies([member for one in each if (member := Member.of(one)) is not None])
    assert found.rule.strategy is strategy
    assert found.record()["confidence"] == round(min(one.confidence.value for one in found.members), 4)
    assert len(each) == len(members)


def test_tags_in_words_that_people_write() -> None:
    assert told_strategy({"Migration_Strategy": " Refactor "}) is Strategy.REFACTOR
    assert told_strategy({"strategy": "growth"}) is None
    assert compliance_of({"legal-hold": "no", "Compliance": "PCI"}) == ("regulated", "compliance=pci")
    assert compliance_of({"Data_Residency": "DE", "compliance": "pci"}) == ("bound", "data-residency=de")
    assert (product_of_tags({"Application": "Jira"}), product_of_tags({"app": "shop"})) == ("jira", None)
    assert runs_vmware({"Hypervisor": "VMware"})
    assert not runs_vmware({"name": "vmware"})


@pytest.mark.parametrize(
    ("type_", "spec", "told"),
    [
        pytest.param(SERVER, {}, StrategyDetails(), id="not read"),
        pytest.param(SERVER, {"InstanceId": "i"}, StrategyDetails("none", "shared"), id="Linux"),
        pytest.param(SERVER, {"InstanceId": "i", "Platform": "windows"}, StrategyDetails("windows", "shared"), id="Windows"),
        pytest.param(
            SERVER,
            {"InstanceId": "i", "PlatformDetails": "Windows with SQL Server Standard", "Placement": {"Tenancy": "dedicated"}},
            StrategyDetails("sql_server", "dedicated"),
            id="SQL Server, dedicated",
        ),
        pytest.param(
            SERVER,
            {"InstanceId": "i", "ProductCodes": [{"ProductCodeType": "marketplace"}], "Placement": {"HostId": "h-1"}},
            StrategyDetails("marketplace", "host"),
            id="marketplace, host",
        ),
        pytest.param(SERVER, {"InstanceId": "i", "InstanceType": "m5.metal"}, StrategyDetails("none", "metal"), id="bare metal"),
        pytest.param(DB, {"Engine": "oracle-ee"}, StrategyDetails("oracle"), id="Oracle"),
        pytest.param(DB, {"Engine": "postgres"}, StrategyDetails("none"), id="PostgreSQL"),
        pytest.param(VOLUME, {"VolumeType": "gp2", "Attachments": []}, StrategyDetails(volume_type="gp2", attached=False), id="volume"),
    ],
)
def test_what_a_spec_says(type_: str, spec: dict[str, object], told: StrategyDetails) -> None:
    assert strategy_details(type_, spec) == told


def test_hours_and_complexity_follow_a_decided_strategy() -> None:
    assert [effort_hours(SERVER, strategy) for strategy in (None, *Strategy)] == [4, 1, 0, 4, 2, 12, 6, 20]
    assert [complexity_of(SERVER, strategy) for strategy in (None, *Strategy)] == [2, 0, 0, 2, 2, 3, 3, 5]
    assert complexity_of("AWS::EKS::Cluster", Strategy.REPLATFORM) == 5


def test_every_type_that_moves_has_a_kind() -> None:
    assert {kind_of(row.type) for row in CATALOGUE if row.moves} == set(Kind)


def test_the_page_holds_the_tables() -> None:
    page = (Path(__file__).parents[2] / "docs" / "recommendations.md").read_text(encoding="utf-8")
    assert "\n".join(table_lines()) in page


@pytest.mark.parametrize(
    ("costs", "told"),
    [
        pytest.param(
            {"rehost_rightsized": cost("150.5")},
            "its use needs m5.xlarge, not m5.large: that costs 50.50 USD a month more, 150.50 USD against 100.00 USD, and is no saving",
            id="a larger size costs more",
        ),
        pytest.param(
            {"rehost_rightsized": cost("60")},
            "its use needs m5.xlarge, not m5.large: that saves 40.00 USD a month, 60.00 USD against 100.00 USD",
            id="a larger size of a cheaper family",
        ),
        pytest.param(
            {"rehost_rightsized": cost("100")},
            "its use needs m5.xlarge, not m5.large: that costs the same, 100.00 USD a month",
            id="the same",
        ),
        pytest.param(
            {}, "its use needs m5.xlarge, not m5.large: what that costs beside the present size is not known", id="the larger is not priced"
        ),
    ],
)
def test_a_size_that_costs_more_is_said_to(costs: dict[str, Cost], told: str) -> None:
    small = replace(BUSY, sizing="larger", current_type="m5.large", target_type="m5.xlarge", costs={"rehost": cost("100")} | costs)
    assert told in of(small).reasons
