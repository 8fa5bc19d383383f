"""Goals and the words for them, on estates of a few groups worked out by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cloudmigrate.domain.constraints import Constraints, Exclusion, Pin
from cloudmigrate.domain.drafting import draft_plan
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.plan_input import Evidence, Exchange, PlanInput
from cloudmigrate.domain.resources import Relation
from cloudmigrate.domain.wave_policy import FreezeWindow, WavePolicy
from cloudmigrate.domain.wave_words import counted, listed, size_words
from tests.domain.graphs import ROLES, needs, part
from tests.domain.plans import NOW, SNAPSHOT

GB = 10**9
KNOWN = Evidence(traffic=True, risks=True, workloads=True)


def server(uid: str, environment: str | None = "prod", risk: str = "low") -> PlanItem:
    return PlanItem(uid, "AWS::EC2::Instance", moves=True, environment=environment, risk_level=risk)


def plan(
    items: Sequence[PlanItem],
    policy: WavePolicy,
    relations: Sequence[Relation] = (),
    exchanges: Sequence[Exchange] = (),
    pins: Sequence[Pin] = (),
    shared: dict[str, str] | None = None,
) -> dict[str, Any]:
    found = PlanInput(items, relations, ROLES, exchanges, shared=shared or {}, constraints=Constraints(pins=tuple(pins)), evidence=KNOWN)
    return draft_plan(found, policy, snapshot_id=SNAPSHOT, created_at=NOW).to_document()


def waves(document: dict[str, Any]) -> dict[str, int]:
    return {uid: group["wave"] for group in document["groups"] for uid in group["members"]}


def reasons(document: dict[str, Any], uid: str) -> list[str]:
    return next(group["reasons"] for group in document["groups"] if uid in group["members"])


def test_development_comes_before_production() -> None:
    found = plan([server("a"), server("b", "dev"), server("c", "test")], WavePolicy(max_resources_per_wave=1))
    assert waves(found) == {"b": 1, "c": 2, "a": 3}


def test_development_goes_before_production_that_a_pin_would_have_first() -> None:
    """p, which d in wave 3 needs, is placed before x is looked at; nothing but their environments speaks for the exchange of both."""
    items = [server("p"), server("x", "dev"), server("d", "dev")]
    found = plan(items, WavePolicy(max_resources_per_wave=1, pilot_waves=0), [needs("d", "p")], pins=[Pin("d", 3, "", "ann")])
    assert waves(found) == {"x": 1, "p": 2, "d": 3}


def test_high_risk_is_kept_out_of_pilot_waves_while_something_else_can_move() -> None:
    """Both would fit wave 1."""
    found = plan([server("a", risk="critical"), server("b")], WavePolicy(pilot_waves=1))
    assert waves(found) == {"b": 1, "a": 2}
    assert "critical risk: kept out of the 1 pilot wave" in reasons(found, "a")


def test_where_all_is_risky_something_has_to_be_first() -> None:
    found = plan([server("a", risk="high"), server("b", risk="high")], WavePolicy(pilot_waves=1))
    assert waves(found) == {"a": 1, "b": 1}
    assert any("high risk, and yet in a pilot wave" in one for one in reasons(found, "a"))


def test_pilot_waves_are_small() -> None:
    found = plan([server(f"s{number}", "dev") for number in range(6)], WavePolicy(pilot_waves=2, pilot_max_servers=2))
    assert [wave["servers"] for wave in found["waves"]] == [2, 2, 2]
    assert [wave["pilot"] for wave in found["waves"]] == [True, True, False]
    assert "wave 1 has no room for it: the 2 servers that a pilot wave should hold" in reasons(found, "s2")


def test_a_group_too_large_for_a_pilot_goes_when_nothing_smaller_can() -> None:
    found = plan([server("a"), server("b"), server("c")], WavePolicy(pilot_max_servers=2), [part("a", "b"), part("b", "c")])
    assert waves(found) == {"a": 1, "b": 1, "c": 1}
    assert reasons(found, "a")[0] == "its 3 servers are more than the 2 that a pilot wave should hold; nothing smaller could move"


def test_a_leaf_waits_for_the_first_that_needs_it() -> None:
    """db would fit wave 1, but web, which it talks with, is pinned to wave 2, where x goes too."""
    found = plan(
        [server("db"), server("web"), server("x"), server("y")],
        WavePolicy(pilot_waves=0),
        [needs("web", "db")],
        [Exchange("web", "db", 6, 5432, 3.0 * GB)],
        [Pin("web", 2, "", "ann"), Pin("x", 2, "", "ann"), Pin("y", 1, "", "ann")],
    )
    assert waves(found) == {"y": 1, "db": 2, "web": 2, "x": 2}
    assert "waits for wave 2, so that the 2.79 GiB a day that it exchanges with web do not run between sites" in reasons(found, "db")
    assert "needs 1 move group: db moves in the same wave, before it" in reasons(found, "web")


def test_a_freeze_of_production_moves_development_first_and_says_so() -> None:
    window = FreezeWindow(from_on=date(2027, 1, 1), to_on=date(2027, 1, 10), reason="close", environments=("prod",))
    found = plan([server("a"), server("b", "dev")], WavePolicy(first_wave_on=date(2027, 1, 2), freeze_windows=(window,)))
    assert waves(found) == {"b": 1, "a": 2}
    assert "wave 1 has no room for it: a freeze window of its environment" in reasons(found, "a")


def frozen_production() -> WavePolicy:
    window = FreezeWindow(from_on=date(2027, 1, 1), to_on=date(2027, 1, 10), reason="close", environments=("prod",))
    return WavePolicy(first_wave_on=date(2027, 1, 2), freeze_windows=(window,))


def test_an_environment_known_by_the_workload_keeps_out_of_a_freeze_and_says_whose_it_is() -> None:
    inherited = replace(server("a"), environment_by="by 2 of 2 tagged resources of its workload shop")
    found = plan([inherited, server("b", "dev")], frozen_production())
    assert waves(found) == {"b": 1, "a": 2}
    assert "environment: production, by 2 of 2 tagged resources of its workload shop" in reasons(found, "a")
    assert found["notes"] == []


def test_what_has_no_environment_and_moves_in_a_freeze_is_a_warning() -> None:
    found = plan([server("a", None), server("b", "dev")], frozen_production())
    assert waves(found) == {"a": 1, "b": 1}
    told = "moves while prod is frozen from 2027-01-01 to 2027-01-10 (close), as nothing says that it belongs there"
    assert told in reasons(found, "a")
    warning = "a moves while some environments are frozen: neither tags nor a workload say which environment that is. "
    assert found["notes"] == [warning + "Tag what belongs to a frozen one, or pin it to another wave."]


def test_tags_of_a_member_go_before_what_a_workload_says() -> None:
    """Both are of production: one says so itself."""
    inherited = replace(server("a"), environment_by="by 1 of 1 tagged resource of its workload shop")
    found = plan([inherited, server("b")], WavePolicy(), [part("a", "b")])
    assert "environment: production" in reasons(found, "a")


def test_a_shared_service_is_first_and_ties_nothing_together() -> None:
    """Needs in a circle through the name server would make one group of all."""
    items = [server("a", "dev"), server("b", "dev"), server("dns")]
    found = plan(
        items, WavePolicy(max_resources_per_wave=1), [needs("dns", "a")], [Exchange("a", "dns", 17, 53, 1.0)], shared={"dns": "dns"}
    )
    assert waves(found) == {"dns": 1, "a": 2, "b": 3}
    assert not any(group["cyclic"] for group in found["groups"])
    assert reasons(found, "dns")[0] == "shared service (dns): held out of grouping and order, moved as early as limits allow"
    assert found["held_out"] == [{"uid": "dns", "service": "dns", "edges": 1, "bytes_per_day": 1}]


def test_who_uses_a_shared_service_that_stays_will_reach_back_to_it() -> None:
    """a was seen to ask the excluded name server, b states that it does, c has nothing to do with it; its volume is not asked."""
    found = PlanInput(
        [server(uid) for uid in ("a", "b", "c", "dns", "v")],
        [needs("b", "dns"), needs("dns", "c"), part("dns", "v")],
        ROLES,
        [Exchange("a", "dns", 17, 53, 1.0)],
        shared={"dns": "dns"},
        constraints=Constraints(excluded=(Exclusion("dns", "stays", "ann"),)),
        evidence=KNOWN,
    )
    document = draft_plan(found, WavePolicy(), snapshot_id=SNAPSHOT, created_at=NOW).to_document()
    [excluded] = document["constraints"]["excluded"]
    assert excluded["breaks"] == sorted(one["id"] for one in document["groups"] if one["members"] in (["a"], ["b"]))


def test_a_wave_left_empty_says_why() -> None:
    found = plan([server("a")], WavePolicy(), pins=[Pin("a", 3, "", "ann")])
    assert [wave["resources"] for wave in found["waves"]] == [0, 0, 1]
    assert found["waves"][0]["reason"] == "empty: nothing that is ready may move in it, and what is pinned to later waves keeps its number"


def test_a_wave_for_one_large_group_says_so() -> None:
    found = plan([server("a"), server("b"), server("c", "dev")], WavePolicy(max_resources_per_wave=1), [needs("a", "b"), needs("b", "a")])
    [large] = [wave for wave in found["waves"] if wave["resources"] == 2]
    assert "one group alone: its 2 resources exceed the limit of 1 a wave; a cut is proposed" in large["reasons"]
    assert len(large["groups"]) == 1


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (counted(1, "server"), "1 server"),
        (counted(0, "server"), "0 servers"),
        (listed(["a"]), "a"),
        (listed(["a", "b"]), "a and b"),
        (listed("abcde"), "a, b, c and 2 more"),
        (size_words(999), "999 B a day"),
        (size_words(1_234_567), "1.18 MiB a day"),
    ],
)
def test_words(told: str, expected: str) -> None:
    assert told == expected
