"""What a plan retires, by named cases: with what hangs on it, after whom, and what is said of it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from cloudmigrate.domain.constraints import Constraints, Exclusion, Pin, Retirement
from cloudmigrate.domain.drafting import conflict_with, draft_plan, prepare
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.plan import content_hash, upgraded
from cloudmigrate.domain.plan_diff import Cause, diff_plans
from cloudmigrate.domain.plan_document import read_plan
from cloudmigrate.domain.plan_input import Exchange, PlanInput
from cloudmigrate.domain.resources import Relation
from cloudmigrate.domain.stored_plan import stored_plan
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.what_if import what_if
from tests.domain.graphs import ROLES, needs, part
from tests.domain.plans import NOW, SNAPSHOT

KINDS = {"vol": "AWS::EC2::Volume", "db": "AWS::RDS::DBInstance", "queue": "AWS::SQS::Queue"}
ONE_A_WAVE = WavePolicy(max_resources_per_wave=1, pilot_waves=0)


def items(*names: str, stays: str = "") -> list[PlanItem]:
    """A resource of each name, of the type that its letters tell; servers by default."""
    return [
        PlanItem(name, KINDS.get(name.rstrip("0123456789"), "AWS::EC2::Instance"), name not in stays.split(), "network") for name in names
    ]


def estate(names: str, *relations: Relation, retired: str, stays: str = "", **told: Any) -> PlanInput:
    constraints = Constraints(
        pins=told.pop("pins", ()),
        excluded=told.pop("excluded", ()),
        retired=tuple(Retirement(uid, "not used", "bob") for uid in retired.split()),
    )
    return PlanInput(items(*names.split(), stays=stays), relations, ROLES, constraints=constraints, **told)


def planned(found: PlanInput, policy: WavePolicy = ONE_A_WAVE) -> dict[str, Any]:
    return draft_plan(found, policy, snapshot_id=SNAPSHOT, created_at=NOW).to_document()


def group(document: dict[str, Any], uid: str) -> dict[str, Any]:
    return next(one for one in document["groups"] if uid in one["members"])


def waves(document: dict[str, Any]) -> dict[str, int]:
    return {uid: one["wave"] for one in document["groups"] for uid in one["members"]}


def test_one_that_reaches_itself_through_what_stays_waits_for_nobody() -> None:
    """old needs db, a part of box, which stays and needs old: nobody moves, so old is retired alone, and box is told to break."""
    found = estate("old box db", needs("old", "db"), part("db", "box"), needs("box", "old"), retired="old", stays="box db")
    document = planned(found)
    old = group(document, "old")
    assert (old["members"], old["retires"], old["cyclic"], old["needs"], old["wave"]) == (["old"], True, False, [], 1)
    [retired] = document["constraints"]["retired"]
    assert retired["breaks"] == ["box"]


def test_it_waits_for_its_clients_and_not_for_what_it_needs() -> None:
    """web needs old, old needs db: left alone db would be first and old between; retired, old is after web, and db is free."""
    document = planned(estate("web old db", needs("web", "old"), needs("old", "db"), retired="old"))
    old, web, db = (group(document, uid) for uid in ("old", "web", "db"))
    assert (old["retires"], web["retires"]) == (True, False)
    assert (old["needs"], web["needs"], db["needs"]) == ([web["id"]], [], [])
    assert old["wave"] > web["wave"]
    assert (old["servers"], old["effort_hours"]) == (1, 1.0), "a quarter of the four hours of a server"
    assert document["constraints"]["retired"] == [{"uid": "old", "reason": "not used", "by": "bob", "breaks": []}]
    assert document["constraints"]["excluded"] == document["unplanned"] == []
    assert old["reasons"][:2] == [
        "retired by this wave, not moved, as decided by bob: not used",
        f"1 move group depends on it; it waits until the last is away: web, in wave {web['wave']}",
    ]
    [wave] = [one for one in document["waves"] if one["wave"] == old["wave"]]
    assert "retired, not moved: old" in wave["reasons"]


def test_in_one_wave_it_is_behind_its_client() -> None:
    document = planned(estate("web old", needs("web", "old"), retired="old"), WavePolicy())
    assert waves(document) == {"web": 1, "old": 1}
    assert document["waves"][0]["groups"] == [group(document, "web")["id"], group(document, "old")["id"]]
    assert "web, in the same wave, before it" in group(document, "old")["reasons"][1]


def test_a_circle_with_what_moves_is_none() -> None:
    document = planned(estate("web old", needs("web", "old"), needs("old", "web"), retired="old"))
    assert waves(document) == {"web": 1, "old": 2}
    assert not any(one["cyclic"] for one in document["groups"])


def test_what_is_retired_together_goes_from_the_client_down() -> None:
    """a needs b needs c, all retired: a stops first."""
    document = planned(estate("a b c", needs("a", "b"), needs("b", "c"), retired="a b c"))
    assert waves(document) == {"a": 1, "b": 2, "c": 3}


def test_what_is_retired_in_a_circle_is_one_group_and_its_circle_is_told_as_it_is() -> None:
    document = planned(estate("a b c", needs("a", "b"), needs("b", "c"), needs("c", "a"), retired="a b c"))
    [only] = document["groups"]
    assert (only["retires"], only["cyclic"], only["cycle"]) == (True, True, ["a", "b", "c"])


def test_it_waits_for_who_reaches_it_through_what_stays() -> None:
    """web needs lb, which stays and needs old: web is away first, and lb will miss it."""
    found = estate("web lb old other", needs("web", "lb"), needs("lb", "old"), needs("lb", "other"), retired="old", stays="lb")
    document = planned(found)
    assert group(document, "old")["needs"] == [group(document, "web")["id"]]
    assert group(document, "web")["needs_unplanned"] == ["lb"]
    assert document["constraints"]["retired"][0]["breaks"] == ["lb"]
    assert [one for one in document["notes"] if "retired" in one] == [
        "old is retired, as bob decided, and lb, which stays, needs it: move or retire that as well, or take the decision back."
    ]
    assert waves(document)["other"] < waves(document)["web"], "what lb needs is still needed by web"


def test_a_client_that_a_person_holds_back_is_shown() -> None:
    found = estate("web old", needs("web", "old"), retired="old", excluded=(Exclusion("web", "audit", "ann", Strategy.RETAIN),))
    document = planned(found)
    assert waves(document) == {"old": 1}
    assert document["constraints"]["retired"][0]["breaks"] == ["web"]


def test_a_server_goes_with_its_volumes() -> None:
    document = planned(
        estate("old vol1 vol2 web", part("old", "vol1"), part("old", "vol2"), needs("web", "vol1"), retired="old"), WavePolicy()
    )
    old = group(document, "old")
    assert (old["members"], old["retires"]) == (["old", "vol1", "vol2"], True)
    assert old["effort_hours"] == 1.25, "a quarter of 4, 0.5 and 0.5 hours"
    assert old["needs"] == [group(document, "web")["id"]]


@pytest.mark.parametrize(
    ("found", "reasons"),
    [
        pytest.param(
            estate("queue", retired="queue"),
            {"queue": "retire, decided by bob: not used (no wave retires an AWS::SQS::Queue)"},
            id="a type without an itinerary",
        ),
        pytest.param(
            estate("a b", part("a", "b"), retired="a"),
            {
                "a": "retire, decided by bob: not used (of one piece with b, of which nobody decided so)",
                "b": "of one piece with a, for which bob decided on retire",
            },
            id="another server of its piece",
        ),
        pytest.param(
            estate("a vol", part("a", "vol"), retired="vol"),
            {
                "vol": "retire, decided by bob: not used (of one piece with a, of which nobody decided so)",
                "a": "of one piece with vol, for which bob decided on retire",
            },
            id="a volume of a server that moves",
        ),
        pytest.param(
            estate("a queue", part("a", "queue"), retired="a queue"),
            {
                "a": "retire, decided by bob: not used (of one piece with queue, and no wave retires an AWS::SQS::Queue)",
                "queue": "retire, decided by bob: not used (no wave retires an AWS::SQS::Queue)",
            },
            id="a piece that nothing retires whole",
        ),
        pytest.param(
            estate("a vol", part("a", "vol"), retired="a", excluded=(Exclusion("vol", "evidence", "ann", Strategy.RETAIN),)),
            {
                "a": "of one piece with vol, for which ann decided on retain",
                "vol": "retain, decided by ann: evidence",
            },
            id="a volume that is retained",
        ),
    ],
)
def test_what_no_wave_retires_stays_with_the_reason(found: PlanInput, reasons: dict[str, str]) -> None:
    document = planned(found)
    assert {one["uid"]: one["reason"] for one in document["unplanned"]} == reasons
    assert document["groups"] == document["constraints"]["retired"] == []
    assert {one["uid"] for one in document["constraints"]["excluded"]} >= {one.uid for one in found.constraints.retired}


def test_a_shared_service_that_is_retired_waits_for_all_that_use_it() -> None:
    """Held out it would go first and group nothing; that held for moving it."""
    document = planned(estate("a b dns", needs("a", "dns"), needs("b", "dns"), retired="dns", shared={"dns": "dns"}))
    assert waves(document)["dns"] == 3
    assert document["held_out"] == []
    assert group(document, "dns")["shared_service"] is None
    watched = planned(estate("a monitor", needs("monitor", "a"), retired="a", shared={"monitor": "monitoring"}))
    assert waves(watched) == {"monitor": 1, "a": 2}, "a client that is a shared service is a client"


def test_a_pin_before_its_clients_is_refused_and_a_later_one_obeyed() -> None:
    found = estate("web old", needs("web", "old"), retired="old", pins=(Pin("old", 1, "", "ann"), Pin("web", 2, "", "ann")))
    prepared = prepare(found, WavePolicy())
    assert conflict_with(prepared, {"web"}) == (
        "old is pinned to wave 1 by ann",
        "web is pinned to wave 2 by ann",
        "old is retired and waits for web, which must move no later than it: old -> web",
    )
    later = replace(found, constraints=replace(found.constraints, pins=(Pin("old", 4, "", "ann"),)))
    assert waves(planned(later))["old"] == 4


def test_traffic_runs_between_sites_until_it_is_gone_and_not_after() -> None:
    """old calls db in wave 1 and late in wave 3, and is retired in wave 2: db is called from afar until then, late never is."""
    found = estate(
        "old db late",
        retired="old",
        exchanges=[Exchange("old", "db", 6, 5432, 700.0), Exchange("old", "late", 6, 443, 50.0)],
        pins=(Pin("db", 1, "", "ann"), Pin("old", 2, "", "ann"), Pin("late", 3, "", "ann")),
    )
    document = planned(found)
    assert [(one["source_wave"], one["target_wave"], one["bytes_per_day"]) for one in document["crossings"]] == [(2, 1, 700)]
    assert document["score"]["cross_wave_bytes_per_day"] == 700
    assert document["score"]["traffic"] == round(700 / 750, 6)
    stored = stored_plan(document)
    moved = what_if(stored, {stored.group_of["old"]: 4}, found.exchanges, ())
    assert (moved.before.cross_wave_bytes_per_day, moved.after.cross_wave_bytes_per_day) == (700, 750)


def test_a_stored_plan_of_before_reads_and_retires_nothing() -> None:
    document = planned(estate("web old", needs("web", "old"), retired=""))
    for one in document["groups"]:
        del one["retires"]
    del document["constraints"]["retired"]
    digest = content_hash(document)
    document |= {"content_hash": digest, "plan_id": f"plan-20261122T211500Z-{digest[:8]}"}
    read = read_plan(json.dumps(document).encode())
    assert read == document
    assert [one["retires"] for one in upgraded(read)["groups"]] == [False, False]
    assert [one.retires for one in stored_plan(read).problem.facts] == [False, False]


def test_a_diff_names_the_retirement_as_the_cause() -> None:
    edges = frozenset({("web", "old")})
    before, after = (planned(estate("web old", needs("web", "old"), retired=one)) for one in ("", "old"))
    told = {
        (one.uid, one.from_wave, one.to_wave, one.cause, one.detail)
        for one in diff_plans(before, after, edges_before=edges, edges_after=edges)
    }
    assert told == {
        ("old", 1, 2, Cause.RETIREMENT, "old: retired by its wave: not used"),
        ("web", 2, 1, Cause.KNOCK_ON, "follows old, which it needs: wave 1 -> wave 2"),
    }
    back = diff_plans(after, before, edges_before=edges, edges_after=edges)
    assert ("old", Cause.RETIREMENT, "old: no wave retires it any more") in {(one.uid, one.cause, one.detail) for one in back}
