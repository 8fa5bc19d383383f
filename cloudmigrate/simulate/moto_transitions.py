"""Things of the emulator that take their time: they show one state for some looks, and then the next."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cloudmigrate.simulate.moto_images import READY_AFTER


def becomes(thing: Any, shown: str, final: str, then: Callable[[], object] | None = None) -> None:
    """The thing shows *shown* for as many looks as PENDING_LOOKS says, then *final*; *then* is done at that moment."""
    looks = READY_AFTER["looks"]
    thing.status = shown
    thing.__dict__["becoming"] = (looks, final, then)
    if not looks:
        _arrive(thing)


def look_at(things: Iterable[Any]) -> None:
    """Count a look at each, before it is answered."""
    for one in list(things):
        if "becoming" in one.__dict__:
            looks, final, then = one.__dict__["becoming"]
            if looks:
                one.__dict__["becoming"] = (looks - 1, final, then)
            else:
                _arrive(one)


def look_at_named(held: Mapping[str, Any], name: str | None) -> None:
    """Count a look at the one of that name, or at all where none is asked for."""
    if name is None:
        look_at(held.values())
    elif name in held:
        look_at([held[name]])


def _arrive(thing: Any) -> None:
    _, final, then = thing.__dict__.pop("becoming")
    thing.status = final
    if then is not None:
        then()
