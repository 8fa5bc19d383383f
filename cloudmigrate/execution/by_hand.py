"""Steps that a person does, in a world of steps that are done by calls."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.refusals import refused
from cloudmigrate.domain.steps import Gate, Step
from cloudmigrate.execution.ports import World

TAKE_BACK = "take back by hand what was done, withdraw its confirmation, then roll back again"


@dataclass(frozen=True, slots=True)
class WithPeople:
    """A world in which steps by hand are done when a person has said so, and undone when that was withdrawn."""

    world: World
    is_confirmed: Callable[[Step], bool]

    def look(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        """What the step gives, where it was done."""
        if step.gate is not Gate.BY_HAND:
            return self.world.look(step, params, key)
        return {"confirmed": True} if self.is_confirmed(step) else None

    def begun(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        """What is undone of a step that may be done in part. A person says that it is done, or it is not."""
        return None if step.gate is Gate.BY_HAND else self.world.begun(step, params, key)

    def act(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """What the step gives. Raises StepRefusedError for a step by hand that nobody confirmed: the wave does not start such."""
        if step.gate is not Gate.BY_HAND:
            return self.world.act(step, params, key)
        raise refused(step, "nobody confirmed that it is done", "do it, confirm it, then resume")

    def undo(self, step: Step, params: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        """Nothing. Raises StepRefusedError as long as a step by hand counts as done."""
        if step.gate is not Gate.BY_HAND:
            self.world.undo(step, params, outputs)
        elif self.is_confirmed(step):
            raise refused(step, f"a person did it, so a person has to undo it: {params.get('text', step.says)}", TAKE_BACK)

    def is_repeatable(self, step: Step) -> bool:
        """Whether the same again does no harm."""
        return step.gate is Gate.BY_HAND or self.world.is_repeatable(step)

    def give_up(self, groups: Collection[str]) -> None:
        """As of the world."""
        self.world.give_up(groups)

    def only_waits(self, step: Step) -> bool:
        """Whether the step only looks, until something has come about."""
        return step.gate is not Gate.BY_HAND and self.world.only_waits(step)
