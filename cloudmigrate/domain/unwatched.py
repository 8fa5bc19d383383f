"""Work on millions of values without the collector of circular garbage looking through all of them again and again."""

import functools
import gc
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def unwatched(work: Callable[P, T]) -> Callable[P, T]:
    """*work*, during which no circular garbage is looked for: it makes none, and the search takes a quarter of the time of a large plan."""

    @functools.wraps(work)
    def done(*args: P.args, **kwargs: P.kwargs) -> T:
        was_on = gc.isenabled()
        gc.disable()
        try:
            return work(*args, **kwargs)
        finally:
            if was_on:
                gc.enable()

    return done
