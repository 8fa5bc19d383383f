"""The report's view of use, money and strategies, from lakes of a few rows worked out by hand; and the queries that give it again.

Reads through readiness_costs, readiness_service_costs, readiness_resource_costs, readiness_unpriced, readiness_price_lists and
readiness_series.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.views import Selection, Views
from reports.readiness import evidence
from reports.readiness.cost_page import cost_page
from reports.readiness.cost_view import Amount
from reports.readiness.use_view import PatternRow
from reports.readiness.view import ReadinessView, UsageRow
from tasks.readiness_view import build_view
from tasks.use_view import pattern_examples
from tests.cost_lake import row_of
from tests.pattern_lake import END, INSTANCE, resource, series_views

SNAPSHOT_ID = "20261122T203000Z-3f9a1c"
PLAN_ID = "plan-1"
WEB, APP, DB = "i-web", "i-app", "db"
NO_PRICE = "instance: no price of x9.large in eu-central-1"


def _cost(uid: str, scenario: str, usd: str | None, *, term: str = "on_demand", **values: Any) -> dict[str, Any]:
    amount = None if usd is None else Decimal(usd)
    stated = {
        "uid": uid,
        "scenario": scenario,
        "term": term,
        "region": "eu-central-1",
        "status": "priced",
        "monthly_cost_usd": amount,
        "low_usd": amount,
        "high_usd": None if amount is None else amount * 2,
        "components": [],
        "sampled_on": date(2026, 11, 12),
    }
    return row_of("costs", **{**stated, **values})


def _bill(service: str, verdict: str, billed: str, estimated: str | None, error: float | None) -> dict[str, Any]:
    ours = None if estimated is None else Decimal(estimated)
    told = {"service": service, "verdict": verdict, "billed_usd": Decimal(billed), "estimated_usd": ours, "error_pct": error}
    return row_of("baseline", **told, limit_pct=10.0, reason="told")


def _strategy(uid: str, strategy: str, confidence: float, **values: Any) -> dict[str, Any]:
    stated = {
        "uid": uid,
        "level": "resource",
        "strategy": strategy,
        "recommended": strategy,
        "rule": f"{strategy}-rule",
        "confidence": confidence,
        "confidence_parts": {"completeness": 0.9, "window": None, "margin": 0.5, "calibration": 1.0},
        "reasons": ["because"],
        "alternatives": [{"strategy": "retain", "distance": 0.2, "why_not": "nothing holds it"}],
        "runner_up": "retain",
        "effort_hours": 4.0,
        "features": {},
    }
    return row_of("recommendations", **{**stated, **values})


# web: 100 now, 60 sized; app: 40 now, sized only in part, 44 moved; db: no price.
COSTS = [
    _cost(WEB, "as_is", "100"),
    _cost(WEB, "rehost", "110"),
    _cost(WEB, "rehost_rightsized", "60"),
    _cost(WEB, "as_is", "70", term="reserved_1y_no_upfront"),
    _cost(APP, "as_is", "40"),
    _cost(APP, "rehost", "44"),
    _cost(APP, "rehost_rightsized", "0.5", status="partly", reason=NO_PRICE),
    _cost(APP, "retire", "0"),
    _cost(DB, "as_is", None, status="unpriced", reason=NO_PRICE, components=[{"line": "instance", "unknown": "no price of x9.large"}]),
]
LEASE = "reserved_1y_no_upfront"


def _commit(pool: str, units: int, saved: str) -> dict[str, Any]:
    told = {"region": "eu-central-1", "pool": pool, "term": LEASE, "hours": 336, "p10_units": Decimal(12), "held_units": Decimal(4)}
    money = dict.fromkeys(("on_demand_hourly_usd", "committed_hourly_usd"), Decimal(1))
    return row_of("commitment_plan", **told, **money, commit_units=Decimal(units), monthly_saving_usd=Decimal(saved), reason="p10")


ROWS: dict[str, list[dict[str, Any]]] = {
    "commitment_plan": [_commit("ec2:m5:linux", 8, "90")],
    "commitment_plan_recommended": [_commit("ec2:m5:linux", 0, "0"), _commit("ec2:m6g:linux", 4, "20"), _commit("ec2:r6g:linux", 8, "30")],
    "inventory": [resource(WEB, INSTANCE), resource(APP, INSTANCE), resource(DB, "AWS::RDS::DBInstance")],
    "workloads": [row_of("workloads", uid=uid, workload="shop", source="tag", reason="tag app", confidence=1.0) for uid in (WEB, APP, DB)],
    "waves": [{"plan_id": PLAN_ID, "uid": WEB, "move_group": "web", "wave": 1, "retires": False}],
    "costs": COSTS,
    "baseline": [_bill("AmazonEC2", "matches", "150", "140", -6.7)],
    "recommendations": [
        _strategy(WEB, "rehost", 0.9),
        _strategy(APP, "retire", 0.4, open_question="still so?"),
        _strategy(DB, "retain", 0.7, override={"by": "a.person", "reason": "licence", "has_expired": False}),
        _strategy("shop", "rehost", 0.4, level="workload", workload="shop"),
    ],
}
SERVICES = [
    {"service": "EC2", "now_usd": "140", "after_usd": "60", "after_is_at_least": False},
    {"service": "RDS", "now_usd": None, "after_usd": None, "after_is_at_least": True},
]
WORKLOADS = [{"workload": "shop", "now_usd": "140", "after_usd": "60", "after_is_at_least": True}]
WAVES = [{"wave": 1, "now_usd": "100", "after_usd": "60", "after_is_at_least": False}]
PLAN: dict[str, Any] = {
    "plan_id": PLAN_ID,
    "snapshot_id": SNAPSHOT_ID,
    "content_hash": "ab" * 32,
    "policy": {},
    "groups": [{"id": "web", "members": [WEB], "cyclic": False, "cycle": [], "needs": []}],
    "waves": [{"wave": 1, "groups": ["web"], "resources": 1, "reason": "needs nothing"}],
}


def _views(folder: Path, rows: dict[str, list[dict[str, Any]]]) -> Views:
    lake = Lake.open(folder)
    parts = {name: (lake.write(name, some, snapshot_id=SNAPSHOT_ID, part="all").path,) for name, some in rows.items()}
    return Views(lake, Selection(SNAPSHOT_ID, parts, plan_id=PLAN_ID))


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Views]:
    with _views(tmp_path_factory.mktemp("lake"), ROWS) as opened:
        yield opened


@pytest.fixture(scope="module")
def view(views: Views) -> ReadinessView:
    return build_view(views, estate_name="acme", snapshot_id=SNAPSHOT_ID, plan_document=PLAN)


def test_totals_take_a_term_where_there_is_one_and_on_demand_elsewhere(view: ReadinessView) -> None:
    assert view.costs is not None
    now, committed = view.costs.total("as_is"), view.costs.total("as_is", "reserved_1y_no_upfront")
    assert now is not None
    assert committed is not None
    assert now.amount == Amount(Decimal(140), Decimal(140), Decimal(280))
    assert (now.resources, now.partly, now.unpriced) == (3, 0, 1)
    assert (committed.amount.monthly_usd, committed.committed_usd) == (Decimal(110), Decimal(70))


def test_report_queries_and_artifacts_agree(views: Views, view: ReadinessView) -> None:
    page = cost_page(view)
    assert page is not None
    shown = {
        (row["scenario"], row["term"]): (row["monthly"], row["low"], row["high"]) for row in views.run("artifact_costs", forecasts=True)
    }
    assert shown["as_is", "on_demand"] == (page.before.monthly_usd, page.before.low_usd, page.before.high_usd)
    assert shown["recommended", "on_demand"] == (page.after.monthly_usd, page.after.low_usd, page.after.high_usd)
    workloads = {(row["workload"], row["scenario"]): row["monthly_cost_usd"] for row in views.run("costs_by_workload")}
    assert workloads["shop", "recommended"] == page.after.monthly_usd
    assert [(row.now, row.then) for row in page.workloads] == [("\u2265\u202f140", "\u2265\u202f60.00")]
    assert page.waves[0].then == "60.00"
    changes = [one.after.monthly_usd for one in page.changes if one.after.monthly_usd is not None]
    assert sum(changes, Decimal(0)) == page.after.monthly_usd


def test_afterwards_takes_no_sum_that_leaves_out_a_line(view: ReadinessView) -> None:
    page = cost_page(view)
    assert page is not None
    assert {one.row.uid: (one.strategy, one.after.monthly_usd) for one in page.changes} == {
        WEB: ("rehost", Decimal(60)),
        APP: ("retire", Decimal(0)),
    }
    assert (page.before.monthly_usd, page.after.monthly_usd) == (Decimal(140), Decimal(60))
    assert page.deltas == (("rehost", Decimal(-40)), ("retire", Decimal(-40)))


def test_without_recommendations_all_is_moved_at_the_size_of_its_use(tmp_path: Path) -> None:
    """APP's size is priced in part: a bound from below that is in the sum, and no saving."""
    with _views(tmp_path, {**ROWS, "recommendations": []}) as opened:
        page = cost_page(build_view(opened, estate_name="acme", snapshot_id=SNAPSHOT_ID, plan_document=PLAN))
    assert page is not None
    assert {one.row.uid: (one.after.monthly_usd, one.estimated) for one in page.changes} == {
        WEB: (Decimal(60), True),
        APP: (Decimal("0.5"), False),
    }
    assert (page.after.monthly_usd, page.outlook.saved_usd, page.outlook.not_compared) == (Decimal("60.5"), Decimal(40), 1)
    assert page.deltas == (("rehost", Decimal(-40)), ("not known in full", Decimal("-39.5")))
    assert (page.before.monthly_usd or 0) + sum(delta for _, delta in page.deltas) == page.after.monthly_usd


def test_the_waterfall_adds_up_to_the_last_place(view: ReadinessView) -> None:
    page = cost_page(view)
    assert page is not None
    assert (page.before.monthly_usd or 0) + sum(delta for _, delta in page.deltas) == page.after.monthly_usd
    assert [step.label for step in page.steps] == ["Now", "rehost", "retire", "Afterwards"]


def test_where_the_bill_is_not_reproduced_no_forecast_is_made(tmp_path: Path) -> None:
    rows = {**ROWS, "baseline": [_bill("AmazonEC2", "differs", "100", "140", 40.0)]}
    with _views(tmp_path, rows) as opened:
        found = build_view(opened, estate_name="acme", snapshot_id=SNAPSHOT_ID, plan_document=PLAN)
    page = cost_page(found)
    assert found.costs is not None
    assert page is not None
    assert found.costs.withheld
    assert (found.costs.commits, found.costs.commits_after) == ((), ())
    assert (page.steps, page.savings, page.cash, page.outlook.after) == ((), (), None, None)
    assert not any(one.estimated or one.after.monthly_usd for one in page.changes)
    every = (*found.costs.totals, *found.costs.services, *found.costs.workloads, *found.costs.waves)
    assert {(row.scenario, row.term) for row in every} == {("as_is", "on_demand")}
    assert {one.scenario for row in found.costs.resources for one in row.scenarios} == {"as_is"}


def test_what_to_commit_to_is_told_of_now_and_of_what_is_recommended(view: ReadinessView) -> None:
    """A term of which nothing is to be committed to is in no table; the largest saving comes first."""
    assert view.costs is not None
    assert [(row.pool, row.commit_units) for row in view.costs.commits] == [("ec2:m5:linux", 8)]
    assert [(row.pool, row.commit_units) for row in view.costs.commits_after] == [("ec2:r6g:linux", 8), ("ec2:m6g:linux", 4)]


@pytest.mark.parametrize(("figure", "pools"), [("commits", ["ec2:m5:linux"]), ("commits_after", ["ec2:r6g:linux", "ec2:m6g:linux"])])
def test_evidence_of_what_to_commit_to(views: Views, view: ReadinessView, figure: str, pools: list[str]) -> None:
    assert [row["pool"] for row in views.query(evidence.statement(figure, view)).rows] == pools


def test_unpriced_lines_come_with_their_reason(view: ReadinessView) -> None:
    assert view.costs is not None
    assert [(row.reason, row.resources, row.types) for row in view.costs.unpriced] == [
        ("instance: no price of x9.large", 1, (("AWS::RDS::DBInstance", 1),))
    ]


def test_strategies_of_workloads_are_apart_and_a_persons_decision_has_a_name(view: ReadinessView) -> None:
    assert view.strategies is not None
    assert [row.uid for row in view.strategies.resources] == [WEB, DB, APP]
    assert [row.uid for row in view.strategies.workloads] == ["shop"]
    by_uid = {row.uid: row for row in view.strategies.resources}
    assert (by_uid[DB].decided_by, by_uid[DB].decided_reason) == ("a.person", "licence")
    assert [(part.part, part.value) for part in by_uid[WEB].parts] == [("completeness", 0.9), ("margin", 0.5), ("calibration", 1.0)]
    assert by_uid[APP].open_question == "still so?"


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        pytest.param(
            "costs_after",
            [
                {"strategy": "rehost", "compared": True, "resources": 1, "now_usd": "100", "after_usd": "60"},
                {"strategy": "retire", "compared": True, "resources": 1, "now_usd": "40", "after_usd": "0"},
            ],
            id="afterwards",
        ),
        pytest.param("cost_services", SERVICES, id="services"),
        pytest.param("cost_workloads", WORKLOADS, id="workloads"),
        pytest.param("cost_waves", WAVES, id="waves"),
        pytest.param(
            "strategies",
            [{"strategy": name, "resources": 1, "sure": int(name == "rehost")} for name in ("rehost", "retain", "retire")],
            id="strategies",
        ),
    ],
)
def test_evidence_gives_the_figure_again(views: Views, view: ReadinessView, figure: str, expected: list[dict[str, object]]) -> None:
    rows = views.query(evidence.statement(figure, view)).rows
    plain = [{name: _plain(value) if name.endswith("_usd") and value is not None else value for name, value in row.items()} for row in rows]
    assert plain == expected


def _plain(value: object) -> str:
    return f"{Decimal(str(value)).normalize():f}"


def test_a_lake_without_costs_has_none(tmp_path: Path) -> None:
    with _views(tmp_path, {"inventory": ROWS["inventory"]}) as opened:
        found = build_view(opened, estate_name="acme", snapshot_id=SNAPSHOT_ID)
    assert (found.costs, found.strategies, found.patterns, found.sizes) == (None, None, None, None)


def test_an_example_is_the_series_of_which_its_pattern_is_surest() -> None:
    def known(uid: str, confidence: float) -> PatternRow:
        return PatternRow(uid, "steady", "model", "reason", "CPUUtilization", confidence=confidence, hours=2)

    usage = tuple(UsageRow(uid, "CPUUtilization", "Average", "percent", 24, 1.0, 1, 1, 1, 1, 1, 1, None, None, None) for uid in ("a", "b"))
    # Two hours of five-minute points: 12 of 10 %, then 12 of 30 %.
    series = {uid: {"CPUUtilization|Average": np.array([10.0] * 12 + [30.0] * 12)} for uid in ("a", "b")}
    with series_views(series) as opened:
        (found,) = pattern_examples(opened, (known("a", 0.6), known("b", 0.9)), usage)
    assert (found.uid, found.unit, found.means) == ("b", "percent", (10.0, 30.0))
    assert found.first_at == datetime(2026, 11, 22, 22, tzinfo=UTC)
    assert datetime(2026, 11, 23, tzinfo=UTC) == END
