"""Risk: points worked out by hand, and laws that hold for any facts."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cloudmigrate.aws.catalogue import CATALOGUE
from cloudmigrate.domain.end_of_life import ENGINES, LAMBDA, NO_END, support_ends
from cloudmigrate.domain.risk import assess_risks, risk_scores
from cloudmigrate.domain.risk_factors import BY_NAME, CLASSES, COMPLEXITY, FACTORS, GIB, PIECES, SERVICES, UNTAGGED, WITHOUT_DATA
from cloudmigrate.domain.risk_facts import Degree, ResourceFacts, criticality_of
from cloudmigrate.domain.risk_policy import LEVELS, RiskLevel, RiskPolicy
from cloudmigrate.domain.workload_risks import workload_risks
from cloudmigrate.lake import datasets

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POLICY = RiskPolicy()
DB = "AWS::RDS::DBInstance"
WEB = "AWS::EC2::Instance"

# A database of which everything is known: 12 years of nothing hidden.
KNOWN = ResourceFacts(
    uid="db",
    type=DB,
    stateful=True,
    storage_bytes=200 * GIB,
    inbound=Degree(others=4, observed=4, weight=3.0),
    fully_logged_days=15,
    monthly_seen_probability=0.5,
    public_address=False,
    open_rules=1,
    engine="mysql",
    engine_version="5.7.44",
    created_at=NOW - timedelta(days=400),
    criticality="high",
    cpu_p99_pct=75.0,
    writes_p99_per_s=1500.0,
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
    told = row.pop("factors")
    assert row == {"uid": "db", "level": "high", "points": 53.0, "upper_points": 53.0, "score": 53.0, "not_measured": []}
    # Those of 8 points come first, and what adds nothing (dependencies outwards) is left out.
    assert [(one["factor"], one["points"], one["max_points"]) for one in told][:2] == [  # type: ignore[attr-defined]
        ("statefulness", 8.0, 8.0),
        ("target_complexity", 8.0, 10.0),
    ]
    assert "outbound_dependencies" not in {one["factor"] for one in told}  # type: ignore[attr-defined]


def test_what_was_not_measured_counts_at_its_maximum_and_is_named() -> None:
    """A server of which only the inventory is known: 30 of flow logs, 10 tags, 10 rules, 5 metrics, 3 type; 1 of age."""
    facts = ResourceFacts("web", WEB, stateful=False, created_at=NOW - timedelta(days=366))
    (row,) = assess_risks([facts], POLICY, as_of=NOW).rows()
    del row["factors"]
    assert row == {
        "uid": "web",
        "level": "high",
        "points": 4.0,
        "upper_points": 59.0,
        "score": 59.0,
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
        pytest.param({"fully_logged_days": None}, "inbound_dependencies", (6, 15), id="traffic not looked at"),
        pytest.param({"fully_logged_days": 0}, "inbound_dependencies", (6, 15), id="not one whole day of it"),
        pytest.param({"inbound_unread": "AWS::Lambda::Function"}, "inbound_dependencies", (6, 15), id="functions not read"),
        pytest.param({"inbound": Degree(2, 0, 0.8)}, "inbound_dependencies", (0, 3), id="two that are doubted"),
        pytest.param({"outbound": Degree(12, 12, 12.0)}, "outbound_dependencies", (7, 7), id="needs twelve"),
        pytest.param({"outbound_unread": True}, "outbound_dependencies", (0, 10), id="its own configuration not read"),
        pytest.param({"type": "AWS::S3::Bucket", "fully_logged_days": None}, "outbound_dependencies", (0, 0), id="a bucket asks nobody"),
        pytest.param({"type": "AWS::S3::Bucket", "outbound_unread": True}, "outbound_dependencies", (0, 10), id="its notifications unread"),
        pytest.param({"monthly_seen_probability": 1.0}, "missing_evidence", (0, 0), id="a whole month seen"),
        pytest.param({"monthly_seen_probability": 0.0}, "missing_evidence", (5, 5), id="nothing logged"),
        pytest.param({"storage_bytes": None}, "data_volume", (0, 12), id="data of unknown size"),
        pytest.param({"storage_bytes": None, "stateful": False}, "data_volume", (0, 12), id="stateless, of a type that may hold data"),
        pytest.param({"storage_bytes": 0}, "data_volume", (0, 0), id="no data"),
        pytest.param({"stateful": None}, "statefulness", (0, 8), id="not read whether it holds data"),
        pytest.param({"open_rules": None}, "exposure", (0, 10), id="rules not read"),
        pytest.param({"open_rules": None, "public_address": True}, "exposure", (5, 10), id="public, rules not read"),
        pytest.param({"public_address": None}, "exposure", (3, 10), id="open, address not read"),
        pytest.param({"public_address": None, "open_rules": 0}, "exposure", (0, 10), id="closed, address not read"),
        pytest.param({"open_rules": 3, "public_address": True}, "exposure", (10, 10), id="public and open"),
        pytest.param({"open_rules": 0}, "exposure", (0, 0), id="closed"),
        pytest.param({"type": "AWS::New::Thing"}, "target_complexity", (0, 10), id="a type not in the table"),
        pytest.param({"engine_version": "8.4.4"}, "end_of_life", (0, 0), id="supported until 2029-07-31"),
        pytest.param({"engine": "postgres", "engine_version": "14.16"}, "end_of_life", (3, 3), id="98 days to go"),
        pytest.param({"engine": "redis", "engine_version": "7.1.0"}, "end_of_life", (0, 0), id="no end announced"),
        pytest.param({"engine_version": "99.1"}, "end_of_life", (0, 8), id="a version not in the table"),
        pytest.param({"criticality": "vital!"}, "downtime_tolerance", (0, 10), id="a word not in the table"),
        pytest.param({"criticality": " Low "}, "downtime_tolerance", (0, 0), id="tolerant"),
        pytest.param({"created_at": None}, "age", (0, 4), id="age unknown"),
        pytest.param({"may_be_older": True}, "age", (1, 4), id="seen 400 days ago, may be older"),
    ],
)
def test_a_factor_by_hand(change: dict[str, object], factor: str, points: tuple[int, int]) -> None:
    assert factors(replace(KNOWN, **change))[factor] == points  # type: ignore[arg-type]


def test_a_factor_says_its_number() -> None:
    rows = {row["factor"]: row for row in assess_risks([replace(KNOWN, writes_p99_per_s=None)], POLICY, as_of=NOW).factor_rows()}
    assert rows["inbound_dependencies"] == {
        "uid": "db",
        "factor": "inbound_dependencies",
        "points": 6.0,
        "upper_points": 6.0,
        "max_points": 15.0,
        "source": "flow_logs",
        "evidence": "4 others need it, 4 of them seen in traffic (weighted 3)",
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


@pytest.mark.parametrize("storage_bytes", [None, 0, 500 * GIB], ids=["unknown", "none", "known"])
def test_the_size_of_what_holds_no_data_counts_nothing_read_or_not(storage_bytes: int | None) -> None:
    """A function's code size is no data: a known size must not count more than an unknown one."""
    assert "data_volume" not in factors(ResourceFacts("f", "AWS::Lambda::Function", stateful=False, storage_bytes=storage_bytes))


def test_points_add_up_to_a_hundred_and_every_step_rises() -> None:
    assert sum(factor.max_points for factor in FACTORS) == 100
    for factor in FACTORS:
        assert list(factor.steps) == sorted(factor.steps)
        assert [worth for _, worth in factor.steps] == sorted(worth for _, worth in factor.steps)
    assert set(COMPLEXITY.values()) == set(CLASSES)


def test_the_page_about_risk_has_every_factor_with_its_points() -> None:
    page = (Path(__file__).parents[2] / "docs" / "risk.md").read_text(encoding="utf-8")
    rows = {cells[1].strip("` "): cells for line in page.splitlines() if line.startswith("| `") and len(cells := line.split("|")) == 7}
    assert list(rows) == [factor.name for factor in FACTORS]
    for factor in FACTORS:
        assert float(rows[factor.name][2]) == factor.max_points
        assert [float(step.rsplit(": ", 1)[1]) for step in re.split(r", (?=\S+ ?\S* ?\S*: )", rows[factor.name][4].strip())] == [
            worth for _, worth in factor.steps
        ], factor.name


def test_the_tables_agree_with_the_catalogue() -> None:
    """Every type that moves has its class; what is stateful, has a size or bears tags is not said to have none."""
    for row in CATALOGUE:
        assert not row.moves or row.type in COMPLEXITY, row.type
        assert row.type not in WITHOUT_DATA or row.storage is None, row.type
        assert not row.moves or (row.type in UNTAGGED) == (row.tags is None), row.type
    stateful = {row.type for row in CATALOGUE if row.moves and row.stateful}
    assert stateful & WITHOUT_DATA == {"AWS::ElastiCache::ReplicationGroup"}, "its clusters hold the data"


def test_dates_of_support() -> None:
    assert support_ends("sqlserver-se", "15.00.4420.2.v1", None) == date(2030, 1, 8)
    assert support_ends("postgres", "9.6.24", None) == date(2022, 4, 30)
    assert support_ends("postgres", "14.16", None) == date(2027, 2, 28)
    assert support_ends("aurora-mysql", "8.0.mysql_aurora.3.08.0", None) == date(2028, 4, 30)
    assert support_ends("aurora", "5.6.10a", None) == date(2023, 2, 28)
    assert support_ends("aurora-postgresql", "13.9", None) == date(2026, 2, 28)
    assert support_ends("mariadb", "10.6.23", None) == date(2026, 12, 31)
    assert support_ends("valkey", "8.1", None) == NO_END
    assert support_ends("kubernetes", "1.33", None) == date(2026, 7, 29)
    assert support_ends(None, None, "python3.9") == date(2025, 12, 15)
    assert support_ends(None, None, "cobol85") is None
    assert support_ends("memcached", "1.6.22", None) is None
    assert support_ends("redis", "", None) is None
    assert support_ends("redis", "\u202e<script>", None) is None
    assert support_ends("redis", "٧", None) is None


def test_each_product_names_its_page_and_the_day_it_was_read() -> None:
    for product in (*(product for _, product in ENGINES), LAMBDA):
        assert product.source.startswith("https://")
        assert date(2026, 1, 1) < product.read_on < date(2027, 1, 1)
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


TYPES = [DB, WEB, "AWS::EC2::Volume", "AWS::S3::Bucket", "AWS::Lambda::Function", "AWS::RDS::DBCluster", "AWS::New::Thing"]


thousandths = st.integers(0, 1000).map(lambda number: number / 1000)
degrees = st.builds(
    lambda others, seen, believed: Degree(others, round(others * seen), others * believed), st.integers(0, 40), thousandths, thousandths
)
maybe_yes, amount = st.none() | st.booleans(), st.none() | st.floats(0, 1e5)
instants = st.integers(0, 6000).map(lambda days: NOW - timedelta(days=days))
VERSIONS = [(None, None, None), ("mysql", "5.7", None), ("redis", "7", None), ("oracle-ee", "19", None), (None, None, "python3.9")]


def consistent(one: ResourceFacts, version: tuple[str | None, str | None, str | None]) -> ResourceFacts:
    """As a lake could tell it: the probability follows from the days, services ask nobody by traffic."""
    days = one.fully_logged_days
    return replace(
        one,
        outbound=replace(one.outbound, observed=0) if one.type in SERVICES else one.outbound,
        monthly_seen_probability=None if days is None else min(1, days / 30),
        engine=version[0],
        engine_version=version[1],
        runtime=version[2],
    )


facts = st.builds(
    consistent,
    st.builds(
        ResourceFacts,
        uid=st.just("r"),
        type=st.sampled_from(TYPES),
        stateful=maybe_yes,
        storage_bytes=st.none() | st.integers(0, 2**50),
        inbound=degrees,
        outbound=degrees,
        fully_logged_days=st.none() | st.integers(0, 30),
        inbound_unread=st.sampled_from([None, "AWS::Lambda::Function"]),
        outbound_unread=st.booleans(),
        public_address=maybe_yes,
        open_rules=st.none() | st.integers(0, 5),
        created_at=st.none() | instants,
        may_be_older=st.booleans(),
        criticality=st.sampled_from([None, "low", "high", "unheard of"]),
        cpu_p99_pct=amount,
        writes_p99_per_s=amount,
    ),
    st.sampled_from(VERSIONS),
)


def fewer(degree: Degree, share: float) -> Degree:
    """Some of the same others."""
    others = round(degree.others * share)
    return Degree(others, min(others, degree.observed), min(degree.weight, float(others)))


def without(one: ResourceFacts, source: str, share: float) -> ResourceFacts:
    """The same resource as it would be told without that source; *share* of the dependencies that it showed are told by others too."""
    inbound, outbound = fewer(one.inbound, share), fewer(one.outbound, share)
    match source:
        case "flow logs":
            left = one.outbound if one.type in SERVICES else outbound
            return replace(one, fully_logged_days=None, monthly_seen_probability=None, inbound=inbound, outbound=left)
        case "metrics":  # which also tell the size of buckets, of Aurora's volumes and of caches
            return replace(one, cpu_p99_pct=None, writes_p99_per_s=None, storage_bytes=None)
        case "rules":
            return replace(one, open_rules=None)
        case "tags":
            return replace(one, criticality=None)
        case _:  # details of the inventory, and with them the statements that it makes and that others make about it
            bare = replace(one, stateful=None, storage_bytes=None, public_address=None, created_at=None)
            bare = replace(bare, engine=None, engine_version=None, runtime=None)
            return replace(bare, inbound=inbound, outbound=outbound, inbound_unread="AWS::EC2::Instance", outbound_unread=True)


SOURCES = ("flow logs", "metrics", "rules", "tags", "inventory details")


def rows_by_factor(one: ResourceFacts) -> Mapping[str, Mapping[str, object]]:
    return {str(row["factor"]): row for row in assess_risks([one], POLICY, as_of=NOW).factor_rows()}


def level_of(one: ResourceFacts) -> int:
    return LEVELS.index(assess_risks([one], POLICY, as_of=NOW).levels[one.uid])


def upper(one: ResourceFacts) -> float:
    return float(assess_risks([one], POLICY, as_of=NOW).scores.upper_totals[0])


@given(facts, st.sampled_from(SOURCES), thousandths)
def test_removing_a_source_never_lowers_risk(one: ResourceFacts, source: str, share: float) -> None:
    """Of no factor, and so of no sum and no level; read backwards: looking never raises what was possible before."""
    less = without(one, source, share)
    before, after = rows_by_factor(one), rows_by_factor(less)
    assert before.keys() == after.keys(), "which factors concern a resource is told by its type alone"
    for factor in before:
        assert after[factor]["upper_points"] >= before[factor]["upper_points"], factor  # type: ignore[operator]
    assert upper(less) >= upper(one)
    assert level_of(less) >= level_of(one)


@given(st.lists(facts, min_size=1, max_size=8), st.sampled_from(SOURCES), st.data())
def test_removing_a_source_never_lowers_a_workloads_risk(found: list[ResourceFacts], source: str, data: st.DataObject) -> None:
    members = [replace(one, uid=f"r{at:02}") for at, one in enumerate(found)]
    uids = [one.uid for one in members]
    workload_of = {uid: data.draw(st.sampled_from(["shop", "stock", "books"])) for uid in uids}
    edges = data.draw(st.lists(st.tuples(st.sampled_from(uids), st.sampled_from(uids)), max_size=20))
    less = [without(one, source, data.draw(thousandths)) for one in members]
    left = edges
    told_by_configuration = {one.uid for one in members if one.type in SERVICES | PIECES}
    if source == "flow logs":  # which show no edge of a service or a piece
        left = [edge for edge in edges if not told_by_configuration.isdisjoint(edge) or data.draw(st.booleans())]
    elif source == "inventory details":
        left = [edge for edge in edges if data.draw(st.booleans())]
    before = {one.workload: one for one in workload_risks(assess_risks(members, POLICY, as_of=NOW), workload_of, edges, POLICY)}
    after = {one.workload: one for one in workload_risks(assess_risks(less, POLICY, as_of=NOW), workload_of, left, POLICY)}
    assert before.keys() == after.keys()
    for workload, one in before.items():
        assert after[workload].upper_points >= one.upper_points
        assert LEVELS.index(after[workload].level) >= LEVELS.index(one.level)


@given(facts, st.floats(0, 1), st.booleans())
def test_adding_a_dependency_never_lowers_risk(one: ResourceFacts, confidence: float, inbound: bool) -> None:
    side = one.inbound if inbound else one.outbound
    more = Degree(side.others + 1, side.observed, side.weight + confidence)
    raised = replace(one, inbound=more) if inbound else replace(one, outbound=more)
    assert upper(raised) >= upper(one)
    assert assess_risks([raised], POLICY, as_of=NOW).scores.totals[0] >= assess_risks([one], POLICY, as_of=NOW).scores.totals[0]


@given(st.sampled_from(FACTORS), st.floats(-1e4, 1e15), st.floats(-1e4, 1e15))
def test_more_of_what_a_factor_counts_never_lowers_it(factor: object, one: float, other: float) -> None:
    ends = np.array(sorted([one, other]))
    scores = risk_scores({factor.name: (ends, ends)}, 2, POLICY)  # type: ignore[attr-defined]
    assert scores.points[0].sum() <= scores.points[1].sum()


@given(facts)
def test_points_lie_between_nothing_and_the_maximum_and_add_up(one: ResourceFacts) -> None:
    risks = assess_risks([one], POLICY, as_of=NOW)
    rows = list(risks.factor_rows())
    for row in rows:
        assert 0 <= row["points"] <= row["upper_points"] <= row["max_points"] == BY_NAME[str(row["factor"])].max_points  # type: ignore[operator]
    (total,) = risks.rows()
    assert total["points"] == sum(row["points"] for row in rows)  # type: ignore[misc]
    assert total["upper_points"] == sum(row["upper_points"] for row in rows)  # type: ignore[misc]
    assert total["score"] == sum(one["upper_points"] for one in total["factors"])  # type: ignore[attr-defined]
    assert set(total["not_measured"]) <= {str(row["factor"]) for row in rows if row["upper_points"] == row["max_points"]}  # type: ignore[call-overload]


@given(st.permutations([replace(KNOWN, uid=uid) for uid in "abc"]))
def test_the_order_of_facts_tells_nothing(shuffled: list[ResourceFacts]) -> None:
    risks, ordered = (assess_risks(some, POLICY, as_of=NOW) for some in (shuffled, [replace(KNOWN, uid=uid) for uid in "abc"]))
    assert list(risks.rows()) == list(ordered.rows())
    assert list(risks.factor_rows()) == list(ordered.factor_rows())


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
    disks = [ResourceFacts(f"web{number:02}", "AWS::EC2::Volume", stateful=False, storage_bytes=0, created_at=NOW) for number in range(11)]
    risks = assess_risks([KNOWN, *disks, replace(KNOWN, uid="other", type="AWS::S3::Bucket")], POLICY, as_of=NOW)
    workload_of = {one.uid: "shop" for one in (KNOWN, *disks)} | {"other": "stock"}
    shop, stock = workload_risks(risks, workload_of, [("db", "other"), ("web01", "db"), ("db", "gone")], POLICY)
    assert shop.row() == {
        "workload": "shop",
        "level": "high",
        "points": 58.0,
        "upper_points": 58.0,
        "resources": 12,
        "reason": "riskiest resource db: 53 points; 12 resources: 3; exchanges with 1 other workload: 2; sum 58",
    }
    assert list(shop.row()) == datasets.BY_NAME["workload_risks"].schema.names
    assert stock.resources == 1
    unread = assess_risks([replace(KNOWN, fully_logged_days=None), *disks], POLICY, as_of=NOW)
    (unseen,) = workload_risks(unread, workload_of, [("db", "other")], POLICY)
    assert unseen.points == 58
    assert unseen.upper_points == 53 + (15 - 6) + 10 + 3 + 8  # inbound and outbound open, 12 resources, exchanges open
    assert unseen.reason.endswith(
        "12 resources: 3; exchanges with 1 other workload, or more, as those of 1 of its resources were not all read: 8; sum 83"
    )


def test_a_workload_above_its_riskiest_resource_says_why() -> None:
    """53 of the database is high; 100 resources count 10 and 10 other workloads 8: 71, critical."""
    many = [ResourceFacts(f"web{number:03}", "AWS::EC2::Volume", stateful=False, storage_bytes=0, created_at=NOW) for number in range(109)]
    risks = assess_risks([KNOWN, *many], POLICY, as_of=NOW)
    workload_of = {one.uid: "shop" for one in (KNOWN, *many[:99])} | {one.uid: f"w{at}" for at, one in enumerate(many[99:])}
    shop = next(workload_risks(risks, workload_of, [("db", one.uid) for one in many[99:]], POLICY))
    assert (shop.level, shop.upper_points) == ("critical", 71)
    assert shop.reason == (
        "riskiest resource db: 53 points; 100 resources: 10; exchanges with 10 other workloads: 8; sum 71: critical, though by itself no "
        "resource of it is more than high, as it is the move of all of them together with what they exchange data with that is rated"
    )
