"""Laws of traffic: what was talked in a made-up world comes back as its edges, whatever order, files and addresses used again.

The world is drawn first and its records are made of it; what is expected is told by a small model of its own (`holder_at`), which knows
nothing of intervals, joins or sums.
"""

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.addresses import InterfaceHolder, intervals
from cloudmigrate.lake.conversations import aggregate
from cloudmigrate.lake.flow_ahead import FlowObject
from cloudmigrate.lake.flow_sums import WORTH_COMPILING_BYTES
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.traffic import write_traffic
from cloudmigrate.lake.views import Selection, Views
from tests.flow_log_samples import HEADER, Host, packed, record

FIRST_DAY = datetime(2025, 11, 18, tzinfo=UTC)
DAYS = 7
SNAPSHOT_DAYS = (2, 4, 5)  # at midnight: no day has two holders of one address
VPCS, LAST_OCTETS = ("vpc-1", "vpc-2"), (1, 2, 3)  # not peered, and of equal addresses
SERVICES = ((22, 6), (53, 17), (443, 6), (5432, 6))
STRANGERS = {"203.0.113.7": "external:203.0.113.0/24", "203.0.113.9": "external:203.0.113.0/24", "192.168.9.9": "unknown:192.168.9.9"}
CLIENT, SERVER = 1, 2  # which ends logged, as bits


@dataclass(frozen=True)
class Talk:
    """One request and its reply."""

    vpc_id: str
    client: str
    server: str
    service: tuple[int, int]
    day: int
    hour: int
    ephemeral: int
    there: int
    back: int


Placing = tuple[int | None, ...]  # which of several machines had an address, snapshot by snapshot
World = Mapping[tuple[str, str], Placing]


def is_gone_for_good(placing: Placing) -> bool:
    """Whether a machine that lost the address, to another or to nobody, never has it again."""
    return all(one is None or one not in placing[:begin] or placing[begin - 1] == one for begin, one in enumerate(placing))


PLACINGS = st.tuples(*[st.sampled_from((0, 1, 2, None))] * len(SNAPSHOT_DAYS)).filter(is_gone_for_good)
ADDRESSES = [f"10.0.0.{octet}" for octet in LAST_OCTETS]
WORLDS = st.fixed_dictionaries({(vpc_id, address): PLACINGS for vpc_id in VPCS for address in ADDRESSES})
TALKS = st.builds(
    Talk,
    st.sampled_from(VPCS),
    st.sampled_from([*ADDRESSES * 3, *STRANGERS]),
    st.sampled_from([*ADDRESSES * 3, *STRANGERS]),
    st.sampled_from(SERVICES),
    st.integers(0, DAYS - 1),
    st.integers(0, 23),
    st.integers(33_000, 60_999).filter(lambda port: port != 50_051),
    st.integers(40, 10**9),
    st.integers(40, 10**9),
)


def machine(vpc_id: str, address: str, number: int) -> Host:
    """One of the machines that had that address."""
    name = f"{vpc_id}-{address.replace('.', '-')}-{number}"
    return Host(name, address, vpc_id=vpc_id, interface=f"eni-0{crc32(name.encode()):016x}")


def holder_at(world: World, vpc_id: str, address: str, day: int) -> Host | None:
    """Whose an address was on a day, as the documents say it.

    A snapshot holds until the next; before the first, the first holds. Where a snapshot saw nobody with the address, the next one does.
    """
    number = max((one for one, at in enumerate(SNAPSHOT_DAYS) if at <= day), default=None)
    placing = world[vpc_id, address]
    if number is None:
        found = placing[0]
    elif placing[number] is None and number + 1 < len(placing):
        found = placing[number + 1]
    else:
        found = placing[number]
    return None if found is None else machine(vpc_id, address, found)


def seen_by(world: World, number: int) -> list[InterfaceHolder]:
    """The interfaces that a snapshot saw."""
    placed = ((at, placing[number]) for at, placing in world.items())
    return [machine(*at, which).holder() for at, which in placed if which is not None]


def uid_of(world: World, talk: Talk, address: str) -> str:
    """The name of an end of a talk."""
    if address in STRANGERS:
        return STRANGERS[address]
    holder = holder_at(world, talk.vpc_id, address, talk.day)
    return f"unknown:{address}" if holder is None else holder.uid


def start_of(talk: Talk) -> datetime:
    """When a talk began."""
    return FIRST_DAY + timedelta(days=talk.day, hours=talk.hour, minutes=7)


def records_of(world: World, talk: Talk, logged: int) -> list[str]:
    """What the interfaces that logged wrote of a talk."""
    lines = []
    for bit, address in ((CLIENT, talk.client), (SERVER, talk.server)):
        host = None if address in STRANGERS else holder_at(world, talk.vpc_id, address, talk.day)
        if host is None or not logged & bit:
            continue
        port, protocol = talk.service
        at, request, reply = int(start_of(talk).timestamp()), (talk.client, talk.ephemeral), (talk.server, port)
        lines.append(record(host.interface_id, request, reply, at=at, octets=talk.there, packets=3, protocol=protocol))
        lines.append(record(host.interface_id, reply, request, at=at, octets=talk.back, packets=2, protocol=protocol))
    return lines


def edges_of(world: World, talks: Sequence[Talk], logged: Mapping[tuple[Any, ...], int]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """What is to be found: by source, target, protocol and port the bytes, packets, days, hours, first and last instant."""
    of_edge: dict[tuple[Any, ...], list[Talk]] = defaultdict(list)
    for talk in talks:
        key = edge_of(world, talk)
        if key[0] != key[1] and records_of(world, talk, logged[key]):
            of_edge[key].append(talk)
    return {
        key: (
            sum(talk.there + talk.back for talk in some),
            5 * len(some),
            len({talk.day for talk in some}),
            len({(talk.day, talk.hour) for talk in some}),
            min(map(start_of, some)),
            max(map(start_of, some)) + timedelta(seconds=60),
        )
        for key, some in of_edge.items()
    }


def edge_of(world: World, talk: Talk) -> tuple[Any, ...]:
    """The edge that a talk belongs to."""
    port, protocol = talk.service
    return uid_of(world, talk, talk.client), uid_of(world, talk, talk.server), protocol, port


def found(folder: Path, world: World, batches: Sequence[Sequence[Sequence[str]]], size: int) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """The same, as the product finds it in objects that were read batch by batch."""
    lake = Lake.open(str(folder))
    parts: dict[str, list[str]] = {"conversations": [], "interface_logs": []}
    now = FIRST_DAY + timedelta(days=DAYS + 1)
    for number, objects in enumerate(batches):
        read = [partial(packed, lines) for lines in objects]
        items = [FlowObject("test", f"{number}-{one}", "etag", size, how) for one, how in enumerate(read)]
        for part in aggregate(lake, items, account_id="111111111111", region="eu-central-1", batch=f"b{number}", now=now).parts:
            parts[part.dataset].append(part.path)
    timeline = [(FIRST_DAY + timedelta(days=day), seen_by(world, number)) for number, day in enumerate(SNAPSHOT_DAYS)]
    holders = [one for _, some in timeline for one in some]
    with Views(lake, Selection("20251124T120000Z-3f9a1c", {name: tuple(paths) for name, paths in parts.items()})) as views:
        made = write_traffic(views, holders=holders, intervals=intervals(timeline), part="p")
    with Views(lake, Selection("20251124T120000Z-3f9a1c", {one.dataset: (one.path,) for one in made})) as views:
        rows = views.rows("traffic")
    told = {
        (row["source_uid"], row["target_uid"], row["protocol"], row["port"]): (
            row["bytes"],
            row["packets"],
            row["days_seen"],
            row["active_hours"],
            row["first_seen"],
            row["last_seen"],
        )
        for row in rows
    }
    assert len(told) == len(rows)  # one row an edge: all was accepted
    return told


@settings(max_examples=settings().max_examples // 2)  # each is a whole run
@given(WORLDS, st.lists(TALKS.filter(lambda talk: talk.client != talk.server), min_size=5, max_size=14), st.data())
def test_what_was_talked_comes_back(world: World, talks: list[Talk], data: st.DataObject) -> None:
    keys = sorted({edge_of(world, talk) for talk in talks})
    logged = {key: data.draw(st.sampled_from((CLIENT, SERVER, CLIENT | SERVER)), label=f"ends that log {key}") for key in keys}
    size = data.draw(st.sampled_from((1, WORTH_COMPILING_BYTES)), label="bytes as listed, by which text or compiled code reads")
    chance = Random(data.draw(st.integers(0, 2**32), label="order"))
    lines = [line for talk in talks for line in records_of(world, talk, logged[edge_of(world, talk)])]
    chance.shuffle(lines)
    batches: list[list[list[str]]] = [[[] for _ in range(chance.randint(1, 2))] for _ in range(chance.randint(1, 3))]
    for line in lines:
        chance.choice(chance.choice(batches)).append(line)
    for objects in batches:
        objects[0].insert(chance.randint(0, len(objects[0])), HEADER)  # headers are repeated in the stream

    with tempfile.TemporaryDirectory() as folder:
        assert found(Path(folder), world, batches, size) == edges_of(world, talks, logged)
