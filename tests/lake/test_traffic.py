"""Conversations to traffic (traffic_ends, traffic_days, flow_log_coverage, traffic, observation), by hand-worked cases."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.addresses import InterfaceHolder, intervals
from cloudmigrate.lake.conversations import FlowObject, aggregate
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.traffic import write_observation, write_traffic
from cloudmigrate.lake.views import Selection, Views
from tests.flow_log_samples import Host, conversation, packed, record

SNAPSHOT = "20251122T120000Z-3f9a1c"
SEEN = datetime(2025, 11, 22, 12, tzinfo=UTC)
NOW = SEEN + timedelta(hours=1)
AT = datetime(2025, 11, 22, 13, tzinfo=UTC)  # after the snapshot
WEB, DB, FAR = Host("web", "10.0.0.1"), Host("db", "10.0.0.2"), Host("far", "10.0.0.2", vpc_id="vpc-2")
Row = dict[str, Any]
Resolve = Callable[..., dict[str, list[Row]]]


@pytest.fixture
def resolve(tmp_path: Path) -> Resolve:
    """Traffic, activity, coverage and observation of some records, each batch a list of lines."""

    def run(
        *batches: Sequence[str],
        holders: Sequence[InterfaceHolder] = (WEB.holder(), DB.holder()),
        snapshots: Sequence[tuple[datetime, Sequence[InterfaceHolder]]] | None = None,
        reach: Sequence[tuple[str, str, str]] = (),
        outside: Sequence[str] = (),
        **more: Any,
    ) -> dict[str, list[Row]]:
        lake = Lake.open(str(tmp_path / "lake"))
        parts: dict[str, list[str]] = {"conversations": [], "interface_logs": []}
        for number, lines in enumerate(batches):
            item = FlowObject("test", "key", "etag", 1, lambda lines=lines: packed(lines))  # type: ignore[misc]
            got = aggregate(
                lake, [item], account_id="111111111111", region="eu-central-1", batch=f"b{number}", now=NOW + timedelta(days=40)
            )
            for one in got.parts:
                parts[one.dataset].append(one.path)
        timeline = snapshots or [(SEEN, holders)]
        with Views(lake, Selection(SNAPSHOT, {name: tuple(paths) for name, paths in parts.items()})) as views:
            made = write_traffic(views, holders=holders, intervals=intervals(timeline), reach=reach, outside=outside, part="p", **more)
        shown = {name: tuple(paths) for name, paths in parts.items()} | {one.dataset: (one.path,) for one in made}
        with Views(lake, Selection(SNAPSHOT, shown)) as views:
            watched = write_observation(views, holders, part="p")
        with Views(lake, Selection(SNAPSHOT, shown | {"observation": (watched.path,)})) as views:
            return {name: views.rows(name) for name in ("traffic", "traffic_activity", "flow_log_coverage", "observation")}

    return run


def edges(rows: list[Row]) -> set[tuple[Any, ...]]:
    return {(row["source_uid"], row["target_uid"], row["port"], row["action"], row["resolution"]) for row in rows}


def test_both_halves_and_both_ends_are_one_edge_counted_once(resolve: Resolve) -> None:
    [edge] = resolve(conversation(WEB, DB, 5432, at=AT))["traffic"]

    assert (edge["source_uid"], edge["target_uid"], edge["protocol"], edge["port"]) == (WEB.uid, DB.uid, 6, 5432)
    assert (edge["bytes"], edge["packets"], edge["flows"]) == (6000, 20, 2)  # 1000 there and 5000 back; each end logged both
    assert (edge["active_hours"], edge["days_seen"], edge["periodicity"]) == (1, 1, "once")
    assert edge["confidence"] == pytest.approx(0.95)  # a known port, both ends resolved
    assert edge["first_seen"] == AT


def test_an_end_that_logged_less_does_not_add(resolve: Resolve) -> None:
    request_at_client, reply_at_client, request_at_server, _ = conversation(WEB, DB, 5432, at=AT)

    [edge] = resolve([request_at_client, reply_at_client, request_at_server])["traffic"]

    assert edge["bytes"] == 6000


def test_equal_addresses_of_other_vpcs_never_mix(resolve: Resolve) -> None:
    lines = conversation(WEB, DB, 5432, at=AT)[:2]  # logged at the client alone

    assert edges(resolve(lines, holders=[WEB.holder(), FAR.holder()])["traffic"]) == {
        (WEB.uid, "unknown:10.0.0.2", 5432, "ACCEPT", "unknown")
    }


def test_an_address_of_a_peered_vpc_resolves(resolve: Resolve) -> None:
    lines = conversation(WEB, DB, 5432, at=AT)[:2]  # logged at the client alone

    got = resolve(
        lines,
        holders=[WEB.holder(), FAR.holder()],
        reach=[("vpc-1", "10.0.0.0/24", "pcx-1")],
        members=[("pcx-1", "vpc-1"), ("pcx-1", "vpc-2")],
    )

    assert edges(got["traffic"]) == {(WEB.uid, FAR.uid, 5432, "ACCEPT", "resolved")}


@pytest.mark.parametrize(
    ("address", "uid"),
    [
        pytest.param("203.0.113.77", "external:203.0.113.0/24", id="public"),
        pytest.param("192.168.7.9", "external:192.168.0.0/16", id="known-network"),
        pytest.param("172.31.0.9", "unknown:172.31.0.9", id="private"),
        pytest.param("2001:db8:1:2::9", "external:2001:db8:1::/48", id="public-ipv6"),
        pytest.param("fd00::9", "unknown:fd00::9", id="private-ipv6"),
    ],
)
def test_strangers(resolve: Resolve, address: str, uid: str) -> None:
    lines = [record(WEB.interface_id, (WEB.address, 40_000), (address, 443), at=int(AT.timestamp()))]

    [edge] = resolve(lines, outside=["192.168.0.0/16", "192.0.0.0/8"])["traffic"]

    assert (edge["source_uid"], edge["target_uid"]) == (WEB.uid, uid)


def test_time_before_the_first_snapshot_is_assumed_and_less_sure(resolve: Resolve) -> None:
    [edge] = resolve(conversation(WEB, DB, 5432, at=SEEN - timedelta(days=3)), holders=[WEB.holder(SEEN), DB.holder(SEEN)])["traffic"]

    assert (edge["source_uid"], edge["resolution"]) == (WEB.uid, "assumed")
    assert edge["confidence"] == pytest.approx(0.95 * 0.8)


def test_an_address_that_changed_hands_belongs_to_who_held_it_then(resolve: Resolve) -> None:
    old, new = Host("old", "10.0.0.9"), Host("new", "10.0.0.9")
    later = SEEN + timedelta(days=2)
    timeline = [(SEEN, [WEB.holder(), old.holder()]), (later, [WEB.holder(), new.holder(SEEN + timedelta(days=1))])]
    lines = conversation(WEB, old, 443, at=AT)[:2] + conversation(WEB, new, 443, at=later + timedelta(hours=1))[:2]

    got = resolve(lines, holders=[WEB.holder(), old.holder(), new.holder()], snapshots=timeline)

    assert edges(got["traffic"]) == {(WEB.uid, old.uid, 443, "ACCEPT", "resolved"), (WEB.uid, new.uid, 443, "ACCEPT", "resolved")}


def test_rejected_attempts_stay_apart(resolve: Resolve) -> None:
    lines = [record(DB.interface_id, (WEB.address, 40_000), (DB.address, 22), at=int(AT.timestamp()), action="REJECT")]

    assert edges(resolve(lines)["traffic"]) == {(WEB.uid, DB.uid, 22, "REJECT", "resolved")}


def test_what_one_batch_could_not_tell_another_does(resolve: Resolve) -> None:
    told = [line for port in (50_001, 50_002, 50_003) for line in conversation(WEB, DB, 45_000, at=AT, ephemeral=port)]
    untold = [record(WEB.interface_id, (DB.address, 45_000), (WEB.address, 50_009), at=int(AT.timestamp()), octets=7)]

    [edge] = resolve(told, untold)["traffic"]

    assert (edge["source_uid"], edge["target_uid"], edge["port"], edge["direction"]) == (WEB.uid, DB.uid, 45_000, "listens")
    assert edge["bytes"] == 3 * 6000 + 7


@pytest.mark.parametrize(
    ("hours", "word"),
    [
        pytest.param([0], "once", id="one-hour"),
        pytest.param(range(72), "hourly", id="every-hour-a-little"),
        pytest.param([24 * day + 3 for day in range(10)], "daily", id="every-night"),
        pytest.param([0, 7 * 24, 14 * 24], "weekly", id="every-saturday"),
        pytest.param([8 * 24, 39 * 24 + 1], "month_end", id="30-november-and-31-december"),
        pytest.param([0, 3 * 24, 4 * 24, 20 * 24], "irregular", id="now-and-then"),
    ],
)
def test_periodicity(resolve: Resolve, hours: Sequence[int], word: str) -> None:
    start = datetime(2025, 11, 22, tzinfo=UTC)
    lines = [line for hour in hours for line in conversation(WEB, DB, 5432, at=start + timedelta(hours=hour))]

    assert [edge["periodicity"] for edge in resolve(lines)["traffic"]] == [word]


def test_coverage_and_what_the_window_can_have_shown(resolve: Resolve) -> None:
    midnight = int(datetime(2025, 11, 22, tzinfo=UTC).timestamp())
    hours = [(midnight + 3600 * hour, midnight + 3600 * hour + 600) for hour in range(48)]
    every_hour = [f"2 1 {WEB.interface_id} - - - - - - - {begin} {end} - NODATA" for begin, end in hours]
    skipped = f"2 1 {WEB.interface_id} - - - - - - - {midnight + 90_000} {midnight + 90_600} - SKIPDATA"

    got = resolve([*every_hour, skipped, *conversation(WEB, DB, 5432, at=AT)])

    days = {(row["interface_id"], row["day"]): row for row in got["flow_log_coverage"]}
    first, second = days[WEB.interface_id, date(2025, 11, 22)], days[WEB.interface_id, date(2025, 11, 23)]
    assert (first["fully_logged"], first["logged_hours"], first["uid"], first["aggregation_s"]) == (True, 24, WEB.uid, 600)
    assert (second["fully_logged"], second["skipped_hours"]) == (False, 1)
    watched = {row["uid"]: row for row in got["observation"]}
    assert watched[WEB.uid]["fully_logged_days"] == 1
    assert watched[WEB.uid]["weekly_seen_probability"] == pytest.approx(1 / 7)
    assert watched[WEB.uid]["monthly_seen_probability"] == pytest.approx(1 / 30)
    assert watched[WEB.uid]["skipped_share"] == pytest.approx(1 / 49)
    assert (watched[DB.uid]["fully_logged_days"], watched[DB.uid]["weekly_seen_probability"]) == (0, 0.0)
    [edge] = got["traffic"]
    assert edge["days_logged"] == 1
