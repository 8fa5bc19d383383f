"""The text of HCL as `terraform fmt` leaves it. Text of strangers is quoted here, and nowhere else.

Source: HashiCorp, HCL native syntax specification ("Template expressions", escapes ``$${`` and ``%%{``); Terraform language, "Style guide".
"""

import json
from collections.abc import Iterable, Mapping

from cloudmigrate.domain.iac.hcl import Attribute, Block, Code, Encoded, Expression, Merged, Remark, Text

INDENT = "  "
LONGEST_LIST = 100  # characters of a list on one line
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def hcl_text(blocks: Iterable[Block | Remark]) -> str:
    """A file: its blocks, an empty line between them."""
    return "\n".join(f"{_remark(one)}\n" if isinstance(one, Remark) else "\n".join(_block(one, 0)) + "\n" for one in blocks)


def quoted(text: str) -> str:
    """A quoted string that means exactly *text*: no escape, no interpolation, no directive of it is left."""
    pieces = []
    for char in text:
        if char in '"\\':
            pieces.append(f"\\{char}")
        elif char in "\n\r\t":
            pieces.append({"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char])
        elif ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 or char in "\u2028\u2029\ufeff" or 0xD800 <= ord(char) < 0xE000:
            pieces.append(f"\\u{ord(char):04x}" if not 0xD800 <= ord(char) < 0xE000 else "\\ufffd")
        else:
            pieces.append(char)
    return f'"{_no_templates("".join(pieces))}"'


def _no_templates(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _remark(remark: Remark) -> str:
    return "# " + " ".join("".join(char if char.isprintable() else " " for char in remark.text).split())


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
        first = [*first[:-1], f"{first[-1]}, {one[0]}", *one[1:]]
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
        return '"' + "".join(f"${{{one.text}}}" if isinstance(one, Code) else quoted(one)[1:-1] for one in value.parts) + '"'
    if isinstance(value, str):
        return quoted(value)
    return json.dumps(value)


def _key(name: str) -> str:
    """A key of a map: bare where it is a plain word."""
    is_word = bool(name) and set(name) <= _PLAIN and not name[0].isdigit() and name[0] != "-"
    return name if is_word and name not in {"null", "true", "false", "for", "if", "in"} else quoted(name)
