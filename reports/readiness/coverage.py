"""What could and could not be seen, grouped so that a person can act on it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from reports.readiness.view import CoverageRow, Gap, Seen

SEEN_STATUSES = frozenset({"ok", "empty"})
GLOBAL = "global"
ASSUME_ROLE = "sts:AssumeRole"
# A cell of several gaps shows the one that hides most.
_WORST_FIRST = ("denied", "failed", "throttled", "not_attempted", "partial")


_NEXT_STEPS = {
    "throttled": "Run again when fewer other tools call this account; AWS refused for rate, not for rights.",
    "denied": "Compare the role's policy (and any service control policy) with `cloudmigrate iam-policy`, then run again.",
    "not_attempted": "Run again; the account was left before this was looked at.",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One service in one account and region: *word* is ok, empty, partial, denied, throttled, failed or not attempted."""

    word: str
    resources: int
    seen_types: int
    types: int
    note: str


@dataclass(frozen=True, slots=True)
class MatrixTable:
    """A part of the coverage matrix narrow enough to print: columns are (account, region), rows are services."""

    accounts: tuple[tuple[str, int], ...]  # account id, number of its columns
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]


def tally(rows: Iterable[CoverageRow], key: Callable[[CoverageRow], object]) -> Seen:
    """How many distinct keys of *rows* were seen completely, partly, not at all."""
    seen: dict[object, list[bool]] = {}
    for row in rows:
        seen.setdefault(key(row), []).append(row.status in SEEN_STATUSES)
    # A partly listed type was seen to exist, so its account is not "not seen".
    touched = {key(row) for row in rows if row.status == "partial"}
    full = sum(all(flags) for flags in seen.values())
    nothing = sum(not any(flags) and one not in touched for one, flags in seen.items())
    return Seen(seen=full, partly=len(seen) - full - nothing, not_seen=nothing)


def next_step(row: CoverageRow) -> str:
    """What a person does to close the gap."""
    return gap_step(row.status, row.missing_action, row.detail)


def gap_step(status: str, missing_action: str | None, detail: str | None) -> str:
    """What a person does about something that was not seen, or not wholly."""
    if missing_action == ASSUME_ROLE:
        return f"Let the caller enter: allow it {ASSUME_ROLE}, and let the role's trust policy (and external id) name it. Then run again."
    if missing_action:
        return f"Allow {missing_action} for the role that scans this account, then run again."
    if status == "failed" and "not implemented by endpoint" in (detail or ""):
        return "Nothing to grant: the endpoint does not offer this call. Against AWS itself it will be seen."
    return _NEXT_STEPS.get(status, "Run again; if it fails again, look at the error in the run's log.")


def gaps(rows: Sequence[CoverageRow]) -> tuple[Gap, ...]:
    """One gap per (account, cause): whole accounts first, then by the number of look-ups that it hides."""
    seen_accounts = {row.account_id for row in rows if row.status in SEEN_STATUSES or row.status == "partial"}
    found: dict[tuple[str, ...], list[CoverageRow]] = {}
    for row in rows:
        if row.status not in SEEN_STATUSES:
            cause = (row.missing_action,) if row.missing_action else (row.status, row.error_code or "", row.detail or "")
            found.setdefault((row.account_id, *map(str, cause)), []).append(row)
    result = [
        Gap(
            account_id=hit[0].account_id,
            status=_worst([row.status for row in hit]),
            error_code=hit[0].error_code,
            missing_action=hit[0].missing_action,
            detail=next((row.detail for row in hit if row.detail), None),
            regions=tuple(sorted({row.region for row in hit})),
            services=tuple(sorted({row.service for row in hit})),
            types=tuple(sorted({row.type for row in hit})),
            look_ups=len(hit),
            whole_account=hit[0].account_id not in seen_accounts,
            next_step=next_step(hit[0]),
        )
        for hit in found.values()
    ]
    return tuple(
        sorted(result, key=lambda gap: (not gap.whole_account, -gap.look_ups, gap.account_id, gap.missing_action or "", gap.next_step))
    )


def missing_actions(found: Iterable[Gap]) -> Mapping[str, tuple[str, ...]]:
    """Per account the IAM actions to allow, sorted."""
    actions: dict[str, set[str]] = {}
    for gap in found:
        if gap.missing_action and gap.missing_action != ASSUME_ROLE:  # that one belongs to the caller's own policy
            actions.setdefault(gap.account_id, set()).add(gap.missing_action)
    return {account: tuple(sorted(names)) for account, names in sorted(actions.items())}


def matrix(rows: Sequence[CoverageRow], *, columns_at_most: int = 10) -> tuple[MatrixTable, ...]:
    """The coverage of every service in every account and region, in tables of at most about that many columns.

    An account's regions stay in one table; "global" comes last.
    """
    cells: dict[tuple[str, str, str], list[CoverageRow]] = {}
    for row in rows:
        cells.setdefault((row.account_id, row.region, row.service), []).append(row)
    places = sorted({(account, region) for account, region, _ in cells}, key=lambda place: (place[0], place[1] == GLOBAL, place[1]))
    services = sorted({service for _, _, service in cells})
    tables = []
    for chunk in _chunks([list(group) for _, group in groupby(places, key=lambda place: place[0])], columns_at_most):
        columns = tuple(place for account in chunk for place in account)
        body = tuple((service, tuple(_cell(cells.get((account, region, service))) for account, region in columns)) for service in services)
        tables.append(
            MatrixTable(
                accounts=tuple((account[0][0], len(account)) for account in chunk),
                columns=columns,
                rows=tuple(row for row in body if any(row[1])),
            )
        )
    return tuple(tables)


def _chunks(accounts: Sequence[list[tuple[str, str]]], columns_at_most: int) -> Iterable[list[list[tuple[str, str]]]]:
    chunk: list[list[tuple[str, str]]] = []
    for account in accounts:
        if chunk and sum(map(len, chunk)) + len(account) > columns_at_most:
            yield chunk
            chunk = []
        chunk.append(account)
    if chunk:
        yield chunk


def _cell(rows: Sequence[CoverageRow] | None) -> Cell | None:
    if not rows:
        return None
    resources = sum(row.resources for row in rows)
    seen = [row for row in rows if row.status in SEEN_STATUSES]
    unseen = [row for row in rows if row.status not in SEEN_STATUSES]
    if not unseen:
        word = "ok" if resources else "empty"
    elif seen or any(row.status == "partial" for row in unseen):
        word = "partial"
    else:
        word = _worst([row.status for row in unseen])
    note = "; ".join(f"{row.type} {row.status.replace('_', ' ')}" for row in unseen)
    return Cell(word=word.replace("_", " "), resources=resources, seen_types=len(seen), types=len(rows), note=note)


def _worst(statuses: Sequence[str]) -> str:
    return next((status for status in _WORST_FIRST if status in statuses), statuses[0])
