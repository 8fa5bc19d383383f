"""The index of an estate's reports: one page that links to each, the newest first."""

from reports.listing.html import render_listing
from reports.listing.view import Entry, Listing

__all__ = ["Entry", "Listing", "render_listing"]
