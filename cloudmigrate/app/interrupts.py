"""Ctrl-C that is not lost: an interrupt that some library swallowed is raised again."""

import _thread
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

GRACE_S = 1.5


@contextlib.contextmanager
def insistent_ctrl_c(grace_s: float = GRACE_S) -> Iterator[None]:
    """Inside the block, Ctrl-C raises KeyboardInterrupt, and again after *grace_s* seconds if nothing is ending because of it.

    An interrupt that comes while Python runs a destructor, a weak reference's callback or a handler that catches everything is
    printed or dropped, and the work goes on. Only for the main thread; elsewhere the block changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    over = threading.Event()

    def watch() -> None:
        while not over.wait(grace_s):
            if not _is_unwinding(threading.main_thread().ident):
                _thread.interrupt_main(signal.SIGINT)

    def raise_and_watch(number: int, frame: FrameType | None) -> None:
        if watcher.ident is None:  # not started yet
            watcher.start()
        raise KeyboardInterrupt

    watcher = threading.Thread(target=watch, name="cloudmigrate-ctrl-c", daemon=True)
    before = signal.signal(signal.SIGINT, raise_and_watch)
    try:
        yield
    finally:
        over.set()
        signal.signal(signal.SIGINT, before)


def _is_unwinding(thread_id: int | None) -> bool:
    """Whether the thread is inside a handler, a finally or a with block's end that a KeyboardInterrupt led to."""
    found = sys._current_exceptions().get(thread_id or 0)
    error: BaseException | None = found[1] if isinstance(found, tuple) else found  # a tuple before Python 3.12
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False
