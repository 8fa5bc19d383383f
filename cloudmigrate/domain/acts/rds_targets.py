"""Databases of the target: restored, replicated, promoted, verified, given the settings that a restore does not take."""

from datetime import timedelta

from cloudmigrate.domain.acts.rds_kinds import CLUSTER, INSTANCE, KINDS, Kind, rds_tags
from cloudmigrate.domain.acts.rds_snapshots import OF_CLUSTER, OF_INSTANCE
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo, quoted

TAGGING = ("rds:AddTagsToResource",)
NO_SUBNETS = frozenset({"DBSubnetGroupNotFoundFault"})
NO_PARAMETERS = frozenset({"DBParameterGroupNotFound", "DBClusterParameterGroupNotFound"})


def _without_backups(params: Params, outputs: Params) -> tuple[Undo, ...]:
    return INSTANCE.deleted(params["database_id"], DeleteAutomatedBackups=True)


RESTORE_INSTANCE = Act(
    "rds.restore_instance",
    "restore the snapshot as {database_id}",
    does=lambda params, key: Call(
        "rds",
        "RestoreDBInstanceFromDBSnapshot",
        {
            "DBInstanceIdentifier": params["database_id"],
            "DBSnapshotIdentifier": params["snapshot_id"],
            "Tags": rds_tags(params, key),
            **params["options"],
        },
    ),
    gives={"database_id": "DBInstance.DBInstanceIdentifier"},
    look=INSTANCE.made,
    undoes=_without_backups,
    exists=INSTANCE.taken,
    not_yet=OF_INSTANCE.wrong_state,
    further_actions=(*TAGGING, "kms:CreateGrant", "kms:DescribeKey"),
    likely=timedelta(seconds=20),
    family="rds",
    holds_writes=True,
)
RESTORE_CLUSTER = Act(
    "rds.restore_cluster",
    "restore the snapshot as {database_id}",
    does=lambda params, key: Call(
        "rds",
        "RestoreDBClusterFromSnapshot",
        {
            "DBClusterIdentifier": params["database_id"],
            "SnapshotIdentifier": params["snapshot_id"],
            "Tags": rds_tags(params, key),
            **params["options"],
        },
    ),
    gives={"database_id": "DBCluster.DBClusterIdentifier"},
    look=CLUSTER.made,
    undoes=lambda params, outputs: CLUSTER.deleted(params["database_id"], DeleteAutomatedBackups=True),
    exists=CLUSTER.taken,
    not_yet=OF_CLUSTER.wrong_state,
    further_actions=(*TAGGING, "kms:CreateGrant", "kms:DescribeKey"),
    likely=timedelta(seconds=20),
    family="rds",
    holds_writes=True,
)
CREATE_MEMBER = Act(
    "rds.create_member",
    "add {database_id} to cluster {cluster_id}",
    does=lambda params, key: Call(
        "rds",
        "CreateDBInstance",
        {
            "DBInstanceIdentifier": params["database_id"],
            "DBClusterIdentifier": params["cluster_id"],
            "Tags": rds_tags(params, key),
            **params["options"],
        },
    ),
    gives={"database_id": "DBInstance.DBInstanceIdentifier"},
    look=INSTANCE.made,
    undoes=lambda params, outputs: INSTANCE.deleted(params["database_id"]),
    exists=INSTANCE.taken,
    not_yet=CLUSTER.wrong_state,
    further_actions=TAGGING,
    likely=timedelta(seconds=20),
    family="rds",
)
CREATE_REPLICA = Act(
    "rds.create_replica",
    "create {database_id} as a replica of the source",
    does=lambda params, key: Call(
        "rds",
        "CreateDBInstanceReadReplica",
        {
            "DBInstanceIdentifier": params["database_id"],
            "SourceDBInstanceIdentifier": params["source_arn"],
            "SourceRegion": params["source_region"],
            "Tags": rds_tags(params, key),
            **params["options"],
        },
    ),
    gives={"database_id": "DBInstance.DBInstanceIdentifier"},
    look=INSTANCE.made,
    undoes=_without_backups,  # promoted or not
    exists=INSTANCE.taken,
    not_yet=INSTANCE.wrong_state,
    further_actions=(*TAGGING, "kms:CreateGrant", "kms:DescribeKey"),
    likely=timedelta(seconds=20),
    family="rds",
    holds_writes=True,
)
PROMOTE = Act(
    "rds.promote",
    "promote {database_id}: from now on it is a database of its own",
    does=lambda params, key: Call(
        "rds",
        "PromoteReadReplica",
        {"DBInstanceIdentifier": params["database_id"], "BackupRetentionPeriod": params["backup_days"]},
    ),
    keeps=("database_id",),
    look=lambda params, key: INSTANCE.seen(params["database_id"], "!ReadReplicaSourceDBInstanceIdentifier"),
    exists=INSTANCE.wrong_state,  # what is promoted refuses it, and what changes as well: looked for then
    likely=timedelta(seconds=10),
    family="rds",
)
AWAIT_PROMOTED = Act(
    "rds.await_promoted",
    "wait until {database_id} is a database of its own",
    awaits=lambda params: Await(
        Look(
            INSTANCE.describe(params["database_id"]),
            {
                "state": "DBInstances[0] | join('/', [DBInstanceStatus, not_null(ReadReplicaSourceDBInstanceIdentifier, 'alone')])",
                "address": "DBInstances[0].Endpoint.Address || ''",
            },
        ),
        frozenset({"available/alone"}),
        every=timedelta(seconds=30),
        within=timedelta(hours=6),
    ),
    likely=timedelta(minutes=10),
)


def _settings_of(kind: Kind, params: Params) -> str:
    """The condition that the database has what it was given."""
    said = {name: value for name, value in params["settings"].items() if name != "ManageMasterUserPassword"}
    wanted = [f"{name}=={quoted(value)}" for name, value in sorted(said.items())]
    return " && ".join([*wanted, *(["MasterUserSecret.SecretArn"] if "ManageMasterUserPassword" in params["settings"] else [])])


def _settle(kind: Kind) -> Act:
    """Protection comes last and goes first: what is protected cannot be taken back. The rest goes with the database."""

    def undoes(params: Params, outputs: Params) -> tuple[Undo, ...]:
        if not params["settings"].get("DeletionProtection"):
            return ()
        off = kind.call("Modify", params["database_id"], DeletionProtection=False, ApplyImmediately=True)
        return (Undo(off, kind.missing, kind.wrong_state),)

    return Act(
        f"rds.settle_{kind.word}",
        "give {database_id} the settings that a restore does not take",
        does=lambda params, key: kind.call("Modify", params["database_id"], ApplyImmediately=True, **params["settings"]),
        keeps=("database_id",),
        look=lambda params, key: kind.seen(params["database_id"], _settings_of(kind, params)),
        undoes=undoes,
        is_repeatable=True,
        not_yet=kind.wrong_state,
        further_actions=("secretsmanager:CreateSecret", "secretsmanager:TagResource"),
        likely=timedelta(seconds=10),
        family="rds",
    )


def _verify(kind: Kind) -> Act:
    subnets = "DBSubnetGroup.DBSubnetGroupName" if kind is INSTANCE else "DBSubnetGroup"

    def awaits(params: Params) -> Await:
        read = f"[{kind.facts}, to_string(StorageEncrypted), {subnets}] | join('/', @)"
        encrypted = str(params["encrypted"]).lower()
        return Await(
            Look(kind.describe(params["database_id"]), {"state": f"{kind.listed}[0].{read}"}, kind.missing),
            frozenset({f"{params['facts']}/{encrypted}/{params['subnet_group']}"}),
            within=timedelta(0),
            advice="what was restored is not what was snapshotted: read both in the RDS console",
        )

    return Act(f"rds.verify_{kind.word}", "see that {database_id} has engine, version, size and encryption of the source", awaits=awaits)


CHECK_SUBNETS = Act(
    "rds.check_subnet_group",
    "see that the target has DB subnet group {name}",
    awaits=lambda params: Await(
        Look(
            Call("rds", "DescribeDBSubnetGroups", {"DBSubnetGroupName": params["name"]}),
            {"state": "DBSubnetGroups[0].SubnetGroupStatus"},
            NO_SUBNETS,
        ),
        frozenset({"Complete"}),
        frozenset({None}),
        within=timedelta(0),
        advice="create it there, or map another one in targets.databases.subnet_groups",
    ),
)


def _check_parameters(kind: Kind) -> Act:
    of = "DBParameterGroup" if kind is INSTANCE else "DBClusterParameterGroup"

    def awaits(params: Params) -> Await:
        asked = Call("rds", f"Describe{of}s", {f"{of}Name": params["name"]})
        advice = "create it there with the same settings, or map another one in targets.databases.parameter_groups"
        look = Look(asked, {"state": f"{of}s[0].{of}Name"}, NO_PARAMETERS)
        return Await(look, frozenset({params["name"]}), frozenset({None}), within=timedelta(0), advice=advice)

    return Act(f"rds.check_{kind.word}_parameters", "see that the target has parameter group {name}", awaits=awaits)


CHECK_TARGET = Act(
    "rds.check_target",
    "see that the target has {database_id}, available, of the same engine",
    awaits=lambda params: Await(
        Look(
            INSTANCE.describe(params["database_id"]),
            {"state": "DBInstances[0].[DBInstanceStatus, Engine] | join('/', @)", "address": "DBInstances[0].Endpoint.Address || ''"},
            INSTANCE.missing,
        ),
        frozenset({f"available/{params['engine']}"}),
        frozenset({None}),
        within=timedelta(0),
        advice="create it in the target with its users and the tables of the source, or correct endpoints in targets.databases.overrides",
    ),
)

ACTS = (
    RESTORE_INSTANCE,
    RESTORE_CLUSTER,
    CREATE_MEMBER,
    CREATE_REPLICA,
    PROMOTE,
    AWAIT_PROMOTED,
    CHECK_SUBNETS,
    CHECK_TARGET,
    *(make(kind) for kind in KINDS for make in (_settle, _verify, _check_parameters)),
)
