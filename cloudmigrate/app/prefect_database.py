"""The database that our own Prefect server starts with: migrated once for each version of Prefect, copied from then on.

Prefect makes a new database by a hundred migrations, which takes ten seconds. What they end in, before anybody has used it,
is kept in the user's cache; it holds tables and Prefect's own kinds of blocks, and nothing of the user's.
"""

import contextlib
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

ASIDE = ("-wal", "-shm", "-journal")  # of SQLite; without their database they are what is left of another one


@dataclass(frozen=True, slots=True)
class NewDatabase:
    """A database that is not there yet, and where one like it is kept."""

    path: Path
    kept: Path

    def place(self) -> bool:
        """Copy the kept one to its path; whether it is there now. One that came there meanwhile stays as it is."""
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            shutil.copyfile(self.kept, draft)
            with contextlib.closing(sqlite3.connect(draft)) as copy:
                copy.execute("select version_num from alembic_version").fetchone()  # no database, or an empty one, is of no use
            os.link(draft, self.path)  # unlike a rename, never over what another server has made by now
        except (OSError, sqlite3.Error):
            return False
        finally:
            draft.unlink(missing_ok=True)
        return True

    def keep(self) -> None:
        """Keep it as it is now, used by nobody. Where it cannot be kept, the next server migrates as this one did."""
        draft = self.kept.with_name(f"{self.kept.name}.{os.getpid()}")
        with contextlib.suppress(OSError, sqlite3.Error):
            self.kept.parent.mkdir(parents=True, exist_ok=True)
            try:
                with contextlib.closing(sqlite3.connect(self.path)) as made, contextlib.closing(sqlite3.connect(draft)) as copy:
                    made.backup(copy)
                draft.replace(self.kept)
            finally:
                draft.unlink(missing_ok=True)


def new_database(url: str, home: Path, version: str) -> NewDatabase | None:
    """The database of that version of Prefect in *home*; None where *url* names another, or where it was begun already."""
    path = home / "prefect.db"
    if url != f"sqlite+aiosqlite:///{path}" or any(path.with_name(f"{path.name}{end}").exists() for end in ("", *ASIDE)):
        return None
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return NewDatabase(path, cache / "cloudmigrate" / f"prefect-{version}.db")
