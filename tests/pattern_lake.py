"""A lake of a few series, for tests of patterns and sizes: five-minute or other points of one type, and the views over them."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.series import Window, select_series, write_series
from cloudmigrate.lake.views import Selection, Views

END = datetime(2026, 11, 23, tzinfo=UTC)  # a Monday
INSTANCE, DATABASE, CACHE = "AWS::EC2::Instance", "AWS::RDS::DBInstance", "AWS::ElastiCache::CacheCluster"


def window(days: int = 14, end: datetime = END) -> Window:
    return Window(end - timedelta(days=days), end)


def times(count: int, period_s: int, end: datetime = END) -> np.ndarray:
    """The starts of the last *count* periods before *end*."""
    last = np.datetime64(end.replace(tzinfo=None), "us")
    return last - np.arange(count, 0, -1) * np.timedelta64(period_s, "s")


@contextmanager
def series_views(
    series: Mapping[str, Mapping[str, Any]],
    *,
    type_: str = INSTANCE,
    period_s: int = 300,
    days: int = 14,
    end: datetime = END,
    datasets: Mapping[str, list[dict[str, object]]] | None = None,
) -> Iterator[Views]:
    """Views over *series* (uid -> column -> values that end with the window; a number is a constant), and over rows of datasets."""
    columns = sorted({column for one in series.values() for column in one})
    blocks: dict[str, list[Any]] = {name: [] for name in ("uid", "observed_at", *columns)}
    for uid, values in series.items():
        count = max((len(one) for one in values.values() if np.ndim(one)), default=days * 86_400 // period_s)
        blocks["uid"].append(np.full(count, uid, dtype=object))
        blocks["observed_at"].append(times(count, period_s, end))
        for name in columns:
            blocks[name].append(np.broadcast_to(np.asarray(values.get(name, np.nan), dtype=float), (count,)))
    arrays = {name: np.concatenate(parts) for name, parts in blocks.items()}
    known = np.any([~np.isnan(arrays[name]) for name in columns], axis=0)
    run = window(days, end)
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake.open(Path(folder))
        parts = write_series(
            lake,
            {name: values[known] for name, values in arrays.items()},
            account_id="1",
            region="eu-central-1",
            type=type_,
            period_s=period_s,
            run=run,
            collected_at=end,
            part="p",
        )
        paths = {name: (lake.write(name, rows, snapshot_id="s", part="p").path,) for name, rows in (datasets or {}).items()}
        with Views(lake, Selection("s", paths, select_series(parts, run))) as views:
            yield views


def resource(uid: str, type_: str, spec: Mapping[str, object] | None = None) -> dict[str, object]:
    """A row of `inventory`."""
    return {
        "uid": uid,
        "provider": "aws",
        "account_id": "111111111111",
        "region": "eu-central-1",
        "type": type_,
        "name": uid,
        "state": "running",
        "tags": {},
        "spec": dict(spec or {}),
        "stateful": False,
        "storage_bytes": None,
        "private_ips": None,
        "created_at": None,
    }
