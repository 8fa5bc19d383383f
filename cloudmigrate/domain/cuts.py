"""Where a move group that is larger than a wave could be cut: what would run between sites meanwhile, and what that costs.

Nothing here changes the plan: a group is never split by it. A cut is a proposal for people, who can do away with the need (and exclude
or pin what remains) or accept the price.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.crossings import transfer_usd_per_day
from cloudmigrate.domain.cut_search import CutGraph, cheapest_cut
from cloudmigrate.domain.effort import SERVERS, effort_hours
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.plan_input import SECONDS_A_DAY, Exchange
from cloudmigrate.domain.wave_filling import Law
from cloudmigrate.domain.wave_policy import WavePolicy

# How much a byte of a dependency weighs by the riskier of its ends; what was not assessed weighs as the riskiest. Judgement.
CRITICALITY = {"low": 1.0, "medium": 2.0, "high": 3.0, "critical": 4.0}
NOT_ASSESSED = 4.0
# Bytes a second that a dependency weighs at least, so that fewer are cut where none was seen to carry much.
LEAST_BYTES_PER_S = 1.0
CUTS_AT_MOST = 8  # for one group; what is still too large after that is said
_SEARCHED_UP_TO = 3_000  # pieces; larger knots are cut off only piece by piece by people
MEASURE = {Law.RESOURCES: "resources", Law.SERVERS: "servers", Law.EFFORT: "hours of work"}


@dataclass(frozen=True)
class Inner:
    """What is inside one group: its members, the pieces that are never split, and what joins them."""

    group: str
    members: Sequence[str]
    pieces: Sequence[Sequence[str]]
    exchanges: Sequence[Exchange]  # between members
    stated: Sequence[tuple[str, str]]  # between members, by configuration


def inner_of(
    group: str,
    members: Sequence[str],
    *,
    parts: Mapping[str, Sequence[str]],
    exchanges: Iterable[Exchange],
    stated: Iterable[tuple[str, str]],
) -> Inner:
    """The inside of a group; *parts* is uid -> uids of one piece with it, those that stay included."""
    own = set(members)
    seen: set[str] = set()
    pieces = []
    for uid in members:
        if uid in seen:
            continue
        piece, stack = {uid}, [uid]
        while stack:
            for other in parts.get(stack.pop(), ()):
                if other not in piece:
                    piece.add(other)
                    stack.append(other)
        seen |= piece
        pieces.append(sorted(piece & own))
    within = [one for one in exchanges if one.source_uid in own and one.target_uid in own]
    needs = sorted({(a, b) for a, b in stated if a in own and b in own and a != b})
    return Inner(group, members, pieces, within, needs)


def propose_cuts(inner: Inner, items: Mapping[str, PlanItem], law: Law, policy: WavePolicy) -> list[dict[str, Any]]:
    """The cuts that bring each part of the group under the limit *law*, largest part first, as records of a plan document."""
    limits = {
        Law.RESOURCES: policy.max_resources_per_wave,
        Law.SERVERS: policy.max_servers_per_wave,
        Law.EFFORT: policy.max_effort_hours_per_wave,
    }
    limit = float(limits[law] or 0)
    found: list[dict[str, Any]] = []
    parts = [list(inner.pieces)]
    while parts and len(found) < CUTS_AT_MOST:
        parts.sort(key=lambda part: (-_size(part, items, law), part[0]))
        pieces = parts.pop(0)
        size = _size(pieces, items, law)
        if size <= limit:
            break
        sides = _sides(pieces, inner, items, law, limit)
        found.append(_record(inner, pieces, sides, size=size, limit=limit, law=law, policy=policy))
        if sides is None:
            continue
        parts += sides
    return found


def _size(pieces: Iterable[Sequence[str]], items: Mapping[str, PlanItem], law: Law) -> float:
    return sum(_weight(items[uid], law) for piece in pieces for uid in piece)


def _weight(item: PlanItem, law: Law) -> float:
    match law:
        case Law.SERVERS:
            return float(item.type in SERVERS)
        case Law.EFFORT:
            return effort_hours(item.type, item.strategy)
        case _:
            return 1.0


def _sides(
    pieces: Sequence[Sequence[str]], inner: Inner, items: Mapping[str, PlanItem], law: Law, limit: float
) -> list[list[Sequence[str]]] | None:
    """The pieces on either side of the best cut; None where there is nothing to cut."""
    if not 1 < len(pieces) <= _SEARCHED_UP_TO:
        return None
    piece_of = {uid: number for number, piece in enumerate(pieces) for uid in piece}
    weights: defaultdict[tuple[int, int], float] = defaultdict(float)
    for source, target, bytes_per_s in _joins(inner):
        a, b = piece_of.get(source), piece_of.get(target)
        if a is not None and b is not None and a != b:
            weights[min(a, b), max(a, b)] += criticality(items[source], items[target]) * max(bytes_per_s, LEAST_BYTES_PER_S)
    graph = CutGraph([_size([piece], items, law) for piece in pieces], weights)
    side = cheapest_cut(graph, limit)
    if side is None:
        return None
    return [[piece for piece, inside in zip(pieces, side, strict=True) if bool(inside) is first] for first in (True, False)]


def _joins(inner: Inner) -> Iterable[tuple[str, str, float]]:
    observed = {(one.source_uid, one.target_uid) for one in inner.exchanges}
    yield from ((one.source_uid, one.target_uid, one.bytes_per_day / SECONDS_A_DAY) for one in inner.exchanges)
    yield from ((a, b, 0.0) for a, b in inner.stated if (a, b) not in observed)


def criticality(source: PlanItem, target: PlanItem) -> float:
    """How much a byte between the two weighs."""
    return max(NOT_ASSESSED if one.risk_level is None else CRITICALITY[one.risk_level] for one in (source, target))


def _record(
    inner: Inner,
    pieces: Sequence[Sequence[str]],
    sides: list[list[Sequence[str]]] | None,
    *,
    size: float,
    limit: float,
    law: Law,
    policy: WavePolicy,
) -> dict[str, Any]:
    whole = sorted(uid for piece in pieces for uid in piece)
    side_a = sorted(uid for piece in sides[0] for uid in piece) if sides else whole
    side_b = sorted(uid for piece in sides[1] for uid in piece) if sides else []
    edges = _cut_edges(inner, set(side_a), set(side_b))
    bytes_per_s = sum(one["bytes_per_s"] for one in edges)
    return {
        "group": inner.group,
        "measure": MEASURE[law],
        "size": size,
        "limit": limit,
        "side_a": side_a,
        "side_b": side_b,
        "edges": edges,
        "bytes_per_s": round(bytes_per_s, 3),
        "added_latency_ms": policy.link_latency_ms if edges else 0.0,
        "transfer_usd_per_day": transfer_usd_per_day(bytes_per_s * SECONDS_A_DAY, policy.transfer_usd_per_gb),
        "reason": _reason(pieces, sides, edges, size=size, limit=limit, law=law),
    }


def _cut_edges(inner: Inner, side_a: set[str], side_b: set[str]) -> list[dict[str, Any]]:
    """What would run between the sides, most bytes first."""

    def apart(source: str, target: str) -> bool:
        return (source in side_a and target in side_b) or (source in side_b and target in side_a)

    found = [
        {
            "source_uid": one.source_uid,
            "target_uid": one.target_uid,
            "protocol": one.protocol,
            "port": one.port,
            "bytes_per_s": round(one.bytes_per_day / SECONDS_A_DAY, 3),
        }
        for one in inner.exchanges
        if apart(one.source_uid, one.target_uid)
    ]
    seen = {(one.source_uid, one.target_uid) for one in inner.exchanges}
    found += [
        {"source_uid": a, "target_uid": b, "protocol": None, "port": None, "bytes_per_s": 0.0}
        for a, b in inner.stated
        if apart(a, b) and (a, b) not in seen
    ]
    return sorted(
        found, key=lambda one: (-one["bytes_per_s"], one["source_uid"], one["target_uid"], one["protocol"] or 0, one["port"] or 0)
    )


def _reason(
    pieces: Sequence[Sequence[str]],
    sides: list[list[Sequence[str]]] | None,
    edges: Sequence[Mapping[str, Any]],
    *,
    size: float,
    limit: float,
    law: Law,
) -> str:
    over = f"{size:g} {MEASURE[law]} where a wave holds {limit:g}"
    if sides is None:
        if len(pieces) == 1:
            return f"{over}, all of one piece: nothing to cut"
        return f"{over}, in {len(pieces)} pieces: too entangled for a cut to be searched"
    carried = sum(one["bytes_per_s"] > 0 for one in edges)
    return f"{over}; the cheapest cut found severs {counted(len(edges), 'dependency', 'dependencies')}, {carried} of them seen in traffic"
