"""Hostile flow logs: whatever the bytes are, every line is counted once, and the compiled reader tells what the reader of text tells."""

import io
import random
from collections import Counter
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.direction import STRENGTH, DirectionRule
from cloudmigrate.domain.flow_log_format import columns_of_header
from cloudmigrate.lake import conversations, flow_native, flow_sums
from cloudmigrate.lake.flow_blocks import Tally
from cloudmigrate.lake.flow_fields import AHEAD
from cloudmigrate.lake.flow_parquet import parquet_records
from cloudmigrate.lake.flow_sides import sides_of
from cloudmigrate.lake.flow_sums import Sums, Table
from cloudmigrate.lake.flow_text import TextReader
from tests.flow_log_samples import HEADER

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = 1_763_804_000
GOOD = f"2 111111111111 eni-0123456789abcdef0 10.0.0.1 10.0.0.2 40000 443 6 3 100 {START} {START + 60} ACCEPT OK"
PACKET = f"{HEADER} tcp-flags pkt-srcaddr pkt-dstaddr pkt-src-aws-service"
# What stands in place of a field.
BAD = (
    *("-", "", "0", "-1", "255", "256", "443", "65536", "70000", "2147483648", "99999999999999", "999999999999999999", "9" * 30, "0" * 20),
    *(
        "0443",
        "+5",
        "1.5",
        "0x10",
        "1e9",
        "\x00",
        "\x7f",
        "é",
        "²" * 10,
        "٣" * 10,
        "NODATA",
        "SKIPDATA",
        "OK",
        "OKAY",
        "REJECT",
        "ACCEPTED",
    ),
    *("10.0.0.9", "010.0.0.1", "256.1.1.1", "1.2.3", "....", "::", "fd00::1", "eni-", "eni-1", "eni-0123456789ABCDEF0", "\t", "a\rb", '"'),
    *("-999999999999999999", "-9000000000", "86400", "1763890000", "2000000000", "4000000000", "S3", "<script>", "x" * 300),
)
HEADERS = (HEADER, PACKET, " ".join(reversed(HEADER.split())), "start end", "version account-id", HEADER.rpartition(" ")[0], f"{HEADER} ")


def read(data: bytes, code: Any, *, is_parquet: bool = False) -> tuple[Tally, Counter[Any], Counter[Any]]:
    """The tally, what is summed per conversation, and the idle records."""
    tally = Tally()
    summed: list[pa.RecordBatch] = []
    table = Table(code, summed.append) if code else None
    sums = Sums(code, int((NOW + AHEAD).timestamp()), table) if table else None
    reader = TextReader(tally, columns=None, now=NOW, sums=sums)
    found: Counter[Any] = Counter()
    for records in parquet_records(reader, data) if is_parquet else reader.batches(data):
        for row in sides_of(records).to_pylist():
            is_answer = row["dstport"] == -1
            ports = (-1, row["srcport"]) if is_answer else (row["srcport"], row["dstport"])
            ends = (row["dst"], row["src"]) if is_answer else (row["src"], row["dst"])
            key = (row["interface_id"], *ends, *ports, row["protocol"], row["action"] or "ACCEPT")
            for unit in ("bytes", "packets"):
                found[*key, f"to_client_{unit}" if is_answer else f"to_server_{unit}"] += row[unit]
            found[*key, "flows"] += 1
            found[*key, f"rule {row['rule']}"] = 1
    kept = table.end() if table else None
    if kept is not None:
        summed.append(flow_sums.batch_of(kept))
    for batch in summed:
        for row in batch.to_pylist():
            facts, ends = row["facts"], (str(IPv4Address(row["pair"] >> 32)), str(IPv4Address(row["pair"] & 0xFFFFFFFF)))
            ports = ((facts & 131_071) - 1, (facts >> 17 & 131_071) - 1)
            key = (f"eni-0{row['interface']:016x}", *ends, *ports, facts >> 34 & 255, "REJECT" if facts >> 42 & 1 else "ACCEPT")
            for name in ("to_server_bytes", "to_client_bytes", "to_server_packets", "to_client_packets", "flows"):
                found[*key, name] += row[name]
            for rule in (rule for rule in DirectionRule if row["seen"] >> (25 + STRENGTH[rule]) & 1):
                found[*key, f"rule {STRENGTH[rule]}"] = 1
    found = +found  # what is 0 is not there
    conversations._idle_table(reader.idle)
    return tally, found, Counter(str(row) for batch in reader.idle for row in batch.to_pylist())


@pytest.fixture(scope="module")
def kernel() -> Any:
    code = flow_native.native()
    if code is None:
        pytest.skip("numba is not installed")
    return code


@pytest.fixture(autouse=True)
def small_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ROWS": 38, "INDEX": 64, "WAITING": 8, "INTERFACES": 16}.items():
        monkeypatch.setattr(flow_sums, name, value)


def hostile(chance: random.Random) -> bytes:
    """A header, and lines of which half are changed somewhere."""
    header = chance.choice(HEADERS[:3])
    lines = [header.encode()]
    for _ in range(chance.randint(1, 10)):
        if chance.random() < 0.12:
            header = chance.choice(HEADERS)
            lines.append(header.encode())
            continue
        of = dict(zip(HEADER.split(), GOOD.split(), strict=True))
        of |= {"tcp-flags": "2", "pkt-srcaddr": "10.1.0.1", "pkt-dstaddr": "10.1.0.2", "pkt-src-aws-service": "-"}
        words = [of[name] for name in header.split()]
        for _ in range(chance.choice((0, 0, 1, 1, 2))):
            words[chance.randrange(len(words))] = chance.choice(BAD)
        line = bytearray(" ".join(words).encode())
        if chance.random() < 0.1:
            line[chance.randrange(len(line))] = chance.choice([one for one in range(256) if one != 10])
        lines.append(bytes(line))
    return chance.choice((b"\n", b"\n", b"\r\n")).join([*lines, b""])


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_both_readers_tell_the_same_and_lose_no_line(kernel: Any, seed: int) -> None:
    data = hostile(random.Random(seed))

    plain, fast = read(data, None), read(data, kernel)

    lines = [line.rstrip(b"\r").decode("utf-8", "replace") for line in data.split(b"\n") if line.rstrip(b"\r")]
    records = [line for line in lines if not (line[:1].isalpha() and columns_of_header(line))]
    assert plain[0].records + plain[0].broken == len(records)
    assert (fast[0].records, fast[0].broken, fast[0].bytes, fast[0].packets) == (
        *(plain[0].records, plain[0].broken),
        *(plain[0].bytes, plain[0].packets),
    )
    assert fast[1:] == plain[1:]


@pytest.mark.parametrize(
    ("lines", "records", "broken"),
    [
        pytest.param([GOOD, GOOD[:-2] + "-"], 1, 1, id="no-status"),
        pytest.param([GOOD, "start end", f"{START} {START}"], 1, 1, id="header-that-lacks-what-is-needed"),
        pytest.param([GOOD, HEADER.rpartition(" ")[0], HEADER, GOOD], 2, 0, id="header-back-again"),
        pytest.param([f"NODATA eni-1 {'²' * 10}"], 1, 0, id="digits-that-are-no-number"),
        pytest.param([f"2 1 eni-1 - - - - - - - -9000000000 {START} - NODATA"], 1, 0, id="idle-since-before-1970"),
        pytest.param([GOOD.replace(" 100 ", " 999999999999999999 ")] * 20, 0, 20, id="sums-of-lies-overflow"),
        pytest.param([GOOD.replace(" 100 ", " 0x10 "), GOOD], 1, 1, id="hexadecimal"),
        pytest.param([GOOD, GOOD + " \x00"], 1, 1, id="nul"),
        pytest.param([GOOD, GOOD.replace("eni-", "\udcff")], 1, 1, id="no-utf-8"),
        pytest.param([GOOD, GOOD.replace(" 443 ", " 4\r43 ")], 1, 1, id="lone-carriage-return"),
    ],
)
def test_what_once_broke_the_reader_of_text(lines: list[str], records: int, broken: int, capfd: pytest.CaptureFixture[str]) -> None:
    tally, _, _ = read("\n".join((HEADER, *lines, "")).encode("utf-8", "surrogateescape"), None)

    assert (tally.records, tally.broken) == (records, broken)
    assert capfd.readouterr().err == ""


NO_UTF8 = pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0"), pa.py_buffer(b"\xff\xfe\xff\xfe")])


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("column", "values", "records", "broken"),
    [
        pytest.param("srcaddr", NO_UTF8, 0, 0, id="no-utf-8"),
        pytest.param("interface_id", pa.array([b"\xff", b"eni"]), 0, 0, id="binary"),
        pytest.param("interface_id", pa.array([1, 2]), 2, 0, id="numbers-for-names"),
        pytest.param("srcaddr", pa.nulls(2), 0, 2, id="no-type"),
        pytest.param("srcaddr", pa.array([{"a": 1}, {"a": 2}]), 0, 0, id="nested"),
        pytest.param("bytes", pa.array([2**64 - 1, 5], pa.uint64()), 1, 1, id="unsigned"),
        pytest.param("bytes", pa.nulls(2), 0, 2, id="no-numbers"),
        pytest.param("srcport", pa.array([2**32 + 443, 443]), 1, 1, id="port-that-wraps"),
        pytest.param("bytes", pa.array(["100", "-"]), 1, 1, id="numbers-as-text"),
        pytest.param("bytes", pa.array(["100", "password=hunter2"], pa.large_string()), 1, 1, id="text-for-a-number"),
        pytest.param("srcport", pa.array(["443", "+443"]).dictionary_encode(), 1, 1, id="dictionary-of-text-for-numbers"),
        pytest.param("srcport", pa.array([443, None]).dictionary_encode(), 1, 1, id="dictionary-of-numbers"),
        pytest.param("bytes", pa.array(["1", "1" * 19], pa.string_view()), 1, 1, id="number-as-text-that-overflows"),
    ],
)
def test_parquet_of_other_types_costs_a_count_or_a_word(
    request: pytest.FixtureRequest, compiled: bool, column: str, values: pa.Array, records: int, broken: int
) -> None:
    columns = dict(zip((name.replace("-", "_") for name in HEADER.split()), ([word] * 2 for word in GOOD.split()), strict=True))
    numbers = ("srcport", "dstport", "protocol", "packets", "bytes", "start", "end")
    table = {name: pa.array([int(one) for one in of]) if name in numbers else pa.array(of) for name, of in columns.items()}
    file = io.BytesIO()
    pq.write_table(pa.table(table | {column: values}), file)

    tally, _, _ = read(file.getvalue(), request.getfixturevalue("kernel") if compiled else None, is_parquet=True)

    assert (tally.records, tally.broken, bool(tally.details)) == (records, broken, not records + broken)


@pytest.mark.parametrize(
    ("kind", "secret"),
    [
        pytest.param(pa.string(), "postgres://u:planted@db/x", id="value"),
        pytest.param(pa.struct([("password=planted\x1b[31m", pa.string())]), None, id="name"),
    ],
)
def test_what_is_told_of_a_parquet_holds_no_secret_and_no_controls(kind: pa.DataType, secret: str | None) -> None:
    """A value that is no number was quoted as it is, and with it all records of the file were left out."""
    columns = dict(zip((name.replace("-", "_") for name in HEADER.split()), ([word] * 2 for word in GOOD.split()), strict=True))
    file = io.BytesIO()
    pq.write_table(pa.table(columns | {"bytes": pa.array([secret, None], kind)}), file)

    tally, _, _ = read(file.getvalue(), None, is_parquet=True)

    told = " ".join((*tally.details, *tally.sample))
    assert told
    assert told.isprintable()
    assert "planted" not in told


@pytest.mark.parametrize("again", [pytest.param("bytes", id="same"), pytest.param("SrcAddr", id="other-capitals")])
def test_parquet_with_a_column_twice_costs_a_word(kernel: Any, again: str) -> None:
    """It stopped the whole run: no other object was read."""
    columns = dict(zip((name.replace("-", "_") for name in HEADER.split()), ([word] for word in GOOD.split()), strict=True))
    names, file = [*columns, again], io.BytesIO()
    pq.write_table(pa.table([pa.array(one) for one in [*columns.values(), ["7"]]], names), file)

    for code in (None, kernel):
        tally, found, _ = read(file.getvalue(), code, is_parquet=True)

        assert (tally.records, tally.broken, found) == (0, 0, {})
        assert tally.details == [f"its Parquet names {again.lower()} more than once"]


def test_lines_that_begin_with_a_name_are_left_many_at_a_time(kernel: Any) -> None:
    """A record of IPv6 in a format that begins with the interface is no header, at which the compiled code would stop each time."""
    calls = Counter[str]()

    class Counted:
        def __getattr__(self, name: str) -> Any:
            calls[name] += 1
            return getattr(kernel, name)

    header = " ".join(HEADER.split()[2:])
    line = " ".join(GOOD.split()[2:]).replace("10.0.0.1", "fd00::1")
    tally, _, _ = read("\n".join((header, *[line] * 2000, "")).encode(), Counted())

    assert (tally.records, tally.broken) == (2000, 0)
    assert calls["read_lines"] <= 3
