"""Reports and costs under kills and full disks: nothing half-written is seen, one error says what to do, a rerun heals."""

import errno
import itertools
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.cost_policy import CostPolicy
from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.errors.publishing import ReportUnpublishedError
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.leftovers import sweep
from cloudmigrate.workspace import Workspace
from tasks import reporting
from tasks.costs import compute_costs
from tasks.report_listing import publications
from tests.dying import killed_in_a_child
from tests.tasks.test_costs import PRICES, RUN, SNAPSHOT, filled

NAMES = ("readiness.html", "report.json", "graph.html", "readiness.pdf")


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    accounts = (Account(id="111111111111", regions=("eu-central-1",)),)
    places: dict[str, Any] = {"lake": str(tmp_path / "lake"), "ledger": f"sqlite:///{tmp_path}/ledger.db"}
    return Estate(estate="acme", accounts=accounts, costs=CostPolicy(), reports=(str(tmp_path / "elsewhere"),), **places)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the next report's files hold: rendering is in memory and writes nothing, so a stand-in tells as much of what is written."""
    content = {"data": b"old" * 1000}
    monkeypatch.setattr(reporting, "take_in_decisions", lambda *_: None)
    monkeypatch.setattr(reporting, "_links", lambda *_: None)
    monkeypatch.setattr(
        reporting, "render_report", lambda *_: reporting.Report(dict.fromkeys(reporting.ENDINGS, content["data"]), {"resources": 2})
    )
    return content


def published(estate: Estate) -> tuple[str, ...]:
    return reporting.publish_report.fn(estate, snapshot_id=SNAPSHOT, plan_id=None, run_id=RUN)


def files_of(folder: Path) -> dict[str, bytes]:
    """Everything that a reader of the two places can see."""
    roots = (folder / "lake" / "reports", folder / "elsewhere")
    found = (path for root in roots for path in root.rglob("*") if path.is_file() and ".writing" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def is_whole(files: dict[str, bytes], *contents: bytes) -> bool:
    """Whether each file of a report is one of these, and each index a page to its end."""
    reports = [data for path, data in files.items() if path.rpartition("/")[2] in NAMES]
    pages = [data for path, data in files.items() if path.endswith("index.html")]
    return all(data in contents for data in reports) and all(data.rstrip().endswith(b"</html>") for data in pages)


def check_rerun(estate: Estate, folder: Path) -> None:
    """A rerun gives every file of the new report at both places, an index that names it, and leaves nothing unfinished."""
    sweep.cache_clear()  # as a new process would
    places = published(estate)
    files = files_of(folder)
    assert is_whole(files, b"new" * 2000)
    assert len(places) == 10
    assert sorted(path.rpartition("/")[2] for path in files) == sorted([*NAMES, "audit-head.json", "index.html"] * 2)
    assert all(SNAPSHOT.encode() in data for path, data in files.items() if path.endswith("index.html"))
    assert not list(folder.rglob(".writing/*"))


@pytest.mark.parametrize(
    ("module", "name", "times"),
    [
        # Each file is flushed, renamed, and its folder flushed: two flushes a file, four files a place, then heads and indexes.
        pytest.param("cloudmigrate.lake.storage", "os.fsync", 1, id="html-written-and-not-named"),
        pytest.param("cloudmigrate.lake.storage", "os.fsync", 7, id="pdf-written-and-not-named"),
        pytest.param("cloudmigrate.lake.storage", "_sync_folder", 5, id="in-the-second-place"),
        pytest.param("cloudmigrate.ledger.ledger", "Ledger.audit", 1, id="published-and-not-noted"),
        pytest.param("cloudmigrate.lake.storage", "os.fsync", 21, id="index-written-and-not-named"),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_report_that_was_killed_is_whole_after_a_rerun(
    estate: Estate, rendered: dict[str, bytes], tmp_path: Path, *, is_first: bool, module: str, name: str, times: int
) -> None:
    filled(estate, []).ledger.close()
    if not is_first:
        published(estate)
    rendered["data"] = b"new" * 2000
    assert killed_in_a_child(lambda: published(estate), module=module, name=name, times=times)
    assert is_whole(files_of(tmp_path), *([] if is_first else [b"old" * 1000]), b"new" * 2000)
    check_rerun(estate, tmp_path)


class FullDisk:
    """Flushing a file fails from that flush on, as on a disk that is full, until somebody frees it."""

    def __init__(self, patch: pytest.MonkeyPatch, flushes: int) -> None:
        real, self.calls, self.is_full = os.fsync, itertools.count(1), True

        def flush(handle: int) -> None:
            if self.is_full and next(self.calls) >= flushes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real(handle)

        patch.setattr(os, "fsync", flush)


@pytest.mark.parametrize("flushes", [1, 7, 21])
def test_a_full_disk_ends_a_report_with_one_error(
    estate: Estate, rendered: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flushes: int
) -> None:
    filled(estate, [])
    published(estate)
    rendered["data"] = b"new" * 2000
    disk = FullDisk(monkeypatch, flushes)
    with pytest.raises(LakeError, match=r"write .*: No space left on device\. Next: free space on that disk, then run again"):
        published(estate)
    assert is_whole(files_of(tmp_path), b"old" * 1000, b"new" * 2000)
    assert not list(tmp_path.rglob(".writing/*"))
    disk.is_full = False
    check_rerun(estate, tmp_path)


@pytest.fixture
def costed(estate: Estate) -> Iterator[Workspace]:
    workspace = filled(estate, PRICES)
    yield workspace
    workspace.ledger.close()


def costs_of(workspace: Workspace) -> Decimal | None:
    with workspace.views(SNAPSHOT) as views:
        found: Decimal | None = views.execute(
            "select sum(monthly_cost_usd) from costs where scenario = 'as_is' and term = 'on_demand'"
        ).fetchall()[0][0]
        return found


@pytest.mark.parametrize("flushes", [1, 3])
def test_a_full_disk_ends_costs_with_one_error(
    estate: Estate, costed: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flushes: int
) -> None:
    """Neither the costs (the first file) nor the commitments (the second) are seen without the other."""
    disk = FullDisk(monkeypatch, flushes)
    with pytest.raises(LakeError, match=r"write .*: No space left on device\. Next: free space on that disk, then run again"):
        compute_costs.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)
    assert costs_of(costed) is None
    assert not list(tmp_path.rglob(".writing/*"))
    disk.is_full = False
    compute_costs.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)
    assert costs_of(costed) == Decimal("93.47")  # see test_costs


@pytest.mark.parametrize(
    ("module", "name", "times"),
    [
        pytest.param("cloudmigrate.lake.storage", "os.fsync", 1, id="half-written"),
        pytest.param("tasks.costs", "publish_together", 1, id="written-and-not-told"),
        # Both datasets are told in one transaction: one without the other is never seen, and the same run may tell them again.
        pytest.param("cloudmigrate.ledger.snapshots", "publish_parts", 2, id="half-told"),
    ],
)
def test_costs_that_were_killed_are_told_by_a_rerun(estate: Estate, costed: Workspace, *, module: str, name: str, times: int) -> None:
    costed.ledger.close()
    assert killed_in_a_child(lambda: compute_costs.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN), module=module, name=name, times=times)
    again = Workspace.open(estate)
    assert costs_of(again) is None
    compute_costs.fn(estate, snapshot_id=SNAPSHOT, run_id=RUN)
    assert costs_of(again) == Decimal("93.47")


def test_a_further_place_that_takes_nothing_keeps_the_report_from_no_other(
    estate: Estate, rendered: dict[str, bytes], tmp_path: Path
) -> None:
    """It lies in the lake and at the place after, is noted with these alone, and the error says where it is and what is amiss."""
    (tmp_path / "a-file").touch()
    filled(estate, [])
    places = (str(tmp_path / "a-file"), str(tmp_path / "elsewhere"))
    rendered["data"] = b"new" * 2000
    with pytest.raises(ReportUnpublishedError) as caught:
        published(estate.model_copy(update={"reports": places}))

    page = tmp_path / "lake" / "reports" / "acme" / SNAPSHOT / "readiness.html"
    assert str(caught.value).startswith(f"the report is written: {page}\n  not published: open lake {tmp_path / 'a-file'}: this is a file")
    assert "take the place out of `reports`" in str(caught.value)
    assert [one.location for one in caught.value.failed] == [str(tmp_path / "a-file")]
    assert len(caught.value.places) == 10
    noted = [event.detail["places"] for event in publications(Workspace.open(estate).ledger)]
    assert noted == [
        [str(root / "acme" / SNAPSHOT / name) for root in (tmp_path / "lake" / "reports", tmp_path / "elsewhere") for name in NAMES]
    ]
    check_rerun(estate, tmp_path)


def test_a_place_that_may_answer_later_is_tried_again() -> None:
    lost, refused = (LakeError("write", "s3://b/p", "timed out", "run again", transient=once) for once in (True, False))
    assert ReportUnpublishedError(["/lake/readiness.html"], [refused, lost]).transient
    assert not ReportUnpublishedError(["/lake/readiness.html"], [refused]).transient
