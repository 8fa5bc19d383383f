"""A database by the Database Migration Service: rows copied, changes followed, both validated, into a database that is there."""

from collections.abc import Sequence
from typing import Any

from cloudmigrate.domain.itineraries.building import Builder, of
from cloudmigrate.domain.itineraries.database_steps import close, hand_over, last_snapshot, prepare
from cloudmigrate.domain.itineraries.databases import Database
from cloudmigrate.domain.steps import Gate, ItineraryError, Reversal, Step

SETTINGS = {"postgres": "PostgreSQLSettings", "mysql": "MySQLSettings", "mariadb": "MySQLSettings"}


def move_rows(builder: Builder, database: Database) -> Step:
    """The last step, after which the target has every row, is led to, and the source stands still."""
    given, endpoints, at = database.policy.replication, database.override.endpoints, database.target
    if endpoints is None:
        raise ItineraryError(f"{database.move.source.uid} has no endpoints in targets.databases.overrides")
    ready = prepare(builder, database)
    target = builder.add("rds.check_target", {"database_id": endpoints.target, "engine": database.engine}, at)
    subnets = builder.add("dms.create_subnet_group", {"subnet_ids": list(given.subnets)}, at)
    key = {"kms_key_id": database.move.policy.kms_key} if database.move.policy.kms_key else {}
    asked: dict[str, Any] = {"instance_class": given.instance_class, "storage_gib": given.storage_gib, **key}
    asked |= {"subnet_group": of(subnets, "subnet_group"), "group_ids": list(given.security_groups)}
    instance = builder.add("dms.create_instance", asked, at, needs=(target,))
    arn = {"instance_arn": of(instance, "instance_arn")}
    runs = builder.add("dms.await_instance", arn, at)
    let_in = _let_in(builder, database, ready.closed, runs)
    reached = [_endpoint(builder, database, kind, runs, key) for kind in ("source", "target")]
    ends = {f"{kind}_arn": of(made, "endpoint_arn") for kind, (made, _) in zip(("source", "target"), reached, strict=True)}
    task = builder.add("dms.create_task", {**ends, **arn, "schemas": list(endpoints.schemas)}, at, needs=[seen for _, seen in reached])
    named = {"task_arn": of(task, "task_arn")}
    waits = builder.add("dms.await_ready", named, at)
    source = (database.move.source.uid,)
    start = builder.add("dms.start_task", named, at, needs=(waits,), limited_by=source)
    loaded = builder.add("dms.await_loaded", named, at, needs=(start,), limited_by=source)
    valid = builder.add("dms.await_validated", named, at, needs=(loaded,))
    measured = {**named, "instance_name": of(instance, "instance_name")}
    near = builder.add("dms.await_latency", {**measured, "limit_s": database.policy.lag_limit_s}, at, needs=(valid,))
    closed = close(builder, database, ready, (*ready.steps, let_in, near), seen_by=None)
    drained = builder.add("dms.await_drained", measured, at, needs=closed)
    valid = builder.add("dms.await_validated", named, at, needs=(drained,))
    stop = builder.add("dms.stop_task", named, at, needs=(valid,))
    stopped = builder.add("dms.await_stopped", named, at, needs=(stop,))
    kept = last_snapshot(builder, database, (stopped,))
    return hand_over(builder, database, ready, [*closed, stopped, *kept], address=of(target, "address"))[-1]


def _let_in(builder: Builder, database: Database, closed: Step, runs: Step) -> Step:
    """The group that lets nobody in lets DMS in: it has to read what was written last."""
    port = int((database.spec.get("Endpoint") or {}).get("Port") or 0)
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": of(runs, "cidr")}]}
    return builder.add("ec2.authorize_ingress", {"group_id": of(closed, "group_id"), "permissions": [rule]}, database.at)


def _endpoint(builder: Builder, database: Database, kind: str, runs: Step, key: dict[str, Any]) -> tuple[Step, Step]:
    """The endpoint, and the step that saw it reached. Its secret is named, and read by DMS alone."""
    endpoints, at = database.override.endpoints, database.target
    assert endpoints is not None  # noqa: S101 - seen by move_rows
    name = endpoints.source_database or database.spec.get("DBName")
    if kind == "target":
        name = endpoints.target_database or name
    settings = {
        "SecretsManagerAccessRoleArn": database.policy.replication.secrets_role,
        "SecretsManagerSecretId": endpoints.source_secret if kind == "source" else endpoints.target_secret,
        **({"DatabaseName": name} if name else {}),
    }
    asked = {"endpoint_type": kind, "engine_name": database.engine, "ssl_mode": endpoints.ssl_mode, **key}
    made = builder.add("dms.create_endpoint", {**asked, "settings": {SETTINGS[database.engine]: settings}}, at)
    pair = {"endpoint_type": kind, "endpoint_arn": of(made, "endpoint_arn"), "instance_arn": runs.params["instance_arn"]}
    test = builder.add("dms.test_connection", pair, at, needs=(runs,))
    return made, builder.add("dms.await_connection", pair, at, needs=(test,))


def end_replication(builder: Builder, database: Database, after: Sequence[Step]) -> None:
    """Task, endpoints, replication instance and its subnet group go, behind the gate of clean-up: nothing is kept by them."""
    outputs = {"dms.create_task": "task_arn", "dms.create_endpoint": "endpoint_arn"}
    outputs |= {"dms.create_instance": "instance_arn", "dms.create_subnet_group": "subnet_group"}
    made = [(one, outputs[one.act]) for one in builder.steps if one.act in outputs]
    ends = {"task_arn": ("dms.delete_task", "dms.await_task_gone"), "endpoint_arn": ("dms.delete_endpoint", "")}
    ends |= {"instance_arn": ("dms.delete_instance", "dms.await_instance_gone"), "subnet_group": ("dms.delete_subnet_group", "")}
    last = tuple(after)
    for one, name in reversed(made):
        delete, wait = ends[name]
        named = {name: of(one, name)}
        last = (builder.add(delete, named, database.target, needs=last, gate=Gate.CLEAN_UP, reversal=Reversal.NO_RETURN),)
        if wait:
            last = (builder.add(wait, named, database.target, needs=last, gate=Gate.CLEAN_UP),)
