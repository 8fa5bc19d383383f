"""A begun wave whose estate file was mended since: which move groups take new steps, and which keep those that they began with."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cloudmigrate.domain.journal import NOTHING, Standing, is_begun
from cloudmigrate.domain.spec_diff import changes_between
from cloudmigrate.domain.steps import Gate, Output, Step, by_group, check_steps, outputs_in, step_document, step_of

SHOWN_AT_MOST = 40  # characters of a value
COMPARED = ("act", "account_id", "region", "params", "reversal", "gate", "says")


@dataclass(frozen=True, slots=True)
class Renewal:
    """The steps of a wave from now on."""

    steps: tuple[Step, ...]
    groups: frozenset[str] = frozenset()  # those whose steps are others than before
    held_back: Mapping[str, str] = field(default_factory=dict)  # group, not begun, that keeps the steps of before -> why


def renewal(before: Sequence[Step], now: Sequence[Step], known: Mapping[str, Standing]) -> Renewal:
    """The wave with the steps of *now* for each group of which nothing stands, and those of *before* for the others.

    A group that a begun one was built on keeps its steps, and so does one whose new steps take a value that a begun group does not give.
    Where every group has the steps that it had, they are those of before, in their order. Raises ItineraryError.
    """
    old, new = by_group(before), by_group(step_of(step_document(one)) for one in now)  # both as the ledger gives them back
    begun = {one.group for one in before if is_begun(known.get(one.step_id, NOTHING))}
    fixed = _built_on(before, begun)
    held_back = dict.fromkeys(sorted(fixed - begun), "a group that was begun is built on it")
    fitted: dict[str, list[Step]] = {}
    while True:
        joined, lacking = _Joined(old, new, fixed), {}
        for group in new.keys() - fixed:
            try:
                fitted[group] = joined.fitted(group)
            except _LackError as error:
                lacking[group] = str(error)
        if not lacking:
            break
        held_back |= lacking
        fixed = _built_on(before, fixed | lacking.keys())
    renewed = frozenset(group for group in (new.keys() | old.keys()) - fixed if fitted.get(group) != old.get(group))
    told = {group: why for group, why in sorted(held_back.items()) if old.get(group) != new.get(group)}
    if not renewed:
        return Renewal(tuple(before), held_back=told)
    steps = [one for one in before if one.group in fixed]
    steps += [one for group in new if group not in fixed for one in fitted[group]]
    ordered = _needs_first(steps)
    check_steps(ordered)
    return Renewal(tuple(ordered), renewed, told)


def changes(before: Iterable[Step], now: Iterable[Step], groups: Iterable[str]) -> list[str]:
    """What differs in the steps of these groups, a sentence for each step that came, went or is another."""
    wanted = set(groups)
    old, new = ({one.step_id: one for one in side if one.group in wanted} for side in (before, now))
    told = []
    for step_id in dict.fromkeys((*old, *new)):
        if step_id not in new:
            told.append(f"{step_id}: no longer: {old[step_id].says}")
        elif step_id not in old:
            told.append(f"{step_id}: new: {new[step_id].says}")
        elif old[step_id] != new[step_id]:
            told.append(f"{step_id}: {'; '.join(_differences(old[step_id], new[step_id])) or 'needs other steps before it'}")
    return told


def standing_alone(steps: Iterable[Step], groups: Iterable[str]) -> list[Step]:
    """The steps of the other groups than these, in their order: whether they may run does not hang on these. Raises ItineraryError."""
    left = [one for one in steps if one.group not in set(groups)]
    check_steps(left)
    return left


def _differences(old: Step, new: Step) -> Iterator[str]:
    was, is_now = step_document(old), step_document(new)
    for name in COMPARED:
        for one in changes_between(name, was[name], is_now[name]):
            yield f"{one.path} was {_short(one.before)}, is {_short(one.after)}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= SHOWN_AT_MOST else f"{text[:SHOWN_AT_MOST]}..."


def _built_on(steps: Sequence[Step], groups: Iterable[str]) -> set[str]:
    """These groups, and those whose steps they need, at first or second hand."""
    group_of = {one.step_id: one.group for one in steps}
    found = set(groups)
    while True:
        more = {group_of[need] for one in steps if one.group in found for need in one.needs} - found
        if not more:
            return found
        found |= more


class _LackError(Exception):
    """A group's new steps take a value that no step gives."""


@dataclass(frozen=True, slots=True)
class _Joined:
    """New groups beside fixed ones, whose steps may have other ids now, or not be there."""

    old: Mapping[str, Sequence[Step]]
    new: Mapping[str, Sequence[Step]]
    fixed: set[str]

    def fitted(self, group: str) -> list[Step]:
        """The new steps of a group, with what they need of fixed groups as those have it. Raises _LackError."""
        fixed = {one.step_id: one for name in self.fixed for one in self.new.get(name, ())}
        own = list(self.new[group])
        for number, step in enumerate(own):
            taken = {one.step_id for one in outputs_in(step.params)}
            stands_for: dict[str, tuple[str, ...]] = {}
            for need in (one for one in step.needs if one in fixed):
                same = self._same(fixed[need], is_taken=need in taken)
                if same is None and need in taken:
                    raise _LackError(f"{step.step_id} takes a value of {need}, which group {fixed[need].group} began without")
                stands_for[need] = (same,) if same else self._ends(fixed[need].group)
            own[number] = _with_needs(step, stands_for)
        return own

    def _same(self, step: Step, *, is_taken: bool) -> str | None:
        """The id of the fixed step that is this one; of one whose value is taken, to the last parameter."""
        of_group = self.old.get(step.group, ())
        for one in of_group:
            if one.step_id == step.step_id and _kind(one) == _kind(step) and (not is_taken or _params(one) == _params(step)):
                return one.step_id
        return next((one.step_id for one in of_group if (_kind(one), _params(one)) == (_kind(step), _params(step))), None)

    def _ends(self, group: str) -> tuple[str, ...]:
        """The last steps of a fixed group before its clean-up: when these are done, it is migrated."""
        late: set[str] = set()
        for one in self.old.get(group, ()):
            if one.gate in (Gate.CLEAN_UP, Gate.NO_RETURN) or not late.isdisjoint(one.needs):
                late.add(one.step_id)
        early = [one for one in self.old.get(group, ()) if one.step_id not in late]
        needed = {need for one in early for need in one.needs}
        return tuple(one.step_id for one in early if one.step_id not in needed)


def _kind(step: Step) -> tuple[str, ...]:
    return step.act, step.uid, step.account_id, step.region


def _params(step: Step) -> Any:
    """What it is done with, without its marks, which name the step."""
    return {name: value for name, value in step_document(step)["params"].items() if name != "marks"}


def _with_needs(step: Step, stands_for: Mapping[str, tuple[str, ...]]) -> Step:
    """The step with these needs, and the values that it takes of them, by the ids that stand for them."""
    if all(ids == (need,) for need, ids in stands_for.items()):
        return step
    needs = dict.fromkeys(one for need in step.needs for one in stands_for.get(need, (need,)))
    params = {name: _mapped(value, lambda one: stands_for.get(one, (one,))[0]) for name, value in step.params.items()}
    return replace(step, needs=tuple(needs), params=params)


def _mapped(value: Any, id_of: Callable[[str], str]) -> Any:
    if isinstance(value, Output):
        return Output(id_of(value.step_id), value.name)
    if isinstance(value, Mapping):
        return {name: _mapped(item, id_of) for name, item in value.items()}
    return [_mapped(item, id_of) for item in value] if isinstance(value, list | tuple) else value


def _needs_first(steps: Sequence[Step]) -> list[Step]:
    """The steps, each after those of the list that it needs, else in their order; what needs itself is left to the check."""
    ids = {one.step_id for one in steps}
    ordered: list[Step] = []
    placed: set[str] = set()
    left = list(steps)
    while left:
        ready = []
        for one in left:
            if placed.issuperset(ids.intersection(one.needs)):
                ready.append(one)
                placed.add(one.step_id)
        if not ready:
            return ordered + left
        ordered += ready
        left = [one for one in left if one.step_id not in placed]
    return ordered
