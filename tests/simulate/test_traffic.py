"""The demo's flow log records follow from its tables: who logs what, when, and what must be read back; worked out on small networks."""

import gzip
import io
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from cloudmigrate.domain.flow_log_format import DEFAULT_COLUMNS, columns_of_header
from cloudmigrate.simulate.delivery import event_calls, lines, parquet_file, text_file
from cloudmigrate.simulate.estate import PLACES
from cloudmigrate.simulate.estate.flow_logs import FLOW_LOGS, TELLING, Delivery, FlowLog
from cloudmigrate.simulate.estate.interfaces import IN_PLACE
from cloudmigrate.simulate.estate.traffic import BROKEN, SKIPPED, STRANGERS, TALKS, Rhythm, Skipped, Talk
from cloudmigrate.simulate.things import Thing
from cloudmigrate.simulate.traffic import Interface, Network, Records, Traffic, grouped, stretches, window_of

NOW = datetime(2026, 11, 27, 22, 41, tzinfo=UTC)  # a Friday
FIRST = datetime(2026, 11, 13, tzinfo=UTC)
HOURS = 14 * 24 + 22  # whole ones in the window
APP, DB, NAT = (
    Interface(f"eni-{key}", address, key, "vpc-1", "subnet-1", f"i-{key}" if key != "nat" else "", "111111111111")
    for key, address in (("app", "10.0.0.10"), ("db", "10.0.0.20"), ("nat", "10.0.0.30"))
)


def network(*interfaces: Interface, without: Interface | None = None) -> Network:
    """A network whose interfaces are all logged, but for one."""
    first_s, _ = window_of(NOW)
    return Network(grouped(interfaces), {one.id: first_s for one in interfaces if one is not without})


def made(held: Network, *talks: Talk, skipped: tuple[Skipped, ...] = (), seed: int = 7) -> tuple[list[Records], Traffic]:
    traffic = Traffic(held, NOW, seed, talks=talks, skipped=skipped)
    return list(traffic.records()), traffic


def counted(records: list[Records]) -> Counter[tuple[str, str]]:
    """Records by interface and log status."""
    return Counter(
        {
            key: sum(len(one.start_s) for one in records if (one.interface_id, one.fields["log-status"]) == key)
            for key in {(one.interface_id, str(one.fields["log-status"])) for one in records}
        }
    )


def test_the_window_is_whole_days_and_ends_with_the_last_full_hour() -> None:
    assert window_of(NOW) == (int(FIRST.timestamp()), int(datetime(2026, 11, 27, 22, tzinfo=UTC).timestamp()))


class TestRecords:
    def test_both_ends_log_both_halves_of_each_conversation(self) -> None:
        records, traffic = made(network(APP, DB), Talk("app", "db", 5432, Rhythm.HOURLY))

        assert counted(records) == {("eni-app", "OK"): 2 * HOURS, ("eni-db", "OK"): 2 * HOURS}
        (seen,) = traffic.expected()
        assert (seen.client, seen.server, seen.port, seen.protocol, seen.action, seen.periodicity) == (
            "app",
            "db",
            5432,
            6,
            "ACCEPT",
            "hourly",
        )
        at_db = [one for one in records if one.interface_id == "eni-db"]
        assert seen.bytes == sum(int(np.sum(one.fields["bytes"])) for one in at_db)

    def test_an_interface_without_traffic_says_so_hour_by_hour(self) -> None:
        records, _ = made(network(APP, DB, NAT), Talk("app", "db", 5432, Rhythm.DAILY, at_hour=2))

        # Fifteen nights, the first and the last day's included; three conversations each.
        assert counted(records) == {
            ("eni-app", "OK"): 2 * 3 * 15,
            ("eni-db", "OK"): 2 * 3 * 15,
            ("eni-app", "NODATA"): HOURS - 15,
            ("eni-db", "NODATA"): HOURS - 15,
            ("eni-nat", "NODATA"): HOURS,
        }

    def test_an_unlogged_interface_says_nothing_and_the_other_end_tells(self) -> None:
        records, traffic = made(network(APP, DB, without=APP), Talk("app", "db", 5432, Rhythm.HOURLY))

        assert {one.interface_id for one in records} == {"eni-db"}
        assert len(traffic.expected()) == 1

    def test_lost_records_are_told_instead_of_the_records(self) -> None:
        records, traffic = made(network(APP, DB), Talk("app", "db", 5432, Rhythm.HOURLY), skipped=(Skipped("app", 4, (9, 12)),))

        assert counted(records) == {
            ("eni-app", "OK"): 2 * (HOURS - 4),
            ("eni-db", "OK"): 2 * HOURS,
            ("eni-app", "SKIPDATA"): 4,
        }
        (lost,) = [one for one in records if one.fields["log-status"] == "SKIPDATA"]
        assert [datetime.fromtimestamp(one, UTC) for one in lost.start_s.tolist()] == [
            datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (9, 10, 11, 12)
        ]
        whole = sum(int(np.sum(one.fields["bytes"])) for one in records if one.interface_id == "eni-db" and "bytes" in one.fields)
        assert traffic.expected()[0].bytes == whole  # the other end logged them

    def test_a_rejected_attempt_has_no_reply(self) -> None:
        records, traffic = made(network(APP), Talk("scanners", "app", 22, Rhythm.HOURLY, rejected=True))

        attempts = [one for one in records if one.fields["log-status"] == "OK"]
        assert {(one.fields["action"], one.fields["dstaddr"], one.fields["tcp-flags"]) for one in attempts} == {("REJECT", "10.0.0.10", 2)}
        assert [(one.client, one.action) for one in traffic.expected()] == [("external:198.18.7.0/24", "REJECT")]

    def test_a_nat_gateway_logs_both_legs_and_what_lies_behind(self) -> None:
        records, traffic = made(network(APP, NAT), Talk("app", "payments", 443, Rhythm.HOURLY, through="nat"))

        names = ("srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr", "flow-direction")
        legs = [tuple(one.fields[name] for name in names) for one in records if one.interface_id == "eni-nat"]
        assert legs == [
            ("10.0.0.10", "10.0.0.30", "10.0.0.10", "192.0.2.10", "ingress"),
            ("10.0.0.30", "10.0.0.10", "192.0.2.10", "10.0.0.10", "egress"),
            ("10.0.0.30", "192.0.2.10", "10.0.0.30", "192.0.2.10", "egress"),
            ("192.0.2.10", "10.0.0.30", "192.0.2.10", "10.0.0.30", "ingress"),
        ]
        assert [(one.client, one.server) for one in traffic.expected()] == [
            ("app", "external:192.0.2.0/24"),
            ("nat", "external:192.0.2.0/24"),
        ]

    def test_an_aws_service_is_named_at_its_address(self) -> None:
        records, _ = made(network(APP), Talk("app", "s3", 443, Rhythm.HOURLY))

        names = ("pkt-src-aws-service", "pkt-dst-aws-service")
        assert [tuple(one.fields[name] for name in names) for one in records if one.fields["log-status"] == "OK"] == [
            ("-", "S3"),
            ("S3", "-"),
        ]

    def test_an_address_that_nobody_has_any_more_is_unknown(self) -> None:
        held = Network({"app": [APP]}, {"eni-app": window_of(NOW)[0]}, {"gone": "10.0.0.99"})
        _, traffic = made(held, Talk("gone", "app", 80, Rhythm.HOURLY))

        assert [one.client for one in traffic.expected()] == ["unknown:10.0.0.99"]

    def test_the_same_seed_gives_the_same(self) -> None:
        talk = Talk("app", "db", 5432, Rhythm.CONTINUOUS)
        once, again, other = (made(network(APP, DB), talk, seed=seed)[1] for seed in (7, 7, 8))
        assert once.expected() == again.expected()
        assert once.expected() != other.expected()


DAYS = [FIRST + timedelta(days=number) for number in range(15)]


class TestRhythm:
    @pytest.mark.parametrize(
        ("talk", "days", "periodicity"),
        [
            pytest.param(Talk("app", "db", 1, Rhythm.DAILY, at_hour=2), DAYS, "daily", id="every-day"),
            pytest.param(Talk("app", "db", 1, Rhythm.DAILY, at_hour=23), DAYS[:-1], "daily", id="not-yet-today"),
            pytest.param(Talk("app", "db", 1, Rhythm.DAILY, until_days_ago=6), DAYS[:9], "daily", id="stopped-six-days-ago"),
            pytest.param(Talk("app", "db", 1, Rhythm.WEEKLY, weekday=6), [DAYS[2], DAYS[9]], "weekly", id="sundays"),
            pytest.param(Talk("app", "db", 1, Rhythm.ONCE), [DAYS[9]], "once", id="five-days-ago"),
        ],
    )
    def test_days(self, talk: Talk, days: list[datetime], periodicity: str) -> None:
        records, traffic = made(network(DB, APP, without=DB), talk)

        starts = {int(at) for one in records if one.fields["log-status"] == "OK" for at in one.start_s}
        assert sorted({datetime.fromtimestamp(at, UTC).replace(hour=0, minute=0, second=0) for at in starts}) == days
        assert {datetime.fromtimestamp(at, UTC).hour for at in starts} == {talk.at_hour}
        assert [one.periodicity for one in traffic.expected()] == [periodicity]

    def test_a_month_without_its_end_in_the_window_shows_nothing(self) -> None:
        _, traffic = made(network(APP, DB), Talk("app", "db", 1, Rhythm.MONTH_END))
        assert traffic.expected() == ()

    def test_a_months_end_in_the_window_is_seen_once(self) -> None:
        traffic = Traffic(network(APP, DB), NOW + timedelta(days=7), 7, talks=(Talk("app", "db", 1, Rhythm.MONTH_END),), skipped=())
        list(traffic.records())
        assert [one.periodicity for one in traffic.expected()] == ["once"]

    def test_no_record_spans_two_hours(self) -> None:
        records, _ = made(network(APP, DB), *(Talk("app", "db", 1 + number, rhythm) for number, rhythm in enumerate(Rhythm)))
        assert all((one.start_s // 3600 == np.asarray(one.fields["end"]) // 3600).all() for one in records)


ONE = Records(
    "eni-1",
    {"interface-id": "eni-1", "srcaddr": "10.0.0.1", "bytes": np.array([40, 50]), "start": np.array([100, 90_000]), "log-status": "OK"},
)
SILENT = Records("eni-1", {"interface-id": "eni-1", "start": np.array([7200]), "log-status": "NODATA"})
COLUMNS = ("interface-id", "srcaddr", "bytes", "start", "log-status")


def flow_log(delivery: Delivery) -> FlowLog:
    return FlowLog("log", "vpc", "111111111111", "eu-central-1", delivery, "somewhere", COLUMNS)


class TestDelivery:
    def test_a_record_is_a_line_in_the_order_of_its_columns(self) -> None:
        assert lines(COLUMNS, ONE) == ["eni-1 10.0.0.1 40 100 OK", "eni-1 10.0.0.1 50 90000 OK"]
        assert lines(COLUMNS, SILENT) == ["eni-1 - - 7200 NODATA"]

    def test_text_lies_where_aws_puts_it_under_its_header(self) -> None:
        file = text_file(flow_log(Delivery.TEXT), "fl-1", int(FIRST.timestamp()), lines(COLUMNS, ONE))

        folder, _, name = file.key.rpartition("/")
        assert folder == "AWSLogs/111111111111/vpcflowlogs/eu-central-1/2026/11/13"
        assert name.startswith("111111111111_vpcflowlogs_eu-central-1_fl-1_20261113T0000Z_")
        assert gzip.decompress(file.body).decode().splitlines() == [" ".join(COLUMNS), *lines(COLUMNS, ONE)]

    def test_parquet_lies_in_hive_compatible_folders_with_nulls_for_hyphens(self) -> None:
        file = parquet_file(flow_log(Delivery.PARQUET), "fl-1", int(FIRST.timestamp()), [ONE, SILENT])

        assert file.key.startswith(
            "AWSLogs/aws-account-id=111111111111/aws-service=vpcflowlogs/aws-region=eu-central-1/year=2026/month=11/day=13/"
        )
        table = pd.read_parquet(io.BytesIO(file.body))
        assert list(table.columns) == ["interface_id", "srcaddr", "bytes", "start", "log_status"]
        assert table["start"].tolist() == [100, 90_000, 7200]
        assert table["bytes"].isna().tolist() == [False, False, True]

    def test_events_are_in_a_stream_of_each_interface_in_order_of_time(self) -> None:
        ((stream, events),) = event_calls(flow_log(Delivery.EVENTS), {"eni-1": [ONE, SILENT]})

        assert stream == "eni-1-all"
        assert [one["timestamp"] for one in events] == [100_000, 7_200_000, 90_000_000]
        assert events[1]["message"] == "eni-1 - - 7200 NODATA"

    def test_records_fall_into_the_stretch_in_which_they_begin(self) -> None:
        assert list(stretches(np.array([1, 5, 9, 25]), np.array([0, 10, 20, 30]))) == [(0, slice(0, 3)), (2, slice(3, 4))]


class TestTables:
    KEYS = frozenset(step.key for place in PLACES for step in place.steps if isinstance(step, Thing))
    STRANGE = frozenset(one.key for one in STRANGERS)

    @pytest.mark.parametrize("talk", TALKS, ids=lambda one: f"{one.client}-{one.server}-{one.port}")
    def test_everyone_who_talks_is_known(self, talk: Talk) -> None:
        for end in (talk.client, talk.server, talk.through or talk.client):
            assert end.partition("/")[0] in self.KEYS | self.STRANGE

    def test_nobody_says_the_same_twice(self) -> None:
        keys = [(one.client, one.server, one.port, one.protocol, one.rejected) for one in TALKS]
        assert len(set(keys)) == len(keys)

    def test_everyone_else_that_is_named_is_known(self) -> None:
        assert {one.key for one in SKIPPED} <= self.KEYS
        assert {one.key for held in IN_PLACE.values() for one in held} <= self.KEYS
        assert {one.vpc for one in FLOW_LOGS} <= self.KEYS
        assert {one.flow_log for one in BROKEN} <= {one.key for one in FLOW_LOGS}

    def test_the_columns_are_those_of_flow_logs(self) -> None:
        assert columns_of_header(" ".join(TELLING)) == TELLING
        assert set(DEFAULT_COLUMNS) <= set(TELLING)
