"""One side of a comparison of plans: what the document says of each resource."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from cloudmigrate.domain.plan import upgraded
from cloudmigrate.domain.plan_elsewhere import Elsewhere

Edges = frozenset[tuple[str, str]]


class PlanSide:
    """One plan and the needs that it was made from, by uid."""

    def __init__(self, document: Mapping[str, Any], edges: Edges) -> None:
        found = upgraded(document)
        self.groups: dict[str, Mapping[str, Any]] = {uid: group for group in found["groups"] for uid in group["members"]}
        self.reasons: dict[str, str] = {one["uid"]: one["reason"] for one in found["unplanned"]}
        self.pins = {one["uid"]: one["wave"] for one in found["constraints"]["pins"] if not one["refused"]}
        self.excluded = {one["uid"]: one["reason"] for one in found["constraints"]["excluded"]}
        self.retired = {one["uid"]: one["reason"] for one in found["constraints"]["retired"]}
        self.policy: Mapping[str, Any] = found["policy"]
        self.elsewhere = Elsewhere(document)
        self.traffic = bool(found["evidence"].get("traffic"))  # whether it was observed
        self._crossings: Sequence[Mapping[str, Any]] = found["crossings"]
        self.edges_of: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for edge in edges:
            for uid in edge:
                self.edges_of[uid].add(edge)

    @property
    def known(self) -> set[str]:
        """What it names."""
        return self.groups.keys() | self.reasons.keys()

    def wave(self, uid: str) -> int | None:
        """The wave; None: it has none."""
        group = self.groups.get(uid)
        return None if group is None else group["wave"]

    def members(self, uid: str) -> set[str]:
        """What moves together with it, itself included."""
        group = self.groups.get(uid)
        return {uid} if group is None else set(group["members"])

    def edges(self, uids: Iterable[str]) -> set[tuple[str, str]]:
        """The needs of these and on these."""
        return {edge for uid in uids for edge in self.edges_of.get(uid, ())}

    def label(self, uid: str) -> str:
        """What people call the group of what has a wave."""
        group = self.groups[uid]
        return str(group["label"] or group["id"])

    def crossing(self, uid: str) -> Mapping[str, float]:
        """A member of each group of another wave that the uid's group exchanges data with -> bytes a day, both ways together."""
        return self._crossing.get(self.groups[uid]["id"], {})

    @cached_property
    def _crossing(self) -> Mapping[str, Mapping[str, float]]:
        """The same by the group's id; without shared services that are held out, which draw nobody."""
        first = {group["id"]: group["members"][0] for group in self.groups.values()}
        found: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        for one in self._crossings:
            if not one["shared_service"]:
                for own, other in ((one["source_group"], one["target_group"]), (one["target_group"], one["source_group"])):
                    found[own][first[other]] += one["bytes_per_day"]
        return found
