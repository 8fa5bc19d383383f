"""What stands where: examples on a scale of their own, dossiers, the matrix of risks, drawings made of numbers alone."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from reports.readiness import drawings
from reports.readiness.cost_page import Change, cost_page, dearer_sentence
from reports.readiness.cost_view import Amount, ResourceCost
from reports.readiness.strategy_page import confidence_bars, risk_matrix, strategy_bars
from reports.readiness.text import clipped
from reports.readiness.use_page import pattern_bars, use_page
from reports.readiness.workload_page import dossiers, ends
from tests.reports.sample_use import full_report
from tests.reports.sample_views import sample_view


def test_what_cannot_be_told_comes_last_among_the_patterns() -> None:
    rows = full_report(200).patterns or ()
    labels = [bar.label for bar in pattern_bars(rows)]
    assert labels[-1] == "insufficient data"
    amounts = [int(bar.values[0]) for bar in pattern_bars(rows)[:-1]]
    assert amounts == sorted(amounts, reverse=True)


def test_each_pattern_has_at_most_one_example_with_its_scale() -> None:
    examples = use_page(full_report(200)).examples
    assert len({one.row.pattern for one in examples}) == len(examples)
    idle = next(one for one in examples if one.row.pattern == "idle")
    assert idle.top == "10\u202f%"  # its peak is under 10 %


def test_a_line_is_broken_where_there_is_no_point() -> None:
    path = re.search(r'class="series" d="([^"]*)"', drawings.line((1.0, None, 3.0, 4.0), 4.0))
    assert path is not None
    assert path.group(1).count("M") == 2


def test_a_step_runs_from_the_lower_to_the_higher_amount() -> None:
    assert 'x="25%" width="50%"' in drawings.step(75, 25, 100, "step-less")
    assert drawings.step(75, 25, 100, "step-less") == drawings.step(25, 75, 100, "step-less")


def test_a_range_is_drawn_only_where_there_is_one() -> None:
    assert "reach" not in drawings.ranges([("bar-part", 5, 5, 5)], 10)
    assert 'x1="40%" x2="60%"' in drawings.ranges([("bar-part", 5, 4, 6)], 10)


def test_every_recommendation_falls_into_one_fifth() -> None:
    view = full_report(200)
    assert view.strategies is not None
    rows = view.strategies.resources
    whole = (*rows, replace(rows[0], confidence=1.0), replace(rows[0], confidence=0.0))
    assert sum(int(bar.values[0]) for bar in confidence_bars(whole)) == len(whole)
    assert sum(int(bar.values[0]) for bar in strategy_bars(rows)) == len(rows)


def test_what_will_cost_more_is_said_and_is_no_saving() -> None:
    """From 100 to 150.50 and from 20 to 30: 60.50 more."""
    money = cost_page(full_report(200))
    assert money is not None
    assert {one.row.uid for one in money.savings}.isdisjoint({one.row.uid for one in money.dearer})
    sums = [("a", "100", "150.50"), ("b", "20", "30")]
    found = tuple(
        Change(ResourceCost(uid, None, ()), "rehost", Amount(Decimal(now)), Amount(Decimal(then)), True) for uid, now, then in sums
    )
    told = dearer_sentence(replace(money, dearer=found))
    assert told.startswith("2 resources will cost 60.50 USD a month more than now")
    assert dearer_sentence(replace(money, dearer=())) == ""


def test_the_matrix_holds_every_scored_resource_once() -> None:
    view = full_report(200)
    found = risk_matrix(view)
    assert found is not None
    assert sum(cell.resources for _, cells in found.rows for cell in cells) == len(view.risks or ())
    assert risk_matrix(sample_view(5)) is None


def test_a_dossier_says_what_a_workload_is_and_hangs_on() -> None:
    view = full_report(260)
    found = dossiers(view, cost_page(view), at_most=3, members=4)
    assert len(found) == 3
    one = found[0]
    assert one.about.startswith(f"{one.row.resources} resources, in waves ")
    assert one.needs.startswith("Needs: ")
    assert one.use.startswith("Patterns of use: ")
    assert one.cost.startswith("Costs ")
    assert len(one.members) == 4
    assert one.more == one.row.resources - 4
    assert all("On " in text or "Nothing" in text for _, text in one.sizes)


def test_the_dossiers_of_an_older_lake_leave_out_what_it_does_not_know() -> None:
    view = replace(full_report(100), patterns=None, sizes=None, costs=None, strategies=None, risks=None, risk_factors=())
    one = dossiers(view, cost_page(view))[0]
    assert (one.use, one.cost, one.strategy, one.sizes, one.risks) == ("", "", None, (), ())
    assert {(member.pattern, member.cost) for member in one.members} == {("–", "–")}


@pytest.mark.parametrize(
    ("tally", "expected"),
    [
        pytest.param({}, "Needs: nothing known.", id="nothing"),
        pytest.param({"b": 1, "a": 1, "c": 3}, "Needs: c (3), a (1) and b (1).", id="most-first"),
    ],
)
def test_ends(tally: dict[str, int], expected: str) -> None:
    assert ends("Needs", tally) == expected


def test_a_sentence_loses_its_end_not_its_middle() -> None:
    assert clipped("one two three", 8) == "one two…"
    assert clipped("short", 8) == "short"
