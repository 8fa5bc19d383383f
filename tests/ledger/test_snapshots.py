"""Runs, snapshots, parts and plans: what is visible, when, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.ledger.ledger import Ledger, PartRow, RunRow, RunStatus

T0 = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
INVENTORY = PartRow("inventory", "inventory/snapshot=s1/a.parquet", rows=3, bytes=900)
COVERAGE = PartRow("coverage", "coverage/snapshot=s1/a.parquet", rows=40, bytes=700)


def committed(ledger: Ledger, snapshot_id: str = "s1", *, started_at: datetime = T0) -> None:
    ledger.begin_snapshot(snapshot_id, "acme", "r1", {"types": []}, started_at)
    ledger.commit_snapshot(snapshot_id, [INVENTORY, COVERAGE], started_at + timedelta(minutes=5))


def test_a_run_is_running_until_it_is_finished(ledger: Ledger) -> None:
    assert ledger.run("r1") == RunRow("r1", "discover-estate", "acme", {"estate": "estate.yaml"}, T0)

    ledger.finish_run("r1", finished_at=T0 + timedelta(hours=1))

    ended = ledger.run("r1")
    assert ended is not None
    assert (ended.status, ended.finished_at, ended.error) == (RunStatus.DONE, T0 + timedelta(hours=1), None)


def test_a_failed_run_keeps_its_error_without_secrets(ledger: Ledger) -> None:
    ledger.finish_run("r1", error="connect postgresql://u:hunter2@db/x: refused\x00\ud800")

    ended = ledger.run("r1")
    assert ended is not None
    assert ended.status is RunStatus.FAILED
    assert ended.error is not None
    assert ended.error.startswith("connect postgresql://u:***@db/x: refused\ufffd")


def test_finishing_twice_alike_is_one_end_and_otherwise_refused(ledger: Ledger) -> None:
    ledger.finish_run("r1")
    ledger.finish_run("r1")
    with pytest.raises(LedgerError, match="run r1 has already ended as done"):
        ledger.finish_run("r1", error="late")


def test_a_retried_run_is_running_again(ledger: Ledger) -> None:
    ledger.finish_run("r1", error="timeout")
    ledger.begin_run("r1", "discover-estate", "acme")
    ledger.finish_run("r1")

    ended = ledger.run("r1")
    assert ended is not None
    assert (ended.status, ended.error) == (RunStatus.DONE, None)


def test_an_id_belongs_to_one_run(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="already a run of discover-estate on estate acme"):
        ledger.begin_run("r1", "plan-waves", "acme")


def test_runs_come_newest_first(ledger: Ledger) -> None:
    ledger.begin_run("r2", "plan-waves", "acme", started_at=T0 + timedelta(days=1))
    ledger.begin_run("r3", "plan-waves", "other", started_at=T0 + timedelta(days=2))

    assert [run.run_id for run in ledger.runs("acme")] == ["r2", "r1"]


def test_a_snapshot_is_seen_only_once_committed(ledger: Ledger) -> None:
    ledger.begin_snapshot("s1", "acme", "r1", {"types": ["AWS::EC2::Instance"]}, T0)
    assert ledger.snapshot("s1") is None
    assert ledger.newest_snapshot("acme") is None
    assert ledger.snapshots("acme") == ()
    assert ledger.parts_of("s1") == {}

    snapshot = ledger.commit_snapshot("s1", [INVENTORY, COVERAGE], T0 + timedelta(minutes=5))

    assert (snapshot.scope, snapshot.started_at, snapshot.committed_at) == (
        {"types": ["AWS::EC2::Instance"]},
        T0,
        T0 + timedelta(minutes=5),
    )
    assert ledger.newest_snapshot("acme") == ledger.snapshot("s1") == snapshot
    assert ledger.parts_of("s1") == {"inventory": (INVENTORY.path,), "coverage": (COVERAGE.path,), "relations": ()}


def test_instants_keep_their_microseconds_and_come_back_in_utc(ledger: Ledger) -> None:
    east = datetime.fromisoformat("2026-11-22T22:30:00.123456+02:00")
    committed(ledger, started_at=east)

    snapshot = ledger.snapshot("s1")
    assert snapshot is not None
    assert snapshot.started_at.isoformat() == "2026-11-22T20:30:00.123456+00:00"


def test_an_instant_without_a_zone_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="without a time zone"):
        ledger.begin_snapshot("s1", "acme", "r1", {}, datetime(2026, 11, 22))  # noqa: DTZ001


def test_the_newest_snapshot_is_the_one_begun_last(ledger: Ledger) -> None:
    committed(ledger, "s2", started_at=T0 + timedelta(hours=2))
    committed(ledger, "s1", started_at=T0)

    assert [row.snapshot_id for row in ledger.snapshots("acme")] == ["s2", "s1"]
    assert [row.snapshot_id for row in ledger.snapshots("acme", limit=1)] == ["s2"]
    assert ledger.newest_snapshot("another") is None


def test_committing_again_changes_nothing(ledger: Ledger) -> None:
    committed(ledger)
    ledger.commit_snapshot("s1", [COVERAGE, INVENTORY], T0 + timedelta(days=9))

    snapshot = ledger.snapshot("s1")
    assert snapshot is not None
    assert snapshot.committed_at == T0 + timedelta(minutes=5)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([INVENTORY], id="fewer"),
        pytest.param([INVENTORY, COVERAGE, PartRow("relations", "late.parquet", 1, 1)], id="more"),
        pytest.param([INVENTORY, PartRow("coverage", "other.parquet", 40, 700)], id="others"),
    ],
)
def test_a_committed_snapshot_never_changes(ledger: Ledger, parts: list[PartRow]) -> None:
    committed(ledger)
    with pytest.raises(LedgerError, match="already committed with other parts"):
        ledger.commit_snapshot("s1", parts)


def test_what_was_never_begun_cannot_be_committed(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match=r"commit snapshot s9 in ledger .* never begun") as raised:
        ledger.commit_snapshot("s9", [INVENTORY])
    assert raised.value.next_action == "run the discovery again."


def test_a_snapshot_needs_its_run(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="there is no run r9"):
        ledger.begin_snapshot("s1", "acme", "r9")


def test_a_failing_commit_leaves_nothing_visible(ledger: Ledger) -> None:
    ledger.begin_snapshot("s1", "acme", "r1")
    with pytest.raises(LedgerError):
        ledger.commit_snapshot("s1", [INVENTORY, INVENTORY])  # one file cannot be two parts

    assert ledger.snapshot("s1") is None
    assert ledger.parts_of("s1") == {}
    ledger.commit_snapshot("s1", [INVENTORY])
    assert ledger.parts_of("s1")["inventory"] == (INVENTORY.path,)


def test_the_newest_edition_wins_and_older_ones_stay_readable(ledger: Ledger) -> None:
    committed(ledger)
    ledger.publish_parts("s1", "utilisation", [PartRow("utilisation", "u/1.parquet", 5, 50)], "r1")
    ledger.publish_parts(
        "s1", "utilisation", [PartRow("utilisation", "u/2.parquet", 6, 60), PartRow("utilisation", "u/0.parquet", 1, 9)], "r2"
    )

    assert ledger.parts_of("s1")["utilisation"] == ("u/0.parquet", "u/2.parquet")
    assert ledger.parts_of("s1", edition="r1")["utilisation"] == ("u/1.parquet",)
    assert ledger.parts_of("s1", edition="r1")["inventory"] == (INVENTORY.path,)


def test_an_empty_edition_is_an_answer(ledger: Ledger) -> None:
    committed(ledger)
    ledger.publish_parts("s1", "quality", [PartRow("quality", "q.parquet", 1, 1)], "r1")
    ledger.publish_parts("s1", "quality", [], "r2")

    assert ledger.parts_of("s1")["quality"] == ()


def test_an_edition_never_changes(ledger: Ledger) -> None:
    committed(ledger)
    part = PartRow("quality", "q.parquet", 1, 1)
    ledger.publish_parts("s1", "quality", [part], "r1")
    ledger.publish_parts("s1", "quality", [part], "r1")
    with pytest.raises(LedgerError, match="edition r1 of quality in snapshot s1 exists with other parts"):
        ledger.publish_parts("s1", "quality", [], "r1")


def test_parts_are_published_only_to_a_committed_snapshot_and_under_their_own_name(ledger: Ledger) -> None:
    ledger.begin_snapshot("s1", "acme", "r1")
    with pytest.raises(LedgerError, match="no committed snapshot s1"):
        ledger.publish_parts("s1", "quality", [], "r1")
    ledger.commit_snapshot("s1", [])
    with pytest.raises(LedgerError, match="parts of coverage were published as quality"):
        ledger.publish_parts("s1", "quality", [COVERAGE], "r1")


def test_a_plan_is_published_with_its_waves(ledger: Ledger) -> None:
    committed(ledger)
    assert ledger.newest_plan("s1") is None
    waves = PartRow("waves", "waves/snapshot=s1/p1.parquet", 2, 80)

    ledger.publish_plan("p1", "s1", "sha256:aa", "plans/p1.json", [waves], created_at=T0, committed_at=T0 + timedelta(minutes=9))
    ledger.publish_plan("p2", "s1", "sha256:bb", "plans/p2.json", [])

    first = ledger.plan("p1")
    assert first is not None
    assert (first.content_hash, first.path, first.created_at) == ("sha256:aa", "plans/p1.json", T0)
    assert first.parts == {"waves": (waves.path,), "unplanned": ()}
    newest = ledger.newest_plan("s1")
    assert newest is not None
    assert newest.plan_id == "p2"
    assert [plan.plan_id for plan in ledger.plans("s1")] == ["p2", "p1"]
    assert ledger.parts_of("s1")["waves"] == ()
    assert ledger.parts_of("s1", edition="p1")["waves"] == (waves.path,)
    assert ledger.plan("p9") is None


def test_a_plan_never_changes(ledger: Ledger) -> None:
    committed(ledger)
    ledger.publish_plan("p1", "s1", "sha256:aa", "plans/p1.json", [])
    ledger.publish_plan("p1", "s1", "sha256:aa", "plans/p1.json", [])
    with pytest.raises(LedgerError, match="plan p1 exists with other content"):
        ledger.publish_plan("p1", "s1", "sha256:cc", "plans/p1.json", [])
    assert len(ledger.plans("s1")) == 1


def test_a_plan_with_a_broken_part_is_not_there_at_all(ledger: Ledger) -> None:
    committed(ledger)
    part = PartRow("waves", "w.parquet", 1, 1)
    with pytest.raises(LedgerError):
        ledger.publish_plan("p1", "s1", "sha256:aa", "plans/p1.json", [part, part])
    assert ledger.plan("p1") is None
    assert "waves" not in ledger.parts_of("s1")


@pytest.mark.parametrize("name", ["'; drop table snapshots; --", "ünï-\U0001f40d", "a%s:b?c", "x" * 10_000, "nul\x00"])
def test_hostile_text_is_kept_as_text(ledger: Ledger, name: str) -> None:
    ledger.begin_snapshot("s1", "acme", "r1", {"tags": [f"Name={name}"]})
    ledger.commit_snapshot("s1", [PartRow("inventory", f"inventory/{name}", 1, 1)])

    snapshot = ledger.snapshot("s1")
    assert snapshot is not None
    assert snapshot.scope == {"tags": [f"Name={name}"]}
    assert ledger.parts_of("s1")["inventory"] == (f"inventory/{name}".replace("\x00", "\ufffd"),)
