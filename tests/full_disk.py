"""A disk that is full from a write to the ledger on, in a child: as the kernel refuses any file to grow, so it may not grow by a byte."""

import os
import resource
from collections.abc import Callable
from typing import Any

from cloudmigrate.ledger.ledger import Ledger

When = Callable[[str], bool]  # of what is about to be written: "intent ec2/web/...", "call.ec2:RunInstances ec2/web/..."


def error_on_full_disk(work: Callable[[], object], *, when: When) -> str:
    """How *work* ends in a child whose disk is full from the first write on that *when* names; empty where it ends well."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        told = "the child did not end by itself"
        try:
            _fill(when)
            work()
            told = ""
        except BaseException as error:  # noqa: BLE001 - a child hands on whatever it was
            told = f"{type(error).__name__}: {error}"
        finally:
            os.write(writes, told.encode())
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as answer:
        told = answer.read().decode()
    os.waitpid(child, 0)
    return told


def _fill(when: When) -> None:
    """Let no file grow any more from that write on."""

    def full(name: str, words: Callable[..., str]) -> None:
        real = getattr(Ledger, name)

        def filling(self: Ledger, *given: Any, **named: Any) -> Any:
            if when(words(*given)):
                resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            return real(self, *given, **named)

        setattr(Ledger, name, filling)

    full("record_step", lambda _, entry: f"{entry.state} {entry.step_id}")
    full("audit", lambda _actor, action, subject, *_: f"{action} {subject}")
