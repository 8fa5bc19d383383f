"""One step carried out or taken back: intent before the act, the outcome after it, and a look at the world between."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cloudmigrate.domain.journal import NOTHING, Entry, Standing, StepState, idempotency_key
from cloudmigrate.domain.refusals import refused
from cloudmigrate.domain.steps import Reversal, Step, outputs_in, resolved
from cloudmigrate.errors.steps import StepError, StepRefusedError, StepUnclearError
from cloudmigrate.execution.halting import Halt
from cloudmigrate.execution.ports import Journal, Patience, Places, Unshared, World

Answer = TypeVar("Answer")
DEFECTS = (LookupError, TypeError, ValueError, AttributeError)  # what a parameter or an answer that is not as it should be leads to
RESTORE = "ask who could write to the ledger's database; undo by hand what the chain names, restore those lines, then go on"


def _defect(step: Step, error: BaseException) -> StepRefusedError:
    place = {"account_id": step.account_id, "region": step.region, "uid": step.uid}
    reason = f"its undo cannot be made up: {type(error).__name__}: {error}"
    return StepRefusedError(step.step_id, **place, reason=reason, next_action="take it back by hand, then roll back again; report this")


@dataclass(slots=True)
class _Tried:
    """Whether the act may have been done by a try that was not answered, of this process or of a dead one."""

    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class Carrier:
    """Carries out and takes back steps of one wave. Safe between threads as long as each step is in one of them."""

    plan_hash: str
    wave: int
    world: World
    journal: Journal
    patience: Patience = field(default_factory=Patience)
    halt: Halt = field(default_factory=Halt)
    places: Places = field(default_factory=Unshared)
    sleep: Callable[[float], object] | None = field(default=None, repr=False)  # None: as long as nobody halts the run

    def carry_out(self, step: Step) -> None:
        """The step is done when this returns, whoever did it. Raises StepError, by which a refused step is on record as failed.

        Where it is not known whether the act was done, its intent stays on record, and whoever comes next looks first: also where it
        was refused after a try that was not answered.
        """
        standing = self.journal.standings().get(step.step_id, NOTHING)
        if standing.state is StepState.DONE:
            return
        doubt = self._doubt(step.needs)
        params = {} if doubt else resolved(step, self._given())
        was_begun = standing.state is StepState.INTENT
        if not was_begun:
            self.journal.record(Entry(step.step_id, StepState.INTENT))
        key = self._key(step)
        tried = _Tried(is_doubtful=was_begun)
        try:
            if doubt:
                raise refused(step, doubt, RESTORE)
            outputs = self._done_once(step, params, key, tried)
        except StepRefusedError as error:
            if not tried.is_doubtful or step.reversal is Reversal.NOTHING:
                self.journal.record(Entry(step.step_id, StepState.FAILED, error=str(error)))
            raise
        self.journal.record(Entry(step.step_id, StepState.DONE, outputs))

    def take_back(self, step: Step) -> StepError | None:
        """The step is undone on record, or why it could not be, which is on record as well and stops nothing else."""
        standing = self.journal.standings().get(step.step_id, NOTHING)
        if standing.state in (None, StepState.UNDONE):
            return None
        if standing.state is not StepState.UNDOING:
            self.journal.record(Entry(step.step_id, StepState.UNDOING))
        try:
            if step.reversal is not Reversal.NOTHING:
                self._undo(step, standing)
        except DEFECTS as error:  # of a document or an act: the undos that come after it must not suffer for it
            return self._not_undone(step, _defect(step, error))
        except StepError as error:
            return self._not_undone(step, error)
        self.journal.record(Entry(step.step_id, StepState.UNDONE))
        return None

    def _not_undone(self, step: Step, error: StepError) -> StepError:
        self.journal.record(Entry(step.step_id, StepState.UNDO_FAILED, error=str(error)))
        return error

    def _doubt(self, step_ids: Iterable[str]) -> str:
        """Why what the journal says of one of these steps is not to be acted upon; empty if it is of all."""
        found = ((one, self.journal.doubt(one)) for one in step_ids)
        return next((f"the journal's lines of {one} were changed since they were written: {why}" for one, why in found if why), "")

    def _undo(self, step: Step, standing: Standing) -> None:
        doubt = self._doubt([step.step_id, *(one.step_id for one in outputs_in(step.params))])
        if doubt:
            raise refused(step, f"{doubt}; nothing was called", RESTORE)
        params = resolved(step, self._given())
        created: Mapping[str, Any] | None = standing.outputs
        if not created:
            try:
                key = self._key(step)
                created = self._seen(step, params, key, looks=self.patience.looks) or self.world.begun(step, params, key)
            except StepRefusedError:
                if standing.state is not StepState.FAILED:
                    raise
                created = None  # its act was refused, so nothing was done: what may not be looked at need not be
        if created is None:
            return  # it was begun and never done
        self._insisted(lambda: self.world.undo(step, params, created))

    def _done_once(self, step: Step, params: Mapping[str, Any], key: str, tried: "_Tried") -> Mapping[str, Any]:
        """What the step gives; acted only where the world does not show that it was done."""
        doubtful = tried.is_doubtful and not self.world.is_repeatable(step)
        seen = self._seen(step, params, key, looks=self.patience.looks if doubtful else 1)
        for number in range(1, self.patience.tries + 1):
            if seen is not None:
                return seen
            self.halt.check()
            try:
                return self.world.act(step, params, key)
            except StepUnclearError as error:
                if number == self.patience.tries:
                    raise
                self._pause(number)
                tried.is_doubtful |= error.was_sent
                doubtful = tried.is_doubtful and not self.world.is_repeatable(step)
                seen = self._seen(step, params, key, looks=self.patience.looks if doubtful else 1)
        raise AssertionError("a try either returns or raises")

    def _seen(self, step: Step, params: Mapping[str, Any], key: str, *, looks: int) -> Mapping[str, Any] | None:
        """What the world shows of the step, looked for *looks* times: what was created may show late."""
        for number in range(1, looks + 1):
            seen = self._insisted(lambda: self.world.look(step, params, key))
            if seen is not None or number == looks:
                return seen
            self.pause(self.patience.look_pause_s)
        return None

    def _insisted(self, ask: Callable[[], Answer]) -> Answer:
        """The answer to what may be asked again without harm."""
        for number in range(1, self.patience.tries):
            try:
                return ask()
            except StepUnclearError:
                self._pause(number)
        return ask()

    def _pause(self, number: int) -> None:
        self.pause(min(self.patience.longest_pause_s, self.patience.pause_s * 2 ** (number - 1)))

    def pause(self, seconds: float) -> None:
        """Nothing, after so long. Raises WaveHaltedError, at once, where the run is to end."""
        (self.sleep or self.halt.sleep)(seconds)

    def _key(self, step: Step) -> str:
        attempt = self.journal.standings().get(step.step_id, NOTHING).attempt
        return idempotency_key(self.plan_hash, self.wave, step.step_id, attempt)

    def _given(self) -> dict[str, Mapping[str, Any]]:
        """step -> what it gave and is still there, as far as is known."""
        return {step_id: one.outputs for step_id, one in self.journal.standings().items() if one.outputs or one.state is StepState.DONE}
