"""Leave asked for right before a request goes out: between a decision and its bytes a process may stand still, or sign with new keys."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Leave = Callable[[], None]  # raises what ends the call, of which nothing was sent then

_asked: ContextVar[Leave | None] = ContextVar("asked_before_sending", default=None)


def always() -> None:
    """Nothing: whatever is asked for may be sent."""


@contextmanager
def asking(leave: Leave) -> Iterator[None]:
    """Within it, in this thread, each request asks for *leave* when it is signed and about to be sent, each further try as well."""
    before = _asked.set(leave)
    try:
        yield
    finally:
        _asked.reset(before)


def ask_leave(**_: Any) -> None:
    """Handler of botocore's ``before-send``: raise what the call's leave raises."""
    leave = _asked.get()
    if leave is not None:
        leave()
