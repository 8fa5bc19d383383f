"""Runbooks put where people look: beside the reports, and into a space of Confluence."""

from collections.abc import Sequence
from pathlib import Path

from prefect import task
from prefect.artifacts import create_link_artifact, create_markdown_artifact

from cloudmigrate import log
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.runbooks.pages import INDEX
from cloudmigrate.workspace import Workspace
from reports.runbooks import Form
from tasks.confluence_pages import PUBLISHED, outcome_words, publish_pages
from tasks.estate import retryable
from tasks.migrating import plan_named
from tasks.runbook_reading import PlanRunbooks, read_runbooks
from tasks.runbooks import Folder, files_of

logger = log.get_logger(__name__)
FORMS = (Form.MARKDOWN, Form.HTML, Form.PDF)
SUBFOLDER = "runbooks"


@task(
    name="publish-runbooks",
    task_run_name="publish runbooks of {plan_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def publish_runbooks(estate: Estate, plan_id: str, *, wave: int | None, run_id: str) -> tuple[str, ...]:
    """The places of a plan's runbooks, beside its report in the lake and in each further place; rendering anew replaces."""
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        plan = plan_named(workspace, plan_id)
        found = read_runbooks(workspace, plan, wave)
        files = list(files_of(found.documents, FORMS))
        places: list[str] = []
        for root in (f"{estate.lake.rstrip('/')}/reports", *estate.reports):
            folder = "/".join([root.rstrip("/"), estate.estate, plan.snapshot_id, plan.plan_id, SUBFOLDER])
            places += Folder(folder).write(files)
        detail = {"places": len(places), "first": places[0], "untold": sorted(found.untold)}
        workspace.ledger.audit("cloudmigrate", PUBLISHED, plan.plan_id, detail)
        logger.info("published runbooks", first=places[0], files=len(places))
        _links(estate.estate, found, places)
    return tuple(places)


@task(name="publish-to-confluence", task_run_name="publish runbooks of {plan_id} to Confluence")
def publish_to_confluence(estate: Estate, plan_id: str, *, wave: int | None, run_id: str) -> tuple[str, ...]:
    """What became of each page, in words. Its client tries again by itself. Raises ConfluenceError, UsageError."""
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        found = read_runbooks(workspace, plan_named(workspace, plan_id), wave)
        return tuple(outcome_words(one) for one in publish_pages(workspace, found))


def _links(estate: str, found: PlanRunbooks, places: Sequence[str]) -> None:
    """Publish where the runbooks lie: the index as a link, the pages of waves in full to be copied."""
    names = tuple(f"{one.name}." for one in found.documents if one.name == INDEX or one.name.endswith("/wave"))
    shown = [one for one in places if any(f"/{name}" in one for name in names)]
    lines = [f"# Runbooks of {estate}", "", f"Plan {found.plan.plan_id}", "", *(f"* `{one}`" for one in shown)]
    create_markdown_artifact("\n".join(lines), key=f"runbooks-{estate}", description=f"Runbooks of plan {found.plan.plan_id}")
    page = next((one for one in shown if one.endswith(".html")), None)
    if page is not None:
        link = page if "://" in page else Path(page).absolute().as_uri()
        description = f"Plan {found.plan.plan_id}"
        create_link_artifact(link, link_text=f"Runbooks of {estate}", key=f"runbooks-html-{estate}", description=description)
