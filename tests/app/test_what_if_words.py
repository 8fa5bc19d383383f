"""How the answer of what-if reads: its sums first, its details bounded."""

from cloudmigrate.app.what_if_words import what_if_lines
from cloudmigrate.domain.what_if import Breach, Figures, Moved, Rule, WhatIf

MIB = 2**20
FULL = "the limit of 50 resources a wave"
MOVES = tuple(Moved(f"g{number}", f"web-{number}", 6, 4, 4, 4, 2) for number in range(24))
GOAL = Breach("the 9 servers that a pilot wave should hold", "goal, not a law: web-0 is more than it", goal=True)
BREACHES = (GOAL, *(Breach(FULL, f"web-{number} does not fit wave 4: {FULL}") for number in range(11)))


def answer(moves: tuple[Moved, ...] = MOVES, breaches: tuple[Breach, ...] = BREACHES) -> WhatIf:
    return WhatIf(
        plan_id="plan-a",
        moves=moves,
        before=Figures(526 * MIB, 79, 0.0463, 3.785),
        after=Figures(401 * MIB, 79, 0.049, 5.343),
        edges_newly_crossing=1,
        edges_no_longer_crossing=5,
        added_latency_ms=20.0,
        rules_to_open=(Rule("g1", "egress", 6, 443, "g2", "move_group"),),
        laws_broken=tuple(one.words for one in breaches),
        called={"g1": "web-1", "g2": "web-2"},
        breaches=breaches,
    )


def test_what_it_comes_to_stands_first() -> None:
    """24 groups of two resources; 125 MiB less a day; 0.0027 USD and 1.558 of score more."""
    lines = what_if_lines(answer())
    assert lines[: lines.index("")] == [
        "plan: plan-a",
        "moves: 24 groups, 48 resources to wave 4",
        "allowed: no, 11 laws broken",
        f"  law: {FULL} (11 times)",
        "  goal missed, in nobody's way: the 9 servers that a pilot wave should hold (1 time)",
        "data: 526 MiB -> 401 MiB a day across waves (-125 MiB)",
        "dependencies across waves: 79 -> 79 (unchanged)",
        "cost: 0.0463 -> 0.0490 USD a day for transfer (+0.0027)",
        "score: 3.785 -> 5.343, lower is better (+1.558)",
        "latency: 20 ms more a round trip on 1 dependency newly between sites, 5 dependencies no longer",
        "rules to open between sites: 1",
    ]


def test_details_are_the_first_ten_unless_all_are_asked_for() -> None:
    lines = what_if_lines(answer())
    moves = lines.index("each move:")
    assert lines[moves + 1] == "  web-0 from wave 6 to 4 (its needs leave it wave 4)"
    assert lines[moves + 11] == "  and 14 more: --json or --all"
    assert "  egress of web-1: TCP 443 to web-2" in lines
    assert lines[-1] == "  and 2 more: --json or --all", "eleven laws and a goal, the goal last"
    every = what_if_lines(answer(), everything=True)
    assert [one for one in every if "more: --json" in one] == []
    assert "  web-23 from wave 6 to 4 (its needs leave it wave 4)" in every
    assert every[-1] == "  goal, not a law: web-0 is more than it"


def test_what_is_allowed_may_miss_a_goal() -> None:
    found = answer(breaches=(GOAL,))
    assert "allowed: yes" in what_if_lines(found)
    assert found.document()["allowed"] is True
    assert found.document()["laws_broken"] == ("goal, not a law: web-0 is more than it",)
    assert answer().document()["allowed"] is False
