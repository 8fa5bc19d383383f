"""What every way of moving a database has in common: checks, the source closed and stopped, the target settled, names, the end."""

from collections.abc import Sequence
from dataclasses import dataclass

from cloudmigrate.domain.acts.rds_kinds import CLUSTER, INSTANCE
from cloudmigrate.domain.database_policy import DatabaseWay
from cloudmigrate.domain.itineraries.building import Builder, of
from cloudmigrate.domain.itineraries.database_options import settings
from cloudmigrate.domain.itineraries.databases import Database
from cloudmigrate.domain.itineraries.names import ReadName, point_name, read_names
from cloudmigrate.domain.steps import Gate, Output, Reversal, Step

CLOSED_NAME = "cloudmigrate-closed-{}"
CLOSED_SAYS = "nobody gets in while the database moves"


@dataclass(frozen=True, slots=True)
class Ready:
    """What is done before cutover: none of it touches the source."""

    closed: Step  # the security group that lets nobody in
    names: list[ReadName]
    steps: list[Step]  # all that has to be done before the source is closed


def prepare(builder: Builder, database: Database) -> Ready:
    """Checks of both sides, the group that the source is closed with, and the names as they are."""
    word, spec, policy = database.kind.word, database.spec, database.move.policy
    facts = ["available", database.engine, *([str(spec["DBInstanceClass"])] if database.kind is INSTANCE else [])]
    named = {"database_id": database.database_id, "facts": "/".join(facts)}
    steps = [builder.add(f"rds.check_{word}", named, database.at)]
    if database.way is not DatabaseWay.DMS:
        steps.append(builder.add("rds.check_subnet_group", {"name": database.subnet_group}, database.target))
        if database.parameters:
            steps.append(builder.add(f"rds.check_{word}_parameters", {"name": database.parameters}, database.target))
        steps.append(builder.add(f"rds.check_{word}_name", {"database_id": database.name}, database.target))
    named = {"name": CLOSED_NAME.format(database.database_id), "description": CLOSED_SAYS, "vpc_id": database.vpc_id}
    closed = builder.add("ec2.create_security_group", named, database.at)
    names = read_names(builder, policy, database.at, "CNAME")
    steps += [closed, *(step for one in names for step in (one.read, one.lower))]
    steps += [step for clone in database.clones for step in clone.ready]
    return Ready(closed, names, steps)


def close(builder: Builder, database: Database, ready: Ready, after: Sequence[Step], *, seen_by: int | None = 0) -> list[Step]:
    """Nobody writes to the source any more; the last of these tells what it is then.

    *seen_by*: how many connections stay all the same (a replica's); None: not looked for.
    """
    word, at, source = database.kind.word, database.at, (database.move.source.uid,)
    named = {"database_id": database.database_id}
    closed = {**named, "closed_group_id": of(ready.closed, "group_id")}
    asked = {**closed, "open_group_ids": list(database.group_ids)}
    after = (*after, *(one.forgotten for one in ready.names))
    shut = builder.add(f"rds.close_{word}", asked, at, needs=after, gate=Gate.CUTOVER, limited_by=source)
    steps = [shut, builder.add(f"rds.await_{word}_closed", closed, at, needs=(shut,))]
    instances = [str(one.spec["DBInstanceIdentifier"]) for one in database.members] if database.kind is CLUSTER else [database.database_id]
    for one in instances:
        steps.append(builder.add("rds.reboot_instance", {"database_id": one}, at, needs=(steps[-1],), limited_by=source))
    if seen_by is not None:
        steps.append(builder.add("rds.await_quiet", {"database_ids": instances, "most": seen_by}, at, needs=(steps[-1],)))
    steps += [builder.add("rds.await_instance", {"database_id": one}, at, needs=(steps[-1],)) for one in instances]
    if database.kind is CLUSTER:
        steps.append(builder.add("rds.await_cluster", named, at, needs=steps[-len(instances) :]))
    return steps


def last_snapshot(builder: Builder, database: Database, after: Sequence[Step]) -> list[Step]:
    """The snapshot that stays when the source ends; both steps, made and seen to be ready."""
    word = "snapshot" if database.kind is INSTANCE else "cluster_snapshot"
    named = {"database_id": database.database_id}
    made = builder.add(f"rds.create_{word}", named, database.at, needs=after, limited_by=(database.move.source.uid,))
    return [made, builder.add(f"rds.await_{word}", {"snapshot_id": of(made, "snapshot_id")}, database.at)]


def verify(builder: Builder, database: Database, target: Step, facts: Step, *, encrypted: bool) -> Step:
    """The step that sees that the target is what the source was."""
    asked = {"database_id": database.name, "facts": of(facts, "facts"), "encrypted": encrypted, "subnet_group": database.subnet_group}
    return builder.add(f"rds.verify_{database.kind.word}", asked, database.target, needs=(target,))


def settle(builder: Builder, database: Database, after: Sequence[Step]) -> list[Step]:
    """The target has the settings that a restore does not take."""
    word, named, given = database.kind.word, {"database_id": database.name}, settings(database)
    if not given:
        return []
    step = builder.add(f"rds.settle_{word}", {**named, "settings": given}, database.target, needs=after)
    return [step, builder.add(f"rds.await_{word}", named, database.target, needs=(step,))]


def hand_over(
    builder: Builder, database: Database, ready: Ready, after: Sequence[Step], *, address: Output, reader: Output | None = None
) -> list[Step]:
    """Names lead to the target, then the source stands still; the last of these is the last of the itinerary."""
    done = list(after)
    for one in ready.names:
        value = reader if reader is not None and one.name.to == "reader_endpoint" else address
        done.append(point_name(builder, database.move.policy, one, value, after=done))
    # Source: RDS user guide, "Stopping an Amazon RDS DB instance temporarily": it stays closed, which is what matters.
    if database.engine.startswith("sqlserver") and database.spec.get("MultiAZ"):
        return done
    word, named = database.kind.word, {"database_id": database.database_id}
    stop = builder.add(f"rds.stop_{word}", named, database.at, needs=done, limited_by=(database.move.source.uid,))
    return [*done, stop, builder.add(f"rds.await_{word}_stopped", named, database.at, needs=(stop,))]


def end_source(builder: Builder, database: Database, after: Sequence[Step]) -> None:
    """The source's end, behind its own gate; its last snapshot stays. What is stopped can be deleted but not changed."""
    word, named, last = database.kind.word, {"database_id": database.database_id}, tuple(after)
    instances = [str(one.spec["DBInstanceIdentifier"]) for one in database.members] if database.kind is CLUSTER else []

    def add(act: str, params: dict[str, object], *, is_wait: bool = False) -> None:
        nonlocal last
        ends = Reversal.NOTHING if is_wait else Reversal.NO_RETURN
        last = (builder.add(act, params, database.at, needs=last, gate=Gate.CLEAN_UP, reversal=ends),)

    closed = next(one for one in builder.steps if one.act == f"rds.close_{word}").params["closed_group_id"]
    if instances or database.spec.get("DeletionProtection"):
        add(f"rds.start_{word}", {**named})
        add(f"rds.await_{word}", {**named}, is_wait=True)
        if database.spec.get("DeletionProtection"):
            add(f"rds.unprotect_{word}", {**named})
    for one in reversed(instances):
        add("rds.delete_instance", {"database_id": one})
        add("rds.await_instance_gone", {"database_id": one}, is_wait=True)
    add(f"rds.delete_{word}", {**named})
    add(f"rds.await_{word}_gone", {**named}, is_wait=True)
    add("ec2.delete_security_group", {"group_id": closed})
