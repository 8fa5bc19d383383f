"""Rules' effects: the snapshot's security groups, ACLs and routes, and what of their permissions was seen in use; no cloud call."""

from prefect import task

from cloudmigrate import log
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.network import Network, ObservedEdge
from cloudmigrate.domain.resources import Coverage, CoverageStatus
from cloudmigrate.domain.rule_findings import rule_findings
from cloudmigrate.lake import dependency_datasets as datasets
from cloudmigrate.lake.views import Views
from cloudmigrate.workspace import Workspace
from tasks.discovery import as_resource
from tasks.estate import retryable
from tasks.snapshots import publish

logger = log.get_logger(__name__)


@task(
    name="find-unused-rules",
    task_run_name="rules of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def find_unused_rules(estate: Estate, *, snapshot_id: str, run_id: str) -> int:
    """Publish for every security group rule whether the window saw it in use; the number of rules."""
    workspace = Workspace.open(estate)
    with log.bound(run_id), workspace.views(snapshot_id) as views:
        network = network_in(views)
        days = {row["uid"]: row["fully_logged_days"] for row in views.rows("observation")}
        edges = (ObservedEdge.of(row) for row in views.each("accepted_edges"))
        found = (one.row() for one in rule_findings(network, edges, days))
        part = workspace.lake.write(datasets.RULE_FINDINGS, found, snapshot_id=snapshot_id, part=f"rules-{log.short_id()}")
        publish(workspace, snapshot_id, part.dataset, [part] if part.rows else [], run_id)
        logger.info("read rules", rules=part.rows)
    return part.rows


def network_in(views: Views) -> Network:
    """The rules and routes of the snapshot, and who bears them."""
    from cloudmigrate.aws.network_rules import NETWORK_RULE_TYPES, network_of

    coverage = [Coverage(**{**row, "status": CoverageStatus(row["status"])}) for row in views.rows("coverage")]
    return network_of((as_resource(row) for row in views.run("resources_of_types", types=list(NETWORK_RULE_TYPES))), coverage)
