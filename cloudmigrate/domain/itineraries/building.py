"""The list of steps of one resource as it grows: ids, needs and marks follow from what is added."""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.acts.record import MASKED_TAG, Act
from cloudmigrate.domain.steps import Gate, Output, Reversal, Step, outputs_in
from cloudmigrate.printable import one_line

LONGEST_TOKEN = 48
_PLAIN = re.compile(rf"^[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST_TOKEN - 1}}}$")
_OTHER = re.compile(r"[^A-Za-z0-9._-]+")


def token(text: str, *, of: str = "") -> str:
    """The text as part of a step's id: plain letters, told apart from every other text by eight digits of the hash of *of* or of itself."""
    if not of and _PLAIN.match(text):
        return text
    digits = hashlib.sha256((of or text).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    plain = _OTHER.sub("-", text).strip("-.")[: LONGEST_TOKEN - 9]
    return f"{plain}-{digits}" if plain else digits


@dataclass(frozen=True, slots=True)
class Place:
    """Where calls go."""

    account_id: str
    region: str


@dataclass
class Builder:
    """Steps of one resource, in order. A step needs what its parameters take, and what is said."""

    group: str
    uid: str
    name: str
    marks: Mapping[str, Any]  # plan and wave
    tags: Mapping[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def _left_out(self, record: Act) -> str:
        """A word on the tags that are not copied, with the first step: their values are secrets, which nobody kept."""
        left_out = sorted(name for name, value in self.tags.items() if value == MASKED_TAG)
        if not left_out or self.steps or record.name.startswith("by_hand."):
            return ""
        return f" (its tags {', '.join(left_out)} hold secrets and are not copied: set them by hand)"

    @property
    def last(self) -> Step:
        """The step that was added last."""
        return self.steps[-1]

    def add(
        self,
        act: str,
        params: Mapping[str, Any],
        at: Place,
        *,
        needs: Collection[Step | None] = (),
        reversal: Reversal | None = None,
        gate: Gate | None = None,
        limited_by: tuple[str, ...] = (),
    ) -> Step:
        """The step, now the last of the list. *limited_by*: what few steps may use at once, beside the family of the act."""
        record = BY_NAME[act]
        step_id = f"{token(self.group)}/{token(self.name, of=self.uid)}/{len(self.steps) + 1:02}-{act.partition('.')[2]}"
        common = {"marks": {**self.marks, "step": step_id}, "tags": dict(self.tags)} if record.does is not None else {}
        every = [*dict.fromkeys([*(one.step_id for one in needs if one is not None), *(one.step_id for one in outputs_in(params))])]
        step = Step(
            step_id,
            act,
            self.group,
            self.uid,
            at.account_id,
            at.region,
            {**common, **params},
            tuple(every),
            reversal or (Reversal.UNDO if record.undoes else Reversal.NOTHING),
            gate,
            one_line(said(record.says, {**params, "region": at.region}) + self._left_out(record)),
            (*((f"{at.account_id}/{at.region}/{record.family}",) if record.family else ()), *limited_by),
        )
        self.steps.append(step)
        return step


def of(step: Step, name: str) -> Output:
    """What *step* will have given under that name."""
    return Output(step.step_id, name)


def said(text: str, params: Mapping[str, Any]) -> str:
    """The sentence with its parameters; what only an earlier step gives is told by that step's name for it."""
    told = {name: f"<{value.name}>" if isinstance(value, Output) else str(value) for name, value in params.items()}
    return re.sub(r"\{(\w+)\}", lambda found: told.get(found[1], f"<{found[1]}>"), text)
