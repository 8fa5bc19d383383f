"""A stored plan's text, read and checked: anyone may have edited the file, and nothing of it is believed before it agrees with itself."""

import json
from typing import Any

from cloudmigrate.domain.plan import SCHEMA_VERSION, verify_document
from cloudmigrate.domain.unwatched import unwatched

LONGEST_SHOWN = 120


class PlanDocumentError(ValueError):
    """The text is no plan, or one that contradicts itself or was changed since it was drafted."""


@unwatched
def read_plan(data: bytes, published_hash: str | None = None) -> dict[str, Any]:
    """The plan's document as it was written. Raises PlanDocumentError, in one sentence, for anything that is none.

    One that says what *published_hash* stands for, the hash that the ledger keeps of it, is ours, and its form is not looked at again.
    """
    try:
        document = json.loads(data)
    except RecursionError:
        raise PlanDocumentError("it is nested too deeply") from None
    except ValueError as error:  # also text in another encoding
        raise PlanDocumentError(f"it is no JSON: {str(error)[:LONGEST_SHOWN]}") from error
    if not isinstance(document, dict):
        raise PlanDocumentError(f"it is no JSON object but {type(document).__name__}")
    version = document.get("schema_version")
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        raise PlanDocumentError(f"schema_version is {shown(version)}, and this version reads 1 to {SCHEMA_VERSION}")
    if published_hash is not None and document.get("content_hash") == published_hash and verify_document(document):
        return document
    from cloudmigrate.domain.plan_form import wrong_with  # a fifth of a second for what most plans need not

    wrong = wrong_with(document)
    if wrong:
        raise PlanDocumentError(wrong)
    if not verify_document(document):
        raise PlanDocumentError("it does not say what it said when it was drafted: its hash, name or content was changed")
    return document


def shown(value: Any) -> str:
    """The value in a message: controls written out, and never long."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    told = value if isinstance(value, str) and value.isprintable() and value else repr(value)
    return told if len(told) <= LONGEST_SHOWN else f"{told[:LONGEST_SHOWN]}..."
