"""The readiness report: one typed view, told as a self-contained HTML file, as a PDF and as a JSON document."""

from reports.readiness.document import render_json
from reports.readiness.html import render_html
from reports.readiness.printed import render_pdf
from reports.readiness.view import ReadinessView

__all__ = ["ReadinessView", "render_html", "render_json", "render_pdf"]
