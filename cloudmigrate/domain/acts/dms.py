"""The Database Migration Service: a replication instance, endpoints whose secrets stay where they are, a task, its validation.

Source: DMS API reference, 2016-01-01. What a list does not find is an error there, ResourceNotFoundFault.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.rds import rds_tags
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo, quoted

MISSING = frozenset({"ResourceNotFoundFault"})
WRONG_STATE = frozenset({"InvalidResourceStateFault"})
TAKEN = frozenset({"ResourceAlreadyExistsFault"})
RESTED = frozenset({"ready", "running", "stopped", "failed", "failed-move"})
TAGGING = ("dms:AddTagsToResource",)
MOST_TABLES = 500  # of one answer of DescribeTableStatistics
# Tables in these states will not become valid. Source: DMS user guide, "AWS DMS data validation", states of a table.
INVALID = ("Mismatched records", "Suspended records", "No primary key", "Table error", "Error", "Not enabled")


def _name(key: str) -> str:
    return f"cloudmigrate-{key}"


def _own_tags(params: Params, key: str) -> list[dict[str, str]]:
    """Ours alone: what is made for the move is not the source's, whose tags may have letters that DMS refuses."""
    return rds_tags({**params, "tags": {}}, key)


def _found(operation: str, word: str, value: Any, **finds: str) -> Look:
    """Things of DMS by a filter; *finds*: members of the first."""
    asked = {"Filters": [{"Name": word, "Values": [value]}]}
    return Look(Call("dms", f"Describe{operation}", asked), {name: f"{operation}[0].{path}" for name, path in finds.items()}, MISSING)


def _instance(arn: Any, **finds: str) -> Look:
    return _found("ReplicationInstances", "replication-instance-arn", arn, **finds)


def _task(arn: Any, **finds: str) -> Look:
    return _found("ReplicationTasks", "replication-task-arn", arn, **finds)


def _gone(look: Look) -> Await:
    return Await(look, frozenset(), within=timedelta(hours=1))


def _ended(verb: str, word: str, given: str, look: Callable[[Any], Look]) -> Callable[[Params, Params], tuple[Undo, ...]]:
    """The undo of what was created: deleted, and waited for until it is gone."""

    def undoes(params: Params, outputs: Params) -> tuple[Undo, ...]:
        seen = look(outputs[given])
        rest = Await(seen, RESTED | {"available", "active"}, within=timedelta(hours=1), or_gone=True)
        delete = Call("dms", f"Delete{verb}", {f"{word}Arn": outputs[given]})
        return Undo(seen.call, MISSING, gone=rest), Undo(delete, MISSING, WRONG_STATE, _gone(seen))

    return undoes


def _deletes(name: str, says: str, verb: str, *, word: str, given: str, look: Callable[[Any], Look]) -> Act:
    """The end of what was created, behind the gate of clean-up."""
    return Act(
        f"dms.{name}",
        says,
        does=lambda params, key: Call("dms", f"Delete{verb}", {word: params[given]}),
        keeps=(given,),
        look=lambda params, key: _deleting(look(params[given]), word, given),
        is_repeatable=True,
        already=MISSING,
        not_yet=WRONG_STATE,  # what stands on it goes as well
        family="dms",
    )


def _deleting(look: Look, member: str, given: str) -> Look:
    """The same look, which finds the thing while it is being deleted."""
    (path,) = look.finds.values()
    listed, _, state = path.partition("[0].")
    return Look(look.call, {given: f"{listed}[?{state}=='deleting'].{member} | [0]"}, MISSING)


CREATE_SUBNETS = Act(
    "dms.create_subnet_group",
    "create a replication subnet group",
    does=lambda params, key: Call(
        "dms",
        "CreateReplicationSubnetGroup",
        {
            "ReplicationSubnetGroupIdentifier": _name(key),
            "ReplicationSubnetGroupDescription": "made for a database that moves",
            "SubnetIds": params["subnet_ids"],
            "Tags": _own_tags(params, key),
        },
    ),
    gives={"subnet_group": "ReplicationSubnetGroup.ReplicationSubnetGroupIdentifier"},
    look=lambda params, key: _found(
        "ReplicationSubnetGroups", "replication-subnet-group-id", _name(key), subnet_group="ReplicationSubnetGroupIdentifier"
    ),
    undoes=lambda params, outputs: (
        Undo(
            Call("dms", "DeleteReplicationSubnetGroup", {"ReplicationSubnetGroupIdentifier": outputs["subnet_group"]}), MISSING, WRONG_STATE
        ),
    ),
    exists=TAKEN,
    further_actions=TAGGING,
    family="dms",
)
CREATE_INSTANCE = Act(
    "dms.create_instance",
    "create a replication instance",
    does=lambda params, key: Call(
        "dms",
        "CreateReplicationInstance",
        {
            "ReplicationInstanceIdentifier": _name(key),
            "ReplicationInstanceClass": params["instance_class"],
            "AllocatedStorage": params["storage_gib"],
            "ReplicationSubnetGroupIdentifier": params["subnet_group"],
            "VpcSecurityGroupIds": params["group_ids"],
            "PubliclyAccessible": False,
            "MultiAZ": False,
            **({"KmsKeyId": params["kms_key_id"]} if params.get("kms_key_id") else {}),
            "Tags": _own_tags(params, key),
        },
    ),
    gives={
        "instance_arn": "ReplicationInstance.ReplicationInstanceArn",
        "instance_name": "ReplicationInstance.ReplicationInstanceIdentifier",
    },
    look=lambda params, key: _found(
        "ReplicationInstances",
        "replication-instance-id",
        _name(key),
        instance_arn="ReplicationInstanceArn",
        instance_name="ReplicationInstanceIdentifier",
    ),
    undoes=_ended(
        "ReplicationInstance", "ReplicationInstance", "instance_arn", lambda arn: _instance(arn, state="ReplicationInstanceStatus")
    ),
    exists=TAKEN,
    further_actions=(*TAGGING, "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"),
    likely=timedelta(seconds=20),
    family="dms",
)
AWAIT_INSTANCE = Act(
    "dms.await_instance",
    "wait until the replication instance is available",
    awaits=lambda params: Await(
        # Its address as a range of one: what the source lets in while it is closed to all others.
        _instance(
            params["instance_arn"],
            state="ReplicationInstanceStatus",
            cidr="[ReplicationInstancePrivateIpAddress, '32'] | join('/', @)",
        ),
        frozenset({"available"}),
        frozenset({"failed", "incompatible-credentials", "incompatible-network"}),
        within=timedelta(hours=1),
    ),
    likely=timedelta(minutes=10),
)


def _endpoint(arn: Any, **finds: str) -> Look:
    return _found("Endpoints", "endpoint-arn", arn, **finds)


CREATE_ENDPOINT = Act(
    "dms.create_endpoint",
    "create the {endpoint_type} endpoint",
    does=lambda params, key: Call(
        "dms",
        "CreateEndpoint",
        {
            "EndpointIdentifier": _name(key),
            "EndpointType": params["endpoint_type"],
            "EngineName": params["engine_name"],
            "SslMode": params["ssl_mode"],
            **params["settings"],
            **({"KmsKeyId": params["kms_key_id"]} if params.get("kms_key_id") else {}),
            "Tags": _own_tags(params, key),
        },
    ),
    gives={"endpoint_arn": "Endpoint.EndpointArn"},
    look=lambda params, key: _found("Endpoints", "endpoint-id", _name(key), endpoint_arn="EndpointArn"),
    undoes=_ended("Endpoint", "Endpoint", "endpoint_arn", lambda arn: _endpoint(arn, state="Status")),
    exists=TAKEN,
    further_actions=(*TAGGING, "iam:PassRole"),
    family="dms",
)


def _connection(params: Params, **finds: str) -> Look:
    asked = [
        {"Name": "endpoint-arn", "Values": [params["endpoint_arn"]]},
        {"Name": "replication-instance-arn", "Values": [params["instance_arn"]]},
    ]
    return Look(Call("dms", "DescribeConnections", {"Filters": asked}), dict(finds), MISSING)


TEST_CONNECTION = Act(
    "dms.test_connection",
    "test the connection to the {endpoint_type} endpoint",
    does=lambda params, key: Call(
        "dms", "TestConnection", {"ReplicationInstanceArn": params["instance_arn"], "EndpointArn": params["endpoint_arn"]}
    ),
    keeps=("endpoint_arn",),
    look=lambda params, key: _connection(params, endpoint_arn="Connections[?Status=='testing' || Status=='successful'].EndpointArn | [0]"),
    is_repeatable=True,
    not_yet=WRONG_STATE,
    family="dms",
)
AWAIT_CONNECTION = Act(
    "dms.await_connection",
    "wait until the {endpoint_type} endpoint is reached",
    awaits=lambda params: Await(
        _connection(params, state="Connections[0].Status"),
        frozenset({"successful"}),
        frozenset({"failed"}),
        within=timedelta(minutes=30),
        advice="read LastFailureMessage of the connection: the secret, a security group, or a route between both networks",
    ),
    likely=timedelta(minutes=2),
)


def table_mappings(params: Params) -> str:
    """The task's selection, as DMS has it: every table of the schemas."""
    rules = [
        {
            "rule-type": "selection",
            "rule-id": str(number),
            "rule-name": str(number),
            "object-locator": {"schema-name": schema, "table-name": "%"},
            "rule-action": "include",
        }
        for number, schema in enumerate(params["schemas"], start=1)
    ]
    return json.dumps({"rules": rules}, sort_keys=True)


def task_settings() -> str:
    """Rows are validated; tables of the target are emptied first, their structure kept; errors stop the task rather than pass."""
    return json.dumps(
        {
            "TargetMetadata": {"SupportLobs": True, "FullLobMode": True, "LobChunkSize": 64},
            "FullLoadSettings": {"TargetTablePrepMode": "TRUNCATE_BEFORE_LOAD"},
            "ValidationSettings": {"EnableValidation": True},
            "Logging": {"EnableLogging": True},
            "ErrorBehavior": {"DataErrorPolicy": "STOP_TASK", "TableErrorPolicy": "STOP_TASK", "ApplyErrorFailOnTruncationDdl": True},
        },
        sort_keys=True,
    )


CREATE_TASK = Act(
    "dms.create_task",
    "create the task that copies rows, then follows changes",
    does=lambda params, key: Call(
        "dms",
        "CreateReplicationTask",
        {
            "ReplicationTaskIdentifier": _name(key),
            "SourceEndpointArn": params["source_arn"],
            "TargetEndpointArn": params["target_arn"],
            "ReplicationInstanceArn": params["instance_arn"],
            "MigrationType": "full-load-and-cdc",
            "TableMappings": table_mappings(params),
            "ReplicationTaskSettings": task_settings(),
            "Tags": _own_tags(params, key),
        },
    ),
    gives={"task_arn": "ReplicationTask.ReplicationTaskArn"},
    look=lambda params, key: _found("ReplicationTasks", "replication-task-id", _name(key), task_arn="ReplicationTaskArn"),
    undoes=_ended("ReplicationTask", "ReplicationTask", "task_arn", lambda arn: _task(arn, state="Status")),
    exists=TAKEN,
    not_yet=WRONG_STATE,
    further_actions=TAGGING,
    family="dms",
)


def _await_task(name: str, says: str, wanted: str, *failing: str, within: timedelta) -> Act:
    return Act(
        f"dms.{name}",
        says,
        awaits=lambda params: Await(
            _task(params["task_arn"], state="Status"),
            frozenset({wanted}),
            frozenset(failing),
            within=within,
            advice="read LastFailureMessage of the task and its log",
        ),
        likely=timedelta(minutes=2),
    )


AWAIT_READY = _await_task("await_ready", "wait until the task is ready", "ready", "failed", within=timedelta(minutes=30))
AWAIT_STOPPED = _await_task("await_stopped", "wait until the task is stopped", "stopped", "failed", within=timedelta(hours=1))


def _stopped(params: Params, outputs: Params) -> tuple[Undo, ...]:
    """The task runs no more. What starts or stops comes to rest first; what was stopped before refuses to be stopped again."""
    look = _task(params["task_arn"], state="Status")
    rest, still = (Await(look, states, within=timedelta(hours=1), or_gone=True) for states in (RESTED, RESTED - {"running"}))
    stop = Call("dms", "StopReplicationTask", {"ReplicationTaskArn": params["task_arn"]})
    return Undo(look.call, MISSING, gone=rest), Undo(stop, MISSING, otherwise=WRONG_STATE, gone=still)


START_TASK = Act(
    "dms.start_task",
    "start the task: rows are read from the source and written to the target",
    does=lambda params, key: Call(
        "dms", "StartReplicationTask", {"ReplicationTaskArn": params["task_arn"], "StartReplicationTaskType": "start-replication"}
    ),
    keeps=("task_arn",),
    look=lambda params, key: Look(
        _task(params["task_arn"]).call,
        {"task_arn": "ReplicationTasks[?Status=='starting' || Status=='running'].ReplicationTaskArn | [0]"},
        MISSING,
    ),
    undoes=_stopped,
    exists=WRONG_STATE,  # what starts or runs refuses it: looked for then
    likely=timedelta(seconds=20),
    family="dms",
)
LOADED = (
    "(Status=='running' && ReplicationTaskStats.FullLoadProgressPercent==`100` && ReplicationTaskStats.TablesLoading==`0`"
    " && ReplicationTaskStats.TablesQueued==`0` && ReplicationTaskStats.TablesErrored==`0` && 'loaded')"
    " || (ReplicationTaskStats.TablesErrored > `0` && 'tables with errors') || Status"
)
AWAIT_LOADED = Act(
    "dms.await_loaded",
    "wait until all rows are copied",
    awaits=lambda params: Await(
        Look(_task(params["task_arn"]).call, {"state": f"ReplicationTasks[0] | {LOADED}"}, MISSING),
        frozenset({"loaded"}),
        frozenset({"failed", "stopped", "tables with errors"}),
        timedelta(minutes=1),
        timedelta(hours=24),
        "read the table statistics of the task and its log",
    ),
    likely=timedelta(hours=1),
)


def _validated(params: Params) -> Await:
    asked = Call("dms", "DescribeTableStatistics", {"ReplicationTaskArn": params["task_arn"], "MaxRecords": MOST_TABLES})
    wrong = " || ".join(f"ValidationState=={quoted(one)}" for one in INVALID)
    state = (
        "(!Marker && length(TableStatistics) > `0` && length(TableStatistics[?ValidationState!='Validated']) == `0` && 'valid')"
        f" || (length(TableStatistics[?{wrong}]) > `0` && 'not valid') || 'not yet'"
    )
    return Await(
        Look(asked, {"state": state}, MISSING),
        frozenset({"valid"}),
        frozenset({"not valid"}),
        timedelta(minutes=1),
        timedelta(hours=24),
        "read the table statistics of the task and the table awsdms_control.awsdms_validation_failures_v1 of the target",
    )


AWAIT_VALIDATED = Act(
    "dms.await_validated", "wait until every table is validated row by row", awaits=_validated, likely=timedelta(minutes=30)
)
STOP_TASK = Act(
    "dms.stop_task",
    "stop the task: nothing more comes from the source",
    does=lambda params, key: Call("dms", "StopReplicationTask", {"ReplicationTaskArn": params["task_arn"]}),
    keeps=("task_arn",),
    look=lambda params, key: Look(
        _task(params["task_arn"]).call,
        {"task_arn": "ReplicationTasks[?Status=='stopping' || Status=='stopped'].ReplicationTaskArn | [0]"},
        MISSING,
    ),
    exists=WRONG_STATE,
    likely=timedelta(seconds=20),
    family="dms",
)
DELETES = (
    _deletes(
        "delete_task",
        "delete the task",
        "ReplicationTask",
        word="ReplicationTaskArn",
        given="task_arn",
        look=lambda value: _task(value, state="Status"),
    ),
    _deletes(
        "delete_endpoint",
        "delete an endpoint",
        "Endpoint",
        word="EndpointArn",
        given="endpoint_arn",
        look=lambda value: _endpoint(value, state="Status"),
    ),
    _deletes(
        "delete_instance",
        "delete the replication instance",
        "ReplicationInstance",
        word="ReplicationInstanceArn",
        given="instance_arn",
        look=lambda value: _instance(value, state="ReplicationInstanceStatus"),
    ),
    _deletes(
        "delete_subnet_group",
        "delete the replication subnet group",
        "ReplicationSubnetGroup",
        word="ReplicationSubnetGroupIdentifier",
        given="subnet_group",
        look=lambda value: _found("ReplicationSubnetGroups", "replication-subnet-group-id", value, state="SubnetGroupStatus"),
    ),
)
AWAIT_INSTANCE_GONE = Act(
    "dms.await_instance_gone",
    "wait until the replication instance is gone",
    awaits=lambda params: _gone(_instance(params["instance_arn"], state="ReplicationInstanceStatus")),
    likely=timedelta(minutes=5),
)
AWAIT_TASK_GONE = Act(
    "dms.await_task_gone",
    "wait until the task is gone",
    awaits=lambda params: _gone(_task(params["task_arn"], state="Status")),
    likely=timedelta(minutes=1),
)

ACTS = (
    CREATE_SUBNETS,
    CREATE_INSTANCE,
    AWAIT_INSTANCE,
    CREATE_ENDPOINT,
    TEST_CONNECTION,
    AWAIT_CONNECTION,
    CREATE_TASK,
    AWAIT_READY,
    START_TASK,
    AWAIT_LOADED,
    AWAIT_VALIDATED,
    STOP_TASK,
    AWAIT_STOPPED,
    *DELETES,
    AWAIT_TASK_GONE,
    AWAIT_INSTANCE_GONE,
)
