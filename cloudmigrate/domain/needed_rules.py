"""The least that must be open for a move group's observed traffic to go on: fewer rules would break it, more were never used."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cloudmigrate.domain.network import EXTERNAL, UNKNOWN_ADDRESS, span

_Key = tuple[str, str, int, int, str, str]  # move group, direction, protocol, port, peer kind, peer


class SeenEdge(Protocol):
    """What of a dependency the rules follow from; `cloudmigrate.domain.dependencies.Dependency` has it."""

    @property
    def source_uid(self) -> str:
        """Who opened the connections."""

    @property
    def target_uid(self) -> str:
        """Who served."""

    @property
    def protocol(self) -> int | None:
        """IANA's number."""

    @property
    def port(self) -> int | None:
        """The server's; 0 where there is none or none could be told."""

    @property
    def bytes(self) -> int:
        """Of both halves."""

    @property
    def last_seen(self) -> datetime | None:
        """When it was last seen."""

    @property
    def confidence(self) -> float:
        """0..1."""

    @property
    def observed(self) -> bool:
        """Whether traffic showed it."""


@dataclass(frozen=True, slots=True)
class NeededRule:
    """One permission that a move group needs; a row of the dataset ``needed_rules``."""

    move_group: str
    direction: str  # ingress, egress
    protocol: int
    port: int  # the server's; 0 where the protocol has none, or none could be told: then a person must look
    peer_kind: str  # move_group (also the group itself), resource (one that stays), cidr, aws_service
    peer: str
    edges: int
    bytes: int
    confidence: float  # 0..1, of the surest of its edges
    last_seen: datetime | None

    def row(self, plan_id: str) -> dict[str, Any]:
        """As the dataset has it."""
        return {
            "plan_id": plan_id,
            "move_group": self.move_group,
            "direction": self.direction,
            "protocol": self.protocol,
            "port": self.port,
            "peer": self.peer,
            "peer_kind": self.peer_kind,
            "edges": self.edges,
            "bytes": self.bytes,
            "confidence": self.confidence,
            "last_seen": self.last_seen,
        }


@dataclass(slots=True)
class _Sum:
    edges: int = 0
    bytes: int = 0
    confidence: float = 0.0
    last_seen: datetime | None = None

    def add(self, edge: SeenEdge) -> None:
        """Count one more edge."""
        self.edges += 1
        self.bytes += edge.bytes
        self.confidence = max(self.confidence, edge.confidence)
        if edge.last_seen is not None and (self.last_seen is None or self.last_seen < edge.last_seen):
            self.last_seen = edge.last_seen


def needed_rules(group_of: Mapping[str, str], edges: Iterable[SeenEdge]) -> Iterator[NeededRule]:
    """The rules that the observed ones of *edges* need, sorted, each once.

    *group_of* tells each moving resource's group; every other resource stays where it is and is named itself. An edge between two groups
    needs a rule at either; one within a group needs both, with the group itself as peer. What configuration alone states needs none:
    nobody saw on which port.
    """
    sums: defaultdict[_Key, _Sum] = defaultdict(_Sum)
    for edge in edges:
        if not edge.observed or edge.protocol is None or edge.port is None:
            continue
        for own, other, direction in (
            (edge.target_uid, edge.source_uid, "ingress"),
            (edge.source_uid, edge.target_uid, "egress"),
        ):
            move_group = group_of.get(own)
            if move_group is not None:
                sums[move_group, direction, edge.protocol, edge.port, *_peer(group_of, other)].add(edge)
    for key in sorted(sums):
        found = sums[key]
        yield NeededRule(*key, found.edges, found.bytes, found.confidence, found.last_seen)


def _peer(group_of: Mapping[str, str], uid: str) -> tuple[str, str]:
    """The kind and name of what a rule must name to mean *uid*."""
    for begin in (EXTERNAL, UNKNOWN_ADDRESS):
        if uid.startswith(begin):
            name = uid.removeprefix(begin)
            addresses = span(name)
            if addresses is None:
                return "aws_service", name
            return "cidr", name if "/" in name else f"{name}/{128 if addresses.is_ipv6 else 32}"
    group = group_of.get(uid)
    return ("resource", uid) if group is None else ("move_group", group)
