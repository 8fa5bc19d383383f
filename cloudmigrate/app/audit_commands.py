"""`cloudmigrate audit`: who did what and when, and whether that record is whole."""

from typing import Annotated

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, FAILED, EstateOption, FormatOption
from cloudmigrate.app.output import Format, print_rows, say
from cloudmigrate.errors import UsageError

COLUMNS = ("seq", "at", "actor", "action", "subject", "detail", "hash")

audit_app = App(name="audit", help="List the audit events, or verify that none was changed or removed.")


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
) -> int:
    """Check the hash chain of all audit events; exit code 1 where it is broken. Note the head somewhere else."""
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.ledger.records import AuditHead

    expected = None
    if head is not None:
        number, _, digest = head.partition(":")
        if not number.isdigit() or len(digest) != 64:
            raise UsageError(f"--head {head}: not of the form NUMBER:HASH. Next: give what an earlier `cloudmigrate audit verify` printed.")
        expected = AuditHead(int(number), digest)
    ledger = open_workspace(estate).ledger
    problems = ledger.verify_audit(expected)
    for problem in problems:
        say(str(problem))
    if problems:
        say("The audit chain is broken. Next: compare with a backup of the ledger; ask who could write to its database.")
        return FAILED
    newest = ledger.audit_head()
    print(f"{newest.seq}:{newest.hash}")
    say("the audit chain is whole; its head is above. Next: note it outside of this ledger.")
    return DONE
