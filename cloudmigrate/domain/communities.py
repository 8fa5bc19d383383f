"""Groups that talk among themselves more than with others: communities of a weighted graph, the same in every run.

The method is Louvain's (Blondel, Guillaume, Lambiotte, Lefebvre: Fast unfolding of communities in large networks, 2008), with the nodes
taken in a fixed order and ties broken by number instead of by chance, so that equal graphs give equal communities. networkx has the
method too; at 500,000 edges it needs minutes, and its seed is of no use where the order of the input differs.
"""

from collections.abc import Iterable, Mapping

_GAIN = 1e-12  # of modularity times twice the weight; what is smaller is rounding
_Graph = list[dict[int, float]]  # node -> other node -> weight; both ways


def communities(weights: Mapping[tuple[str, str], float]) -> tuple[tuple[str, ...], ...]:
    """The communities of the nodes that *weights* joins, each sorted, largest first, then by their first member.

    *weights* are of unordered pairs, above 0; both orders of a pair are added, a node's own pair and weights of 0 are left out.
    """
    names = sorted({end for pair, weight in weights.items() if weight > 0 and pair[0] != pair[1] for end in pair})
    index = {name: number for number, name in enumerate(names)}
    graph = _joined(len(names), ((index[a], index[b], weight) for (a, b), weight in sorted(weights.items()) if weight > 0 and a != b))
    member_of = list(range(len(names)))
    loops = [0.0] * len(names)  # weight within a node of the condensed graph, counted twice
    while True:
        label = _moved(graph, loops)
        numbers = {one: number for number, one in enumerate(dict.fromkeys(label))}
        if len(numbers) == len(graph):
            break
        label = [numbers[one] for one in label]
        member_of = [label[node] for node in member_of]
        graph, loops = _condensed(graph, loops, label, len(numbers))
    found: dict[int, list[str]] = {}
    for name, community in zip(names, member_of, strict=True):
        found.setdefault(community, []).append(name)
    return tuple(sorted((tuple(one) for one in found.values()), key=lambda one: (-len(one), one[0])))


def _joined(count: int, edges: Iterable[tuple[int, int, float]]) -> _Graph:
    graph: _Graph = [{} for _ in range(count)]
    for a, b, weight in edges:
        graph[a][b] = graph[a].get(b, 0.0) + weight
        graph[b][a] = graph[b].get(a, 0.0) + weight
    return graph


def _moved(graph: _Graph, loops: list[float]) -> list[int]:
    """For each node its community: each is moved to where it gains most, until none gains any more."""
    degree = [loop + sum(near.values()) for near, loop in zip(graph, loops, strict=True)]
    total = sum(degree) or 1.0
    label = list(range(len(graph)))
    weight_of = list(degree)  # community -> sum of its members' degrees
    waiting = list(range(len(graph)))
    while waiting:
        touched: set[int] = set()
        for node in waiting:
            own = label[node]
            ties: dict[int, float] = {own: 0.0}
            for other, weight in graph[node].items():
                ties[label[other]] = ties.get(label[other], 0.0) + weight
            weight_of[own] -= degree[node]
            share = degree[node] / total
            gains = {one: tie - weight_of[one] * share for one, tie in ties.items()}
            most = max(gains.values())
            best = own if most <= gains[own] + 2 * _GAIN else min(one for one, gain in gains.items() if gain >= most - _GAIN)
            weight_of[best] += degree[node]
            if best != own:
                label[node] = best
                touched.update(other for other in graph[node] if label[other] != best)
        waiting = sorted(touched)
    return label


def _condensed(graph: _Graph, loops: list[float], label: list[int], count: int) -> tuple[_Graph, list[float]]:
    """The graph whose nodes are the communities."""
    within = [0.0] * count
    between: _Graph = [{} for _ in range(count)]
    for node, near in enumerate(graph):
        own = label[node]
        within[own] += loops[node]
        for other, weight in near.items():
            if label[other] == own:
                within[own] += weight  # met from both of its ends: counted twice, as loops are
            else:
                between[own][label[other]] = between[own].get(label[other], 0.0) + weight
    return between, within
