"""The index of an estate's reports: every publication that the ledger knows, written anew at each place."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from cloudmigrate.lake.lake import Lake
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import AuditEvent
from cloudmigrate.workspace import open_lake
from reports.listing import Entry, Listing, render_listing
from reports.readiness.cost_page import cost_page
from reports.readiness.view import ReadinessView
from tasks.readiness_view import snapshot_time

PUBLISHED = "report.published"
PAGE = "readiness.html"
LABELS = {PAGE: "HTML", "readiness.pdf": "PDF", "graph.html": "graph", "report.json": "JSON"}
_EVENTS_AT_A_TIME = 1_000


def publish_listings(ledger: Ledger, estate: str, roots: Sequence[str]) -> tuple[str, ...]:
    """Where the index of the estate's reports lies, one in each place. Raises LakeError."""
    found = list(publications(ledger))
    places = []
    for root in roots:
        places.append(_publish_listing(open_lake(root), estate, found))
    return tuple(places)


def _publish_listing(lake: Lake, estate: str, found: Sequence[AuditEvent]) -> str:
    listing = Listing(estate, entries(found, lambda path: lake.store.exists(f"{estate}/{path}")))
    return lake.write_document(f"{estate}/index.html", render_listing(listing).encode())


def listed_facts(view: ReadinessView) -> dict[str, object]:
    """What the index says of a report, noted with its publication; money exact, as text."""
    money = cost_page(view)
    after = None if money is None or money.withheld else money.after.monthly_usd
    return {
        "resources": view.totals.resources,
        "now_usd": None if money is None or money.before.monthly_usd is None else str(money.before.monthly_usd),
        "after_usd": None if after is None else str(after),
        "sampled": view.costs is not None and any(row.samples for row in view.costs.price_lists),
    }


def publications(ledger: Ledger) -> Iterator[AuditEvent]:
    """Every publication of a report, oldest first."""
    after = 0
    while events := ledger.audit_events(after, _EVENTS_AT_A_TIME):
        yield from (event for event in events if event.action == PUBLISHED)
        after = events[-1].seq


def entries(events: Sequence[AuditEvent], exists: Callable[[str], bool]) -> tuple[Entry, ...]:
    """The reports that are still there, the newest first; of one published twice, as it was last. Paths are from the index on."""
    last = {(event.subject, event.detail["plan"] or ""): event for event in events}
    found = []
    for key in sorted(last, reverse=True):
        folder = "/".join(part for part in key if part)
        if exists(f"{folder}/{PAGE}"):
            found.append(_entry(last[key], folder))
    return tuple(found)


def _entry(event: AuditEvent, folder: str) -> Entry:
    detail: Mapping[str, Any] = event.detail
    names = {place.rpartition("/")[2] for place in detail["places"]}
    return Entry(
        snapshot_id=event.subject,
        snapshot_at=snapshot_time(event.subject),
        plan_id=detail["plan"],
        files=tuple((label, quote(f"{folder}/{name}")) for name, label in LABELS.items() if name in names),
        resources=detail.get("resources"),
        now_usd=_money(detail.get("now_usd")),
        after_usd=_money(detail.get("after_usd")),
        sampled=bool(detail.get("sampled")),
    )


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
