"""The commands that run flows: start Prefect, run, tell the outcome, and give the exit code."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from cloudmigrate.app.cli_options import DONE, GAPS
from cloudmigrate.app.output import print_json, say
from cloudmigrate.app.running import on_terminal, prefect_api
from cloudmigrate.domain.assessment import Assessment
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.estate import Estate, Scope
from cloudmigrate.errors import CloudMigrateError, UsageError
from cloudmigrate.errors.publishing import ReportUnpublishedError
from cloudmigrate.estate_file import load_estate

if TYPE_CHECKING:
    from cloudmigrate.lake.views import Views

# The report last, nearest to the prompt.
_REPORT_FILES = {"index.html": "index", "report.json": "data", "graph.html": "graph", "readiness.pdf": "pdf", "readiness.html": "report"}


def assess_file(path: Path, *, types: Sequence[str], regions: Sequence[str], tags: Sequence[str], as_json: bool) -> int:
    """Assess the estate of a file; the exit code."""
    scope = _scope(_checked(path, "assessing"), types, regions, tags)
    with prefect_api():
        from flows.assess_estate import assess_estate

        found: Assessment = assess_estate(str(path), scope)
    return tell(found, as_json=as_json)


def discover_file(path: Path, *, types: Sequence[str], regions: Sequence[str], tags: Sequence[str], as_json: bool) -> int:
    """Take a snapshot of the estate of a file; the exit code."""
    scope = _scope(_checked(path, "discovering"), types, regions, tags)
    with prefect_api():
        from flows.discover_estate import discover_estate

        snapshot_id: str = discover_estate(str(path), scope)
    return tell(_assessment(path, snapshot_id), as_json=as_json)


def collect_for(path: Path, snapshot: str | None, *, as_json: bool) -> int:
    """Collect metrics for a snapshot and compute its utilisation; the exit code."""
    estate = _checked(path, "measuring")
    snapshot_id = _snapshot_id(estate, snapshot)
    with prefect_api():
        from cloudmigrate.workspace import Workspace
        from flows.analyse_workloads import analyse_workloads
        from flows.collect_metrics import collect_metrics
        from tasks.estate import recorded_run

        with recorded_run(Workspace.open(estate), "metrics", {"estate": str(path), "snapshot_id": snapshot_id}):
            gaps: int = collect_metrics(str(path), snapshot_id)
            analyse_workloads(str(path), snapshot_id)
    if as_json:
        print_json({"snapshot_id": snapshot_id, "metric_gaps": gaps})
    else:
        print(f"snapshot: {snapshot_id}")
    return GAPS if gaps else DONE


NO_FLOW_LOGS = "flow logs: none are known, so traffic is not measured. Next: name them under flow_logs in the estate file."

WHICH_FLOW_LOGS = (
    """`cloudmigrate query "select source, status, detail, missing_action, read_at from flow_log_sources"` tells which, and why."""
)


def map_for(path: Path, snapshot: str | None, *, offline: bool, as_json: bool) -> int:
    """Map a snapshot's dependencies, from flow logs read now or from the traffic in the lake; the exit code."""
    estate = _checked(path, "mapping the dependencies of")
    snapshot_id = _snapshot_id(estate, snapshot)
    with prefect_api():
        from flows.map_dependencies import map_dependencies

        gaps: int | None = map_dependencies(str(path), snapshot_id, offline=offline)
    if as_json:
        print_json({"snapshot_id": snapshot_id, "flow_log_gaps": gaps})
    else:
        from cloudmigrate.workspace import Workspace

        with Workspace.open(estate).views(snapshot_id) as views:
            attempt = _last_attempt(views) if gaps else ""
            print("\n".join([f"snapshot: {snapshot_id}", _dependency_line(views), *_flow_log_lines(gaps, attempt)]))
    return GAPS if gaps else DONE


def _dependency_line(views: "Views") -> str:
    """How many dependencies a snapshot has, and by which evidence."""
    rows = list(views.run("artifact_dependencies"))
    of_kind = {row["kind"]: row["dependencies"] for row in rows}
    both = of_kind.get("both", 0)
    seen, stated = of_kind.get("traffic", 0) + both, of_kind.get("config", 0) + both
    forbidden = sum(row["not_allowed"] for row in rows if row["kind"] != "config")
    return (
        f"dependencies: {sum(of_kind.values()):,}; {seen:,} seen in traffic, {stated:,} stated by configuration, {both:,} both; "
        f"{forbidden:,} seen but not allowed any more"
    )


def _last_attempt(views: "Views") -> str:
    """When reading the flow logs of a snapshot was last tried, and until when those are known that could not be read; words, or none."""
    [row] = views.run("flow_log_gaps")
    if row["attempted_at"] is None:
        return ""
    text = f" at the last attempt ({row['attempted_at']:%Y-%m-%d %H:%M} UTC)"
    if row["known"]:
        each = f"{row['known']:,} of which {'was' if row['known'] == 1 else 'were'}" if row["known"] < row["gaps"] else "but"
        text += f", {each} read in full before (until {row['known_until']:%Y-%m-%d %H:%M} UTC), and that counts"
    return text


def _flow_log_lines(gaps: int | None, attempt: str = "") -> list[str]:
    if gaps is None:
        return [NO_FLOW_LOGS]
    return [f"flow logs: {counted(gaps, 'place')} could not be read wholly{attempt}. Next: {WHICH_FLOW_LOGS}"] if gaps else []


def report_snapshot(path: Path, snapshot: str | None, plan_id: str | None, out: Path | None, *, as_json: bool) -> int:
    """Render and publish a snapshot's report; the exit code. Raises ReportUnpublishedError once all is told of what was written."""
    estate = _checked(path, "reporting on")
    snapshot_id = _snapshot_id(estate, snapshot)
    unpublished = None
    with prefect_api():
        from flows.publish_readiness import publish_readiness

        try:
            places = list(publish_readiness(str(path), snapshot_id, plan_id))
        except ReportUnpublishedError as error:
            places, unpublished = list(error.places), error
    if out is not None:
        places += _copy(estate, places, out)
    if as_json:
        print_json({"snapshot_id": snapshot_id, "reports": places})
    else:
        for place in sorted(places, key=lambda one: list(_REPORT_FILES).index(one.rsplit("/", 1)[-1])):
            print(f"{_REPORT_FILES[place.rsplit('/', 1)[-1]]}: {place}")
    if unpublished is not None:
        raise unpublished
    return DONE


def tell(found: Assessment, *, as_json: bool) -> int:
    """Print an assessment's outcome for a person or a script; the exit code."""
    if as_json:
        print_json(found.document())
    else:
        for line in summary_lines(found):
            print(line)
    return GAPS if found.has_gaps else DONE


def summary_lines(found: Assessment) -> list[str]:
    """The outcome in a few lines; the last one names the report, if there is one."""
    total = sum(found.counts.values())
    coverage = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in sorted(found.coverage.items()))
    lines = [
        f"snapshot: {found.snapshot_id}",
        f"resources: {total} of {counted(len(found.counts), 'type')}",
        f"coverage: {coverage}",
    ]
    if found.metric_gaps:
        lines.append(f"metrics and bills: {found.metric_gaps} could not be read: look into metric_coverage, and gap of bill_lines")
    if found.plan_id:
        lines += _flow_log_lines(found.flow_log_gaps)
        lines.append(f"plan: {found.plan_id}")
    pages = [place for place in found.reports if place.endswith("/readiness.html")]
    lines += [f"also: {place}" for place in pages[1:]]
    lines += [f"index: {place}" for place in found.reports if place.endswith("/index.html")][:1]
    lines += [f"pdf: {place}" for place in found.reports if place.endswith("/readiness.pdf")][:1]
    lines += [f"report: {place}" for place in pages[:1]]
    return lines


def _checked(path: Path, doing: str) -> Estate:
    """The estate of the file, checked before Prefect starts, so that a mistake shows at once."""
    from cloudmigrate.aws.regions import check_regions

    if on_terminal():
        say(f"{doing} the estate of {path}")
    return load_estate(path, check_regions=check_regions)


def _scope(estate: Estate, types: Sequence[str], regions: Sequence[str], tags: Sequence[str]) -> Scope:
    from cloudmigrate.aws.catalogue import CATALOGUE
    from cloudmigrate.aws.discover import check_types
    from cloudmigrate.domain.assessment import scan_units

    check_types(types, CATALOGUE)
    try:
        scope = Scope(types=tuple(types), regions=tuple(regions), tags=tuple(tags))
    except ValidationError as error:
        wrong = error.errors()[0]
        raise UsageError(f"--{'tag' if wrong['loc'][0] == 'tags' else wrong['loc'][0]} {wrong['input']!r}: write key=value") from error
    scan_units(estate, scope)
    return scope


def _snapshot_id(estate: Estate, snapshot: str | None) -> str:
    from cloudmigrate.workspace import Workspace

    return Workspace.open(estate).snapshot(snapshot).snapshot_id


def _assessment(path: Path, snapshot_id: str) -> Assessment:
    from cloudmigrate.workspace import Workspace
    from tasks.snapshots import assessment_of

    found: Assessment = assessment_of(Workspace.open(load_estate(path)), snapshot_id)
    return found


def _copy(estate: Estate, places: Sequence[str], out: Path) -> list[str]:
    """The report's files of the lake, copied into a folder."""
    from cloudmigrate.workspace import open_lake

    lake = open_lake(estate.lake)
    copies = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for place in places[: len(_REPORT_FILES) - 1]:  # all but the index, whose links lead to its neighbours
            target = out / place.rsplit("/", 1)[-1]
            target.write_bytes(lake.read_document(place.removeprefix(lake.root).lstrip("/")))
            copies.append(str(target))
    except OSError as error:
        raise CloudMigrateError(f"write into {out}: {error.strerror}. Next: name a folder you can write to.") from error
    return copies
