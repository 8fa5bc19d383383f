"""Finding the blocks around an address: as looking at every one would."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.nested_spans import NestedSpans
from cloudmigrate.domain.network import ALL_IPV4, ALL_IPV6, Span, is_private, span
from tests.domain.networks import spans

# Few bits differ, so that blocks nest: 10.0.0.0/24 and its parts, and the same in IPv6.
BLOCKS = st.builds(
    lambda six, low, length: span(f"2600::{low:x}/{96 + length}" if six else f"10.0.0.{low}/{length}"),
    st.booleans(),
    st.integers(0, 255),
    st.integers(22, 32),
)


@given(st.lists(BLOCKS, max_size=30), BLOCKS)
def test_it_finds_what_looking_at_every_block_finds(blocks: list[Span], asked: Span) -> None:
    nested = NestedSpans(blocks)
    around = sorted({one for one in blocks if one.contains(asked)}, key=lambda one: one.size)
    assert list(nested.around(asked)) == around
    assert sorted(nested.within(asked)) == sorted({one for one in blocks if one.overlaps(asked)} - set(around))


def test_blocks_that_cross_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        NestedSpans([Span(0, 10), Span(5, 15)])


@pytest.mark.parametrize(
    ("text", "size"), [("10.1.2.3", 1), ("10.1.2.3/24", 256), ("::/0", 2**128), ("0.0.0.0/0", 2**32), ("2600:1::/64", 2**64)]
)
def test_a_cidr_is_its_addresses(text: str, size: int) -> None:
    (found,) = spans(text)
    assert found.size == size
    assert found.is_ipv6 is (ipaddress.ip_network(text, strict=False).version == 6)


@pytest.mark.parametrize("text", ["", "sg-1", "10.0.0.0/33", "10.0.0", "fe80::1%eth0", "1" * 100, "10.0.0.0/8/8"])
def test_what_is_no_cidr_is_none(text: str) -> None:
    assert span(text) is None


def test_the_families_lie_apart() -> None:
    assert not ALL_IPV4.overlaps(ALL_IPV6)
    assert not any(ALL_IPV4.overlaps(one) for one in spans("::/96", "::ffff:0:0/96"))


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("10.1.0.0/16", True),
        ("172.31.255.255", True),
        ("172.32.0.0", False),
        ("100.64.0.0/10", True),
        ("10.0.0.0/7", False),
        ("fd00::1", True),
    ],
)
def test_private_is_what_the_internet_does_not_route(text: str, private: bool) -> None:
    assert is_private(spans(text)[0]) is private
