"""CloudWatch's numbers for planned requests, as columns: paging followed, gaps recorded, memory bounded by the batch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from botocore.exceptions import PaginationError

from cloudmigrate import log
from cloudmigrate.aws.failures import CALL_ERRORS, Failure, failure_of
from cloudmigrate.aws.metrics_plan import MetricBatch, MetricQuery, MetricRequest, Window
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.resources import CoverageStatus

OK, NO_DATA = "ok", "no_data"
FORBIDDEN = "Forbidden"  # GetMetricData's code for one metric that may not be read
NOT_PUBLISHED = "nothing publishes it"
ACTION = "cloudwatch:GetMetricData"
FAILED_CALLS_IN_A_ROW = 3  # after that the account and region is not asked any more
WORKERS = 8


@dataclass(frozen=True, slots=True)
class MetricCoverage:
    """What became of asking for one statistic of one metric of one resource; a row of the metric_coverage dataset."""

    uid: str
    account_id: str
    region: str
    type: str
    metric: str
    stat: str
    period_s: int
    status: str  # ok, no_data, denied, throttled, failed
    points: int
    error_code: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class MetricChunk:
    """The numbers of one batch, as columns sorted by (uid, observed_at); a row is one resource at one instant with any data."""

    account_id: str
    region: str
    type: str
    period_s: int
    window: Window
    uids: tuple[str, ...]  # sorted
    uid_index: npt.NDArray[np.int32]  # of each row: its resource, as a position in `uids`
    observed_at: npt.NDArray[np.datetime64]  # microseconds, UTC: the start of the period
    columns: Mapping[str, npt.NDArray[np.float32]]  # "metric|stat": NaN where there is no point
    coverage: tuple[MetricCoverage, ...]
    not_asked: frozenset[tuple[str, str]] = frozenset()  # (uid, metric) of which no agent's dimensions are known

    def __len__(self) -> int:
        return len(self.uid_index)

    @property
    def uid(self) -> npt.NDArray[np.object_]:
        """The uid of each row."""
        return np.array(self.uids, dtype=object)[self.uid_index]

    @property
    def is_complete(self) -> bool:
        """Whether asking again would give nothing else: only then may the read mark move on.

        Data, none, or a refusal of just this metric is an answer; what was not asked for (an agent's metric of unknown dimensions)
        must not hold up the others.
        """
        return all(
            one.status in (OK, NO_DATA) or one.error_code == FORBIDDEN
            for one in self.coverage
            if (one.uid, one.metric) not in self.not_asked
        )


def fetch(
    sessions: AwsSessions, account_id: str, region: str, batches: Iterable[MetricBatch], *, max_workers: int = WORKERS, attempts: int = 3
) -> Iterator[MetricChunk]:
    """One chunk a batch, in order. Denied, throttled and broken calls never raise: they are in the chunk's coverage.

    *attempts* is how often a query is asked whose answer CloudWatch itself calls partial. After a denial, or three failed calls in a
    row, the rest is not asked for and bears the same status.
    """
    with ThreadPoolExecutor(max_workers, thread_name_prefix="cloudmigrate-metrics") as pool:
        caller = _Caller(sessions, account_id, region, attempts)
        try:
            for batch in batches:
                answers = _Answers(batch, account_id, region)
                for future in [pool.submit(log.carried(_ask_and_add), caller, request, answers) for request in batch.requests]:
                    future.result()
                yield answers.chunk()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _ask_and_add(caller: "_Caller", request: MetricRequest, answers: "_Answers") -> None:
    """One call, from request to columns, in one thread: its 100,800 points as Python objects (9 MB) live no longer than that."""
    answers.add(request, caller.ask(request))


@dataclass
class _Series:
    """What came for one query: points in order of arrival, and why there are no more, if that is no natural end."""

    timestamps: list[datetime] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    failure: Failure | None = None
    is_partial: bool = False


class _Caller:
    """Makes the calls of one account and region, and stops making them when there is no point."""

    def __init__(self, sessions: AwsSessions, account_id: str, region: str, attempts: int) -> None:
        self._sessions = sessions
        self._account_id = account_id
        self._region = region
        self._attempts = attempts
        self._failed_in_a_row = 0
        self._stopped_by: Failure | None = None

    def ask(self, request: MetricRequest) -> list[_Series]:
        """One series for each query of *request*."""
        series = [_Series() for _ in request.queries]
        open_queries = list(range(len(series)))
        for _ in range(self._attempts):
            failure = self._stopped_by or self._read(request, open_queries, series)
            if failure is not None:
                for position in open_queries:
                    series[position].failure = failure
                return series
            open_queries = [position for position in open_queries if series[position].is_partial]
            if not open_queries:
                return series
        for position in open_queries:
            detail = f"CloudWatch answered only a part, {self._attempts} times"
            series[position].failure = Failure(CoverageStatus.FAILED, "PartialData", None, detail, "run again later")
        return series

    def _read(self, request: MetricRequest, positions: Sequence[int], series: Sequence[_Series]) -> Failure | None:
        """Read the queries at *positions* to the last page, into *series*; why that failed, if it did."""
        for position in positions:
            series[position].is_partial = False
        try:
            client = self._sessions.client(self._account_id, "cloudwatch", self._region)
            for answer in _answers(client, _request(request, positions)):
                self._take(answer, series)
        except CALL_ERRORS as error:
            failure = failure_of(error, ACTION)
            self._note(failure)
            return failure
        self._failed_in_a_row = 0
        return None

    def _take(self, answer: Mapping[str, Any], series: Sequence[_Series]) -> None:
        for result in answer["MetricDataResults"]:
            one = series[int(result["Id"][1:])]
            one.timestamps += result["Timestamps"]
            one.values += result["Values"]
            code = result.get("StatusCode", "Complete")
            # PartialData on a page with a further page is the normal way of paging (GetMetricData, MetricDataResult).
            one.is_partial = code == "InternalError" or (code == "PartialData" and not answer.get("NextToken"))
            if code == FORBIDDEN:
                one.failure = Failure(CoverageStatus.DENIED, code, ACTION, _messages(answer, result) or "CloudWatch refused it", "grant it")

    def _note(self, failure: Failure) -> None:
        self._failed_in_a_row += 1
        if failure.status is CoverageStatus.DENIED or self._failed_in_a_row >= FAILED_CALLS_IN_A_ROW:
            self._stopped_by = failure


def _answers(client: Any, request: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The pages of one GetMetricData. Raises PaginationError when the same token comes twice."""
    seen: set[str] = set()
    while True:
        answer = client.get_metric_data(**request)
        yield answer
        token = answer.get("NextToken")
        if not token:
            return
        if token in seen:
            raise PaginationError(message=f"The same next token was received twice: {token}")
        seen.add(token)
        request["NextToken"] = token


def _request(request: MetricRequest, positions: Sequence[int]) -> dict[str, Any]:
    return {
        "StartTime": request.window.start_at,
        "EndTime": request.window.end_at,
        "ScanBy": "TimestampAscending",
        "MetricDataQueries": [_query(position, request.queries[position]) for position in positions],
    }


def _query(position: int, query: MetricQuery) -> dict[str, Any]:
    target = query.target
    dimensions = [{"Name": name, "Value": value} for name, value in target.dimensions or ()]
    metric = {"Namespace": target.namespace, "MetricName": target.published_as or target.metric, "Dimensions": dimensions}
    return {"Id": f"q{position}", "MetricStat": {"Metric": metric, "Period": target.period_s, "Stat": query.stat}, "ReturnData": True}


def _messages(answer: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    told = [*answer.get("Messages", []), *result.get("Messages", [])]
    return "; ".join(f"{one.get('Code')}: {one.get('Value')}" for one in told)


class _Answers:
    """Dense columns of one batch: resources x periods, filled as calls come back."""

    def __init__(self, batch: MetricBatch, account_id: str, region: str) -> None:
        self._batch = batch
        self._account_id = account_id
        self._region = region
        self._uids = batch.uids
        self._row_of = {uid: position for position, uid in enumerate(self._uids)}
        self._periods = batch.window.periods(batch.period_s)
        shape = (len(self._uids), self._periods)
        self._columns = {column: np.full(shape, np.nan, dtype=np.float32) for column in batch.columns}
        self._failures: dict[tuple[str, str], Failure] = {}

    def add(self, request: MetricRequest, outcome: Sequence[_Series]) -> None:
        """Put the answers of one call in their places (no two calls share one); of two points of one period the later one stays."""
        start_s = self._batch.window.start_at.timestamp()
        for query, series in zip(request.queries, outcome, strict=True):
            if series.failure is not None:
                self._failures[query.target.uid, query.column] = series.failure
            seconds = np.fromiter((instant.timestamp() for instant in series.timestamps), np.float64, len(series.timestamps))
            slots = np.floor((seconds - start_s) / self._batch.period_s).astype(np.int64)
            values = np.asarray(series.values, dtype=np.float64).astype(np.float32)
            inside = (slots >= 0) & (slots < self._periods) & np.isfinite(values)
            self._columns[query.column][self._row_of[query.target.uid], slots[inside]] = values[inside]

    def chunk(self) -> MetricChunk:
        """The batch without the periods that have no data."""
        filled = np.zeros((len(self._uids), self._periods), dtype=bool)
        for column in self._columns.values():
            filled |= ~np.isnan(column)
        rows, slots = np.nonzero(filled)
        start = np.datetime64(self._batch.window.start_at.replace(tzinfo=None), "us")
        return MetricChunk(
            account_id=self._account_id,
            region=self._region,
            type=self._batch.type,
            period_s=self._batch.period_s,
            window=self._batch.window,
            uids=self._uids,
            uid_index=rows.astype(np.int32),
            observed_at=start + slots * np.timedelta64(self._batch.period_s * 1_000_000, "us"),
            columns={name: column[filled] for name, column in self._columns.items()},
            coverage=tuple(self._coverage()),
            not_asked=frozenset((target.uid, target.metric) for target in self._batch.targets if target.dimensions is None),
        )

    def _coverage(self) -> Iterator[MetricCoverage]:
        for target in self._batch.targets:
            for stat in target.stats:
                column = f"{target.metric}|{stat}"
                points = int(np.count_nonzero(~np.isnan(self._columns[column][self._row_of[target.uid]])))
                failure = self._failures.get((target.uid, column), target.failure)
                status = failure.status.value if failure else OK if points else NO_DATA
                yield MetricCoverage(
                    uid=target.uid,
                    account_id=self._account_id,
                    region=self._region,
                    type=target.type,
                    metric=target.metric,
                    stat=stat,
                    period_s=target.period_s,
                    status=status,
                    points=points,
                    error_code=failure.error_code if failure else None,
                    detail=failure.sentence if failure else NOT_PUBLISHED if target.dimensions is None else None,
                )
