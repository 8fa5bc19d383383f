"""Recommendations from a tiny lake: facts by hand, published and told again the same, and what people decided.

recommendation_features, artifact_recommendations.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.aws.catalogue import CATALOGUE
from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.strategy_facts import Cost, StrategyFacts
from cloudmigrate.lake import datasets
from cloudmigrate.workspace import Workspace, utc_now
from tasks.recommendations import recommend_strategies
from tasks.recommending import strategy_facts, windows_of
from tests.tasks.test_risk import ACCOUNT, AT, REGION, SNAPSHOT, fill, looked, needs, relation, resource, seen

WEB, IDLE, DB, DISK, LOOSE, FILES, JIRA, FROZEN = (
    f"arn:{name}" for name in ("web", "idle", "db", "disk", "loose", "files", "jira", "frozen")
)
SERVER, VOLUME = "AWS::EC2::Instance", "AWS::EC2::Volume"
PROFILE = "compute-optimizer"
Rows = dict[str, list[dict[str, Any]]]


def row_of(dataset: str, **told: object) -> dict[str, Any]:
    """A row of which all that is not told is null."""
    return dict.fromkeys(datasets.BY_NAME[dataset].schema.names) | told


def pattern(uid: str, word: str, **told: object) -> dict[str, Any]:
    usual = {"rule": "x", "reason": f"{word} it is", "rules_met": [], "metric": "CPUUtilization", "hours": 336, "network_hours": 336}
    peaks = {"peak_pct": 50.0, "peak_measured": True, "network_mb_a_day_max": 900.0, "duty_cycle": 1.0}
    return row_of("patterns", uid=uid, pattern=word, **{**usual, **peaks, **told})


def cost(uid: str, scenario: str, usd: str, status: str = "priced") -> dict[str, Any]:
    money = {"monthly_cost_usd": Decimal(usd), "low_usd": Decimal(usd), "high_usd": Decimal(usd)}
    return row_of("costs", uid=uid, scenario=scenario, term="on_demand", region=REGION, status=status, components=[], **money)


def asked(uid: str, points: int, status: str) -> dict[str, Any]:
    told = {"uid": uid, "account_id": ACCOUNT, "region": REGION, "type": VOLUME, "metric": "VolumeReadOps", "stat": "Sum", "period_s": 300}
    return row_of("metric_coverage", **told, points=points, status=status)


def server(uid: str, tags: Mapping[str, str] | None = None) -> dict[str, Any]:
    return resource(uid, SERVER, spec={"InstanceId": "i-1", "InstanceType": "m5.large"}, tags=tags or {})


LAKE: Rows = {
    "inventory": [
        server(WEB),
        server(IDLE),
        server(JIRA, {"Application": "Jira"}),
        server(FROZEN, {"legal_hold": "case 7"}),
        resource(DB, "AWS::RDS::DBInstance", stateful=True, spec={"Engine": "mysql", "EngineVersion": "5.7.44"}),
        resource(DISK, VOLUME, stateful=True, spec={"VolumeType": "gp2", "Attachments": [{"InstanceId": "i-1"}]}),
        resource(LOOSE, VOLUME, stateful=True, spec={"VolumeType": "gp3", "Attachments": []}),
        resource(FILES, "AWS::S3::Bucket", stateful=True),
    ],
    "coverage": [looked(row.type) for row in CATALOGUE],
    "relations": [relation(WEB, DISK, "volume")],
    "metric_coverage": [asked(LOOSE, 0, "no_data")],
    "observation": [seen(uid, 13) for uid in (WEB, IDLE, JIRA, FROZEN, DB)],
    "dependencies": [
        needs(WEB, DB, 3306, 0.9),
        needs("external:198.51.100.0/24", WEB, 443, 0.9),
        needs(DB, WEB, 6379, 0.4),  # hardly believed: no Redis for that
        needs(WEB, FILES, None, 1.0, observed=False),
    ],
    "patterns": [
        pattern(WEB, "diurnal"),
        pattern(IDLE, "idle", peak_pct=2.0, network_mb_a_day_max=1.0, duty_cycle=0.0),
        pattern(JIRA, "steady"),
        pattern(DB, "steady", network_hours=None, network_mb_a_day_max=None, connection_hours=336, connections_max=9.0),
    ],
    "sizing": [
        row_of(
            "sizing", uid=WEB, profile=PROFILE, current_type="m5.large", target_type="m5.medium", verdict="smaller", reason="it would do"
        ),
        row_of("sizing", uid=WEB, profile="other", current_type="m5.large", verdict="keep", reason="another profile"),
    ],
    "costs": [
        cost(WEB, "rehost", "100"),
        cost(WEB, "replatform", "90"),
        cost(IDLE, "rehost", "100"),
        cost(IDLE, "replatform", "90"),
        cost(DISK, "rehost", "10"),
        cost(DISK, "replatform", "8", status="partly"),
    ],
    "workloads": [
        {"uid": uid, "workload": workload, "source": "tag", "reason": "", "confidence": 1.0}
        for uid, workload in ((WEB, "shop"), (DISK, "shop"), (DB, "shop"), (IDLE, "old"))
    ],
    "shared_services": [],
}
DISCOVERED = ("inventory", "coverage", "relations")


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    account = Account(id=ACCOUNT, regions=(REGION,))
    return Estate(estate="acme", lake=str(tmp_path / "lake"), ledger=f"sqlite:///{tmp_path}/ledger.db", accounts=(account,))


def told(workspace: Workspace) -> dict[tuple[str, str], dict[str, Any]]:
    assert recommend_strategies.fn(workspace.estate, snapshot_id=SNAPSHOT, run_id=f"run-{utc_now():%f}") > 0
    with workspace.views(SNAPSHOT) as views:
        return {(row["level"], row["uid"]): row for row in views.rows("recommendations")}


def facts_of(estate: Estate, lake: Rows) -> dict[str, StrategyFacts]:
    with fill(estate, lake).views(SNAPSHOT) as views:
        return {one.uid: one for one in strategy_facts(views, as_of=AT, profile=PROFILE)}


def test_facts_by_hand(estate: Estate) -> None:
    found = facts_of(estate, LAKE)
    assert found[WEB] == StrategyFacts(
        WEB,
        SERVER,
        workload="shop",
        pattern="diurnal",
        pattern_reason="diurnal it is",
        hours=336,
        proof_hours=336,
        peak_pct=50.0,
        peak_measured=True,
        network_mb_a_day_max=900.0,
        duty_cycle=1.0,
        callers=2,
        named_callers=(DB, "external:198.51.100.0/24"),
        logged_days=13,
        is_shared=False,
        stateful=False,
        licence="none",
        placement="shared",
        sizing="smaller",
        current_type="m5.large",
        target_type="m5.medium",
        costs={
            "rehost": Cost(Decimal(100), Decimal(100), Decimal(100)),
            "replatform": Cost(Decimal(90), Decimal(90), Decimal(90)),
        },
    )
    assert (found[DB].proof_hours, found[DB].connections_max, found[DB].days_since_support) == (336, 9.0, 997.0)  # since 2024-02-29
    assert (found[DISK].callers, found[DISK].attached, found[DISK].costs["replatform"].is_whole) == (1, True, False)
    assert (found[LOOSE].attached, found[LOOSE].was_used, found[LOOSE].callers) == (False, False, 0)
    assert (found[JIRA].product, found[FROZEN].compliance_tag) == ("jira", "legal-hold=case 7")
    assert (found[FILES].callers, found[FILES].logged_days) == (1, None)


def test_what_was_never_made_is_unmeasured(estate: Estate) -> None:
    found = facts_of(estate, {name: LAKE[name] for name in DISCOVERED})
    web = found[WEB]
    assert (web.pattern, web.hours, web.logged_days, web.is_shared, web.costs, web.sizing) == (None, 0, None, None, {}, None)
    assert found[LOOSE].was_used is None
    assert found[DISK].callers == 1, "configuration states it all the same"


def test_an_answering_port_is_evidence_of_a_product(estate: Estate) -> None:
    lake = LAKE | {"dependencies": [*LAKE["dependencies"], needs(WEB, IDLE, 5432, 0.9), needs(DB, IDLE, 5432, 0.9)]}
    one = facts_of(estate, lake)[IDLE]
    assert (one.product, one.product_evidence) == ("PostgreSQL", "it answers on port 5432, as PostgreSQL does")


def test_the_windows_are_those_that_were_asked_for(estate: Estate) -> None:
    snapshot = fill(estate, LAKE).snapshot(SNAPSHOT)
    assert (windows_of(estate, snapshot).metric_hours, windows_of(estate, snapshot).flow_log_days) == (336.0, 13)
    bound = replace(snapshot, window_start=AT, window_end=AT + timedelta(days=30))
    assert windows_of(estate, bound).metric_hours == 720.0


def test_recommendations_are_published_and_told_again_the_same(estate: Estate) -> None:
    workspace = fill(estate, LAKE)
    first = told(workspace)

    of = {uid: (row["strategy"], row["rule"], row["runner_up"]) for (level, uid), row in first.items() if level == "resource"}
    assert of == {
        WEB: ("rehost", "as-it-is", "replatform"),  # a processor that saves 10 %, where 15 are asked for
        IDLE: ("retire", "idle-server", "rehost"),
        JIRA: ("repurchase", "sold-as-service", "rehost"),
        FROZEN: ("retain", "bound", of[FROZEN][2]),
        DB: ("replatform", "support-ended", of[DB][2]),
        DISK: ("replatform", "gp2-to-gp3", "rehost"),
        LOOSE: ("retire", "unused-volume", of[LOOSE][2]),
        FILES: ("rehost", "as-it-is", of[FILES][2]),
    }
    shop, old = first["workload", "shop"], first["workload", "old"]
    assert (shop["strategy"], shop["reasons"]) == (
        "replatform",
        ["1 of 2 resources: replatform; the whole is tested on what changes", f"differing: 1 rehost ({WEB})"],
    )
    assert (old["strategy"], old["pattern"], old["confidence"]) == ("retire", "idle", first["resource", IDLE]["confidence"])
    assert told(workspace) == first

    with workspace.views(SNAPSHOT) as views:
        rows = views.run("artifact_recommendations")
        sure = views.query("select uid from recommendations where confidence > 0.5 and strategy = 'retire' and level = 'resource'")
    assert len(rows) == 10
    assert {"name", "strategy", "reason", "confidence_pct", "open_question"} <= rows[0].keys()
    assert [row["uid"] for row in sure.rows] == [IDLE], "a volume that CloudWatch has nothing of may have been used for all we know"


def test_an_overridden_strategy_holds_through_a_re_run_until_it_expires(estate: Estate) -> None:
    workspace = fill(estate, LAKE)
    before = told(workspace)["resource", WEB]
    today = utc_now().date()
    hostile = "{0.__class__} <script>alert(1)</script> '; drop table decisions; -- %s"
    decision = Decision(DecisionKind.STRATEGY, WEB, "retire", hostile, "ana", utc_now(), expires_on=today)
    workspace.ledger.decide("acme", [decision])

    found = told(workspace)
    web = found["resource", WEB]
    assert (web["strategy"], web["recommended"], web["confidence"]) == ("retire", "rehost", before["confidence"])
    assert web["override"]["reason"] == hostile
    assert (web["override"]["would_have_been"], web["override"]["has_expired"], web["open_question"]) == ("rehost", False, None)
    assert web["reasons"][0] == f"retire until {today}, decided by ana: {hostile}; without that it would be rehost"
    assert web["reasons"][1].startswith("against it: 2 others need it")
    assert found["workload", "shop"]["override"] == {"members": [WEB]}
    assert found["workload", "shop"]["strategy"] == "replatform"

    workspace.ledger.decide("acme", [replace(decision, expires_on=today - timedelta(days=1), decided_at=utc_now())])
    web = told(workspace)["resource", WEB]
    assert (web["strategy"], web["override"]["has_expired"]) == ("rehost", True)
    assert web["open_question"].startswith("retire, decided by ana (")

    workspace.ledger.decide("acme", [replace(decision, value=None, expires_on=None, decided_at=utc_now())])
    assert told(workspace)["resource", WEB] == before


def test_an_empty_estate_has_no_recommendations(estate: Estate) -> None:
    workspace = fill(estate, {"inventory": [], "coverage": [], "relations": []})
    assert recommend_strategies.fn(estate, snapshot_id=SNAPSHOT, run_id="run-2") == 0
    with workspace.views(SNAPSHOT) as views:
        assert views.rows("recommendations") == []


def test_support_is_told_of_the_snapshots_day(estate: Estate) -> None:
    with fill(estate, LAKE).views(SNAPSHOT) as views:
        [db] = [one for one in strategy_facts(views, as_of=datetime(2024, 2, 28, tzinfo=UTC), profile=PROFILE) if one.uid == DB]
    assert db.days_since_support == (date(2024, 2, 28) - date(2024, 2, 29)).days
