"""What the engine needs of the world and of the journal; the cloud and the ledger are one side of each, models in memory the other."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cloudmigrate.domain.journal import Entry, Standing
from cloudmigrate.domain.steps import Step


class World(Protocol):
    """Where steps are done. Every method may raise StepRefusedError and StepUnclearError."""

    def look(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        """What the step gives, where the world shows that it was done under *key*; None where it does not (yet)."""

    def begun(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
        """What its undo takes where the world does not show that it was done, and a part of it may be; None where there are no parts."""

    def act(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """What the step gives, after it was done. Everything that it creates bears *key*."""

    def undo(self, step: Step, params: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        """Nothing; what the step did is taken back, or was already."""

    def is_repeatable(self, step: Step) -> bool:
        """Whether the same act under the same key is done once, however often it is asked for."""

    def only_waits(self, step: Step) -> bool:
        """Whether the step only looks, until something has come about."""

    def give_up(self, groups: Collection[str]) -> None:
        """Steps of these move groups that only wait end as refused, soon: what they wait for comes no more. Of all others they go on."""


class Journal(Protocol):
    """The record of one wave: written before and after each act, read by whoever goes on. Safe between threads."""

    def standings(self) -> Mapping[str, Standing]:
        """step -> what is known of it, now."""

    def doubt(self, step_id: str) -> str:
        """Why what is known of that step is not to be acted upon: its lines are not those that were written; empty where they are."""

    def record(self, entry: Entry) -> None:
        """Nothing; the line is kept, for good. Raises WaveBusyError where another process has taken over, then nothing is kept."""


class Places(Protocol):
    """What is shared with other waves that run now: accounts, regions, families of API calls, source databases."""

    def exchange(self, ended: Collection[str], wanted: Mapping[str, Mapping[str, int]]) -> Collection[str]:
        """The steps of *wanted* (step -> name -> how many may have it) that may start now; those that *ended* give their places back.

        Called in vain it keeps the places that the wave has.
        """


class Unshared:
    """Places of a wave that is alone: its own limits are all that there is."""

    def exchange(self, ended: Collection[str], wanted: Mapping[str, Mapping[str, int]]) -> Collection[str]:
        """All that are wanted."""
        return wanted.keys()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer is waited for before a person is called."""

    tries: int = 6  # of an act or its inverse, where the answer does not say whether it was done
    pause_s: float = 2.0  # doubled with each try
    longest_pause_s: float = 60.0
    looks: int = 8  # for what was done without an answer: created things show late
    look_pause_s: float = 5.0
