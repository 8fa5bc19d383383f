"""Mapping that dies on the way, again and again at a later point: nothing is lost, nothing counts twice, nothing unfinished is believed."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.lake.lake import Lake
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.workspace import Workspace
from tasks import estate as running
from tasks.plan_reading import plan_input
from tests.mapped_estate import DB, JOB, WEB, map_here, take_usual_snapshot

# What is never reached, in the order of the run: a part of a batch, the mark that it was read, each dataset's publication.
DEATHS: tuple[tuple[type, str, str], ...] = (
    (Lake, "write_batches", "conversations-"),
    (Lake, "write_batches", "interface_logs-"),
    (Ledger, "set_mark", "flow-logs|"),
    (Ledger, "publish_together", "traffic"),
    (Ledger, "publish_together", "plumbing"),
)


class Killed(BaseException):
    """The end of the process, as far as one process can play it: nobody catches it."""


def die_at(patch: pytest.MonkeyPatch, owner: type, method: str, word: str) -> None:
    real = getattr(owner, method)

    def stand_in(self: Any, *given: Any, **named: Any) -> Any:
        if word in str(given):
            raise Killed
        return real(self, *given, **named)

    patch.setattr(owner, method, stand_in)


def test_a_run_that_died_anywhere_is_made_good_by_the_next(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot_id = take_usual_snapshot(workspace)
    for number, (owner, method, word) in enumerate(DEATHS):
        with monkeypatch.context() as patch:
            die_at(patch, owner, method, word)
            with pytest.raises(Killed):
                map_here(workspace, snapshot_id, f"run-{number}")
        made = workspace.ledger.parts_of(snapshot_id)
        assert ("traffic" in made) == ("flow_log_sources" in made) == ("observation" in made), "traffic is seen with all that tells of it"

    assert ("traffic" in made, "dependencies" in made) == (True, False)
    with workspace.views(snapshot_id) as views:
        assert not plan_input(views, WavePolicy()).evidence.traffic, "nothing was drawn of it yet: that is not traffic without dependencies"

    map_here(workspace, snapshot_id, "last")

    with workspace.views(snapshot_id) as views:
        edges = {(row["source_uid"][-5:], row["target_uid"][-5:], row["bytes"], row["flows"]) for row in views.rows("dependencies")}
        counted = views.rows("flow_log_objects")
        placed = {row["uid"] for row in views.rows("workloads")}
    # Two days, each once 1000 bytes there and 5000 back; two records at each end, of which one end counts.
    assert edges == {("i-web", "/i-db", 12_000, 4), ("i-job", "/i-db", 12_000, 4)}
    assert sum(row["records"] for row in counted) == 16
    assert placed >= {WEB.uid, DB.uid, JOB.uid}
    assert list((tmp_path / "lake" / ".writing").iterdir()) == []


def test_two_runs_on_one_estate_go_one_after_the_other(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "WAIT_S", 0.01)
    said: list[str] = []
    monkeypatch.setattr(running.logger, "warning", lambda text, **_: said.append(text), raising=False)
    order: list[str] = []
    entered = threading.Event()

    def first() -> None:
        with running.alone(workspace, "map"):
            entered.set()
            while not said:  # until the other has said that it waits
                time.sleep(0.01)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(10)
    with running.alone(workspace, "map"):
        order.append("second")
    thread.join(10)

    assert order == ["first", "second"]
    assert said == ["another run is to map too: this one waits for its end"]
