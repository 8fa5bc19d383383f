"""The cloud as a world of steps: acts done, looked for, awaited and undone by calls to it."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from cloudmigrate.aws.calling import NOTHING, AbsentError, CallMade, Calls, nobody, read
from cloudmigrate.aws.copying import CopyError, as_write, copied
from cloudmigrate.aws.download import allowed, shown_host
from cloudmigrate.aws.hiding import hidden_of
from cloudmigrate.aws.sending import Leave, always
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.acts.record import Act, Await, Call, Rest, Undo
from cloudmigrate.domain.refusals import refused, unclear
from cloudmigrate.domain.steps import Step
from cloudmigrate.errors.steps import StepGivenUpError, StepNotDueError, StepUnclearError

WOULD_DO = frozenset({"DryRunOperation"})  # EC2's answer to a DryRun that would have been done
NOT_GIVEN = frozenset({"state", "reason", "secrets"})  # what a look at a state finds, and no step gives
LONGEST_PAUSE_S = 30.0  # of a rest, before it is seen whether anybody waits for it still
SEE_CONSOLE = "look for the cause in the service's console, then resume"


@dataclass(frozen=True, slots=True)
class AwsWorld:
    """Steps done in AWS. Its sessions must not retry by themselves (one attempt): what an answer means is decided by the journal."""

    sessions: AwsSessions
    acts: Mapping[str, Act] = field(default_factory=lambda: BY_NAME)
    sleep: Callable[[float], object] = field(default=time.sleep, repr=False)
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    pause_factor: float = 1.0  # of the pauses between looks at a state; 0 in tests
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), repr=False)
    absent_tries: int = 6  # of an undo whose thing does not show: AWS denies for seconds what was created just now
    absent_pause_s: float = 5.0
    heard: Callable[[CallMade], None] = field(default=nobody, repr=False)  # hears of every write call
    may_write: Leave = field(default=always, repr=False)  # asked right before a write call is sent; raises where it may not be any more
    hidden: set[str] = field(default_factory=set, repr=False)  # what acts of this process sent and nobody may hear
    gave: set[str] = field(default_factory=set, repr=False)  # resources of which they sent it
    given_up: set[str] = field(default_factory=set, repr=False)  # move groups whose waits are over

    @property
    def _calls(self) -> Calls:
        return Calls(self.sessions, self.now, self.heard, self.may_write, self.hidden)

    def look(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        """What the step gives, where AWS shows that it was done under *key*. Raises StepRefusedError, StepUnclearError."""
        act = self.acts[step.act]
        found = None if act.look is None else self._calls.found(step, act.look(params, key))
        return None if found is None else found | self._noted(act)

    def begun(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        """What the undo takes of an act of several calls, of which the last was not seen to be done; None for an act of one call."""
        act = self.acts[step.act]
        return None if act.begun is None else act.begun(key)

    def act(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """What the step gives, after its call was made, or the state that it waits for was there."""
        act = self.acts[step.act]
        if act.is_elsewhere:
            raise refused(step, "it needs more than calls to the cloud, and nothing here does it", "report this: it is a defect")
        given: dict[str, Any] = {}
        if act.does is not None:
            request = act.does({**params, **self._read_before(step, act, params)}, key)
            shown = act.does(params, key) if act.reads else request  # what was read may be secret: nobody hears of it
            if act.reads:
                self.hidden.update(hidden_of(request, shown))
                self.gave.add(step.uid)
            answer = self._done(step, act, params, request, shown)
            given |= {name: params[name] for name in act.keeps} | read(act.gives, answer) | self._noted(act)
            missing = sorted(act.gives.keys() - given.keys())
            if missing:
                raise unclear(step, f"the answer of {act.name} lacks {', '.join(missing)}", "look at it, then resume")
        if act.awaits is not None:
            given |= self._awaited(step, act.awaits(params))
        if act.rests is not None:
            self._rest(step, act.rests(params))
        return given

    def undo(self, step: Step, params: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        """Nothing; what the step did is gone, or was already."""
        act = self.acts[step.act]
        for undo in act.undoes(params, outputs) if act.undoes else ():
            self._undo(step, undo)

    def is_repeatable(self, step: Step) -> bool:
        """Whether AWS takes the key and does it once, or the step changes nothing."""
        act = self.acts[step.act]
        return act.is_repeatable or act.does is None

    def give_up(self, groups: Collection[str]) -> None:
        """Steps of these move groups that only wait end soon; of all others they go on."""
        self.given_up.intersection_update(groups)
        self.given_up.update(groups)

    def only_waits(self, step: Step) -> bool:
        """Whether the step only looks, until a state or a time has come."""
        act = self.acts[step.act]
        return act.does is None and not act.is_elsewhere and (act.awaits is not None or act.rests is not None)

    def glance(self, step: Step, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What a step that only waits or checks would give now, by one look; None where it would have to wait, or changes something."""
        act = self.acts[step.act]
        if act.does is not None or act.awaits is None:
            return None
        awaited = act.awaits(params)
        found = self._calls.found(step, awaited.look)
        if not _holds(awaited, found):
            if awaited.within:
                return None
            raise refused(step, f"it is not {_either(awaited)}", awaited.advice or SEE_CONSOLE)
        return {name: value for name, value in (found or {}).items() if name not in NOT_GIVEN}

    def rehearse(self, step: Step, call: Call) -> None:
        """Nothing, if AWS would take the call, which is sent with DryRun and does nothing. Raises StepRefusedError, StepUnclearError."""
        try:
            self._calls.answer(step, replace(call, params={**call.params, "DryRun": True}), absent=WOULD_DO)
        except AbsentError:
            return
        raise refused(step, f"{call.operation} was sent with DryRun and done all the same", "report this, and take back what it did")

    def _done(self, step: Step, act: Act, params: Mapping[str, Any], request: Call, shown: Call) -> Mapping[str, Any]:
        """The answer of the act's call, before or with which its data went."""
        if act.copies is None:
            return self._once_ended(step, act, request, shown)

        def ask(call: Call, tolerated: frozenset[str] = NOTHING) -> Mapping[str, Any]:
            is_last = call.operation == request.operation
            own = {"not_yet": act.not_yet, "exists": act.exists} if is_last else {}
            try:
                return self._calls.answer(step, call, absent=tolerated, write=as_write(call), **own)
            except AbsentError:
                return {}

        def opened(url: str) -> Any:
            endpoint = self.sessions.client(step.account_id, request.service, step.region).meta.endpoint_url
            if not allowed(url, endpoint):
                raise CopyError(f"the answer names {shown_host(url)} to copy from", "check what stands between here and AWS")
            return self.sessions.http(url)

        try:
            return copied(act.copies(params), request, ask, opened)
        except CopyError as error:
            told = unclear if error.may_pass else refused
            raise told(step, error.reason, error.next_action) from error

    def _read_before(self, step: Step, act: Act, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the request needs and no record may hold."""
        look = act.reads(params) if act.reads else None
        found = self._calls.found(step, look) if look else {}
        if found is None:
            raise refused(step, f"what {act.name} needs cannot be read", SEE_CONSOLE)
        return found

    def _once_ended(self, step: Step, act: Act, request: Call, shown: Call) -> Mapping[str, Any]:
        """The answer to the act's call; empty where it ends what is gone already."""
        try:
            return self._calls.answer(step, request, absent=act.already, not_yet=act.not_yet, exists=act.exists, write=shown)
        except AbsentError:
            return {}

    def _undo(self, step: Step, undo: Undo) -> None:
        if undo.before is not None:
            self._awaited(step, undo.before)
        for number in range(self.absent_tries):
            try:
                told = None if undo.call.is_read else undo.call
                self._calls.answer(step, undo.call, absent=undo.absent | undo.otherwise, not_yet=undo.not_yet, write=told)
            except AbsentError as error:
                if error.code not in undo.otherwise:
                    if number + 1 < self.absent_tries:
                        self.sleep(self.absent_pause_s * self.pause_factor)
                    continue
            if undo.gone is not None:
                self._awaited(step, undo.gone)
            return

    def _noted(self, act: Act) -> dict[str, Any]:
        return {act.noted_at: self.now().isoformat()} if act.noted_at else {}

    def _awaited(self, step: Step, awaited: Await) -> dict[str, Any]:
        """What the look finds when the state is there. Raises StepRefusedError where it never will be, or not in time."""
        begun, state = self.clock(), None
        while True:
            try:
                found = self._calls.found(step, awaited.look)
            except StepUnclearError as error:  # no answer says nothing of the state
                if not awaited.within:
                    raise
                found, state = None, error.reason
            else:
                state = None if found is None else found["state"]
                if _holds(awaited, found):
                    return {name: value for name, value in (found or {}).items() if name not in NOT_GIVEN}
                if state in awaited.failing:
                    told = f"it is {state} and will not become {_either(awaited)}{self._reason(step, found or {})}"
                    raise refused(step, told, awaited.advice or SEE_CONSOLE)
            if self.clock() - begun >= awaited.within.total_seconds():
                within = f" within {awaited.within}" if awaited.within else ""
                raise refused(step, f"it is not {_either(awaited)}{within}; last seen: {state}", awaited.advice or SEE_CONSOLE)
            self._refuse_given_up(step)
            self.sleep(awaited.every.total_seconds() * self.pause_factor)

    def _reason(self, step: Step, found: Mapping[str, Any]) -> str:
        """The cloud's reason, for an error; not where it may repeat what another process gave, which this one cannot take out."""
        if found.get("secrets") and step.uid not in self.gave:
            return "; its reason is not told here: it may repeat what was given in secret"
        return f": {self._calls.plain(str(found['reason']))}" if found.get("reason") else ""

    def _refuse_given_up(self, step: Step) -> None:
        if step.group in self.given_up and self.only_waits(step):
            told = {"account_id": step.account_id, "region": step.region, "uid": step.uid, "next_action": "see what failed first"}
            raise StepGivenUpError(step.step_id, reason="it is waited for no longer: another step of its move group failed", **told)

    def _rest(self, step: Step, rest: Rest) -> None:
        """Nothing, if the time is over and nobody called. Raises StepRefusedError at the first contact, StepNotDueError days before it."""
        since, now = datetime.fromisoformat(rest.since), self.now()
        for look in rest.contacts(since, now):
            found = self._calls.found_in_pages(step, look)
            if found is not None:
                raise refused(step, f"it is still called: {found['contact']}", rest.advice or SEE_CONSOLE)
        left = since + rest.lasts - now
        if left > rest.held:
            place = {"account_id": step.account_id, "region": step.region, "uid": step.uid}
            raise StepNotDueError(step.step_id, due_at=since + rest.lasts, reason=rest.why, **place)
        still = left.total_seconds() * self.pause_factor
        while still > 0:
            self._refuse_given_up(step)
            self.sleep(min(still, LONGEST_PAUSE_S))
            still -= LONGEST_PAUSE_S


def _holds(awaited: Await, found: Mapping[str, Any] | None) -> bool:
    """Whether what is waited for is there, or gone where that is what is waited for."""
    if found is None:
        return bool(awaited.look.absent) and (awaited.or_gone or not (awaited.wanted or awaited.failing))
    return found["state"] in awaited.wanted


def _either(awaited: Await) -> str:
    return " or ".join(sorted(map(str, awaited.wanted))) or "gone"
