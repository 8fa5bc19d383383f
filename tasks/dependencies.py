"""Dependencies' effects: fold plumbing, join traffic with configuration, tell shared services; all from the lake, no cloud call."""

from dataclasses import asdict

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.folding import Folding, fold
from cloudmigrate.domain.reachability import allowed
from cloudmigrate.domain.resources import Relation
from cloudmigrate.domain.shared_services import USUAL, ServicePeers, SharedPolicy, SharedService, service_ports, shared_services
from cloudmigrate.lake import dependency_datasets as datasets
from cloudmigrate.lake.dependencies import Judge, write_dependencies
from cloudmigrate.lake.views import Views
from cloudmigrate.workspace import Workspace
from tasks.discovery import as_resource
from tasks.estate import retryable
from tasks.rules import network_in
from tasks.snapshots import publish, publish_together

logger = log.get_logger(__name__)


@task(
    name="draw-dependencies",
    task_run_name="dependencies of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def draw_dependencies(estate: Estate, *, snapshot_id: str, run_id: str) -> int:
    """Publish what of a snapshot is plumbing, and its dependencies; the number of these."""
    workspace = Workspace.open(estate)
    part = f"dependencies-{log.short_id()}"
    with log.bound(run_id):
        with workspace.views(snapshot_id) as views:
            folding = folding_of(views)
            drawn = write_dependencies(views, needs=folding.needs, homes=folding.homes(), judge=_judge(views), part=part)
        plumbing = workspace.lake.write(datasets.PLUMBING, (asdict(one) for one in folding.plumbing), snapshot_id=snapshot_id, part=part)
        publish_together(workspace, snapshot_id, {one.dataset: [one] for one in (plumbing, drawn)}, run_id)
        logger.info("drew dependencies", edges=drawn.rows, stated=len(folding.needs), folded=plumbing.rows)
    return drawn.rows


def folding_of(views: Views) -> Folding:
    """The snapshot's plumbing and its stated needs, from its relations."""
    from cloudmigrate.aws.catalogue import RELATION_ROLES
    from cloudmigrate.aws.interfaces import HOLDER_TYPES
    from cloudmigrate.aws.plumbing import FOLD_RULES, interfaces_held

    types = {row["uid"]: row["type"] for row in views.run("plan_items")}
    relations = (Relation(row["source_uid"], row["target_uid"], row["kind"]) for row in views.run("relations_all"))
    held = interfaces_held(as_resource(row) for row in views.run("resources_of_types", types=list(HOLDER_TYPES)))
    return fold(types, relations, RELATION_ROLES, FOLD_RULES, held=held)


def _judge(views: Views) -> Judge:
    """What tells of pairs whether the snapshot's rules and routes let them talk now."""
    network = network_in(views)
    return lambda pairs: (one.as_flag for one in allowed(network, pairs))


@task(
    name="find-shared-services",
    task_run_name="shared services of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def find_shared_services(estate: Estate, *, snapshot_id: str, run_id: str, policy: SharedPolicy = USUAL) -> tuple[SharedService, ...]:
    """Publish the snapshot's shared services, as people's decisions have them; the same."""
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        with workspace.views(snapshot_id) as views:
            views.register("service_ports", service_ports())
            found = [ServicePeers.of(row) for row in views.run("service_peers", at_least=min(policy.at_least, policy.at_most))]
            known = [row["uid"] for row in views.run("plan_items")]
            homes = {row["uid"]: row["into_uid"] for row in views.rows("plumbing")}
        services = shared_services(found, workspace.ledger.decisions(estate.estate), known=known, homes=homes, policy=policy)
        part = workspace.lake.write(
            datasets.SHARED_SERVICES, (one.row() for one in services), snapshot_id=snapshot_id, part=f"shared-{log.short_id()}"
        )
        publish(workspace, snapshot_id, part.dataset, [part] if part.rows else [], run_id)
        logger.info("told shared services", services=len(services), held_out=sum(one.held_out for one in services))
    return services


def flow_log_gaps(workspace: Workspace, snapshot_id: str) -> int | None:
    """How many places of flow logs could not be read wholly; None where there were none to read: then traffic is not measured."""
    with workspace.views(snapshot_id) as views:
        [row] = views.run("flow_log_gaps")
    return row["gaps"] if row["places"] else None
