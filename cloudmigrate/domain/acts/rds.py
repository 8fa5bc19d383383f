"""Databases of RDS: a source seen to be well, closed to writers, stopped, and ended. Source: RDS API reference, 2014-10-31, and user guide.

An instance and a cluster of Aurora go by the same acts, in the words that the API has for each (`cloudmigrate.domain.acts.rds_kinds`).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.rds_kinds import CLUSTER, FAILING, INSTANCE, KINDS, Kind
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo, quoted

# Open connections and writes in progress end with a reboot; new ones are kept out by a group that lets nobody in.
CLOSED_SAYS = "let nobody in to the source {database_id} any more"
HAS = "join(',', sort(VpcSecurityGroups[?Status!='removing'].VpcSecurityGroupId))"  # the groups that it has or is getting
HAS_NOW = "join(',', sort(VpcSecurityGroups[?Status=='active'].VpcSecurityGroupId))"


def _with_groups(kind: Kind, params: Params, group_ids: Iterable[Any]) -> Call:
    apply = {"ApplyImmediately": True} if kind is CLUSTER else {}  # of an instance, groups are always changed at once
    return kind.call("Modify", params["database_id"], VpcSecurityGroupIds=list(group_ids), **apply)


def _has_groups(kind: Kind, params: Params, group_ids: Iterable[Any], *, within: timedelta) -> Await:
    wanted = ",".join(sorted(map(str, group_ids)))
    state = f"{kind.listed}[0].[{kind.status}, {HAS_NOW}] | join('/', @)"
    return Await(
        Look(kind.describe(params["database_id"]), {"state": state}, kind.missing), frozenset({f"available/{wanted}"}), within=within
    )


def _check(kind: Kind) -> Act:
    def awaits(params: Params) -> Await:
        read = [kind.status, "Engine", *(["DBInstanceClass"] if kind is INSTANCE else [])]
        look = Look(kind.describe(params["database_id"]), {"state": f"{kind.listed}[0].[{', '.join(read)}] | join('/', @)"}, kind.missing)
        return Await(look, frozenset({params["facts"]}), within=timedelta(0), advice="it changed since the scan: scan and plan anew")

    return Act(f"rds.check_{kind.word}", "see that the source {database_id} is available, as it was scanned", awaits=awaits)


def _check_name(kind: Kind) -> Act:
    word = "db-instance-id" if kind is INSTANCE else "db-cluster-id"

    def awaits(params: Params) -> Await:
        asked = Call("rds", f"Describe{kind.listed}", {"Filters": [{"Name": word, "Values": [params["database_id"]]}]})
        look = Look(asked, {"state": f"length({kind.listed})"})
        advice = "the target has a database of that name: give another one in targets.databases.overrides, as name"
        return Await(look, frozenset({0}), within=timedelta(0), advice=advice)

    return Act(f"rds.check_{kind.word}_name", "see that the name {database_id} is free in the target", awaits=awaits)


def _close(kind: Kind) -> Act:
    def undoes(params: Params, outputs: Params) -> tuple[Undo, ...]:
        opened = params["open_group_ids"]
        gone = _has_groups(kind, params, opened, within=timedelta(hours=1))
        again = Undo(_with_groups(kind, params, opened), not_yet=kind.wrong_state, gone=gone)
        return Undo(kind.describe(params["database_id"]), gone=kind.rested(params["database_id"])), again

    return Act(
        f"rds.close_{kind.word}",
        CLOSED_SAYS,
        does=lambda params, key: _with_groups(kind, params, [params["closed_group_id"]]),
        keeps=("database_id",),
        look=lambda params, key: kind.seen(params["database_id"], f"{HAS}=={quoted(params['closed_group_id'])}"),
        undoes=undoes,
        is_repeatable=True,
        not_yet=kind.wrong_state | {"InvalidVPCNetworkStateFault"},
        likely=timedelta(seconds=30),
        family="rds",
    )


def _await_closed(kind: Kind) -> Act:
    return Act(
        f"rds.await_{kind.word}_closed",
        "wait until {database_id} has only the group that lets nobody in",
        awaits=lambda params: _has_groups(kind, params, [params["closed_group_id"]], within=timedelta(hours=1)),
        likely=timedelta(minutes=1),
    )


REBOOT = Act(
    "rds.reboot_instance",
    "reboot {database_id}, so that no connection that was open stays",
    does=lambda params, key: INSTANCE.call("Reboot", params["database_id"]),
    keeps=("database_id",),
    look=lambda params, key: INSTANCE.in_state(params["database_id"], "rebooting"),
    is_repeatable=True,  # a second reboot of what is closed takes nothing from anybody
    not_yet=INSTANCE.wrong_state,
    likely=timedelta(seconds=10),
    family="rds",
)


def _await_available(kind: Kind) -> Act:
    ends = {"address": "Endpoint.Address"} if kind is INSTANCE else {"address": "Endpoint", "reader": "ReaderEndpoint"}
    found = {name: f"{kind.listed}[0].{path} || ''" for name, path in ends.items()}
    # What the target has to have as well, read of the source when nobody writes any more: since the scan it may have grown.
    found["facts"] = f"{kind.listed}[0].[{kind.facts}] | join('/', @)"
    return Act(
        f"rds.await_{kind.word}",
        "wait until {database_id} is available",
        awaits=lambda params: kind.awaited(params["database_id"], found),
        likely=timedelta(minutes=20),
    )


def _stop(kind: Kind) -> Act:
    return Act(
        f"rds.stop_{kind.word}",
        "stop the source {database_id}",
        does=lambda params, key: kind.call("Stop", params["database_id"]),
        keeps=("database_id",),
        # Stopped by whomever: this step wants it stopped, and undone it runs again, as it did before.
        look=lambda params, key: kind.in_state(params["database_id"], "stopping", "stopped"),
        undoes=lambda params, outputs: _started(kind, params["database_id"]),
        exists=kind.wrong_state,  # what is stopped or stopping refuses it: looked for then
        likely=timedelta(minutes=1),
        family="rds",
    )


def _started(kind: Kind, database_id: Any) -> tuple[Undo, ...]:
    """It runs again. What still stops is waited for; what runs already is left alone."""
    running = Await(kind.state(database_id), frozenset({"available"}), FAILING, within=timedelta(hours=3))
    start = Undo(kind.call("Start", database_id), otherwise=kind.wrong_state, gone=running)
    return Undo(kind.describe(database_id), gone=kind.rested(database_id)), start


def _await_stopped(kind: Kind) -> Act:
    return Act(
        f"rds.await_{kind.word}_stopped",
        "wait until the source {database_id} is stopped",
        awaits=lambda params: Await(
            kind.state(params["database_id"]),
            frozenset({"stopped"}),
            FAILING,
            timedelta(seconds=30),
            timedelta(hours=3),
        ),
        likely=timedelta(minutes=10),
    )


def _start(kind: Kind) -> Act:
    return Act(
        f"rds.start_{kind.word}",
        "start the source {database_id}: what is stopped keeps its protection against deletion",
        does=lambda params, key: kind.call("Start", params["database_id"]),
        keeps=("database_id",),
        look=lambda params, key: kind.in_state(params["database_id"], "starting", "available"),
        exists=kind.wrong_state,
        already=kind.missing,
        likely=timedelta(seconds=10),
        family="rds",
    )


def _unprotect(kind: Kind) -> Act:
    return Act(
        f"rds.unprotect_{kind.word}",
        "lift the protection of the source {database_id} against deletion",
        does=lambda params, key: kind.call("Modify", params["database_id"], DeletionProtection=False, ApplyImmediately=True),
        keeps=("database_id",),
        look=lambda params, key: kind.seen(params["database_id"], "!DeletionProtection"),
        is_repeatable=True,
        already=kind.missing,
        not_yet=kind.wrong_state,
        likely=timedelta(seconds=10),
        family="rds",
    )


def _delete(kind: Kind) -> Act:
    return Act(
        f"rds.delete_{kind.word}",
        "delete the source {database_id}: only its last snapshot and its automated backups stay",
        does=lambda params, key: kind.call("Delete", params["database_id"], SkipFinalSnapshot=True, DeleteAutomatedBackups=False),
        keeps=("database_id",),
        look=lambda params, key: kind.in_state(params["database_id"], "deleting"),
        is_repeatable=True,
        already=kind.missing,
        not_yet=kind.wrong_state,
        likely=timedelta(seconds=10),
        family="rds",
    )


def _await_gone(kind: Kind) -> Act:
    return Act(
        f"rds.await_{kind.word}_gone",
        "wait until the source {database_id} is gone",
        awaits=lambda params: Await(
            kind.state(params["database_id"]),
            frozenset(),
            every=timedelta(seconds=30),
            within=timedelta(hours=3),
        ),
        likely=timedelta(minutes=10),
    )


_OF_EACH = (
    _check,
    _check_name,
    _close,
    _await_closed,
    _await_available,
    _stop,
    _await_stopped,
    _start,
    _unprotect,
    _delete,
    _await_gone,
)
ACTS = (REBOOT, *(make(kind) for kind in KINDS for make in _OF_EACH))
