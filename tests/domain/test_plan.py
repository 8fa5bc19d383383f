"""The plan document: what it says, and that nobody can change it unseen."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.plan import Plan, WavePolicy, content_hash, draft_plan, verify_document
from cloudmigrate.domain.resources import Relation
from cloudmigrate.lake import datasets
from tests.domain.graphs import ROLES, estates, item, needs, part, setting

SNAPSHOT = "20261122T203000Z-3f9a1c"
NOW = datetime(2026, 11, 22, 21, 15, 30, 123456, tzinfo=UTC)


def shop(created_at: datetime = NOW, snapshot_id: str = SNAPSHOT, limit: int | None = 50) -> Plan:
    items = [item("web"), item("db"), item("vol"), item("net", moves=False, why_not="prepared in the target")]
    relations = [needs("web", "db"), part("db", "vol"), setting("web", "net")]
    policy = WavePolicy(max_resources_per_wave=limit)
    return draft_plan(items, relations, ROLES, policy=policy, snapshot_id=snapshot_id, created_at=created_at)


def test_a_plan_as_a_document() -> None:
    document = shop().to_document()
    db, web = (group["id"] for group in document["groups"])
    digest = document["content_hash"]
    assert (db[:3], web[:4]) == ("db-", "web-")
    assert document == {
        "schema_version": 1,
        "plan_id": f"plan-20261122T211530Z-{digest[:8]}",
        "snapshot_id": SNAPSHOT,
        "created_at": "2026-11-22T21:15:30.123456Z",
        "content_hash": digest,
        "policy": {"max_resources_per_wave": 50},
        "groups": [
            {
                "id": db,
                "members": ["db", "vol"],
                "layer": 1,
                "cyclic": False,
                "cycle": [],
                "needs": [],
                "needed_by": [web],
                "needs_unplanned": [],
            },
            {
                "id": web,
                "members": ["web"],
                "layer": 2,
                "cyclic": False,
                "cycle": [],
                "needs": [db],
                "needed_by": [],
                "needs_unplanned": [],
            },
        ],
        "waves": [
            {"wave": 1, "layer": 1, "groups": [db], "resources": 2, "reason": "layer 1 of 2: needs nothing else that moves"},
            {"wave": 2, "layer": 2, "groups": [web], "resources": 1, "reason": "layer 2 of 2: needs only what moves by wave 1"},
        ],
        "unplanned": [{"uid": "net", "reason": "prepared in the target", "group": None, "needs": [], "needs_unplanned": []}],
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
    plan = draft_plan(*estate, ROLES, policy=WavePolicy(), snapshot_id=SNAPSHOT, created_at=NOW)
    document = json.loads(json.dumps(plan.to_document()))
    assert document == plan.to_document()
    assert verify_document(document)


def test_hostile_names_stay_text() -> None:
    uid = "arn:aws:route53:::hostedzone/Z1/\u202e<script>\ud800\"'../A"
    plan = draft_plan([item(uid)], [], ROLES, policy=WavePolicy(), snapshot_id=SNAPSHOT, created_at=NOW)
    assert verify_document(json.loads(json.dumps(plan.to_document())))
    assert plan.to_document()["groups"][0]["members"] == [uid]


def test_rows_for_the_lake() -> None:
    plan = shop()
    db, web = (group.id for group in plan.groups)
    assert list(plan.wave_rows()) == [
        {"plan_id": plan.plan_id, "uid": "db", "move_group": db, "wave": 1},
        {"plan_id": plan.plan_id, "uid": "vol", "move_group": db, "wave": 1},
        {"plan_id": plan.plan_id, "uid": "web", "move_group": web, "wave": 2},
    ]
    assert list(plan.unplanned_rows()) == [{"plan_id": plan.plan_id, "uid": "net", "reason": "prepared in the target"}]
    assert list(next(plan.wave_rows())) == datasets.WAVES.schema.names
    assert list(next(plan.unplanned_rows())) == datasets.UNPLANNED.schema.names


def test_a_policy_of_no_resources_is_refused() -> None:
    with pytest.raises(ValidationError):
        WavePolicy(max_resources_per_wave=0)
