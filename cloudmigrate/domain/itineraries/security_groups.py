"""Security groups cloned for a move group: all are created first, then every rule is added, with the groups that it names exchanged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.acts.ec2_groups import EVERYTHING
from cloudmigrate.domain.iac.distinct_names import Names
from cloudmigrate.domain.iac.kinds.security_groups import group_name, plain_text
from cloudmigrate.domain.itineraries.building import Builder, Place, of
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Gate, Output, Reversal, Step
from cloudmigrate.domain.target_policy import TargetPolicy


@dataclass(frozen=True, slots=True)
class Clone:
    """A group of the target: its id, and the steps after which it has all its rules."""

    group_id: Output
    ready: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """The resource whose steps a clone's are: the first that bears the group."""

    builder: Builder  # with the group's own tags
    vpc_id: str
    rank: int  # the place of its move group in the order of the wave


def clone_groups(
    sources: Iterable[Resource], owners: Mapping[str, Owner], at: Place, policy: TargetPolicy, names: Names
) -> dict[str, Clone]:
    """source group id -> its clone. *owners*: by group id. *names*: of clones that would be called as something else is.

    A rule that names a group of a later move group is added by that one: what comes first works, and goes back, without the other.
    """
    ordered = sorted(sources, key=lambda one: one.uid)
    created: dict[str, Step] = {}
    for one in ordered:
        group_id = str(one.spec["GroupId"])
        named = {"name": names.of(one.uid, group_name(one)), "description": plain_text(str(one.spec.get("Description", ""))) or "cloned"}
        named["vpc_id"] = owners[group_id].vpc_id
        created[group_id] = owners[group_id].builder.add("ec2.create_security_group", named, at)
    ready: dict[str, list[Step]] = {name: [step] for name, step in created.items()}
    for one in ordered:
        _add_rules(one, created, ready, owners=owners, policy=policy)
    return {name: Clone(of(step, "group_id"), tuple(ready[name])) for name, step in created.items()}


def _add_rules(
    source: Resource, created: Mapping[str, Step], ready: dict[str, list[Step]], *, owners: Mapping[str, Owner], policy: TargetPolicy
) -> None:
    """Add the steps that give a clone its rules; *ready* gets each under the groups that need it."""
    own = str(source.spec["GroupId"])
    at, group_id, builder = Place(created[own].account_id, created[own].region), of(created[own], "group_id"), owners[own].builder
    known: dict[str, Any] = {**policy.security_groups, **{name: of(step, "group_id") for name, step in created.items()}}
    left_out: list[str] = []
    by_owner: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for direction, member in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        for rule in source.spec.get(member) or ():
            for named, piece in _pieces(rule, known, policy, left_out):
                later = named if named in owners and owners[named].rank > owners[own].rank else own
                by_owner.setdefault((direction, later), []).append(piece)
    outside = by_owner.get(("egress", own), [])
    kept = [one for one in outside if _bare(one) != EVERYTHING]
    if len(kept) == len(outside):
        ready[own].append(builder.add("ec2.close_egress", {"group_id": group_id}, at))
    by_owner["egress", own] = kept
    for (direction, later), pieces in sorted(by_owner.items(), key=lambda pair: (pair[0][0] == "egress", pair[0][1] != own, pair[0])):
        if pieces:
            asked = {"group_id": group_id, "permissions": pieces}
            ready[later].append(owners[later].builder.add(f"ec2.authorize_{direction}", asked, at))
    if left_out:
        text = (
            f"security group {source.name} ({source.uid}): its rules name {', '.join(sorted(set(left_out)))}, which the target has not; "
            "add to its clone the rules that are needed there, or map them in targets.security_groups and targets.prefix_lists"
        )
        needs, undo = (created[own],), Reversal.UNDO
        ready[own].append(builder.add("by_hand.confirm", {"text": text}, at, needs=needs, gate=Gate.BY_HAND, reversal=undo))


def _pieces(
    rule: Mapping[str, Any], known: Mapping[str, Any], policy: TargetPolicy, left_out: list[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rule as the target can have it, one piece for each group that it names and one for all else, with the group's id or "".

    *left_out* gets what it names and the target lacks.
    """
    ports = {name: rule[name] for name in ("FromPort", "ToPort") if rule.get(name) is not None}
    base: dict[str, Any] = {"IpProtocol": str(rule["IpProtocol"]), **ports}
    lists = []
    for entry in rule.get("PrefixListIds") or ():
        named = str(entry.get("PrefixListId", ""))
        if named in policy.prefix_lists:
            lists.append({"PrefixListId": policy.prefix_lists[named], **_described(entry)})
        else:
            left_out.append(named)
    kept: dict[str, Any] = {
        "IpRanges": [{"CidrIp": one["CidrIp"], **_described(one)} for one in rule.get("IpRanges") or ()],
        "Ipv6Ranges": [{"CidrIpv6": one["CidrIpv6"], **_described(one)} for one in rule.get("Ipv6Ranges") or ()],
        "PrefixListIds": lists,
    }
    held = {name: value for name, value in kept.items() if value}
    if held:
        yield "", {**base, **held}
    for pair in rule.get("UserIdGroupPairs") or ():
        named = str(pair.get("GroupId", ""))
        if named in known:
            yield named, {**base, "UserIdGroupPairs": [{"GroupId": known[named], **_described(pair)}]}
        else:
            left_out.append(named)


def _described(entry: Mapping[str, Any]) -> dict[str, str]:
    text = plain_text(str(entry.get("Description") or ""))
    return {"Description": text} if text else {}


def _bare(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rule without its words."""
    ranges = [{"CidrIp": one["CidrIp"]} for one in rule.get("IpRanges", ())]
    return {**{name: value for name, value in rule.items() if name not in {"FromPort", "ToPort"}}, "IpRanges": ranges}
