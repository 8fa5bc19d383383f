"""What traffic suggests of the workloads of pieces that nothing else speaks of; each suggestion with its share as evidence."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from cloudmigrate.domain.communities import communities

# (uid, uid) -> how much the two have to do with one another; see workload_links
Links = Mapping[tuple[str, str], float]

MOSTLY = 0.6  # share of a piece's links within one workload that makes it that workload's
# Confidence of what is told by traffic alone, before the share of links; judgements: who talks together need not belong together.
JOINS_CONFIDENCE, COMMUNITY_CONFIDENCE = 0.7, 0.5
_ROUNDS_AT_MOST = 50


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
    """Pieces that mostly talk with one known workload, round by round: whoever joined speaks for the next."""
    known = dict(labels)
    found: dict[str, Suggested] = {}
    waiting = sorted(piece for piece in near if piece not in known)
    for _ in range(_ROUNDS_AT_MOST):
        joined: dict[str, Suggested] = {}
        for piece in waiting:
            weights: dict[str, float] = defaultdict(float)
            for other, weight in near[piece].items():
                if other in known:
                    weights[known[other]] += weight
            if weights:
                workload = min(weights, key=lambda name: (-weights[name], name))
                share = weights[workload] / sum(near[piece].values())
                if share >= MOSTLY:
                    others = sum(known.get(other) == workload for other in near[piece])
                    reason = f"{share:.0%} of its traffic and statements is with {others} of {workload}"
                    joined[piece] = Suggested(workload, reason, round(JOINS_CONFIDENCE * share, 2))
        if not joined:
            break
        found |= joined
        known |= {piece: one.workload for piece, one in joined.items()}
        waiting = [piece for piece in waiting if piece not in joined]
    return found


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
