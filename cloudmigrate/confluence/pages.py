"""What is to be done about a page, decided from what is there: pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MARK = "cloudmigrate-content"  # key of the content property that says what we wrote last
TITLE_AT_MOST = 255  # Source: Confluence, "The title cannot be longer than 255 characters"


class Action(StrEnum):
    """What became of a page."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page as it should be."""

    title: str
    body: str  # storage format
    parent_id: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal, of all of it."""
        told = json.dumps([self.title, self.body, self.parent_id], ensure_ascii=True)
        return hashlib.sha256(told.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """A page as it is."""

    page_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Mark:
    """What we wrote last: the digest of the page, and which version of it that was."""

    digest: str
    page_version: int
    version: int = 0  # of the property itself; 0: there is none


NO_MARK = Mark("", 0)


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one page."""

    title: str
    page_id: str
    action: Action
    version: int
    was_edited: bool = False  # somebody wrote a version of it since ours; it is in the page's history


def action_for(wanted: Wanted, found: Found | None, mark: Mark) -> Action:
    """Nothing is written where what we wrote last is what is wanted, whoever edited it since."""
    if found is None:
        return Action.CREATED
    return Action.UNCHANGED if mark.digest == wanted.digest else Action.UPDATED


def was_edited(found: Found | None, mark: Mark) -> bool:
    """Whether somebody else wrote the newest version of a page of ours."""
    return found is not None and bool(mark.version) and found.version != mark.page_version


def page_document(wanted: Wanted, space: str, version: int | None = None) -> dict[str, Any]:
    """The page as the content API takes it; *version*: of an update."""
    document: dict[str, Any] = {
        "type": "page",
        "title": wanted.title,
        "space": {"key": space},
        "body": {"storage": {"value": wanted.body, "representation": "storage"}},
    }
    if wanted.parent_id is not None:
        document["ancestors"] = [{"id": wanted.parent_id}]
    if version is not None:
        document["version"] = {"number": version}
    return document


def found_of(document: Mapping[str, Any]) -> Found:
    """The page that an answer tells. Raises KeyError, TypeError, ValueError for one that tells none."""
    return Found(str(document["id"]), int(document["version"]["number"]))


def mark_of(document: Mapping[str, Any]) -> Mark:
    """The mark that an answer tells; one that holds something else says nothing. Raises KeyError, TypeError, ValueError."""
    value, version = document["value"], int(document["version"]["number"])
    if not isinstance(value, Mapping) or not isinstance(value.get("sha256"), str) or not isinstance(value.get("version"), int):
        return Mark("", 0, version)
    return Mark(value["sha256"], value["version"], version)


def mark_document(mark: Mark) -> dict[str, Any]:
    """The mark as the property API takes it; version 1 makes it."""
    return {"key": MARK, "value": {"sha256": mark.digest, "version": mark.page_version}, "version": {"number": mark.version}}
