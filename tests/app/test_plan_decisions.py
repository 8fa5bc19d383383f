"""Pins that a person asks for, checked before they are recorded."""

import pytest

from cloudmigrate.app.plan_decisions import check_pins
from cloudmigrate.domain.constraints import Constraints, Pin
from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.drafting import Prepared, prepare
from cloudmigrate.domain.plan_input import PlanInput
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.errors import UsageError
from tests.domain.graphs import ROLES, item, needs
from tests.domain.plans import NOW


def asking(wave: int) -> tuple[Prepared, list[Decision]]:
    """Two that move in a wave each; a, which needs b, is to move in that wave."""
    constraints = Constraints(pins=(Pin("a", wave, "", "ann", NOW),))
    found = PlanInput([item("a"), item("b")], [needs("a", "b")], ROLES, constraints=constraints)
    prepared = prepare(found, WavePolicy(max_resources_per_wave=1, pilot_waves=0))
    return prepared, [Decision(DecisionKind.PIN, "a", str(wave), "", "ann", NOW)]


def test_a_pin_lies_at_most_fifty_waves_behind_the_plan() -> None:
    check_pins(*asking(52))


def test_a_pin_far_behind_the_plan_is_refused() -> None:
    """The pin itself makes the plan no longer: without it there are two waves."""
    with pytest.raises(UsageError) as error:
        check_pins(*asking(53))
    assert str(error.value) == "--pin a=53: the plan has 2 waves. Next: give a wave up to 52."
