"""What the audit chain holds of one wave's steps, told apart from those of other waves and plans."""

from collections.abc import Callable
from datetime import datetime

from cloudmigrate.domain.journal import Entry, StepState
from cloudmigrate.ledger.ledger import Ledger


def test_events_are_those_of_the_waves_own_steps(ledger_url: str, clock: Callable[[], datetime]) -> None:
    """Plan 2 has a step of the same id, and the chain has events of other things in between."""
    with Ledger.open(ledger_url, clock=clock) as ledger:
        mine = ledger.take_wave("plan-1", 1, estate="acme", holder="olga@here/1")
        ledger.record_step(mine, Entry("g/01", StepState.INTENT))
        theirs = ledger.take_wave("plan-2", 1, estate="acme", holder="olga@here/1")
        ledger.record_step(theirs, Entry("g/01", StepState.INTENT))
        ledger.audit("olga", "step.confirmed", "g/01", {"plan_id": "plan-1", "wave": 2})
        ledger.record_step(mine, Entry("g/01", StepState.DONE, {"image_id": "ami-1"}))
        found = ledger.step_events("plan-1", 1)
        assert [(one.seq, one.action, one.subject) for one in found] == [(2, "step.intent", "g/01"), (6, "step.done", "g/01")]
        assert ledger.step_events("plan-3", 1) == ()
