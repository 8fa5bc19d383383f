"""Which permissions of security groups were seen in use: one finding for each rule, never for a pair.

Every rule that lets an observed edge through counts as used by it, also where several do, and where it is doubtful whether it was this
one (`cloudmigrate.domain.reachability`). Attempts that were rejected use no rule. That a rule was never used is only said where every
interface of every bearer was logged wholly for some days: flow logs show both directions at the bearer itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cloudmigrate.domain.network import GroupRule, Network, ObservedEdge, SecurityGroup
from cloudmigrate.domain.places import Atlas
from cloudmigrate.domain.reachability import Judge

LEAST_DAYS = 1  # fully logged, of every bearer, before a rule is called unused
_ACCEPTED, _GUESSED = "ACCEPT", "guess"
_NO_PORT = 0


class Finding(StrEnum):
    """What the window tells of a rule."""

    USED = "used"
    UNUSED = "unused"
    NOT_MEASURED = "not_measured"
    NO_BEARER = "no_bearer"


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """One rule with what was seen of it; a row of the dataset ``rule_findings``."""

    rule: GroupRule
    group_uid: str
    finding: Finding
    bearers: int
    edges: int
    bytes: int
    last_seen: datetime | None
    days_logged: int | None  # the fewest fully logged days of any bearer; None without one

    def row(self) -> dict[str, Any]:
        """As the dataset has it."""
        rule = self.rule
        return {
            "rule_id": rule.rule_id,
            "group_uid": self.group_uid,
            "direction": rule.direction,
            "protocol": rule.protocol,
            "from_port": rule.from_port,
            "to_port": rule.to_port,
            "peer": rule.peer_uid,
            "finding": self.finding.value,
            "open_to_world": rule.is_open_to_world,
            "bearers": self.bearers,
            "edges": self.edges,
            "bytes": self.bytes,
            "last_seen": self.last_seen,
            "days_logged": self.days_logged,
            "description": rule.description,
        }


@dataclass(slots=True)
class _Use:
    """What was seen of one rule."""

    edges: int = 0
    bytes: int = 0
    last_seen: datetime | None = None


@dataclass(slots=True)
class _Uses:
    """What was seen of every rule; memory grows with the rules, not with the edges."""

    of_rules: defaultdict[str, _Use] = field(default_factory=lambda: defaultdict(_Use))
    possible: set[str] = field(default_factory=set)  # rules used if an edge went the other way round

    def count(self, edge: ObservedEdge, rules: Iterable[str]) -> None:
        """Count an edge for each of *rules*."""
        for rule_id in rules:
            use = self.of_rules[rule_id]
            use.edges += 1
            use.bytes += edge.bytes
            if edge.last_seen is not None and (use.last_seen is None or use.last_seen < edge.last_seen):
                use.last_seen = edge.last_seen


def rule_findings(
    network: Network, edges: Iterable[ObservedEdge], fully_logged_days: Mapping[str, int], *, least_days: int = LEAST_DAYS
) -> Iterator[RuleFinding]:
    """A finding for each rule of the network, in order of their ids.

    *edges* are rows of ``traffic``, each once, before anything is folded. *fully_logged_days* is what ``observation`` says of each
    resource; one that is missing was not logged. Where a direction was only guessed, rules that the other direction would have used
    are not called unused.
    """
    uses = _uses(network, edges)
    bearers = bearers_of(network)
    for group_id in sorted(network.groups):
        group = network.groups[group_id]
        borne_by = bearers.get(group_id, ())
        days = min((fully_logged_days.get(uid, 0) for uid in borne_by), default=None)
        for rule in group.rules or ():
            use = uses.of_rules.get(rule.rule_id) or _Use()
            finding = _finding(network, group, use, days, least_days)
            if finding is Finding.UNUSED and rule.rule_id in uses.possible:
                finding = Finding.NOT_MEASURED
            yield RuleFinding(rule, group.uid, finding, len(borne_by), use.edges, use.bytes, use.last_seen, days)


def bearers_of(network: Network) -> dict[str, frozenset[str]]:
    """Security group id -> the resources that bear it; interfaces that nothing is attached to carry no traffic and do not count."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for uid, seats in network.seats.items():
        for seat in seats:
            if seat.holder_uid == uid and seat.is_attached:
                for group_id in seat.groups or ():
                    found[group_id].add(uid)
    return {group_id: frozenset(uids) for group_id, uids in found.items()}


def _uses(network: Network, edges: Iterable[ObservedEdge]) -> _Uses:
    judge = Judge(network, Atlas(network))
    uses = _Uses()
    for edge in edges:
        if edge.action != _ACCEPTED:
            continue
        answer = judge.pair(edge.source_uid, edge.target_uid, edge.protocol, edge.port)
        uses.count(edge, answer.rules)
        uses.count(edge, answer.doubtful)
        if edge.direction == _GUESSED:
            turned = judge.pair(edge.target_uid, edge.source_uid, edge.protocol, _NO_PORT)
            uses.possible.update(turned.rules, turned.doubtful)
    return uses


def _finding(network: Network, group: SecurityGroup, use: _Use, days: int | None, least_days: int) -> Finding:
    if use.edges:
        return Finding.USED
    if (group.account_id, group.region) in network.blind:
        return Finding.NOT_MEASURED  # who bears the group is not wholly known
    if days is None:
        return Finding.NO_BEARER
    return Finding.UNUSED if days >= max(least_days, 1) else Finding.NOT_MEASURED
