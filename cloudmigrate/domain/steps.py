"""Steps: the smallest recorded acts of a migration, as data. What explains them, runs them and takes them back reads the same list."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Reversal(StrEnum):
    """Whether a step can be taken back."""

    UNDO = "undo"  # its act says how
    NOTHING = "nothing"  # it changed nothing: a wait, a check
    NO_RETURN = "no_return"  # what it does cannot be undone; after it nothing before it is


class Gate(StrEnum):
    """A point before which a person answers."""

    EXECUTION = "execution"
    CUTOVER = "cutover"
    NO_RETURN = "no_return"
    CLEAN_UP = "clean_up"
    BY_HAND = "by_hand"  # of one step: a person says that it is done


WAVE_GATES = tuple(gate for gate in Gate if gate is not Gate.BY_HAND)  # those that approvals open, each for a whole wave


@dataclass(frozen=True, slots=True)
class Output:
    """A value that an earlier step will have given, such as the id of what it created."""

    step_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One recorded act for one resource."""

    step_id: str  # unique in its wave, and the same each time the plan is compiled
    act: str  # name of the record that says how it is done, found again and undone
    group: str  # the move group: whole at the source, whole at the target, or on a recorded way back
    uid: str  # the resource that it serves
    account_id: str  # where the call goes
    region: str
    params: Mapping[str, Any] = field(default_factory=dict)  # JSON values, and Outputs anywhere within
    needs: tuple[str, ...] = ()  # ids of steps that must be done before
    reversal: Reversal = Reversal.UNDO
    gate: Gate | None = None  # which gate must be open before it starts
    says: str = ""  # what it does, for people
    limited_by: tuple[str, ...] = ()  # further names under which few may run at once, such as a source database


class ItineraryError(ValueError):
    """A list of steps that cannot be run as it stands: a defect of what compiled it, or a document that was changed."""


class MissingOutputError(ItineraryError):
    """A step needs a value that the step before it did not give."""


def check_steps(steps: Sequence[Step]) -> None:
    """Nothing, if the steps can be run in their order. Raises ItineraryError naming the step and what is wrong with it."""
    twice = sorted(name for name, count in Counter(one.step_id for one in steps).items() if count > 1)
    if twice:
        raise ItineraryError(f"step {twice[0]} stands there twice")
    before: set[str] = set()
    passed: dict[str, str] = {}
    for one in steps:
        unknown = [need for need in one.needs if need not in before]
        if unknown:
            raise ItineraryError(f"step {one.step_id} needs {unknown[0]}, which does not come before it")
        unneeded = [output.step_id for output in outputs_in(one.params) if output.step_id not in one.needs]
        if unneeded:
            raise ItineraryError(f"step {one.step_id} takes a value of {unneeded[0]} without needing it")
        if one.group in passed and one.reversal is Reversal.UNDO:
            raise ItineraryError(f"step {one.step_id} could be undone, but comes after the point of no return {passed[one.group]}")
        if one.reversal is Reversal.NO_RETURN:
            passed.setdefault(one.group, one.step_id)
        before.add(one.step_id)


def by_group(steps: Iterable[Step]) -> dict[str, list[Step]]:
    """group -> its steps, in order."""
    groups: dict[str, list[Step]] = {}
    for one in steps:
        groups.setdefault(one.group, []).append(one)
    return groups


def outputs_in(value: Any) -> Iterator[Output]:
    """Every value of an earlier step that *value* waits for."""
    if isinstance(value, Output):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from outputs_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from outputs_in(item)


def resolved(step: Step, given: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The step's parameters with what earlier steps gave (step -> name -> value). Raises MissingOutputError."""

    def taken(output: Output) -> Any:
        try:
            return given[output.step_id][output.name]
        except KeyError:
            raise MissingOutputError(f"step {step.step_id} needs {output.name} of {output.step_id}, which did not give it") from None

    return {name: _with_outputs(value, taken) for name, value in step.params.items()}


def _with_outputs(value: Any, told: Callable[[Output], Any]) -> Any:
    """The value as JSON has it, with what *told* says in the place of each Output within."""
    if isinstance(value, Output):
        return told(value)
    if isinstance(value, Mapping):
        return {name: _with_outputs(item, told) for name, item in value.items()}
    return [_with_outputs(item, told) for item in value] if isinstance(value, list | tuple) else value


def steps_hash(steps: Iterable[Step]) -> str:
    """SHA-256, hexadecimal, of all that the steps say: what an approval binds."""
    text = json.dumps([step_document(one) for one in steps], sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def step_document(step: Step) -> dict[str, Any]:
    """The step as JSON values; a value of an earlier step is ``{"output_of": step, "name": name}``."""
    return {
        "step_id": step.step_id,
        "act": step.act,
        "group": step.group,
        "uid": step.uid,
        "account_id": step.account_id,
        "region": step.region,
        "params": _with_outputs(step.params, lambda output: {"output_of": output.step_id, "name": output.name}),
        "needs": list(step.needs),
        "reversal": step.reversal.value,
        "gate": step.gate.value if step.gate else None,
        "says": step.says,
        "limited_by": list(step.limited_by),
    }


def step_of(document: Mapping[str, Any]) -> Step:
    """The step that a document tells. Raises ItineraryError for one that tells none."""

    def told(value: Any) -> Any:
        if isinstance(value, Mapping):
            if value.keys() == {"output_of", "name"}:
                return Output(value["output_of"], value["name"])
            return {name: told(item) for name, item in value.items()}
        return [told(item) for item in value] if isinstance(value, list) else value

    try:
        gate = document["gate"]
        told_as: dict[str, Any] = {name: document[name] for name in ("step_id", "act", "group", "uid", "account_id", "region", "says")}
        told_as |= {name: tuple(document[name]) for name in ("needs", "limited_by")}
        reversal = Reversal(document["reversal"])
        return Step(**told_as, params=told(document["params"]), reversal=reversal, gate=Gate(gate) if gate else None)
    except (KeyError, TypeError, ValueError) as error:
        raise ItineraryError(f"this is no step: {error}") from error
