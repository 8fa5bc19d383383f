"""Runbooks as files: rendered and put where people look, whole or not at all; and kept up with a wave while it runs. No Prefect."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cloudmigrate.domain.runbooks.blocks import Document
from cloudmigrate.domain.wave_status import GroupState
from cloudmigrate.errors import CloudMigrateError
from cloudmigrate.ledger.records import PlanRow
from cloudmigrate.workspace import Workspace, open_lake
from reports.runbooks import ENDINGS, Form, rendered
from tasks.runbook_reading import PlanRunbooks, read_runbooks
from tasks.whole_files import put_whole

OVER = (GroupState.MIGRATED, GroupState.ROLLED_BACK, GroupState.STUCK, GroupState.NOT_STARTED)


def files_of(documents: Iterable[Document], forms: Sequence[Form]) -> Iterable[tuple[str, bytes]]:
    """path -> bytes of each runbook in each form, one by one; the paths are letters, digits, hyphens, dots and slashes."""
    for document in documents:
        for form in forms:
            yield f"{document.name}.{ENDINGS[form]}", rendered(document, form)


@dataclass
class Folder:
    """A folder, or an S3 prefix, that holds runbooks; a file is replaced at once, and only where it differs from what was written last."""

    location: str
    _written: dict[str, str] = field(default_factory=dict)

    def write(self, files: Iterable[tuple[str, bytes]]) -> list[str]:
        """The addresses of the files that were written. Raises LakeError, CloudMigrateError."""
        put = open_lake(self.location).write_document if "://" in self.location else self._put
        places = []
        for path, data in files:
            digest = hashlib.sha256(data).hexdigest()
            if self._written.get(path) != digest:
                places.append(put(path, data))
                self._written[path] = digest
        return places

    def _put(self, path: str, data: bytes) -> str:
        """Where the file is now, in a folder of this machine."""
        target = Path(self.location) / path
        try:
            put_whole(target, data)
        except OSError as error:
            raise CloudMigrateError(f"write {target}: {error.strerror}. Next: name a folder you can write to, with --out.") from error
        return str(target)


def follow(
    workspace: Workspace,
    plan: PlanRow,
    wave: int | None,
    show: Callable[[PlanRunbooks], None],
    *,
    every_s: float = 2.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Mapping[int, GroupState]:
    """Show the runbooks, and again whenever the ledger has more to tell, until no wave of these is under way; how each stands then."""
    seen = -1
    while True:
        head = workspace.ledger.audit_head().seq  # before they are read: what comes in between is shown the next time
        if head != seen:
            found = read_runbooks(workspace, plan, wave)
            show(found)
            seen = head
            if all(one in OVER for one in found.states.values()):
                return found.states
        sleep(every_s)
