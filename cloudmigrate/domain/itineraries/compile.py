"""A wave of a plan as steps: an itinerary for each resource, groups in the order of their needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from cloudmigrate.domain.iac.distinct_names import Names
from cloudmigrate.domain.itineraries.building import Builder, Place
from cloudmigrate.domain.itineraries.by_hand import by_hand
from cloudmigrate.domain.itineraries.catalogue import itinerary_for
from cloudmigrate.domain.itineraries.ec2_rehost import Server, cannot_move, clean_up, rehost
from cloudmigrate.domain.itineraries.record import Bears, Itinerary, Move
from cloudmigrate.domain.itineraries.retain import retain
from cloudmigrate.domain.itineraries.security_groups import Clone, Owner, clone_groups
from cloudmigrate.domain.itineraries.server_interfaces import Interface, interfaces_of, own_groups
from cloudmigrate.domain.itineraries.step_order import groups_in_order, needs_first, one_list
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.retirements import ALONG
from cloudmigrate.domain.steps import ItineraryError, Step, check_steps
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.target_policy import TargetPolicy
from cloudmigrate.printable import one_line

SERVER, VOLUME, INTERFACE = "AWS::EC2::Instance", "AWS::EC2::Volume", "AWS::EC2::NetworkInterface"
GROUP, TARGET_GROUP = "AWS::EC2::SecurityGroup", "AWS::ElasticLoadBalancingV2::TargetGroup"


class TargetError(ItineraryError):
    """The estate file does not say where something goes to; names every such thing, what needs it, and what to add."""

    def __init__(self, lacking: Sequence[str]) -> None:
        self.lacking = tuple(lacking)
        super().__init__("; ".join(self.lacking))


def compile_wave(
    plan: Mapping[str, Any],
    resources: Iterable[Resource],
    policy: TargetPolicy,
    wave: int,
    strategies: Mapping[str, Strategy] | None = None,
    *,
    names: Names | None = None,
) -> list[Step]:
    """The steps of one wave of a plan's document. Raises TargetError, ItineraryError.

    *names*: of targets that would be called as another one of the plan, as `target_names` gives them; what could not be called otherwise
    is a step by hand.
    *strategies*: what becomes of a resource where it is not rehosted, as people decided by now. What the plan retires has to be retired by
    them still: it was given its wave for that. A server whose interfaces, hardware or image this cannot move, and
    every type without an itinerary, is a step by hand, for which those that depend on it wait.
    """
    groups = [one for one in plan["groups"] if one["wave"] == wave]
    if not groups:
        raise ItineraryError(f"plan {plan.get('plan_id')} has no wave {wave}, or nothing moves in it")
    inventory = {one.uid: one for one in resources}
    planned = _as_planned(groups, inventory, strategies or {})
    return _Wave(inventory, policy, {"plan": plan["plan_id"], "wave": wave}, planned, names or Names()).steps(groups)


def _as_planned(
    groups: Iterable[Mapping[str, Any]], inventory: Mapping[str, Resource], strategies: Mapping[str, Strategy]
) -> Mapping[str, Strategy]:
    """*strategies* with what goes along with what the plan retires. Raises ItineraryError where people decided otherwise since."""
    found = dict(strategies)
    for group in groups:
        if not group.get("retires"):
            continue
        retired = [uid for uid in group["members"] if strategies.get(uid) is Strategy.RETIRE]
        has_server = any(uid in inventory and inventory[uid].type == SERVER for uid in retired)
        for uid in group["members"]:
            now, known = strategies.get(uid), inventory.get(uid)
            goes_along = now is None and has_server and known is not None and known.type in ALONG
            if now is not Strategy.RETIRE and not goes_along:
                since = f"people decided to {now} it since" if now else "no decision says so now"
                raise ItineraryError(f"{uid} is retired in the plan, and {since}. Next: plan anew, so that it moves when it should")
            found[uid] = Strategy.RETIRE
    return found


@dataclass
class _Wave:
    inventory: Mapping[str, Resource]
    policy: TargetPolicy
    marks: Mapping[str, Any]
    strategies: Mapping[str, Strategy]
    names: Names

    def steps(self, groups: list[Mapping[str, Any]]) -> list[Step]:
        """All steps, checked."""
        ordered = groups_in_order(groups)
        servers = {uid: self.inventory[uid] for group in ordered for uid in sorted(group["members"]) if self._is_rehosted(uid)}
        self._check_targets(servers, [uid for group in ordered for uid in sorted(group["members"])])
        builders = {uid: self._builder(group["id"], uid) for group in ordered for uid in sorted(group["members"])}
        clones = self._clones(self._bearers(servers, list(builders)), builders)
        steps: list[Step] = []
        last: dict[str, list[Step]] = {}
        for group in ordered:
            members = sorted(group["members"])
            ends = [end for uid in members if (end := self._member(builders[uid], servers, clones, members)) is not None]
            waits_for = [step for need in group["needs"] for step in last.get(need, ())]
            last[group["id"]] = ends or waits_for
            for uid in members:
                self._clean_up(builders[uid], servers, clones, ends)
            steps += one_list([builders[uid].steps for uid in members], waits_for)
        ordered_steps = needs_first(steps)
        check_steps(ordered_steps)
        return ordered_steps

    @cached_property
    def _by_type(self) -> Mapping[str, list[Resource]]:
        """The inventory by type: an estate may hold thousands of each."""
        found: dict[str, list[Resource]] = {}
        for one in self.inventory.values():
            found.setdefault(one.type, []).append(one)
        return found

    @cached_property
    def _volumes(self) -> Mapping[str, Resource]:
        """Volumes by their own id."""
        return {str(one.spec.get("VolumeId")): one for one in self._by_type.get(VOLUME, ())}

    @cached_property
    def _managed(self) -> frozenset[str]:
        """Ids of the interfaces that services made, and make for the target too."""
        return frozenset(
            str(one.spec.get("NetworkInterfaceId")) for one in self._by_type.get(INTERFACE, ()) if one.spec.get("RequesterManaged")
        )

    def _further(self, source: Resource) -> tuple[Interface, ...]:
        """The interfaces of a server beside its own."""
        return interfaces_of(source, self._managed)[1:]

    def _borne(self, source: Resource) -> list[str]:
        """The security groups of all interfaces of a server, those of its own first."""
        further = (group_id for one in self._further(source) for group_id in one.group_ids)
        return list(dict.fromkeys((*own_groups(source, self._managed), *further)))

    def _builder(self, group: str, uid: str) -> Builder:
        found = self.inventory.get(uid)
        return Builder(group, uid, found.name if found else uid, self.marks, found.tags if found else {})

    def _strategy(self, uid: str) -> Strategy:
        return self.strategies.get(uid, Strategy.REHOST)

    def _is_rehosted(self, uid: str) -> bool:
        found = self.inventory.get(uid)
        return (
            found is not None and found.type == SERVER and self._strategy(uid) is Strategy.REHOST and not cannot_move(found, self._managed)
        )

    def _takes_parts(self, uid: str, servers: Mapping[str, Resource]) -> bool:
        """Whether its volumes and interfaces go where it goes: those of a server that is moved or retired."""
        found = self.inventory.get(uid)
        return uid in servers or (found is not None and found.type == SERVER and self._strategy(uid) is Strategy.RETIRE)

    def _moved(self, uid: str, clones: Mapping[str, Clone] | None = None) -> tuple[Itinerary, Move] | None:
        """The itinerary of the catalogue for a resource, whether or not something keeps it from that one."""
        found = self.inventory.get(uid)
        itinerary = itinerary_for(found.type, self._strategy(uid)) if found else None
        if found is None or itinerary is None:
            return None
        return itinerary, Move(found, self._target_of(found), self.policy, self.inventory, clones or {}, self.names)

    def _hinders(self, itinerary: Itinerary, move: Move) -> str:
        """Why a person has to move a resource; empty: nothing does."""
        return self.names.taken.get(move.source.uid, "") or itinerary.hinders(move)

    def _bearers(self, servers: Mapping[str, Resource], members: Iterable[str]) -> dict[str, tuple[Resource, Bears]]:
        """uid -> what it bears, of all whose security groups the target needs."""
        found = {}
        for uid in members:
            if uid in servers:
                found[uid] = servers[uid], Bears(tuple(self._borne(servers[uid])), str(servers[uid].spec.get("VpcId")))
            elif (moved := self._moved(uid)) and not self._hinders(*moved):
                found[uid] = moved[1].source, moved[0].bears(moved[1])
        return {uid: one for uid, one in found.items() if one[1].group_ids}

    def _clean_up(self, builder: Builder, servers: Mapping[str, Resource], clones: Mapping[str, Clone], ends: list[Step]) -> None:
        if builder.uid in servers:
            if self.policy.clean_up:
                clean_up(builder, self._server(servers[builder.uid], clones), ends)
        elif moved := self._moved(builder.uid, clones):
            itinerary, move = moved
            asked = self.policy.clean_up or itinerary.ends_source
            if asked and itinerary.clean_up is not None and builder.steps and not self._hinders(itinerary, move):
                itinerary.clean_up(builder, move, ends)

    def _target_of(self, source: Resource) -> Place:
        return Place(self.policy.account or source.account_id, self.policy.region or source.region)

    def _subnet_of(self, source: Resource) -> str | None:
        return self.policy.override(source.uid).subnet or self.policy.subnets.get(str(source.spec.get("SubnetId")))

    def _check_targets(self, servers: Mapping[str, Resource], members: list[str]) -> None:
        needing: dict[str, dict[str, None]] = {}  # what is missing -> the names of what needs it
        for source, lack in self._lacking(servers, members):
            needing.setdefault(lack, {})[source.name or source.uid] = None
        if needing:
            raise TargetError([one_line(f"{', '.join(names)}: {lack}") for lack, names in needing.items()])

    def _lacking(self, servers: Mapping[str, Resource], members: list[str]) -> Iterable[tuple[Resource, str]]:
        for itinerary, move in [one for uid in members if (one := self._moved(uid)) is not None]:
            if not self._hinders(itinerary, move):
                yield from ((move.source, lack) for lack in itinerary.lacks(move))
        for source in servers.values():
            if self._subnet_of(source) is None:
                yield source, f"no target subnet for {source.spec.get('SubnetId')} (add it to targets.subnets)"
            for other in self._further(source):
                if other.subnet_id not in self.policy.subnets:
                    yield source, f"no target subnet for {other.subnet_id} of interface {other.interface_id} (add it to targets.subnets)"
        for source, borne in self._bearers(servers, members).values():
            yield from ((source, lack) for lack in self._lacking_groups(source, borne))

    def _lacking_groups(self, source: Resource, borne: Bears) -> Iterable[str]:
        held = self._groups_of(source, borne)
        own = [one for one in held if one.spec["GroupId"] not in self.policy.security_groups]
        if own and borne.vpc_id not in self.policy.vpcs:
            yield f"no target VPC for {borne.vpc_id} (add it to targets.vpcs)"
        known = {str(one.spec["GroupId"]) for one in held} | set(self.policy.security_groups)
        unseen = sorted(set(borne.group_ids) - known)
        if unseen:
            yield f"security group {unseen[0]} is not in the inventory (scan again, or map it in targets)"

    def _groups_of(self, source: Resource, borne: Bears) -> list[Resource]:
        return [
            one
            for one in self._by_type.get(GROUP, ())
            if (one.account_id, one.region) == (source.account_id, source.region) and str(one.spec.get("GroupId")) in borne.group_ids
        ]

    def _clones(self, bearers: Mapping[str, tuple[Resource, Bears]], builders: Mapping[str, Builder]) -> dict[str, Clone]:
        """Clones by source group id; their steps belong to the first resource that bears the group."""
        places: dict[Place, dict[str, Resource]] = {}
        owners: dict[str, Owner] = {}
        ranks = {name: number for number, name in enumerate(dict.fromkeys(builders[uid].group for uid in builders))}
        for uid, (source, borne) in bearers.items():
            for one in self._groups_of(source, borne):
                group_id = str(one.spec["GroupId"])
                if group_id not in self.policy.security_groups:
                    places.setdefault(self._target_of(source), {})[group_id] = one
                    own = replace(builders[uid], tags=one.tags)  # the same list of steps
                    vpc_id = self.policy.vpcs[borne.vpc_id]
                    owners.setdefault(group_id, Owner(own, vpc_id, ranks[own.group]))
        found: dict[str, Clone] = {}
        for at, sources in places.items():
            found |= clone_groups(sources.values(), owners, at, self.policy, self.names)
        return found

    def _server(self, source: Resource, clones: Mapping[str, Clone]) -> Server:
        own = tuple(clones[one] for one in self._borne(source) if one in clones)

        def there(group_ids: Iterable[str]) -> tuple[Any, ...]:
            return tuple(clones[one].group_id if one in clones else self.policy.security_groups[one] for one in group_ids)

        group_ids = there(own_groups(source, self._managed))
        first, *others = interfaces_of(source, self._managed) or (None,)
        further = tuple((one, self.policy.subnets[one.subnet_id], there(one.group_ids)) for one in others if one is not None)
        volumes = self._volumes
        disks = {
            str(one["DeviceName"]): volumes[one["Ebs"]["VolumeId"]]
            for one in source.spec.get("BlockDeviceMappings") or ()
            if (one.get("Ebs") or {}).get("VolumeId") in volumes
        }
        subnet_id = self._subnet_of(source) or ""
        return Server(
            source,
            self._target_of(source),
            subnet_id,
            group_ids,
            own,
            disks,
            self._target_groups(source),
            self.policy,
            self.names,
            further,
            first,
        )

    def _target_groups(self, source: Resource) -> tuple[str, ...]:
        told = self.policy.override(source.uid).target_groups
        if told is not None:
            return told
        found = [
            self.policy.target_groups[one.uid]
            for one in self._by_type.get(TARGET_GROUP, ())
            if one.uid in self.policy.target_groups and any(target.get("Id") == source.spec["InstanceId"] for target in _targets(one.spec))
        ]
        return tuple(sorted(found))

    def _member(self, builder: Builder, servers: Mapping[str, Resource], clones: Mapping[str, Clone], members: list[str]) -> Step | None:
        """The last step of one member; None for what moves as a part of another."""
        found = self.inventory.get(builder.uid)
        if found is None:
            raise ItineraryError(f"{builder.uid} is in the plan but not in the inventory. Next: scan again, then plan anew")
        at = Place(found.account_id, found.region)
        if builder.uid in servers:
            return rehost(builder, self._server(found, clones))
        if found.type in (VOLUME, INTERFACE) and any(
            _holds(self.inventory[uid], found) for uid in members if self._takes_parts(uid, servers)
        ):
            return None
        if found.type == TARGET_GROUP and found.uid in self.policy.target_groups:
            return retain(builder, at, why=f"its targets are registered with {self.policy.target_groups[found.uid]}")
        chosen = self._strategy(builder.uid)
        if chosen is Strategy.RETAIN:
            return retain(builder, at, why="the plan retains it")
        why = cannot_move(found, self._managed) if found.type == SERVER and chosen is Strategy.REHOST else ""
        if moved := self._moved(builder.uid, clones):
            itinerary, move = moved
            why = self._hinders(itinerary, move)
            if not why:
                return itinerary.steps(builder, move)
        return by_hand(builder, found, at, why=why or ("" if chosen is Strategy.REHOST else f"the plan says {chosen.value}"))


def _targets(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The targets of a target group, in the forms that the inventory has."""
    held = spec.get("TargetHealthDescriptions") or spec.get("Targets") or ()
    return [one.get("Target", one) for one in held if isinstance(one, Mapping)]


def _holds(server: Resource, part: Resource) -> bool:
    if part.type == VOLUME:
        own = part.spec.get("VolumeId")
        return any((one.get("Ebs") or {}).get("VolumeId") == own for one in server.spec.get("BlockDeviceMappings") or ())
    own = part.spec.get("NetworkInterfaceId")
    return any(one.get("NetworkInterfaceId") == own for one in server.spec.get("NetworkInterfaces") or ())
