"""What a list of steps would do, call by call, without doing any of it: the dry run's words, from the same records that are carried out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, SupportsIndex

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.acts.record import Act, Call, Params, Undo
from cloudmigrate.domain.journal import NOTHING, Standing, StepState, idempotency_key
from cloudmigrate.domain.steps import Output, Reversal, Step, outputs_in, resolved

UNFORESEEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)  # of a request built from values that are not there yet


class Later(str):
    """A value that a step will have given, in words: ``<image_id of web/03-create_image>``; what is in it as well."""

    __slots__ = ()

    def __getitem__(self, name: SupportsIndex | slice | str) -> str:
        return Later(f"<{name} in {self[1:-1]}>") if isinstance(name, str) else super().__getitem__(name)


@dataclass(frozen=True, slots=True)
class ExplainedCall:
    """One call that would be made."""

    account_id: str
    region: str
    call: Call | None  # None: it depends on an answer that is not there yet
    writes: bool
    takes_dry_run: bool = False  # it can be sent as one now: the API honours it, and every value is known
    depends_on: tuple[str, ...] = ()  # steps whose answers it needs


@dataclass(frozen=True, slots=True)
class Explained:
    """One step: what it would call, when, how long, and how it would be taken back."""

    step: Step
    calls: tuple[ExplainedCall, ...]
    undo: tuple[ExplainedCall, ...]
    starts_after: timedelta  # from the beginning, where nothing but its needs holds it up
    likely: timedelta
    permissions: tuple[tuple[str, str], ...]  # (account, IAM action) of all that it calls: looks, reads, waits and its undo too
    unforeseen: tuple[str, ...] = ()  # parts whose calls only an answer will tell, and with them their permissions

    @property
    def iam_actions(self) -> tuple[str, ...]:
        """The permissions that it needs, whichever account."""
        return tuple(sorted({action for _, action in self.permissions}))

    @property
    def ends_after(self) -> timedelta:
        """From the beginning."""
        return self.starts_after + self.likely


def explain(
    steps: Sequence[Step],
    *,
    plan_hash: str,
    wave: int,
    known: Mapping[str, Mapping[str, Any]] | None = None,
    acts: Mapping[str, Act] = BY_NAME,
) -> tuple[Explained, ...]:
    """Every step in its order. *known*: what steps gave that only look (step -> name -> value), where they have looked already."""
    given: dict[str, Mapping[str, Any]] = {}
    ends: dict[str, timedelta] = {}
    explained = []
    for step in steps:
        act = acts[step.act]
        params = resolved(step, given)
        outputs = (known or {}).get(step.step_id) or _promised(step, act, params)
        given[step.step_id] = outputs
        key = idempotency_key(plan_hash, wave, step.step_id, 1)
        needed, unforeseen = permissions(step, act, params, outputs, key)
        one = Explained(
            step=step,
            calls=tuple(_calls(step, act, params, key)),
            undo=tuple(_undo(step, act, params, outputs)) if step.reversal is Reversal.UNDO else (),
            starts_after=max((ends[need] for need in step.needs), default=timedelta(0)),
            likely=_likely(act, params),
            permissions=needed,
            unforeseen=unforeseen,
        )
        ends[step.step_id] = one.ends_after
        explained.append(one)
    return tuple(explained)


def due_at(step: Step, known: Mapping[str, Standing], acts: Mapping[str, Act] = BY_NAME) -> datetime | None:
    """When a step that was begun and rests is due at the earliest; None for what does not rest, or is done."""
    rests = acts[step.act].rests if step.act in acts else None
    if rests is None or known.get(step.step_id, NOTHING).state is not StepState.INTENT:
        return None
    rest = _built(lambda: rests(resolved(step, {step_id: one.outputs for step_id, one in known.items()})))
    return None if rest is None else _built(lambda: datetime.fromisoformat(rest.since) + rest.lasts)


def rolled_back(explained: Iterable[Explained]) -> list[Explained]:
    """The steps that a rollback from the end would take back, in that order: newest first."""
    return [one for one in sorted(explained, key=lambda one: one.ends_after, reverse=True) if one.step.reversal is Reversal.UNDO]


def duration(explained: Iterable[Explained]) -> timedelta:
    """How long it likely takes where nothing but needs holds a step up."""
    return max((one.ends_after for one in explained), default=timedelta(0))


def permissions(step: Step, act: Act, params: Params, outputs: Params, key: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """(account, IAM action) of every call that the step can make, sorted; and the parts of it whose calls cannot be told yet."""
    parts: dict[str, Callable[[], Iterable[Call | None]]] = {}
    if (does := act.does) is not None:
        parts["its call"] = lambda: (does(params, key),)
    if (look := act.look) is not None:
        parts["its look"] = lambda: (look(params, key).call,)
    if (reads := act.reads) is not None:
        parts["what it reads before"] = lambda: (found.call if (found := reads(params)) else None,)
    if (awaits := act.awaits) is not None:
        parts["its wait"] = lambda: (awaits(params).look.call,)
    if (undoes := act.undoes) is not None and step.reversal is Reversal.UNDO:
        parts["its undo"] = lambda: [call for one in undoes(params, outputs) for call in _calls_of(one)]
    built = {part: _built(build) for part, build in parts.items()}
    called = {(one.account_id or step.account_id, one.iam_action) for calls in built.values() for one in calls or () if one is not None}
    further = {(step.account_id, action) for action in act.further_actions}
    return tuple(sorted(called | further)), tuple(part for part, calls in built.items() if calls is None)


def _calls_of(undo: Undo) -> Iterable[Call]:
    return (undo.call, undo.gone.look.call) if undo.gone else (undo.call,)


def _likely(act: Act, params: Params) -> timedelta:
    """How long the step likely takes: a rest as long as it has to."""
    rest = _built(lambda: act.rests(params)) if act.rests else None
    return rest.lasts if rest else act.likely


def _promised(step: Step, act: Act, params: Params) -> dict[str, Any]:
    kept = {name: params[name] for name in act.keeps if name in params}
    awaited = _built(lambda: act.awaits(params)) if act.awaits else None
    names = [
        *act.gives,
        *([act.noted_at] if act.noted_at else ()),
        *(name for name in (awaited.look.finds if awaited else ()) if name != "state"),
    ]
    return {**{name: Later(f"<{name} of {step.step_id}>") for name in names}, **kept}


def _calls(step: Step, act: Act, params: Params, key: str) -> Iterable[ExplainedCall]:
    needed = tuple(dict.fromkeys(output.step_id for output in outputs_in(step.params)))
    does, awaits = act.does, act.awaits
    if does is not None:
        call = _built(lambda: does(params, key))
        takes = act.takes_dry_run and call is not None and not _is_later(call.params) and act.reads is None
        yield ExplainedCall(step.account_id, _region(step, call), call, writes=True, takes_dry_run=takes, depends_on=needed)
    if awaits is not None:
        awaited = _built(lambda: awaits(params))
        call = awaited.look.call if awaited else None
        yield ExplainedCall(step.account_id, _region(step, call), call, writes=False, depends_on=needed)


def _undo(step: Step, act: Act, params: Params, outputs: Params) -> Iterable[ExplainedCall]:
    undoes = act.undoes
    if undoes is None:
        return
    for undo in _built(lambda: undoes(params, outputs)) or (None,):
        call = undo.call if undo else None
        yield ExplainedCall(step.account_id, _region(step, call), call, writes=call is None or not call.is_read, depends_on=(step.step_id,))


def _region(step: Step, call: Call | None) -> str:
    return (call.region if call else "") or step.region


def _built(build: Any) -> Any:
    """What *build* gives; None where it stumbles over a value that is not there yet."""
    try:
        return build()
    except UNFORESEEN:
        return None


def _is_later(value: Any) -> bool:
    """Whether some value in it is not there yet."""
    if isinstance(value, Mapping):
        return any(_is_later(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_is_later(item) for item in value)
    return isinstance(value, Later | Output)
