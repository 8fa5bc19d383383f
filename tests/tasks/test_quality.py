"""Great Expectations over prepared frames: every check fails on its own bad row, and on nothing else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.quality import CHECKS, Expected
from cloudmigrate.errors.stores import DataQualityError
from cloudmigrate.lake import datasets
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.series import SeriesPart, Window, select_series, write_series
from cloudmigrate.lake.views import Selection, Views
from tasks.quality_checks import Frame, check_datasets, check_frames, raise_if_critical

# Great Expectations takes seconds to import: one worker pays for it.
pytestmark = pytest.mark.xdist_group("great-expectations")

SNAPSHOT = "20261122T203000Z-3f9a1c"
READ_UNTIL = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
ACCOUNT, REGION = "111111111111", "eu-central-1"
INSTANCE, VOLUME = "arn:aws:ec2:eu-central-1:111111111111:instance/i-1", "arn:aws:ec2:eu-central-1:111111111111:volume/vol-1"
EC2, EBS = "AWS::EC2::Instance", "AWS::EC2::Volume"
EXPECTED = Expected(
    types=frozenset({EC2, EBS}),
    relation_kinds=frozenset({"attached_volume"}),
    scope=frozenset({(ACCOUNT, REGION, EC2), (ACCOUNT, REGION, EBS)}),
    percent_metrics=frozenset({(EC2, "CPUUtilization")}),
    read_until=READ_UNTIL,
)
ALL = ("inventory", "coverage", "relations", "metrics")


def resource(uid: str = INSTANCE, type_: str = EC2, **other: Any) -> dict[str, Any]:
    row = {
        "uid": uid,
        "provider": "aws",
        "account_id": ACCOUNT,
        "region": REGION,
        "type": type_,
        "name": "<script>alert(1)</script>",
        "state": "running",
        "tags": {"Team": "'; drop table inventory; --"},
        "spec": {},
        "stateful": False,
        "storage_bytes": None,
        "private_ips": [],
        "created_at": READ_UNTIL - timedelta(days=3),
    }
    return row | other


def look(type_: str = EC2, **other: Any) -> dict[str, Any]:
    row = {
        "account_id": ACCOUNT,
        "region": REGION,
        "service": "ec2",
        "type": type_,
        "status": "ok",
        "error_code": None,
        "missing_action": None,
        "detail": None,
        "resources": 1,
    }
    return row | other


def relation(source: str = INSTANCE, target: str = VOLUME, kind: str = "attached_volume") -> dict[str, Any]:
    return {"source_uid": source, "target_uid": target, "kind": kind}


GOOD: dict[str, list[dict[str, Any]]] = {
    "inventory": [resource(), resource(VOLUME, EBS, storage_bytes=8 * 2**30)],
    "coverage": [look(), look(EBS)],
    "relations": [relation()],
}


@contextmanager
def snapshot(folder: Path, points: dict[str, list[float]] | None = None, at: list[datetime] | None = None, **rows: Any) -> Iterator[Views]:
    """Views over a snapshot of those rows (GOOD where not given), and metric columns of the instance at the given instants."""
    lake = Lake.open(folder)
    parts = {name: (lake.write(name, rows.get(name, GOOD[name]), snapshot_id=SNAPSHOT, part="p").path,) for name in GOOD}
    series: tuple[SeriesPart, ...] = ()
    if points is not None and at is not None:
        window = Window(READ_UNTIL - timedelta(days=1), READ_UNTIL + timedelta(days=1))
        columns = {"uid": [INSTANCE] * len(at), "observed_at": at, **points}
        ids: dict[str, Any] = {"account_id": ACCOUNT, "region": REGION, "type": EC2, "period_s": 300, "part": "m"}
        series = select_series(write_series(lake, columns, run=window, collected_at=READ_UNTIL, **ids), window)
    with Views(lake, Selection(SNAPSHOT, parts, series)) as views:
        yield views


def failed(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Offending rows by "dataset.check", of the checks that did not pass."""
    return {f"{row['dataset']}.{row['check_name']}": row["failed_rows"] for row in rows if not row["passed"]}


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIVE_PAST = NOON + timedelta(minutes=5)


@pytest.mark.parametrize("rows_at_most", [pytest.param(1_000, id="row by row"), pytest.param(0, id="by group")])
def test_a_sound_snapshot_passes_every_check(tmp_path: Path, rows_at_most: int) -> None:
    with snapshot(tmp_path, {"CPUUtilization|Average": [0.0, 100.0]}, [NOON, FIVE_PAST]) as views:
        rows = check_datasets(views, EXPECTED, datasets=ALL, rows_at_most=rows_at_most)
    assert failed(rows) == {}
    assert len(rows) == len(CHECKS)
    assert {row["severity"] for row in rows} == {"critical", "warning"}
    raise_if_critical(rows, SNAPSHOT)


BAD_INVENTORY = [
    pytest.param({"inventory": [*GOOD["inventory"], resource()]}, {"inventory.uid_unique": 2}, id="a uid twice"),
    pytest.param(
        {"inventory": [*GOOD["inventory"], resource("arn:x", "AWS::Nope::Thing")]}, {"inventory.type_known": 1}, id="an unknown type"
    ),
    pytest.param(
        {"inventory": [resource(provider="dunno"), GOOD["inventory"][1]]}, {"inventory.provider_known": 1}, id="an unknown provider"
    ),
    pytest.param(
        {"inventory": [resource(account_id="11111111111"), GOOD["inventory"][1]]},
        {"inventory.account_id_is_12_digits": 1},
        id="an account id of 11 digits",
    ),
    pytest.param(
        {"inventory": [resource(account_id="111111111111\n"), GOOD["inventory"][1]]},
        {"inventory.account_id_is_12_digits": 1},
        id="an account id and a line feed",
    ),
    pytest.param({"inventory": [resource(region=""), GOOD["inventory"][1]]}, {"inventory.region_not_empty": 1}, id="no region"),
    pytest.param(
        {"inventory": [resource(storage_bytes=-1), GOOD["inventory"][1]]}, {"inventory.storage_not_negative": 1}, id="negative storage"
    ),
    pytest.param(
        {"inventory": [resource(created_at=READ_UNTIL + timedelta(minutes=16)), GOOD["inventory"][1]]},
        {"inventory.not_created_in_the_future": 1},
        id="made 16 minutes ahead",
    ),
    pytest.param(
        {"inventory": [resource(created_at=READ_UNTIL + timedelta(minutes=14)), resource(VOLUME, EBS, created_at=None)]},
        {},
        id="made 14 minutes ahead or at an unknown time is sound",
    ),
]
BAD_COVERAGE = [
    pytest.param({"coverage": [look(), look(EBS), look()]}, {"coverage.key_unique": 2}, id="looked twice"),
    pytest.param({"coverage": [look(), look(EBS, status="fine")]}, {"coverage.status_known": 1, "coverage.gaps_explained": 1}, id="status"),
    pytest.param({"coverage": [look(), look(EBS, status="denied")]}, {"coverage.gaps_explained": 1}, id="a gap without a reason"),
    pytest.param({"coverage": [look(), look(EBS, status="denied", error_code="AccessDenied")]}, {}, id="a gap with a reason is sound"),
    pytest.param({"coverage": [look()]}, {"coverage.scope_complete": 1}, id="a type in scope without a row"),
]
BAD_RELATIONS = [
    pytest.param({"relations": [relation(), relation()]}, {"relations.key_unique": 2}, id="a relation twice"),
    pytest.param({"relations": [relation(kind="likes")]}, {"relations.kind_known": 1}, id="an unknown kind"),
    pytest.param({"relations": [relation(source="arn:gone")]}, {"relations.source_in_inventory": 1}, id="a source that is not there"),
    pytest.param({"relations": [relation(target="arn:gone")]}, {"relations.target_in_inventory": 1}, id="a target that is not there"),
]


@pytest.mark.parametrize(("bad", "expected"), [*BAD_INVENTORY, *BAD_COVERAGE, *BAD_RELATIONS])
def test_a_bad_row_fails_its_check_and_no_other(tmp_path: Path, bad: dict[str, Any], expected: dict[str, int]) -> None:
    with snapshot(tmp_path, **bad) as views:
        rows = check_datasets(views, EXPECTED, datasets=("inventory", "coverage", "relations"))
    assert failed(rows) == expected


@pytest.mark.parametrize(("bad", "expected"), [*BAD_INVENTORY, *BAD_RELATIONS])
def test_what_fails_row_by_row_fails_by_group(tmp_path: Path, bad: dict[str, Any], expected: dict[str, int]) -> None:
    with snapshot(tmp_path, **bad) as views:
        rows = check_datasets(views, EXPECTED, datasets=("inventory", "relations"), rows_at_most=0)
    assert failed(rows).keys() == expected.keys()


CPU = "CPUUtilization|Average"
BAD_POINTS = [
    pytest.param({CPU: [50.0, -0.5]}, [NOON, FIVE_PAST], {"metrics.values_not_under_floor"}, id="a negative share"),
    pytest.param({CPU: [50.0, 105.5]}, [NOON, FIVE_PAST], {"metrics.percentages_in_range"}, id="105.5 %"),
    pytest.param({CPU: [50.0, 104.0]}, [NOON, FIVE_PAST], set(), id="104 % happens"),
    pytest.param({"CPUUtilization|Sum": [500.0, 500.0]}, [NOON, FIVE_PAST], set(), id="a sum of shares may be 500"),
    pytest.param({"NetworkIn|Average": [5e9, 6e9]}, [NOON, FIVE_PAST], set(), id="bytes have no bound"),
    pytest.param({"ReplicaLag|Average": [-1.0, 2.0]}, [NOON, FIVE_PAST], set(), id="a lag of -1: replication is off"),
    pytest.param({"ReplicaLag|Average": [-2.0, 2.0]}, [NOON, FIVE_PAST], {"metrics.values_not_under_floor"}, id="a lag of -2"),
    pytest.param({CPU: [50.0, float("inf")]}, [NOON, FIVE_PAST], {"metrics.values_finite"}, id="infinity"),
    pytest.param({CPU: [50.0, 51.0]}, [NOON, NOON], {"metrics.no_point_twice"}, id="two points at one instant"),
    pytest.param({CPU: [50.0, 51.0]}, [NOON, READ_UNTIL + timedelta(minutes=20)], {"metrics.not_in_the_future"}, id="a point ahead"),
]


@pytest.mark.parametrize("rows_at_most", [pytest.param(1_000, id="row by row"), pytest.param(-1, id="by group")])
@pytest.mark.parametrize(("points", "at", "expected"), BAD_POINTS)
def test_a_bad_point_fails_its_check_and_no_other(
    tmp_path: Path, points: dict[str, list[float]], at: list[datetime], expected: set[str], rows_at_most: int
) -> None:
    with snapshot(tmp_path, points, at) as views:
        rows = check_datasets(views, EXPECTED, datasets=("metrics",), rows_at_most=rows_at_most)
    assert failed(rows).keys() == expected


def test_points_of_an_unknown_resource_are_a_warning(tmp_path: Path) -> None:
    with snapshot(tmp_path, {CPU: [50.0]}, [NOON], inventory=[resource(VOLUME, EBS)]) as views:
        rows = check_datasets(views, EXPECTED, datasets=("metrics",))
    assert failed(rows) == {"metrics.uid_in_inventory": 1}
    raise_if_critical(rows, SNAPSHOT)


def test_nothing_to_check_passes_and_says_so(tmp_path: Path) -> None:
    with snapshot(tmp_path, inventory=[], relations=[]) as views:
        rows = check_datasets(views, EXPECTED, datasets=("inventory", "relations", "metrics"))
    assert failed(rows) == {}
    assert {row["detail"] for row in rows} == {"no rows"}


def test_a_critical_failure_names_its_rows(tmp_path: Path) -> None:
    """The error says which check, how many rows and which ones; the rows fit the dataset."""
    with snapshot(tmp_path, inventory=[*GOOD["inventory"], resource("arn:x", "AWS::Nope::Thing")]) as views:
        rows = check_datasets(views, EXPECTED, datasets=("inventory",))
    with pytest.raises(DataQualityError) as caught:
        raise_if_critical(rows, SNAPSHOT)
    assert "inventory.type_known: 1 of 3 rows" in str(caught.value)
    assert "arn:x" in str(caught.value)
    bad = next(row for row in rows if row["check_name"] == "type_known")
    assert json.loads(str(bad["sample"])) == [{"type": "AWS::Nope::Thing", "uid": "arn:x", "account_id": ACCOUNT, "region": REGION}]
    part = Lake.open(tmp_path).write(datasets.QUALITY, rows, snapshot_id=SNAPSHOT, part="checks")
    assert part.rows == len(rows) == 8


def test_a_null_uid_is_critical() -> None:
    """The lake refuses a null uid already; the check holds should a file come from elsewhere."""
    row = {"uid": None, "provider": "aws", "account_id": ACCOUNT, "region": REGION, "type": EC2, "storage_bytes": None}
    results = check_frames({"inventory": Frame([row | {"copies": 1, "created_ahead_s": -5.0}], 1)}, EXPECTED)
    assert [result.check.name for result in results if not result.passed] == ["uid_not_null"]
    assert results[0].sample[0]["account_id"] == ACCOUNT


def test_a_check_that_cannot_run_has_failed() -> None:
    results = check_frames({"coverage_scope": Frame([{"account_id": ACCOUNT, "region": REGION, "type": EC2}], 1)}, EXPECTED)
    assert [(result.passed, result.failed_rows) for result in results] == [(False, 1)]
    assert "has_row" in str(results[0].detail)


def test_checks_write_no_file_and_print_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    monkeypatch.setenv("HOME", str(empty))
    with snapshot(tmp_path / "lake") as views:
        check_datasets(views, EXPECTED, datasets=("inventory", "coverage", "relations"))
    assert list(empty.iterdir()) == []
    assert capfd.readouterr() == ("", "")
