"""The readiness report as a PDF for a board: the same view records, told in blocks and set by Typst."""

from reports.readiness.printed.render import render_pdf

__all__ = ["render_pdf"]
