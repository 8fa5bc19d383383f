"""The forms that a runbook can be rendered in, each with the ending of its files."""

from collections.abc import Mapping
from enum import StrEnum

from cloudmigrate.domain.runbooks.blocks import Document


class Form(StrEnum):
    """A form of a runbook."""

    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    CONFLUENCE = "confluence"


ENDINGS: Mapping[Form, str] = {Form.MARKDOWN: "md", Form.HTML: "html", Form.PDF: "pdf", Form.CONFLUENCE: "confluence.xml"}


def rendered(document: Document, form: Form) -> bytes:
    """The document in one form; the same bytes for the same document."""
    match form:
        case Form.MARKDOWN:
            from reports.runbooks.markdown import render_markdown

            return render_markdown(document).encode()
        case Form.HTML:
            from reports.runbooks.html import render_html

            return render_html(document).encode()
        case Form.PDF:
            from reports.runbooks.printed import render_pdf

            return render_pdf(document)
        case Form.CONFLUENCE:
            from reports.runbooks.confluence import render_storage

            return render_storage(document).encode()
