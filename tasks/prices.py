"""Prices' effects: refresh unit by unit, correct single products, and bind a snapshot to what was the newest."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from prefect import task
from prefect.exceptions import PrefectException
from prefect.futures import PrefectFuture

from cloudmigrate import log, settings
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.price_answers import COMMITMENTS, INSTANCE_TYPES, PREFIX, PRICES, SPOT_PRICES, PriceAnswer, PriceUnit
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.errors import CloudMigrateError, UsageError
from cloudmigrate.lake import datasets
from cloudmigrate.lake.connection import limit
from cloudmigrate.lake.lake import Part
from cloudmigrate.lake.prices import Offer, price_series, write_products
from cloudmigrate.masking import masked_text
from cloudmigrate.workspace import Workspace
from tasks.estate import aws_sessions, retryable
from tasks.price_units import Refresh, Refreshed, known_answer, refresh_unit
from tasks.snapshots import publish_together

logger = log.get_logger(__name__)
SERIES = (PRICES, SPOT_PRICES, INSTANCE_TYPES, COMMITMENTS)
COVERAGE = "price_coverage"


@task(
    name="refresh-prices",
    task_run_name="{unit.dataset} {unit.service} {unit.region}",
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=retryable,
)
def refresh_prices_of(estate: Estate, unit: PriceUnit, *, run_id: str, now: datetime) -> tuple[PriceAnswer, ...]:
    """What became of one unit; what is new of it is recorded, part and answer together, before this returns."""
    workspace = Workspace.open(estate)
    with log.bound(run_id):
        refresh = Refresh(workspace, aws_sessions(estate, run_id), run_id, now)
        found = refresh_unit(refresh, unit)
        record(refresh, found)
        for one in found.answers:
            logger.info(
                "asked for prices", dataset=one.dataset, service=one.service, region=one.region, status=str(one.status), rows=one.rows
            )
    return found.answers


def record(refresh: Refresh, found: Refreshed) -> None:
    """Make parts visible together with the answers that tell of them; what says nothing new is not recorded again."""
    marks = {}
    for one in found.answers:
        mark = refresh.workspace.ledger.mark(one.source)
        if one.says_more_than(PriceAnswer.of(mark.value) if mark else None):
            marks[one.source] = replace(one, checked_at=refresh.now).value()
    if marks or found.parts:
        first = found.answers[0]
        refresh.workspace.ledger.add_series(
            found.parts, account_id=first.account_id, region=first.region, run_id=refresh.run_id, marks=marks
        )


def settle_prices(
    workspace: Workspace, asking: Sequence[tuple[PriceUnit, PrefectFuture[tuple[PriceAnswer, ...]]]], *, run_id: str, now: datetime
) -> list[PriceAnswer]:
    """What became of every unit; one that a fault of ours ended is recorded as not attempted.

    Raises the first error where the lake or the ledger failed, or Prefect itself ended a task; what the other units read stays.
    """
    answers: list[PriceAnswer] = []
    fatal: list[BaseException] = []
    for unit, future in asking:
        outcome = cast("tuple[PriceAnswer, ...] | BaseException", future.result(raise_on_failure=False))
        if not isinstance(outcome, BaseException):
            answers += outcome
        elif isinstance(outcome, CloudMigrateError | PrefectException) or not isinstance(outcome, Exception):
            fatal.append(outcome)
        else:
            answers.append(_not_attempted(workspace, unit, outcome, run_id=run_id, now=now))
    if fatal:
        raise fatal[0]
    return answers


def _not_attempted(workspace: Workspace, unit: PriceUnit, error: Exception, *, run_id: str, now: datetime) -> PriceAnswer:
    logger.error("not attempted", dataset=unit.dataset, service=unit.service, region=unit.region, exc_info=error)
    fault = masked_text(str(error)) or "no message"
    detail = f"asking ended by a fault in CloudMigrate ({fault}). Next: run again; if it stays so, report it."
    known = known_answer(workspace, unit.question)
    answer = known.refused(status=CoverageStatus.NOT_ATTEMPTED, error_code=type(error).__name__, detail=detail)
    workspace.ledger.set_mark(answer.source, replace(answer, checked_at=now).value(), run_id)
    return answer


def answers_of(workspace: Workspace) -> list[PriceAnswer]:
    """What is known of the prices of an estate's accounts, sorted by dataset, service and region."""
    accounts = {account.id for account in workspace.estate.accounts} | {""}
    found = (PriceAnswer.of(mark.value) for mark in workspace.ledger.marks(PREFIX).values())
    return sorted(
        (one for one in found if one.account_id in accounts), key=lambda one: (one.dataset, one.service, one.region, one.account_id)
    )


def newest_parts(workspace: Workspace, answers: Sequence[PriceAnswer]) -> dict[str, list[Part]]:
    """dataset -> the newest part of each series that the answers tell of."""
    wanted = {one.series for one in answers if one.series}
    newest = {row.series: row for dataset in SERIES for row in workspace.ledger.series_parts(f"{dataset}/") if row.series in wanted}
    found: dict[str, list[Part]] = {dataset: [] for dataset in SERIES}
    for row in newest.values():
        found[row.type].append(Part(row.type, row.path, row.rows, row.bytes))
    return found


def bind_prices(workspace: Workspace, snapshot_id: str, run_id: str) -> int:
    """Let the snapshot show the newest prices, whatever comes later, with what is not known of them; the number of parts.

    An estate whose prices were never asked for is left as it is.
    """
    answers = answers_of(workspace)
    if not answers:
        return 0
    parts: dict[str, list[Part]] = newest_parts(workspace, answers)
    coverage = workspace.lake.write(
        datasets.BY_NAME[COVERAGE], (one.row() for one in answers), snapshot_id=snapshot_id, part=f"{COVERAGE}-{log.short_id()}"
    )
    publish_together(workspace, snapshot_id, {**parts, COVERAGE: [coverage]}, run_id)
    return sum(map(len, parts.values()))


def fix_prices(estate: Estate, service: str, region: str, wanted: Mapping[str, str], *, run_id: str, now: datetime) -> PriceAnswer:
    """Ask GetProducts for single products and put them in the place of those that are held; what then is known of the price list.

    Raises UsageError where nothing fits; BrokenOfferError, LakeError.
    """
    from cloudmigrate.aws.price_list import products, version_of
    from cloudmigrate.aws.price_services import BY_CODE, currency_of, usage_prefix
    from tasks.price_units import units_of

    unit = next((one for one in units_of(estate, [region], [service]) if (one.service, one.region) == (service, region)), None)
    if unit is None or BY_CODE[service].is_savings_plan:
        raise UsageError(f"{service}: GetProducts does not tell of it. Next: name a service of `cloudmigrate prices`.")
    workspace = Workspace.open(estate)
    refresh = Refresh(workspace, aws_sessions(estate, run_id), run_id, now)
    items, failure = products(refresh.sessions, unit.account_id, service, region, wanted)
    if failure is not None:
        raise CloudMigrateError(f"account {unit.account_id} {region}: {failure.sentence}")
    if not items:
        stated = ", ".join(f"{name}={value}" for name, value in wanted.items())
        raise UsageError(f"{service} has no product in {region} with {stated}. Next: name attributes as the price list has them.")
    version, published_at = version_of(items, now)
    currency = currency_of(region)
    offer = Offer(service, region, currency, version, published_at, usage_prefix(region), origin="get_products")
    older = workspace.ledger.series_parts(price_series(service, region, currency))
    part = write_products(
        workspace.lake,
        items,
        offer,
        [one.path for one in older if one.series == offer.series][-1:],
        part=f"{run_id}-{log.short_id()}",
        now=now,
        memory_limit=limit(settings.current().memory_limit_mb),
    )
    known = known_answer(workspace, unit.question)
    answer = replace(known, series=part.series, rows=part.rows, currency=currency)
    if known.price_version is None:  # nothing but these products is held
        detail = "only single products are held. Next: `cloudmigrate prices refresh` reads the price list"
        answer = replace(answer, status=CoverageStatus.PARTIAL, error_code=None, missing_action=None, detail=detail)
    record(refresh, Refreshed((answer,), (part,)))
    return answer
