"""The index of reports: what is there, newest first, as it was published last, with links that work where it lies."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import AuditEvent
from reports.listing import Entry, Listing, render_listing
from reports.listing.html import listing_sentence
from tasks.report_listing import PUBLISHED, entries, publish_listings
from tests.reports.test_html import outline

OLD, NEW = "20261101T100000Z-aaaaaa", "20261122T203000Z-bbbbbb"
FILES = ("readiness.html", "report.json", "graph.html", "readiness.pdf")


def event(snapshot_id: str, plan_id: str | None = None, **facts: Any) -> AuditEvent:
    folder = f"/lake/reports/acme/{snapshot_id}" + (f"/{plan_id}" if plan_id else "")
    detail: Mapping[str, Any] = {"plan": plan_id, "places": [f"{folder}/{name}" for name in FILES], **facts}
    return AuditEvent(1, datetime(2026, 11, 28, tzinfo=UTC), "cloudmigrate", PUBLISHED, snapshot_id, detail, "", "")


def test_the_newest_comes_first_and_once() -> None:
    events = [event(NEW, resources=1), event(OLD), event(NEW, "plan-1"), event(NEW, resources=2, now_usd="12.50", sampled=True)]
    found = entries(events, lambda _: True)
    assert [(one.snapshot_id, one.plan_id) for one in found] == [(NEW, "plan-1"), (NEW, None), (OLD, None)]
    assert (found[1].resources, str(found[1].now_usd), found[1].sampled) == (2, "12.50", True)
    assert (found[2].resources, found[2].now_usd) == (None, None)


def test_links_lead_from_the_index_to_each_file() -> None:
    (found,) = entries([event(NEW, "plan-1")], lambda _: True)
    assert found.files == (
        ("HTML", f"{NEW}/plan-1/readiness.html"),
        ("PDF", f"{NEW}/plan-1/readiness.pdf"),
        ("graph", f"{NEW}/plan-1/graph.html"),
        ("JSON", f"{NEW}/plan-1/report.json"),
    )


def test_what_was_removed_is_not_listed() -> None:
    assert entries([event(OLD), event(NEW)], lambda path: path.startswith(NEW)) == entries([event(NEW)], lambda _: True)


def test_the_index_is_written_whole_at_each_place(tmp_path: Path) -> None:
    roots = [str(tmp_path / "lake" / "reports"), str(tmp_path / "elsewhere")]
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.db") as ledger:
        for snapshot_id in (OLD, NEW):
            for root in roots[: 1 if snapshot_id == OLD else 2]:
                page = Path(root, "acme", snapshot_id, "readiness.html")
                page.parent.mkdir(parents=True)
                page.write_text("x")
            ledger.audit("cloudmigrate", PUBLISHED, snapshot_id, {"plan": None, "places": [f"x/{name}" for name in FILES]})
            places = publish_listings(ledger, "acme", roots)
    first, second = (Path(place).read_text() for place in places)
    assert (first.index(NEW) < first.index(OLD), OLD in second, NEW in second) == (True, False, True)


@pytest.mark.parametrize("name", ["</style><script>alert(1)</script>", "a & b"])
def test_nothing_of_a_stranger_is_markup(name: str) -> None:
    entry = Entry(NEW, datetime(2026, 11, 22, 20, 30, tzinfo=UTC), name, (("HTML", "a/b.html"),))
    parsed = outline(render_listing(Listing(name, (entry,))))
    assert parsed.tags["script"] == 0
    assert parsed.headings == [1]


def test_listing_sentence() -> None:
    def of(*snapshots: tuple[str, int]) -> Listing:
        return Listing("acme", tuple(Entry(one, datetime(2026, 11, day, tzinfo=UTC), None, ()) for one, day in snapshots))

    assert listing_sentence(of()) == "No report has been published yet."
    assert listing_sentence(of((NEW, 22))) == "1 report, of 22 Nov 2026."
    assert listing_sentence(of((NEW, 22), (OLD, 1))) == "2 reports, of 1 Nov 2026 to 22 Nov 2026; the newest comes first."
