"""Where DuckDB spills what does not fit in memory: a folder per connection, gone with it, or swept up after a process that was killed."""

import contextlib
import os
import re
import shutil
import socket
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from cloudmigrate.errors import LakeError

_NAME = "cloudmigrate-spill-{host}-{pid}-"


def spill_folder(parent: str | None) -> TemporaryDirectory[str]:
    """A new folder under *parent* (the system's temporary folder by default). Raises LakeError."""
    place = parent or gettempdir()
    _sweep(place)
    try:
        return TemporaryDirectory(prefix=_NAME.format(host=_host(), pid=os.getpid()), dir=place)
    except OSError as error:
        raise LakeError(
            "make a folder in", place, error.strerror or str(error), "free space there, or set TMPDIR to another folder"
        ) from error


@cache
def _sweep(place: str) -> None:
    """Remove what processes of this machine that were killed have left there; once per process and place."""
    left = re.compile(re.escape(_NAME.format(host=_host(), pid="PID")).replace("PID", r"(\d+)"))
    with contextlib.suppress(OSError):  # another's folder, or one that is swept by somebody else right now
        for entry in Path(place).iterdir():
            found = left.match(entry.name)
            if found and not _is_alive(int(found.group(1))):
                shutil.rmtree(entry, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9]", "", socket.gethostname()) or "host"
