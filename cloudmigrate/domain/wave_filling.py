"""How full each wave is, and which law keeps a group out of one."""

from enum import StrEnum

from cloudmigrate.domain.wave_calendar import WaveCalendar
from cloudmigrate.domain.wave_problem import GroupFacts, Problem

_EXCESS_H = 0.001  # sums of hours come in another order after a move: so little is no excess


class Law(StrEnum):
    """What keeps a group out of a wave. PILOT is a goal: it gives way where nothing else is possible."""

    RESOURCES = "resources"
    SERVERS = "servers"
    EFFORT = "effort"
    FREEZE = "freeze"
    ALONE = "alone"  # a group that exceeds a limit by itself shares its wave with no other
    PILOT = "pilot"


class Filling:
    """The groups' loads by wave. *laws* are those that count; all by default."""

    def __init__(self, problem: Problem, laws: frozenset[Law] = frozenset(Law)) -> None:
        policy = problem.policy
        self._facts = problem.facts
        scoped = Law.FREEZE in laws and any(window.environments for window in policy.freeze_windows)  # others shift the wave itself
        self._calendar: WaveCalendar | None = problem.calendar if scoped else None
        self.most_resources = policy.max_resources_per_wave if Law.RESOURCES in laws else None
        self.most_servers = policy.max_servers_per_wave if Law.SERVERS in laws else None
        self.most_hours = policy.max_effort_hours_per_wave if Law.EFFORT in laws else None
        self.pilot_waves = policy.pilot_waves if Law.PILOT in laws else 0
        self._pilot_servers = policy.pilot_max_servers
        # Index: wave; wave 0 does not exist.
        self.groups: list[int] = [0]
        self.resources: list[int] = [0]
        self.servers: list[int] = [0]
        self.hours: list[float] = [0.0]
        self._alone: list[bool] = [False]

    @property
    def waves(self) -> int:
        """The highest wave that was ever touched."""
        return len(self.groups) - 1

    def reach(self, wave: int) -> None:
        """Make room for waves up to that one."""
        more = wave - len(self.groups) + 1
        if more > 0:
            for counts in (self.groups, self.resources, self.servers):
                counts.extend([0] * more)
            self.hours += [0.0] * more
            self._alone += [False] * more

    def exceeded(self, facts: GroupFacts) -> Law | None:
        """The limit that a group exceeds by itself."""
        if self.most_resources is not None and facts.resources > self.most_resources:
            return Law.RESOURCES
        if self.most_servers is not None and facts.servers > self.most_servers:
            return Law.SERVERS
        if self.most_hours is not None and facts.effort_hours > self.most_hours:
            return Law.EFFORT
        return None

    def refuses(self, group: int, wave: int, *, pilot: bool = True) -> Law | None:
        """The first law that keeps the group out of the wave as filled now; None: it may go there. Without *pilot* that goal yields."""
        if wave >= len(self.groups):
            self.reach(wave)
        facts = self._facts[group]
        if self._calendar is not None and self._calendar.frozen(wave, facts.environment):
            return Law.FREEZE
        too_large = self.exceeded(facts) is not None
        if self.groups[wave] and (self._alone[wave] or too_large):
            return Law.ALONE
        return (None if too_large else self._limit(facts, wave)) or (self._pilot(facts, wave) if pilot else None)

    def _limit(self, facts: GroupFacts, wave: int) -> Law | None:
        if self.most_resources is not None and self.resources[wave] + facts.resources > self.most_resources:
            return Law.RESOURCES
        if self.most_servers is not None and self.servers[wave] + facts.servers > self.most_servers:
            return Law.SERVERS
        if self.most_hours is not None and self.hours[wave] + facts.effort_hours > self.most_hours + _EXCESS_H:
            return Law.EFFORT
        return None

    def _pilot(self, facts: GroupFacts, wave: int) -> Law | None:
        over = wave <= self.pilot_waves and facts.servers and self.servers[wave] + facts.servers > self._pilot_servers
        return Law.PILOT if over else None

    def over(self, wave: int) -> Law | None:
        """The limit that the groups of the wave exceed together; of a group that exceeds one by itself none."""
        if self._alone[wave]:
            return None
        if self.most_resources is not None and self.resources[wave] > self.most_resources:
            return Law.RESOURCES
        if self.most_servers is not None and self.servers[wave] > self.most_servers:
            return Law.SERVERS
        if self.most_hours is not None and self.hours[wave] > self.most_hours + _EXCESS_H:
            return Law.EFFORT
        return Law.PILOT if wave <= self.pilot_waves and self.servers[wave] > self._pilot_servers else None

    def full(self, wave: int) -> bool:
        """Whether not even the smallest group goes in the wave, which is one that was touched."""
        return self._alone[wave] or (self.most_resources is not None and self.resources[wave] >= self.most_resources)

    def add(self, group: int, wave: int) -> None:
        """Count the group in the wave."""
        if wave >= len(self.groups):
            self.reach(wave)
        facts = self._facts[group]
        self._count(facts, wave, 1)
        if self.exceeded(facts) is not None:
            self._alone[wave] = True

    def remove(self, group: int, wave: int) -> None:
        """Count it no more."""
        self._count(self._facts[group], wave, -1)
        self._alone[wave] = self._alone[wave] and self.groups[wave] > 0

    def _count(self, facts: GroupFacts, wave: int, sign: int) -> None:
        self.groups[wave] += sign
        self.resources[wave] += sign * facts.resources
        self.servers[wave] += sign * facts.servers
        self.hours[wave] += sign * facts.effort_hours
