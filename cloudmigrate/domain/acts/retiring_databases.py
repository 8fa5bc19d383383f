"""A database that is retired: stopped with a last snapshot, watched for connections, deleted. Source: RDS API reference, 2014-10-31."""

import math
from datetime import datetime, timedelta
from typing import Any

from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Rest, Undo, quoted
from cloudmigrate.domain.acts.retiring import REVIVED, TOMBSTONE

NO_DATABASE = frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault"})
NO_SNAPSHOT = frozenset({"DBSnapshotNotFound", "DBSnapshotNotFoundFault"})
WRONG_STATE = frozenset({"InvalidDBInstanceState", "InvalidDBInstanceStateFault"})
MOST_POINTS = 1440  # that GetMetricStatistics answers at once
STATUS = "DBInstances[0].DBInstanceStatus"


def _described(params: Params) -> Call:
    return Call("rds", "DescribeDBInstances", {"DBInstanceIdentifier": params["db_instance_id"]})


def _in_status(*wanted: str, failing: tuple[str, ...] = (), within: timedelta, advice: str = "") -> Any:
    return lambda params: Await(
        Look(_described(params), {"state": STATUS}),
        frozenset(wanted),
        frozenset(failing),
        every=timedelta(seconds=30),
        within=within,
        advice=advice,
    )


CHECK_DATABASE = Act(
    "retire.check_database",
    "see that database {db_instance_id} runs",
    awaits=_in_status("available", within=timedelta(0), advice="wait until it is available, or scan and plan anew"),
)


def _stopped_seen(params: Params, key: str) -> Look:
    """Stopped with the snapshot of that name: its being there says that it was this step that stopped it."""
    asked = {"DBInstanceIdentifier": params["db_instance_id"], "DBSnapshotIdentifier": params["snapshot_id"]}
    return Look(Call("rds", "DescribeDBSnapshots", asked), {"db_instance_id": "DBSnapshots[0].DBInstanceIdentifier"}, NO_SNAPSHOT)


def _stop_undone(params: Params, outputs: Params) -> tuple[Undo, ...]:
    named = {"DBInstanceIdentifier": params["db_instance_id"]}
    long = timedelta(hours=2)
    rests = _in_status("stopped", "available", within=long)(params)  # while it stops it can be neither started nor called started
    runs = _in_status("available", within=long)(params)
    snapshot = Call("rds", "DeleteDBSnapshot", {"DBSnapshotIdentifier": params["snapshot_id"]})
    return (
        Undo(Call("rds", "StartDBInstance", named), otherwise=WRONG_STATE, before=rests, gone=runs),
        Undo(snapshot, NO_SNAPSHOT, not_yet=frozenset({"InvalidDBSnapshotState", "InvalidDBSnapshotStateFault"})),
    )


STOP_DATABASE = Act(
    "retire.stop_database",
    "stop database {db_instance_id}, with its last snapshot {snapshot_id}",
    does=lambda params, key: Call(
        "rds", "StopDBInstance", {"DBInstanceIdentifier": params["db_instance_id"], "DBSnapshotIdentifier": params["snapshot_id"]}
    ),
    gives={"db_instance_id": "DBInstance.DBInstanceIdentifier"},
    look=_stopped_seen,
    undoes=_stop_undone,
    exists=WRONG_STATE | frozenset({"DBSnapshotAlreadyExists", "DBSnapshotAlreadyExistsFault"}),
    further_actions=("rds:CreateDBSnapshot",),
    likely=timedelta(minutes=5),
    family="rds",
)
AWAIT_STOPPED = Act(
    "retire.await_database_stopped",
    "wait until database {db_instance_id} is stopped",
    awaits=_in_status("stopped", failing=("failed", "deleting"), within=timedelta(hours=6)),
    likely=timedelta(minutes=10),
)
AWAIT_LAST_SNAPSHOT = Act(
    "retire.await_last_snapshot",
    "wait until snapshot {snapshot_id} is complete",
    awaits=lambda params: Await(
        Look(
            Call("rds", "DescribeDBSnapshots", {"DBSnapshotIdentifier": params["snapshot_id"]}),
            {
                "state": "DBSnapshots[0].Status",
                "since": "DBSnapshots[0].SnapshotCreateTime",
                "snapshot_arn": "DBSnapshots[0].DBSnapshotArn",
            },
            NO_SNAPSHOT,
        ),
        frozenset({"available"}),
        frozenset({"failed"}),
        every=timedelta(seconds=30),
        within=timedelta(hours=24),
    ),
    likely=timedelta(minutes=10),
)


def _mark_tags(params: Params, key: str) -> list[dict[str, str]]:
    own = {f"cloudmigrate:{name}": str(value)[:256] for name, value in sorted(params.get("marks", {}).items())}
    return [{"Key": name, "Value": value} for name, value in {TOMBSTONE: key, "cloudmigrate:key": key, **own}.items()]


MARK_DATABASE = Act(
    "retire.mark_database",
    "mark {arn} as kept or standing still by this migration",
    does=lambda params, key: Call("rds", "AddTagsToResource", {"ResourceName": params["arn"], "Tags": _mark_tags(params, key)}),
    keeps=("arn",),
    look=lambda params, key: Look(
        Call("rds", "ListTagsForResource", {"ResourceName": params["arn"]}),
        {"arn": f"TagList[?Key=={quoted(TOMBSTONE)} && Value=={quoted(key)}] | [0] && {quoted(params['arn'])}"},
        NO_DATABASE | NO_SNAPSHOT,
    ),
    undoes=lambda params, outputs: (
        Undo(
            Call(
                "rds",
                "RemoveTagsFromResource",
                {"ResourceName": params["arn"], "TagKeys": [one["Key"] for one in _mark_tags(params, "")]},
            ),
            NO_DATABASE | NO_SNAPSHOT,
        ),
    ),
    is_repeatable=True,
    likely=timedelta(seconds=2),
    family="rds",
)


def _connected(params: Params) -> Any:
    def contacts(since: datetime, now: datetime) -> tuple[Look, ...]:
        begun = since + timedelta(hours=1)  # connections that the stop itself ended are no callers
        if now <= begun:
            return ()
        asked = {
            "Namespace": "AWS/RDS",
            "MetricName": "DatabaseConnections",
            "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": params["db_instance_id"]}],
            "StartTime": begun.isoformat(),
            "EndTime": now.isoformat(),
            "Period": 3600 * math.ceil((now - begun) / timedelta(hours=MOST_POINTS)),
            "Statistics": ["Maximum"],
        }
        found = "(Datapoints[?Maximum > `0`] | [0])"
        words = f"{found} && join(' ', ['it had connections:', to_string({found}.Maximum)])"
        return (Look(Call("cloudwatch", "GetMetricStatistics", asked), {"contact": words}),)

    return contacts


REST_DATABASE = Act(
    "retire.rest_database",
    "let database {db_instance_id} stand still for {days} days (AWS starts it again after 7), and see that nobody connects",
    rests=lambda params: Rest(params["since"], timedelta(days=params["days"]), _connected(params), REVIVED),
)
DELETE_DATABASE = Act(
    "retire.delete_database",
    "delete database {db_instance_id}: only its snapshot and its automated backups are left",
    does=lambda params, key: Call(
        "rds",
        "DeleteDBInstance",
        {"DBInstanceIdentifier": params["db_instance_id"], "SkipFinalSnapshot": True, "DeleteAutomatedBackups": False},
    ),
    keeps=("db_instance_id",),
    look=lambda params, key: Look(
        _described(params),
        {"db_instance_id": "DBInstances[?DBInstanceStatus=='deleting'].DBInstanceIdentifier | [0]"},
        NO_DATABASE,
        otherwise={"db_instance_id": params["db_instance_id"]},
    ),
    exists=NO_DATABASE | WRONG_STATE,  # it goes, or went: seen by the look
    likely=timedelta(minutes=5),
    family="rds",
)
AWAIT_DELETED = Act(
    "retire.await_database_deleted",
    "wait until database {db_instance_id} is gone",
    awaits=lambda params: Await(
        Look(_described(params), {"state": STATUS}, NO_DATABASE), frozenset(), every=timedelta(seconds=30), within=timedelta(hours=6)
    ),
    likely=timedelta(minutes=5),
)

ACTS = (
    CHECK_DATABASE,
    STOP_DATABASE,
    AWAIT_STOPPED,
    AWAIT_LAST_SNAPSHOT,
    MARK_DATABASE,
    REST_DATABASE,
    DELETE_DATABASE,
    AWAIT_DELETED,
)
