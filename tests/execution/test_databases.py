"""Databases that move, on the emulator: whole at the target or as before after a death, ended when asked, and no secret on record."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.domain.steps import step_document
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.ports import Patience
from cloudmigrate.execution.waves import Limits, roll_back, run_wave
from cloudmigrate.simulate.emulator import Emulator, post
from cloudmigrate.simulate.moto_images import PENDING_PATH
from tests.execution import small_databases
from tests.execution.kill_matrix import Case, Matrix, Point, ledger_in
from tests.execution.model import PLAN_HASH, ModelJournal
from tests.execution.small_databases import OTHER, PASSWORD, SmallDatabases
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET

TAGS = [("App", "shop")]


@pytest.fixture
def slow(clean_emulator: Emulator) -> Iterator[Emulator]:
    yield clean_emulator
    post(clean_emulator.url + PENDING_PATH, b"0")


def carrier(estate: SmallDatabases, journal: ModelJournal) -> Carrier:
    world = AwsWorld(estate.sessions, pause_factor=0)
    return Carrier(PLAN_HASH, 1, world, journal, Patience(tries=3, looks=2), sleep=lambda _: None)


def run_to_the_end(estate: SmallDatabases) -> ModelJournal:
    journal = ModelJournal()
    end = run_wave(estate.steps(), carrier(estate, journal), is_open=lambda _: True, limits=Limits(at_once=1))
    assert (end.failures, end.is_whole) == ({}, True)
    return journal


@pytest.mark.usefixtures("clean_emulator")
def test_killed_in_another_accounts_move_it_is_whole_or_as_before(tmp_path: Path) -> None:
    estate = small_databases.make(OTHER)
    ledger = ledger_in(tmp_path)
    matrix = Matrix(estate, ledger, estate.steps())
    steps = {one.act: one.step_id for one in matrix.steps}  # the last of each
    sample = (
        Case(steps["rds.close_instance"], Point.AFTER_CALL, "roll back"),
        Case(steps["rds.copy_snapshot"], Point.AFTER_CALL, "resume"),
        Case(steps["rds.restore_instance"], Point.AFTER_CALL, "resume"),
        Case(steps["rds.stop_instance"], Point.AFTER_UNDO_CALL, "roll back"),
    )
    assert {one.name: wrong for one in sample if (wrong := matrix.fails(one))} == {}
    here, near, there = (matrix.whole[one] for one in (f"{ACCOUNT}/{SOURCE}", f"{ACCOUNT}/{TARGET}", f"{OTHER}/{TARGET}"))
    closed = ("cloudmigrate-closed-orders",)
    size = "postgres 16.4 100 GiB"
    assert here["databases"] == [("orders", "stopped", "db.t3.medium", size, True, closed, True, True, "", (), TAGS)]
    assert there["databases"] == [("orders", "available", "db.m6g.large", size, True, ("databases",), True, True, "", (), TAGS)]
    assert there["groups"]["databases"] == ["in tcp 5432 10.0.0.0/8", "out -1  0.0.0.0/0"]
    assert [one[:3] for place in (here, near, there) for one in place["snapshots"]] == [("orders", "available", True)] * 3
    assert matrix.whole["dns"] == [("aaa.example.com.", 17, ["orders eu-central-1"]), ("db.shop.example.com.", 60, ["orders eu-west-1"])]
    ledger.close()


def test_what_changed_is_not_touched_and_a_promoted_replica_goes_with_a_rollback_that_opens_the_source(slow: Emulator) -> None:
    estate = small_databases.make(way="replica")
    before = estate.state()
    rds = estate.sessions.client(ACCOUNT, "rds", SOURCE)
    rds.modify_db_instance(DBInstanceIdentifier="orders", DBInstanceClass="db.t3.large", ApplyImmediately=True)
    journal = ModelJournal()
    end = run_wave(estate.steps(), carrier(estate, journal), is_open=lambda _: True, limits=Limits(at_once=1))
    assert [told for told in end.failures.values() if "it changed since the scan" in told]
    assert not [one for one in journal.entries if "close_instance" in one.step_id]
    rds.modify_db_instance(DBInstanceIdentifier="orders", DBInstanceClass="db.t3.medium", ApplyImmediately=True)
    assert estate.state() == before
    post(slow.url + PENDING_PATH, b"1")
    journal = run_to_the_end(estate)
    (target,) = estate.state()[f"{ACCOUNT}/{TARGET}"]["databases"]
    assert (target[0], target[1], target[8]) == ("orders", "available", "")  # of no source
    assert not roll_back(estate.steps(), carrier(estate, journal)).undo_failures
    assert estate.state() == before


def test_by_dms_the_source_ends_when_asked_and_nothing_is_left_but_its_last_snapshot(slow: Emulator) -> None:
    estate = small_databases.make(way="dms", clean_up=True)
    post(slow.url + PENDING_PATH, b"1")
    journal = run_to_the_end(estate)
    state = estate.state()
    here, there = state[f"{ACCOUNT}/{SOURCE}"], state[f"{ACCOUNT}/{TARGET}"]
    assert (here["databases"], [one[0] for one in here["snapshots"]], sorted(here["groups"])) == ([], ["orders"], ["databases", "default"])
    assert [one[0] for one in there["databases"]] == ["orders-new"]
    left = ("replication instances", "replication subnet groups", "endpoints", "connections", "tasks")
    assert [there[one] for one in left] == [[], 0, [], [], []]
    records = repr(journal.entries) + repr([step_document(one) for one in estate.steps()])
    assert PASSWORD not in records


def test_a_cluster_comes_with_its_instances_and_ends_with_them(slow: Emulator) -> None:
    estate = small_databases.make_cluster(clean_up=True)
    post(slow.url + PENDING_PATH, b"1")
    run_to_the_end(estate)
    state = estate.state()
    here, there = state[f"{ACCOUNT}/{SOURCE}"], state[f"{ACCOUNT}/{TARGET}"]
    assert (here["clusters"], here["databases"], here["cluster snapshots"]) == ([], [], [("ledger", "available", True)])
    assert there["clusters"] == [("ledger", "available", ("databases",), True, 2)]
    assert [one[:3] for one in there["databases"]] == [(name, "available", "db.r6g.large") for name in ("ledger-a", "ledger-b")]
    assert state["dns"][1] == ("db.shop.example.com.", 60, ["ledger eu-west-1"])
