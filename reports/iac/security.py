"""The page of what a scanner finds in the code, against what it finds in the source as code."""

from collections.abc import Iterable, Iterator
from typing import Any

from cloudmigrate.domain.iac.findings import Finding, FindingsDelta, counted
from reports.markdown import table, text

PAGE = "security.md"


def security_page(delta: FindingsDelta) -> str:
    """New findings one by one, the others counted by check."""
    lines = ["# What a scanner finds", ""]
    without = "the same modules without all that we put there (`defaulted` in the fidelity tables): the source as code"
    lines += [
        f"{text(delta.scanner)} looked at the Terraform modules, and at {without}.",
        "Without an account it tells no severities.",
        "",
    ]
    both = ((len(delta.new), "new"), (len(delta.kept), "kept"), (len(delta.gone), "gone"))
    lines += [*table(("findings", "the source has them", "the code has them"), map(_row, both)), ""]
    lines += ["## New", "", *(_each(delta.new) if delta.new else ["Nothing that the source does not have."]), ""]
    lines += ["## Kept", "", *_counts(delta.kept, "Nothing: the code is clean."), ""]
    lines += ["## Gone", "", *_counts(delta.gone, "Nothing."), ""]
    return "\n".join(lines)


def security_counts(delta: FindingsDelta) -> dict[str, Any]:
    """What the index of the tree says of it."""
    return {"scanner": delta.scanner, "new": len(delta.new), "kept": len(delta.kept), "gone": len(delta.gone)}


def _row(told: tuple[int, str]) -> tuple[str, str, str]:
    count, word = told
    return f"{count} {word}", "no" if word == "new" else "yes", "no" if word == "gone" else "yes"


def _each(findings: Iterable[Finding]) -> Iterator[str]:
    yield from table(("check", "asks for", "resource"), ((one.check, one.asks, one.resource) for one in findings))


def _counts(findings: tuple[Finding, ...], nothing: str) -> list[str]:
    if not findings:
        return [nothing]
    rows = ((check, asks, str(count)) for (check, asks), count in counted(findings).items())
    return list(table(("check", "asks for", "resources"), rows))
