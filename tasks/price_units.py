"""What a refresh asks, unit by unit: price lists, spot prices, instance types, commitments. Each answers; none stops another."""

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cloudmigrate import log, settings
from cloudmigrate.aws.failures import Failure
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.price_answers import COMMITMENTS, INSTANCE_TYPES, PRICES, SPOT_PRICES, PriceAnswer, PriceUnit
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.sources import BrokenOfferError
from cloudmigrate.lake.connection import limit
from cloudmigrate.lake.parquet import json_text
from cloudmigrate.lake.prices import Offer, OfferForm, PricePart, write_offer, write_rows
from cloudmigrate.lake.spill import spill_folder
from cloudmigrate.workspace import Workspace

SPOT_DAYS = 14
NOBODY = "the estate has no account of a partition whose accounts may ask for these prices"
NEXT_ACCOUNT = "Next: add such an account to the estate file; GovCloud's prices are told to accounts of the commercial partition."
_loading = threading.Lock()  # one file at a time is read: it takes every core, and memory is bounded by one


@dataclass(frozen=True, slots=True)
class Refresh:
    """One run's refresh: with whose sessions, into which workspace, at what time."""

    workspace: Workspace
    sessions: AwsSessions
    run_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What one unit gave: its answers, and the parts that they tell of (written, and visible once the ledger has them)."""

    answers: tuple[PriceAnswer, ...]
    parts: tuple[PricePart, ...] = ()


def units_of(estate: Estate, further_regions: Sequence[str] = (), only: Sequence[str] = ()) -> tuple[PriceUnit, ...]:
    """Every unit of an estate: its own regions, its target's, and *further_regions*. *only* names service codes or datasets.

    Raises UsageError where *only* or a region names nothing.
    """
    from cloudmigrate.aws.price_services import PRICE_SERVICES
    from cloudmigrate.aws.regions import GLOBAL, check_regions

    known = {PRICES, SPOT_PRICES, INSTANCE_TYPES, COMMITMENTS, *(one.code for one in PRICE_SERVICES)}
    strange = sorted(set(only) - known)
    problems = [*check_regions(further_regions), *(f"there is no price list or dataset {one!r}" for one in strange)]
    if problems:
        raise UsageError(f"{'; '.join(problems)}. Next: name regions of AWS, and of {', '.join(sorted(known))}.")
    targets = [estate.costs.target_region] if estate.costs.target_region else []
    regions = sorted({region for account in estate.accounts for region in account.regions} | {*further_regions, *targets})
    units = []
    for region in regions:
        asker = _asker(estate, region)
        units += [PriceUnit(PRICES, one.code, asker, region) for one in PRICE_SERVICES]
        inside = _inside(estate, region)
        units += [PriceUnit(SPOT_PRICES, "ec2", inside, region), PriceUnit(INSTANCE_TYPES, "ec2", inside, region)]
    units += [PriceUnit(COMMITMENTS, "account", account.id, GLOBAL, account.regions) for account in estate.accounts]
    return tuple(one for one in units if not only or {one.dataset, one.service} & set(only))


def _asker(estate: Estate, region: str) -> str:
    """The account that may ask for the prices of *region*; empty if there is none."""
    from cloudmigrate.aws.price_services import pricing_partition
    from cloudmigrate.aws.regions import partition_of

    return _first(one for one in estate.accounts if partition_of(one.regions[0]) == pricing_partition(region))


def _inside(estate: Estate, region: str) -> str:
    """The first account that is in *region*, else one that could be; empty if there is none."""
    from cloudmigrate.aws.regions import partition_of

    there = _first(one for one in estate.accounts if region in one.regions)
    return there or _first(one for one in estate.accounts if partition_of(one.regions[0]) == partition_of(region))


def _first(accounts: Iterable[Account]) -> str:
    return next((one.id for one in accounts), "")


def refresh_unit(refresh: Refresh, unit: PriceUnit) -> Refreshed:
    """What one unit gave. Raises LakeError; what AWS refuses or breaks is an answer."""
    if not unit.account_id:
        return Refreshed(
            (unit.question.refused(status=CoverageStatus.NOT_ATTEMPTED, error_code="NoAccount", detail=f"{NOBODY}. {NEXT_ACCOUNT}"),)
        )
    match unit.dataset:
        case "prices":
            return _price_list(refresh, unit)
        case "spot_prices":
            return _spot(refresh, unit)
        case "instance_types":
            return _types(refresh, unit)
        case _:
            return _commitments(refresh, unit)


def known_answer(workspace: Workspace, question: PriceAnswer) -> PriceAnswer:
    """What earlier runs left of that question, asked by the same account as it; the question itself if nothing."""
    mark = workspace.ledger.mark(question.source)
    return replace(PriceAnswer.of(mark.value), account_id=question.account_id) if mark else question


def _price_list(refresh: Refresh, unit: PriceUnit) -> Refreshed:
    """The newest version of a price list, unless it is held already."""
    from cloudmigrate.aws.price_list import fetch_file, newest_list
    from cloudmigrate.aws.price_services import BY_CODE, usage_prefix

    known = known_answer(refresh.workspace, unit.question)
    listed, failure = newest_list(refresh.sessions, unit.account_id, unit.service, unit.region, refresh.now)
    if failure is not None:
        return Refreshed((_failed(known, failure),))
    if listed is None:
        return Refreshed((replace(unit.question, status=CoverageStatus.EMPTY, detail="AWS has no such price list for the region"),))
    service = BY_CODE[unit.service]
    offer = Offer(
        service=unit.service,
        region=unit.region,
        currency=listed.currency,
        version=listed.version,
        published_at=listed.published_at,
        usage_prefix=usage_prefix(unit.region),
        is_savings_plan=service.is_savings_plan,
        families=service.families,
    )
    if known.price_version == offer.price_version:
        return Refreshed((known.well(),))
    with spill_folder(None) as folder:
        path = Path(folder) / f"offer.{listed.form}"
        failure = fetch_file(refresh.sessions, unit.account_id, listed, path)
        if failure is not None:
            return Refreshed((_failed(known, failure),))
        try:
            with _loading:
                part = write_offer(
                    refresh.workspace.lake,
                    path,
                    OfferForm(listed.form),
                    offer,
                    part=f"{refresh.run_id}-{log.short_id()}",
                    now=refresh.now,
                    memory_limit=limit(settings.current().memory_limit_mb),
                )
        except BrokenOfferError as error:
            told = {"status": CoverageStatus.FAILED, "error_code": "BrokenOffer", "detail": str(error)}
            return Refreshed((known.refused(**told),))  # type: ignore[arg-type]
    answer = _held(unit.question, part, offer.currency)
    return Refreshed((replace(answer, price_version=offer.price_version, published_at=offer.published_at).well(),), (part,))


def _held(question: PriceAnswer, part: PricePart, currency: str | None = None) -> PriceAnswer:
    """The answer that a new part is."""
    held = replace(question, rows=part.rows, series=part.series, currency=currency)
    if not part.refused:
        return replace(held, held_status=CoverageStatus.OK if part.rows else CoverageStatus.EMPTY)
    detail = f"{part.refused} rows were left out, as their prices cannot be taken exactly or are below 0, such as {part.example}"
    return replace(held, held_status=CoverageStatus.PARTIAL, held_detail=f"{detail}. Next: report it")


def _failed(known: PriceAnswer, failure: Failure) -> PriceAnswer:
    return known.refused(
        status=failure.status, error_code=failure.error_code, missing_action=failure.missing_action, detail=failure.sentence
    )


def _spot(refresh: Refresh, unit: PriceUnit) -> Refreshed:
    """Spot prices of the two weeks up to this UTC day; on the same day they are not asked for again."""
    from cloudmigrate.aws.price_services import currency_of
    from cloudmigrate.aws.spot import spot_prices

    end = refresh.now.replace(hour=0, minute=0, second=0, microsecond=0)
    window = (end - timedelta(days=SPOT_DAYS), end)
    known = known_answer(refresh.workspace, unit.question)
    if known.published_at == end and known.digest:
        return Refreshed((known.well(),))
    rows, gap = spot_prices(refresh.sessions, unit.account_id, unit.region, window)
    if gap is not None and gap.status is not CoverageStatus.PARTIAL:
        return Refreshed((_failed(known, gap),))
    found = _small(refresh, unit, known, rows, window, place=f"region={unit.region}", gap=gap)
    answer = replace(found.answers[0], published_at=end, currency=currency_of(unit.region))
    return replace(found, answers=(answer,))


def _types(refresh: Refresh, unit: PriceUnit) -> Refreshed:
    from cloudmigrate.aws.instance_types import instance_types

    known = known_answer(refresh.workspace, unit.question)
    rows, gap = instance_types(refresh.sessions, unit.account_id, unit.region)
    if gap is not None and gap.status is not CoverageStatus.PARTIAL:
        return Refreshed((_failed(known, gap),))
    return _small(refresh, unit, known, rows, (refresh.now, refresh.now), place=f"region={unit.region}", gap=gap)


def _commitments(refresh: Refresh, unit: PriceUnit) -> Refreshed:
    """All commitments of an account as one part; an answer for each API and region, and one for the account as a whole."""
    from cloudmigrate.aws.commitments import commitments

    rows, asked = commitments(refresh.sessions, unit.account_id, unit.regions, refresh.now.date())
    answers = []
    for one in asked:
        question = PriceAnswer(COMMITMENTS, one.service, unit.account_id, one.region)
        status = CoverageStatus.OK if one.found else CoverageStatus.EMPTY
        answers.append(_failed(question, one.failure) if one.failure else replace(question, status=status, rows=one.found))
    known = known_answer(refresh.workspace, unit.question)
    failures = [one for one in asked if one.failure is not None]
    if failures and len(failures) == len(asked):  # then what is held is better than nothing
        return Refreshed((_failed(known, failures[0].failure), *answers))  # type: ignore[arg-type]
    found = _small(refresh, unit, known, rows, (refresh.now, refresh.now), place=f"account={unit.account_id}")
    whole = found.answers[0]
    if failures:
        named = ", ".join(f"{one.service} {one.region}" for one in failures)
        whole = replace(whole, status=CoverageStatus.PARTIAL, detail=f"not told by {named}. Next: see their own rows")
    return replace(found, answers=(whole, *answers))


def _small(
    refresh: Refresh,
    unit: PriceUnit,
    known: PriceAnswer,
    rows: Sequence[Mapping[str, Any]],
    span: tuple[datetime, datetime],
    *,
    place: str,
    gap: Failure | None = None,
) -> Refreshed:
    """Rows at hand as a new part, unless they are what is held; a *gap* is what they lack."""
    told = json_text([*rows, gap.sentence] if gap else list(rows))
    digest = hashlib.sha256(told.encode()).hexdigest()[:24]
    if digest == known.digest:
        return Refreshed((known.well(),))
    series = f"{unit.dataset}/{unit.account_id if unit.dataset == COMMITMENTS else unit.region}"
    part = write_rows(
        refresh.workspace.lake,
        unit.dataset,
        rows,
        series=series,
        place=place,
        version=digest,
        part=f"{refresh.run_id}-{log.short_id()}",
        span=span,
        now=refresh.now,
    )
    held = replace(_held(unit.question, part), digest=digest)
    if gap is not None:
        held = replace(held, held_status=gap.status, held_detail=gap.sentence)
    return Refreshed((held.well(),), (part,))
