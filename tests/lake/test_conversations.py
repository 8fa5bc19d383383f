"""Flow logs to conversations: third-party records by hand-checked values, hostile input that costs a count, and laws about sums.

conversation_sides, conversation_sums, summed, text_keys, address_names, interface_names, interface_attributes, conversations,
interface_logs.
"""

import gzip
import io
import ipaddress
import random
from collections import Counter
from datetime import UTC, date, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.direction import STRENGTH
from cloudmigrate.lake import conversations, flow_ahead, flow_native, flow_sums, flow_table, settled_rows
from cloudmigrate.lake.conversations import Aggregated, aggregate
from cloudmigrate.lake.flow_ahead import FlowObject
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.settled_rows import settle
from cloudmigrate.lake.traffic_datasets import CONVERSATIONS
from tests import flow_log_samples
from tests.flow_log_samples import ACCOUNT, HEADER, REGION

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = 1_763_804_000  # 2025-11-22T09:33:20Z
Row = dict[str, Any]


def record(src: str, dst: str, *, packets: int = 10, octets: int = 1000, start: int = START, **other: Any) -> str:
    """One v2 record; *src* and *dst* are address/port."""
    (source, srcport), (target, dstport) = src.split("/"), dst.split("/")
    return flow_log_samples.record(
        "eni-1", (source, int(srcport)), (target, int(dstport)), at=start, octets=octets, packets=packets, **other
    )


def read(folder: Path, *texts: str | bytes, batch: str = "b1", now: datetime = NOW, **each: Any) -> tuple[Aggregated, list[Row]]:
    """What a batch of objects with these texts gave, and its conversations in the order of client, server and port."""
    objects = []
    for number, text in enumerate(texts):
        data = text.encode() if isinstance(text, str) else text
        objects.append(FlowObject("test", f"{number}.log.gz", f"etag-{number}", len(data), lambda data=data: data, **each))  # type: ignore[misc]
    lake = Lake.open(str(folder / "lake"))
    got = aggregate(lake, objects, account_id=ACCOUNT, region=REGION, batch=batch, now=now)
    return got, rows_of(lake, got, "conversations")


def rows_of(lake: Lake, got: Aggregated, dataset: str) -> list[Row]:
    paths = [lake.location(part.path) for part in got.parts if part.dataset == dataset]
    rows = [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]
    return sorted(rows, key=lambda row: str(sorted(row.items())))


def brief(rows: list[Row]) -> set[tuple[Any, ...]]:
    return {tuple(row[name] for name in ("client", "server", "port", "direction", "to_server_bytes", "to_client_bytes")) for row in rows}


def lines(*records: str) -> str:
    return "\n".join((HEADER, *records, ""))


# third-party records -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "counts", "expected"),
    [
        pytest.param(
            "V2_RECORDS.log",
            {"records": 5, "accepted": 2, "rejected": 1, "nodata": 1, "skipdata": 1, "broken": 0, "bytes": 4200, "packets": 50},
            {("192.0.2.1", "198.51.100.1", 443, "known", 1680, 840), ("192.0.2.1", "198.51.100.1", 443, "known", 1680, 0)},
            id="v2",
        ),
        pytest.param(
            "V3_FILE.log",
            {"records": 2, "accepted": 2, "broken": 0, "bytes": 8090, "packets": 20},
            {("172.18.160.93", "192.168.0.1", 443, "syn", 0, 6392), ("172.18.160.9", "192.168.0.1", 443, "syn", 1698, 0)},
            id="v3-packet-addresses",
        ),
        pytest.param(
            "V4_FILE.log",
            {"records": 2, "accepted": 2, "broken": 0, "bytes": 8090, "packets": 20},
            {("172.18.160.93", "192.168.0.1", 443, "syn", 0, 6392), ("172.18.160.9", "192.168.0.1", 443, "syn", 1698, 0)},
            id="v4",
        ),
        pytest.param(
            "V5_FILE.log",
            {"records": 2, "accepted": 2, "broken": 1, "bytes": 7910, "packets": 31, "sample": ("bogus line",)},
            # tcp-flags 19 = FIN + SYN + ACK from port 443: the server; 7 = FIN + SYN + RST from the other: the client.
            {("192.0.2.156", "198.51.100.6", 443, "syn", 0, 4895), ("192.0.2.156", "198.51.100.7", 443, "syn", 3015, 0)},
            id="v5-broken-line",
        ),
    ],
)
def test_third_party_records(
    tmp_path: Path, third_party_data: Path, name: str, counts: dict[str, Any], expected: set[tuple[Any, ...]]
) -> None:
    got, rows = read(tmp_path, (third_party_data / "flow-logs" / name).read_bytes())

    assert {key: getattr(got.reports[0], key) for key in counts} == counts
    assert brief(rows) == expected


def test_a_format_without_addresses_says_what_it_lacks(tmp_path: Path, third_party_data: Path) -> None:
    got, rows = read(tmp_path, (third_party_data / "flow-logs" / "V6_FILE.log").read_bytes())

    assert rows == []
    assert got.reports[0].status == "unreadable"
    assert "lacks srcaddr, dstaddr" in str(got.reports[0].detail)


# direction -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param(
            [record("10.0.0.1/40000", "10.0.0.2/5432", octets=100), record("10.0.0.2/5432", "10.0.0.1/40000", octets=900)],
            {("10.0.0.1", "10.0.0.2", 5432, "known", 100, 900)},
            id="two-halves-are-one-row",
        ),
        pytest.param(
            [record("10.0.0.1/40000", "10.0.0.2/12345", octets=7)],
            {("10.0.0.1", "10.0.0.2", 12345, "range", 7, 0)},
            id="only-one-port-is-dynamic",
        ),
        pytest.param(
            [record(f"10.0.0.1/{port}", "10.0.0.2/45000", octets=1) for port in (50000, 50001, 50002)],
            {("10.0.0.1", "10.0.0.2", 45000, "listens", 3, 0)},
            id="a-dynamic-port-that-many-talk-to-listens",
        ),
        pytest.param(
            [record("10.0.0.1/50000", "10.0.0.2/45000", octets=1)],
            {("10.0.0.1", "10.0.0.2", 0, "guess", 1, 0)},
            id="both-dynamic-and-met-once",
        ),
        pytest.param(
            [record("10.0.0.9/0", "10.0.0.2/0", octets=5, protocol=1), record("10.0.0.2/0", "10.0.0.9/0", octets=6, protocol=1)],
            {("10.0.0.2", "10.0.0.9", 0, "guess", 6, 5)},
            id="ping-has-no-server",
        ),
        pytest.param(
            [record("fd00::1/40000", "fd00::2/443", octets=3)],
            {("fd00::1", "fd00::2", 443, "known", 3, 0)},
            id="ipv6",
        ),
    ],
)
def test_direction(tmp_path: Path, records: list[str], expected: set[tuple[Any, ...]]) -> None:
    _, rows = read(tmp_path, lines(*records))

    assert brief(rows) == expected


def test_flags_beat_ports(tmp_path: Path) -> None:
    """A client that happens to use a service's port opens the connection: SYN alone is the client's, SYN with ACK the server's."""
    header = "interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status tcp-flags"
    asked = f"eni-1 10.0.0.1 10.0.0.2 3306 45000 6 1 40 {START} {START + 9} ACCEPT OK 2"
    answered = f"eni-1 10.0.0.2 10.0.0.1 45000 3306 6 1 44 {START} {START + 9} ACCEPT OK 18"

    _, rows = read(tmp_path, "\n".join((header, asked, answered)))

    assert brief(rows) == {("10.0.0.1", "10.0.0.2", 45000, "syn", 40, 44)}


# form ------------------------------------------------------------------------------------------------------------------------


def test_a_header_in_the_middle_may_change_the_order(tmp_path: Path) -> None:
    other = "bytes packets dstport srcport dstaddr srcaddr protocol start end action log-status"
    text = lines(record("10.0.0.1/40000", "10.0.0.2/443"), HEADER, record("10.0.0.3/40000", "10.0.0.2/443"))
    text += f"{other}\n77 1 443 40000 10.0.0.2 10.0.0.4 6 {START} {START} ACCEPT OK\n"

    got, rows = read(tmp_path, text)

    assert (got.reports[0].status, got.reports[0].records, got.reports[0].broken) == ("ok", 3, 0)
    assert {(row["client"], row["to_server_bytes"]) for row in rows} == {("10.0.0.1", 1000), ("10.0.0.3", 1000), ("10.0.0.4", 77)}


def test_a_log_format_tells_the_order_where_no_header_does(tmp_path: Path) -> None:
    columns = ("dstaddr", "srcaddr", "dstport", "srcport", "protocol", "bytes", "packets", "start", "end")
    _, rows = read(tmp_path, f"10.0.0.2 10.0.0.1 443 40000 6 9 1 {START} {START}\n", columns=columns)

    assert brief(rows) == {("10.0.0.1", "10.0.0.2", 443, "known", 9, 0)}


def test_a_stated_order_comes_before_a_guess_and_after_a_header(tmp_path: Path) -> None:
    """Columns of the same kinds in another order look like the default; who states the format knows better, the file's header best."""
    words = HEADER.split()
    swapped = (*words[:3], words[4], words[3], words[6], words[5], *words[7:])  # dstaddr srcaddr dstport srcport
    line = f"2 111111111111 eni-1 10.0.0.2 10.0.0.1 443 40000 6 900 3 {START} {START} ACCEPT OK\n"

    _, stated = read(tmp_path / "stated", line, columns=swapped)
    _, headed = read(tmp_path / "headed", f"{' '.join(swapped)}\n{line}", columns=tuple(HEADER.split()))
    _, guessed = read(tmp_path / "guessed", line)

    assert brief(stated) == brief(headed) == {("10.0.0.1", "10.0.0.2", 443, "known", 3, 0)}
    assert brief(guessed) == {("10.0.0.1", "10.0.0.2", 443, "known", 0, 3)}


def test_version_7_names_the_service_of_a_task(tmp_path: Path) -> None:
    """Fields of versions 7 and 8, which no published sample has: by the User Guide's table, read by hand."""
    header = (
        "interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status vpc-id subnet-id instance-id "
        "ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn ecs-container-instance-id ecs-container-id ecs-second-container-id "
        "ecs-service-name ecs-task-definition-arn ecs-task-arn ecs-task-id reject-reason"
    )
    flow = f"10.0.0.7 10.0.0.2 40000 5432 6 3 180 {START} {START + 9}"
    arns = "arn:aws:ecs:eu-central-1:111111111111"
    of_task = f"{arns}:cluster/shop shop - - c1 - cart {arns}:task-definition/cart:3 {arns}:task/shop/t1 t1"
    text = "\n".join(
        (
            header,
            f"eni-task {flow} ACCEPT OK vpc-1 subnet-1 - {of_task} -",
            f"eni-host {flow} ACCEPT OK vpc-1 subnet-1 i-0a1b - - - - - - - - - - -",
            f"eni-task {flow} REJECT OK vpc-1 subnet-1 - {of_task} BPA",
        )
    )

    got, rows = read(tmp_path, text)

    assert (got.reports[0].status, got.reports[0].records, got.reports[0].rejected) == ("ok", 3, 1)
    assert {(row["interface_id"], row["action"], row["port"], row["to_server_bytes"], row["vpc_id"]) for row in rows} == {
        ("eni-task", "ACCEPT", 5432, 180, "vpc-1"),
        ("eni-host", "ACCEPT", 5432, 180, "vpc-1"),
        ("eni-task", "REJECT", 5432, 180, "vpc-1"),
    }
    logs = rows_of(Lake.open(str(tmp_path / "lake")), got, "interface_logs")
    assert {(row["interface_id"], row["owner_hint"], row["subnet_id"]) for row in logs} == {
        ("eni-task", "ecs:shop/cart", "subnet-1"),
        ("eni-host", "i-0a1b", "subnet-1"),
    }


@pytest.mark.parametrize("bytes_worth_compiling", [0, 1 << 40], ids=["compiled", "plain"])
@pytest.mark.parametrize("absent", [None, "-"], ids=["null", "dash"])
def test_a_field_that_a_record_lacks_is_absent_in_parquet_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absent: str | None, bytes_worth_compiling: int
) -> None:
    """Of four records one has both addresses of the packet, two have one, one has none; the last alone names a service."""
    monkeypatch.setattr(flow_ahead, "WORTH_COMPILING_BYTES", bytes_worth_compiling)
    flow = {"srcaddr": "10.0.0.1", "dstaddr": "10.0.0.2", "srcport": 40_000, "dstport": 443, "protocol": 6, "packets": 1, "bytes": 40}
    flow |= {"start": START, "end": START + 9, "action": "ACCEPT", "log_status": "OK"}
    packets = [("10.9.9.9", "10.8.8.8", "S3"), ("10.9.9.9", absent, absent), (absent, "10.8.8.8", absent), (absent, absent, absent)]
    records = [
        flow | {"interface_id": "eni-0123456789abcdef0", "pkt_srcaddr": source, "pkt_dstaddr": target, "pkt_dst_aws_service": service}
        for source, target, service in packets
    ]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), file)

    got, rows = read(tmp_path, file.getvalue(), is_parquet=True)

    assert (got.reports[0].records, got.reports[0].broken) == (4, 0)
    assert {(row["client"], row["server"], row["aws_service"]) for row in rows} == {
        ("10.9.9.9", "10.8.8.8", "S3"),
        ("10.9.9.9", "10.0.0.2", None),
        ("10.0.0.1", "10.8.8.8", None),
        ("10.0.0.1", "10.0.0.2", None),
    }


def test_transit_gateway_records_lie_at_the_sources_interface(tmp_path: Path) -> None:
    header = (
        "version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-id tgw-dst-vpc-id tgw-src-eni tgw-dst-eni srcaddr dstaddr "
        "srcport dstport protocol packets bytes start end log-status flow-direction packets-lost-no-route tcp-flags"
    )
    line = "6 TransitGateway 111111111111 tgw-1 tgw-attach-1 vpc-1 vpc-2 eni-1 eni-2 10.1.0.1 10.2.0.2 "
    line += f"40000 5432 6 3 180 {START} {START} OK ingress 0 2"

    got, [row] = read(tmp_path, f"{header}\n{line}\n")

    assert got.reports[0].status == "ok"
    assert (row["interface_id"], row["vpc_id"], row["client"], row["server"], row["port"], row["direction"]) == (
        "eni-1",
        "vpc-1",
        "10.1.0.1",
        "10.2.0.2",
        5432,
        "syn",
    )
    assert row["action"] == "ACCEPT"  # this format knows no other


def test_a_day_reread_gives_the_same_answer(tmp_path: Path, third_party_data: Path) -> None:
    texts = [(third_party_data / "flow-logs" / name).read_bytes() for name in ("V2_RECORDS.log", "V3_FILE.log", "V5_FILE.log")]

    first = read(tmp_path / "once", *texts)
    again = read(tmp_path / "again", *texts)

    assert first[1] == again[1]
    assert first[0].reports == again[0].reports
    assert [(part.dataset, part.day, part.rows, part.bytes) for part in first[0].parts] == [
        (part.dataset, part.day, part.rows, part.bytes) for part in again[0].parts
    ]


def test_no_data_in_any_shape_counts_for_its_interface(tmp_path: Path) -> None:
    midnight = 1_763_769_600  # 2025-11-22T00:00:00Z
    got, _ = read(
        tmp_path,
        lines(
            f"2 111111111111 eni-7 - - - - - - - {midnight - 60} {midnight + 60} - NODATA",
            f"2 111111111111 eni-7 {midnight} {midnight + 60} NODATA",  # columns missing
            f"2 111111111111 eni-8 - - - - - - - {START} {START + 600} - SKIPDATA",
        ),
    )

    assert (got.reports[0].nodata, got.reports[0].skipdata, got.reports[0].broken) == (2, 1, 0)
    logs = rows_of(Lake.open(str(tmp_path / "lake")), got, "interface_logs")
    assert {(row["interface_id"], row["day"], row["nodata_records"], row["hours"], row["skipped_hours"]) for row in logs} == {
        ("eni-7", date(2025, 11, 21), 1, 1 << 23, 0),
        ("eni-7", date(2025, 11, 22), 2, 1, 0),
        ("eni-8", date(2025, 11, 22), 0, 0, 1 << 9),
    }


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        pytest.param("x" * 10_000_000, 1, id="ten-megabytes"),
        pytest.param("2 111111111111 eni-1 10.0.0.1 10.0.0.2 x y 6 1 1 1 1 ACCEPT OK", 1, id="no-numbers"),
        pytest.param(record("10.0.0.1/40000", "10.0.0.2/443", start=2_000_000_000), 1, id="from-the-future"),
        pytest.param(record("10.0.0.1/70000", "10.0.0.2/443"), 1, id="no-such-port"),
        pytest.param(record("10.0.0.1/40000", "10.0.0.2/443", octets=-1), 1, id="negative"),
        pytest.param(record("<script>/40000", "10.0.0.2/443"), 1, id="no-address"),
        pytest.param("\x00\x01\x02 \x7f", 1, id="binary"),
        pytest.param("é 2 3", 1, id="not-ascii"),
        pytest.param("", 0, id="empty"),
    ],
)
def test_a_broken_line_costs_a_count(tmp_path: Path, line: str, broken: int) -> None:
    good = record("10.0.0.1/40000", "10.0.0.2/443", octets=5)
    got, rows = read(tmp_path, lines(good, line, good))

    assert (got.reports[0].broken, got.reports[0].records) == (broken, 2)
    assert brief(rows) == {("10.0.0.1", "10.0.0.2", 443, "known", 10, 0)}
    assert all(len(one) <= 200 for one in got.reports[0].sample)


def test_broken_gzip_keeps_what_could_be_read(tmp_path: Path) -> None:
    whole = gzip.compress(lines(record("10.0.0.1/40000", "10.0.0.2/443")).encode())
    many = gzip.compress(lines(*(record(f"10.0.{n >> 8}.{n & 255}/40000", "10.0.0.2/443", octets=n) for n in range(40_000))).encode())

    got, _ = read(tmp_path, whole + whole, many[: len(many) // 2], b"\x1f\x8bnonsense", b"\x00" * 1000)

    first, cut, wrong, empty = got.reports
    assert (first.status, first.records) == ("ok", 2)
    assert (cut.status, cut.detail) == ("partly", "its gzip is cut off")
    assert cut.records > 0
    assert (wrong.status, empty.status) == ("unreadable", "unreadable")


def test_what_reading_an_object_raises_comes_through(tmp_path: Path) -> None:
    def refuse() -> bytes:
        raise PermissionError("no")

    item = FlowObject("test", "a", "e", 1, refuse)
    with pytest.raises(PermissionError):
        aggregate(Lake.open(str(tmp_path)), [item], account_id="1", region="r", batch="b", now=NOW)


# laws ------------------------------------------------------------------------------------------------------------------------

ADDRESSES = st.integers(1, 4).map("10.0.0.{}".format)
RECORDS = st.builds(
    lambda src, dst, srcport, dstport, octets, hour: record(
        f"{src}/{srcport}", f"{dst}/{dstport}", octets=octets, start=START + 3600 * hour
    ),
    ADDRESSES,
    ADDRESSES,
    st.sampled_from([443, 5432, 12345, 40000, 50000]),
    st.sampled_from([443, 5432, 12345, 40000, 50000]),
    st.integers(0, 10**9),
    st.integers(0, 30),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(RECORDS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_sums_hold_in_any_order_and_any_split(tmp_path_factory: pytest.TempPathFactory, records: list[str], chance: Any) -> None:
    expected = Counter(octets=sum(int(one.split()[9]) for one in records), flows=len(records))
    shuffled = list(records)
    chance.shuffle(shuffled)
    half = len(records) // 2
    _, together = read(tmp_path_factory.mktemp("one"), lines(*records))
    _, mixed = read(tmp_path_factory.mktemp("mixed"), lines(*shuffled))
    _, split = read(tmp_path_factory.mktemp("two"), lines(*records[:half]), lines(*records[half:]))

    for rows in (together, mixed, split):
        octets = sum(row["to_server_bytes"] + row["to_client_bytes"] for row in rows)
        assert Counter(octets=octets, flows=sum(row["flows"] for row in rows)) == expected
    assert together == mixed == split


def world(chance: random.Random, further: int) -> list[str]:
    """Records of which the compiled reader takes most, and of all kinds of evidence for a server; of *further* addresses less meets."""
    faces = ["eni-0123456789abcdef0", "eni-0fedcba9876543210", "eni-1"]
    addresses = ["10.0.0.1", "10.0.0.2", "192.168.7.200", "45.0.3.9", "fd00::1", *(f"10.9.0.{one}" for one in range(further))]
    ports = [22, 443, 5432, 12345, 40000, 45000, 50000, 60999]
    return [
        flow_log_samples.record(
            chance.choice(faces),
            (chance.choice(addresses), chance.choice(ports)),
            (chance.choice(addresses), chance.choice(ports)),
            at=START + chance.randrange(0, 200_000),
            octets=chance.randrange(10**6),
            packets=chance.randrange(1, 99),
            action=chance.choice(["ACCEPT", "ACCEPT", "REJECT"]),
            protocol=chance.choice([6, 6, 17, 1]),
        )
        + f" {chance.choice([0, 2, 3, 18, 19, 16])}"
        for _ in range(400)
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("rows", "further"), [(1_250_000, 0), (1_250_000, 40), (100, 0)], ids=["all-meet", "settled", "many-fillings"])
def test_both_readers_give_the_same_conversations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, rows: int, further: int
) -> None:
    if flow_native.native() is None:
        pytest.skip("numba is not installed")
    monkeypatch.setattr(flow_sums, "ROWS", rows)
    monkeypatch.setattr(flow_sums, "WAITING", 32)
    text = "\n".join((f"{HEADER} tcp-flags", *world(random.Random(seed), further), ""))
    answers, settled = [], []

    def remembered(*arguments: Any) -> Any:
        settled.append(len((parted := settle(*arguments))[0]))
        return parted

    monkeypatch.setattr(conversations, "settle", remembered)
    for bytes_worth_compiling in (0, 1 << 40):
        monkeypatch.setattr(flow_ahead, "WORTH_COMPILING_BYTES", bytes_worth_compiling)
        got, talks = read(tmp_path / str(bytes_worth_compiling), text, text)
        answers.append(
            (
                sorted(talks, key=itemgetter(*CONVERSATIONS.keys)),
                rows_of(Lake.open(str(tmp_path / str(bytes_worth_compiling) / "lake")), got, "interface_logs"),
            )
        )

    assert answers[0] == answers[1]
    assert len(answers[0][0]) > 100
    assert [count > 50 for count in settled] == ([further > 0] if rows > 1000 else [])


def test_settled_rows_come_in_order_whatever_their_shares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if flow_native.native() is None:
        pytest.skip("numba is not installed")
    monkeypatch.setattr(flow_ahead, "WORTH_COMPILING_BYTES", 0)
    texts = [
        lines(
            *(
                flow_log_samples.record(
                    f"eni-0{(1 + host % 3) << 40:016x}",
                    (f"10.{host % 7}.0.{host}", 50_000),
                    ("10.9.0.9", 443),
                    at=START + day * 86_400,
                )
                for host in range(200)
            )
        )
        for day in (1, 0)
    ]
    found = []
    for rows in (100_000, 16):
        monkeypatch.setattr(settled_rows, "ROWS_A_BATCH", rows)
        got, _ = read(tmp_path / str(rows), *texts)
        lake = Lake.open(str(tmp_path / str(rows) / "lake"))
        files = [(part.dataset, part.day.day, pq.ParquetFile(lake.location(part.path)).read().to_pylist()) for part in got.parts]
        found.append(files)
    assert found[0] == found[1]
    assert [(name, day, len(rows)) for name, day, rows in found[0]] == [
        ("conversations", 22, 200),
        ("conversations", 23, 200),
        ("interface_logs", 22, 3),
        ("interface_logs", 23, 3),
    ]
    for _, _, talks in found[1][:2]:
        order = [(one["interface_id"], ipaddress.ip_address(one["client"])) for one in talks]
        assert order == sorted(order)
    assert [one["records"] for one in found[1][2][2]] == [67, 67, 66]


def test_the_strengths_that_compiled_code_knows() -> None:
    """Compiled code and queries have them as numbers: the weakest is a guess, the strongest a SYN."""
    assert [str(rule) for rule in sorted(STRENGTH, key=STRENGTH.__getitem__)] == ["syn", "known", "listens", "range", "guess"]
    assert flow_sums.SUMMED_AT_MOST + flow_sums.WAITING * flow_table.LARGEST < 2**63
    assert flow_sums.ROWS < flow_sums.INDEX <= 1 << int(flow_table.ROW_BITS)
