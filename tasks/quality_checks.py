"""The table of data checks, run by Great Expectations over frames that DuckDB has prepared. No Prefect here.

Great Expectations is used in memory only: an ephemeral context, no files, no analytics, no progress bars.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, assert_never

from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.quality import (
    CHECKS,
    FRAME_KEYS,
    Check,
    CheckKind,
    CheckResult,
    Expected,
    critical_failures,
    metric_frame,
    scope_frame,
)
from cloudmigrate.errors.stores import DataQualityError
from cloudmigrate.lake.views import Views

# A row of a frame costs some 0.7 kB as a Python mapping, so that a frame stays under 200 MB; larger datasets are checked by group.
ROWS_AT_MOST = 250_000
SAMPLE_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """What a set of checks looks at: one row per record, or per group of records where there were too many."""

    rows: Sequence[Mapping[str, Any]]
    records: int
    grouped: bool = False


def check_datasets(
    views: Views, expected: Expected, *, datasets: Collection[str], rows_at_most: int = ROWS_AT_MOST
) -> list[dict[str, object]]:
    """Rows of the dataset ``quality`` for *datasets* (of inventory, coverage, relations, metrics), in the order of the table of checks.

    Raises LakeError. A failed check is a row, not an error: see ``raise_if_critical``.
    """
    frames = read_frames(views, expected, datasets=datasets, rows_at_most=rows_at_most)
    return [result.row() for result in check_frames(frames, expected)]


def raise_if_critical(rows: Iterable[Mapping[str, object]], snapshot_id: str) -> None:
    """Raise DataQualityError where a critical check among rows of ``quality`` failed."""
    failures = critical_failures(rows)
    if failures:
        raise DataQualityError(snapshot_id, failures)


def read_frames(views: Views, expected: Expected, *, datasets: Collection[str], rows_at_most: int) -> dict[str, Frame]:
    """The frames that the checks of *datasets* look at. A dataset of more than *rows_at_most* records is read by group."""
    counts: dict[str, int] = {str(row["dataset"]): int(str(row["row_count"])) for row in views.run("quality_row_counts")}
    latest = {"latest_at": expected.latest_at}

    def read(dataset: str, **params: object) -> Frame:
        grouped = counts[dataset] > rows_at_most
        return Frame(views.run(f"quality_{dataset}_groups" if grouped else f"quality_{dataset}", **params), counts[dataset], grouped)

    frames: dict[str, Frame] = {}
    if "inventory" in datasets:
        frames["inventory"] = read("inventory", **latest)
    if "coverage" in datasets:
        # At most accounts x regions x types, which no estate brings near the bound.
        rows = views.run("quality_coverage")
        frames["coverage"] = Frame(rows, len(rows))
        scope = scope_frame(rows, expected.scope)
        frames["coverage_scope"] = Frame(scope, len(scope))
    if "relations" in datasets:
        frames["relations"] = read("relations")
    if "metrics" in datasets:
        span = _span(views)
        found = read("metrics", **latest, **span) if span else Frame((), 0)
        frames["metrics"] = Frame(metric_frame(found.rows, expected.percent_metrics), found.records, found.grouped)
    return frames


def _span(views: Views) -> dict[str, object]:
    """The window of the selected metrics as periods: parameters of quality_metrics; empty where there are none."""
    series = views.selection.series
    if not series:
        return {}
    first_at = min(part.valid_from for part in series)
    slot_s = min(part.period_s for part in series)
    length = max(part.valid_to for part in series) - first_at
    return {"first_at": first_at, "slot_s": slot_s, "last_slot": math.ceil(length.total_seconds() / slot_s) - 1}


def check_frames(frames: Mapping[str, Frame], expected: Expected) -> list[CheckResult]:
    """The result of every check whose frame is given, in the order of the table."""
    wanted = sorted((check for check in CHECKS if check.frame in frames), key=lambda check: check.frame)
    found = {
        result.check: result
        for name, checks in groupby(wanted, key=lambda check: check.frame)
        for result in _check_frame(frames[name], tuple(checks), expected)
    }
    return [found[check] for check in CHECKS if check in found]


def _check_frame(frame: Frame, checks: Sequence[Check], expected: Expected) -> Iterator[CheckResult]:
    if not frame.rows:
        yield from (CheckResult(check, 0, 0, passed=True, detail="no rows") for check in checks)
        return
    import pandas as pd
    from great_expectations import ExpectationSuite

    keys = FRAME_KEYS[checks[0].frame]
    data = pd.DataFrame.from_records([dict(row) for row in frame.rows])
    suite = ExpectationSuite(name=checks[0].frame, expectations=[_expectation(check, expected) for check in checks])
    result_format = {"result_format": "SUMMARY", "partial_unexpected_count": SAMPLE_AT_MOST, "unexpected_index_column_names": list(keys)}
    outcome = _whole_frames().get_batch({"dataframe": data}).validate(suite, result_format=result_format)
    answers = {answer.expectation_config.meta["check"]: answer for answer in outcome.results}
    for check in checks:
        yield _result(check, answers[check.name], frame)


def _result(check: Check, answer: Any, frame: Frame) -> CheckResult:
    """What Great Expectations answered to one check; a check that could not be run has failed."""
    if "element_count" not in answer.result:
        return CheckResult(check, len(frame.rows), len(frame.rows), passed=False, detail=f"could not be run: {_why(answer.exception_info)}")
    sample = answer.result.get("partial_unexpected_index_list") or ()
    failed = int(answer.result["unexpected_count"])
    return CheckResult(
        check,
        checked_rows=int(answer.result["element_count"]),
        failed_rows=failed,
        passed=bool(answer.success) and failed == 0,
        sample=tuple(sample),
        detail=f"checked by group: {counted(frame.records, 'record')} in {counted(len(frame.rows), 'group')}" if frame.grouped else None,
    )


def _expectation(check: Check, expected: Expected) -> Any:
    from great_expectations import expectations

    gxe: Any = expectations  # its stubs do not export these names
    common: dict[str, Any] = {"column": check.column, "meta": {"check": check.name}}
    match check.kind:
        case CheckKind.NOT_NULL:
            return gxe.ExpectColumnValuesToNotBeNull(**common)
        case CheckKind.IN_SET:
            return gxe.ExpectColumnValuesToBeInSet(**common, value_set=sorted(getattr(expected, check.known or "")))
        case CheckKind.MATCHES:
            return gxe.ExpectColumnValuesToMatchRegex(**common, regex=check.pattern or "")
        case CheckKind.BETWEEN:
            return gxe.ExpectColumnValuesToBeBetween(**common, min_value=check.low, max_value=check.high)
        case CheckKind.TRUE:
            return gxe.ExpectColumnValuesToBeInSet(**common, value_set=[True])
        case _:
            assert_never(check.kind)


@cache
def _whole_frames() -> Any:
    """The way to hand a frame to Great Expectations; its import takes 3 to 11 s, so it waits for the first check."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def _why(exception_info: Mapping[str, Any]) -> str:
    """The first message in what Great Expectations tells of an exception: one record, or one per metric that it needed."""
    records = [exception_info, *(value for value in exception_info.values() if isinstance(value, Mapping))]
    return next((str(record["exception_message"])[:300] for record in records if record.get("exception_message")), "no reason given")
