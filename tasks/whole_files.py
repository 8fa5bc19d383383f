"""A file for people, in a folder of this machine: whole or not at all. No Prefect."""

import os
from contextlib import suppress
from pathlib import Path


def put_whole(target: Path, data: bytes) -> None:
    """Nothing; *target* holds *data*, or still what it held where that fails: written under another name beside it, then renamed.

    What is there and no file, such as a pipe, is written to as it is. Raises OSError.
    """
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return
    place = target.resolve()  # a link stays one
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(data)
        draft.replace(place)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
