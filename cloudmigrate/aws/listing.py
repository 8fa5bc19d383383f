"""The items of a catalogue row, chunk by chunk: pages, items listed per parent, and listings that several rows share."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from botocore.exceptions import PaginationError

from cloudmigrate import log
from cloudmigrate.aws.expressions import evaluate
from cloudmigrate.aws.failures import CALL_ERRORS, coverage_status
from cloudmigrate.aws.resource_type import Item, Parent, ResourceType
from cloudmigrate.aws.sessions import AwsSessions, Identity

P = ParamSpec("P")
R = TypeVar("R")

CHUNK_ITEMS = 200  # details of this many items are asked for at a time: it bounds what waits in memory
# (request member, answer member) of operations that page although botocore has no paginator for them
TOKENS = (
    *(("NextToken", "NextToken"), ("nextToken", "nextToken"), ("NextPageToken", "NextPageToken")),
    *(("Marker", "NextMarker"), ("Marker", "Marker")),
)
# The IAM prefix, where it is not the name a service signs with (Service Authorization Reference).
IAM_PREFIXES: Mapping[str, str] = {"monitoring": "cloudwatch"}


def read_pages(client: Any, operation: str, params: Mapping[str, Any], *, page_size: int | None = None) -> Iterator[Item]:
    """The answers of one operation, page by page, by botocore's paginator or by following its token.

    Raises PaginationError when the service gives the same token again: going on would never end.
    """
    if client.can_paginate(operation):
        config = {"PageSize": page_size} if page_size else {}
        yield from client.get_paginator(operation).paginate(**params, PaginationConfig=config)
        return
    members = input_members(client, operation)
    seen: set[str] = set()
    request = dict(params)
    while True:
        page = getattr(client, operation)(**request)
        yield page
        member, token = next(((asked, str(page[told])) for asked, told in TOKENS if asked in members and page.get(told)), ("", ""))
        if not member:
            return
        if token in seen:
            raise PaginationError(message=f"The same next token was received twice: {token}")
        seen.add(token)
        request[member] = token


def input_members(client: Any, operation: str) -> Mapping[str, Any]:
    """The request members of an operation, as botocore's model has them."""
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
    return shape.members if shape is not None else {}


def iam_action(client: Any, operation: str, stated: str | None) -> str:
    """The IAM action of a call: the stated one, else the service's prefix and the operation."""
    signs_as = client.meta.service_model.signing_name
    return stated or f"{IAM_PREFIXES.get(signs_as, signs_as)}:{client.meta.method_to_api_mapping[operation]}"


@dataclass(frozen=True)
class ChildListing:
    """What listing the children of one parent (or of one batch of parents) gave."""

    items: tuple[Item, ...]
    error: Exception | None = None


@dataclass
class _SharedPages:
    """One listing that several rows read: the first that comes reads it, the others wait for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    pages: list[Item] | None = None
    error: Exception | None = None


class ReaderStoppedError(Exception):
    """The run that this thread works for has ended; nobody waits for its answer."""


class RegionReader:
    """Reads one account and region: its clients, the pool for calls about single items, and the shared listings.

    Rows run in a pool of their own. A call about an item never waits for another, so the two pools cannot starve each other.
    """

    def __init__(
        self, sessions: AwsSessions, identity: Identity, region: str, rows: Sequence[ResourceType], pool: Executor, *, workers: int
    ) -> None:
        self.identity = identity
        self.region = region
        self._pool = pool
        self.workers = workers
        self._sessions = sessions
        self.calls = 0  # API calls made; retries are botocore's and not counted
        self._counting = threading.Lock()
        self._stopped = False
        self._shared = {key: _SharedPages() for key in _shared_keys(rows)}

    def client(self, service: str, region: str | None = None) -> Any:
        """The client of *service* in this region (or another one of this account)."""
        return self._sessions.client(self.identity.account_id, service, region or self.region)

    def submit(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> "Future[R]":
        """*function* running in the pool, where it logs with this thread's correlation id."""
        return self._pool.submit(log.carried(function), *args, **kwargs)

    def count_call(self) -> None:
        """One more API call. Raises ReaderStoppedError once the reader was stopped."""
        with self._counting:
            self.calls += 1
        if self._stopped:
            raise ReaderStoppedError

    def stop(self) -> None:
        """Let every thread of this reader end at its next call."""
        self._stopped = True

    def chunks(self, row: ResourceType, failed_children: list[Exception]) -> Iterator[list[Item]]:
        """The items of *row* in chunks; items of the same parent carry it. Raises what the listing raises.

        A parent whose children cannot be listed is added to *failed_children*; the others are read on.
        """
        if row.parent is None:
            for page in self._pages(row.service, row.operation, row.params, page_size=row.page_size):
                yield from _chunked(_items(row.path, page))
            return
        listings = self._child_listings(row, row.parent)
        outcomes: Counter[bool] = Counter()
        for listing in listings:
            outcomes[listing.error is None] += 1
            if listing.error is not None:
                failed_children.append(listing.error)
            yield from _chunked(listing.items)
        if outcomes[False] and not outcomes[True]:
            raise failed_children.pop()  # not one could be listed: that is no partial answer

    def _child_listings(self, row: ResourceType, parent: Parent) -> Iterator[ChildListing]:
        waiting: deque[Future[ChildListing]] = deque()
        for group in self._parent_groups(row, parent):
            waiting.append(self.submit(self._list_children, row, parent, group))
            if len(waiting) >= self.workers * 2:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _parent_groups(self, row: ResourceType, parent: Parent) -> Iterator[list[Item]]:
        for page in self._pages(row.service, parent.operation, parent.constant):
            parents = _items(parent.path, page)
            for start in range(0, len(parents), parent.batch):
                yield parents[start : start + parent.batch]

    def _list_children(self, row: ResourceType, parent: Parent, group: Sequence[Item]) -> ChildListing:
        found: list[Item] = []
        try:
            client = self.client(row.service)
            members = input_members(client, row.operation)
            request = dict(row.params)
            for member, expression in parent.params.items():
                values = [evaluate(expression, one) for one in group]
                request[member] = values if members[member].type_name == "list" else values[0]
            for page in self._counted(read_pages(client, row.operation, request, page_size=row.page_size)):
                found.extend(_items(row.path, page))
        except CALL_ERRORS as error:
            if coverage_status(error) is None:
                raise
            return ChildListing(self._with_parent(found, parent, group), error)
        return ChildListing(self._with_parent(found, parent, group))

    @staticmethod
    def _with_parent(items: Sequence[Item], parent: Parent, group: Sequence[Item]) -> tuple[Item, ...]:
        return tuple({**item, parent.into: group[0]} for item in items) if parent.batch == 1 else tuple(items)

    def _pages(self, service: str, operation: str, params: Mapping[str, Any], *, page_size: int | None = None) -> Iterator[Item]:
        shared = self._shared.get(_key(service, operation, params))
        if shared is None:
            yield from self._counted(read_pages(self.client(service), operation, params, page_size=page_size))
            return
        with shared.lock:
            if shared.pages is None:
                shared.pages = []
                try:
                    for page in self._counted(read_pages(self.client(service), operation, params)):
                        shared.pages.append(page)
                except CALL_ERRORS as error:
                    shared.error = error
        yield from shared.pages
        if shared.error is not None:
            raise shared.error

    def _counted(self, pages: Iterable[Item]) -> Iterator[Item]:
        for page in pages:
            self.count_call()
            yield page


def _items(path: str, page: Item) -> list[Item]:
    """The items of one page, each a mapping of its own (rows that share a page must not see one another's details)."""
    found = evaluate(path, page)
    listed = found if isinstance(found, list) else [found]
    return [dict(item) for item in listed if isinstance(item, Mapping)]


def _chunked(items: Sequence[Item]) -> Iterator[list[Item]]:
    for start in range(0, len(items), CHUNK_ITEMS):
        yield list(items[start : start + CHUNK_ITEMS])


def _key(service: str, operation: str, params: Mapping[str, Any]) -> tuple[str, str, str]:
    return service, operation, repr(sorted(params.items()))


def _shared_keys(rows: Sequence[ResourceType]) -> set[tuple[str, str, str]]:
    """Listings that are the parent of some row and are read by another row too."""
    parents = Counter(_key(row.service, row.parent.operation, row.parent.constant) for row in rows if row.parent)
    own = {_key(row.service, row.operation, row.params) for row in rows if not row.parent}
    return {key for key, times in parents.items() if times > 1 or key in own}
