"""`cloudmigrate audit`: who did what and when, and whether that record is whole."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, FAILED, EstateOption, FormatOption
from cloudmigrate.app.output import Format, print_rows, say
from cloudmigrate.domain.counting import counted
from cloudmigrate.errors import CloudMigrateError, UsageError

if TYPE_CHECKING:
    from cloudmigrate.ledger.ledger import AuditHead
    from cloudmigrate.workspace import Workspace

COLUMNS = ("seq", "at", "actor", "action", "subject", "detail", "hash")
PAGE_ROWS = 1000

audit_app = App(name="audit", help="List or export the audit events, or verify that none was changed or removed.")


@audit_app.default
def events(
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    after: Annotated[int, Parameter(help="Only events after this number.")] = 0,
    limit: Annotated[int, Parameter(help="At most so many.")] = 1000,
    form: FormatOption = Format.TABLE,
) -> int:
    """List audit events, oldest first."""
    from cloudmigrate.app.reading import open_workspace

    found = open_workspace(estate).ledger.audit_events(after, limit)
    print_rows(COLUMNS, [{name: getattr(one, name) for name in COLUMNS} for one in found], form)
    return DONE


@audit_app.command
def verify(
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    head: Annotated[str | None, Parameter(help="The head noted at an earlier time, NUMBER:HASH: the chain must still contain it.")] = None,
    exported: Annotated[
        Path | None, Parameter(help="A file of `cloudmigrate audit export`: the chain must still contain its head.")
    ] = None,
) -> int:
    """Check the hash chain of all audit events, and every approval against it; exit code 1 where one is broken. Note the head elsewhere."""
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.ledger.approvals import signed_heads
    from cloudmigrate.ledger.records import NotedHead

    noted = _head(head, f"--head {head}") if head is not None else None
    of_file = [NotedHead(_exported_head(exported), f"exported to {exported}")] if exported is not None else []
    workspace = open_workspace(estate)
    ledger, name, people = workspace.ledger, workspace.estate.estate, workspace.estate.people
    signed = signed_heads(ledger.approvals(name), people)
    problems = [str(one) for one in ledger.verify_audit(noted, [*signed, *of_file])]
    problems += ledger.verify_approvals(name, people)
    for problem in problems:
        say(problem)
    if problems:
        say("The audit chain is broken. Next: compare with a backup of the ledger; ask who could write to its database.")
        return FAILED
    newest = ledger.audit_head()
    print(f"{newest.seq}:{newest.hash}")
    say(f"the audit chain is whole, and holds the {counted(len(signed), 'head')} that approvals signed; its own head is above.")
    say("Next: note it outside of this ledger.")
    return DONE


@audit_app.command
def export(
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    out: Annotated[Path | None, Parameter(help="Write to this file instead of stdout.")] = None,
) -> int:
    """Write every audit event, request and signed answer as lines of JSON, the head last. Keep it outside of this ledger."""
    from cloudmigrate.app.reading import open_workspace

    workspace = open_workspace(estate)
    lines = (json.dumps(one, ensure_ascii=True, default=str) + "\n" for one in _exported(workspace))
    if out is None:
        for line in lines:
            print(line, end="")
        return DONE
    try:
        with out.open("w", encoding="ascii") as file:
            file.writelines(lines)
    except OSError as error:
        raise CloudMigrateError(f"write {out}: {error.strerror}. Next: name a file in a folder you can write to.") from error
    say(f"wrote {out}. Next: keep it elsewhere; `cloudmigrate audit verify --exported {out}` holds the ledger against it.")
    return DONE


def _exported(workspace: "Workspace") -> Iterator[dict[str, Any]]:
    """One document per event up to the head of this moment, per request and per answer; the head last."""
    from dataclasses import asdict

    from cloudmigrate.domain.approvals import answer_document

    ledger = workspace.ledger
    head, seq = ledger.audit_head(), 0
    while seq < head.seq:
        page = [one for one in ledger.audit_events(seq, PAGE_ROWS) if one.seq <= head.seq]
        if not page:
            break
        for one in page:
            yield {"kind": "event", **asdict(one), "at": one.at.isoformat()}
        seq = page[-1].seq
    record = ledger.approvals(workspace.estate.estate)
    for request in record.requests:
        yield {"kind": "request", **asdict(request)}
    for answer in record.answers:
        yield {"kind": "answer", **answer_document(answer)}
    yield {"kind": "head", "head": f"{head.seq}:{head.hash}"}


def _exported_head(path: Path) -> "AuditHead":
    """The head on the last line of an exported file. Raises UsageError."""
    refused = UsageError(f"--exported {path}: its last line holds no head. Next: name a whole file of `cloudmigrate audit export`.")
    try:
        last = json.loads(path.read_text(encoding="ascii").splitlines()[-1])
    except OSError as error:
        raise UsageError(f"--exported {path}: {error.strerror}. Next: name a file that you may read.") from error
    except (ValueError, IndexError):
        raise refused from None
    if not isinstance(last, dict) or not isinstance(last.get("head"), str):
        raise refused
    return _head(last["head"], f"--exported {path}")


def _head(text: str, source: str) -> "AuditHead":
    from cloudmigrate.ledger.records import AuditHead

    number, _, digest = text.partition(":")
    if not number.isdigit() or len(digest) != 64:
        raise UsageError(f"{source}: not of the form NUMBER:HASH. Next: give what an earlier `cloudmigrate audit verify` printed.")
    return AuditHead(int(number), digest)
