"""Traffic, rules, risk, workloads and the graph from a tiny lake: every number worked out by hand.

Runs graph_nodes.sql, dependency_edges.sql, stated_edges.sql and flow_log_days.sql.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.views import Selection, Views
from reports.exports import waves_csv
from reports.graph.view import GraphView, WaveRow
from reports.readiness import dependency_page, evidence
from reports.readiness.dependency_view import FactorRow, RiskRow, SeenChance, SharedRow, WorkloadRow
from reports.readiness.dependency_words import dependencies_sentence, risk_sentence, rules_sentence, shut_sentence
from reports.readiness.html import render_html
from reports.readiness.view import ReadinessView
from tasks import graph_view
from tasks.graph_view import build_graph_view
from tasks.readiness_view import build_view
from tests.tasks.test_readiness_view import BASE, DISK, GONE, PLAN, PLAN_ID, QUEUE, ROLES, ROWS, SNAPSHOT_ID, WEB

FIRST = datetime(2026, 11, 9, 8, tzinfo=UTC)
LAST = datetime(2026, 11, 21, 9, tzinfo=UTC)
GROUP = "arn:aws:ec2:eu-central-1:111111111111:security-group/sg-web"


def _edge(source: str, target: str, *, bytes_: int, **changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "source_uid": source,
        "target_uid": target,
        "kind": "traffic",
        "protocol": 6,
        "port": 443,
        "bytes": bytes_,
        "packets": 10,
        "flows": 2,
        "first_seen": FIRST,
        "last_seen": LAST,
        "confidence": 0.95,
        "allowed": True,
        "observed": True,
        "configured": False,
        "resolution": "resolved",
        "direction": "syn",
        "periodicity": "daily",
        "days_seen": 9,
        "days_logged": 12,
        "statements": [],
        "via": [],
    }
    return row | changes


def _day(interface: str, day: int, *, logged: int = 24, skipped: int = 0) -> dict[str, object]:
    return {
        "interface_id": interface,
        "day": date(2026, 11, day),
        "account_id": "111111111111",
        "region": "eu-central-1",
        "records": 100,
        "nodata_records": 0,
        "skipdata_records": skipped,
        "logged_hours": logged,
        "skipped_hours": skipped,
        "fully_logged": logged == 24,
        "aggregation_s": 60,
        "uid": WEB,
        "vpc_id": None,
    }


def _rule(rule_id: str, finding: str, *, wide: bool) -> dict[str, object]:
    return {
        "rule_id": rule_id,
        "group_uid": GROUP,
        "direction": "ingress",
        "protocol": 6,
        "from_port": 443,
        "to_port": 443,
        "peer": "0.0.0.0/0" if wide else "10.0.0.0/8",
        "finding": finding,
        "open_to_world": wide,
        "bearers": 1,
        "edges": 1,
        "bytes": 10,
        "last_seen": None,
        "days_logged": 7,
        "description": None,
    }


def _factor(uid: str, factor: str, points: float, upper: float) -> dict[str, object]:
    number = points if points == upper else None
    return {"uid": uid, "factor": factor, "points": points, "upper_points": upper, "max_points": 10.0} | {
        "number": number,
        "unit": "class",
        "evidence": "why",
        "source": "rules",
    }


_PLACE = {"account_id": "111111111111", "region": "eu-central-1", "found_by": "estate file", "new_objects": 1}
READ, TRIED = datetime(2026, 11, 22, 6, 48, tzinfo=UTC), datetime(2026, 11, 22, 7, 10, tzinfo=UTC)
_NO_ERROR = {"error_code": None, "missing_action": None, "detail": None, "read_objects": 3, "read_at": TRIED, "attempted_at": TRIED}
EVIDENCE: dict[str, list[dict[str, Any]]] = {
    "dependencies": [
        _edge(WEB, BASE, bytes_=5000, kind="both", configured=True, statements=["reads"], allowed=False, port=5432),
        _edge(QUEUE, BASE, bytes_=0, kind="config", observed=False, configured=True, statements=["reads"], protocol=None, port=None)
        | dict.fromkeys(("first_seen", "last_seen", "resolution", "direction", "periodicity", "days_seen", "days_logged", "allowed")),
        _edge(WEB, "external:s3", bytes_=900),
        _edge("unknown:10.9.8.7", WEB, bytes_=40, confidence=0.5),
    ],
    "flow_log_sources": [
        _PLACE | {"source": "s3://a/", "status": "ok", "objects": 3} | _NO_ERROR,
        _PLACE
        | {"source": "s3://b/", "status": "denied", "objects": 0}
        | {"error_code": "AccessDenied", "missing_action": "s3:ListBucket", "detail": None}
        | {"read_objects": 0, "read_at": None, "attempted_at": TRIED},
        _PLACE
        | {"source": "s3://c/", "status": "partial", "objects": 2}
        | {"error_code": "NoCredentialsError", "missing_action": None, "detail": None}
        | {"read_objects": 2, "read_at": READ, "attempted_at": TRIED},
    ],
    "flow_log_objects": [
        {
            "source": "s3://a/",
            "account_id": "111111111111",
            "key": key,
            "etag": "e",
            "status": status,
            "records": 100,
            "accepted": 90,
            "rejected": 10,
            "nodata": 0,
        }
        | {"skipdata": 0, "broken": broken, "bytes": 1, "packets": 1, "sample": None, "detail": None}
        for key, status, broken in (("1", "ok", 0), ("2", "partly", 4), ("3", "unreadable", 0))
    ],
    "flow_log_coverage": [_day("eni-1", 9), _day("eni-1", 10, logged=23, skipped=1), _day("eni-2", 21)],
    "observation": [
        {"uid": WEB, "interfaces": 1, "logged_interfaces": 1, "fully_logged_days": 7, "skipped_share": 0.1}
        | {"weekly_seen_probability": 1.0, "monthly_seen_probability": 7 / 30},
        {"uid": BASE, "interfaces": 1, "logged_interfaces": 0, "fully_logged_days": 0, "skipped_share": 0.0}
        | {"weekly_seen_probability": 0.0, "monthly_seen_probability": 0.0},
    ],
    "rule_findings": [_rule("sgr-1", "used", wide=False), _rule("sgr-2", "unused", wide=True), _rule("sgr-3", "unused", wide=False)],
    "shared_services": [
        {"uid": BASE, "service": "directory", "peers": 30, "ports": [389, 636], "held_out": True, "reason": "30 of 31 talk with it"}
    ],
    "workloads": [
        {"uid": WEB, "workload": "shop", "source": "tag", "reason": "tag app=shop", "confidence": 0.9},
        {"uid": BASE, "workload": "shop", "source": "traffic", "reason": "talks most with shop", "confidence": 0.6},
    ],
    "risks": [
        {"uid": BASE, "level": "high", "points": 20.0, "upper_points": 55.0, "not_measured": ["exposure"], "score": 55.0, "factors": []},
        {"uid": WEB, "level": "low", "points": 5.0, "upper_points": 5.0, "not_measured": [], "score": 5.0, "factors": []},
    ],
    "risk_factors": [_factor(BASE, "exposure", 0.0, 10.0), _factor(BASE, "age", 4.0, 4.0), _factor(WEB, "age", 5.0, 5.0)],
    "workload_risks": [
        {"workload": "shop", "level": "high", "points": 20.0, "upper_points": 55.0, "resources": 2, "reason": "of its riskiest resource"}
    ],
    "needed_rules": [
        {"plan_id": PLAN_ID, "move_group": "web", "direction": "egress", "protocol": 6, "port": 5432, "peer": "orders"}
        | {"peer_kind": "move_group", "edges": 1, "bytes": 5000, "confidence": 0.95, "last_seen": LAST}
    ],
}
PLAN_2: dict[str, Any] = PLAN | {
    "schema_version": 2,
    "policy": {
        "max_resources_per_wave": 50,
        "freeze_windows": [{"from": "2026-12-18", "to": "2027-01-04", "reason": "year-end", "environments": ["prod"]}],
    },
    "constraints": {
        "pins": [{"uid": WEB, "wave": 2, "reason": "asked", "by": "ana", "refused": []}],
        "excluded": [{"uid": QUEUE, "reason": "retired", "by": "ben", "breaks": ["web"]}],
    },
    "groups": [
        group | {"label": group["id"].title(), "workloads": [], "reasons": ["what it needs moves no later"]} for group in PLAN["groups"]
    ],
    "waves": [
        PLAN["waves"][0] | {"starts_on": "2026-12-01", "ends_on": "2026-12-02", "pilot": True, "risk_levels": {"high": 1}},
        PLAN["waves"][1] | {"starts_on": "2026-12-15", "ends_on": "2026-12-16", "pilot": False, "risk_levels": {"low": 1, "critical": 1}},
    ],
    "crossings": [
        {"source_group": "web", "target_group": "orders", "source_wave": 2, "target_wave": 1, "bytes_per_day": 500, "edges": 1},
        {"source_group": "jobs", "target_group": "orders", "source_wave": 2, "target_wave": 1, "bytes_per_day": 900, "edges": 2},
    ],
    "cuts": [
        {"group": "web", "size": 2, "limit": 1, "side_a": [WEB], "side_b": [BASE], "bytes_per_s": 0.5, "added_latency_ms": 20.0}
        | {"edges": [{"source_uid": WEB, "target_uid": BASE, "protocol": 6, "port": 5432, "bytes_per_s": 0.5}]}
        | {"transfer_usd_per_day": 0.01, "reason": "fewest bytes"}
    ],
    "held_out": [{"uid": BASE, "service": "directory", "edges": [1, 2, 3]}],
    "unplanned": [],
    "score": {"cross_wave_bytes_per_day": 1400},
    "notes": ["2 groups have no environment"],
}


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Views]:
    lake = Lake.open(tmp_path_factory.mktemp("lake"))
    rows = ROWS | EVIDENCE
    parts = {name: (lake.write(name, found, snapshot_id=SNAPSHOT_ID, part="all").path,) for name, found in rows.items()}
    with Views(lake, Selection(SNAPSHOT_ID, parts, plan_id=PLAN_ID)) as opened:
        yield opened


@pytest.fixture(scope="module")
def view(views: Views) -> ReadinessView:
    return build_view(views, estate_name="acme", snapshot_id=SNAPSHOT_ID, plan_document=PLAN_2, relation_roles=ROLES)


@pytest.fixture(scope="module")
def graph(views: Views) -> GraphView:
    return build_graph_view(views, title="acme", snapshot_id=SNAPSHOT_ID, plan_document=PLAN_2, relation_roles=ROLES)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Views]:
    """A snapshot from before dependencies were mapped."""
    lake = Lake.open(tmp_path_factory.mktemp("bare"))
    parts = {name: (lake.write(name, found, snapshot_id=SNAPSHOT_ID, part="all").path,) for name, found in ROWS.items()}
    with Views(lake, Selection(SNAPSHOT_ID, parts, plan_id=PLAN_ID)) as opened:
        yield opened


def test_flow_logs_count_days_places_and_what_was_skipped(view: ReadinessView) -> None:
    logs = view.flow_logs
    assert logs is not None
    assert (logs.days, logs.interfaces, logs.interface_days, logs.fully_logged_interface_days) == (3, 2, 3, 2)
    assert logs.skipped_share == pytest.approx(1 / (24 + 23 + 1 + 24))
    assert (logs.first_day_at, logs.last_day_at) == (datetime(2026, 11, 9, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
    assert (logs.objects, logs.unreadable_objects, logs.records, logs.broken_lines) == (3, 1, 300, 4)
    assert [row.source for row in logs.places] == ["s3://b/", "s3://c/", "s3://a/"]
    assert logs.chances == (SeenChance(WEB, 7, 0.1, 1.0, 7 / 30), SeenChance(BASE, 0, 0.0, 0.0, 0.0))


def test_a_place_that_could_not_be_read_is_a_gap_with_its_action(view: ReadinessView) -> None:
    gap, stale = [gap for gap in view.gaps if gap.flow_logs]
    assert (gap.flow_logs, gap.missing_action, gap.status, gap.seen_until_at) == ("s3://b/", "s3:ListBucket", "denied", None)
    assert (stale.flow_logs, stale.status, stale.seen_until_at) == ("s3://c/", "partial", READ)
    assert gap.next_step == "Allow s3:ListBucket for the role that scans this account, then run again."


def test_dependencies_come_with_most_bytes_first_and_their_evidence(view: ReadinessView) -> None:
    assert view.dependencies is not None
    assert [(row.source_uid, row.target_uid, row.bytes) for row in view.dependencies] == [
        (WEB, BASE, 5000),
        (WEB, "external:s3", 900),
        ("unknown:10.9.8.7", WEB, 40),
        (QUEUE, BASE, 0),
    ]
    assert (view.dependencies[0].statements, view.dependencies[0].first_seen) == (("reads",), FIRST)
    assert dependencies_sentence(view) == ("4 dependencies: 1 seen in traffic and stated by configuration, 2 only seen and 1 only stated.")
    assert shut_sentence(view.dependencies).startswith("1 was seen but is not allowed by today's rules any more")


def test_ends_outside_are_counted_unknown_addresses_first(view: ReadinessView) -> None:
    ends = dependency_page.far_ends(view.dependencies or (), {row.uid for row in view.resources})
    assert [(row.kind, row.name, row.dependencies, row.resources, row.bytes) for row in ends] == [
        ("unknown", "10.9.8.7 (unknown address)", 1, 1, 40),
        ("external", "s3 (AWS service)", 1, 1, 900),
    ]


def test_rules_are_open_ones_first(view: ReadinessView) -> None:
    assert [row.rule_id for row in view.rules or ()] == ["sgr-2", "sgr-3", "sgr-1"]
    assert rules_sentence(view.rules) == "Of 3 security group rules 1 was seen in use and 2 were never used."


def test_risks_are_the_highest_first_with_all_factors(view: ReadinessView) -> None:
    assert view.risks == (RiskRow(BASE, "high", 20.0, 55.0, ("exposure",)), RiskRow(WEB, "low", 5.0, 5.0))
    assert view.risk_factors[1] == FactorRow(BASE, "exposure", 0.0, 10.0, 10.0, "why", None, "class", "rules")
    assert risk_sentence(view.risks) == (
        "Of 2 resources 1 is at high risk. For 1 of the 2 exposure was not measured; that counts at its maximum."
    )
    assert dependency_page.unmeasured(view.risk_factors) == (dependency_page.Unmeasured("exposure", "rules", 1, 10.0),)


def test_workloads_carry_their_reasons_waves_and_risk(view: ReadinessView) -> None:
    assert view.workloads == (
        WorkloadRow(
            "shop",
            2,
            ("tag", "traffic"),
            ("tag app=shop", "talks most with shop"),
            0.6,
            (1, 2),
            "high",
            20.0,
            55.0,
            "of its riskiest resource",
        ),
    )
    assert view.shared == (SharedRow(BASE, "directory", 30, True, "30 of 31 talk with it", (389, 636)),)


def test_a_plan_of_version_2_is_read_whole(view: ReadinessView) -> None:
    plan = view.plan
    assert plan is not None
    assert [(wave.starts_on, wave.ends_on, wave.pilot) for wave in plan.waves] == [
        (date(2026, 12, 1), date(2026, 12, 2), True),
        (date(2026, 12, 15), date(2026, 12, 16), False),
    ]
    assert plan.waves[1].risk_levels == (("critical", 1), ("low", 1))
    assert [(row.first_on, row.last_on, row.reason, row.environments) for row in plan.freeze_windows] == [
        (date(2026, 12, 18), date(2027, 1, 4), "year-end", ("prod",))
    ]
    assert [(row.source_group, row.bytes_per_day) for row in plan.crossings] == [("jobs", 900), ("web", 500)]
    assert (plan.pins[0].by, plan.excluded[0].breaks, plan.held_out[0].edges, plan.cuts[0].edges[0].port) == ("ana", ("web",), 3, 5432)
    assert plan.policy == (("max_resources_per_wave", "50"),)
    assert plan.score == (("cross_wave_bytes_per_day", "1400"),)


def test_what_a_plan_retires_is_told_with_who_will_miss_it(views: Views) -> None:
    groups = [group | {"retires": group["id"] == "web"} for group in PLAN_2["groups"]]
    retired = [{"uid": WEB, "reason": "not used", "by": "ben", "breaks": [QUEUE]}]
    document = PLAN_2 | {"groups": groups, "constraints": {"pins": [], "excluded": [], "retired": retired}}
    view = build_view(views, estate_name="acme", snapshot_id=SNAPSHOT_ID, plan_document=document, relation_roles=ROLES)
    assert view.plan is not None
    assert [group.id for group in view.plan.groups if group.retires] == ["web"]
    assert (view.plan.retired[0].uid, view.plan.retired[0].breaks) == (WEB, (QUEUE,))
    page = render_html(view)
    assert "1 resource retired by a wave" in page
    assert "<td>retired by its wave</td>" in page
    assert "stays and needs it:" in page
    assert '<span class="status">retired</span>' in page


def test_a_plan_of_version_1_still_renders(views: Views) -> None:
    view = build_view(views, estate_name="acme", snapshot_id=SNAPSHOT_ID, plan_document=PLAN, relation_roles=ROLES)
    assert view.plan is not None
    assert (view.plan.crossings, view.plan.cuts, view.plan.waves[0].starts_on) == ((), (), None)
    assert "The plan has no dates" in render_html(view)


def test_the_graph_holds_what_moves_and_what_edges_end_at(graph: GraphView) -> None:
    assert [node.uid for node in graph.nodes] == sorted((WEB, DISK, BASE, QUEUE))
    base = next(node for node in graph.nodes if node.uid == BASE)
    assert (base.workload, base.move_group, base.wave, base.risk_level, base.risk_upper_points) == ("shop", "orders", 1, "high", 55.0)
    assert base.storage_bytes == 50 * 1024**3  # measured
    assert graph.waves == (WaveRow(1, "1 to 2 Dec 2026, pilot"), WaveRow(2, "15 to 16 Dec 2026"))
    assert {group.label for group in graph.groups} == {"orders", "Web", "jobs"}
    assert (graph.traffic_from_at, graph.notes) == (datetime(2026, 11, 9, tzinfo=UTC), ())


def test_the_graph_exports_its_waves(graph: GraphView) -> None:
    lines = waves_csv(graph).splitlines()
    assert lines[0] == "uid,name,type,workload,wave"
    assert f"{BASE},orders,AWS::RDS::DBInstance,shop,1" in lines


def test_without_mapped_dependencies_the_graph_is_what_configuration_states_and_says_so(bare: Views) -> None:
    graph = build_graph_view(bare, title="acme", snapshot_id=SNAPSHOT_ID, plan_document=PLAN, relation_roles=ROLES)
    # reads and instance_volume bind; role and dead-letter are settings; the partner's role is not in the inventory.
    assert {(edge.source_uid, edge.target_uid, edge.statements) for edge in graph.edges} == {
        (WEB, BASE, ("reads",)),
        (WEB, DISK, ("instance_volume",)),
        (QUEUE, BASE, ("reads",)),
    }
    assert GONE not in {edge.target_uid for edge in graph.edges}
    assert not any(edge.observed for edge in graph.edges)
    assert graph.notes == (graph_view.NOT_MAPPED, graph_view.NO_RULES, graph_view.NO_RISK)


def test_without_part_2_the_report_says_that_nobody_looked(bare: Views) -> None:
    view = build_view(bare, estate_name="acme", snapshot_id=SNAPSHOT_ID, plan_document=PLAN, relation_roles=ROLES)
    assert (view.flow_logs, view.dependencies, view.rules, view.risks, view.workloads, view.needed_rules) == (None,) * 6
    html = render_html(view)
    for sentence in (
        "Flow logs were not looked for",
        "Risk was not scored",
        "were not compared with traffic",
        "Workloads were not proposed",
    ):
        assert sentence in html


def test_flow_logs_without_a_place_are_told_from_flow_logs_nobody_looked_for(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    rows: dict[str, list[dict[str, Any]]] = ROWS | {"flow_log_sources": [], "dependencies": EVIDENCE["dependencies"][1:2]}
    parts = {name: (lake.write(name, found, snapshot_id=SNAPSHOT_ID, part="all").path,) for name, found in rows.items()}
    with Views(lake, Selection(SNAPSHOT_ID, parts, plan_id=PLAN_ID)) as opened:
        view = build_view(opened, estate_name="acme", snapshot_id=SNAPSHOT_ID, plan_document=PLAN, relation_roles=ROLES)
        graph = build_graph_view(opened, title="acme", snapshot_id=SNAPSHOT_ID, plan_document=PLAN, relation_roles=ROLES)
    assert dependencies_sentence(view) == (
        "1 dependency, stated by configuration; no flow logs were read, so traffic that configuration does not name is missing."
    )
    assert graph_view.NO_LOGS in graph.notes


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        pytest.param(
            "dependencies",
            [
                {"kind": "both", "dependencies": 1, "bytes": 5000, "not_allowed_now": 1},
                {"kind": "config", "dependencies": 1, "bytes": 0, "not_allowed_now": 0},
                {"kind": "traffic", "dependencies": 2, "bytes": 940, "not_allowed_now": 0},
            ],
            id="dependencies",
        ),
        pytest.param(
            "far_ends",
            [{"uid": "external:s3", "dependencies": 1, "bytes": 900}, {"uid": "unknown:10.9.8.7", "dependencies": 1, "bytes": 40}],
            id="far-ends",
        ),
        pytest.param(
            "rules",
            [
                {"finding": "unused", "rules": 2, "let_world_in": 1, "let_out_to_world": 0},
                {"finding": "used", "rules": 1, "let_world_in": 0, "let_out_to_world": 0},
            ],
            id="rules",
        ),
        pytest.param(
            "risk_levels",
            [{"level": "high", "resources": 1, "wholly_measured": 0}, {"level": "low", "resources": 1, "wholly_measured": 1}],
            id="risk-levels",
        ),
        pytest.param(
            "unmeasured", [{"factor": "exposure", "source": "rules", "resources": 1, "points_hidden_at_most": 10.0}], id="unmeasured"
        ),
        pytest.param("crossings", [{"source_wave": 2, "target_wave": 1, "edges": 1, "bytes": 5000}], id="crossings"),
        pytest.param("inside_groups", [], id="inside-groups"),
        pytest.param(
            "chances",
            [
                {"weekly_seen_probability": 1.0, "monthly_seen_probability": 7 / 30, "resources": 1},
                {"weekly_seen_probability": 0.0, "monthly_seen_probability": 0.0, "resources": 1},
            ],
            id="chances",
        ),
        pytest.param(
            "needed_rules",
            [
                {"move_group": "web", "direction": "egress", "protocol": 6, "port": 5432, "peer": "orders"}
                | {"edges": 1, "bytes": 5000, "confidence": 0.95}
            ],
            id="needed-rules",
        ),
    ],
)
def test_evidence_reproduces_the_figure(views: Views, view: ReadinessView, figure: str, expected: list[dict[str, object]]) -> None:
    rows = views.query(evidence.statement(figure, view)).rows
    assert [{key: int(value) if key == "bytes" else value for key, value in row.items()} for row in rows] == expected


@pytest.mark.parametrize("figure", sorted(evidence.QUERIES))
def test_every_evidence_query_runs_and_survives_a_shell_word(views: Views, view: ReadinessView, figure: str) -> None:
    sql = evidence.statement(figure, view)
    views.query(sql)
    assert not set(sql) & set('"$`\\!\n')
