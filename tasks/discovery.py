"""Discovery's effects: read one account and region, join what was found, make the snapshot visible."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from prefect import task
from prefect.exceptions import PrefectException
from prefect.futures import PrefectFuture

from cloudmigrate import log, settings
from cloudmigrate.domain.assessment import regions_in_scope, snapshot_reasons
from cloudmigrate.domain.estate import Estate, Scope
from cloudmigrate.domain.resources import Coverage, CoverageStatus, Resource
from cloudmigrate.errors import CloudMigrateError
from cloudmigrate.errors.sources import NothingSeenError
from cloudmigrate.lake import datasets
from cloudmigrate.lake.lake import Part
from cloudmigrate.masking import masked_text
from cloudmigrate.workspace import Workspace
from tasks.estate import aws_sessions, retryable

logger = log.get_logger(__name__)
NEXT = "Next: run again; if it stays so, report it."


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


def settle_units(
    estate: Estate, scope: Scope, reading: Sequence[tuple[str, str, PrefectFuture[UnitSummary]]], *, snapshot_id: str
) -> list[UnitSummary]:
    """What every unit gave; one that a fault of ours ended counts as not attempted, so that it never takes the others with it.

    *reading* are (account id, region, future). Raises the first unit's error where no unit could be read, where the lake or ledger
    failed, where the input is wrong, and where Prefect itself ended a task.
    """
    ended = [(account_id, region, _outcome(future)) for account_id, region, future in reading]
    errors = [outcome for _, _, outcome in ended if not isinstance(outcome, UnitSummary)]
    fatal = [error for error in errors if isinstance(error, (CloudMigrateError, PrefectException)) or not isinstance(error, Exception)]
    if fatal or (errors and len(errors) == len(ended)):
        raise (fatal or errors)[0]
    return [
        outcome if isinstance(outcome, UnitSummary) else _not_attempted(estate, scope, account_id, region, outcome, snapshot_id=snapshot_id)
        for account_id, region, outcome in ended
    ]


def _outcome(future: PrefectFuture[UnitSummary]) -> UnitSummary | BaseException:
    return cast("UnitSummary | BaseException", future.result(raise_on_failure=False))


def _not_attempted(estate: Estate, scope: Scope, account_id: str, region: str, error: BaseException, *, snapshot_id: str) -> UnitSummary:
    from cloudmigrate.aws.catalogue import CATALOGUE
    from cloudmigrate.aws.discover import not_attempted

    logger.error("not attempted", account=account_id, region=region, exc_info=error)
    detail = f"reading account {account_id} {region} ended by a fault in CloudMigrate ({masked_text(str(error)) or 'no message'}). "
    rows = not_attempted(CATALOGUE, scope, account_id, region, error_code=type(error).__name__, detail=f"{detail}{NEXT}")
    part = f"{account_id}-{region}-{log.short_id()}"
    written = Workspace.open(estate).lake.write(datasets.COVERAGE, (asdict(row) for row in rows), snapshot_id=snapshot_id, part=part)
    return UnitSummary(account_id, region, (written,) if rows else (), {}, rows)


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
