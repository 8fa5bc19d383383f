"""What one account and region hold, type by type, and what could not be seen there."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from cloudmigrate import log
from cloudmigrate.aws.collector import rare_collections
from cloudmigrate.aws.describe import resource_of, state_of, truthy
from cloudmigrate.aws.details import RowDetails
from cloudmigrate.aws.expressions import evaluate
from cloudmigrate.aws.failures import CALL_ERRORS, Failure, coverage_status, entry_failure, failure_of, plain
from cloudmigrate.aws.listing import RegionReader, iam_action
from cloudmigrate.aws.regions import GLOBAL, OLD_REGION_NAMES, home_region
from cloudmigrate.aws.resource_type import Item, ResourceType
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.estate import Account, Scope
from cloudmigrate.domain.resources import Coverage, CoverageStatus, Discovered, Resource
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.sources import AccountAccessError

NOTES_CHARACTERS = 4000  # of one coverage row: a failure's sentence has 600 at most, and few rows make more than a handful of calls


def discover_region(
    sessions: AwsSessions,
    account: Account,
    region: str,
    rows: Sequence[ResourceType],
    scope: Scope,
    *,
    regions_in_scope: frozenset[str],
    max_workers: int = 16,
) -> Discovered:
    """Every resource of the types in scope in one account and region, and one coverage row for each of these types.

    Region ``global`` reads the rows of global services. Denied access, throttling and a broken network never raise: they become
    coverage rows, also when the account cannot be entered at all. A listing that breaks off keeps what it gave, under the status of
    the error. Types outside ``scope.types`` get no coverage row; resources outside ``scope.tags`` are left out and counted in the
    detail of an ``ok`` row, since ``empty`` says that there is nothing. Raises what is a fault of ours (a wrong row).
    """
    wanted = _wanted(rows, region, scope)
    if not wanted:
        return Discovered()
    try:
        identity = sessions.identity(account.id)
    except AccountAccessError as error:
        return Discovered(coverage=tuple(_not_entered(row, account.id, region, error) for row in wanted))
    with rare_collections, _pool(max_workers, "detail") as details, _pool(min(len(wanted), max_workers), "row") as pool:
        reader = RegionReader(sessions, identity, region, wanted, details, workers=max_workers)
        runs = [_RowRun(reader, row, scope, regions_in_scope) for row in wanted]
        try:
            for future in [pool.submit(log.carried(run.read)) for run in runs]:
                future.result()
        except BaseException:  # a fault of ours, or Ctrl-C: let no thread start another call
            reader.stop()
            raise
    if region != GLOBAL:
        sessions.release(account.id, region)
    resources = {one.uid: one for run in reversed(runs) for one in run.resources.values()}
    in_order = sorted(resources.values(), key=lambda one: (one.type, one.uid))
    return Discovered(tuple(in_order), tuple(run.coverage() for run in runs), reader.calls)


def not_attempted(
    rows: Sequence[ResourceType], scope: Scope, account_id: str, region: str, *, error_code: str, detail: str
) -> tuple[Coverage, ...]:
    """A coverage row for each type in scope in an account and region that was not looked at, so that it is not taken for empty."""
    status, text = CoverageStatus.NOT_ATTEMPTED, plain(detail, NOTES_CHARACTERS)
    return tuple(
        Coverage(account_id, region, row.service, row.type, status, error_code, None, text, 0) for row in _wanted(rows, region, scope)
    )


def _wanted(rows: Sequence[ResourceType], region: str, scope: Scope) -> list[ResourceType]:
    return [row for row in rows if row.is_global == (region == GLOBAL) and (not scope.types or row.type in scope.types)]


def check_types(types: Iterable[str], rows: Iterable[ResourceType]) -> None:
    """Raise UsageError, with the nearest real name, if one of *types* is the type of no row."""
    known = {row.type for row in rows}
    by_lower = {name.lower(): name for name in known}
    for name in types:
        if name in known:
            continue
        near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
        if near:
            raise UsageError(f"unknown type {name!r}. Next: did you mean {by_lower[near[0]]}?")
        raise UsageError(f"unknown type {name!r}. Next: pick one of {', '.join(sorted(known))}.")


@dataclass
class _RowRun:
    """Reads one row; holds what it gave so far, so that a listing that breaks off still counts."""

    reader: RegionReader
    row: ResourceType
    scope: Scope
    regions_in_scope: frozenset[str]
    resources: dict[str, Resource] = field(default_factory=dict)
    stopped_by: Failure | None = None
    failed_children: list[Exception] = field(default_factory=list)
    outside_tags: int = 0
    unlocated: int = 0
    without_id: int = 0

    def __post_init__(self) -> None:
        self.details = RowDetails(self.reader, self.row)

    def read(self) -> None:
        """Read all items of the row. Raises only what is a fault of ours."""
        try:
            for chunk in self.reader.chunks(self.row, self.failed_children):
                self._take(chunk)
        except CALL_ERRORS as error:
            failure = failure_of(error, self._action(error))
            self.stopped_by = failure

    def coverage(self) -> Coverage:
        """What became of this row."""
        status, failure, notes = self._outcome()
        return Coverage(
            account_id=self.reader.identity.account_id,
            region=self.reader.region,
            service=self.row.service,
            type=self.row.type,
            status=status,
            error_code=failure.error_code if failure else None,
            missing_action=self._missing_actions(),
            detail=plain("; ".join(notes), NOTES_CHARACTERS) or None,
            resources=len(self.resources),
        )

    def _take(self, items: list[Item]) -> None:
        row = self.row
        if not self.details.first_stages:
            items = self._in_scope(items)
        left_out = self.details.fill_in(items, self.details.first_stages)
        self.unlocated += len(left_out.unlocated)
        items = self._in_scope([item for position, item in enumerate(items) if position not in left_out])
        left_out = self.details.fill_in(items, self.details.later_stages)
        for position, item in enumerate(items):
            if position in left_out:
                continue
            resource = resource_of(
                row,
                item,
                partition=self.reader.identity.partition,
                account_id=self.reader.identity.account_id,
                region=self._region_of(item),
            )
            if resource is None:
                self.without_id += 1
            elif any(resource.tags.get(key) != value for key, _, value in (tag.partition("=") for tag in self.scope.tags)):
                self.outside_tags += 1
            else:
                self.resources[resource.uid] = resource

    def _in_scope(self, items: Iterable[Item]) -> list[Item]:
        """The items that are there, ours, of interest and within the regions in scope."""
        row, account_id = self.row, self.reader.identity.account_id
        return [
            item
            for item in items
            if not (row.gone_states and state_of(row, item) in row.gone_states)
            and (row.keep is None or truthy(evaluate(row.keep, item)))
            and (row.owner is None or evaluate(row.owner, item) in (account_id, None))
            and (row.own_region is None or self._region_of(item) in self.regions_in_scope)
        ]

    def _region_of(self, item: Item) -> str:
        if self.row.own_region is None:
            return self.reader.region
        told = evaluate(self.row.own_region, item)  # a bucket in us-east-1 tells nothing (S3 API reference, GetBucketLocation)
        return OLD_REGION_NAMES.get(told, told) if told else home_region(self.reader.identity.partition)

    def _outcome(self) -> tuple[CoverageStatus, Failure | None, list[str]]:
        notes = [f"{self.outside_tags} left out by the tag filter"] if self.outside_tags else []
        if self.stopped_by is not None:
            stopped = f"stopped after {len(self.resources)}: " if self.resources else ""
            return self.stopped_by.status, self.stopped_by, [stopped + self.stopped_by.sentence, *notes]
        gaps = [*self._child_failures(), *(refused.failure for refused in self.details.refusals())]
        if self.failed_children:
            notes.append(f"items of {counted(len(self.failed_children), 'parent')} could not be listed: {gaps[0].sentence}")
        for refused in self.details.refusals():
            times = counted(refused.times, "time") + (", then not asked again" if refused.stopped else "")
            notes.append(f"{refused.operation} was refused {times}: {refused.failure.sentence}")
        if self.unlocated:
            notes.append(f"{self.unlocated} left out: their region could not be read")
        if self.without_id:
            notes.append(f"{self.without_id} left out: the answer bears no id for them")
        if gaps or self.without_id:
            return CoverageStatus.PARTIAL, gaps[0] if gaps else None, notes
        return CoverageStatus.OK if self.resources or self.outside_tags else CoverageStatus.EMPTY, None, notes

    def _child_failures(self) -> list[Failure]:
        found = (coverage_status(error, action=self._action(error)) for error in self.failed_children)
        return [failure for failure in found if failure is not None]

    def _missing_actions(self) -> str | None:
        failures = [*self._child_failures(), *(refused.failure for refused in self.details.refusals())]
        if self.stopped_by is not None:
            failures.append(self.stopped_by)
        return ", ".join(sorted({failure.missing_action for failure in failures if failure.missing_action})) or None

    def _action(self, error: Exception) -> str | None:
        """The IAM action of the listing that gave *error*: of the row's own or of its parent's."""
        row = self.row
        try:
            client = self.reader.client(row.service)
        except CALL_ERRORS:
            return row.action
        if row.parent is not None and client.meta.method_to_api_mapping[row.parent.operation] == getattr(error, "operation_name", None):
            return iam_action(client, row.parent.operation, row.parent.action)
        return iam_action(client, row.operation, row.action)


def _not_entered(row: ResourceType, account_id: str, region: str, error: AccountAccessError) -> Coverage:
    failure = entry_failure(error)
    return Coverage(
        account_id, region, row.service, row.type, failure.status, failure.error_code, failure.missing_action, failure.sentence, 0
    )


@contextmanager
def _pool(workers: int, name: str) -> Iterator[ThreadPoolExecutor]:
    """Threads that are not waited for longer than their running calls take when the block ends by an error or Ctrl-C."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix=f"cloudmigrate-{name}")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
