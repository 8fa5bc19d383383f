"""Drift: whether the wave's neighbourhood is still what the plan was made from. Tags do not count."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.diff import Entry, InventoryDiff
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import failed, listed, passed, unknown
from cloudmigrate.domain.preflight.record import Check
from cloudmigrate.domain.resources import Coverage, Relation, Resource
from cloudmigrate.domain.spec_diff import Change

NAME = CheckName.DRIFT
PARTS = ("AWS::EC2::Volume", "AWS::EC2::SecurityGroup", "AWS::EC2::NetworkInterface")
# Types that are looked at beside those of the neighbourhood: what may have been attached to it since.
ALSO = (*PARTS, "AWS::ElasticLoadBalancingV2::TargetGroup")
REPLAN = "scan again and plan anew, or put back what was changed"


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What of an estate a wave touches, and what it needs and is needed by."""

    members: frozenset[str]
    uids: frozenset[str]  # members, their parts, and the direct neighbours
    types: Mapping[tuple[str, str], tuple[str, ...]]  # (account, region) -> types to look at again


# What a stop and a start change, and a wave that went back has done both: public addresses out of EC2's pool, and times. An elastic
# address is a resource of its own.
PASSING = frozenset({"Association", "PublicDnsName", "PublicIpAddress", "LaunchTime", "StateTransitionReason", "UsageOperationUpdateTime"})


def lasting(spec: Any) -> Any:
    """A description without what changes whenever a server stops and starts."""
    if isinstance(spec, Mapping):
        return {name: lasting(value) for name, value in spec.items() if name not in PASSING}
    return [lasting(one) for one in spec] if isinstance(spec, list | tuple) else spec


def neighbourhood_of(members: Collection[str], resources: Mapping[str, Resource], edges: Iterable[tuple[str, str]]) -> Neighbourhood:
    """The members, the volumes, groups and interfaces that they bear, and who is one step away in the dependency graph."""
    own = {uid for uid in members if uid in resources}
    beside = {end for edge in edges if not own.isdisjoint(edge) for end in edge if end in resources}
    ids = {named for uid in own for named in _named_in(resources[uid].spec)}
    parts = {one.uid for one in resources.values() if one.type in PARTS and one.uid.rpartition("/")[2] in ids}
    every = own | beside | parts
    found: dict[tuple[str, str], set[str]] = {}
    for uid in every:
        found.setdefault((resources[uid].account_id, resources[uid].region), set()).add(resources[uid].type)
    types = {place: tuple(sorted(seen | (set(ALSO) if place[1] != "global" else set()))) for place, seen in sorted(found.items())}
    return Neighbourhood(frozenset(own), frozenset(every), types)


def _named_in(spec: Mapping[str, Any]) -> Iterator[str]:
    """The ids of volumes, groups and interfaces that a description names."""
    yield from (str((one.get("Ebs") or {}).get("VolumeId")) for one in spec.get("BlockDeviceMappings") or ())
    yield from (str(one.get("GroupId")) for one in spec.get("SecurityGroups") or () if isinstance(one, Mapping))
    yield from (str(one.get("VpcSecurityGroupId")) for one in spec.get("VpcSecurityGroups") or ())
    yield from (str(one.get("NetworkInterfaceId")) for one in spec.get("NetworkInterfaces") or () if isinstance(one, Mapping))


def of_drift(
    near: Neighbourhood, diff: InventoryDiff, before: Iterable[Relation], after: Iterable[Relation], coverage: Iterable[Coverage]
) -> Iterator[Check]:
    """A failure for each thing that changed, a check of what could not be seen again, and a pass for each place where nothing did."""
    failures = [*_vanished(near, diff), *_changed(near, diff)]
    failures += _edges(near, set(before), set(after), diff)
    yield from failures
    gaps = [one for one in coverage if one.status.is_gap]
    for gap in gaps:
        told = f"{gap.type} could not be looked at again: {gap.detail or gap.status.value}"
        advice = f"grant {gap.missing_action}" if gap.missing_action else "mend what keeps it from being read, then run the preflight again"
        yield unknown(NAME, gap.type, (gap.account_id, gap.region), told, advice)
    blind = {(one.account_id, one.region) for one in gaps}
    for place in near.types:
        if place not in blind and not any((one.account_id, one.region) == place for one in failures):
            yield passed(NAME, "", place, f"{len(near.types[place])} types looked at again: the neighbourhood is what the plan has")


def _vanished(near: Neighbourhood, diff: InventoryDiff) -> Iterator[Check]:
    for one in diff.vanished:
        if one.uid in near.uids:
            yield failed(NAME, one.uid, _place(one), f"{one.type} {one.name} is gone since the plan", REPLAN)


def _changed(near: Neighbourhood, diff: InventoryDiff) -> Iterator[Check]:
    for changed in diff.changed:
        told = [_told(change) for change in changed.changes if _counts(change)]
        if changed.entry.uid in near.uids and told:
            entry = changed.entry
            yield failed(NAME, entry.uid, _place(entry), f"{entry.type} {entry.name}: {listed(told)}", REPLAN)


def _edges(near: Neighbourhood, before: set[Relation], after: set[Relation], diff: InventoryDiff) -> Iterator[Check]:
    """What configuration binds to a member now, and did not, or no longer does; of an end that is gone or was not seen again, nothing."""
    entries = {one.uid: one for one in diff.appeared}
    untold = {one.uid for one in (*diff.vanished, *diff.not_seen)}
    for what, found in (("new", after - before), ("gone", before - after)):
        for one in sorted(found, key=lambda one: (one.source_uid, one.target_uid, one.kind)):
            ends = [uid for uid in (one.source_uid, one.target_uid) if uid in near.members]
            if not ends or not untold.isdisjoint((one.source_uid, one.target_uid)):
                continue
            other = one.target_uid if one.source_uid == ends[0] else one.source_uid
            named = f"{entries[other].type} {entries[other].name}" if other in entries else other
            place = _place_of(ends[0])
            yield failed(NAME, ends[0], place, f"{what} edge by configuration: {one.kind} {named}", REPLAN)


def _counts(change: Change) -> bool:
    """Whether it says that something else is moved; names of most things are tags."""
    return not change.path.startswith("tags") and change.path not in ("name", "created_at")


def _told(change: Change) -> str:
    return f"{change.path} was {_short(change.before)}, is {_short(change.after)}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _place(entry: Entry) -> tuple[str, str]:
    return entry.account_id, entry.region


def _place_of(uid: str) -> tuple[str, str]:
    parts = uid.split(":")
    return (parts[4], parts[3]) if len(parts) > 5 else ("", "")
