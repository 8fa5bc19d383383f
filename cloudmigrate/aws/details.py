"""The calls that fill in what a listing leaves out: which may run side by side, and what their refusals mean."""

import re
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from cloudmigrate.aws.describe import truthy
from cloudmigrate.aws.expressions import evaluate
from cloudmigrate.aws.failures import CALL_ERRORS, Failure, error_code, failure_of
from cloudmigrate.aws.listing import RegionReader, iam_action
from cloudmigrate.aws.regions import OLD_REGION_NAMES
from cloudmigrate.aws.resource_type import Call, Item, ResourceType
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.errors.sources import EndpointGapError

WHOLE_ITEM = "@"
FAILURES_IN_A_ROW = 5  # throttled or broken this often without one success between: the call is not made again for this row
ABSENT = object()
GONE = object()


@dataclass(frozen=True, slots=True)
class Refusals:
    """One call that was refused, how often, and why (the first reason)."""

    operation: str
    times: int
    failure: Failure
    stopped: bool  # it was not made again for the items that followed


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Positions of the items that calls showed to be none of ours."""

    unlocated: set[int] = field(default_factory=set)  # their region could not be read
    gone: set[int] = field(default_factory=set)  # deleted since they were listed

    def __contains__(self, position: int) -> bool:
        return position in self.unlocated or position in self.gone


class RowDetails:
    """Makes a row's calls for chunks of items and keeps count of what was refused. One per row; used by one thread."""

    def __init__(self, reader: RegionReader, row: ResourceType) -> None:
        self._reader = reader
        self._row = row
        self._refused: dict[int, list[Failure]] = defaultdict(list)  # by position of the call in the row
        self._in_a_row: Counter[int] = Counter()
        self._stopped: set[int] = set()
        self._lock = threading.Lock()
        decisive = [call for call in row.calls if _is_decisive(call, row)]
        self.first_stages = _stages(decisive)  # what tells whether an item is in scope at all
        self.later_stages = _stages([call for call in row.calls if call not in decisive])

    def fill_in(self, items: Sequence[Item], stages: Iterable[Sequence[Call]]) -> LeftOut:
        """Make the calls of *stages* for *items* (in place); tell which items to drop."""
        left_out = LeftOut()
        for stage in stages:
            there = [position for position in range(len(items)) if position not in left_out.gone]
            for call, request, value in self._answers(stage, items, there):
                if value is GONE:
                    left_out.gone.update(request.positions)
                elif isinstance(value, Failure):
                    left_out.unlocated.update(request.positions if call.locates else ())
                else:
                    self._store(call, request, value, items)
        return left_out

    def refusals(self) -> tuple[Refusals, ...]:
        """What was refused so far, in the order of the row's calls."""
        return tuple(
            Refusals(self._row.calls[position].operation, len(failures), failures[0], position in self._stopped)
            for position, failures in sorted(self._refused.items())
        )

    def _answers(self, stage: Sequence[Call], items: Sequence[Item], there: Sequence[int]) -> Iterator[tuple[Call, "_Request", Any]]:
        """The answer to each request of a stage for the items that are *there*, in the order of asking."""
        waiting = deque(self._submitted(call, request) for call in stage for request in self._requests(call, items, there))
        while waiting:
            call, request, future = waiting.popleft()
            value = future.result()
            if value is GONE and len(request.positions) > 1:  # one of a batch, and the service does not say which: ask for each alone
                alone = (one for position in request.positions for one in self._requests(call, items, [position]))
                waiting.extend(self._submitted(call, one) for one in alone)
            else:
                yield call, request, value

    def _submitted(self, call: Call, request: "_Request") -> tuple[Call, "_Request", "Future[Any]"]:
        return call, request, self._reader.submit(self._ask, call, request)

    def _requests(self, call: Call, items: Sequence[Item], there: Iterable[int]) -> Iterator["_Request"]:
        """What to send for *call*: one request an item, an element or a batch; none where a parameter is missing or `when` is false."""
        wanted = [position for position in there if call.when is None or truthy(evaluate(call.when, items[position]))]
        if call.batch > 1:
            yield from self._batches(call, items, wanted)
            return
        for position in wanted:
            item = items[position]
            elements = [None] if call.each is None else (evaluate(call.each, item) or [])
            for element in elements:
                scope = item if call.each is None else {**item, "Each": element}
                params = {member: evaluate(expression, scope) for member, expression in call.params.items()}
                if None not in params.values():
                    yield _Request((position,), params, _region(call, item), element)

    def _batches(self, call: Call, items: Sequence[Item], wanted: Sequence[int]) -> Iterator["_Request"]:
        groups: defaultdict[str, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
        listed = [member for member, expression in call.params.items() if expression == call.batch_on]
        for position in wanted:
            params = {member: evaluate(expression, items[position]) for member, expression in call.params.items()}
            if None not in params.values():
                shared = {member: value for member, value in params.items() if member not in listed}
                groups[repr((shared, _region(call, items[position])))].append((position, params))
        for group in groups.values():
            for start in range(0, len(group), call.batch):
                part = group[start : start + call.batch]
                params = dict(part[0][1])
                for member in listed:
                    params[member] = list(dict.fromkeys(one[member] for _, one in part))
                yield _Request(tuple(position for position, _ in part), params, _region(call, items[part[0][0]]), None)

    def _ask(self, call: Call, request: "_Request") -> Any:
        """The value of ``path`` over the answer, or ABSENT, or GONE, or a Failure. Runs in the pool."""
        position = self._row.calls.index(call)
        if position in self._stopped:
            return self._refused[position][-1]
        client = None
        try:
            client = self._reader.client(call.service or self._row.service, request.region)
            value = self._read(client, call, {**call.constant, **request.params})
        except CALL_ERRORS as error:
            code = error_code(error) if isinstance(error, ClientError) else None
            if code in call.gone_codes:
                value = GONE
            elif code in call.absent_codes:
                value = ABSENT
            else:
                failure = failure_of(error, iam_action(client, call.operation, call.action) if client else call.action)
                self._note(position, failure, stop=isinstance(error, EndpointGapError))
                return failure
        with self._lock:
            self._in_a_row[position] = 0
        return value

    def _read(self, client: Any, call: Call, params: Mapping[str, Any]) -> Any:
        if client.can_paginate(call.operation):
            found: list[Any] = []
            for page in client.get_paginator(call.operation).paginate(**params):
                self._reader.count_call()
                value = evaluate(call.path, _without_metadata(page))
                if value is not None and not isinstance(value, list):
                    return value
                found.extend(value or [])
            return found
        self._reader.count_call()
        return evaluate(call.path, _without_metadata(getattr(client, call.operation)(**params)))

    def _note(self, position: int, failure: Failure, *, stop: bool) -> None:
        with self._lock:
            self._refused[position].append(failure)
            if failure.status is CoverageStatus.DENIED:
                return  # one bucket's policy says nothing about the next
            self._in_a_row[position] += 1
            if stop or self._in_a_row[position] >= FAILURES_IN_A_ROW:
                self._stopped.add(position)

    def _store(self, call: Call, request: "_Request", value: Any, items: Sequence[Item]) -> None:
        """Put an answer into its items."""
        if value is ABSENT or value is None or (call.secret and self._row.redact is None):
            return
        if call.batch > 1:
            by_key = {str(evaluate(call.batch_key or WHOLE_ITEM, one)): one for one in value}
            for position in request.positions:
                answer = by_key.get(str(evaluate(call.batch_on or WHOLE_ITEM, items[position])))
                if answer is not None:
                    _keep(items[position], call.into, answer)
        elif call.each is not None:
            items[request.positions[0]].setdefault(call.into, []).append({"Key": request.element, "Value": value})
        else:
            _keep(items[request.positions[0]], call.into, value)


@dataclass(frozen=True, slots=True)
class _Request:
    positions: tuple[int, ...]  # of the items that it serves
    params: Mapping[str, Any]
    region: str | None
    element: Any  # of `each`


def _region(call: Call, item: Item) -> str | None:
    told = evaluate(call.region_path, item) if call.region_path else None
    return OLD_REGION_NAMES.get(told, told) if told else None


def _keep(item: Item, into: str, value: Any) -> None:
    if into != WHOLE_ITEM:
        item[into] = value
    elif isinstance(value, Mapping):
        item.update(value)


def _without_metadata(answer: Mapping[str, Any]) -> Item:
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def _is_decisive(call: Call, row: ResourceType) -> bool:
    """Whether the item's place, owner, state or right to be kept may depend on this call: then it comes before all others."""
    deciding = (row.keep, row.state, row.owner, row.own_region)
    return call.locates or call.into == WHOLE_ITEM or any(_mentions(expression, call.into) for expression in deciding)


def _stages(calls: Sequence[Call]) -> tuple[tuple[Call, ...], ...]:
    """The calls in stages: a call comes after those whose answers it reads; within a stage they run side by side."""
    depth: list[int] = []
    for position, call in enumerate(calls):
        read = [*call.params.values(), call.when, call.each, call.region_path]
        needs = [
            depth[earlier]
            for earlier in range(position)
            if calls[earlier].into == WHOLE_ITEM or any(_mentions(expression, calls[earlier].into) for expression in read)
        ]
        depth.append(max(needs, default=-1) + 1)
    return tuple(tuple(call for call, at in zip(calls, depth, strict=True) if at == stage) for stage in range(max(depth, default=-1) + 1))


def _mentions(expression: str | None, name: str) -> bool:
    return expression is not None and re.search(rf"\b{re.escape(name)}\b", expression) is not None
