"""CloudWatch series in memory: indexed by metric, sorted by time, answered a page at a time.

moto keeps every point of an account in one list and scans it for each period of each query; two weeks of five-minute
points never answer. Here a query costs its own points only.
"""

import base64
import binascii
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

UPLOAD_PATH = "/_simulate/metrics"
STATISTICS = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """Which metric: CloudWatch tells metrics apart by all three."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]  # sorted


@dataclass(frozen=True, slots=True)
class Points:
    """Statistic sets at instants; one row each."""

    at_s: Whole  # seconds since the epoch
    total: Floats
    low: Floats
    high: Floats
    samples: Floats

    @classmethod
    def of(cls, rows: Sequence[tuple[int, float, float, float, float]]) -> "Points":
        """From (at_s, sum, minimum, maximum, sample count)."""
        table = np.array(rows, dtype=np.float64).reshape(-1, 5)
        return cls(table[:, 0].astype(np.int64), table[:, 1], table[:, 2], table[:, 3], table[:, 4])

    @classmethod
    def merged(cls, blocks: Sequence["Points"]) -> "Points":
        """All of *blocks*, sorted by time."""
        at_s = np.concatenate([block.at_s for block in blocks])
        order = np.argsort(at_s, kind="stable")
        columns = ("total", "low", "high", "samples")
        return cls(at_s[order], *(np.concatenate([getattr(block, column) for block in blocks])[order] for column in columns))

    def per_period(self, start_s: int, end_s: int, period_s: int, statistic: str) -> tuple[Whole, Floats]:
        """The index of each period since *start_s* that has points before *end_s*, and its value; empty periods are left out."""
        first, last = np.searchsorted(self.at_s, (start_s, end_s))
        if first == last:
            return np.empty(0, np.int64), np.empty(0)
        index = (self.at_s[first:last] - start_s) // period_s
        cuts = np.flatnonzero(np.diff(index, prepend=-1))
        window = slice(first, last)
        match statistic:
            case "Sum":
                values = np.add.reduceat(self.total[window], cuts)
            case "Minimum":
                values = np.minimum.reduceat(self.low[window], cuts)
            case "Maximum":
                values = np.maximum.reduceat(self.high[window], cuts)
            case "SampleCount":
                values = np.add.reduceat(self.samples[window], cuts)
            case _:
                values = np.add.reduceat(self.total[window], cuts) / np.add.reduceat(self.samples[window], cuts)
        return index[cuts], values


EMPTY = Points.of([])


@dataclass(slots=True)
class SeriesStore:
    """Every series of one account and region."""

    _blocks: dict[SeriesKey, list[tuple[str | None, Points]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, key: SeriesKey, unit: str | None, points: Points) -> None:
        """Keep more points of a series."""
        with self._lock:
            self._blocks.setdefault(key, []).append((unit, points))

    def known(self) -> tuple[SeriesKey, ...]:
        """Every known series, oldest first."""
        return tuple(self._blocks)

    def points(self, key: SeriesKey, unit: str | None) -> Points:
        """A series' points sorted by time, of one unit or of all; empty where nothing is known."""
        with self._lock:
            blocks = self._blocks.get(key, [])
            chosen = [points for one, points in blocks if unit is None or one == unit]
            if not chosen:
                return EMPTY
            merged = chosen[0] if len(chosen) == 1 else Points.merged(chosen)
            if len({one for one, _ in blocks}) == 1:
                self._blocks[key] = [(blocks[0][0], merged)]
            return merged


@dataclass(frozen=True, slots=True)
class Query:
    """One metric and statistic to read."""

    id: str
    label: str
    key: SeriesKey
    statistic: str
    period_s: int
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A part (or all) of one query's points."""

    query: Query
    starts_s: list[int]  # start of each period, seconds since the epoch
    values: list[float]
    complete: bool  # false: more points come with the next page


def page(
    store: SeriesStore, queries: Sequence[Query], *, start_s: int, end_s: int, descending: bool, token: str | None, limit: int
) -> tuple[list[Answer], str | None]:
    """At most *limit* points from where *token* left off, and the token of the next page.

    Every query of the page is named even where it has no points. Raises ValueError for a token that is none of ours.
    """
    number, offset = _position(token, len(queries))
    answers: list[Answer] = []
    left = limit
    for position in range(number, len(queries)):
        query = queries[position]
        index, values = store.points(query.key, query.unit).per_period(start_s, end_s, query.period_s, query.statistic)
        if descending:
            index, values = index[::-1], values[::-1]
        skip = offset if position == number else 0
        cut = skip + left
        complete = len(values) <= cut
        starts = (start_s + index[skip:cut] * query.period_s).tolist()
        answers.append(Answer(query, starts, values[skip:cut].tolist(), complete))
        left -= len(starts)
        if not complete:
            return answers, _token(position, cut)
        if left == 0 and position + 1 < len(queries):
            return answers, _token(position + 1, 0)
    return answers, None


def _token(number: int, offset: int) -> str:
    return base64.urlsafe_b64encode(f"{number}:{offset}".encode()).decode()


def _position(token: str | None, queries: int) -> tuple[int, int]:
    if token is None:
        return 0, 0
    try:
        number, offset = map(int, base64.urlsafe_b64decode(token.encode()).decode().split(":"))
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(token) from error
    if not 0 <= number < queries or offset < 0:
        raise ValueError(token)
    return number, offset


@dataclass(frozen=True, slots=True)
class SeriesUpload:
    """A whole regular series, as the demo sends it; NaN where there is no point."""

    key: SeriesKey
    unit: str
    start_s: int
    period_s: int
    samples: int  # measurements behind each point
    mean: NDArray[np.float32]
    maximum: NDArray[np.float32]
    minimum: NDArray[np.float32]


def encode(account_id: str, region: str, series: Iterable[SeriesUpload]) -> bytes:
    """The body of one bulk upload: a line of JSON, then the values as little-endian 32-bit floats."""
    heads, values = [], []
    for one in series:
        heads.append(
            {
                "namespace": one.key.namespace,
                "name": one.key.name,
                "dimensions": one.key.dimensions,
                "unit": one.unit,
                "start_s": one.start_s,
                "period_s": one.period_s,
                "samples": one.samples,
                "points": len(one.mean),
            }
        )
        values += [column.astype("<f4").tobytes() for column in (one.mean, one.maximum, one.minimum)]
    head = json.dumps({"account": account_id, "region": region, "series": heads})
    return head.encode() + b"\n" + b"".join(values)


def decode(body: bytes) -> tuple[str, str, Iterator[tuple[SeriesKey, str, Points]]]:
    """Account, region and series of an upload's *body*."""
    line, _, raw = body.partition(b"\n")
    head = json.loads(line)
    return head["account"], head["region"], _decoded(head["series"], np.frombuffer(raw, dtype="<f4"))


def _decoded(heads: Iterable[Mapping[str, object]], values: NDArray[np.float32]) -> Iterator[tuple[SeriesKey, str, Points]]:
    offset = 0
    for head in heads:
        count, samples = int(str(head["points"])), float(str(head["samples"]))
        mean, high, low = values[offset : offset + 3 * count].reshape(3, count).astype(np.float64)
        offset += 3 * count
        at_s = int(str(head["start_s"])) + np.arange(count, dtype=np.int64) * int(str(head["period_s"]))
        known = ~np.isnan(mean)
        pairs: Iterable[tuple[str, str]] = head["dimensions"]  # type: ignore[assignment]
        key = SeriesKey(str(head["namespace"]), str(head["name"]), tuple(sorted((name, value) for name, value in pairs)))
        points = Points(at_s[known], mean[known] * samples, low[known], high[known], np.full(int(known.sum()), samples))
        yield key, str(head["unit"]), points
