"""Workloads' effects: read the user's file, propose from the lake, publish; no cloud call."""

from pathlib import Path

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.resources import Relation
from cloudmigrate.domain.workload_mapping import WorkloadMapping, read_mapping
from cloudmigrate.domain.workloads import Tagged, Workloads, workloads
from cloudmigrate.errors.inputs import WorkloadFileError
from cloudmigrate.lake import dependency_datasets as datasets
from cloudmigrate.lake.views import Views
from cloudmigrate.workspace import Workspace, open_lake
from reports.exports.csv_tables import original_cell
from tasks.estate import retryable
from tasks.snapshots import publish

logger = log.get_logger(__name__)
SHOWN_AT_MOST = 20


@task(
    name="propose-workloads",
    task_run_name="workloads of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def propose_workloads(estate: Estate, mapping: WorkloadMapping, *, snapshot_id: str, run_id: str) -> Workloads:
    """Publish which workload each resource of a snapshot belongs to; the same."""
    from cloudmigrate.aws.catalogue import RELATION_ROLES

    workspace = Workspace.open(estate)
    with log.bound(run_id):
        with workspace.views(snapshot_id) as views:
            found = workloads(
                candidates(views),
                (Relation(row["source_uid"], row["target_uid"], row["kind"]) for row in views.run("relations_all")),
                RELATION_ROLES,
                homes={row["uid"]: row["into_uid"] for row in views.rows("plumbing")},
                links={(row["one_uid"], row["other_uid"]): row["weight"] for row in views.each("workload_links")},
                held_out=[row["uid"] for row in views.rows("shared_services") if row["held_out"]],
                mapping=mapping,
                decisions=workspace.ledger.decisions(estate.estate),
            )
        part = workspace.lake.write(
            datasets.WORKLOADS, (one.row() for one in found.placed), snapshot_id=snapshot_id, part=f"workloads-{log.short_id()}"
        )
        publish(workspace, snapshot_id, part.dataset, [part] if part.rows else [], run_id)
        if found.unknown_uids:
            logger.warning(
                "workloads name resources that the snapshot lacks; their rows wait for one that has them",
                resources=len(found.unknown_uids),
                such_as=found.unknown_uids[:SHOWN_AT_MOST],
            )
        logger.info("told workloads", resources=len(found.placed), workloads=len({one.workload for one in found.placed}))
    return found


def mapping_of(estate: Estate) -> WorkloadMapping:
    """What the estate's own list of workloads says; empty where it has none. Raises WorkloadFileError, LakeError."""
    if estate.workloads is None:
        return WorkloadMapping()
    folder, _, name = estate.workloads.rpartition("/")
    try:
        data = open_lake(folder).read_document(name) if "://" in estate.workloads else Path(estate.workloads).read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        problem = f"it cannot be read: {error.strerror}"
        raise WorkloadFileError(estate.workloads, [problem], "mend the path under workloads in the estate file.") from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise WorkloadFileError(estate.workloads, [f"line {line}: is not UTF-8"], "save the file as CSV in UTF-8.") from error
    return read_mapping(text, name, original=original_cell)


def candidates(views: Views) -> list[Tagged]:
    """Every resource of the snapshot as telling workloads sees it."""
    from cloudmigrate.aws.catalogue import BY_TYPE

    return [
        Tagged(row["uid"], row["type"], row["name"], row["tags"], moves=row["type"] in BY_TYPE and BY_TYPE[row["type"]].moves)
        for row in views.run("workload_candidates")
    ]
