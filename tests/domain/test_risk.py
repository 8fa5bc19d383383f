"""Risk: points worked out by hand, and laws that hold for any facts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cloudmigrate.domain.end_of_life import ENGINES, LAMBDA, support_ends
from cloudmigrate.domain.risk import ResourceFacts, RiskLevel, RiskPolicy, assess_risks, criticality_of, risk_scores
from cloudmigrate.domain.risk_factors import BY_NAME, COMPLEXITY, FACTORS, GIB
from cloudmigrate.domain.workload_risks import workload_risks
from cloudmigrate.lake import datasets

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POLICY = RiskPolicy()
DB = "AWS::RDS::DBInstance"

# A database of which everything is known: 12 years of nothing hidden.
KNOWN = ResourceFacts(
    uid="db",
    type=DB,
    stateful=True,
    storage_bytes=200 * GIB,
    inbound=(1.0, 1.0, 0.5, 0.5),
    outbound=(),
    flow_logs=True,
    monthly_seen_probability=0.5,
    public_address=False,
    open_rules=1,
    engine="mysql",
    engine_version="5.7.44",
    created_at=NOW - timedelta(days=400),
    criticality="high",
    cpu_p99_pct=75.0,
    iops_p99=1500.0,
)


def factors(facts: ResourceFacts) -> dict[str, tuple[object, object]]:
    """Known and upper points of each factor that concerns the resource."""
    return {str(row["factor"]): (row["points"], row["upper_points"]) for row in assess_risks([facts], POLICY, as_of=NOW).factor_rows()}


def test_a_database_of_which_everything_is_known() -> None:
    """Three dependencies' worth of confidence (1 + 1 + .5 + .5) and at most four: both are in the step from 3 to 10."""
    assert factors(KNOWN) == {
        "inbound_dependencies": (6, 6),
        "outbound_dependencies": (0, 0),
        "missing_evidence": (4, 4),
        "data_volume": (4, 4),
        "statefulness": (8, 8),
        "downtime_tolerance": (6, 6),
        "target_complexity": (8, 8),
        "exposure": (3, 3),
        "peak_load": (3, 3),
        "change_rate": (2, 2),
        "age": (1, 1),
        "end_of_life": (8, 8),
    }
    (row,) = assess_risks([KNOWN], POLICY, as_of=NOW).rows()
    assert row == {"uid": "db", "level": "high", "points": 53.0, "upper_points": 53.0, "not_measured": []}


def test_what_was_not_measured_counts_at_its_maximum_and_is_named() -> None:
    """A server of which only the inventory is known: 30 of flow logs, 10 tags, 10 rules, 5 metrics, 3 type; 1 of age."""
    facts = ResourceFacts("web", "AWS::EC2::Instance", created_at=NOW - timedelta(days=366))
    (row,) = assess_risks([facts], POLICY, as_of=NOW).rows()
    assert row == {
        "uid": "web",
        "level": "high",
        "points": 4.0,
        "upper_points": 59.0,
        "not_measured": [
            "inbound_dependencies",
            "outbound_dependencies",
            "missing_evidence",
            "downtime_tolerance",
            "exposure",
            "peak_load",
        ],
    }


@pytest.mark.parametrize(
    ("change", "factor", "points"),
    [
        pytest.param({"flow_logs": False}, "inbound_dependencies", (6, 15), id="stated by configuration, traffic not looked at"),
        pytest.param({"inbound": (0.4, 0.4)}, "inbound_dependencies", (0, 3), id="two that are doubted"),
        pytest.param({"monthly_seen_probability": 1.0}, "missing_evidence", (0, 0), id="a whole month seen"),
        pytest.param({"monthly_seen_probability": 0.0}, "missing_evidence", (5, 5), id="nothing logged"),
        pytest.param({"storage_bytes": None}, "data_volume", (0, 12), id="data of unknown size"),
        pytest.param({"storage_bytes": None, "stateful": False}, "data_volume", (0, 0), id="no data"),
        pytest.param({"open_rules": None}, "exposure", (0, 10), id="rules not read"),
        pytest.param({"open_rules": None, "public_address": True}, "exposure", (5, 10), id="public, rules not read"),
        pytest.param({"open_rules": 3, "public_address": True}, "exposure", (10, 10), id="public and open"),
        pytest.param({"open_rules": 0}, "exposure", (0, 0), id="closed"),
        pytest.param({"type": "AWS::New::Thing"}, "target_complexity", (0, 10), id="a type not in the table"),
        pytest.param({"engine_version": "8.4.4"}, "end_of_life", (0, 0), id="supported until 2029-07-31"),
        pytest.param({"engine": "postgres", "engine_version": "14.16"}, "end_of_life", (3, 3), id="98 days to go"),
        pytest.param({"engine_version": "99.1"}, "end_of_life", (0, 8), id="a version not in the table"),
        pytest.param({"criticality": "vital!"}, "downtime_tolerance", (0, 10), id="a word not in the table"),
        pytest.param({"criticality": " Low "}, "downtime_tolerance", (0, 0), id="tolerant"),
        pytest.param({"created_at": None}, "age", (0, 4), id="age unknown"),
    ],
)
def test_a_factor_by_hand(change: dict[str, object], factor: str, points: tuple[int, int]) -> None:
    assert factors(replace(KNOWN, **change))[factor] == points  # type: ignore[arg-type]


def test_a_factor_says_its_number() -> None:
    rows = {row["factor"]: row for row in assess_risks([replace(KNOWN, iops_p99=None)], POLICY, as_of=NOW).factor_rows()}
    assert rows["inbound_dependencies"] == {
        "uid": "db",
        "factor": "inbound_dependencies",
        "points": 6.0,
        "upper_points": 6.0,
        "max_points": 15.0,
        "evidence": "flow_logs",
        "number": 3.0,
        "unit": "dependencies",
    }
    assert rows["end_of_life"]["number"] == (date(2026, 11, 22) - date(2024, 2, 29)).days
    assert rows["change_rate"]["number"] is None
    assert list(rows["age"]) == datasets.BY_NAME["risk_factors"].schema.names


def test_a_volume_is_not_asked_for_traffic() -> None:
    """Its instance talks; its rules and traffic are counted there."""
    told = factors(ResourceFacts("vol", "AWS::EC2::Volume", stateful=True, storage_bytes=GIB))
    assert {"inbound_dependencies", "exposure", "peak_load", "end_of_life"}.isdisjoint(told)
    assert told["change_rate"] == (0, 3)


def test_points_add_up_to_a_hundred_and_every_step_rises() -> None:
    assert sum(factor.max_points for factor in FACTORS) == 100
    for factor in FACTORS:
        assert list(factor.steps) == sorted(factor.steps)
        assert [worth for _, worth in factor.steps] == sorted(worth for _, worth in factor.steps)
    assert set(COMPLEXITY.values()) <= {1, 2, 3, 4, 5}


def test_dates_of_support() -> None:
    assert support_ends("sqlserver-se", "15.00.4420.2.v1", None) == date(2030, 1, 8)
    assert support_ends("postgres", "9.6.24", None) == date(2022, 4, 30)
    assert support_ends("aurora-mysql", "8.0.mysql_aurora.3.08.0", None) is None
    assert support_ends(None, None, "python3.9") == date(2025, 12, 15)
    assert support_ends("redis", "", None) is None
    assert support_ends("redis", "\u202e<script>", None) is None
    for product in (*(product for _, product in ENGINES), LAMBDA):
        assert product.source.startswith("https://")
        assert len(dict(product.ends)) == len(product.ends)


def test_levels_are_the_policys() -> None:
    levels = {bound: assess_risks([KNOWN], RiskPolicy(critical_from=bound), as_of=NOW).levels["db"] for bound in (53.0, 53.5)}
    assert levels == {53.0: RiskLevel.CRITICAL, 53.5: RiskLevel.HIGH}
    with pytest.raises(ValidationError, match="must rise"):
        RiskPolicy(medium_from=60)


@pytest.mark.parametrize(
    ("tags", "word"),
    [
        pytest.param({"Business_Criticality": "Tier-1", "tier": "web"}, "tier-1", id="any case, any dash"),
        pytest.param({"criticality": "low", "importance": "critical"}, "critical", id="the highest of two"),
        pytest.param({"owner": "critical"}, None, id="another tag"),
        pytest.param({}, None, id="none"),
    ],
)
def test_criticality_from_tags(tags: dict[str, str], word: str | None) -> None:
    assert criticality_of(tags) == word


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="db is given twice"):
        assess_risks([KNOWN, KNOWN], POLICY, as_of=NOW)
    with pytest.raises(ValueError, match="aware"):
        assess_risks([KNOWN], POLICY, as_of=NOW.replace(tzinfo=None))


@st.composite
def facts(draw: st.DrawFn) -> ResourceFacts:
    confidences = st.lists(st.floats(0, 1), max_size=40).map(tuple)
    maybe = st.none() | st.floats(0, 1e5)
    versions = st.sampled_from([(None, None), ("mysql", "5.7"), ("mysql", "8.4"), ("redis", "7"), ("postgres", "14.2")])
    engine, version = draw(versions)
    return ResourceFacts(
        "r",
        draw(st.sampled_from([DB, "AWS::EC2::Instance", "AWS::EC2::Volume", "AWS::S3::Bucket", "AWS::New::Thing"])),
        stateful=draw(st.booleans()),
        storage_bytes=draw(st.none() | st.integers(0, 2**50)),
        inbound=draw(confidences),
        outbound=draw(confidences),
        flow_logs=draw(st.booleans()),
        monthly_seen_probability=draw(st.none() | st.floats(0, 1)),
        public_address=draw(st.booleans()),
        open_rules=draw(st.none() | st.integers(0, 5)),
        engine=engine,
        engine_version=version,
        created_at=draw(st.none() | st.datetimes(datetime(2010, 1, 1), datetime(2026, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))),  # noqa: DTZ001
        criticality=draw(st.sampled_from([None, "low", "high", "unheard of"])),
        cpu_p99_pct=draw(maybe),
        iops_p99=draw(maybe),
    )


def upper(one: ResourceFacts) -> float:
    return float(assess_risks([one], POLICY, as_of=NOW).scores.upper_totals[0])


SOURCES = {
    "flow logs": {"flow_logs": False, "monthly_seen_probability": None},
    "metrics": {"cpu_p99_pct": None, "iops_p99": None},
    "rules": {"open_rules": None},
    "tags": {"criticality": None},
}


@given(facts(), st.sampled_from(sorted(SOURCES)), st.data())
def test_removing_a_source_never_lowers_risk(one: ResourceFacts, source: str, data: st.DataObject) -> None:
    less = replace(one, **SOURCES[source])  # type: ignore[arg-type]
    if source == "flow logs":  # only what configuration states is left
        less = replace(less, inbound=one.inbound[: data.draw(st.integers(0, 40))], outbound=one.outbound[: data.draw(st.integers(0, 40))])
    assert upper(less) >= upper(one)


@given(facts(), st.floats(0, 1), st.booleans())
def test_adding_a_dependency_never_lowers_risk(one: ResourceFacts, confidence: float, inbound: bool) -> None:
    more = replace(one, inbound=(*one.inbound, confidence)) if inbound else replace(one, outbound=(*one.outbound, confidence))
    assert upper(more) >= upper(one)


@given(facts())
def test_points_lie_between_nothing_and_the_maximum(one: ResourceFacts) -> None:
    for row in assess_risks([one], POLICY, as_of=NOW).factor_rows():
        assert 0 <= row["points"] <= row["upper_points"] <= row["max_points"] == BY_NAME[str(row["factor"])].max_points  # type: ignore[operator]


def test_arrays_say_what_records_say() -> None:
    """A hundred thousand in arrays: two factors known, the rest at its maximum."""
    count = 100_000
    degree, age = (np.arange(count) % 40).astype(np.float64), np.zeros(count)
    scores = risk_scores({"inbound_dependencies": (degree, degree), "age": (age, age)}, count, POLICY)
    rest = 100 - 15 - 4
    assert [scores.upper_totals[row] - rest for row in (0, 1, 3, 10, 30, 39, 40)] == [0, 3, 6, 10, 15, 15, 0]
    assert scores.totals[30] == 15
    assert set(scores.levels.tolist()) == {3}


def test_a_workload_is_as_risky_as_its_riskiest_resource_or_more() -> None:
    """53 of the database; 12 resources: 3; one other workload: 2, or 8 when traffic was not looked at."""
    servers = [ResourceFacts(f"web{number:02}", "AWS::EC2::Volume", storage_bytes=0, created_at=NOW) for number in range(11)]
    risks = assess_risks([KNOWN, *servers, replace(KNOWN, uid="other", type="AWS::S3::Bucket")], POLICY, as_of=NOW)
    workload_of = {one.uid: "shop" for one in (KNOWN, *servers)} | {"other": "stock"}
    shop, stock = workload_risks(risks, workload_of, [("db", "other"), ("web01", "db"), ("db", "gone")], POLICY, flow_logs=True)
    assert shop.row() == {
        "workload": "shop",
        "level": "high",
        "points": 58.0,
        "upper_points": 58.0,
        "resources": 12,
        "reason": "riskiest resource db: 53 points; 12 resources: 3; exchanges with 1 other workload: 2",
    }
    assert list(shop.row()) == datasets.BY_NAME["workload_risks"].schema.names
    assert stock.resources == 1
    unseen, _ = workload_risks(risks, workload_of, [("db", "other")], POLICY, flow_logs=False)
    assert (unseen.points, unseen.upper_points) == (58.0, 64.0)
