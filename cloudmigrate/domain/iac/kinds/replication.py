"""The Database Migration Service for one database: where it runs, between which endpoints, and its task. No password is in them.

Source: AWS CloudFormation template reference, AWS::DMS::ReplicationSubnetGroup, ReplicationInstance, Endpoint and ReplicationTask.
"""

import json
from collections.abc import Iterator
from typing import Any

from cloudmigrate.domain.database_policy import Endpoints
from cloudmigrate.domain.iac.kinds.database_parts import override_of
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.naming import slug
from cloudmigrate.domain.iac.source import Source, branch, defaulted
from cloudmigrate.domain.iac.values import Came, Items, Leaf, Node, Origin, Ref

# Engines that DMS follows without further preparation -> the property of an endpoint with its settings.
SETTINGS = {"postgres": "PostgreSqlSettings", "mysql": "MySqlSettings", "mariadb": "MySqlSettings"}
WHERE = "targets.databases.replication"
MADE = "of the way dms"


def replication(source: Source, database: TargetResource) -> Iterator[TargetResource]:
    """The subnet group, the replication instance, both endpoints and the task; nothing where DMS needs the database prepared by hand."""
    engine = str(source.spec.get("Engine", ""))
    if engine not in SETTINGS:
        return
    given = source.policy.databases.replication
    title = f"{source.resource.name} dms"
    subnets = source.target(
        "AWS::DMS::ReplicationSubnetGroup",
        {
            "ReplicationSubnetGroupIdentifier": _named(source, "subnets"),
            "ReplicationSubnetGroupDescription": defaulted(f"Moves {source.resource.name}", MADE),
            "SubnetIds": _listed(source, given.subnets, "subnets", "two subnets of the target or more, in two zones"),
        },
        part="dms-subnets",
        name=title,
    )
    yield subnets
    instance = source.target(
        "AWS::DMS::ReplicationInstance",
        {
            "ReplicationInstanceIdentifier": _named(source, "instance"),
            "ReplicationInstanceClass": _told(given.instance_class, "instance_class"),
            "AllocatedStorage": _told(given.storage_gib, "storage_gib"),
            "ReplicationSubnetGroupIdentifier": Leaf(Ref(subnets.key), Origin(Came.DEFAULTED, MADE)),
            "VpcSecurityGroupIds": _listed(
                source, given.security_groups, "security_groups", "groups that let the replication instance out"
            ),
            "PubliclyAccessible": defaulted(value=False, why="it reaches both databases by private addresses"),
            "KmsKeyId": defaulted(source.policy.kms_key, "targets.kms_key: what is copied is encrypted with it")
            if source.policy.kms_key
            else None,
        },
        part="dms-instance",
        name=title,
    )
    yield instance
    ends = [_endpoint(source, kind, engine, title) for kind in ("source", "target")]
    yield from ends
    yield _task(source, instance, ends, database, title)


def _endpoint(source: Source, kind: str, engine: str, title: str) -> TargetResource:
    """An endpoint, whose user, password, host and port only a secret says."""
    endpoints, role = override_of(source).endpoints, source.policy.databases.replication.secrets_role
    told = (endpoints.source_secret if kind == "source" else endpoints.target_secret) if endpoints else None
    secret = (
        Leaf(told, Origin(Came.SECRET, f"targets.databases.overrides: {kind}_secret"))
        if told
        else source.unknown(f"dms {kind} secret", f"ARN of the secret that says how DMS logs in at the {kind}")
    )
    reads = _told(role, "secrets_role") if role else source.unknown("dms role", "ARN of the role by which DMS reads those secrets")
    ssl = endpoints.ssl_mode if endpoints else "require"
    settings = branch(SecretsManagerSecretId=secret, SecretsManagerAccessRoleArn=reads)
    properties: dict[str, Node | None] = {
        "EndpointIdentifier": _named(source, kind),
        "EndpointType": defaulted(kind, MADE),
        "EngineName": Leaf(engine, Origin(Came.COPIED, "Engine")),
        "DatabaseName": _database(source, endpoints, kind),
        "SslMode": Leaf(ssl, Origin(Came.DEFAULTED, "connections are encrypted" if ssl == "require" else "targets.databases.overrides")),
        SETTINGS[engine]: settings,
    }
    return source.target("AWS::DMS::Endpoint", properties, part=f"dms-{kind}", name=f"{title} {kind}")


def _database(source: Source, endpoints: Endpoints | None, kind: str) -> Leaf | None:
    own = (endpoints.source_database if endpoints else None) or source.spec.get("DBName")
    other = endpoints.target_database if endpoints and kind == "target" else None
    if not (other or own):
        return None
    return Leaf(str(other or own), Origin(Came.COPIED, "DBName") if own == source.spec.get("DBName") and not other else _overrides())


def _task(source: Source, instance: TargetResource, ends: list[TargetResource], database: TargetResource, title: str) -> TargetResource:
    endpoints = override_of(source).endpoints
    schemas = endpoints.schemas if endpoints else ("%",)
    refs = {name: Leaf(Ref(one.key), Origin(Came.DEFAULTED, MADE)) for name, one in zip(("Source", "Target"), ends, strict=True)}
    return source.target(
        "AWS::DMS::ReplicationTask",
        {
            "ReplicationTaskIdentifier": _named(source, "task"),
            "MigrationType": defaulted("full-load-and-cdc", "rows are copied, then changes are followed until cutover"),
            "ReplicationInstanceArn": Leaf(Ref(instance.key), Origin(Came.DEFAULTED, MADE)),
            "SourceEndpointArn": refs["Source"],
            "TargetEndpointArn": refs["Target"],
            "TableMappings": Leaf(
                json.dumps({"rules": [_rule(number, one) for number, one in enumerate(schemas, start=1)]}, sort_keys=True),
                _overrides() if endpoints else Origin(Came.DEFAULTED, "all schemas"),
            ),
            "ReplicationTaskSettings": Leaf(
                json.dumps({"ValidationSettings": {"EnableValidation": True}}, sort_keys=True),
                Origin(Came.DEFAULTED, "rows are compared after they are copied"),
            ),
        },
        part="dms-task",
        name=f"{title} task",
        needs=(database.key,),
    )


def _rule(number: int, schema: str) -> dict[str, Any]:
    return {
        "rule-type": "selection",
        "rule-id": str(number),
        "rule-name": str(number),
        "object-locator": {"schema-name": schema, "table-name": "%"},
        "rule-action": "include",
    }


def _named(source: Source, part: str) -> Leaf:
    """A name of DMS: letters, digits and single hyphens."""
    return defaulted(f"{slug(source.resource.name, source.resource.uid)}-{part}", "a name of ours")


def _told(value: str | int, member: str) -> Leaf:
    return Leaf(value, Origin(Came.DEFAULTED, f"{WHERE}.{member}"))


def _listed(source: Source, given: tuple[str, ...], member: str, what: str) -> Node:
    if not given:
        return source.unknown(f"dms {member}", f"{what} ({WHERE}.{member})", kind="List")
    return Items(tuple(_told(one, member) for one in given))


def _overrides() -> Origin:
    return Origin(Came.DEFAULTED, "targets.databases.overrides")
