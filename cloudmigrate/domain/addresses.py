"""Who held which address when: intervals over successive snapshots, because addresses are used again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2262, 1, 1, tzinfo=UTC)
ANYWHERE = ""  # instead of a VPC, for public addresses: they are the same from everywhere


@dataclass(frozen=True, slots=True)
class InterfaceHolder:
    """One network interface, its addresses, and the resource that it serves."""

    interface_id: str
    account_id: str
    region: str
    vpc_id: str
    subnet_id: str
    addresses: tuple[str, ...]  # private ones, IPv4 and IPv6
    public_addresses: tuple[str, ...]
    holder_uid: str
    kind: str  # instance, load_balancer, nat, rds, cache, lambda, ecs, efs, endpoint, eks, transit_gateway, interface
    attached_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddressInterval:
    """That an address belonged to a resource from an instant (in) to another (out)."""

    address: str
    vpc_id: str
    interface_id: str
    holder_uid: str
    valid_from: datetime
    valid_to: datetime
    assumed: bool  # no snapshot says so: the time is before the first snapshot that knows the holder


@dataclass(frozen=True, slots=True)
class _Seen:
    holder: InterfaceHolder
    number: int  # of the snapshot


def intervals(snapshots: Sequence[tuple[datetime, Iterable[InterfaceHolder]]]) -> Iterator[AddressInterval]:
    """Who held each (VPC, address) at any time, by *snapshots* in order of time; intervals of one address never overlap.

    A snapshot is seen at one instant. What it sees holds until the first snapshot that sees another holder, or none. A new holder begins
    when it was attached, where that lies after the snapshot before; otherwise with the snapshot that first saw it, and the time since the
    one before is assumed to be its own if nobody else was seen with the address. Time before the first snapshot goes to the holder which
    that one saw, whatever its attach time, and is assumed.
    """
    instants = [at for at, _ in snapshots]
    seen: dict[tuple[str, str], dict[int, InterfaceHolder]] = defaultdict(dict)
    for number, (_, holders) in enumerate(snapshots):
        for holder in sorted(holders, key=lambda one: one.interface_id, reverse=True):  # of two, the first by id stays
            for address in holder.addresses:
                seen[holder.vpc_id, address][number] = holder
            for address in holder.public_addresses:
                seen[ANYWHERE, address][number] = holder
    for (vpc_id, address), by_number in sorted(seen.items()):
        yield from _of_address(vpc_id, address, by_number, instants)


def _of_address(vpc_id: str, address: str, by_number: dict[int, InterfaceHolder], instants: Sequence[datetime]) -> list[AddressInterval]:
    """The intervals of one address, oldest first."""
    runs: list[list[_Seen]] = []  # consecutive snapshots that saw the same holder
    for number in sorted(by_number):
        one = _Seen(by_number[number], number)
        last = runs[-1][-1] if runs else None
        if last is not None and last.number == number - 1 and last.holder.holder_uid == one.holder.holder_uid:
            runs[-1].append(one)
        else:
            runs.append([one])
    rows: list[AddressInterval] = []
    for number, run in enumerate(runs):
        first, last = run[0], run[-1]
        before = runs[number - 1][-1] if number else None
        following = runs[number + 1] if number + 1 < len(runs) else None
        assumed_from, begins = _beginning(first, before, instants)
        ends = _end(last, following, instants)
        shared = {"address": address, "vpc_id": vpc_id, "interface_id": last.holder.interface_id, "holder_uid": last.holder.holder_uid}
        if assumed_from is not None and assumed_from < begins:
            rows.append(AddressInterval(**shared, valid_from=assumed_from, valid_to=begins, assumed=True))
        if begins < ends:
            rows.append(AddressInterval(**shared, valid_from=begins, valid_to=ends, assumed=False))
    return rows


def _beginning(first: _Seen, before: _Seen | None, instants: Sequence[datetime]) -> tuple[datetime | None, datetime]:
    """From when the holder is assumed, if at all, and from when it is known."""
    at = instants[first.number]
    if first.number == 0:
        return EARLIEST, at
    previous = instants[first.number - 1]
    attached = first.holder.attached_at
    if attached is not None and previous < attached <= at:
        return None, attached
    was_held = before is not None and before.number == first.number - 1
    return (None if was_held else previous), at


def _end(last: _Seen, following: list[_Seen] | None, instants: Sequence[datetime]) -> datetime:
    """Until when the holder is known."""
    if last.number == len(instants) - 1:
        return LATEST
    unseen_at = instants[last.number + 1]
    if following is None or following[0].number != last.number + 1:
        return unseen_at
    return _beginning(following[0], last, instants)[1]
