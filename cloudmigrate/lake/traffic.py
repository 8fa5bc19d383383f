"""Conversations between addresses to traffic between resources: the joins over time, and each half counted once."""

import ipaddress
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from operator import attrgetter

import pyarrow as pa

from cloudmigrate.domain.addresses import AddressInterval, InterfaceHolder
from cloudmigrate.domain.direction import CONFIDENCE, STRENGTH, DirectionRule
from cloudmigrate.domain.network import PRIVATE_SPANS, Span, span
from cloudmigrate.domain.periodicity import calendar_of
from cloudmigrate.lake.dataset import UTC_TIME
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.texts import Texts
from cloudmigrate.lake.traffic_datasets import FLOW_LOG_COVERAGE, OBSERVATION, TRAFFIC, TRAFFIC_ACTIVITY
from cloudmigrate.lake.views import Views, sql_text

# 0..1: that an end is the resource named; weights of ours. An address of the time before the first snapshot may have been another's;
# a network outside is named rightly but is no single machine; of an unknown private address nothing but the number is known.
RESOLUTIONS = (("resolved", 1.0), ("external", 0.9), ("assumed", 0.8), ("unknown", 0.5))
BESIDE_MB = 170  # of the memory that may be taken: for texts of millions of addresses, which DuckDB does not count
LOOPBACK = ("127.0.0.0/8", "::1/128", "::/128")
UIDS_AT_ONCE = 1_000_000  # numbered, and listed
MANY_ENDS = 1_000_000  # of 60 bytes each in a join
NO_DAY = date(1970, 1, 1)  # where there was no traffic
GUESS = 1 << STRENGTH[DirectionRule.GUESS]
_HOLDERS = pa.schema([(name, pa.string()) for name in ("interface_id", "vpc_id", "holder_uid")])
_INTERVALS = pa.schema(
    [(name, pa.string()) for name in ("address", "vpc_id", "interface_id", "holder_uid")]
    + [("valid_from", UTC_TIME), ("valid_to", UTC_TIME), ("assumed", pa.bool_())]
)
_KEYS = [("first_key", pa.string()), ("last_key", pa.string()), ("length", pa.int32())]
_ROUTES = pa.schema([("vpc_id", pa.string()), ("gateway_id", pa.string()), *_KEYS])
_NETWORKS = pa.schema([("cidr", pa.string()), *_KEYS])


def _texts(*names: str) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in names])


def write_traffic(
    views: Views,
    *,
    holders: Iterable[InterfaceHolder],
    intervals: Iterable[AddressInterval],
    part: str,
    reach: Iterable[tuple[str, str, str]] = (),
    members: Iterable[tuple[str, str]] = (),
    outside: Iterable[str] = (),
    owners: Mapping[str, str] | None = None,
    streams: Mapping[str, str] | None = None,
    refused_batches: Iterable[str] = (),
    refused_interfaces: Iterable[str] = (),
) -> tuple[Part, ...]:
    """Publish traffic, its activity by day, and the coverage of flow logs, of the snapshot of *views*.

    *holders* are all interfaces that any snapshot saw; *owners* what records say of interfaces that none saw (interface -> uid). *reach*
    says where a VPC's routes lead (VPC, CIDR, gateway) and *members* which VPCs lie behind a gateway (gateway, VPC); *outside* are known
    CIDRs that are not ours. *streams* tells which flow log each batch came from. Of *refused_batches* and *refused_interfaces* only
    rejected traffic was logged: their hours say nothing of what was accepted. Raises LakeError.
    """
    with ThreadPoolExecutor(1) as beside:
        _register_holders(views, holders)
        _register_words(views, owners or {}, streams or {})
        views.register("refused_batches", ({"batch": one} for one in refused_batches), _texts("batch"))
        views.register("refused_interfaces", ({"interface_id": one} for one in refused_interfaces), _texts("interface_id"))
        addresses = beside.submit(_addresses, intervals, reach, members, outside)
        _table(views, "covered", "flow_log_coverage")
        _meet(views, is_one_stream=len(set((streams or {}).values())) < 2)
        for name, table in addresses.result().items():
            views.register_table(name, table)
        _resolve(views)
        _add_up(views)
        _table(views, "logged", "traffic_logged")
        uids = _uids(views)
        names = {"source_uid": uids, "target_uid": uids}
        _drop(views, "uids")  # their room is needed
        activity = beside.submit(views.write_beside, sql_text("traffic_activity"), TRAFFIC_ACTIVITY, part=part, names=names)
        if len(uids) > UIDS_AT_ONCE:  # one after the other takes less room
            activity.result()
        traffic = views.write_statement(sql_text("traffic"), TRAFFIC, part=part, names=names)
        return traffic, activity.result(), views.write_statement("select * from covered", FLOW_LOG_COVERAGE, part=part)


def write_observation(views: Views, holders: Iterable[InterfaceHolder], *, part: str, addressed: Iterable[str] = ()) -> Part:
    """Publish what the window can have shown of each resource that has an interface, or at least an address, in this snapshot.

    *addressed* are the uids of resources that must have an address.
    """
    _register_holders(views, holders)
    views.register("addressed", ({"uid": one} for one in addressed), _texts("uid"))
    return views.write("observation", OBSERVATION, part=part)


def _meet(views: Views, *, is_one_stream: bool) -> None:
    """Make the view `located` of the conversations that count, and the table `met` of the addresses in them."""
    # Where one flow log delivered everything, nothing was captured twice: no need to look.
    _table(views, "repeated", "traffic_streams", suffix="limit 0" if is_one_stream else "")
    _table(views, "faces", "traffic_faces")
    views.execute(f"create temp view located as {sql_text('traffic_located')}")
    _table(views, "met", "traffic_met")


def _resolve(views: Views) -> None:
    """Make the table `uids` and the view `resolved`: conversations, and whose their addresses were when."""
    views.execute(sql_text("address_key"))
    views.execute(sql_text("midnight"))
    for name in ("claims", "homes", "held", "gaps", "strangers"):
        _table(views, name, f"traffic_{name}")
    _number_uids(views)
    _table(views, "ends", "traffic_ends")
    _drop(views, "met", "claims", "homes", "held", "gaps", "strangers")
    ends, pieces = views.execute("select count(*), count(*) filter (where not is_whole) from ends").fetchone() or (0, 0)
    if not pieces:  # then times need not be compared
        # All have both ends. Joined as if some had not, DuckDB holds the ends for both joins at once: quicker, while there is room.
        joined = "left join" if ends < MANY_ENDS else "inner join"
        views.execute(f"create temp view resolved as {sql_text('traffic_whole').replace('inner join', joined)}")
    else:
        views.execute(f"create temp view pieces as {sql_text('traffic_pieces')}")
        views.execute(f"create temp view resolved as {sql_text('traffic_resolved')}")


def _number_uids(views: Views) -> None:
    """Make the table `uids`, a bounded number of them at a time."""
    views.execute("create table uids (number integer, uid varchar)")
    strangers = (views.execute("select count(*) from strangers").fetchone() or (0,))[0]
    shares = 1 + strangers // UIDS_AT_ONCE
    for share in range(shares):
        numbered = (views.execute("select count(*) from uids").fetchone() or (0,))[0]
        params = {"shares": shares, "share": share, "numbered": numbered}
        views.execute(f"insert into uids {sql_text('traffic_numbers')}", params)


def _uids(views: Views) -> Texts:
    """All uids by their numbers, from 0."""
    (count,) = views.execute("select count(*) from uids").fetchone() or (0,)
    query = "select uid from uids where number > $after and number <= $after + $size order by number"
    starts = range(0, count, UIDS_AT_ONCE)
    pieces = [views.execute(query, {"after": start, "size": UIDS_AT_ONCE}).to_arrow_table().column(0).combine_chunks() for start in starts]
    return Texts(pieces, UIDS_AT_ONCE)


def _add_up(views: Views) -> None:
    """Make the table `by_day` and `periods` out of what `_resolve` made."""
    _table(views, "sided", "traffic_sided")
    _table(views, "refused", "traffic_refused")
    if views.execute("select not exists (from refused) and not exists (from sided where amid <> 0)").fetchone() == (True,):
        views.execute("alter table sided rename to summed")  # what the ends logged is all, each where it belongs
    else:
        _table(views, "summed", "traffic_summed")
        _drop(views, "sided")
    # Here, not where the ends are joined: a condition between them would cost that join its speed.
    views.execute("delete from summed where source = target")
    _drop(views, "refused", "ends")
    _table(views, "told", "traffic_told", {"guess": GUESS})
    if views.execute("select count(*) from told").fetchone() == (0,):  # nothing goes elsewhere than where it was summed
        views.execute("alter table summed rename to by_day")
    else:
        _table(views, "by_day", "traffic_days", {"guess": GUESS})
        _drop(views, "summed")
    add_up_days(views)


def add_up_days(views: Views) -> None:
    """Make `periods` out of the table `by_day`: what each edge sums up to, and how it repeats."""
    first, last = views.execute("select min(day), max(day) from by_day").fetchone() or (None, None)
    calendar = calendar_of(first or NO_DAY, last or NO_DAY)
    views.register("calendar", [{"looked_from": calendar.first_day}])
    views.execute(f"create temp view hourly as {sql_text('traffic_hourly')}")
    if first == last:  # what was seen on one day is summed up already, and no longer than a day
        views.execute("create temp view periods as select *, 'once' as periodicity from hourly")
        return
    _table(views, "totals", "traffic_totals")
    masks = {
        "weekend": calendar.weekend,
        "weekdays": list(calendar.weekdays),
        "month_ends": list(calendar.month_ends),
        "at_month_ends": sum(calendar.month_ends),
    }
    _table(views, "periods", "traffic_periods", masks)
    _drop(views, "totals")


def _table(views: Views, name: str, query: str, params: Mapping[str, object] | None = None, *, suffix: str = "") -> None:
    views.execute(f"create table {name} as {sql_text(query)} {suffix}", params)


def _drop(views: Views, *names: str) -> None:
    for name in names:
        views.execute(f"drop table {name}")


def _addresses(
    intervals: Iterable[AddressInterval],
    reach: Iterable[tuple[str, str, str]],
    members: Iterable[tuple[str, str]],
    outside: Iterable[str],
) -> dict[str, pa.Table]:
    """The tables intervals, routes, members and networks."""
    spans = [(vpc_id, gateway, keys) for vpc_id, cidr, gateway in reach for keys in _keys(span(cidr))]
    known = [(str(ipaddress.ip_network(cidr, strict=False)), keys) for cidr in outside for keys in _keys(span(cidr))]
    nobodys = [("", keys) for one in (*PRIVATE_SPANS, *map(span, LOOPBACK)) for keys in _keys(one)]
    return {
        "intervals": _table_of(_INTERVALS, map(attrgetter(*_INTERVALS.names), intervals)),
        "routes": _table_of(_ROUTES, ((vpc_id, gateway, *keys) for vpc_id, gateway, keys in spans)),
        "members": _table_of(_texts("gateway_id", "vpc_id"), members),
        "networks": _table_of(_NETWORKS, ((cidr, *keys) for cidr, keys in (*known, *nobodys))),
    }


def _table_of(schema: pa.Schema, rows: Iterable[tuple[object, ...]]) -> pa.Table:
    """Rows as a table: quicker than by names, which counts where they are an estate's addresses."""
    columns = [*zip(*rows, strict=True)] or [()] * len(schema)
    return pa.Table.from_arrays([pa.array(one, field.type) for one, field in zip(columns, schema, strict=True)], schema=schema)


def _register_words(views: Views, owners: Mapping[str, str], streams: Mapping[str, str]) -> None:
    owned = ({"interface_id": interface_id, "uid": uid} for interface_id, uid in owners.items())
    views.register("owners", owned, _texts("interface_id", "uid"))
    views.register("streams", ({"batch": batch, "stream": stream} for batch, stream in streams.items()), _texts("batch", "stream"))
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
    views.register_table("holders", _table_of(_HOLDERS, map(attrgetter(*_HOLDERS.names), by_interface.values())))


def _keys(addresses: Span | None) -> list[tuple[str, str, int]]:
    """The bounds of a network as the macro `address_key` gives addresses, and its length; none for what is no network."""
    if addresses is None:
        return []
    family, digits, bits, begins = ("6", 32, 128, 1 << 32) if addresses.is_ipv6 else ("4", 8, 32, 0)
    first, last = (f"{family}{number - begins:0{digits}x}" for number in (addresses.first, addresses.last))
    return [(first, last, bits - addresses.size.bit_length() + 1)]
