"""Conversations between addresses to traffic between resources: the joins over time, and each half counted once."""

import ipaddress
from collections.abc import Iterable

import pyarrow as pa

from cloudmigrate.domain.addresses import AddressInterval, InterfaceHolder
from cloudmigrate.domain.direction import CONFIDENCE, STRENGTH, DirectionRule
from cloudmigrate.lake.dataset import UTC_TIME
from cloudmigrate.lake.dependency_datasets import FLOW_LOG_COVERAGE, OBSERVATION, TRAFFIC, TRAFFIC_ACTIVITY
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.views import Views, sql_text

# 0..1: that an end is the resource named; weights of ours. An address of the time before the first snapshot may have been another's;
# a network outside is named rightly but is no single machine; of an unknown private address nothing but the number is known.
RESOLUTIONS = (("resolved", 1.0), ("external", 0.9), ("assumed", 0.8), ("unknown", 0.5))
_HOLDERS = pa.schema([(name, pa.string()) for name in ("interface_id", "vpc_id", "holder_uid")])
_INTERVALS = pa.schema(
    [(name, pa.string()) for name in ("address", "vpc_id", "interface_id", "holder_uid")]
    + [("valid_from", UTC_TIME), ("valid_to", UTC_TIME), ("assumed", pa.bool_())]
)
_REACH = pa.schema([("vpc_id", pa.string()), ("other_vpc_id", pa.string())])
_OUTSIDE = pa.schema([("cidr", pa.string()), ("first", pa.int64()), ("last", pa.int64()), ("length", pa.int32())])


def write_traffic(
    views: Views,
    *,
    holders: Iterable[InterfaceHolder],
    intervals: Iterable[AddressInterval],
    reach: Iterable[tuple[str, str]],
    outside: Iterable[str],
    part: str,
) -> tuple[Part, ...]:
    """Publish traffic, its activity by day, the coverage of flow logs and what they can have shown, of the snapshot of *views*.

    *holders* are all interfaces that any snapshot saw; *reach* the VPCs with a route to one another; *outside* known CIDRs that are
    not ours. Raises LakeError.
    """
    _register(views, holders, intervals, reach, outside)
    views.execute(f"create temp table ends as {sql_text('traffic_ends')}")
    views.execute(f"create temp table traffic_by_day as {sql_text('traffic_days')}", {"guess": STRENGTH[DirectionRule.GUESS]})
    views.execute(f"create temp table covered as {sql_text('flow_log_coverage')}")
    return (
        views.write("traffic", TRAFFIC, part=part),
        views.write_statement("select * from traffic_by_day", TRAFFIC_ACTIVITY, part=part),
        views.write_statement("select * from covered", FLOW_LOG_COVERAGE, part=part),
    )


def write_observation(views: Views, holders: Iterable[InterfaceHolder], *, part: str) -> Part:
    """Publish what the window can have shown of each resource that has an interface in this snapshot."""
    _register_holders(views, holders)
    return views.write("observation", OBSERVATION, part=part)


def _register(
    views: Views,
    holders: Iterable[InterfaceHolder],
    intervals: Iterable[AddressInterval],
    reach: Iterable[tuple[str, str]],
    outside: Iterable[str],
) -> None:
    """Make the values that the queries join with tables of the connection."""
    _register_holders(views, holders)
    views.register("intervals", ({name: getattr(one, name) for name in _INTERVALS.names} for one in intervals), _INTERVALS)
    views.register("reach", ({"vpc_id": one, "other_vpc_id": other} for one, other in reach), _REACH)
    views.register("outside", (row for cidr in outside for row in _bounds(cidr)), _OUTSIDE)
    views.register(
        "rules", [{"direction": str(rule), "strength": STRENGTH[rule], "confidence": CONFIDENCE[rule]} for rule in DirectionRule]
    )
    views.register(
        "resolutions",
        [{"resolution": name, "weakness": number, "confidence": share} for number, (name, share) in enumerate(RESOLUTIONS)],
    )


def _register_holders(views: Views, holders: Iterable[InterfaceHolder]) -> None:
    """Make the table of interfaces, one row each: of several snapshots' the last."""
    by_interface = {one.interface_id: one for one in holders}
    views.register("holders", ({name: getattr(one, name) for name in _HOLDERS.names} for one in by_interface.values()), _HOLDERS)


def _bounds(cidr: str) -> list[dict[str, object]]:
    """The bounds of an IPv4 network as numbers; none for another."""
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return []
    if network.version != 4:
        return []
    first, last = int(network.network_address), int(network.broadcast_address)
    return [{"cidr": str(network), "first": first, "last": last, "length": network.prefixlen}]
