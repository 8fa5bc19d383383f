"""The plan document: what it says, and that nobody can change it unseen."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from cloudmigrate.domain.constraints import Constraints, Pin
from cloudmigrate.domain.drafting import draft_plan
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.plan import Plan, content_hash, upgraded, verify_document
from cloudmigrate.domain.plan_input import Evidence, Exchange, PlanInput
from cloudmigrate.domain.resources import Relation
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.lake import datasets
from tests.domain.graphs import ROLES, estates, item, needs, part, setting

SNAPSHOT = "20261122T203000Z-3f9a1c"
NOW = datetime(2026, 11, 22, 21, 15, 30, 123456, tzinfo=UTC)


def shop(created_at: datetime = NOW, snapshot_id: str = SNAPSHOT, limit: int | None = 50) -> Plan:
    """Three things that move, in two waves, because the shop is pinned to the second."""
    items = [item("web"), item("db"), item("vol"), item("net", moves=False, why_not="prepared in the target")]
    found = PlanInput(
        items,
        [needs("web", "db"), part("db", "vol"), setting("web", "net")],
        ROLES,
        exchanges=[Exchange("web", "db", 6, 5432, 3 * 2**30)],
        constraints=Constraints(pins=(Pin("web", 2, "after the audit", "ann"),)),
        evidence=Evidence(traffic=True),
    )
    policy = WavePolicy(max_resources_per_wave=limit, first_wave_on=date(2027, 1, 16))
    return draft_plan(found, policy, snapshot_id=snapshot_id, created_at=created_at)


def group_record(**told: Any) -> dict[str, Any]:
    nothing = {"retires": False, "cyclic": False, "cycle": [], "needs": [], "needed_by": [], "needs_unplanned": [], "workloads": []}
    unknown = {"risk_level": None, "environment": None, "shared_service": None}
    return {**nothing, **unknown, **told}


def test_a_plan_as_a_document() -> None:
    document = shop().to_document()
    db, web = (group["id"] for group in document["groups"])
    digest = document["content_hash"]
    assert (db[:3], web[:4]) == ("db-", "web-")
    unnamed = "its tags name no environment: ordered after staging, before production"
    assert document == {
        "schema_version": 2,
        "plan_id": f"plan-20261122T211530Z-{digest[:8]}",
        "snapshot_id": SNAPSHOT,
        "created_at": "2026-11-22T21:15:30.123456Z",
        "content_hash": digest,
        "policy": {
            "max_resources_per_wave": 50,
            "max_servers_per_wave": None,
            "max_effort_hours_per_wave": 400.0,
            "pilot_waves": 5,
            "pilot_max_servers": 9,
            "separate_layers": False,
            "first_wave_on": "2027-01-16",
            "days_between_waves": 14,
            "wave_days": 2,
            "freeze_windows": [],
            "min_confidence": 0.0,
            "link_latency_ms": 20.0,
            "transfer_usd_per_gb": 0.09,
        },
        "constraints": {
            "pins": [{"uid": "web", "wave": 2, "reason": "after the audit", "by": "ann", "refused": []}],
            "excluded": [],
            "retired": [],
        },
        "groups": [
            group_record(
                id=db,
                label="db and 1 more",
                members=["db", "vol"],
                layer=1,
                needed_by=[web],
                resources=2,
                servers=2,
                effort_hours=8.0,
                wave=1,
                reasons=[
                    "needs no other move group",
                    unnamed,
                    "risk was not assessed: it played no part",
                ],
            ),
            group_record(
                id=web,
                label="web",
                members=["web"],
                layer=2,
                needs=[db],
                resources=1,
                servers=1,
                effort_hours=4.0,
                wave=2,
                reasons=[
                    "pinned to wave 2 by ann: after the audit",
                    "needs 1 move group: db and 1 more moves in wave 1",
                    unnamed,
                    "risk was not assessed: it played no part",
                ],
            ),
        ],
        "waves": [
            {
                "wave": 1,
                "layer": 1,
                "groups": [db],
                "resources": 2,
                "servers": 2,
                "effort_hours": 8.0,
                "starts_on": "2027-01-16",
                "ends_on": "2027-01-17",
                "pilot": True,
                "reason": "1 move group, 2 resources; needs nothing that moves in an earlier wave",
                "reasons": ["1 move group, 2 resources; needs nothing that moves in an earlier wave", "pilot wave 1 of 5: 2 servers"],
                "risk_levels": {"not assessed": 1},
                "cross_wave_bytes_per_day": 3221225472,
            },
            {
                "wave": 2,
                "layer": 2,
                "groups": [web],
                "resources": 1,
                "servers": 1,
                "effort_hours": 4.0,
                "starts_on": "2027-01-30",
                "ends_on": "2027-01-31",
                "pilot": True,
                "reason": "1 move group, 1 resource; needs only what moves by wave 1",
                "reasons": [
                    "1 move group, 1 resource; needs only what moves by wave 1",
                    "pilot wave 2 of 5: 1 server",
                    "pinned here: web",
                ],
                "risk_levels": {"not assessed": 1},
                "cross_wave_bytes_per_day": 3221225472,
            },
        ],
        "crossings": [
            {
                "source_group": web,
                "target_group": db,
                "source_wave": 2,
                "target_wave": 1,
                "bytes_per_day": 3221225472,
                "edges": 1,
                "transfer_usd_per_day": 0.27,  # 3 GB at 9 cents
                "shared_service": False,
            }
        ],
        "cuts": [],
        "held_out": [],
        "unplanned": [{"uid": "net", "reason": "prepared in the target", "group": None, "needs": [], "needs_unplanned": []}],
        "score": {
            "traffic": 1.0,  # all of it crosses
            "environments": 0.0,  # none is known
            "risk": 0.0,
            "load": 0.111111,  # hours of 8 and 4 about a mean of 6: (1/9 + 1/9) / 2
            "total": 10.111111,
            "weighed_bytes_per_day": 3221225472.0,
            "observed_bytes_per_day": 3221225472.0,
            "cross_wave_bytes_per_day": 3221225472,
            "cross_wave_edges": 1,
            "transfer_usd_per_day": 0.27,
        },
        "evidence": {"traffic": True, "risks": False, "workloads": False},
        "notes": [
            "risk was not assessed: it played no part in the order",
            "no workloads are known: groups are named after their first resource",
        ],
    }


def test_the_hash_can_be_recomputed_by_anyone() -> None:
    """SHA-256 over the document without plan_id, created_at and content_hash: keys sorted, no spaces, ASCII."""
    document = shop().to_document()
    said = {key: value for key, value in document.items() if key not in ("plan_id", "created_at", "content_hash")}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == document["content_hash"] == content_hash(document)


def test_the_same_input_says_the_same_at_any_time() -> None:
    later = shop(NOW + timedelta(days=1))
    assert later.content_hash == shop().content_hash
    assert later.plan_id != shop().plan_id
    assert shop(limit=2).content_hash != shop().content_hash
    assert shop(snapshot_id="20261123T203000Z-000000").content_hash != shop().content_hash


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    assert shop(NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))).to_document() == shop().to_document()


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        shop(NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"snapshot_id": "20261122T203000Z-ffffff"}, id="another snapshot"),
        pytest.param({"waves": []}, id="no waves"),
        pytest.param({"approved": True}, id="a field more"),
        pytest.param({"created_at": "2026-11-23T21:15:30Z"}, id="another day"),
        pytest.param({"created_at": "yesterday"}, id="no instant"),
        pytest.param({"created_at": None}, id="no text"),
        pytest.param({"plan_id": "plan-20261122T211530Z-00000000"}, id="another name"),
        pytest.param({"content_hash": "0" * 64}, id="another hash"),
        pytest.param({"policy": {"max_resources_per_wave": float("nan")}}, id="a number that JSON does not have"),
    ],
)
def test_a_changed_document_does_not_verify(change: dict[str, Any]) -> None:
    assert not verify_document(shop().to_document() | change)


def test_a_document_without_a_name_does_not_verify() -> None:
    document = shop().to_document()
    del document["created_at"]
    assert not verify_document(document)


@given(estates())
def test_any_plan_verifies_after_a_way_through_json(estate: tuple[list[PlanItem], list[Relation]]) -> None:
    plan = draft_plan(PlanInput(*estate, ROLES), WavePolicy(), snapshot_id=SNAPSHOT, created_at=NOW)
    document = json.loads(json.dumps(plan.to_document()))
    assert document == plan.to_document()
    assert verify_document(document)


def test_hostile_names_stay_text() -> None:
    uid = "arn:aws:route53:::hostedzone/Z1/\u202e<script>\ud800\"'../A"
    plan = draft_plan(PlanInput([item(uid)], [], ROLES), WavePolicy(), snapshot_id=SNAPSHOT, created_at=NOW)
    assert verify_document(json.loads(json.dumps(plan.to_document())))
    assert plan.to_document()["groups"][0]["members"] == [uid]


def test_rows_for_the_lake() -> None:
    plan = shop()
    db, web = (group.id for group in plan.groups)
    assert list(plan.wave_rows()) == [
        {"plan_id": plan.plan_id, "uid": "db", "move_group": db, "wave": 1, "retires": False},
        {"plan_id": plan.plan_id, "uid": "vol", "move_group": db, "wave": 1, "retires": False},
        {"plan_id": plan.plan_id, "uid": "web", "move_group": web, "wave": 2, "retires": False},
    ]
    assert list(plan.unplanned_rows()) == [{"plan_id": plan.plan_id, "uid": "net", "reason": "prepared in the target"}]
    assert list(next(plan.wave_rows())) == datasets.WAVES.schema.names
    assert list(next(plan.unplanned_rows())) == datasets.UNPLANNED.schema.names


def test_a_document_of_version_1_can_be_read() -> None:
    """As it was written by the release before: what it does not say is empty."""
    group = {
        "id": "a",
        "members": ["x", "y"],
        "layer": 1,
        "cyclic": False,
        "cycle": [],
        "needs": [],
        "needed_by": [],
        "needs_unplanned": [],
    }
    wave = {"wave": 1, "layer": 1, "groups": ["a"], "resources": 2, "reason": "layer 1 of 1: needs nothing else that moves"}
    old = {
        "schema_version": 1,
        "plan_id": "p",
        "policy": {"max_resources_per_wave": 50},
        "groups": [group],
        "waves": [wave],
        "unplanned": [],
    }
    new = upgraded(old)
    current = shop().to_document()
    assert current.keys() - new.keys() == {"snapshot_id", "created_at", "content_hash"}, "the old one of this test lacks these"
    for section in ("groups", "waves"):
        assert current[section][0].keys() == new[section][0].keys()
    assert (new["groups"][0]["wave"], new["waves"][0]["starts_on"]) == (1, None)
    assert new["waves"][0]["reasons"] == [wave["reason"]]
    assert upgraded(current) == current


def test_a_policy_of_no_resources_is_refused() -> None:
    with pytest.raises(ValidationError):
        WavePolicy(max_resources_per_wave=0)
