"""Every dataset is a view over exactly the selected parts, and people's SQL can read it and nothing else."""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cloudmigrate.errors.inputs import QueryError
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.datasets import DATASETS, RELATIONS
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.series import Window, select_series, write_series
from cloudmigrate.lake.storage import S3Access
from cloudmigrate.lake.views import Selection, Views
from cloudmigrate.simulate.emulator import Emulator

SNAPSHOT = "20261122T203000Z-3f9a1c"
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
PROMISED = {  # the columns that scripts rely on
    "inventory": "snapshot, uid, provider, account_id, region, type, name, state, tags, spec,"
    " stateful, storage_bytes, private_ips, created_at",
    "coverage": "snapshot, account_id, region, service, type, status, error_code, missing_action, detail, resources",
    "relations": "snapshot, source_uid, target_uid, kind",
    "metrics": "snapshot, uid, metric, stat, observed_at, value",
    "utilisation": "snapshot, uid, metric, samples, coverage_share, mean, p50, p95, p99, p995, max, idle_share",
    "waves": "snapshot, plan_id, uid, move_group, wave",
}
INSTANCE: dict[str, object] = {
    "uid": "arn:aws:ec2:eu-central-1:111111111111:instance/i-1",
    "provider": "aws",
    "account_id": "111111111111",
    "region": "eu-central-1",
    "type": "AWS::EC2::Instance",
    "name": "web '1'",
    "state": "running",
    "tags": {"team": "a"},
    "spec": {"InstanceType": "m5.large", "Nested": {"deep": [1, None]}},
    "stateful": False,
    "storage_bytes": 2**53 + 1,
    "private_ips": ["10.0.0.1"],
    "created_at": MIDNIGHT,
}


def fill(lake: Lake, *, plans: Mapping[str, int] | None = None) -> Selection:
    """One instance, one relation, its metrics for two hours, and waves of each plan."""
    parts = {
        "inventory": (lake.write("inventory", [INSTANCE], snapshot_id=SNAPSHOT, part="p").path,),
        "relations": (lake.write("relations", [{"source_uid": "a", "target_uid": "b", "kind": "k"}], snapshot_id=SNAPSHOT, part="p").path,),
    }
    waves = [
        lake.write(
            "waves", [{"plan_id": plan, "uid": "u", "move_group": "g", "wave": wave, "retires": False}], snapshot_id=SNAPSHOT, part=plan
        ).path
        for plan, wave in (plans or {}).items()
    ]
    window = Window(MIDNIGHT, MIDNIGHT + timedelta(hours=2))
    series = write_series(
        lake,
        {
            "uid": [INSTANCE["uid"]] * 2,
            "observed_at": [MIDNIGHT, MIDNIGHT + timedelta(hours=1)],
            "CPUUtilization|Average": [12.5, None],
            "CPUUtilization|Maximum": [50.0, None],
            "it's 100%|Sum": [None, 7.0],
        },
        account_id="111111111111",
        region="eu-central-1",
        type="AWS::EC2::Instance",
        period_s=3600,
        run=window,
        collected_at=window.end,
        part="r1",
    )
    return Selection(SNAPSHOT, {**parts, "waves": tuple(waves)}, select_series(series, window))


@pytest.fixture(scope="module")
def s3_lake(emulator: Emulator) -> Lake:
    import boto3

    access = S3Access(
        region="us-west-2", access_key="emulator", secret_key="sesame", session_token="token-sesame", endpoint_url=emulator.url
    )
    client = boto3.client("s3", endpoint_url=emulator.url, region_name="us-west-2", aws_access_key_id="emulator", aws_secret_access_key="x")
    client.create_bucket(Bucket="lake-views", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    client.put_object(Bucket="lake-views", Key="other.csv", Body=b"a,b\n1,2\n")
    return Lake.open("s3://lake-views/a pre'fix% ü/[x]*?", s3=access)


@pytest.fixture(params=["local", "s3"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    """A lake of each kind under a root that is hard on quoting and patterns; the one in S3 has a prefix of its own each time."""
    if request.param == "local":
        return Lake.open(tmp_path / "a pre'fix% ü [x]*?")
    shared: Lake = request.getfixturevalue("s3_lake")
    return Lake.open(f"{shared.root}/{tmp_path.name}", s3=shared.s3)


@pytest.fixture
def views(tmp_path: Path) -> Iterator[Views]:
    lake = Lake.open(tmp_path / "lake")
    with Views(lake, fill(lake)) as opened:
        yield opened


def test_rows_of_every_kind_come_ready_for_json(lake: Lake) -> None:
    with Views(lake, fill(lake)) as views:
        assert views.query("from inventory").rows == [{"snapshot": SNAPSHOT, **INSTANCE, "created_at": "2026-11-20T00:00:00Z"}]
        assert views.query("select spec->>'InstanceType' as size, tags['team'] as team from inventory").rows == [
            {"size": "m5.large", "team": "a"}
        ]
        assert views.query("select source_uid from relations").rows == [{"source_uid": "a"}]


def test_metrics_are_long_and_hold_no_nulls(lake: Lake) -> None:
    with Views(lake, fill(lake)) as views:
        found = views.query("select * from metrics order by metric, stat")
    uid = INSTANCE["uid"]
    assert found.columns == ("snapshot", "uid", "metric", "stat", "observed_at", "value")
    assert [tuple(row.values()) for row in found.rows] == [
        (SNAPSHOT, uid, "CPUUtilization", "Average", "2026-11-20T00:00:00Z", 12.5),
        (SNAPSHOT, uid, "CPUUtilization", "Maximum", "2026-11-20T00:00:00Z", 50.0),
        (SNAPSHOT, uid, "it's 100%", "Sum", "2026-11-20T01:00:00Z", 7.0),
    ]


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda one: one.name)
def test_a_dataset_without_parts_is_an_empty_view_with_its_columns(tmp_path: Path, dataset: Any) -> None:
    with Views(Lake.open(tmp_path), Selection(SNAPSHOT, {})) as views:
        found = views.query(f"select {', '.join(dataset.schema.names)} from {dataset.name}")
        assert found.rows == []
        described = views.query(f"describe {dataset.name}").rows
    assert [row["column_name"] for row in described] == ["snapshot", *dataset.schema.names]


def test_an_empty_view_has_the_types_of_a_full_one(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    for selection in (Selection(SNAPSHOT, {}), fill(lake)):
        with Views(lake, selection) as views:
            for name in ("inventory", "relations", "metrics", "waves"):
                types = [row["column_type"] for row in views.query(f"describe {name}").rows]
                with Views(lake, Selection(SNAPSHOT, {})) as empty:
                    assert types == [row["column_type"] for row in empty.query(f"describe {name}").rows]


@pytest.mark.parametrize("dataset", PROMISED)
def test_promised_columns_can_be_selected_unquoted(views: Views, dataset: str) -> None:
    assert views.query(f"select {PROMISED[dataset]} from {dataset}").columns == tuple(PROMISED[dataset].replace(" ", "").split(","))


def test_only_the_selected_parts_are_read(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    selection = fill(lake)
    lake.write("relations", [{"source_uid": "x", "target_uid": "y", "kind": "k"}], snapshot_id=SNAPSHOT, part="not-committed")
    with Views(lake, selection) as views:
        assert views.query("select count(*) as n from relations").rows == [{"n": 1}]


@pytest.mark.parametrize(("plan_id", "expected"), [("p1", [1]), ("p2", [2]), (None, [1, 2])])
def test_waves_are_those_of_the_chosen_plan(tmp_path: Path, plan_id: str | None, expected: list[int]) -> None:
    lake = Lake.open(tmp_path)
    filled = fill(lake, plans={"p1": 1, "p2": 2})
    with Views(lake, Selection(SNAPSHOT, filled.parts, plan_id=plan_id)) as views:
        assert [row["wave"] for row in views.query("select wave from waves order by wave").rows] == expected


def test_a_column_added_since_is_null_in_older_parts(tmp_path: Path) -> None:
    older = pa.table({"source_uid": ["a"], "target_uid": ["b"]})
    path = f"relations/snapshot={SNAPSHOT}/p.parquet"
    (tmp_path / path).parent.mkdir(parents=True)
    pq.write_table(older, tmp_path / path)
    with Views(Lake.open(tmp_path), Selection(SNAPSHOT, {"relations": (path,)})) as views:
        assert views.query("from relations").rows == [{"snapshot": SNAPSHOT, "source_uid": "a", "target_uid": "b", "kind": None}]


def test_a_part_that_is_gone_is_the_lakes_error(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    selection = fill(lake)
    (tmp_path / selection.parts["relations"][0]).unlink()
    with pytest.raises(LakeError, match=r"read .*relations"):
        Views(lake, selection)


def test_a_part_that_goes_later_is_the_lakes_error(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    selection = fill(lake)
    with Views(lake, selection) as views:
        (tmp_path / selection.parts["relations"][0]).unlink()
        with pytest.raises(LakeError, match=r"Next: check that the lake's files are still there"):
            views.query("from relations")


def test_a_part_that_is_cut_short_is_the_lakes_error(tmp_path: Path) -> None:
    lake = Lake.open(tmp_path)
    selection = fill(lake)
    file = tmp_path / selection.parts["relations"][0]
    file.write_bytes(file.read_bytes()[:40])
    with pytest.raises(LakeError, match="read"):
        Views(lake, selection)


@pytest.mark.parametrize(
    "sql",
    [
        "select 1 as one",
        "from inventory",
        "with a as (select 1) select * from a",
        "values (1)",
        "explain select 1",
        "describe inventory",
        "show tables",
        "summarize relations",
        "select 1;",
        "-- comment\nselect 1",
        "pivot relations on kind in ('k') using count(*)",
    ],
)
def test_reading_statements_are_taken(views: Views, sql: str) -> None:
    assert views.query(sql).columns


@pytest.mark.parametrize(
    "sql",
    [
        "copy (select 1) to '/tmp/cloudmigrate-copied.csv'",
        "copy inventory to '{lake}/stolen.parquet'",
        "export database '/tmp/cloudmigrate-exported'",
        "create table t as select 1",
        "create view inventory2 as select 1",
        "insert into relations values ('s', 'a', 'b', 'c')",
        "drop view inventory",
        "attach '/tmp/cloudmigrate-attached.db'",
        "install httpfs",
        "load httpfs",
        "set threads = 1",
        "set enable_external_access = true",
        "reset lock_configuration",
        "pragma enable_profiling",
        "call pragma_version()",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from glob('/etc/*')",
        "select * from read_parquet('{lake}/**/*.parquet')",
        "select * from read_text('http://127.0.0.1:9/')",
        "explain analyze copy (select 1) to '/tmp/cloudmigrate-copied.csv'",
        "select 1; drop view inventory",
        "select 1; select 2",
        "",
        ";",
        "not sql at all",
        "select * from no_such_table",
        "select $1",
        "select getenv('HOME')",
        "select * from SNAPSHOT",
    ],
)
def test_everything_else_is_refused(views: Views, sql: str) -> None:
    with pytest.raises(QueryError):
        views.query(sql.replace("{lake}", views.lake.root))
    assert views.query("select count(*) as n from inventory").rows == [{"n": 1}]
    assert not Path("/tmp/cloudmigrate-copied.csv").exists()


def test_python_variables_are_no_tables(views: Views) -> None:
    secret_table = pa.table({"a": [1]})
    with pytest.raises(QueryError, match="secret_table"):
        views.query("from secret_table")
    assert secret_table.num_rows == 1


def test_a_query_cannot_see_the_lakes_secret_or_the_rest_of_the_bucket(s3_lake: Lake) -> None:
    with Views(s3_lake, Selection(SNAPSHOT, {})) as views:
        told = str(views.query("select * from duckdb_secrets()").rows) + str(views.query("select * from duckdb_settings()").rows)
        assert "sesame" not in told
        for sql in ("from duckdb_secrets(redact = false)", "from read_csv('s3://lake-views/other.csv')", "from glob('s3://lake-views/*')"):
            with pytest.raises(QueryError):
                views.query(sql)


def test_the_message_is_duckdbs_own_with_where_to_look_up_names(views: Views) -> None:
    with pytest.raises(QueryError, match=r'(?s)column "nmae" not found.*Next: .*show tables'):
        views.query("select nmae from inventory")


def test_columns_of_one_name_are_all_kept(views: Views) -> None:
    found = views.query("select a.source_uid, b.source_uid from relations as a cross join relations as b")
    assert found.columns == ("source_uid", "source_uid_1")
    assert found.rows == [{"source_uid": "a", "source_uid_1": "a"}]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("null", None),
        ("1.5", 1.5),
        ("cast(2 as decimal(18, 0))", 2),
        ("170141183460469231731687303715884105727::hugeint", 170141183460469231731687303715884105727),
        ("sum(x) from range(3) as t(x)", 3),
        ("'nan'::double", None),
        ("'-inf'::float", None),
        ("[1.0, 'nan'::double]", [1.0, None]),
        ("'\\xAA\\x00'::blob", "aa00"),
        ("date '2026-11-22'", "2026-11-22"),
        ("timestamptz '2026-11-22 01:00:00+02'", "2026-11-21T23:00:00Z"),
        ("timestamp '2026-11-22 01:00:00.5'", "2026-11-22T01:00:00.500000Z"),
        ("interval 90 second", 90.0),
        ("map {'a': {'b': [date '2026-01-01']}}", {"a": {"b": ["2026-01-01"]}}),
        ("map {1: true}", {"1": True}),
        ("'{\"a\": [1, null]}'::json", {"a": [1, None]}),
        ("uuid '11111111-1111-1111-1111-111111111111'", "11111111-1111-1111-1111-111111111111"),
    ],
)
def test_values_are_ready_for_json(views: Views, expression: str, expected: object) -> None:
    (row,) = views.query(f"select {expression.replace(' from', ' as v from', 1) if ' from' in expression else expression + ' as v'}").rows
    assert row == {"v": expected}
    assert type(row["v"]) is type(expected)


def test_our_own_queries_get_python_values(views: Views) -> None:
    rows = views.execute("select created_at, spec from inventory").fetchall()
    assert rows[0][0].tzinfo is not None
    views.register("numbers", [{"n": 1}, {"n": 2}])
    assert views.query("select sum(n)::int as n from numbers").rows == [{"n": 3}]
    views.register("nothing", [], pa.schema([("n", pa.int64())]))
    assert views.query("from nothing").rows == []


def test_a_statement_becomes_a_part(views: Views, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "select kind || $suffix as kind, target_uid, source_uid from relations"
    monkeypatch.setattr("cloudmigrate.lake.views.sql_text", lambda name: {"more": sql}[name])
    part = views.write("more", RELATIONS, part="p2", suffix="!")
    assert (part.dataset, part.path, part.rows) == ("relations", f"relations/snapshot={SNAPSHOT}/p2.parquet", 1)
    assert pq.read_table(views.lake.location(part.path), partitioning=None).to_pylist() == [
        {"source_uid": "a", "target_uid": "b", "kind": "k!"}
    ]


def test_an_unknown_sql_file_is_named(views: Views) -> None:
    with pytest.raises(LakeError, match="no_such_file"):
        views.run("no_such_file")


def test_little_memory_spills_to_disk_and_is_cleaned_up(tmp_path: Path) -> None:
    with Views(
        Lake.open(tmp_path / "lake"), Selection(SNAPSHOT, {}), memory_limit="60MB", threads=2, temp_directory=str(tmp_path)
    ) as views:
        sql = "select count(*) as n from (select x, hash(x) as h, hash(x + 1) as g from range(3000000) as t(x) order by h)"
        assert views.query(sql.replace("select count(*) as n", "select count(*) as n, max(h) > 0 as some")).rows[0]["n"] == 3_000_000
        spilled = views.query(
            "select (hash(x) % 2000000)::varchar as k, max(x) as m from range(3000000) as t(x) group by k order by k limit 1"
        )
        assert math.isfinite(float(str(spilled.rows[0]["m"])))
    assert list(tmp_path.glob("cloudmigrate-views-*")) == []
