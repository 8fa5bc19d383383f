"""Communities by name, and as good as those of a second implementation."""

import random
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.communities import communities


def clique(*names: str, weight: float = 1.0) -> dict[tuple[str, str], float]:
    return dict.fromkeys(combinations(names, 2), weight)


def test_two_circles_of_friends_with_one_acquaintance() -> None:
    got = communities(clique("a", "b", "c") | clique("x", "y", "z", "w") | {("c", "x"): 0.5})

    assert got == (("w", "x", "y", "z"), ("a", "b", "c"))


def test_a_strong_tie_counts_for_more_than_several_weak_ones() -> None:
    """m stands between: it talks a little with three of one side and much with one of the other."""
    sides = clique("a", "b", "c", weight=5) | clique("x", "y", weight=5)

    assert ("m", "x", "y") in communities(sides | {("m", "a"): 1, ("m", "b"): 1, ("m", "c"): 1, ("m", "x"): 9})


def test_nothing_comes_of_nothing() -> None:
    assert communities({}) == ()
    assert communities({("a", "a"): 1.0, ("a", "b"): 0.0}) == ()


def test_both_orders_of_a_pair_are_one() -> None:
    assert communities({("a", "b"): 1.0, ("b", "a"): 1.0}) == (("a", "b"),)


graphs = st.dictionaries(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), st.floats(0.1, 100), max_size=20)


@given(graphs)
def test_every_node_that_talks_is_in_exactly_one(weights: dict[tuple[str, str], float]) -> None:
    members = [one for community in communities(weights) for one in community]

    assert sorted(members) == sorted({end for pair in weights if pair[0] != pair[1] for end in pair})


@given(graphs, st.randoms())
def test_the_order_of_the_input_does_not_matter(weights: dict[tuple[str, str], float], chance: random.Random) -> None:
    shuffled = list(weights.items())
    chance.shuffle(shuffled)

    assert communities(dict(shuffled)) == communities(weights)


@pytest.mark.parametrize("seed", range(5))
def test_as_modular_as_networkx_finds_them(seed: int) -> None:
    chance = random.Random(seed)
    graph = nx.Graph()
    for _ in range(1500):
        one = chance.randrange(300)
        other = one // 15 * 15 + chance.randrange(15) if chance.random() < 0.8 else chance.randrange(300)
        if one != other:
            graph.add_edge(f"{one:03}", f"{other:03}", weight=1 + chance.random())

    ours = communities({(a, b): weight for a, b, weight in graph.edges(data="weight")})
    theirs = nx.community.louvain_communities(graph, seed=seed)

    assert nx.community.modularity(graph, ours) >= nx.community.modularity(graph, theirs) - 0.02
