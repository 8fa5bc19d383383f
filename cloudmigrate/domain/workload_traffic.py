"""What traffic suggests of the workloads of pieces that nothing else speaks of; each suggestion with its share as evidence."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from cloudmigrate.domain.communities import communities

# (uid, uid) -> how much the two have to do with one another; see workload_links
Links = Mapping[tuple[str, str], float]

MOSTLY = 0.6  # share of a piece's links within one workload that makes it that workload's
NOT_A_FEW = 0.3  # the same while its neighbours are still told
# Confidence of what is told by traffic alone, before the share of links; judgements: who talks together need not belong together.
JOINS_CONFIDENCE, COMMUNITY_CONFIDENCE = 0.7, 0.5


@dataclass(frozen=True, slots=True)
class Suggested:
    """A workload for one piece."""

    workload: str
    reason: str
    confidence: float


def suggested(links: Links, labels: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Suggested]:
    """A workload for pieces without one: that of those it mostly talks with, else a community with others that have none.

    *links* join pieces, *labels* are the workloads known of some, *names* what people call the pieces. A piece whose links point
    several ways, or nowhere, is left out.
    """
    near: dict[str, dict[str, float]] = defaultdict(dict)
    for (a, b), weight in links.items():
        near[a][b] = near[a].get(b, 0.0) + weight
        near[b][a] = near[b].get(a, 0.0) + weight
    found = _joining(near, labels)
    taken = {*labels, *found}
    left = {pair: weight for pair, weight in links.items() if not taken.intersection(pair)}
    used = {name.casefold() for name in labels.values()}
    for members in communities(left):
        found |= _community(members, near, names, used)
    return found


def _joining(near: Mapping[str, Mapping[str, float]], labels: Mapping[str, str]) -> dict[str, Suggested]:
    """Pieces that mostly talk with one known workload; whoever joined speaks for the next.

    First they join round by round, by those of their links that lead to a workload at all; then whoever does not mostly talk with the
    workload that came about is taken out again, until all that are left do.
    """
    known = dict(labels)
    joined: dict[str, str] = {}
    waiting = [piece for piece in near if piece not in known]
    while waiting:
        took = {piece: workload for piece in waiting if (workload := _drawn_to(near[piece], known)) is not None}
        known |= took
        joined |= took
        waiting = [*dict.fromkeys(other for piece in took for other in near[piece] if other not in known)]
    leaving = list(joined)
    while leaving:
        out = [piece for piece in leaving if piece in joined and _share(near[piece], known, joined[piece]) < MOSTLY]
        for piece in out:
            del joined[piece], known[piece]
        leaving = [*dict.fromkeys(other for piece in out for other in near[piece] if other in joined)]
    found = {}
    for piece, workload in sorted(joined.items()):
        share = _share(near[piece], known, workload)
        others = sum(known.get(other) == workload for other in near[piece])
        reason = f"{share:.0%} of its traffic and statements is with {others} of {workload}"
        found[piece] = Suggested(workload, reason, round(JOINS_CONFIDENCE * share, 2))
    return found


def _drawn_to(near: Mapping[str, float], known: Mapping[str, str]) -> str | None:
    """The workload that most of a piece's links to any workload lead to, if these links are not just a few of all."""
    weights: dict[str, float] = defaultdict(float)
    for other, weight in sorted(near.items()):
        if other in known:
            weights[known[other]] += weight
    if not weights:
        return None
    workload = min(weights, key=lambda name: (-weights[name], name))
    enough = max(MOSTLY * sum(weights.values()), NOT_A_FEW * sum(near.values()))
    return workload if weights[workload] >= enough else None


def _share(near: Mapping[str, float], known: Mapping[str, str], workload: str) -> float:
    """0..1: how much of a piece's links is with that workload."""
    return sum(weight for other, weight in near.items() if known.get(other) == workload) / sum(near.values())


def _community(
    members: tuple[str, ...], near: Mapping[str, Mapping[str, float]], names: Mapping[str, str], used: set[str]
) -> dict[str, Suggested]:
    """The pieces of one community that mostly talk within it; it is named for the one that talks most."""
    within = frozenset(members)
    inside = {piece: sum(weight for other, weight in near[piece].items() if other in within) for piece in members}
    share = {piece: inside[piece] / sum(near[piece].values()) for piece in members}
    mostly = [piece for piece in members if share[piece] >= MOSTLY]
    if len(mostly) < 2:
        return {}
    hub = min(mostly, key=lambda piece: (-inside[piece], piece))
    name = f"around {names.get(hub, hub)}"
    if name.casefold() in used:
        name = f"{name} {hashlib.sha256(min(mostly).encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
    used.add(name.casefold())
    return {
        piece: Suggested(
            name,
            f"{share[piece]:.0%} of its traffic and statements is within a community of {len(mostly)} around {names.get(hub, hub)}",
            round(COMMUNITY_CONFIDENCE * share[piece], 2),
        )
        for piece in mostly
    }
