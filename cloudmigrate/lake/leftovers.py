"""What a process that was killed has left behind: temporary files and folders are named for their process, so that the next can tell."""

import contextlib
import os
import re
import secrets
import shutil
import socket
import time
from functools import cache
from pathlib import Path

FOREIGN_AFTER_S = 7 * 86_400  # another machine's is left alone for so long: nobody here can ask whether its process lives


def own_prefix(kind: str) -> str:
    """How the names of this process's files or folders of that *kind* begin."""
    return f"{kind}-{_host()}-{os.getpid()}-"


def own_name(kind: str) -> str:
    """A new name of that *kind*."""
    return own_prefix(kind) + secrets.token_hex(8)


@cache
def sweep(place: str, kind: str) -> None:
    """Remove what processes of this machine that were killed have left in that folder; once per process and place."""
    left = re.compile(rf"{re.escape(kind)}-(?P<host>[A-Za-z0-9]+)-(?P<pid>\d+)-")
    with contextlib.suppress(OSError):  # no such folder, another's, or one that is swept by somebody else right now
        for entry in Path(place).iterdir():
            found = left.match(entry.name)
            if found and _is_left(entry, found["host"], int(found["pid"])):
                _remove(entry)


def _is_left(entry: Path, host: str, pid: int) -> bool:
    if host == _host():
        return not _is_alive(pid)
    return time.time() - entry.stat().st_mtime > FOREIGN_AFTER_S


def _remove(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            entry.unlink()


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
