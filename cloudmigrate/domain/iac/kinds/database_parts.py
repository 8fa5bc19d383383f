"""What instances and clusters of databases have in common: names, groups, keys, logs, watching, and how their data comes.

Source: AWS CloudFormation template reference, AWS::RDS::DBInstance and AWS::RDS::DBCluster.
"""

from collections.abc import Mapping
from typing import Any

from cloudmigrate.domain.database_policy import DatabaseOverride
from cloudmigrate.domain.iac.kinds.database_groups import SUBNETS
from cloudmigrate.domain.iac.kinds.key_use import key_of, key_or_told, told_key
from cloudmigrate.domain.iac.source import Source, branch, defaulted, transformed
from cloudmigrate.domain.iac.values import Branch, Came, Items, Leaf, Node, Origin, Variable
from cloudmigrate.domain.strategies import Strategy

RUN_TIME = "what it does at the moment"
# Members of what RDS tells of instances and of clusters that make no configuration.
NOT_CONFIGURATION: Mapping[str, str] = {
    "PercentProgress": RUN_TIME,
    "StatusInfos": RUN_TIME,
    "PendingModifiedValues": "what the maintenance window will change: done before the move, or never",
    "LatestRestorableTime": RUN_TIME,
    "AutomaticRestartTime": RUN_TIME,
    "AwsBackupRecoveryPointArn": RUN_TIME,
    "CertificateDetails": "follows from CACertificateIdentifier",
    "UpgradeRolloutOrder": "how AWS orders upgrades",
    "StorageEncryptionType": "follows from KmsKeyId",
    "ActivityStreamStatus": RUN_TIME,
    "ActivityStreamMode": RUN_TIME,
    "ActivityStreamPolicyStatus": RUN_TIME,
    "MasterUserSecret": "RDS makes the target a secret of its own",
}
DEFAULT_AUTHORITY = "rds-ca-default"
OWN_GROUP = "AWS's own of the engine and its version"


def override_of(source: Source) -> DatabaseOverride:
    """What the estate file says of this database alone."""
    return source.policy.databases.override(source.resource.uid)


def name_of(source: Source, member: str) -> Leaf | None:
    """The name of the target: that of the estate file, else the source's where that is free."""
    told = override_of(source).name
    if told is None:
        return source.own_name(member, str(source.spec[member]))
    source.read.add(member)
    return Leaf(told, transformed(member, "targets.databases.overrides"))


def version_of(source: Source) -> Leaf | None:
    """The version of the engine. Who replatforms may give a newer one; it is tested first."""
    found = source.copied("EngineVersion", of=str)
    if found is None or source.strategy is not Strategy.REPLATFORM or source.row not in ("", "support-ended"):
        return found
    version = str(found.value)
    asked = source.unknown("engine version", f"{source.spec.get('Engine')} {version} is replatformed: give a version that is supported")
    assert isinstance(asked.value, Variable)  # noqa: S101 - that is what an unknown value is
    variable = Variable(asked.value.name, asked.value.description, default=version)
    return Leaf(variable, transformed("EngineVersion", "replatform: asked for, and the source's where nothing is given"))


def subnets_of(source: Source, name: str) -> Leaf | None:
    """The subnet group."""
    told = override_of(source).subnet_group
    if told is not None:
        source.read.add("DBSubnetGroup")
        return Leaf(told, transformed("DBSubnetGroup", "targets.databases.overrides"))
    return source.referred("DBSubnetGroup", name, type_=SUBNETS, where="targets.databases.subnet_groups")


def parameters_of(source: Source, path: str, name: str, type_: str) -> Leaf | None:
    """The parameter group; AWS's own is left out."""
    told = override_of(source).parameter_group
    if told is not None:
        source.read.add(path)
        return Leaf(told, transformed(path, "targets.databases.overrides"))
    if not name:
        return None
    if name.startswith("default."):
        source.read.add(path)
        return Leaf(None, Origin(Came.DEFAULTED, OWN_GROUP))
    return source.referred(path, name, type_=type_, where="targets.databases.parameter_groups")


def groups_of(source: Source) -> Items | None:
    """The security groups."""
    ids = [one["VpcSecurityGroupId"] for one in source.value("VpcSecurityGroups") or ()]
    return source.all_referred(
        "VpcSecurityGroups", ids, attribute="GroupId", type_="AWS::EC2::SecurityGroup", where="targets.security_groups"
    )


def encryption_of(source: Source) -> dict[str, Node | None]:
    """Storage that is encrypted, with the key of the estate file or that of the source's key."""
    key = key_or_told(source, "KmsKeyId") if source.value("StorageEncrypted") else told_key(source)
    source.read.add("KmsKeyId")
    encrypted = source.copied("StorageEncrypted")
    if encrypted is None or encrypted.value is not True:
        encrypted = defaulted(
            value=True, why="storage is encrypted, though the source's is not: its snapshot is copied with a key before it is restored"
        )
    return {"StorageEncrypted": encrypted, "KmsKeyId": key}


def snapshot_of(source: Source) -> Leaf:
    """The snapshot that it is restored from, which only the migration makes."""
    return source.unknown(
        "snapshot", f"name of the snapshot of {source.resource.uid} that the migration makes and copies, encrypted, to the target"
    )


def master_password() -> Leaf:
    """The password, which RDS makes and keeps in Secrets Manager: no code and no person has it."""
    return Leaf(value=True, origin=Origin(Came.SECRET, "RDS makes the password and keeps it in Secrets Manager"))


def watching_of(source: Source) -> dict[str, Node | None]:
    """Enhanced monitoring and Performance Insights."""
    watched: dict[str, Node | None] = {"DatabaseInsightsMode": source.copied("DatabaseInsightsMode")}
    if source.value("MonitoringInterval"):
        watched |= {
            "MonitoringInterval": source.copied("MonitoringInterval"),
            "MonitoringRoleArn": source.referred("MonitoringRoleArn", attribute="Arn", type_="AWS::IAM::Role", where="targets.roles"),
        }
    source.read |= {
        "MonitoringRoleArn",
        "EnhancedMonitoringResourceArn",
        "PerformanceInsightsKMSKeyId",
        "PerformanceInsightsRetentionPeriod",
    }
    return watched


def insights_key_of(source: Source) -> Leaf | None:
    """The key of Performance Insights."""
    return key_of(source, "PerformanceInsightsKMSKeyId")


def roles_of(source: Source) -> Items | None:
    """Roles that the database itself takes on, such as to read from buckets."""
    made = []
    for number, one in enumerate(source.value("AssociatedRoles") or ()):
        path = f"AssociatedRoles[{number}]"
        role = source.referred(f"{path}.RoleArn", one.get("RoleArn"), attribute="Arn", type_="AWS::IAM::Role", where="targets.roles")
        feature = one.get("FeatureName")
        node = branch(RoleArn=role, FeatureName=Leaf(str(feature), Origin(Came.COPIED, f"{path}.FeatureName")) if feature else None)
        made += [node] if node else []
    return Items(tuple(made)) if made else None


def authority_of(source: Source) -> Leaf | None:
    """The authority that signs its certificate, where it is no default."""
    found = source.copied("CACertificateIdentifier")
    return None if found is None or found.value == DEFAULT_AUTHORITY else found


def private(source: Source) -> Leaf:
    """That it has no public address."""
    if source.value("PubliclyAccessible"):
        why = "no database is reached from the internet, though the source is: who comes from there comes through a VPN or a proxy"
        return Leaf(value=False, origin=transformed("PubliclyAccessible", why))
    return Leaf(value=False, origin=Origin(Came.COPIED, "PubliclyAccessible"))


def features(given: Any, path: str) -> Node | None:
    """Cores and threads, where somebody set them."""
    found = tuple(
        Branch(
            {
                "Name": Leaf(str(one["Name"]), Origin(Came.COPIED, f"{path}[{number}].Name")),
                "Value": Leaf(str(one["Value"]), Origin(Came.COPIED, f"{path}[{number}].Value")),
            }
        )
        for number, one in enumerate(given or ())
    )
    return Items(found) if found else None
