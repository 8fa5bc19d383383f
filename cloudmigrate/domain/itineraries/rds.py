"""Databases of RDS and Aurora: by a last snapshot, or by a replica that is promoted. Each leaves the source closed and stopped."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from cloudmigrate.domain.acts.rds_kinds import CLUSTER, INSTANCE
from cloudmigrate.domain.database_names import member_name
from cloudmigrate.domain.database_policy import DatabaseWay
from cloudmigrate.domain.itineraries.building import Builder, Place, of
from cloudmigrate.domain.itineraries.database_hinders import cluster_hinders, instance_hinders, lacks
from cloudmigrate.domain.itineraries.database_options import cluster_options, instance_options
from cloudmigrate.domain.itineraries.database_steps import close, end_source, hand_over, last_snapshot, prepare, settle, verify
from cloudmigrate.domain.itineraries.databases import DB_CLUSTER, DB_INSTANCE, Database, borne, cluster_of, instance_of, is_member
from cloudmigrate.domain.itineraries.rds_dms import end_replication, move_rows
from cloudmigrate.domain.itineraries.record import Bears, Itinerary, Move
from cloudmigrate.domain.itineraries.retain import retain
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Output, Reversal, Step
from cloudmigrate.domain.strategies import Strategy


def _instance_steps(builder: Builder, move: Move) -> Step:
    if is_member(move):
        return retain(builder, move.at_source, why=f"it moves with its cluster {move.source.spec['DBClusterIdentifier']}")
    database = instance_of(move)
    return {DatabaseWay.SNAPSHOT: _restored, DatabaseWay.REPLICA: _promoted, DatabaseWay.DMS: move_rows}[database.way](builder, database)


def _restored(builder: Builder, database: Database) -> Step:
    """An instance by snapshot."""
    ready = prepare(builder, database)
    closed = close(builder, database, ready, ready.steps)
    snapshot = _copied(builder, database, last_snapshot(builder, database, closed))
    asked = {"database_id": database.name, "snapshot_id": of(snapshot[0], "snapshot_id"), "options": instance_options(database)}
    restored = builder.add("rds.restore_instance", asked, database.target, needs=(*snapshot, *ready.steps))
    there = builder.add("rds.await_instance", {"database_id": database.name}, database.target, needs=(restored,))
    encrypted = database.is_encrypted or bool(database.move.policy.kms_key)
    seen = verify(builder, database, there, closed[-1], encrypted=encrypted)
    done = [*closed, *snapshot, there, seen, *settle(builder, database, (seen,))]
    return hand_over(builder, database, ready, done, address=of(there, "address"))[-1]


def _copied(builder: Builder, database: Database, made: Sequence[Step]) -> list[Step]:
    """The snapshot where it is restored, with its key, and ready; the first of these gives it.

    Under the default key it cannot be shared, and what is shared encrypted cannot be copied to another region; nor can a cluster's at all
    be copied to another region and account at once. So it is copied to the target's region within its account first.
    Source: RDS user guide, "Sharing encrypted snapshots", "Copying a DB snapshot"; Aurora user guide, "Copying a DB cluster snapshot".
    """
    policy, at, target = database.move.policy, database.at, database.target
    if not database.is_copied:
        return list(made)
    word = "snapshot" if database.kind is INSTANCE else "cluster_snapshot"
    steps, source = list(made), at

    def copy(to: Place, key: str | None, needs: Sequence[Step], *, kept: bool) -> list[Step]:
        nonlocal source
        asked: dict[str, Any] = {"arn": of(steps[0], "arn")}
        asked |= {"kms_key_id": key} if key else {}
        asked |= {"source_region": source.region} if source.region != to.region else {}
        asked |= {"option_group": database.options_group} if database.options_group and to == target else {}
        made = builder.add(f"rds.copy_{word}", asked, to, needs=needs, reversal=Reversal.NOTHING if kept else None)
        source = to
        return [made, builder.add(f"rds.await_{word}", {"snapshot_id": of(made, "snapshot_id")}, to)]

    if target.account_id != at.account_id:
        near = Place(at.account_id, target.region)
        if database.is_encrypted or (database.kind is CLUSTER and near != at):
            steps = copy(near, database.policy.share_key if database.is_encrypted else None, steps, kept=False)
        shared = {"snapshot_id": of(steps[0], "snapshot_id"), "with_account": target.account_id}
        steps.append(builder.add(f"rds.share_{word}", shared, source, needs=steps))
    # An unencrypted snapshot of a cluster is not encrypted by a copy: its restore does that.
    key = policy.kms_key if database.kind is INSTANCE or database.is_encrypted else None
    return copy(target, key, steps, kept=database.policy.keep_snapshots)


def _promoted(builder: Builder, database: Database) -> Step:
    """An instance by a replica, which is a database of its own from cutover on; a rollback deletes it, promoted or not."""
    ready = prepare(builder, database)
    source = (database.move.source.uid,)
    options = instance_options(database)
    options |= {"KmsKeyId": database.move.policy.kms_key} if database.is_encrypted else {}
    asked = {"database_id": database.name, "source_arn": source[0], "source_region": database.at.region, "options": options}
    made = builder.add("rds.create_replica", asked, database.target, needs=ready.steps, limited_by=source)
    named = {"database_id": database.name}
    there = builder.add("rds.await_instance", named, database.target, needs=(made,))
    near = builder.add("rds.await_lag", {**named, "limit_s": database.policy.lag_limit_s}, database.target, needs=(there,))
    closed = close(builder, database, ready, (*ready.steps, near), seen_by=1)
    level = builder.add("rds.await_lag", {**named, "limit_s": 1}, database.target, needs=closed)
    days = int(database.spec.get("BackupRetentionPeriod") or 1)
    promoted = builder.add("rds.promote", {**named, "backup_days": days}, database.target, needs=(level,))
    alone = builder.add("rds.await_promoted", named, database.target, needs=(promoted,))
    seen = verify(builder, database, alone, closed[-1], encrypted=database.is_encrypted)
    kept = last_snapshot(builder, database, (seen,))
    done = [*closed, alone, seen, *kept, *settle(builder, database, (seen,))]
    return hand_over(builder, database, ready, done, address=of(there, "address"))[-1]


def _cluster_steps(builder: Builder, move: Move) -> Step:
    """A cluster by snapshot, then its instances, the one that writes first."""
    database = cluster_of(move)
    ready = prepare(builder, database)
    members = database.members
    names = {one.uid: _member_name(database, one) for one in members}
    free = [builder.add("rds.check_instance_name", {"database_id": names[one.uid]}, database.target) for one in members]
    closed = close(builder, database, ready, (*ready.steps, *free))
    snapshot = _copied(builder, database, last_snapshot(builder, database, closed))
    asked = {"database_id": database.name, "snapshot_id": of(snapshot[0], "arn"), "options": cluster_options(database)}
    restored = builder.add("rds.restore_cluster", asked, database.target, needs=(*snapshot, *ready.steps))
    named = {"database_id": database.name}
    there = builder.add("rds.await_cluster", named, database.target, needs=(restored,))
    done = [there]
    for one in members:
        own = replace(database, move=replace(move, source=one), kind=INSTANCE)
        tagged = {
            "database_id": names[one.uid],
            "cluster_id": database.name,
            "options": _member_options(database, own),
            "tags": dict(one.tags),
        }
        made = builder.add("rds.create_member", tagged, database.target, needs=done)
        done.append(builder.add("rds.await_instance", {"database_id": names[one.uid]}, database.target, needs=(made,)))
    encrypted = database.is_encrypted or bool(move.policy.kms_key)
    seen = verify(builder, database, done[-1], closed[-1], encrypted=encrypted)
    done = [*closed, *snapshot, *done, seen, *settle(builder, database, (seen,))]
    reader: Output = of(there, "reader")
    return hand_over(builder, database, ready, done, address=of(there, "address"), reader=reader)[-1]


def _member_name(database: Database, member: Resource) -> str:
    """The name of an instance in the target."""
    own = database.policy.override(member.uid).name
    name = own or member_name(database.spec, database.override.name, str(member.spec["DBInstanceIdentifier"]))
    return database.move.names.of(member.uid, name)


def _member_options(cluster: Database, member: Database) -> dict[str, Any]:
    spec = member.spec
    options = {
        "Engine": cluster.engine,
        "DBInstanceClass": cluster.instance_class(str(spec["DBInstanceClass"])),
        "DBParameterGroupName": member.policy.parameter_groups.get(member.source_parameters),
        "PubliclyAccessible": bool(spec.get("PubliclyAccessible")),
        "AutoMinorVersionUpgrade": bool(spec.get("AutoMinorVersionUpgrade")),
        "PromotionTier": int(spec["PromotionTier"]) if spec.get("PromotionTier") is not None else None,
    }
    return {name: value for name, value in options.items() if value is not None}


def _instance_bears(move: Move) -> Bears:
    return Bears() if is_member(move) else borne(instance_of(move))


def _instance_lacks(move: Move) -> Iterable[str]:
    return () if is_member(move) else lacks(instance_of(move))


def _instance_end(builder: Builder, move: Move, after: Sequence[Step]) -> None:
    if is_member(move):
        return
    database = instance_of(move)
    if database.way is DatabaseWay.DMS:
        end_replication(builder, database, after)
        end_source(builder, database, builder.steps[-1:])
    else:
        end_source(builder, database, after)


RDS_INSTANCE = Itinerary(
    "rds",
    (DB_INSTANCE,),
    (Strategy.REHOST,),
    _instance_steps,
    instance_hinders,
    _instance_lacks,
    _instance_bears,
    _instance_end,
)
AURORA_CLUSTER = Itinerary(
    "aurora",
    (DB_CLUSTER,),
    (Strategy.REHOST,),
    _cluster_steps,
    cluster_hinders,
    lambda move: lacks(cluster_of(move)),
    lambda move: borne(cluster_of(move)),
    lambda builder, move, after: end_source(builder, cluster_of(move), after),
)
