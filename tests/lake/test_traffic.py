"""Conversations to traffic, by hand-worked cases.

Queries: traffic_faces, address_key, traffic_streams, traffic_located, traffic_met, traffic_claims, traffic_homes,
traffic_held, midnight, traffic_gaps, traffic_strangers, traffic_ends, traffic_numbers, traffic_whole, traffic_pieces,
traffic_resolved, traffic_sided, traffic_refused, traffic_summed, traffic_told, traffic_days, traffic_hourly,
traffic_totals, traffic_periods, traffic_logged, traffic, traffic_activity, flow_log_coverage, observation.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.addresses import InterfaceHolder, intervals
from cloudmigrate.lake.conversations import aggregate
from cloudmigrate.lake.flow_ahead import FlowObject
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.traffic import write_observation, write_traffic
from cloudmigrate.lake.views import Selection, Views, sql_text
from tests.flow_log_samples import HEADER, Host, conversation, packed, record

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
        addressed: Sequence[str] = (),
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
            watched = write_observation(views, holders, addressed=addressed, part="p")
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


def test_what_a_machine_says_to_itself_is_no_edge(resolve: Resolve) -> None:
    second = replace(WEB, address="10.0.0.9", interface="eni-web-2")  # the same machine's other interface

    found = resolve(
        [*conversation(WEB, second, 5432, at=AT), *conversation(WEB, DB, 5432, at=AT)],
        holders=(WEB.holder(), second.holder(), DB.holder()),
    )

    assert edges(found["traffic"]) == {(WEB.uid, DB.uid, 5432, "ACCEPT", "resolved")}
    assert len(found["traffic_activity"]) == 1


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


def attempt(*, back: int = 0, refused: bool = True) -> list[str]:
    """A request that the client's interface let through and the server's did not, the reply that the client got, if any."""
    at, request, reply = int(AT.timestamp()), (WEB.address, 40_000), (DB.address, 5432)
    lines = [
        record(WEB.interface_id, request, reply, at=at, octets=300, packets=3),
        record(DB.interface_id, request, reply, at=at, octets=240, packets=4, action="REJECT"),
    ]
    answer = [record(WEB.interface_id, reply, request, at=at, octets=back)] if back else []
    return [*lines[: 1 + refused], *answer]


def test_what_the_servers_side_refused_never_arrived(resolve: Resolve) -> None:
    [edge] = resolve(attempt())["traffic"]

    assert (edge["source_uid"], edge["target_uid"], edge["port"], edge["action"]) == (WEB.uid, DB.uid, 5432, "REJECT")
    assert (edge["bytes"], edge["packets"]) == (300, 4)  # the larger of both ends


@pytest.mark.parametrize(
    ("lines", "actions"),
    [
        pytest.param(attempt(refused=False), {"ACCEPT"}, id="nobody-refused"),
        pytest.param(attempt(back=50), {"ACCEPT", "REJECT"}, id="the-client-got-a-reply"),
        pytest.param([*attempt(), *conversation(WEB, DB, 5432, at=AT)[2:]], {"ACCEPT", "REJECT"}, id="the-server-let-others-in"),
    ],
)
def test_what_arrived_stays_accepted(resolve: Resolve, lines: list[str], actions: set[str]) -> None:
    assert {row["action"] for row in resolve(lines)["traffic"]} == actions


def test_sums_of_lies_end_at_a_bound(resolve: Resolve) -> None:
    at, most = int(AT.timestamp()), 10**13
    lines = [record(WEB.interface_id, (WEB.address, 40_000), (DB.address, 5432), at=at, octets=most, packets=most)] * 1000
    other = [record(DB.interface_id, (WEB.address, 40_000), (DB.address, port), at=at, octets=most) for port in (22, 443)]

    got = resolve(lines, lines, other)

    assert {(row["port"], row["bytes"]) for row in got["traffic"]} == {(5432, 2**53 - 1), (22, most), (443, most)}
    assert max(row["packets"] for row in got["traffic"]) == 2**53 - 1


def test_what_one_batch_could_not_tell_another_does(resolve: Resolve) -> None:
    told = [line for port in (50_001, 50_002, 50_003) for line in conversation(WEB, DB, 45_000, at=AT, ephemeral=port)]
    untold = [record(WEB.interface_id, (DB.address, 45_000), (WEB.address, 50_009), at=int(AT.timestamp()), octets=7)]

    [edge] = resolve(told, untold)["traffic"]

    assert (edge["source_uid"], edge["target_uid"], edge["port"], edge["direction"]) == (WEB.uid, DB.uid, 45_000, "listens")
    assert edge["bytes"] == 3 * 6000 + 7


def test_the_most_specific_route_tells_equal_networks_apart(resolve: Resolve) -> None:
    """Two peers have the same addresses; the routes of the recording VPC send half of them to either."""
    other = Host("other", "10.0.0.2", vpc_id="vpc-3")
    members = [(gateway, vpc_id) for gateway, peer in (("pcx-2", "vpc-2"), ("pcx-3", "vpc-3")) for vpc_id in ("vpc-1", peer)]
    lines = conversation(WEB, FAR, 5432, at=AT)[:2]
    holders = [WEB.holder(), FAR.holder(), other.holder()]

    wide_to_2 = resolve(
        lines, holders=holders, members=members, reach=[("vpc-1", "10.0.0.0/16", "pcx-2"), ("vpc-1", "10.0.0.2/32", "pcx-3")]
    )

    assert edges(wide_to_2["traffic"]) == {(WEB.uid, other.uid, 5432, "ACCEPT", "resolved")}


def test_a_route_that_does_not_hold_the_address_leads_nowhere(resolve: Resolve) -> None:
    got = resolve(
        conversation(WEB, FAR, 5432, at=AT)[:2],
        holders=[WEB.holder(), FAR.holder()],
        members=[("tgw-1", "vpc-1"), ("tgw-1", "vpc-2")],
        reach=[("vpc-1", "10.0.1.0/24", "tgw-1")],
    )

    assert edges(got["traffic"]) == {(WEB.uid, "unknown:10.0.0.2", 5432, "ACCEPT", "unknown")}


def test_ipv6_resolves_along_routes_and_into_known_networks(resolve: Resolve) -> None:
    web, far = Host("web", "2001:db8:1::1"), Host("far", "2001:db8:2::2", vpc_id="vpc-2")
    lines = conversation(web, far, 443, at=AT)[:2]
    lines += [record(web.interface_id, ("2001:db8:1::1", 40_000), ("2001:db8:9::7", 443), at=int(AT.timestamp()))]

    got = resolve(
        lines,
        holders=[web.holder(), far.holder()],
        members=[("pcx-2", "vpc-1"), ("pcx-2", "vpc-2")],
        reach=[("vpc-1", "2001:db8:2::/56", "pcx-2")],
        outside=["2001:db8:9::/48", "2001:db8::/32"],
    )

    assert {(row["target_uid"], row["resolution"]) for row in got["traffic"]} == {
        (far.uid, "resolved"),
        ("external:2001:db8:9::/48", "external"),
    }


def test_a_public_address_of_ours_is_ours_from_everywhere(resolve: Resolve) -> None:
    shop = replace(FAR.holder(), public_addresses=("198.51.100.7",))
    lines = [record(WEB.interface_id, (WEB.address, 40_000), ("198.51.100.7", 443), at=int(AT.timestamp()))]

    assert edges(resolve(lines, holders=[WEB.holder(), shop])["traffic"]) == {(WEB.uid, FAR.uid, 443, "ACCEPT", "resolved")}


def test_an_address_that_changed_hands_within_a_day_is_split_by_the_hour(resolve: Resolve) -> None:
    """Ten hours with traffic, in one batch: the new holder was attached at 16:00, so three of ten parts are its own."""
    old, new = Host("old", "10.0.0.9"), Host("new", "10.0.0.9")
    changed = datetime(2025, 11, 23, 16, tzinfo=UTC)
    timeline = [
        (SEEN, [WEB.holder(), old.holder()]),
        (SEEN + timedelta(days=2), [WEB.holder(), new.holder(changed)]),
    ]
    hours = [changed + timedelta(hours=hour, minutes=5) for hour in range(-7, 3)]
    lines = [line for at in hours for line in conversation(WEB, old, 443, at=at)[:2]]

    got = resolve(lines, holders=[WEB.holder(), old.holder(), new.holder()], snapshots=timeline)

    by_target = {row["target_uid"]: (row["bytes"], row["packets"], row["flows"], row["active_hours"]) for row in got["traffic"]}
    assert by_target == {old.uid: (42_000, 140, 14, 7), new.uid: (18_000, 60, 6, 3)}
    seen = {row["target_uid"]: (row["first_seen"], row["last_seen"]) for row in got["traffic"]}
    assert seen[new.uid] == (changed, hours[-1] + timedelta(seconds=60))
    assert seen[old.uid] == (hours[0], changed)


def test_a_single_flow_belongs_to_the_holder_at_its_beginning(resolve: Resolve) -> None:
    old, new = Host("old", "10.0.0.9"), Host("new", "10.0.0.9")
    changed = datetime(2025, 11, 23, 16, 30, tzinfo=UTC)
    timeline = [(SEEN, [WEB.holder(), old.holder()]), (SEEN + timedelta(days=2), [WEB.holder(), new.holder(changed)])]
    before, after = conversation(WEB, old, 80, at=changed - timedelta(minutes=9))[:2], conversation(WEB, new, 443, at=changed)[:2]

    got = resolve(before + after, holders=[WEB.holder(), old.holder(), new.holder()], snapshots=timeline)

    assert {(row["target_uid"], row["port"]) for row in got["traffic"]} == {(old.uid, 80), (new.uid, 443)}


def test_between_two_holders_an_address_is_nobodys(resolve: Resolve) -> None:
    gone = Host("gone", "10.0.0.9")
    timeline = [(SEEN, [WEB.holder(), gone.holder()]), (SEEN + timedelta(hours=4), [WEB.holder()])]
    lines = conversation(WEB, gone, 80, at=AT)[:2] + conversation(WEB, gone, 443, at=SEEN + timedelta(hours=5))[:2]

    got = resolve(lines, holders=[WEB.holder(), gone.holder()], snapshots=timeline)

    assert edges(got["traffic"]) == {
        (WEB.uid, gone.uid, 80, "ACCEPT", "resolved"),
        (WEB.uid, "unknown:10.0.0.9", 443, "ACCEPT", "unknown"),
    }


def test_a_nat_gateway_between_the_ends_does_not_add(resolve: Resolve) -> None:
    """The gateway logs the packet's own ends, as pkt-srcaddr and pkt-dstaddr; the client logged the same."""
    nat = replace(Host("nat", "10.0.0.5").holder(), holder_uid="arn:nat", kind="nat")
    at_client, at_nat = (
        record(eni, (WEB.address, 40_000), ("203.0.113.9", 443), at=int(AT.timestamp()), octets=700)
        for eni in (WEB.interface_id, nat.interface_id)
    )

    [edge] = resolve([at_client, at_nat], holders=[WEB.holder(), nat])["traffic"]

    assert (edge["source_uid"], edge["target_uid"], edge["bytes"]) == (WEB.uid, "external:203.0.113.0/24", 700)


def test_an_interface_between_two_snapshots_is_whose_its_records_say(resolve: Resolve) -> None:
    """A task that came and went: its address is the one in all of its interface's records, the VPC as they say."""
    task, at = ("10.0.0.77", 40_000), int(AT.timestamp())
    own = [record("eni-task", task, (peer, 5432), at=at) + " vpc-1" for peer in (DB.address, WEB.address)]
    lines = [record(DB.interface_id, task, (DB.address, 5432), at=at), f"{HEADER} vpc-id", *own]
    service = "arn:aws:ecs:eu-central-1:111111111111:service/shop/cart"

    got = resolve(lines, owners={"eni-task": service})

    assert edges(got["traffic"]) == {(service, DB.uid, 5432, "ACCEPT", "resolved"), (service, WEB.uid, 5432, "ACCEPT", "resolved")}


def test_of_an_unknown_interface_with_a_single_peer_the_own_address_is_not_told(resolve: Resolve) -> None:
    line = record("eni-task", ("10.0.0.77", 40_000), (DB.address, 5432), at=int(AT.timestamp())) + " vpc-1"

    got = resolve([f"{HEADER} vpc-id", line], owners={"eni-task": "arn:task"})

    assert edges(got["traffic"]) == {("unknown:10.0.0.77", DB.uid, 5432, "ACCEPT", "unknown")}


def test_what_two_flow_logs_captured_counts_once(resolve: Resolve) -> None:
    lines = conversation(WEB, DB, 5432, at=AT)

    twice = resolve(lines, lines, streams={"b0": "of the VPC", "b1": "of the subnet"})
    assert [(row["bytes"], row["flows"]) for row in twice["traffic"]] == [(6000, 2)]
    assert [row["records"] for row in twice["flow_log_coverage"]] == [4, 4]


def test_a_flow_log_that_took_over_from_another_adds(resolve: Resolve) -> None:
    morning = [line for hour in range(5) for line in conversation(WEB, DB, 5432, at=AT + timedelta(hours=hour))]
    evening = [line for hour in range(4, 9) for line in conversation(WEB, DB, 5432, at=AT + timedelta(hours=hour, minutes=30))]

    [edge] = resolve(morning, evening, streams={"b0": "old", "b1": "new"})["traffic"]

    assert edge["bytes"] == 10 * 6000


def test_flow_logs_of_accepted_and_of_rejected_traffic_both_count(resolve: Resolve) -> None:
    at = int(AT.timestamp())
    accepted = [record(DB.interface_id, (WEB.address, 40_000), (DB.address, 5432), at=at)]
    rejected = [record(DB.interface_id, (WEB.address, 40_000), (DB.address, 22), at=at, action="REJECT")]

    got = resolve(accepted, rejected, streams={"b0": "accepted", "b1": "rejected"})

    assert {(row["port"], row["action"], row["bytes"]) for row in got["traffic"]} == {(5432, "ACCEPT", 1000), (22, "REJECT", 1000)}


def test_without_flow_logs_nothing_was_seen_and_nothing_watched(resolve: Resolve) -> None:
    got = resolve()

    assert (got["traffic"], got["traffic_activity"], got["flow_log_coverage"]) == ([], [], [])
    assert {row["uid"]: row["weekly_seen_probability"] for row in got["observation"]} == {WEB.uid: 0.0, DB.uid: 0.0}


def test_days_logged_at_either_end_are_counted_once(resolve: Resolve) -> None:
    midnight = int(datetime(2025, 11, 22, tzinfo=UTC).timestamp())

    def quiet(host: Host, day: int) -> list[str]:
        hours = [midnight + 86_400 * day + 3600 * hour for hour in range(24)]
        return [f"2 1 {host.interface_id} - - - - - - - {begin} {begin + 3599} - NODATA" for begin in hours]

    lines = [*quiet(WEB, 0), *quiet(WEB, 1), *quiet(DB, 1), *quiet(DB, 2), *conversation(WEB, DB, 5432, at=AT)]

    [edge] = resolve(lines)["traffic"]

    assert edge["days_logged"] == 3


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param({"refused_batches": ["b0"]}, id="by-its-flow-log"),
        pytest.param({"refused_interfaces": [WEB.interface_id]}, id="by-its-interface"),
    ],
)
def test_where_only_rejected_traffic_was_logged_no_hour_counts(resolve: Resolve, refused: dict[str, list[str]]) -> None:
    """A day of WEB and, in another batch, of DB, each hour told to be without data: of WEB's that says nothing."""
    midnight = int(datetime(2025, 11, 22, tzinfo=UTC).timestamp())

    def quiet(host: Host) -> list[str]:
        hours = [midnight + 3600 * hour for hour in range(24)]
        return [f"2 1 {host.interface_id} - - - - - - - {begin} {begin + 3599} - NODATA" for begin in hours]

    got = resolve(quiet(WEB), quiet(DB), **refused)

    days = {row["interface_id"]: (row["records"], row["logged_hours"], row["fully_logged"]) for row in got["flow_log_coverage"]}
    assert days == {WEB.interface_id: (24, 0, False), DB.interface_id: (24, 24, True)}
    assert {row["uid"]: row["fully_logged_days"] for row in got["observation"]} == {WEB.uid: 0, DB.uid: 1}


def test_a_resource_with_an_address_and_no_interface_was_not_watched(resolve: Resolve) -> None:
    watched = {row["uid"]: row for row in resolve(conversation(WEB, DB, 5432, at=AT), addressed=["arn:db", WEB.uid])["observation"]}

    assert (watched["arn:db"]["interfaces"], watched["arn:db"]["weekly_seen_probability"]) == (0, 0.0)
    assert (watched[WEB.uid]["interfaces"], watched[WEB.uid]["logged_interfaces"]) == (1, 1)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        pytest.param("10.0.0.255", "40a0000ff", id="ipv4"),
        pytest.param("2001:db8::9", "620010db8000000000000000000000009", id="shortened"),
        pytest.param("::", "6" + 32 * "0", id="all-zero"),
        pytest.param("2001:DB8:1:2:3:4:5:6", "620010db8000100020003000400050006", id="whole"),
        pytest.param("fe80::", "6fe80" + 28 * "0", id="shortened-at-the-end"),
        pytest.param("nonsense", None, id="none"),
    ],
)
def test_address_key(tmp_path: Path, address: str, key: str | None) -> None:
    with Views(Lake.open(str(tmp_path)), Selection(SNAPSHOT, {})) as views:
        views.execute(sql_text("address_key"))
        assert views.execute("select address_key($address)", {"address": address}).fetchone() == (key,)


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
