"""Flow log records of the demo estate's traffic, worked out from its tables and a seed, and what they must be read back as."""

import ipaddress
import zlib
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cloudmigrate.simulate.estate.traffic import SKIPPED, STRANGERS, TALKS, Rhythm, Skipped, Talk

DAY_S, HOUR_S = 86_400, 3_600
WINDOW = timedelta(days=14)
ONCE_DAYS_AGO = 5
LONGEST_S = 50  # of a conversation
CAPTURE_S = 600  # AWS gathers records for ten minutes
# Of what clients take their ports from, those that are no service's.
PORTS_FROM, PORTS_TO = 51_000, 61_000
REQUEST_SHARE = 0.15  # of a conversation's bytes
OPENED_AND_CLOSED, ANSWERED_AND_CLOSED, OPENED = 3, 19, 2  # tcp-flags: SYN + FIN, SYN-ACK + FIN, SYN

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Value = str | int | Whole


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface of the emulator, and the key of the thing that it serves, if any."""

    id: str
    address: str
    key: str
    vpc_id: str
    subnet_id: str
    instance_id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one interface: each field is one value for all, or an array; ``start`` is an ascending array."""

    interface_id: str
    fields: Mapping[str, Value]

    @property
    def start_s(self) -> Whole:
        """When each begins, seconds since 1970."""
        found = self.fields["start"]
        assert isinstance(found, np.ndarray)  # noqa: S101 - by construction
        return found

    def part(self, which: slice) -> "Records":
        """Some of the records."""
        return Records(self.interface_id, {name: one[which] if isinstance(one, np.ndarray) else one for name, one in self.fields.items()})


@dataclass(frozen=True, slots=True)
class Expected:
    """What must be read back of one or more rows of the table: an edge between two uids or keys."""

    client: str
    server: str
    port: int
    protocol: int
    action: str
    periodicity: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Network:
    """The interfaces by key, those that are logged (id -> from when, seconds since 1970), and addresses that nobody has any more."""

    interfaces: Mapping[str, Sequence[Interface]]
    logged: Mapping[str, int]
    gone: Mapping[str, str] = field(default_factory=dict)  # key -> address


@dataclass(frozen=True, slots=True)
class _End:
    """One address of a side of a conversation, and the interface behind it where there is one."""

    address: str
    interface: Interface | None = None
    service: str = "-"


@dataclass(frozen=True, slots=True)
class _Conversations:
    """Conversations between the same two addresses."""

    start: Whole
    end: Whole
    port: Whole  # the client's
    there: Whole  # bytes
    back: Whole

    def chosen(self, which: Flags) -> "_Conversations":
        return _Conversations(self.start[which], self.end[which], self.port[which], self.there[which], self.back[which])


# Source and target as the interface sees them, then the packet's own, their ports, bytes, tcp-flags.
_Half = tuple[_End, _End, _End, _End, Value, Value, Whole, int]


def window_of(now: datetime) -> tuple[int, int]:
    """From when to when there is traffic: whole days before *now*, to its last full hour; seconds since 1970."""
    first = (now - WINDOW).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return int(first.timestamp()), int(now.timestamp()) // HOUR_S * HOUR_S


class Traffic:
    """All records of a table's conversations over the *network* in the two weeks before *now*, and what they show."""

    def __init__(
        self, network: Network, now: datetime, seed: int, *, talks: Sequence[Talk] = TALKS, skipped: Sequence[Skipped] = SKIPPED
    ) -> None:
        self._talks = talks
        self._network = network
        self._now = now
        self._seed = seed
        self._first_s, self._end_s = window_of(now)
        hours = (self._end_s - self._first_s) // HOUR_S
        self._busy = {one: np.zeros(hours, bool) for one in network.logged}
        self._lost = {one: np.zeros(hours, bool) for one in network.logged}
        for gap in skipped:
            day = hours // 24 - gap.days_ago
            for one in network.interfaces[gap.key]:
                self._lost[one.id][day * 24 + gap.hours[0] : day * 24 + gap.hours[1] + 1] = True
        self._seen: dict[tuple[str, str, int, int, str], tuple[list[Rhythm], int]] = {}

    def records(self) -> Iterator[Records]:
        """Everything that is logged, interface by interface in ascending time, then what says that there was nothing."""
        for talk in self._talks:
            yield from self._of_talk(talk)
        yield from self._idle()

    def expected(self) -> tuple[Expected, ...]:
        """What was seen by some interface, once `records` has ended; sorted."""
        return tuple(
            Expected(client, server, port, protocol, action, _periodicity(rhythms), total)
            for (client, server, port, protocol, action), (rhythms, total) in sorted(self._seen.items())
        )

    def _of_talk(self, talk: Talk) -> Iterator[Records]:
        rng = np.random.default_rng([self._seed, zlib.crc32(f"{talk.client} {talk.server} {talk.port} {talk.rejected}".encode())])
        held = self._conversations(talk, rng)
        clients, servers = self._ends(talk.client), self._ends(talk.server)
        number = np.arange(len(held.start)) % (len(clients) * len(servers))
        for index, (client, server) in enumerate((one, other) for one in clients for other in servers):
            some = held.chosen(number == index)
            if talk.through:
                yield from self._through(talk, client, server, some)
            else:
                seen = np.zeros(len(some.start), bool)
                for interface in (client.interface, server.interface):
                    if interface is not None:
                        seen |= yield from self._at(interface, talk, client, server, some)
                self._note(talk, talk.client, talk.server, some, seen)

    def _through(self, talk: Talk, client: _End, server: _End, some: _Conversations) -> Iterator[Records]:
        """A conversation by a NAT gateway: the client's interface logs it, and the gateway's both of its legs.

        Source: Amazon VPC User Guide, "Flow log record examples", traffic through a NAT gateway.
        """
        nat = self._network.interfaces[talk.through][0]
        gateway = _End(nat.address, nat)
        if client.interface is not None:
            seen = yield from self._at(client.interface, talk, client, server, some)
            self._note(talk, talk.client, talk.server, some, seen)
        yield from self._at(nat, talk, client, gateway, some, behind=server)
        seen = yield from self._at(nat, talk, gateway, server, some)
        self._note(talk, talk.through, talk.server, some, seen)

    def _at(
        self, interface: Interface, talk: Talk, client: _End, server: _End, some: _Conversations, *, behind: _End | None = None
    ) -> Generator[Records, None, Flags]:
        """The records of *some* conversations at an interface; which of them it logged."""
        if interface.id not in self._busy:
            return np.zeros(len(some.start), bool)
        hour = (some.start - self._first_s) // HOUR_S
        kept = (some.start >= self._network.logged[interface.id]) & ~self._lost[interface.id][hour]
        if kept.any():
            self._busy[interface.id][hour[kept]] = True
            yield from _sides(interface, talk, some.chosen(kept), client=client, server=server, behind=behind or server)
        return kept

    def _note(self, talk: Talk, client: str, server: str, some: _Conversations, seen: Flags) -> None:
        if not seen.any():
            return
        key = (self._named(client), self._named(server), talk.port, talk.protocol, "REJECT" if talk.rejected else "ACCEPT")
        rhythms, total = self._seen.get(key, ([], 0))
        size = int(some.there[seen].sum()) + (0 if talk.rejected else int(some.back[seen].sum()))
        self._seen[key] = ([*rhythms, talk.rhythm], total + size)

    def _named(self, key: str) -> str:
        """The uid of a stranger; another's key."""
        if key in self._network.gone:
            return f"unknown:{self._network.gone[key]}"
        return next((one.uid for one in STRANGERS if one.key == key), key)

    def _ends(self, key: str) -> list[_End]:
        if key in self._network.gone:
            return [_End(self._network.gone[key])]
        for one in STRANGERS:
            if one.key == key:
                return [_End(str(address), service=one.service) for address in list(ipaddress.ip_network(one.network).hosts())[:20]]
        return [_End(one.address, one) for one in self._network.interfaces[key]]

    def _conversations(self, talk: Talk, rng: np.random.Generator) -> _Conversations:
        hours = np.arange(self._first_s, self._end_s, HOUR_S, dtype=np.int64)
        hours = hours[hours < self._end_s - talk.until_days_ago * DAY_S]
        chosen = hours[_falls_on(talk, hours, self._now)]
        each = 1 if talk.rhythm is Rhythm.HOURLY else 3
        count = len(chosen) * each
        start = np.repeat(chosen, each) + np.sort(rng.integers(30, HOUR_S - 2 * LONGEST_S, (len(chosen), each)), axis=1).ravel()
        day_part = (start % DAY_S) / DAY_S
        busy = 0.35 + 0.65 * (0.5 - 0.5 * np.cos(2 * np.pi * (day_part - 0.1))) if talk.rhythm is Rhythm.CONTINUOUS else np.ones(count)
        size = talk.kib * 1024 * busy * rng.lognormal(0, 0.2, count)
        return _Conversations(
            start=start,
            end=start + rng.integers(2, LONGEST_S, count),
            port=rng.integers(PORTS_FROM, PORTS_TO, count),
            there=np.maximum(40, size * (1 if talk.rejected else REQUEST_SHARE)).astype(np.int64),
            back=np.maximum(40, size * (1 - REQUEST_SHARE)).astype(np.int64),
        )

    def _idle(self) -> Iterator[Records]:
        """For each logged interface, one record for each hour without traffic, and one for each whose records were lost."""
        start = np.arange(self._first_s, self._end_s, HOUR_S, dtype=np.int64)
        interfaces = {one.id: one for some in self._network.interfaces.values() for one in some}
        for interface_id, busy in self._busy.items():
            lost = self._lost[interface_id]
            logged = start >= self._network.logged[interface_id]
            for status, which in (("NODATA", ~busy & ~lost & logged), ("SKIPDATA", lost & logged)):
                if which.any():
                    fields = _of_interface(interfaces[interface_id]) | {"start": start[which], "end": start[which] + CAPTURE_S - 1}
                    yield Records(interface_id, fields | {"log-status": status})


def _falls_on(talk: Talk, hours: Whole, now: datetime) -> Flags:
    """In which of the *hours* the two talk."""
    if talk.rhythm in (Rhythm.CONTINUOUS, Rhythm.HOURLY):
        return np.ones(len(hours), bool)
    day = hours // DAY_S
    match talk.rhythm:
        case Rhythm.DAILY:
            days = np.ones(len(day), bool)
        case Rhythm.WEEKLY:
            days = (day + 3) % 7 == talk.weekday  # the epoch was a Thursday
        case Rhythm.IRREGULAR:
            days = day % 3 == 0
        case Rhythm.MONTH_END:
            days = np.array([datetime.fromtimestamp(int(one + 1) * DAY_S, UTC).day == 1 for one in day], bool)
        case _:
            days = day == int(now.timestamp()) // DAY_S - ONCE_DAYS_AGO
    right_hour: Flags = hours % DAY_S // HOUR_S == talk.at_hour
    return days & right_hour


def _periodicity(rhythms: Sequence[Rhythm]) -> str:
    """What a window of two weeks shows of the most frequent of *rhythms*: a month's end is seen once."""
    found = min(rhythms, key=list(Rhythm).index)
    return "once" if found is Rhythm.MONTH_END else found.value


def _of_interface(interface: Interface) -> dict[str, Value]:
    """What every record of an interface says."""
    return {
        "version": 5,
        "vpc-id": interface.vpc_id,
        "subnet-id": interface.subnet_id,
        "instance-id": interface.instance_id or "-",
        "interface-id": interface.id,
        "account-id": interface.account_id,
    }


def _sides(interface: Interface, talk: Talk, some: _Conversations, *, client: _End, server: _End, behind: _End) -> Iterator[Records]:
    """What an interface logs of conversations: requests, and replies where they were let in."""
    action = "REJECT" if talk.rejected else "ACCEPT"
    shared = _of_interface(interface) | {
        "type": "IPv4",
        "protocol": talk.protocol,
        "start": some.start,
        "end": some.end,
        "action": action,
        "log-status": "OK",
    }
    flags = (OPENED if talk.rejected else OPENED_AND_CLOSED, ANSWERED_AND_CLOSED) if talk.protocol == 6 else (0, 0)
    request: _Half = (client, server, client, behind, some.port, talk.port, some.there, flags[0])
    reply: _Half = (server, client, behind, client, talk.port, some.port, some.back, flags[1])
    for src, dst, packet_src, packet_dst, srcport, dstport, octets, flag in (request,) if talk.rejected else (request, reply):
        yield Records(
            interface.id,
            shared
            | {
                "srcaddr": src.address,
                "dstaddr": dst.address,
                "pkt-srcaddr": packet_src.address,
                "pkt-dstaddr": packet_dst.address,
                "srcport": srcport,
                "dstport": dstport,
                "bytes": octets,
                "packets": octets // 1_200 + 1,
                "tcp-flags": flag,
                "pkt-src-aws-service": packet_src.service,
                "pkt-dst-aws-service": packet_dst.service,
                "flow-direction": "ingress" if dst.address == interface.address else "egress",
            },
        )


def stretches(start_s: Whole, edges_s: Whole) -> Iterator[tuple[int, slice]]:
    """The number of each stretch between two *edges_s* in which some begin, and which of them: *start_s* ascends."""
    cuts = np.searchsorted(start_s, edges_s)
    for number, (first, last) in enumerate(pairwise(cuts.tolist())):
        if last > first:
            yield number, slice(first, last)


def grouped(interfaces: Sequence[Interface]) -> dict[str, list[Interface]]:
    """The interfaces by the key that they serve; the others each by its own id."""
    found: dict[str, list[Interface]] = defaultdict(list)
    for one in interfaces:
        found[one.key or one.id].append(one)
    return dict(found)
