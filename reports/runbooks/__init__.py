"""Runbooks as Markdown, HTML, PDF and Confluence's storage format: one document, four ways to show it."""

from reports.runbooks.formats import ENDINGS, Form, rendered

__all__ = ["ENDINGS", "Form", "rendered"]
