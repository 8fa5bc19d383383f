"""What one plan says of a group in another wave than its own: whether needs and limits leave it that wave, and how the goals weigh it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from cloudmigrate.domain.stored_plan import StoredPlan, stored_plan
from cloudmigrate.domain.wave_filling import Filling
from cloudmigrate.domain.wave_goals import Goals
from cloudmigrate.domain.wave_improvement import window
from cloudmigrate.domain.wave_words import ENVIRONMENT_WORDS, law_words, needs_words
from cloudmigrate.domain.what_if import reached

_ALIKE = 1e-9  # goals that differ by less are equal: sums of hours come in another order


class Elsewhere:
    """One plan. Groups are named by a uid that has a wave in it; all others stay where they are."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    @cached_property
    def _plan(self) -> StoredPlan:
        return stored_plan(self._document)

    @cached_property
    def _filling(self) -> Filling:
        return self._plan.filling(self._plan.waves)

    @cached_property
    def _goals(self) -> Goals:
        return self._plan.goals(self._plan.waves)

    @property
    def last(self) -> int:
        """The number of its last wave."""
        return self._goals.last

    def shut(self, uid: str, wave: int) -> str | None:
        """Whose place in the order keeps the group out of *wave*; None: nobody's."""
        plan, group = self._plan, self._plan.group_of[uid]
        problem, waves = plan.problem, plan.waves
        first, last = window(problem, waves, group, max(wave, self.last))
        if first <= wave <= last:
            return None
        own = needs_words(problem, group)
        needed = max(((waves[one], plan.labels[one]) for one in reached(plan, problem.needs, group)), default=(0, ""))
        if needed[0] > wave - problem.gap:
            return f"it {own} {needed[1]} in wave {needed[0]}"
        above = reached(plan, problem.needed_by, group)
        needing = min(((waves[one], plan.labels[one], needs_words(problem, one)) for one in above), default=None)
        if needing is not None and wave > needing[0] - problem.gap:
            return f"{needing[1]} in wave {needing[0]} {needing[2]} it"
        return None  # it is reached through more of what stays than is looked at

    def limit(self, uids: Sequence[str], wave: int) -> str | None:
        """The limit by which *wave*, as full as it is, has no room for the groups of these together; None: it has."""
        plan, filling = self._plan, self._filling
        added: list[int] = []
        law = None
        for group in dict.fromkeys(plan.group_of[uid] for uid in uids):
            if plan.waves[group] != wave:
                law = filling.refuses(group, wave)
                if law:
                    break
                filling.add(group, wave)
                added.append(group)
        for group in added:
            filling.remove(group, wave)
        return law and law_words(plan.problem, law)

    def worse(self, uid: str, wave: int) -> str | None:
        """Which goal would be served worse by the group in *wave*: the one that loses most; None: none that the plan tells of.

        What groups exchange within a wave is no part of a plan, so traffic is left out.
        """
        plan, group = self._plan, self._plan.group_of[uid]
        here, facts = plan.waves[group], plan.problem.facts[group]
        now, then = (self._goals.alone(group, at, plan.waves) for at in (here, wave))
        loses = {goal: then[goal] - now[goal] for goal in ("environments", "risk")}
        hours = self._filling.hours
        loses["load"] = self._goals.load_change(facts.effort_hours, hours[here], hours[wave])
        most = max(loses, key=lambda goal: loses[goal])
        if loses[most] <= _ALIKE:
            return None
        if most == "environments":
            return f"{ENVIRONMENT_WORDS[facts.environment or '']} goes {'earlier' if here < wave else 'later'} so"
        if most == "risk":
            return f"{facts.risk_level} risk goes later so"
        first, second = sorted((here, wave))
        return f"the work is more even so, {hours[first]:g} hours in wave {first} and {hours[second]:g} in wave {second}"
