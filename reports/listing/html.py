"""The index as one HTML file: no script, no network, nothing from strangers read as markup, the same bytes for the same entries."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.listing.view import Listing
from reports.readiness import cost_words, words
from reports.readiness.text import visible

_HERE = Path(__file__).parent
_STYLE = _HERE.parent / "readiness" / "static" / "report.css"


def render_listing(listing: Listing) -> str:
    """The page."""
    style = _STYLE.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template("listing.html.j2")
        .render(listing=listing, sentence=listing_sentence(listing), style=Markup(style), style_hash=f"sha256-{digest}")  # noqa: S704  # our own
    )


def listing_sentence(listing: Listing) -> str:
    """How many reports there are, of what time."""
    if not listing.entries:
        return "No report has been published yet."
    reports = words.count(len(listing.entries), "report")
    newest, oldest = listing.entries[0].snapshot_at, listing.entries[-1].snapshot_at
    if words.day(newest) == words.day(oldest):
        return f"{reports}, of {words.day(newest)}."
    return f"{reports}, of {words.day(oldest)} to {words.day(newest)}; the newest comes first."


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters.update(visible=visible, instant=words.instant, number=words.number, usd=cost_words.usd)
    return made
