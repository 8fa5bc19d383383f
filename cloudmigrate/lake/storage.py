"""Where a lake's files lie: a local folder or a prefix in S3, and how a file becomes visible there whole or not at all.

Every file is first written to a place nobody reads (the lake's folder ``.writing``, or a private temporary file for S3) and published
in one act, so a full disk or a killed run leaves nothing half-written to be seen. What a killed run left there, the next one removes.
"""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol
from urllib.parse import urlsplit

from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.leftovers import own_name, sweep

Produce = Callable[[BinaryIO], None]
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
NOT_A_FOLDER = frozenset({errno.ENOTDIR, errno.EEXIST, errno.EISDIR})
WRITING, UNFINISHED = ".writing", ".unfinished"  # the folder in a lake, and how the names in it begin
S3_ERROR = re.compile(r"AWS Error ([A-Z_]+)")


@dataclass(frozen=True, slots=True)
class S3Access:
    """Whose credentials open a lake in S3, and where; all None but the region: pyarrow's and DuckDB's anonymous access."""

    region: str
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    endpoint_url: str | None = None  # an emulator or an S3-compatible store


class Store(Protocol):
    """A place for immutable files, addressed by paths relative to its root with forward slashes."""

    @property
    def root(self) -> str:
        """The folder, or s3://bucket/prefix, without a slash at its end."""
        ...

    def publish(self, path: str, produce: Produce, *, replace: bool) -> int:
        """Write what *produce* writes to *path*, all of it or nothing; return its bytes."""
        ...

    def read(self, path: str) -> bytes:
        """The content of *path*."""
        ...

    def exists(self, path: str) -> bool:
        """Whether *path* was published."""
        ...


def checked_path(path: str) -> str:
    """*path*, if it stays under the lake's root. Raises LakeError: ids come from outside and must not climb out of the lake."""
    parts = path.split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        raise LakeError("address", repr(path), "this is no path inside the lake", "use a relative path of plain names")
    return path


def open_store(root: str | os.PathLike[str], s3: S3Access | None) -> Store:
    """The store at *root*. Raises LakeError if it is no folder, or in S3 but without *s3*."""
    text = os.fspath(root)
    if not text.startswith("s3://"):
        folder = text.removeprefix("file://")
        if "://" in folder or "\0" in folder:  # else gs://bucket would be a folder named "gs:" wherever the command runs
            raise LakeError("open lake", repr(text), "that is neither a folder nor s3://bucket/prefix", "correct it in the estate file")
        return LocalStore(Path(folder))
    if s3 is None:
        raise LakeError("open lake", text, "no credentials were given for S3", "name the account whose credentials open the lake")
    return S3Store(text, s3)


class LocalStore:
    """A folder of this machine (or of a mounted share)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser().absolute()
        if self._folder.exists() and not self._folder.is_dir():
            raise LakeError("open lake", str(folder), "this is a file, a folder is needed", "name a folder as `lake` in the estate file")

    @property
    def root(self) -> str:
        """The folder's absolute path."""
        return str(self._folder)

    def publish(self, path: str, produce: Produce, *, replace: bool) -> int:
        """Write to a file that nobody reads, flush it to the disk, then rename. Raises LakeError."""
        target = self._folder.joinpath(*PurePosixPath(checked_path(path)).parts)
        temporary: Path | None = None
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists() and not replace:
                raise _already_there(str(target))
            temporary = self._place_for(target) / own_name(UNFINISHED)
            with temporary.open("xb") as file:
                produce(file)
                file.flush()
                os.fsync(file.fileno())
                size = os.fstat(file.fileno()).st_size
            temporary.replace(target)
            _sync_folder(target.parent)
        except OSError as error:
            raise _local_error("write", target, error) from error
        finally:
            if temporary is not None:
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
        return size

    def _place_for(self, target: Path) -> Path:
        """Where *target* is written to before it is renamed: one folder for all, so that what was left unfinished is found again."""
        place = self._folder / WRITING
        place.mkdir(exist_ok=True)
        if place.stat().st_dev != target.parent.stat().st_dev:  # a dataset on a disk of its own: no rename leads there
            place = target.parent
        sweep(str(place), UNFINISHED)
        return place

    def read(self, path: str) -> bytes:
        """The file's bytes. Raises LakeError."""
        target = self._folder / checked_path(path)
        try:
            return target.read_bytes()
        except OSError as error:
            raise _local_error("read", target, error) from error

    def exists(self, path: str) -> bool:
        """Whether the file is there."""
        return (self._folder / checked_path(path)).is_file()


class S3Store:
    """A prefix of an S3 bucket (or of anything that speaks S3)."""

    def __init__(self, root: str, access: S3Access) -> None:
        self._root = root.rstrip("/")
        self._prefix = self._root.removeprefix("s3://")
        if not self._prefix.split("/")[0]:
            raise LakeError("open lake", root, "the bucket's name is missing", "write it as s3://bucket/prefix")
        self.access = access
        self._files = _s3_filesystem(access)

    @property
    def root(self) -> str:
        """s3://bucket/prefix."""
        return self._root

    def publish(self, path: str, produce: Produce, *, replace: bool) -> int:
        """Write to a private temporary file, then upload it; the object appears when the upload is complete. Raises LakeError."""
        key = f"{self._prefix}/{checked_path(path)}"
        if not replace and self.exists(path):
            raise _already_there(f"s3://{key}")
        try:
            # An S3 stream completes its object when it is closed, even by an error: so nothing is uploaded before it is whole.
            with tempfile.TemporaryFile(prefix="cloudmigrate-lake-") as file:
                produce(file)
                size = file.tell()
                file.seek(0)
                with self._files.open_output_stream(key) as upload:
                    shutil.copyfileobj(file, upload, length=8 * 1024 * 1024)
        except OSError as error:
            raise _s3_error("write", f"s3://{key}", error) from error
        return size

    def read(self, path: str) -> bytes:
        """The object's bytes. Raises LakeError."""
        key = f"{self._prefix}/{checked_path(path)}"
        try:
            with self._files.open_input_stream(key) as stream:
                return bytes(stream.read())
        except OSError as error:
            raise _s3_error("read", f"s3://{key}", error) from error

    def exists(self, path: str) -> bool:
        """Whether the object is there. Raises LakeError if that cannot be asked."""
        from pyarrow.fs import FileType

        key = f"{self._prefix}/{checked_path(path)}"
        try:
            return bool(self._files.get_file_info(key).type == FileType.File)
        except OSError as error:
            raise _s3_error("look for", f"s3://{key}", error) from error


def _s3_filesystem(access: S3Access) -> Any:
    from pyarrow.fs import S3FileSystem

    endpoint = urlsplit(access.endpoint_url) if access.endpoint_url else None
    return S3FileSystem(
        access_key=access.access_key,
        secret_key=access.secret_key,
        session_token=access.session_token,
        anonymous=access.access_key is None,
        region=access.region,
        endpoint_override=endpoint.netloc if endpoint else None,
        scheme=endpoint.scheme if endpoint else "https",
        force_virtual_addressing=False,
        connect_timeout=10,
        request_timeout=60,
        check_directory_existence_before_creation=False,
    )


def _sync_folder(folder: Path) -> None:
    """Flush a folder's entries, so that a rename outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network shares cannot flush folders
            raise
    finally:
        os.close(handle)


def _already_there(location: str) -> LakeError:
    return LakeError("write", location, "it exists already and parts are never overwritten", "start a new run; it makes a new snapshot id")


def _local_error(step: str, target: Path, error: OSError) -> LakeError:
    reason = error.strerror or str(error)
    match error.errno:
        case code if code in NO_SPACE:
            action = "free space on that disk, then run again"
        case code if code in NOT_ALLOWED:
            action = "give this user the right to write there, or name another folder as `lake`"
        case code if code in NOT_A_FOLDER:
            action = "a part of this path is a file; name another folder as `lake` in the estate file"
        case errno.ENOENT if step == "read":
            action = "the ledger names a file that is gone; restore the lake's folder or run the stage again"
        case _:
            action = "check the disk, then run again"
    return LakeError(step, str(target), reason, action)


def _s3_error(step: str, location: str, error: OSError) -> LakeError:
    text = " ".join(str(error).split())[:500]
    found = S3_ERROR.search(text)
    code = found.group(1) if found else ""
    match code:
        case "ACCESS_DENIED":
            action = "allow s3:GetObject, s3:PutObject, s3:AbortMultipartUpload and s3:ListBucket on that prefix to the lake's credentials"
        case "NO_SUCH_BUCKET":
            action = "create the bucket, or name another one as `lake` in the estate file"
        case "INVALID_ACCESS_KEY_ID" | "SIGNATURE_DOES_NOT_MATCH" | "EXPIRED_TOKEN":
            action = "renew the credentials, then run again"
        case _ if error.errno in NO_SPACE:
            action = f"free space in {tempfile.gettempdir()}, where uploads are prepared, then run again"
        case _ if isinstance(error, FileNotFoundError):
            action = "check that bucket and object exist"
        case _:
            return LakeError(step, location, text, "check the network and the endpoint, then run again", transient=True)
    return LakeError(step, location, text, action)
