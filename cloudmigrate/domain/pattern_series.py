"""Labelled hourly series from a seed, to fit and to judge the model with: what each pattern looks like, with noise, gaps and shifts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cloudmigrate.domain.pattern_features import Pattern

HOURS_A_WEEK = 168
Floats = NDArray[np.float64]
Shape = Callable[[NDArray[np.int64], np.random.Generator], Floats]


@dataclass(frozen=True, slots=True)
class Roughness:
    """How far a generated series is from its ideal."""

    noise: float = 0.06  # of the level, at most
    gap_share: float = 0.3  # of the series that have gaps
    gap_hours: int = 36  # a gap's length, at most
    shift_share: float = 0.25  # of the series whose level changes once
    days: tuple[int, int] = (10, 15)  # the length, from and to


USUAL = Roughness()
ROUGH = Roughness(noise=0.1, gap_share=0.6, gap_hours=60, shift_share=0.4, days=(8, 15))


@dataclass(frozen=True, slots=True)
class LabelledSeries:
    """An hourly series of percent, NaN where there is no data, and the peak within each hour."""

    pattern: Pattern
    load: Floats
    peak: Floats


def labelled_series(count: int, *, seed: int, roughness: Roughness = USUAL) -> Iterator[LabelledSeries]:
    """*count* series, every pattern of `SHAPES` in turn; the same for the same seed."""
    rng = np.random.default_rng(seed)
    patterns = tuple(SHAPES)
    for number in range(count):
        yield _one(patterns[number % len(patterns)], rng, roughness)


def _one(pattern: Pattern, rng: np.random.Generator, roughness: Roughness) -> LabelledSeries:
    hours = np.arange(int(rng.integers(roughness.days[0], roughness.days[1] + 1)) * 24) + int(rng.integers(0, HOURS_A_WEEK))
    shapes = SHAPES[pattern]
    use = shapes[int(rng.integers(len(shapes)))](hours, rng)
    if pattern in (Pattern.STEADY, Pattern.DIURNAL) and rng.random() < roughness.shift_share:
        at = int(rng.integers(24, len(use) - 24))
        use = np.concatenate([use[:at], use[at:] * rng.uniform(0.6, 1.6)])
    # Noise that lasts for some hours, as load does, and some that does not.
    slow = np.convolve(rng.normal(0, 1, len(use) + 5), np.ones(6) / 6, "valid")
    noise = rng.uniform(0.01, roughness.noise) * (0.6 * rng.normal(0, 1, len(use)) + slow)
    load = np.clip(use * (1 + noise), 0.05, 100)
    peak = np.minimum(load * (1 + np.abs(rng.normal(0, 0.15, len(load)))), 100)
    if rng.random() < roughness.gap_share:
        for _ in range(int(rng.integers(1, 4))):
            start = int(rng.integers(1, len(load) - 1))
            load[start : start + int(rng.integers(1, roughness.gap_hours + 1))] = np.nan
    peak[np.isnan(load)] = np.nan
    return LabelledSeries(pattern, load, peak)


def _level(rng: np.random.Generator, low: float = 8, high: float = 90) -> float:
    """A level in percent, small ones as likely as large ones by their ratio."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _flat(hours: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    return np.full(len(hours), _level(rng))


def _flat_with_a_hump(hours: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Flat, but for one or two stretches of some hours: a deployment, a failover."""
    use = _flat(hours, rng)
    for _ in range(int(rng.integers(1, 3))):
        start = int(rng.integers(0, len(use)))
        use[start : start + int(rng.integers(1, 5))] *= rng.uniform(0.4, 1.5)
    return use


def _wave(hours: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """A smooth swing over the day, weaker at weekends."""
    wave = (0.5 - 0.5 * np.cos(2 * np.pi * (hours - rng.uniform(0, 24)) / 24)) ** rng.uniform(0.7, 2)
    weekend = np.where((hours // 24) % 7 >= 5, rng.uniform(0.4, 1), 1)
    low = _level(rng, 2, 25)
    return low + rng.uniform(0.5, 6) * low * wave * weekend


def _office(hours: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Working hours of working days, nine to fourteen hours long: more than a quarter of the week."""
    start, length = rng.uniform(5, 9), rng.uniform(9, 14)
    hour, day = hours % 24, (hours // 24) % 7
    busy = (hour >= start) & (hour < start + length) & (day < 5)
    low = _level(rng, 0.5, 8)
    return np.where(busy, low + _level(rng, 12, 70), low)


def _bursts(hours: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """A low level, and at random times much more."""
    low = _level(rng, 0.8, 15)
    use = np.full(len(hours), low)
    for start in np.flatnonzero(rng.random(len(hours)) < rng.uniform(0.4, 4) / 24):
        use[start : start + int(rng.integers(1, 5))] = min(low * rng.uniform(3, 12) + 10, 100)
    if use.max() == low:
        use[int(rng.integers(0, len(use)))] = min(low * 6 + 10, 100)
    return use


def _restless(hours: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    """Load that jumps up and down without a rhythm."""
    low = _level(rng, 1, 15)
    lengths = rng.integers(2, 18, len(hours))
    levels = low * np.where(rng.random(len(hours)) < 0.5, 1, rng.uniform(2.5, 9, len(hours)))
    return np.minimum(np.repeat(levels, lengths)[: len(hours)], 100)


def _nightly(hours: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    start, length = int(rng.integers(0, 24)), int(rng.integers(1, 6))
    busy = (hours - start) % 24 < length
    return np.where(busy, _level(rng, 25, 100), _level(rng, 0.3, 4))


def _weekly(hours: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    start, length = int(rng.integers(0, HOURS_A_WEEK)), int(rng.integers(4, 24))
    busy = (hours - start) % HOURS_A_WEEK < length
    return np.where(busy, _level(rng, 25, 100), _level(rng, 0.3, 4))


def _rise(hours: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    line = np.linspace(0, 1, len(hours))
    low = _level(rng, 6, 40)
    wave = 1 + rng.uniform(0, 0.15) * np.sin(2 * np.pi * hours / 24)
    return np.minimum(low * (1 + rng.uniform(0.5, 3) * line ** rng.uniform(0.8, 1.6)) * wave, 100)


def _fall(hours: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    return _rise(hours, rng)[::-1].copy()


SHAPES: Mapping[Pattern, tuple[Shape, ...]] = MappingProxyType(
    {
        Pattern.STEADY: (_flat, _flat, _flat_with_a_hump),
        Pattern.DIURNAL: (_wave, _wave, _office),
        Pattern.BURSTY: (_bursts, _bursts, _restless),
        Pattern.BATCH: (_nightly, _nightly, _weekly),
        Pattern.GROWING: (_rise,),
        Pattern.DECLINING: (_fall,),
    }
)
