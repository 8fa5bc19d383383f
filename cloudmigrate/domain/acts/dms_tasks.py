"""Tasks of the Database Migration Service: rows copied, changes followed, every table validated.

Source: DMS API reference, 2016-01-01.
"""

import json
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.dms import MISSING, RESTED, TAGGING, TAKEN, WRONG_STATE, deletes, ended, found, gone, name_of, own_tags
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo, quoted

MOST_TABLES = 500  # of one answer of DescribeTableStatistics
# Tables in these states will not become valid. Source: DMS user guide, "AWS DMS data validation", states of a table.
INVALID = ("Mismatched records", "Suspended records", "No primary key", "Table error", "Error", "Not enabled")


def _task(arn: Any, **finds: str) -> Look:
    return found("ReplicationTasks", "replication-task-arn", arn, **finds)


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
            "ReplicationTaskIdentifier": name_of(key),
            "SourceEndpointArn": params["source_arn"],
            "TargetEndpointArn": params["target_arn"],
            "ReplicationInstanceArn": params["instance_arn"],
            "MigrationType": "full-load-and-cdc",
            "TableMappings": table_mappings(params),
            "ReplicationTaskSettings": task_settings(),
            "Tags": own_tags(params, key),
        },
    ),
    gives={"task_arn": "ReplicationTask.ReplicationTaskArn"},
    look=lambda params, key: found("ReplicationTasks", "replication-task-id", name_of(key), task_arn="ReplicationTaskArn"),
    undoes=ended("ReplicationTask", "ReplicationTask", "task_arn", lambda arn: _task(arn, state="Status")),
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
DELETE_TASK = deletes(
    "delete_task",
    "delete the task",
    "ReplicationTask",
    word="ReplicationTaskArn",
    given="task_arn",
    look=lambda value: _task(value, state="Status"),
)
AWAIT_TASK_GONE = Act(
    "dms.await_task_gone",
    "wait until the task is gone",
    awaits=lambda params: gone(_task(params["task_arn"], state="Status")),
    likely=timedelta(minutes=1),
)

ACTS = (
    CREATE_TASK,
    AWAIT_READY,
    START_TASK,
    AWAIT_LOADED,
    AWAIT_VALIDATED,
    STOP_TASK,
    AWAIT_STOPPED,
    DELETE_TASK,
    AWAIT_TASK_GONE,
)
