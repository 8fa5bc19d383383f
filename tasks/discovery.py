"""Discovery's effects: read one account and region, join what was found, make the snapshot visible."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from prefect import task

from cloudmigrate import log, settings
from cloudmigrate.domain.assessment import GLOBAL, regions_in_scope, snapshot_reasons
from cloudmigrate.domain.estate import Estate, Scope
from cloudmigrate.domain.resources import Coverage, CoverageStatus, Resource
from cloudmigrate.errors import NothingSeenError
from cloudmigrate.lake import datasets
from cloudmigrate.lake.lake import Part
from cloudmigrate.workspace import Workspace
from tasks.estate import aws_sessions, retryable

logger = log.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class UnitSummary:
    """What one (account, region) gave: its parts in the lake and its counts."""

    account_id: str
    region: str
    parts: tuple[Part, ...]
    counts: Mapping[str, int]
    coverage: tuple[Coverage, ...]


@task(
    name="discover-region",
    task_run_name="discover {account_id} {region}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=retryable,
)
def discover_unit(estate: Estate, scope: Scope, account_id: str, region: str, *, snapshot_id: str, run_id: str) -> UnitSummary:
    """Write the resources and coverage of one account and region ("global" for its global services) to the lake."""
    from cloudmigrate.aws.catalogue import CATALOGUE
    from cloudmigrate.aws.discover import discover_region

    account = estate.account(account_id)
    with log.bound(run_id):
        found = discover_region(
            aws_sessions(estate, run_id),
            account,
            region,
            CATALOGUE,
            scope,
            regions_in_scope=regions_in_scope(account, scope),
            max_workers=settings.current().workers,
        )
        lake = Workspace.open(estate).lake
        part = f"{account_id}-{region}-{log.short_id()}"
        parts = [
            lake.write(datasets.COVERAGE, (asdict(row) for row in found.coverage), snapshot_id=snapshot_id, part=part),
            lake.write(datasets.INVENTORY, (asdict(row) for row in found.resources), snapshot_id=snapshot_id, part=part),
        ]
        counts = Counter(resource.type for resource in found.resources)
        gaps = [row for row in found.coverage if row.status.is_gap]
        logger.info("discovered", account=account_id, region=region, resources=counts.total(), types=len(counts), gaps=len(gaps))
    return UnitSummary(account_id, region, tuple(part for part in parts if part.rows), counts, found.coverage)


def scan_tags(account_id: str) -> list[str]:
    """Tags of a task that calls AWS: the second one bears the account's concurrency limit."""
    return ["aws-read", f"aws-read:{account_id}"]


def refuse_blindness(estate: Estate, units: Sequence[UnitSummary]) -> None:
    """Raise NothingSeenError where not one type in one account could be looked at."""
    rows = [row for unit in units for row in unit.coverage]
    seen = (CoverageStatus.OK, CoverageStatus.EMPTY, CoverageStatus.PARTIAL)
    if not any(row.status in seen for row in rows):
        raise NothingSeenError(estate.estate, snapshot_reasons([asdict(row) for row in rows]))


@task(name="relate-resources", task_run_name="relate {snapshot_id}")
def relate(estate: Estate, units: Sequence[UnitSummary], *, snapshot_id: str, run_id: str) -> Part:
    """Write what configuration states about how the discovered resources need one another."""
    from cloudmigrate.aws.relations import relations_of

    workspace = Workspace.open(estate)
    with log.bound(run_id), workspace.open_views(snapshot_id, parts_by_dataset(units)) as views:
        resources = [as_resource(row) for row in views.run("inventory_all")]
        relations = relations_of(resources)
        part = workspace.lake.write(
            datasets.RELATIONS, (asdict(relation) for relation in relations), snapshot_id=snapshot_id, part=f"relations-{log.short_id()}"
        )
        logger.info("related", resources=len(resources), relations=part.rows)
    return part


def parts_by_dataset(units: Sequence[UnitSummary]) -> dict[str, tuple[str, ...]]:
    """The paths of all units' parts, by dataset."""
    paths: dict[str, list[str]] = {}
    for unit in units:
        for part in unit.parts:
            paths.setdefault(part.dataset, []).append(part.path)
    return {name: tuple(found) for name, found in paths.items()}


def as_resource(row: Mapping[str, Any]) -> Resource:
    """The record behind a row of the inventory view."""
    created_at = row["created_at"]
    return Resource(
        **{
            **{name: row[name] for name in Resource.__dataclass_fields__ if name not in ("private_ips", "created_at")},
            "private_ips": tuple(row["private_ips"] or ()),
            "created_at": datetime.fromisoformat(created_at) if isinstance(created_at, str) else created_at,
        }
    )


def unit_label(region: str) -> str:
    """How a unit's region is shown to people."""
    return "global services" if region == GLOBAL else region
