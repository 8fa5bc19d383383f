"""The text of HCL as `terraform fmt` leaves it. Text of strangers is quoted here, and nowhere else.

Source: HashiCorp, HCL native syntax specification ("Template expressions", escapes ``$${`` and ``%%{``); what `terraform fmt` 1.11 leaves
as it is: equals signs of lines in a row are aligned, and a line that opens more than it closes ends the row.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from unicodedata import category

from cloudmigrate.domain.iac.hcl import Attribute, Block, Code, Encoded, Expression, Merged, Remark, Text
from cloudmigrate.printable import one_line

INDENT = "  "
LONGEST_LIST = 100  # characters of a list on one line
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # categories of characters that nobody sees, or that turn or break a line
# ASCII; letters of Latin, Greek and Cyrillic; kana; CJK ideographs: none of them joins another.
_ONE_COLUMN = (
    (" ", "~"),
    ("\u00c0", "\u024f"),
    ("\u0391", "\u03c9"),
    ("\u0410", "\u044f"),
    ("\u3041", "\u3096"),
    ("\u30a1", "\u30fa"),
    ("\u4e00", "\u9fff"),
)
_TO_ESCAPE = re.compile(r'[$%]\{|["\\\x00-\x1f]|[^ -~]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# A beginning with its end and nothing else in it: every reader knows its doubled sign.
_CLOSED = re.compile(r'(?<![$%])[$%]\{[^${}%"\\]*\}')
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def hcl_text(blocks: Iterable[Block | Remark]) -> str:
    """A file: its blocks, an empty line between them. Remarks in a row stand together."""
    lines: list[str] = []
    previous: Block | Remark | None = None
    for one in blocks:
        if previous is not None and not (isinstance(previous, Remark) and isinstance(one, Remark)):
            lines.append("")
        lines += [_remark(one)] if isinstance(one, Remark) else _block(one, 0)
        previous = one
    return "".join(f"{line}\n" for line in lines)


def quoted(text: str) -> str:
    """A quoted string that means exactly *text*: no escape, no interpolation, no directive of it is left.

    Terraform itself brings all text to Unicode's form NFC. Half of a pair of surrogates, which no file can hold, becomes U+FFFD.
    """
    return f'"{_escaped(text)}"'


def _escaped(text: str, *, is_shown: Callable[[str], bool] = lambda char: category(char) not in HIDDEN) -> str:
    def instead(found: re.Match[str]) -> str:
        char = found.group()
        if char in ("${", "%{"):
            return f"{char[0]}{char}" if _CLOSED.match(text, found.start()) else f"{_numbered(char[0])}{{"
        if char in _SHORT:
            return _SHORT[char]
        return char if is_shown(char) else _numbered(char)

    return _TO_ESCAPE.sub(instead, text)


def _numbered(char: str) -> str:
    number = ord(char)
    if 0xD800 <= number < 0xE000:
        return "\\ufffd"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _template(text: Text) -> str:
    """Text with expressions in it. What only looks like the beginning of one where two parts meet is none."""
    parts: list[str | Code] = []
    for one in text.parts:
        if isinstance(one, str) and parts and isinstance(parts[-1], str):
            parts[-1] += one
        elif one != "":
            parts.append(one)
    if len(parts) == 1 and isinstance(parts[0], Code):
        return parts[0].text
    pieces = []
    for number, one in enumerate(parts):
        if isinstance(one, Code):
            pieces.append(f"${{{one.text}}}")
        elif number + 1 < len(parts) and one[-1] in "$%":  # "$" before "${" would escape it
            pieces.append(f"{_escaped(one[:-1])}{_numbered(one[-1])}")
        else:
            pieces.append(_escaped(one))
    return f'"{"".join(pieces)}"'


def _remark(remark: Remark) -> str:
    return "# " + " ".join(one_line(remark.text, instead=" ").split())


def _block(block: Block, depth: int) -> list[str]:
    head = " ".join((block.type, *map(quoted, block.labels)))
    pad = INDENT * depth
    if not block.body:
        return [f"{pad}{head} {{", f"{pad}}}"]
    lines = [f"{pad}{head} {{"]
    attributes = [one for one in block.body if isinstance(one, Attribute)]
    lines += _attributes([(one.name, one.value) for one in attributes], depth + 1)
    for number, inner in enumerate(one for one in block.body if isinstance(one, Block)):
        lines += [""] if attributes or number else []
        lines += _block(inner, depth + 1)
    return [*lines, f"{pad}}}"]


def _attributes(pairs: list[tuple[str, Expression]], depth: int) -> list[str]:
    """Lines of ``name = value``: the equals signs of neighbours of one line each stand beneath one another."""
    written = [(name, _lines(value, depth)) for name, value in pairs]
    lines: list[str] = []
    run: list[tuple[str, str]] = []

    def flush() -> None:
        width = max((len(name) for name, _ in run), default=0)
        lines.extend(f"{INDENT * depth}{name.ljust(width)} = {value}" for name, value in run)
        run.clear()

    for name, value in written:
        if len(value) == 1:
            run.append((name, value[0]))
            continue
        flush()
        lines.append(f"{INDENT * depth}{name} = {value[0]}")
        lines.extend(value[1:])
    flush()
    return lines


def _lines(value: Expression, depth: int) -> list[str]:
    """The lines of an expression; all but the first are indented already."""
    if isinstance(value, Encoded):
        return _wrapped("jsonencode(", _lines(value.content, depth), ")")
    if isinstance(value, Merged):
        return _merged(value, depth)
    if isinstance(value, Mapping):
        members = _attributes([(_key(name), item) for name, item in value.items()], depth + 1)
        return ["{", *members, f"{INDENT * depth}}}"] if members else ["{}"]
    return _list(value, depth) if isinstance(value, tuple) else [_scalar(value)]


def _merged(value: Merged, depth: int) -> list[str]:
    first, *others = (_lines(one, depth) for one in value.maps)
    for one in others:
        joint = f"{first[-1]}, {one[0]}"
        if len(first) > 1 and len(one) > 1:  # a line that closes as much as it opens stands where its members stand
            joint = f"{INDENT * (depth + 1)}{joint.strip()}"
        first = [*first[:-1], joint, *one[1:]]
    return _wrapped("merge(", first, ")")


def _list(items: tuple[Expression, ...], depth: int) -> list[str]:
    written = [_lines(one, depth + 1) for one in items]
    if all(len(one) == 1 for one in written) and sum(len(one[0]) + 2 for one in written) <= LONGEST_LIST:
        return [f"[{', '.join(one[0] for one in written)}]"]
    lines = ["["]
    for one in written:
        lines += [f"{INDENT * (depth + 1)}{one[0]}", *one[1:]]
        lines[-1] += ","
    return [*lines, f"{INDENT * depth}]"]


def _wrapped(before: str, lines: list[str], after: str) -> list[str]:
    return [f"{before}{lines[0]}{after}"] if len(lines) == 1 else [f"{before}{lines[0]}", *lines[1:-1], f"{lines[-1]}{after}"]


def _scalar(value: Expression) -> str:
    if isinstance(value, Code):
        return value.text
    if isinstance(value, Text):
        return _template(value)
    if isinstance(value, str):
        return quoted(value)
    return json.dumps(value)


def _key(name: str) -> str:
    """A key of a map: bare where it is a plain word."""
    is_word = bool(name) and set(name) <= _PLAIN and not name[0].isdigit() and name[0] != "-"
    if is_word and name not in {"null", "true", "false", "for", "if", "in"}:
        return name
    return f'"{_escaped(name, is_shown=_is_one_column)}"'


def _is_one_column(char: str) -> bool:
    """Whether it is a column of its own, whatever stands beside it: what aligns equals signs counts columns, not characters."""
    return any(first <= char <= last for first, last in _ONE_COLUMN)
