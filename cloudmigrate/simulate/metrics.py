"""Two weeks of CloudWatch series for the demo estate, worked out from a seed: the same every time."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloudmigrate.simulate.estate.loads import Load, Shape
from cloudmigrate.simulate.gauges import GAUGES, Measure
from cloudmigrate.simulate.series import SeriesKey, SeriesUpload

PERIOD_S = 300
DAY_S = 86_400
SPAN = timedelta(days=15)  # a day more than the demo reads, so that its window is full
SAMPLES = 5  # one measurement a minute

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource whose metrics are made: its type, its id in the emulator and the parameters it was created with."""

    type: str
    id: str
    params: Mapping[str, Any]


def series_of(load: Load, subject: Subject, now: datetime, seed: int) -> Iterator[SeriesUpload]:
    """Every metric of *subject* under *load*, up to the last full period before *now*."""
    end_s = int(now.timestamp()) // PERIOD_S * PERIOD_S
    at_s = np.arange(end_s - int(SPAN.total_seconds()), end_s, PERIOD_S, dtype=np.int64)
    rng = np.random.default_rng([seed, zlib.crc32(load.key.encode())])
    use = SHAPES[load.shape](at_s, rng) * load.peak
    for gauge in GAUGES[subject.type]:
        if gauge.agent and not load.agent:
            continue
        for measure in gauge.measures:
            if measure.burstable and not subject.params.get("InstanceType", "").startswith("t"):
                continue
            key = SeriesKey(gauge.namespace, measure.name, tuple(sorted(gauge.dimensions_of(subject.id, subject.params) + measure.extra)))
            one = _series(key, measure, at_s, use, rng)
            yield replace(one, mean=_with_gap(one.mean)) if load.gap else one


def _series(key: SeriesKey, measure: Measure, at_s: NDArray[np.int64], use: Floats, rng: np.random.Generator) -> SeriesUpload:
    chosen = at_s % DAY_S == 0 if measure.daily else np.ones(len(at_s), bool)
    level = 1 - use[chosen] if measure.falls else use[chosen]
    level = np.maximum(level - measure.quiet, 0)
    wobble = rng.normal(0, 0.02, len(level)) * np.minimum(level / 0.05, 1)  # what does little wobbles little
    mean = np.clip(measure.low + (measure.high - measure.low) * np.clip(level + wobble, 0, 1), 0, measure.high)
    spread = np.abs(rng.normal(0, 0.12, len(level)))
    return SeriesUpload(
        key=key,
        unit=measure.unit,
        start_s=int(at_s[chosen][0]),
        period_s=DAY_S if measure.daily else PERIOD_S,
        samples=1 if measure.daily else SAMPLES,
        mean=_as_stored(mean),
        maximum=_as_stored(np.minimum(mean * (1 + spread), measure.cap or np.inf)),
        minimum=_as_stored(mean * (1 - np.minimum(spread, 0.9))),
    )


def _as_stored(values: Floats) -> NDArray[np.float32]:
    return np.round(values, 3).astype(np.float32)


def _with_gap(mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """*mean* without its sixth to eighth day: an agent that was down."""
    day = DAY_S // PERIOD_S
    held = mean.copy()
    held[6 * day : 8 * day] = np.nan
    return held


def _hours(at_s: NDArray[np.int64]) -> tuple[Floats, NDArray[np.bool_]]:
    """Hour of the day (UTC, 0..24) and whether it is a working day."""
    day = (at_s // DAY_S + 3) % 7  # the epoch was a Thursday; Monday is 0
    return (at_s % DAY_S) / 3600, day < 5


def _diurnal(at_s: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    hour, working = _hours(at_s)
    wave = (0.5 - 0.5 * np.cos(2 * np.pi * (hour - 4) / 24)) ** 1.5
    return np.clip(0.1 + 0.85 * wave * np.where(working, 1, 0.65) + rng.normal(0, 0.03, len(at_s)), 0, 1)


def _office(at_s: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    hour, working = _hours(at_s)
    busy = working & (hour >= 7) & (hour < 18)
    lunch = 1 - 0.35 * np.exp(-((hour - 12) ** 2) / 0.5)
    return np.clip(np.where(busy, 0.8 * lunch, 0.05) + rng.normal(0, 0.05, len(at_s)), 0, 1)


def _steady(at_s: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    return np.clip(0.7 + rng.normal(0, 0.04, len(at_s)), 0, 1)


def _bursty(at_s: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    use = 0.06 + np.abs(rng.normal(0, 0.02, len(at_s)))
    for start in np.flatnonzero(rng.random(len(at_s)) < 2 / (DAY_S / PERIOD_S)):  # about twice a day, a quarter to a full hour
        use[start : start + int(rng.integers(3, 12))] = rng.uniform(0.7, 1)
    return np.clip(use, 0, 1)


def _batch(at_s: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    hour, _ = _hours(at_s)
    return np.clip(np.where((hour >= 1) & (hour < 4.5), 0.95, 0.02) + rng.normal(0, 0.02, len(at_s)), 0, 1)


def _idle(at_s: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    return np.abs(rng.normal(0, 0.004, len(at_s)))


def _growing(at_s: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    return np.clip(np.linspace(0.25, 0.85, len(at_s)) + 0.1 * (_diurnal(at_s, rng) - 0.5), 0, 1)


SHAPES: Mapping[Shape, Callable[[NDArray[np.int64], np.random.Generator], Floats]] = {
    Shape.DIURNAL: _diurnal,
    Shape.OFFICE: _office,
    Shape.STEADY: _steady,
    Shape.BURSTY: _bursty,
    Shape.BATCH: _batch,
    Shape.IDLE: _idle,
    Shape.GROWING: _growing,
}
