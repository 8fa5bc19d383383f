"""Names that lead to what moves: read and made short-lived before cutover, pointed at the target after it."""

from collections.abc import Sequence
from dataclasses import dataclass

from cloudmigrate.domain.itineraries.building import Builder, Place, of
from cloudmigrate.domain.steps import Gate, Output, Step
from cloudmigrate.domain.target_policy import DnsName, TargetPolicy


@dataclass(frozen=True, slots=True)
class ReadName:
    """A name, and the steps that read its record, lowered its time to live, and waited until the old one had run out."""

    name: DnsName
    read: Step
    lower: Step
    forgotten: Step


def names_of(policy: TargetPolicy, uid: str) -> tuple[DnsName, ...]:
    """The names that lead to one resource, in order."""
    return tuple(sorted((one for one in policy.dns if one.uid == uid), key=lambda one: one.fqdn))


def read_names(builder: Builder, policy: TargetPolicy, source: Place, kind: str) -> list[ReadName]:
    """Each name of the builder's resource, read as a record of that type. Before cutover: what they say stays the same."""
    found = []
    for name in names_of(policy, builder.uid):
        at = Place(name.zone_account or source.account_id, source.region)
        zone = {"zone_id": name.zone_id, "name": name.fqdn}
        read = builder.add("dns.read_record", {**zone, "type": kind}, at)
        asked = {**zone, "ttl_s": policy.dns_ttl_s, "record": of(read, "record")}
        lower = builder.add("dns.lower_ttl", asked, at)
        forgotten = builder.add("dns.await_forgotten", {**asked, "lowered_at": of(lower, "lowered_at")}, at)
        found.append(ReadName(name, read, lower, forgotten))
    return found


def point_name(
    builder: Builder, policy: TargetPolicy, one: ReadName, value: Output, *, after: Sequence[Step], gate: Gate | None = None
) -> Step:
    """The name leads to *value*; the step that has seen it."""
    asked = {"zone_id": one.name.zone_id, "name": one.name.fqdn, "ttl_s": policy.dns_ttl_s}
    at = Place(one.read.account_id, one.read.region)
    given = {**asked, "record": of(one.read, "record"), "value": value}
    point = builder.add("dns.point_record", given, at, needs=after, gate=gate)
    return builder.add("dns.check_record", given, at, needs=(point,))
