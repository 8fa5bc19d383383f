"""A tree of code in a folder: written beside it and put in its place whole; a folder that is not ours is left as it is."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cloudmigrate.errors import CloudMigrateError, UsageError
from reports.iac.tree import INDEX, MAKER, Tree

NEXT = "Next: name a folder that is not there yet, or move away what is not to be lost."


def write_folder(tree: Tree, folder: Path) -> None:
    """Nothing; *folder* holds the tree and nothing else. Raises UsageError where it holds anything but a tree of ours as it was written."""
    _refuse_others(folder)
    temporary: Path | None = None
    try:
        target = folder.absolute()
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        new, old = temporary / "new", temporary / "old"
        new.mkdir()
        for path, data in tree.files.items():
            file = new / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        if target.exists():
            target.replace(old)
        new.replace(target)
    except OSError as error:
        raise CloudMigrateError(f"write {folder}: {error.strerror}. Next: name a folder in a place where you can write.") from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _refuse_others(folder: Path) -> None:
    """Raises UsageError where replacing the folder would lose what we did not write: an edit, a state file, somebody's own work."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is not a folder. {NEXT}")
    if not folder.exists() or not any(folder.iterdir()):
        return
    written = _index_of(folder)
    if written is None:
        raise UsageError(f"{folder} is not empty, and `{MAKER}` did not write it. {NEXT}")
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if name == INDEX or (file.is_dir() and not file.is_symlink()):
            continue
        if file.is_symlink() or name not in written:
            raise UsageError(f"{folder} holds {name}, which `{MAKER}` did not write. {NEXT}")
        if hashlib.sha256(file.read_bytes()).hexdigest() != written[name]:
            raise UsageError(f"{folder} holds {name}, which was changed since `{MAKER}` wrote it. {NEXT}")


def _index_of(folder: Path) -> Mapping[str, str] | None:
    """path -> hash of what was written there; None where the folder is not of ours."""
    try:
        index = json.loads((folder / INDEX).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(index, dict) or index.get("made_by") != MAKER or not isinstance(index.get("files"), dict):
        return None
    files: Mapping[str, str] = index["files"]
    return files
