"""Fits the model behind pattern verdicts, from a seed, and judges it on series that it has not seen.

    .venv/bin/python -m cloudmigrate.lake.pattern_training > cloudmigrate/lake/pattern_forest.json

The features of the generated series are computed by the same SQL as those of an estate.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from cloudmigrate.domain.load_metrics import LOADS_BY_TYPE
from cloudmigrate.domain.pattern_features import Features, Pattern, matrix
from cloudmigrate.domain.pattern_forest import Forest, fit
from cloudmigrate.domain.pattern_series import ROUGH, LabelledSeries, labelled_series
from cloudmigrate.domain.patterns import classify
from cloudmigrate.lake.dataset import UTC_TIME
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.patterns import features_of_hours
from cloudmigrate.lake.views import Selection, Views

SEED = 20_261_128
HELD_OUT_SEED = 4_711
SERIES = 3_000
HELD_OUT_SERIES = 900
SAMPLES_AN_HOUR = 12
NETWORK_BYTES_AN_HOUR = 50e6  # so that no generated series looks idle
MICROSECONDS_AN_HOUR = 3_600_000_000
END_HOUR = 497_664  # of the epoch: a Thursday at 00:00 UTC
HOURS = pa.schema(
    [
        ("uid", pa.string()),
        ("hour_no", pa.int64()),
        ("day_no", pa.int64()),
        ("load", pa.float64()),
        ("peak", pa.float64()),
        ("samples", pa.int64()),
        ("peaks", pa.int64()),
        ("first_at", UTC_TIME),
        ("last_at", UTC_TIME),
        ("network_bytes", pa.float64()),
        ("connections", pa.float64()),
    ]
)


def trained(seed: int = SEED, count: int = SERIES) -> Forest:
    """The model fitted to *count* generated series."""
    series = list(labelled_series(count, seed=seed))
    return fit(matrix(features_of_series(series)), [one.pattern for one in series], seed=seed % 2**31)


def confusion(forest: Forest, *, seed: int = HELD_OUT_SEED, count: int = HELD_OUT_SERIES) -> dict[tuple[Pattern, Pattern], int]:
    """(what it is, what the whole classifier says) -> series, over rougher ones than the model was fitted to."""
    series = list(labelled_series(count, seed=seed, roughness=ROUGH))
    found: dict[tuple[Pattern, Pattern], int] = {}
    for one, verdict in zip(series, classify(features_of_series(series), forest), strict=True):
        key = (one.pattern, verdict.pattern)
        found[key] = found.get(key, 0) + 1
    return found


def accuracy(found: dict[tuple[Pattern, Pattern], int]) -> float:
    """The share of series that got their own word."""
    return sum(count for (pattern, verdict), count in found.items() if pattern is verdict) / sum(found.values())


def features_of_series(series: Sequence[LabelledSeries]) -> list[Features]:
    """The features of hourly series, in their order."""
    end = datetime.fromtimestamp(END_HOUR * 3600, UTC)
    with tempfile.TemporaryDirectory() as folder, Views(Lake.open(folder), Selection("training", {})) as views:
        views.register_table("generated", _table(series))
        views.execute("create temp table pattern_hours as from generated")
        return features_of_hours(views, LOADS_BY_TYPE["AWS::EC2::Instance"], end)


def _table(series: Sequence[LabelledSeries]) -> pa.Table:
    """The series' hours with data as rows of `pattern_hours`; uids are their places."""
    known = [np.flatnonzero(~np.isnan(one.load)) for one in series]
    hours = np.concatenate([END_HOUR - len(one.load) + at for one, at in zip(series, known, strict=True)])
    count = len(hours)
    names = pa.array([f"{number:06d}" for number in range(len(series))])
    places = np.repeat(np.arange(len(series), dtype=np.int32), [len(at) for at in known])
    columns = [
        pa.DictionaryArray.from_arrays(pa.array(places), names).cast(pa.string()),
        pa.array(hours),
        pa.array(-((END_HOUR - 1 - hours) // 24)),
        pa.array(np.concatenate([one.load[at] for one, at in zip(series, known, strict=True)])),
        pa.array(np.concatenate([one.peak[at] for one, at in zip(series, known, strict=True)])),
        pa.array(np.full(count, SAMPLES_AN_HOUR)),
        pa.array(np.full(count, SAMPLES_AN_HOUR)),
        pa.array(hours * MICROSECONDS_AN_HOUR).cast(UTC_TIME),
        pa.array(hours * MICROSECONDS_AN_HOUR + 11 * MICROSECONDS_AN_HOUR // SAMPLES_AN_HOUR).cast(UTC_TIME),
        pa.array(np.full(count, NETWORK_BYTES_AN_HOUR)),
        pa.nulls(count, pa.float64()),
    ]
    return pa.Table.from_arrays(columns, schema=HOURS)


if __name__ == "__main__":
    forest = trained()
    held_out = confusion(forest)
    print(f"accuracy on {sum(held_out.values())} rougher series of another seed: {accuracy(held_out):.3f}", file=sys.stderr)  # noqa: T201
    json.dump(forest.value(), sys.stdout, separators=(",", ":"))
