"""The sources of a plan made into resources of the target, with the networks, identities and keys that they refer to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cloudmigrate.domain.iac.catalogue import BY_TYPE
from cloudmigrate.domain.iac.distinct_names import Names
from cloudmigrate.domain.iac.harmless import with_harmless_values
from cloudmigrate.domain.iac.model import LeftOut, Place, TargetResource
from cloudmigrate.domain.iac.observed import SECURITY_GROUP, Traffic
from cloudmigrate.domain.iac.source import Known, NotGenerated, Source
from cloudmigrate.domain.iac.told import told_by_policy
from cloudmigrate.domain.iac.values import Value
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.strategies import STAYS, Strategy
from cloudmigrate.domain.target_policy import TargetPolicy

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


@dataclass
class Making:
    """What was made so far."""

    inventory: Mapping[str, Resource]
    policy: TargetPolicy
    decided: Decided
    traffic: Traffic | None = None  # None: the rules of security groups are the sources'
    names: Names = field(default_factory=Names)  # what is not called as its source is
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
        taken = self.names.taken.get(resource.uid)
        if taken is not None:
            self._leave(resource.uid, resource.type, taken)
            return
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
            made = [with_harmless_values(self.names.applied(one)) for one in kind.makes(source)]
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
                why = "; ".join(f"{key}: {self.reason(key.split('#', 1)[0])}" for key in lacking)
                self.left_out[one.key] = LeftOut(one.key, one.type, f"it leads to what is not made: {why}")
                self.made[one.uid].remove(one)

    def reason(self, uid: str) -> str:
        """Why nothing is made of a source."""
        left = self.left_out.get(uid)
        kind = BY_TYPE.get(self.inventory[uid].type) if uid in self.inventory else None
        return left.reason if left else "nothing else that moves needs it" if kind and kind.is_shared else "it is in no wave"

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
        kind = BY_TYPE.get(found.type)
        names = [str(found.spec.get(member)) for member in kind.known_as] if kind else []
        for one in (str(found.spec.get("Id") or found.uid), *names):
            told = told_by_policy(self.policy, one, found.type)
            if told is not None:
                return told
        there = self._is_there(found)
        if there:
            return Known(literal=name, rule=there)
        if kind is None:
            return None
        return Known(key=found.uid, arn=kind.arn, named_arn=self.named_arn(found) if kind.is_named else None)

    def named_arn(self, source: Resource) -> Value:
        """The ARN of a source's target, where names alone make it; else None."""
        return self.names.in_arn(source, BY_TYPE[source.type].named_arn(source, self.place_of(source), self.policy))

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
