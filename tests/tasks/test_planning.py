"""Planning from a lake: what is read of a snapshot, and what is published."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.plan import Plan, verify_document
from cloudmigrate.domain.plan_input import Evidence, Exchange
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.what_if import Rule
from cloudmigrate.lake.views import Views
from cloudmigrate.workspace import Workspace
from tasks.plan_reading import exchanges_of, plan_input, read_edges, read_names, rules_of
from tasks.planning import publish_plan
from tests.planned_estate import dependency, estate_in, logged, resource, server, take_snapshot

WEB, DB, DNS, SPARE = (server(name) for name in ("web", "db", "dns", "spare"))
VOLUME = "arn:aws:ec2:eu-central-1:111111111111:volume/vol-1"
GROUP = "arn:aws:ec2:eu-central-1:111111111111:security-group/sg-1"
TARGETS = "arn:aws:elasticloadbalancing:eu-central-1:111111111111:targetgroup/web/1"
OUTSIDE = "external:198.51.100.0/24"
POLICY = WavePolicy(first_wave_on=date(2027, 1, 16), min_confidence=0.5)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.open(estate_in(tmp_path, POLICY))


@pytest.fixture
def snapshot_id(workspace: Workspace) -> str:
    return take_snapshot(
        workspace,
        [
            resource(WEB, tags={"Env": "prod"}),
            resource(DB, "AWS::EC2::Instance", tags={"Env": "prod"}),
            resource(DNS),
            resource(SPARE),
            resource(VOLUME, "AWS::EC2::Volume"),
            resource(GROUP, "AWS::EC2::SecurityGroup"),
            resource(TARGETS, "AWS::ElasticLoadBalancingV2::TargetGroup"),
        ],
        [(DB, VOLUME, "volume"), (WEB, GROUP, "security-group")],
        dependencies=[
            dependency(WEB, DB, bytes_=7000, port=5432, days_logged=7, days_seen=2),
            dependency(WEB, DNS, bytes_=500, port=53, days_logged=0, days_seen=5),
            dependency(SPARE, WEB, confidence=0.3),
            dependency(WEB, OUTSIDE, port=443),
            dependency(DB, SPARE, observed=False, configured=True, kind="config", protocol=None, port=None),
        ],
        flow_log_coverage=[logged(WEB)],
        shared_services=[
            {"uid": DNS, "service": "dns", "peers": 9, "ports": [53], "held_out": True, "reason": "port 53"},
            {"uid": DB, "service": "other", "peers": 3, "ports": [5432], "held_out": False, "reason": "put back"},
        ],
        plumbing=[{"uid": TARGETS, "into_uid": WEB, "reason": "target group"}],
        risks=[{"uid": WEB, "level": "high", "points": 40.0, "upper_points": 60.0, "not_measured": [], "score": 60.0, "factors": []}],
        workloads=[{"uid": WEB, "workload": "shop", "source": "tag", "reason": "tag", "confidence": 1.0}],
    )


@pytest.fixture
def views(workspace: Workspace, snapshot_id: str) -> Iterator[Views]:
    with workspace.views(snapshot_id) as opened:
        yield opened


def publish(workspace: Workspace, snapshot_id: str) -> tuple[Plan, dict[str, Any]]:
    plan = publish_plan.fn(workspace.estate, workspace.estate.planning, snapshot_id=snapshot_id, run_id="made")
    published = workspace.ledger.plan(plan.plan_id)
    assert published is not None
    return plan, json.loads(workspace.lake.read_document(published.path))


def test_what_planning_takes_from_a_snapshot(views: Views) -> None:
    """plan_exchanges, plan_shared, plan_evidence, plan_items: surely observed traffic between known ends, by day; what is held out."""
    found = plan_input(views, POLICY)
    assert found.exchanges == [Exchange(WEB, DB, 6, 5432, 1000.0), Exchange(WEB, DNS, 6, 53, 100.0)]
    assert found.shared == {DNS: "dns"}
    assert found.fused == [(TARGETS, WEB)]
    assert found.evidence == Evidence(traffic=True, risks=True, workloads=True)
    [web] = [item for item in found.items if item.uid == WEB]
    assert (web.moves, web.name, web.environment, web.risk_level, web.workload) == (True, "web", "prod", "high", "shop")
    [rules] = [item for item in found.items if item.uid == GROUP]
    assert (rules.moves, rules.why_not) == (False, "network: prepared in the target before wave 1")


def test_a_snapshot_of_configuration_alone_is_planned_and_says_so(workspace: Workspace) -> None:
    snapshot_id = take_snapshot(workspace, [resource(WEB), resource(DB)], [(WEB, DB, "endpoint")])
    plan, document = publish(workspace, snapshot_id)
    assert document["evidence"] == {"traffic": False, "risks": False, "workloads": False}
    assert [note.split(":")[0] for note in document["notes"]] == [
        "traffic was not observed",
        "risk was not assessed",
        "no workloads are known",
    ]
    assert all("traffic was not observed: only what configuration states orders it" in group["reasons"] for group in document["groups"])
    with workspace.views(snapshot_id, plan.plan_id) as views:
        assert "needed_rules" not in workspace.ledger.parts_of(snapshot_id, plan.plan_id), "nobody knows the rules: that is not none"
        assert views.rows("needed_rules") == []


def test_a_plan_is_published_with_its_datasets(workspace: Workspace, snapshot_id: str) -> None:
    plan, document = publish(workspace, snapshot_id)
    assert verify_document(document)
    group = {uid: one["id"] for one in document["groups"] for uid in one["members"]}
    assert group[DB] == group[VOLUME]
    assert group[TARGETS] == group[WEB], "plumbing moves with what it is folded into"
    assert [one["uid"] for one in document["held_out"]] == [DNS]
    assert document["waves"][0]["starts_on"] == "2027-01-16"
    with workspace.views(snapshot_id, plan.plan_id) as views:
        assert {row["uid"]: row["wave"] for row in views.rows("waves")} == {
            uid: one["wave"] for one in document["groups"] for uid in one["members"]
        }
        assert [row["uid"] for row in views.rows("unplanned")] == [GROUP]
        rules = {(row["move_group"], row["direction"], row["port"], row["peer"]) for row in views.rows("needed_rules")}
    assert (group[DB], "ingress", 5432, group[WEB]) in rules
    assert (group[WEB], "egress", 443, "198.51.100.0/24") in rules


def test_decisions_are_kept_through_planning_again(workspace: Workspace, snapshot_id: str) -> None:
    at = datetime(2026, 11, 27, tzinfo=UTC)
    workspace.ledger.decide(
        "acme",
        [
            Decision(DecisionKind.PIN, WEB, "3", "after the audit", "ann", at),
            Decision(DecisionKind.EXCLUDE, SPARE, "to be retired", "", "bob", at),
        ],
    )
    for _ in range(2):
        _, document = publish(workspace, snapshot_id)
        waves = {uid: one["wave"] for one in document["groups"] for uid in one["members"]}
        assert waves[WEB] == 3
        assert SPARE not in waves
        assert {one["uid"]: one["reason"] for one in document["unplanned"]}[SPARE] == "excluded by bob: to be retired"
        assert document["constraints"]["pins"] == [{"uid": WEB, "wave": 3, "reason": "after the audit", "by": "ann", "refused": []}]


def test_what_a_move_touches_is_read_alone(workspace: Workspace, snapshot_id: str) -> None:
    """exchanges_of_groups, rules_of_groups and resources_named."""
    plan, document = publish(workspace, snapshot_id)
    group = {uid: one["id"] for one in document["groups"] for uid in one["members"]}
    with workspace.views(snapshot_id, plan.plan_id) as views:
        assert exchanges_of(views, 0.5, [group[DB]]) == [Exchange(WEB, DB, 6, 5432, 1000.0)]
        assert rules_of(views, [group[DB]]) == [
            Rule(group[DB], "ingress", 6, 5432, group[WEB], "move_group"),
            Rule(group[WEB], "egress", 6, 5432, group[DB], "move_group"),
        ]
        names = read_names(views, ["shop", "db", SPARE])
    assert [names.meant_by(name) for name in ("shop", "db", SPARE)] == [(WEB,), (DB,), (SPARE,)]


def test_the_needs_of_a_plan_are_stated_or_surely_seen(views: Views) -> None:
    assert read_edges(views, 0.5) == {(DB, VOLUME), (WEB, DB), (WEB, DNS)}


def test_rules_follow_from_observed_dependencies(views: Views) -> None:
    """needed_edges: those with a protocol and a port, ends outside included."""
    rows = views.run("needed_edges")
    assert {(row["source_uid"], row["target_uid"], row["port"]) for row in rows} == {
        (WEB, DB, 5432),
        (WEB, DNS, 53),
        (SPARE, WEB, 443),
        (WEB, OUTSIDE, 443),
    }
