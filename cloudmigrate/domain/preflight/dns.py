"""Names: the zone is ours to list, the name is a simple A record of it, and how long caches keep the old answer.

Not seen: who else changes the zone, resolvers that keep answers longer than told, and since when a lowered time to live stands.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.acts.dns import cached
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import GLOBAL, Answers, Kind, Question, WaveFacts, any_unseen, failed, passed, unseen
from cloudmigrate.domain.preflight.record import Check

NAME = CheckName.DNS
NO_ZONE = frozenset({"NoSuchHostedZone", "InvalidInput"})
Named = tuple[str, str, str]  # account of the zone, zone, name


def _names(wave: WaveFacts) -> Iterator[Named]:
    """Every name that a step reads or points."""
    found = {
        (one.step.account_id, str(one.step.params["zone_id"]), str(one.step.params["name"]))
        for one in wave.explained
        if "zone_id" in one.step.params and "name" in one.step.params
    }
    yield from sorted(found)


def _zone(named: Named) -> Question:
    account_id, zone_id, _ = named
    return Question(account_id, GLOBAL, "route53", "GetHostedZone", {"Id": zone_id}, "HostedZone", NO_ZONE)


def _records(named: Named) -> Question:
    account_id, zone_id, name = named
    asked = {"HostedZoneId": zone_id, "StartRecordName": name, "MaxItems": "20"}
    return Question(account_id, GLOBAL, "route53", "ListResourceRecordSets", asked, "ResourceRecordSets[]", NO_ZONE)


def _asks(wave: WaveFacts) -> Iterator[Question]:
    for named in _names(wave):
        yield from (_zone(named), _records(named))


def _judges(wave: WaveFacts, answers: Answers) -> Iterator[Check]:
    lowered = wave.estate.targets.dns_ttl_s
    for named in _names(wave):
        yield _judged(named, answers[_zone(named)], answers[_records(named)], lowered)


def _judged(named: Named, zone: Any, records: Any, lowered_s: int) -> Check:
    account_id, zone_id, name = named
    place = (account_id, GLOBAL)
    if any_unseen(zone, records):
        return unseen(NAME, name, place, zone, records)
    if zone is None:
        return failed(NAME, name, place, f"account {account_id} has no zone {zone_id}", "correct zone_id or zone_account in targets.dns")
    own = [one for one in records or () if one.get("Name") == name]
    if not name.endswith(f".{zone.get('Name')}") and name != zone.get("Name"):
        return failed(NAME, name, place, f"zone {zone_id} is {zone.get('Name')}, which has no such name", "correct zone_id in targets.dns")
    return _record(name, place, zone_id, own, lowered_s)


def _record(name: str, place: tuple[str, str], zone_id: str, own: list[Mapping[str, Any]], lowered_s: int) -> Check:
    """Whether the records under the name are one that steps can point elsewhere."""
    addresses = [one for one in own if one.get("Type") == "A"]
    if not addresses:
        kinds = ", ".join(sorted(str(one.get("Type")) for one in own)) or "nothing"
        return failed(NAME, name, place, f"zone {zone_id} has {kinds} under this name, and no A record", "point it by hand, or correct it")
    record = addresses[0]
    if len(addresses) > 1 or "SetIdentifier" in record:
        return failed(NAME, name, place, "it has a routing policy; only simple records are pointed", "take it out of targets.dns")
    if "AliasTarget" in record:
        target = (record["AliasTarget"] or {}).get("DNSName")
        return failed(NAME, name, place, f"it is an alias of {target}; only simple records are pointed", "take it out of targets.dns")
    ttl_s = int(record.get("TTL") or 0)
    values = ", ".join(str(one.get("Value")) for one in record.get("ResourceRecords") or ())
    told = f"A {values}, time to live {ttl_s} s"
    if ttl_s > lowered_s:
        wait = cached(record, lowered_s)
        waits = f"{told}; lowered to {lowered_s} s, and nothing stops before {wait.total_seconds():.0f} s have passed since then"
        return passed(NAME, name, place, waits)
    return passed(NAME, name, place, f"{told}: caches forget it within {ttl_s} s")


DNS = Kind(NAME, _asks, _judges)
