"""A process that is killed at a call, as by `kill -9`; for children that have nothing else to do."""

import importlib
import itertools
import os
import signal
from collections.abc import Callable
from typing import Any


def die_at(module: str, name: str, times: int) -> None:
    """Let this process be killed at that call of *name*, such as `Class.method`, in *module*."""
    owner = importlib.import_module(module)
    parts = name.split(".")
    for part in parts[:-1]:
        owner = getattr(owner, part)
    real, calls = getattr(owner, parts[-1]), itertools.count(1)

    def dying(*given: Any, **named: Any) -> Any:
        if next(calls) == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **named)

    setattr(owner, parts[-1], dying)


def killed_in_a_child(work: Callable[[], object], *, module: str, name: str, times: int) -> bool:
    """Whether a child that did *work* was killed at that call; False where it never came to it."""
    child = os.fork()
    if not child:
        try:
            die_at(module, name, times)
            work()
        finally:
            os._exit(9)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
