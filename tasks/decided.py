"""What follows a decision: strategies and risk told anew, so that costs, plans and reports follow; no Prefect, to be taken in at once."""

from cloudmigrate import log
from cloudmigrate.domain.overrides import overrides_of
from cloudmigrate.lake.dependency_datasets import RISKS
from cloudmigrate.lake.recommendation_datasets import RECOMMENDATIONS
from cloudmigrate.workspace import Workspace, utc_now
from tasks.recommending import publish_recommendations
from tasks.scoring import publish_risk

logger = log.get_logger(__name__)


def take_in_decisions(workspace: Workspace, snapshot_id: str) -> bool:
    """Tell a snapshot's strategies and risk anew where people decided since, or a decision has expired since; whether that was so."""
    if not are_new(workspace, snapshot_id):
        return False
    edition = f"decided-{log.short_id()}"
    if RISKS.name in workspace.ledger.parts_of(snapshot_id):
        publish_risk(workspace, snapshot_id, edition)
    publish_recommendations(workspace, snapshot_id, edition)  # last: they say what was taken in, so what is killed before is done again
    logger.info("took in what people decided", snapshot=snapshot_id)
    return True


def are_new(workspace: Workspace, snapshot_id: str) -> bool:
    """Whether the snapshot's recommendations, if it has any, tell of other decisions than those that hold or have expired today."""
    if RECOMMENDATIONS.name not in workspace.ledger.parts_of(snapshot_id):
        return False
    held = overrides_of(workspace.ledger.decisions(workspace.estate.estate), utc_now().date())
    with workspace.views(snapshot_id) as views:
        rows = views.run("told_overrides", uids=sorted(held))
    told = {row["uid"]: _key(row["override"]) for row in rows}
    return any(_key(held[uid].record(None) if uid in held else None) != key for uid, key in told.items())


def _key(override: dict[str, object] | None) -> tuple[object, ...] | None:
    return None if override is None else (override["strategy"], override["decided_at"], override["has_expired"])
