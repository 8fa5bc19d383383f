"""What a wave asks of people, and what they said: by the ledger and the estate file as they are when it is asked. No Prefect."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.approving import gate_of, request_approval, was_approved
from cloudmigrate.domain.approvals import ApprovalError, ApprovalRequest
from cloudmigrate.domain.confirmations import confirmed
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.gates import GateStanding, GateState
from cloudmigrate.domain.journal import Standing, startable
from cloudmigrate.domain.steps import WAVE_GATES, Gate, Step
from cloudmigrate.errors import UsageError
from cloudmigrate.settings import acting_user
from cloudmigrate.workspace import utc_now
from tasks.wave_preparing import PreparedWave

ASK_AGAIN_S = 3.0  # how old the answer of the ledger and the estate file may be on whether a gate is open


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a wave waits for, from people."""

    requests: tuple[tuple[ApprovalRequest, GateStanding], ...] = ()
    by_hand: tuple[Step, ...] = ()  # steps that a person does and confirms
    changes: tuple[str, ...] = ()  # what differs from the steps that the wave began with, of what is asked for


def ask(prepared: PreparedWave, preflight_hash: str, gates: Collection[Gate], *, estate: Estate, by: str = "") -> Waiting:
    """What is asked of people before these gates; asked for once, however often this is called."""
    what, ledger, now = prepared.undertaking(preflight_hash), prepared.workspace.ledger, utc_now()
    asked = []
    for gate in (one for one in WAVE_GATES if one in gates):
        try:
            request = request_approval(estate, ledger, what, gate, requested_by=by or acting_user(), now=now)
        except ApprovalError as error:  # a name of who asks that cannot be signed
            raise UsageError(f"gate {gate.value} cannot be asked for: {error}. Next: set CLOUDMIGRATE_USER to a plain name.") from None
        asked.append((request, gate_of(estate, ledger, what, gate, now)))
    return Waiting(tuple(asked), changes=tuple(prepared.changes) if Gate.EXECUTION in gates else ())


def is_open(prepared: PreparedWave, preflight_hash: str, gate: Gate, *, estate: Estate) -> bool:
    """Whether people have let this wave pass the gate, with exactly these steps and this preflight."""
    standing = gate_of(estate, prepared.workspace.ledger, prepared.undertaking(preflight_hash), gate, utc_now())
    return standing.state is GateState.OPEN


def was_let(prepared: PreparedWave, preflight_hash: str, estate: Estate) -> bool:
    """Whether a proven approval binds the very steps that stand in the ledger: most of them stand behind no gate of their own.

    Who can write the ledger's database can put other steps there, and their hash; a signature over them nobody can.
    """
    what, ledger = prepared.undertaking(preflight_hash), prepared.workspace.ledger
    return was_approved(estate, ledger, what, Gate.EXECUTION)


@dataclass
class People:
    """What people said, by the ledger and the estate file as they are now; asked again after a moment, not for each step."""

    prepared: PreparedWave
    preflight_hash: str
    reopen: Callable[[], Estate]
    clock: Callable[[], float] = time.monotonic
    _asked: dict[object, tuple[float, Any]] = field(default_factory=dict)

    def is_open(self, gate: Gate) -> bool:
        """Whether that gate of the wave is open."""
        return bool(self._fresh(gate, lambda: is_open(self.prepared, self.preflight_hash, gate, estate=self.reopen())))

    def is_confirmed(self, step: Step) -> bool:
        """Whether a person said that this step by hand is done."""
        return step.step_id in self._fresh("confirmed", self._confirmed)

    def _confirmed(self) -> Collection[str]:
        plan, ledger = self.prepared.plan, self.prepared.workspace.ledger
        said = ledger.confirmations(plan.plan_id, self.prepared.wave)
        return set(confirmed(said, self.prepared.steps, self.reopen().people, plan_hash=plan.content_hash)) if said else set()

    def _fresh(self, question: object, answer: Callable[[], Any]) -> Any:
        asked_at, known = self._asked.get(question, (-ASK_AGAIN_S, None))
        now = self.clock()
        if now - asked_at >= ASK_AGAIN_S:
            known = answer()
            self._asked[question] = (now, known)
        return known


def to_confirm(steps: Sequence[Step], known: Mapping[str, Standing], people: People) -> tuple[Step, ...]:
    """The steps by hand that could be done now, and that nobody said are."""
    return tuple(one for one in startable(steps, known) if one.gate is Gate.BY_HAND and not people.is_confirmed(one))
