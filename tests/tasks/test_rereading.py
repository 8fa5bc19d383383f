"""What a good reading of flow logs covered stays true when a later attempt fails, and the failure is told beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.estate import FlowLogSource, TrafficSettings
from cloudmigrate.workspace import Workspace
from reports.readiness.dependency_words import flow_logs_sentence
from tasks.dependencies import flow_log_gaps
from tasks.evidence_view import flow_logs
from tests.flow_log_samples import conversation
from tests.mapped_estate import DB, JOB, NOW, map_here, put_logs, take_usual_snapshot
from tests.planned_estate import ACCOUNT

LATER = NOW + timedelta(minutes=22)
TOLD = ("status", "objects", "new_objects", "read_objects", "read_at", "attempted_at")


@contextmanager
def gone(folder: Path) -> Iterator[None]:
    """While the place of the flow logs cannot be listed."""
    (folder / "logs").rename(folder / "away")
    yield
    (folder / "away").rename(folder / "logs")


def told(workspace: Workspace, snapshot_id: str) -> list[tuple[Any, ...]]:
    with workspace.views(snapshot_id) as views:
        return [tuple(row[name] for name in TOLD) for row in views.rows("flow_log_sources")]


def seen(workspace: Workspace, snapshot_id: str) -> dict[str, list[Any]]:
    """All that says how much was seen, and that risk and rules are judged by."""
    with workspace.views(snapshot_id) as views:
        names = ("traffic", "observation", "flow_log_coverage", "flow_log_objects", "rule_findings")
        return {name: sorted(map(str, views.rows(name))) for name in names}


def sentence(workspace: Workspace, snapshot_id: str) -> str:
    with workspace.views(snapshot_id) as views:
        return flow_logs_sentence(flow_logs(views))


def test_a_place_that_is_refused_after_it_was_read_keeps_what_it_gave(workspace: Workspace, tmp_path: Path) -> None:
    snapshot_id = take_usual_snapshot(workspace)
    map_here(workspace, snapshot_id, "r1")
    before = seen(workspace, snapshot_id)
    assert told(workspace, snapshot_id) == [("ok", 4, 4, 4, NOW, NOW)]

    with gone(tmp_path):
        map_here(workspace, snapshot_id, "r2", now=LATER)

    assert told(workspace, snapshot_id) == [("partial", 4, 0, 4, NOW, LATER)]
    assert flow_log_gaps(workspace, snapshot_id) == 1
    assert seen(workspace, snapshot_id) == before
    assert sentence(workspace, snapshot_id) == (
        "Flow logs of 2 days were read from 1 of 1 place: 16 records at 3 interfaces. The last attempt, on 22 Nov 2026, 12:22 UTC, "
        "did not succeed at 1 of 1 place (FileNotFoundError): all that lay there on 22 Nov 2026, 12:00 UTC was read, "
        "what came since may be missing."
    )

    map_here(workspace, snapshot_id, "r3", now=LATER)  # nothing is new, and all is known again
    assert told(workspace, snapshot_id) == [("ok", 4, 0, 4, LATER, LATER)]
    assert flow_log_gaps(workspace, snapshot_id) == 0


def test_the_next_snapshot_knows_what_was_read_for_the_one_before(workspace: Workspace, tmp_path: Path) -> None:
    map_here(workspace, take_usual_snapshot(workspace), "r1")
    snapshot_id = take_usual_snapshot(workspace)

    with gone(tmp_path):
        map_here(workspace, snapshot_id, "r2", now=LATER)

    assert told(workspace, snapshot_id) == [("partial", 4, 0, 4, NOW, LATER)]


def test_a_place_that_was_never_read_is_not_read(workspace: Workspace, tmp_path: Path) -> None:
    snapshot_id = take_usual_snapshot(workspace)

    with gone(tmp_path):
        map_here(workspace, snapshot_id, "r1")

    assert told(workspace, snapshot_id) == [("failed", 0, 0, 0, None, NOW)]
    assert sentence(workspace, snapshot_id).startswith("Not one record was read from 1 place of flow logs")


def test_a_place_that_was_read_in_part_is_not_known_until_any_time(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of two flow logs cannot be read at first; what is read of the other counts, and of which time all is known nobody can say."""
    lines = conversation(JOB, DB, 5432, at=NOW - timedelta(days=1))
    kept = put_logs(tmp_path, f"{ACCOUNT}_vpcflowlogs_eu-central-1_fl-0b_1_ab", lines)  # a batch of its own
    real = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path == kept:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    snapshot_id = take_usual_snapshot(workspace)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        map_here(workspace, snapshot_id, "r1")
    assert told(workspace, snapshot_id) == [("partial", 5, 5, 4, None, NOW)]
    assert "1 of 1 place, 1 of them in part" in sentence(workspace, snapshot_id)

    with gone(tmp_path):
        map_here(workspace, snapshot_id, "r2", now=LATER)
    assert told(workspace, snapshot_id) == [("partial", 4, 0, 4, None, LATER)]


def test_what_was_read_counts_in_its_window_alone(workspace: Workspace, tmp_path: Path) -> None:
    """A day on, one of the two days has left the window of three; ten days on, both: then nothing of the place is known."""
    snapshot_id = take_usual_snapshot(workspace)
    map_here(workspace, snapshot_id, "r1")

    with gone(tmp_path):
        for number, (days, expected) in enumerate(((2, ("partial", 2, 0, 2)), (10, ("failed", 0, 0, 0)))):
            map_here(workspace, snapshot_id, f"r2-{number}", now=NOW + timedelta(days=days))
            [row] = told(workspace, snapshot_id)
            assert row[:4] == expected
            with workspace.views(snapshot_id) as views:
                assert len(views.rows("flow_log_objects")) == row[3]


def test_a_wider_window_was_not_read_in_full(workspace: Workspace, tmp_path: Path) -> None:
    snapshot_id = take_usual_snapshot(workspace)
    map_here(workspace, snapshot_id, "r1")
    wider = Workspace.open(workspace.estate.model_copy(update={"traffic": TrafficSettings(days=9)}))

    with gone(tmp_path):
        map_here(wider, snapshot_id, "r2", now=LATER)

    assert told(wider, snapshot_id) == [("partial", 4, 0, 4, None, LATER)]


def test_a_place_that_left_the_estate_leaves_with_all_that_it_gave(workspace: Workspace, tmp_path: Path) -> None:
    snapshot_id = take_usual_snapshot(workspace)
    map_here(workspace, snapshot_id, "r1")
    (tmp_path / "other").mkdir()
    source = FlowLogSource(url=str(tmp_path / "other"), account=ACCOUNT, format=None)
    moved = Workspace.open(workspace.estate.model_copy(update={"flow_logs": (source,)}))

    map_here(moved, snapshot_id, "r2", now=LATER)

    assert told(moved, snapshot_id) == [("empty", 0, 0, 0, LATER, LATER)]
    with moved.views(snapshot_id) as views:
        assert views.rows("traffic") == views.rows("flow_log_objects") == []
        assert {row["fully_logged_days"] for row in views.rows("observation")} == {0}
