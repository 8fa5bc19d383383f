"""YAML text as plain values, with the line of each; a small, safe part of YAML.

Mappings, lists and scalars only: anchors, aliases and tags are refused, so no text can grow in memory or make an object.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]
LARGEST_BYTES = 1_000_000
DEEPEST = 20

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
# YAML 1.1 reads 010 as eight, 1:30 as ninety and 1_000 as a thousand; here they stay text, and a number looks like one.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong on one line (counted from 1)."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.text}"


@dataclass(frozen=True, slots=True)
class Document:
    """The plain value, the line and the written text of each place in it, and what is wrong with it as YAML."""

    value: Any
    lines: dict[Path, int] = field(default_factory=dict)
    raw: dict[Path, str] = field(default_factory=dict)  # scalars, as they are written
    quoted: frozenset[Path] = frozenset()
    problems: tuple[Problem, ...] = ()


def shown(path: Path) -> str:
    """*path* as people write it: accounts[1].role_arn."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def read(data: bytes) -> Document:
    """The document in *data*; where it is no YAML that we read, the value is None and the problems say why."""
    if len(data) > LARGEST_BYTES:
        return _refused(1, f"the file is larger than {LARGEST_BYTES:,} bytes")
    try:
        return _document(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return _refused(data[: error.start].count(b"\n") + 1, "the file is not UTF-8 text")


def _document(text: str) -> Document:
    try:
        problem = _first_refused_construct(text)
        node = None if problem else yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = Problem(mark.line + 1 if mark else 1, _told(error, text))
    except yaml.reader.ReaderError as error:
        problem = Problem(text[: error.position].count("\n") + 1, "a control character stands here")
    if problem or node is None:
        return Document(None, problems=(problem,) if problem else ())
    reader = _Reader()
    value = reader.value_of(node, ())
    return Document(value, reader.lines, reader.raw, frozenset(reader.quoted), tuple(reader.problems))


def _refused(line: int, text: str) -> Document:
    return Document(None, problems=(Problem(line, text),))


def _first_refused_construct(text: str) -> Problem | None:
    """The first anchor, alias, tag or too deep nesting; found from events, before anything is built."""
    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return Problem(line, f"anchors and aliases (&{event.anchor}, *{event.anchor}) are not read; write the value out")
        if getattr(event, "tag", None):
            return Problem(line, f"the tag {event.tag[:80]!r} is not read; write plain values")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return Problem(line, f"values are nested more than {DEEPEST} deep")
    return None


def _told(error: yaml.MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark
    lines = text.splitlines()
    there = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\t" in there[: len(there) - len(there.lstrip())]:
        return "a tab stands where YAML takes spaces only"
    if isinstance(error, yaml.composer.ComposerError):
        return "a second document begins here (---); one file is one estate"
    context = f" {error.context}" if error.context else ""
    return f"this is no YAML: {error.problem}{context}"


class _Reader:
    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.raw: dict[Path, str] = {}
        self.quoted: set[Path] = set()
        self.problems: list[Problem] = []

    def value_of(self, node: Any, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return {key: self.value_of(value, (*path, key)) for key, value in self._entries(node, path)}
        if isinstance(node, yaml.SequenceNode):
            return [self.value_of(value, (*path, index)) for index, value in enumerate(node.value)]
        self.raw[path] = node.value
        if node.style in ("'", '"', "|", ">"):
            self.quoted.add(path)
        return _plain(node)

    def _entries(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, yaml.Node]]:
        seen: dict[str, int] = {}
        for key_node, value in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(line, f"{shown(path) or 'top level'}: a field's name must be plain text"))
                continue
            key = str(key_node.value)
            if key in seen:
                self.problems.append(Problem(line, f"{shown((*path, key))}: is written twice; the first is on line {seen[key]}"))
                continue
            seen[key] = line
            self.lines[*path, key] = line
            yield key, value


def _plain(node: yaml.ScalarNode) -> Any:
    kind = str(node.tag).removeprefix(_TAG)
    text = str(node.value)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in ("yes", "true", "on")
    if kind in ("int", "float") and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "float":
        try:
            return float(text)
        except ValueError:
            return text
    return text
