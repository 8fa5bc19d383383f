"""Where DuckDB spills what does not fit in memory: a folder per connection, gone with it, or swept up after a process that was killed."""

from tempfile import TemporaryDirectory, gettempdir

from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.leftovers import own_prefix, sweep

KIND = "cloudmigrate-spill"


def spill_folder(parent: str | None) -> TemporaryDirectory[str]:
    """A new folder under *parent* (the system's temporary folder by default). Raises LakeError."""
    place = parent or gettempdir()
    sweep(place, KIND)
    try:
        return TemporaryDirectory(prefix=own_prefix(KIND), dir=place)
    except OSError as error:
        raise LakeError(
            "make a folder in", place, error.strerror or str(error), "free space there, or set TMPDIR to another folder"
        ) from error
