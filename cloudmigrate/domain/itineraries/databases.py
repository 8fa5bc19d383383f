"""A database that moves: what it is, and where it goes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.acts.rds_kinds import CLUSTER, INSTANCE, Kind
from cloudmigrate.domain.database_policy import DatabaseOverride, DatabasePolicy, DatabaseWay
from cloudmigrate.domain.itineraries.building import Place
from cloudmigrate.domain.itineraries.record import Bears, Move
from cloudmigrate.domain.itineraries.security_groups import Clone
from cloudmigrate.domain.resources import Resource

DB_INSTANCE, DB_CLUSTER, SUBNET_GROUP = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::RDS::DBSubnetGroup"


@dataclass(frozen=True, slots=True)
class Database:
    """An instance, or a cluster with its instances, and what the rules say that it gets in the target."""

    move: Move
    kind: Kind

    @property
    def spec(self) -> Mapping[str, Any]:
        """What AWS says of the source."""
        return self.move.source.spec

    @property
    def database_id(self) -> str:
        """Of the source."""
        return str(self.spec[f"{self.kind.thing}Identifier"])

    @property
    def policy(self) -> DatabasePolicy:
        """The rules for databases."""
        return self.move.policy.databases

    @property
    def override(self) -> DatabaseOverride:
        """What is said of this one."""
        return self.policy.override(self.move.source.uid)

    @property
    def way(self) -> DatabaseWay:
        """How it moves."""
        return self.policy.way_of(self.move.source.uid)

    @property
    def at(self) -> Place:
        """Where it is."""
        return self.move.at_source

    @property
    def target(self) -> Place:
        """Where it goes to."""
        return self.move.target

    @property
    def is_copied(self) -> bool:
        """Whether its snapshot is restored elsewhere, or under another key."""
        return self.target != self.at or bool(self.move.policy.kms_key)

    @property
    def name(self) -> str:
        """Of the target."""
        return self.move.names.of(self.move.source.uid, self.override.name or self.database_id)

    @property
    def engine(self) -> str:
        """As RDS calls it."""
        return str(self.spec.get("Engine"))

    @property
    def is_encrypted(self) -> bool:
        """Whether the source's storage is."""
        return bool(self.spec.get("StorageEncrypted"))

    @property
    def group_ids(self) -> tuple[str, ...]:
        """Security groups of the source."""
        return tuple(str(one["VpcSecurityGroupId"]) for one in self.spec.get("VpcSecurityGroups") or ())

    @property
    def target_group_ids(self) -> list[Any]:
        """Security groups of the target: ids, or what clones will give."""
        mapped = self.move.policy.security_groups
        return [self.move.clones[one].group_id if one in self.move.clones else mapped[one] for one in self.group_ids]

    @property
    def clones(self) -> list[Clone]:
        """Those of its groups that are cloned; a wave's other clones are nothing to it."""
        held = borne(self).group_ids
        return [self.move.clones[one] for one in held if one in self.move.clones]

    @property
    def source_subnet_group(self) -> str:
        """The name of the source's subnet group."""
        held = self.spec.get("DBSubnetGroup") or ""
        return str(held.get("DBSubnetGroupName", "") if isinstance(held, Mapping) else held)

    @property
    def subnet_group(self) -> str | None:
        """That of the target."""
        return self.override.subnet_group or self.policy.subnet_groups.get(self.source_subnet_group)

    @property
    def vpc_id(self) -> str:
        """The VPC of the source."""
        held = self.spec.get("DBSubnetGroup")
        if isinstance(held, Mapping):
            return str(held.get("VpcId", ""))
        groups = (one for one in self.move.inventory.values() if one.type == SUBNET_GROUP and _near(one, self.move.source))
        return next((str(one.spec.get("VpcId", "")) for one in groups if one.spec.get("DBSubnetGroupName") == held), "")

    @property
    def source_parameters(self) -> str:
        """The name of the source's parameter group."""
        if self.kind is CLUSTER:
            return str(self.spec.get("DBClusterParameterGroup") or "")
        return str(next((one.get("DBParameterGroupName") for one in self.spec.get("DBParameterGroups") or ()), ""))

    @property
    def parameters(self) -> str | None:
        """That of the target; None where AWS's own is taken."""
        return self.override.parameter_group or self.policy.parameter_groups.get(self.source_parameters)

    @property
    def source_options(self) -> str:
        """The name of the source's option group, where it is none of AWS's own."""
        held = (str(one.get("OptionGroupName", "")) for one in self.spec.get("OptionGroupMemberships") or ())
        return next((one for one in held if one and not one.startswith("default:")), "")

    @property
    def options_group(self) -> str | None:
        """That of the target."""
        return self.policy.option_groups.get(self.source_options)

    @property
    def members(self) -> list[Resource]:
        """The instances of a cluster, the one that writes first."""
        ranks = {
            str(one["DBInstanceIdentifier"]): (not one.get("IsClusterWriter"), str(one["DBInstanceIdentifier"]))
            for one in self.spec.get("DBClusterMembers") or ()
        }
        held = [
            one
            for one in self.move.inventory.values()
            if one.type == DB_INSTANCE and _near(one, self.move.source) and str(one.spec.get("DBInstanceIdentifier")) in ranks
        ]
        return sorted(held, key=lambda one: ranks[str(one.spec["DBInstanceIdentifier"])])

    def instance_class(self, source: str) -> str:
        """The class of the target."""
        return self.override.instance_class or self.policy.instance_classes.get(source, source)


def _near(one: Resource, other: Resource) -> bool:
    return (one.account_id, one.region) == (other.account_id, other.region)


def instance_of(move: Move) -> Database:
    """The move of an instance."""
    return Database(move, INSTANCE)


def cluster_of(move: Move) -> Database:
    """The move of a cluster."""
    return Database(move, CLUSTER)


def is_member(move: Move) -> bool:
    """Whether the instance is one of a cluster, and moves with it."""
    return bool(move.source.spec.get("DBClusterIdentifier"))


def borne(database: Database) -> Bears:
    """The security groups that its target needs; a target of DMS is there with its own."""
    return Bears() if database.way is DatabaseWay.DMS else Bears(database.group_ids, database.vpc_id)


def cluster_of_member(move: Move) -> Resource | None:
    """The cluster of an instance, as far as it is in the inventory."""
    wanted = move.source.spec.get("DBClusterIdentifier")
    every = (one for one in move.inventory.values() if one.type == DB_CLUSTER and _near(one, move.source))
    return next((one for one in every if one.spec.get("DBClusterIdentifier") == wanted), None)
