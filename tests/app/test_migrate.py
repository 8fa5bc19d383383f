"""A wave from the command line: checked, approved, carried out, looked at and taken back, each command a process of its own."""

import os
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cloudmigrate.simulate.emulator import Emulator, post
from cloudmigrate.simulate.moto_launches import CAPACITY_PATH
from tests.app.conftest import Cli, environment_of
from tests.execution import small_estate
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET, SmallEstate
from tests.execution.small_plan import plan_small
from tests.signers import private_key


@dataclass(frozen=True)
class Shop:
    run: Cli
    small: SmallEstate
    plan_id: str
    url: str

    def approve(self, gate: str) -> str:
        return self.run("approve", self.plan_id, "--wave", "1", "--gate", gate, "--as", "ana").stderr


@pytest.fixture
def shop(clean_emulator: Emulator, tmp_path: Path, prefect_url: str) -> Shop:
    small = small_estate.make(dns_ttl_s=3600)  # as it is: nothing is lowered, and no hour waited until caches have forgotten it
    workspace, plan = plan_small(small, tmp_path)
    workspace.ledger.close()
    (tmp_path / "keys").mkdir(mode=0o700)
    key = tmp_path / "keys" / "ana.pem"
    key.write_bytes(private_key("ana").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key.chmod(0o600)
    own = {"CLOUDMIGRATE_KEYS": str(key.parent), "CLOUDMIGRATE_USER": "olga"}
    return Shop(Cli(tmp_path, environment_of(clean_emulator, prefect_url) | own), small, plan.plan_id, clean_emulator.url)


def test_a_wave_is_approved_goes_back_when_a_step_fails_goes_on_and_can_be_taken_back(shop: Shop) -> None:
    run, plan_id, before = shop.run, shop.plan_id, shop.small.state()
    assert "was never begun" in run("resume", plan_id, "--wave", "1", code=2).stderr
    asked = run("migrate", "--wave", "1", code=4)
    assert f"cloudmigrate approve {plan_id} --wave 1 --gate execution" in asked.stdout
    assert f"cloudmigrate resume {plan_id} --wave 1" in asked.stdout
    assert "gate execution is waiting" in run("resume", plan_id, "--wave", "1", code=4).stdout
    assert shop.small.state() == before
    assert f"cloudmigrate resume {plan_id} --wave 1" in shop.approve("execution")
    run("resume", plan_id, "--wave", "1", code=4)
    assert [one[1] for one in shop.small.state()[f"{ACCOUNT}/{SOURCE}"]["instances"]] == ["running", "running"]
    shop.approve("cutover")

    post(shop.url + CAPACITY_PATH, b"1")
    failed = run("resume", plan_id, "--wave", "1", code=1).stderr
    assert "InsufficientInstanceCapacity" in failed
    assert "in the zone that was asked for. Next: try again later, or name a subnet of another zone" in failed
    assert f"cloudmigrate resume {plan_id} --wave 1" in failed
    assert shop.small.state() == before, "what was begun went back"

    done = run("resume", plan_id, "--wave", "1")
    assert f"wave 1 of plan {plan_id} is migrated: 2 move groups" in done.stdout
    assert [one[1] for one in shop.small.state()[f"{ACCOUNT}/{SOURCE}"]["instances"]] == ["stopped", "stopped"]
    told = run.json("status", plan_id, "--wave", "1", "--format", "json")
    assert (told["state"], told["stuck"], told["by_hand"]) == ("migrated", [], [])
    assert {one["gate"]: one["state"] for one in told["gates"]} == {"execution": "open", "cutover": "open"}
    assert {one["state"] for one in told["timeline"]} >= {"intent", "done", "failed", "undone"}
    assert "has no plan 'plan-none'. Next: `cloudmigrate snapshots`" in run("status", "plan-none", code=2).stderr
    [row] = run.json("status", plan_id, "--format", "json")
    assert (row["wave"], row["state"], row["started_by"]) == (1, "migrated", "olga")
    assert run.json("orphans", "--format", "json") == []
    run("audit", "verify")

    refused = run("rollback", plan_id, "--wave", "1", "--reason", "a rehearsal", code=2).stderr
    assert "users may have written" in refused
    assert "--despite-writes" in refused
    assert shop.small.state() != before
    back = run("rollback", plan_id, "--wave", "1", "--reason", "a rehearsal", "--despite-writes")
    assert "is rolled back: 2 move groups" in back.stdout
    assert shop.small.state() == before
    assert run.json("orphans", "--format", "json") == []
    assert run.json("status", plan_id, "--wave", "1", "--format", "json")["state"] == "rolled back"


def test_what_nobody_answers_for_is_listed_and_what_blocks_is_told(shop: Shop) -> None:
    ec2 = shop.small.sessions.client(ACCOUNT, "ec2", "eu-west-1")
    tags = [
        {"Key": f"cloudmigrate:{name}", "Value": value} for name, value in (("key", "cm1"), ("plan", "lost"), ("wave", "1"), ("step", "s"))
    ]
    made = ec2.allocate_address(TagSpecifications=[{"ResourceType": "elastic-ip", "Tags": tags}])
    [left] = shop.run.json("orphans", "--format", "json", code=1)
    assert (left["thing_id"], left["plan_id"], left["region"]) == (made["AllocationId"], "lost", "eu-west-1")
    assert "knows no such wave" in left["why"]

    volume = shop.small.sessions.client(ACCOUNT, "ec2", SOURCE)
    [first, *_] = volume.describe_volumes()["Volumes"]
    volume.modify_volume(VolumeId=first["VolumeId"], Size=first["Size"] + 10)
    blocked = shop.run("migrate", "--wave", "1", code=1).stderr
    assert "was not begun" in blocked
    assert "drift fail" in blocked
    assert f"cloudmigrate preflight {shop.plan_id} --wave 1" in blocked


def test_a_killed_command_lets_go_and_the_next_goes_on_where_it_was_there_and_back(shop: Shop) -> None:
    run, plan_id, before = shop.run, shop.plan_id, shop.small.state()
    wave = (plan_id, "--wave", "1")
    run("migrate", "--wave", "1", code=4)
    shop.approve("execution")
    run("migrate", "--wave", "1", code=4)
    shop.approve("cutover")

    resume = ("resume", *wave)
    with stopped_at(shop, "done", 20, *resume) as pid:
        refused = run(*resume, code=1).stderr
        assert f"is run by another process (olga@{socket.gethostname()}/{pid})" in refused
        assert "Next: watch it with `cloudmigrate status`" in refused
    assert f"wave 1 of plan {plan_id} is migrated: 2 move groups" in run(*resume).stdout
    target = shop.small.state()[f"{ACCOUNT}/{TARGET}"]
    assert (len(target["instances"]), len(target["images"])) == (2, 2), "nothing twice"

    rollback = ("rollback", *wave, "--reason", "a rehearsal, password=hunter2", "--despite-writes")
    with stopped_at(shop, "undone", 6, *rollback) as pid:
        assert f"/{pid})" in run(*rollback, code=1).stderr
    assert "is rolled back: 2 move groups" in run(*rollback).stdout
    assert shop.small.state() == before
    for kind in ("flow_runs", "task_runs", "artifacts"):  # the start script of what moves holds it too
        kept = httpx.post(f"{run.environment['PREFECT_API_URL']}/{kind}/filter", json={"limit": 200}).text
        assert (len(kept) > 2, "hunter2" in kept) == (True, False), kind


@contextmanager
def stopped_at(shop: Shop, state: str, lines: int, *command: str) -> Iterator[int]:
    """The process of a command, stopped once the journal has so many lines of that state, and killed at the end."""
    with shop.run.running_warm(*command) as pid, closing(sqlite3.connect(shop.run.folder / "ledger.db", isolation_level=None)) as ledger:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            (count,) = ledger.execute("select count(*) from step_entries where state = ?", (state,)).fetchone()
            if count >= lines:
                ledger.execute("begin immediate")  # it is not in the midst of a line: who is stopped there keeps everybody from writing
                os.kill(pid, signal.SIGSTOP)
                time.sleep(0.05)
                ledger.execute("rollback")
                yield pid
                return
            time.sleep(0.005)
        raise AssertionError("it never came so far")
