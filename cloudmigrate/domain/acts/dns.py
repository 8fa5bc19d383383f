"""Records of Route 53: read as they are, their time to live lowered, pointed elsewhere, and put back byte for byte."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Rest, Undo, quoted

PASSING = frozenset({"PriorRequestNotComplete"})  # Route 53 works on another change of the zone
# Source: Route 53 API reference, GetChange: changes generally propagate to all of its name servers within 60 seconds.
SPREADS = timedelta(seconds=60)
HELD = timedelta(minutes=65)  # an hour is the commonest time to live; for longer ones no process is held


def lowered(record: Mapping[str, Any], ttl_s: int) -> dict[str, Any]:
    """The record with a time to live of at most *ttl_s*; an alias has none of its own."""
    return {**record, "TTL": min(int(record["TTL"]), ttl_s)} if "TTL" in record else dict(record)


def pointed(params: Params) -> dict[str, Any]:
    """The simple record that the name has after cutover."""
    record = params["record"]
    return {"Name": record["Name"], "Type": record["Type"], "TTL": params["ttl_s"], "ResourceRecords": [{"Value": params["value"]}]}


def _upsert(zone_id: str, record: Mapping[str, Any]) -> Call:
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": dict(record)}]}
    return Call("route53", "ChangeResourceRecordSets", {"HostedZoneId": zone_id, "ChangeBatch": batch}, region="global")


def _listed(params: Params, name: str, kind: str) -> Call:
    asked = {"HostedZoneId": params["zone_id"], "StartRecordName": name, "StartRecordType": kind, "MaxItems": "1"}
    return Call("route53", "ListResourceRecordSets", asked, region="global")


def _as(params: Params, record: Mapping[str, Any]) -> Look:
    """Whether the record is there just as said."""
    same = " && ".join(f"{name}=={quoted(value)}" for name, value in sorted(record.items()))
    found = {"name": f"ResourceRecordSets[?{same}].Name | [0]"}
    return Look(_listed(params, record["Name"], record["Type"]), found)


def _read(params: Params) -> Await:
    same = f"Name=={quoted(params['name'])} && Type=={quoted(params['type'])} && !SetIdentifier"
    found = f"ResourceRecordSets[?{same}] | [0]"
    return Await(
        Look(_listed(params, params["name"], params["type"]), {"state": f"{found}.Name", "record": found}),
        frozenset({params["name"]}),
        within=timedelta(0),
        advice="the name must be a record of the zone that has no routing policy; correct targets.dns, or move the name by hand",
    )


READ_RECORD = Act("dns.read_record", "read what {name} says now", awaits=_read)
LOWER_TTL = Act(
    "dns.lower_ttl",
    "lower the time to live of {name} to {ttl_s} s",
    does=lambda params, key: _upsert(params["zone_id"], lowered(params["record"], params["ttl_s"])),
    keeps=("name",),
    noted_at="lowered_at",
    look=lambda params, key: _as(params, lowered(params["record"], params["ttl_s"])),
    undoes=lambda params, outputs: (Undo(_upsert(params["zone_id"], params["record"]), not_yet=PASSING),),
    is_repeatable=True,
    not_yet=PASSING,
    family="route53",
)


def cached(record: Mapping[str, Any], ttl_s: int) -> timedelta:
    """How long after its time to live was lowered caches may give the old answer out; nothing, where it was as low before."""
    old_ttl_s = int(record.get("TTL") or 0)
    return timedelta(seconds=old_ttl_s) + SPREADS if old_ttl_s > ttl_s else timedelta(0)


def _forgotten(params: Params) -> Rest:
    lasts = cached(params["record"], params["ttl_s"])
    why = f"caches may keep {params['name']} as it was for {lasts.total_seconds():.0f} s"
    return Rest(params["lowered_at"], lasts, lambda since, now: (), why=why, held=HELD)


AWAIT_FORGOTTEN = Act(
    "dns.await_forgotten", "wait until caches have forgotten {name} with its old time to live, before anything stops", rests=_forgotten
)
POINT_RECORD = Act(
    "dns.point_record",
    "point {name} at the target",
    does=lambda params, key: _upsert(params["zone_id"], pointed(params)),
    gives={"change_id": "ChangeInfo.Id"},
    keeps=("name", "record"),
    look=lambda params, key: _as(params, pointed(params)),
    # The record as it was, and not as the step before left it: that one may be undone already where this undo failed at first.
    undoes=lambda params, outputs: (Undo(_upsert(params["zone_id"], params["record"]), not_yet=PASSING),),
    is_repeatable=True,
    not_yet=PASSING,
    family="route53",
)
CHECK_RECORD = Act(
    "dns.check_record",
    "see that {name} says the target",
    awaits=lambda params: Await(
        Look(_as(params, pointed(params)).call, {"state": _as(params, pointed(params)).finds["name"]}),
        frozenset({params["record"]["Name"]}),
        within=timedelta(minutes=5),
    ),
)

ACTS = (READ_RECORD, LOWER_TTL, AWAIT_FORGOTTEN, POINT_RECORD, CHECK_RECORD)
