"""Code's effect: the tree of a plan's target, published beside its report, in the lake and in each further place."""

from prefect import task
from prefect.artifacts import create_markdown_artifact

from cloudmigrate import log
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.estate import Estate
from cloudmigrate.workspace import Workspace, open_lake
from reports.iac.tree import INDEX, Tree
from tasks.estate import retryable
from tasks.iac import generate
from tasks.migrating import plan_named

PUBLISHED = "iac.published"
logger = log.get_logger(__name__)


@task(
    name="publish-code",
    task_run_name="publish code of {plan_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def publish_code(estate: Estate, *, plan_id: str, run_id: str) -> tuple[str, ...]:
    """Where the index of the tree lies in each place. It is written last: what it does not name is of an earlier tree."""
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        plan = plan_named(workspace, plan_id)
        tree = generate(workspace, plan)
        folder = f"{estate.estate}/{plan.snapshot_id}/{plan.plan_id}/iac"
        places = [_written(root, folder, tree) for root in (f"{estate.lake.rstrip('/')}/reports", *estate.reports)]
        detail = {"plan_hash": plan.content_hash, "places": places, "files": len(tree.files), "left_out": len(tree.index["left_out"])}
        workspace.ledger.audit("cloudmigrate", PUBLISHED, plan.plan_id, detail)
        logger.info("published code", index=places[0], files=len(tree.files))
        _artifact(estate.estate, plan.plan_id, tree, places)
    return tuple(places)


def _written(root: str, folder: str, tree: Tree) -> str:
    lake = open_lake(root)
    for path, data in tree.files.items():
        if path != INDEX:
            lake.write_document(f"{folder}/{path}", data)
    return lake.write_document(f"{folder}/{INDEX}", tree.files[INDEX])


def _artifact(estate: str, plan_id: str, tree: Tree, places: list[str]) -> None:
    made, left = counted(len(tree.index["units"]), "unit"), counted(len(tree.index["left_out"]), "source")
    lines = [f"# Code of {plan_id}", "", f"{made}; not generated: {left}.", ""]
    lines += [f"* `{place}`" for place in places]
    create_markdown_artifact("\n".join(lines), key=f"iac-{estate}", description=f"Code of plan {plan_id}")
