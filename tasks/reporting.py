"""Reporting's effects: render what the lake says and publish it where people look."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from prefect import task
from prefect.artifacts import create_link_artifact, create_markdown_artifact

from cloudmigrate import log
from cloudmigrate.domain.assessment import scope_text
from cloudmigrate.domain.estate import Estate, Scope
from cloudmigrate.errors.publishing import ReportUnpublishedError
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.ledger.audit import head_line
from cloudmigrate.workspace import Workspace, publish
from tasks.decided import take_in_decisions
from tasks.estate import retryable
from tasks.plan_reading import read_document
from tasks.report_listing import PUBLISHED, listed_facts, publish_listings

logger = log.get_logger(__name__)
ENDINGS = {"html": "readiness.html", "json": "report.json", "graph": "graph.html", "pdf": "readiness.pdf"}
AUDIT_HEAD = "audit-head.json"  # beside each report: an audit chain that was written anew later does not hold it
LINKED = {"readiness.html": "Readiness report", "readiness.pdf": "Readiness report (PDF)", "index.html": "Every readiness report"}
# What the report's own graph holds at most, so that the file stays under 10 MB at 10,000 resources; the file of its own holds all.
NODES_EMBEDDED_AT_MOST, EDGES_EMBEDDED_AT_MOST = 5_000, 15_000


@task(
    name="publish-report",
    task_run_name="publish report of {snapshot_id}",
    retries=2,
    retry_delay_seconds=[2, 10],
    retry_condition_fn=retryable,
)
def publish_report(estate: Estate, *, snapshot_id: str, plan_id: str | None, run_id: str) -> tuple[str, ...]:
    """The places of the readiness report (HTML, PDF, JSON, the graph; in the lake and in each further place); rendering anew replaces.

    Raises:
        ReportUnpublishedError: It lies in the lake, and a further place did not take it.

    """
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        take_in_decisions(workspace, snapshot_id)  # one that has expired asks again here too
        report = render_report(workspace, snapshot_id, plan_id)
        folder = "/".join([estate.estate, snapshot_id, *([plan_id] if plan_id else [])])
        roots = _Roots(f"{estate.lake.rstrip('/')}/reports", estate.reports)
        places = roots.each(lambda root: [publish(root, f"{folder}/{ENDINGS[kind]}", data) for kind, data in report.files.items()])
        workspace.ledger.audit("cloudmigrate", PUBLISHED, snapshot_id, {"plan": plan_id, "places": places, **report.facts})
        head = head_line(workspace.ledger.audit_head()).encode()
        roots.each(lambda root: [publish(root, f"{folder}/{AUDIT_HEAD}", head)])
        places += roots.each(lambda root: publish_listings(workspace.ledger, estate.estate, (root,)))
        logger.info("published", report=places[0], further=len(places) - len(report.files))
        _links(estate.estate, snapshot_id, places)
    if roots.failed:
        raise ReportUnpublishedError(places, tuple(roots.failed.values()))
    return tuple(places)


@dataclass(frozen=True, slots=True)
class _Roots:
    """Where a report goes: the lake's own folder of reports, and further places, of which none keeps it from the others."""

    own: str
    further: Sequence[str]
    failed: dict[str, LakeError] = field(default_factory=dict)  # further place -> why it takes nothing

    def each(self, write: Callable[[str], Sequence[str]]) -> list[str]:
        """What *write* gives for each place that took all before. Raises LakeError where it is the lake that takes nothing."""
        places = [*write(self.own)]
        for root in self.further:
            if root in self.failed:
                continue
            try:
                places += write(root)
            except LakeError as error:
                self.failed[root] = error
        return places


@dataclass(frozen=True, slots=True)
class Report:
    """A report's files by kind (html, json, graph, pdf), and what an index says of it."""

    files: Mapping[str, bytes]
    facts: Mapping[str, object]


def render_report(workspace: Workspace, snapshot_id: str, plan_id: str | None) -> Report:
    """The report, from the lake alone."""
    from cloudmigrate.aws.catalogue import RELATION_ROLES
    from reports.graph import graph_part, render_graph
    from reports.graph.ends import with_distinct_names
    from reports.graph.limit import limited
    from reports.readiness.document import render_json
    from reports.readiness.html import render_html
    from reports.readiness.printed import render_pdf
    from tasks.graph_view import build_graph_view
    from tasks.readiness_view import build_view

    snapshot = workspace.snapshot(snapshot_id)
    plan = workspace.plan(snapshot_id, plan_id)
    document = read_document(workspace, plan) if plan else None
    roles = {kind: role.value for kind, role in RELATION_ROLES.items()}
    with workspace.views(snapshot_id, plan_id) as views:
        view = build_view(
            views,
            estate_name=workspace.estate.estate,
            snapshot_id=snapshot_id,
            plan_document=document,
            metrics_from_at=snapshot.window_start,
            metrics_to_at=snapshot.window_end,
            scope=scope_text(Scope.model_validate(snapshot.scope)),
            relation_roles=roles,
        )
        graph = build_graph_view(
            views,
            title=workspace.estate.estate,
            snapshot_id=snapshot_id,
            plan_document=document,
            relation_roles=roles,
            edges=view.dependencies,
        )
    embedded = limited(with_distinct_names(graph), nodes_at_most=NODES_EMBEDDED_AT_MOST, edges_at_most=EDGES_EMBEDDED_AT_MOST)
    texts = {"html": render_html(view, graph_part(embedded)), "json": render_json(view), "graph": render_graph(graph)}
    return Report({**{kind: text.encode() for kind, text in texts.items()}, "pdf": render_pdf(view)}, listed_facts(view))


def _links(estate: str, snapshot_id: str, places: Sequence[str]) -> None:
    """Publish where the report lies: as links, and in full to be copied, since a browser opens neither s3:// nor a worker's own files."""
    lines = [f"# Readiness report of {estate}", "", f"Snapshot {snapshot_id}", ""]
    lines += [f"* `{place}`" for place in places]
    create_markdown_artifact("\n".join(lines), key=f"readiness-report-{estate}", description=f"Readiness report of snapshot {snapshot_id}")
    for name, text in LINKED.items():
        place = next((one for one in places if one.endswith(f"/{name}")), None)
        if place is not None:
            link = place if "://" in place else Path(place).as_uri()
            key = f"{name.replace('.', '-')}-{estate}"
            told = (
                f"Snapshot {snapshot_id}. Browsers follow no link from here to a file: where nothing opens, paste `{link}` on that machine."
            )
            create_link_artifact(link, link_text=f"{text} of {estate}", key=key, description=told)
