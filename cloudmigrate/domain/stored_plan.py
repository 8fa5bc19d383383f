"""A stored plan as the problem that it answered: read from its document alone, without the traffic between its groups."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cloudmigrate.domain.constraints import Pin
from cloudmigrate.domain.plan import upgraded
from cloudmigrate.domain.wave_filling import Filling
from cloudmigrate.domain.wave_goals import Goals
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.domain.wave_problem import GroupFacts, Problem


@dataclass(frozen=True)
class StoredPlan:
    """A plan; what its groups exchange is told by ``score`` in total only."""

    plan_id: str
    problem: Problem
    waves: list[int]  # of each group
    labels: Sequence[str]
    group_of: Mapping[str, int]  # uid -> group
    unplanned: Mapping[str, str]  # uid -> why it has no wave
    pins: Sequence[Pin]  # those that the plan obeys
    score: Mapping[str, float]

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Group id -> its number."""
        return {group: at for at, group in enumerate(self.problem.ids)}

    def goals(self, waves: Sequence[int]) -> Goals:
        """The goals for these waves."""
        return Goals(self.problem, max(waves, default=0))

    def filling(self, waves: Sequence[int], *, without: Iterable[int] = ()) -> Filling:
        """How full the waves are, groups in *without* left out."""
        left_out = set(without)
        filling = Filling(self.problem)
        for group, wave in enumerate(waves):
            if group not in left_out:
                filling.add(group, wave)
        return filling


def stored_plan(document: Mapping[str, Any]) -> StoredPlan:
    """The plan of that document; where one of an older version says nothing of a limit, today's usual one counts."""
    found = upgraded(document)
    groups = found["groups"]
    group_of = {uid: number for number, group in enumerate(groups) for uid in group["members"]}
    needs, needed_by = _edges(found)
    problem = Problem(
        ids=[group["id"] for group in groups],
        facts=[_facts(group) for group in groups],
        layers=[group["layer"] for group in groups],
        needs=needs,
        needed_by=needed_by,
        policy=WavePolicy.model_validate(found["policy"]),
    )
    return StoredPlan(
        plan_id=found["plan_id"],
        problem=problem,
        waves=[group["wave"] for group in groups],
        labels=[group["label"] or group["id"] for group in groups],
        group_of=group_of,
        unplanned={one["uid"]: one["reason"] for one in found["unplanned"]},
        pins=[
            Pin(one["uid"], one["wave"], one["reason"], one["by"])
            for one in found["constraints"]["pins"]
            if not one["refused"] and one["uid"] in group_of
        ],
        score=found["score"],
    )


def _facts(group: Mapping[str, Any]) -> GroupFacts:
    return GroupFacts(
        resources=len(group["members"]),
        servers=group["servers"] or 0,
        effort_hours=group["effort_hours"] or 0.0,
        environment=group["environment"],
        risk_level=group["risk_level"],
        workloads=tuple(group["workloads"]),
        shared_service=group["shared_service"],
        retires=group["retires"],
    )


def _edges(document: Mapping[str, Any]) -> tuple[list[list[int]], list[list[int]]]:
    """What each group needs and is needed by; what stays has the numbers after the groups, unless it is of a group itself."""
    number = {group["id"]: at for at, group in enumerate(document["groups"])}
    node = {one["uid"]: number[one["group"]] for one in document["unplanned"] if one["group"] in number}
    for one in document["unplanned"]:
        node.setdefault(one["uid"], len(number) + len(node))
    count = 1 + max([len(number) - 1, *node.values()])
    found: list[set[int]] = [set() for _ in range(count)]
    for own, entry in [
        *((number[one["id"]], one) for one in document["groups"]),
        *((node[one["uid"]], one) for one in document["unplanned"]),
    ]:
        targets = [*(number[group] for group in entry["needs"] if group in number), *(node[uid] for uid in entry["needs_unplanned"])]
        found[own] |= {target for target in targets if target != own}
    needed_by: list[list[int]] = [[] for _ in range(count)]
    needs = [sorted(targets) for targets in found]
    for source, some in enumerate(needs):
        for target in some:
            needed_by[target].append(source)
    return needs, needed_by
