"""The blueprint of a plan: its resources made into those of the target, with the networks, identities and keys that they refer to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from cloudmigrate.domain.iac.catalogue import BY_TYPE
from cloudmigrate.domain.iac.harmless import with_harmless_values
from cloudmigrate.domain.iac.kind import Kind
from cloudmigrate.domain.iac.model import Blueprint, LeftOut, Place, TargetResource, Unit
from cloudmigrate.domain.iac.naming import slug, terraform_name
from cloudmigrate.domain.iac.observed import SECURITY_GROUP, Traffic
from cloudmigrate.domain.iac.replacing import with_exchanged
from cloudmigrate.domain.iac.source import Known, NotGenerated, Source
from cloudmigrate.domain.iac.told import told_by_policy
from cloudmigrate.domain.iac.values import Came, Origin, Ref, Value, Variable
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.strategies import STAYS, Strategy
from cloudmigrate.domain.target_policy import TargetPolicy

FOUNDATION = "foundation"
HOME_OF_GLOBAL = "us-east-1"  # where global things of an account go that has nothing else


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known about the sources besides their configuration; all by uid but the rules."""

    workloads: Mapping[str, str] = field(default_factory=dict)
    strategies: Mapping[str, Strategy] = field(default_factory=dict)
    sizing: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # rows of `sizing`
    needed_rules: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)  # move group -> rows of `needed_rules`
    existing: Mapping[str, str] = field(default_factory=dict)  # what was migrated already: its target's id
    rows: Mapping[str, str] = field(default_factory=dict)  # which row of the table of strategies decided
    images: Mapping[str, str] = field(default_factory=dict)  # servers whose image is copied already: its id in the target
    rightsized: bool = True  # whether servers get the smaller size that `sizing` proposes
    observed_rules: bool = False  # whether security groups get only those of their rules that observed traffic needs


def blueprint(plan: Mapping[str, Any], resources: Iterable[Resource], policy: TargetPolicy, decided: Decided) -> Blueprint:
    """The target of all waves of a plan's document. The same input gives the same blueprint."""
    inventory = {one.uid: one for one in resources}
    waves = {uid: (int(group["wave"]), group["id"]) for group in plan["groups"] for uid in group["members"]}
    groups = {uid: group for uid, (_, group) in waves.items()}
    mapped = frozenset(map(str, policy.vpcs))
    seen = Traffic(inventory, groups, decided.needed_rules, mapped) if decided.observed_rules else None
    making = _Making(inventory, policy, decided, seen)
    for uid in sorted(waves):
        making.moving(uid, waves[uid][1])
    making.shared()
    making.without_dead_ends()
    units = _units(making, {uid: wave for uid, (wave, _) in waves.items()}, decided)
    left = sorted(making.left_out.values(), key=lambda one: one.uid)
    return Blueprint(plan["plan_id"], plan["content_hash"], units, tuple(left), dict(sorted(making.not_carried.items())))


@dataclass
class _Making:
    """What was made so far."""

    inventory: Mapping[str, Resource]
    policy: TargetPolicy
    decided: Decided
    traffic: Traffic | None = None  # None: the rules of security groups are the sources'
    made: dict[str, list[TargetResource]] = field(default_factory=dict)  # by uid of the source
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    not_carried: dict[str, tuple[str, ...]] = field(default_factory=dict)
    wanted: list[str] = field(default_factory=list)  # shared sources that something refers to
    _named: dict[str, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    _beside: dict[tuple[str, str, str], list[Resource]] = field(default_factory=lambda: defaultdict(list))  # by account, region, type
    _by_member: dict[tuple[str, str, str, str], dict[str, list[Resource]]] = field(default_factory=dict)
    _homes: dict[str, str] = field(default_factory=dict)  # account of the source -> the region where it has most

    def __post_init__(self) -> None:
        regions: dict[str, Counter[str]] = defaultdict(Counter)
        for one in sorted(self.inventory.values(), key=lambda resource: resource.uid):
            self._beside[one.account_id, one.region, one.type].append(one)
            regions[one.account_id][one.region] += one.region != "global"
            kind = BY_TYPE.get(one.type)
            for member in kind.known_as if kind else ():
                name = one.spec.get(member)
                if isinstance(name, str) and name:
                    self._named[name].append(one)

        self._homes = {
            account: min(some, key=lambda region: (-some[region], region)) for account, some in regions.items() if any(some.values())
        }

    def place_of(self, resource: Resource) -> Place:
        """Where its target is. What is global goes where its account has most."""
        account = self.policy.account or resource.account_id
        if self.policy.region or resource.region != "global":
            return Place(account, self.policy.region or resource.region)
        return Place(account, self._homes.get(resource.account_id, HOME_OF_GLOBAL))

    def moving(self, uid: str, group: str) -> None:
        """Make what stands for a source that a plan moves."""
        resource = self.inventory.get(uid)
        strategy = self.decided.strategies.get(uid, Strategy.REHOST)
        if resource is None:
            self._leave(uid, "", "the snapshot of the plan has nothing of that name")
        elif strategy in STAYS:
            self._leave(uid, resource.type, f"its strategy is {strategy.value}")
        elif resource.type not in BY_TYPE:
            self._leave(uid, resource.type, "no code is made for this type")
        else:
            self._make(resource, strategy, self.decided.needed_rules.get(group, ()))

    def shared(self) -> None:
        """Make the shared things that something refers to, and those that they refer to."""
        while self.wanted:
            uid = self.wanted.pop()
            if uid not in self.made and uid not in self.left_out:
                self._make(self.inventory[uid], Strategy.REHOST, ())

    def _make(self, resource: Resource, strategy: Strategy, rules: Iterable[Mapping[str, Any]]) -> None:
        kind = BY_TYPE[resource.type]
        lacking = [name for name in kind.asks_for if resource.spec.get(name) in (None, "")]
        if lacking:
            self._leave(resource.uid, resource.type, f"the inventory does not tell its {lacking[0]}: discover it anew")
            return
        source = Source(
            resource,
            self.place_of(resource),
            self.policy,
            self.find,
            self.relatives,
            strategy,
            sizing=self.decided.sizing.get(resource.uid, {}),
            needed_rules=rules,
            look=self.look,
            wants=self.want,
            related=self.related,
            strategies=self.decided.strategies,
            row=self.decided.rows.get(resource.uid, ""),
            is_rightsized=self.decided.rightsized,
            image=self.decided.images.get(resource.uid),
            observed=self.traffic.of(resource) if self.traffic and resource.type == SECURITY_GROUP else None,
        )
        try:
            made = [with_harmless_values(one) for one in kind.makes(source)]
        except NotGenerated as reason:
            self._leave(resource.uid, resource.type, str(reason))
            return
        existing = self.decided.existing.get(resource.uid)
        self.made[resource.uid] = [replace(made[0], exists_as=existing), *made[1:]] if existing else made
        rest = [name for name, value in resource.spec.items() if value not in (None, "", [], {}, False)]
        lost = sorted(set(rest) - source.read - set(kind.not_configuration))
        if lost:
            self.not_carried[resource.uid] = tuple(lost)

    def _leave(self, uid: str, type_: str, reason: str) -> None:
        self.left_out[uid] = LeftOut(uid, type_, reason)

    def without_dead_ends(self) -> None:
        """Leave out what would lead to something that is not made, such as a route to a gateway: it works without, and is told."""
        while True:
            keys = {one.key for made in self.made.values() for one in made}
            dead = [one for made in self.made.values() for one in made if not keys.issuperset(one.only_with)]
            if not dead:
                return
            for one in dead:
                assert one.uid is not None  # noqa: S101 - only what stands for a source is only made with others
                lacking = sorted(set(one.only_with) - keys)
                why = "; ".join(f"{key}: {_reason(self, key.split('#', 1)[0])}" for key in lacking)
                self.left_out[one.key] = LeftOut(one.key, one.type, f"it leads to what is not made: {why}")
                self.made[one.uid].remove(one)

    def want(self, resource: Resource) -> None:
        """Have a shared source made too."""
        kind = BY_TYPE.get(resource.type)
        if kind is not None and kind.is_shared and resource.uid not in self.made:
            self.wanted.append(resource.uid)

    def find(self, near: Resource, name: str, type_: str | None) -> Known | None:
        """What a name in the configuration of *near* is in the target: what the estate file says, else what is made."""
        known = self.look(near, name, type_)
        if known is not None and known.key is not None:
            self.want(self.inventory[known.key])
        return known

    def look(self, near: Resource, name: str, type_: str | None) -> Known | None:
        """As `find`, but what is shared is not made for it."""
        told = told_by_policy(self.policy, name, type_)
        if told is not None:
            return told
        found = self._resource(near, name, type_)
        if found is None:
            return None
        told = told_by_policy(self.policy, str(found.spec.get("Id") or found.uid), found.type)
        if told is not None:
            return told
        kind = BY_TYPE.get(found.type)
        there = self._is_there(found)
        if there:
            return Known(literal=name, rule=there)
        if kind is None:
            return None
        arn = kind.named_arn(found, self.place_of(found), self.policy) if kind.is_named else None
        return Known(key=found.uid, arn=kind.arn, named_arn=arn)

    def _is_there(self, found: Resource) -> str:
        """Why a source serves its target as well; empty: it does not."""
        place = self.place_of(found)
        if found.region == "global" and found.type.startswith("AWS::IAM::") and place.account_id == found.account_id:
            return "identities are the same in every region of an account"
        kind = BY_TYPE.get(found.type)
        if kind and kind.stays_in_place and (place.account_id, place.region) == (found.account_id, found.region):
            return "it is there already: the target is in the same account and region"
        return ""

    def _resource(self, near: Resource, name: str, type_: str | None) -> Resource | None:
        exact = self.inventory.get(name)
        if exact is not None:
            return exact
        named = [one for one in self._named.get(name, ()) if type_ in (None, one.type)]
        beside = [one for one in named if one.account_id == near.account_id and near.region in (one.region, "global")]
        anywhere = [one for one in named if one.account_id == near.account_id and one.region == "global"] or named
        chosen = beside or anywhere
        return chosen[0] if len(chosen) == 1 else None

    def relatives(self, resource: Resource, type_: str) -> list[Resource]:
        """Sources of a type in the account and region of *resource*, by uid. Who takes one into its target wants it."""
        return list(self._beside.get((resource.account_id, resource.region, type_), ()))

    def related(self, resource: Resource, type_: str, member: str, value: str) -> list[Resource]:
        """The relatives of *resource* of which a member of the configuration is *value*."""
        place = (resource.account_id, resource.region, type_)
        index = self._by_member.get((*place, member))
        if index is None:
            index = self._by_member[*place, member] = defaultdict(list)
            for one in self._beside.get(place, ()):
                index[str(one.spec.get(member))].append(one)
        return list(index.get(value, ()))


def _units(making: _Making, waves: Mapping[str, int], decided: Decided) -> tuple[Unit, ...]:
    parts: defaultdict[tuple[int, str, Place], list[TargetResource]] = defaultdict(list)
    for uid, made in sorted(making.made.items()):
        wave = waves.get(uid, 0)
        workload = decided.workloads.get(uid, FOUNDATION if wave == 0 else making.inventory[uid].name)
        for one in made:
            parts[wave, FOUNDATION if wave == 0 else workload, one.place].append(one)
    seen: defaultdict[tuple[str, Place], int] = defaultdict(int)
    units = []
    for (wave, workload, place), resources in sorted(parts.items(), key=lambda pair: pair[0]):
        seen[workload, place] += 1
        number = seen[workload, place]
        suffix = f"-{number}" if number > 1 else ""
        name = f"{slug(workload, f'{workload}|{place.account_id}|{place.region}')}{suffix}"
        units.append(Unit(name, workload, wave, place, tuple(resources)))
    return _referring_back(_in_order(units), making)


def _in_order(units: list[Unit]) -> list[Unit]:
    """The units of each wave so that each comes after those that it refers to, as far as they do not refer to one another in a circle."""
    unit_of = {resource.key: unit.name for unit in units for resource in unit.resources}
    by_name = {unit.name: unit for unit in units}
    needs = {
        unit.name: {unit_of[one.key] for resource in unit.resources for one in resource.references() if one.key in unit_of} - {unit.name}
        for unit in units
    }
    ordered: list[Unit] = []
    placed: set[str] = set()

    def place(name: str, path: frozenset[str]) -> None:
        if name in placed or name in path:
            return
        for other in sorted(needs[name]):
            if by_name[other].wave == by_name[name].wave:
                place(other, path | {name})
        placed.add(name)
        ordered.append(by_name[name])

    for unit in sorted(units, key=lambda one: (one.wave, one.name)):
        place(unit.name, frozenset())
    return ordered


def _referring_back(units: list[Unit], making: _Making) -> tuple[Unit, ...]:
    """The units with no reference to what is not made, or only by a later unit."""
    order = {unit.name: number for number, unit in enumerate(units)}
    unit_of = {resource.key: unit.name for unit in units for resource in unit.resources}
    done = []
    for unit in units:
        exchange = partial(_exchange, unit=unit, order=order, unit_of=unit_of, making=making)
        done.append(replace(unit, resources=tuple(with_exchanged(one, exchange) for one in unit.resources)))
    return tuple(done)


def _exchange(
    ref: Ref, *, unit: Unit, order: Mapping[str, int], unit_of: Mapping[str, str], making: _Making
) -> tuple[Value, Origin] | None:
    """What stands in the place of a reference that cannot be one; None for one that can."""
    made_by = unit_of.get(ref.key)
    if made_by is not None and order[made_by] <= order[unit.name]:
        return None
    uid = ref.key.split("#", 1)[0]
    source = making.inventory[uid]
    kind: Kind | None = BY_TYPE.get(source.type)
    arn = kind.named_arn(source, making.place_of(source), making.policy) if kind and ref.attribute == kind.arn else None
    if made_by is not None and arn is not None:
        return arn, Origin(Came.TRANSFORMED, f"its ARN as unit {made_by}, which is applied later, will give it", uid)
    why = f"the target of {uid} is made later, by unit {made_by}" if made_by else f"nothing is made of {uid}: {_reason(making, uid)}"
    name = terraform_name(f"{source.name} {ref.attribute or 'id'}", f"{ref.key}\0{ref.attribute}")
    return Variable(name, f"{why}."), Origin(Came.UNKNOWN, why, uid)


def _reason(making: _Making, uid: str) -> str:
    left = making.left_out.get(uid)
    kind = BY_TYPE.get(making.inventory[uid].type) if uid in making.inventory else None
    return left.reason if left else "nothing else that moves needs it" if kind and kind.is_shared else "it is in no wave"
