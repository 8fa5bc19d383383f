"""Files appear in a lake whole or not at all, and every refusal says what to do."""

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.storage import LocalStore, S3Access, Store, checked_path, open_store
from cloudmigrate.simulate.emulator import Emulator

BUCKET = "lake-storage"


def files_under(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store of each kind, under a root whose name is hard on quoting."""
    if request.param == "local":
        return open_store(tmp_path / "a pre'fix% ü", None)
    return open_store(f"s3://{BUCKET}/{tmp_path.name}/a pre'fix% ü/", request.getfixturevalue("s3_access"))


@pytest.fixture(scope="session")
def s3_access(emulator: Emulator) -> Iterator[S3Access]:
    import boto3

    access = S3Access(region="us-west-2", access_key="emulator", secret_key="emulator", endpoint_url=emulator.url)
    client = boto3.client(
        "s3", endpoint_url=emulator.url, region_name=access.region, aws_access_key_id="emulator", aws_secret_access_key="emulator"
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    yield access
    client.close()


def write_hello(file: BinaryIO) -> None:
    file.write(b"hello")


def test_what_was_published_can_be_read(store: Store) -> None:
    assert store.exists("a/b ü.txt") is False
    assert store.publish("a/b ü.txt", write_hello, replace=False) == 5
    assert store.exists("a/b ü.txt") is True
    assert store.read("a/b ü.txt") == b"hello"


def test_a_part_is_never_overwritten(store: Store) -> None:
    store.publish("a.txt", write_hello, replace=False)
    with pytest.raises(LakeError, match=r"never overwritten.*Next: start a new run"):
        store.publish("a.txt", lambda file: file.write(b"other"), replace=False)
    assert store.read("a.txt") == b"hello"


def test_a_document_is_replaced(store: Store) -> None:
    store.publish("a.txt", write_hello, replace=True)
    store.publish("a.txt", lambda file: file.write(b"other"), replace=True)
    assert store.read("a.txt") == b"other"


def test_nothing_is_visible_when_writing_breaks_off(store: Store) -> None:
    def break_off(file: BinaryIO) -> None:
        file.write(b"half" * 100_000)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        store.publish("a.txt", break_off, replace=False)
    assert store.exists("a.txt") is False


def test_an_older_document_survives_a_broken_replacement(store: Store) -> None:
    def break_off(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    store.publish("a.txt", write_hello, replace=True)
    with pytest.raises(LakeError):
        store.publish("a.txt", break_off, replace=True)
    assert store.read("a.txt") == b"hello"


def test_what_is_missing_is_named(store: Store) -> None:
    with pytest.raises(LakeError, match=r"read .*/nothing\.txt"):
        store.read("nothing.txt")


@pytest.mark.parametrize("path", ["../a", "/a", "a/../../b", "a//b", "", ".", "a/./b", "a\\b", "a\0b"])
def test_no_path_leaves_the_lake(path: str) -> None:
    with pytest.raises(LakeError, match="no path inside the lake"):
        checked_path(path)


@pytest.mark.parametrize(
    ("code", "action"),
    [
        pytest.param(errno.ENOSPC, "free space", id="disk-full"),
        pytest.param(errno.EDQUOT, "free space", id="quota-spent"),
        pytest.param(errno.EROFS, "right to write", id="mounted-read-only"),
        pytest.param(errno.EACCES, "right to write", id="no-permission"),
        pytest.param(errno.EIO, "check the disk", id="disk-broken"),
    ],
)
def test_a_failing_disk_names_step_place_and_next_action_and_leaves_nothing(tmp_path: Path, code: int, action: str) -> None:
    def fail(file: BinaryIO) -> None:
        file.write(b"some")
        raise OSError(code, os.strerror(code))

    with pytest.raises(LakeError, match=rf"write {tmp_path}/d/a.txt: {os.strerror(code)}. Next: .*{action}"):
        LocalStore(tmp_path).publish("d/a.txt", fail, replace=False)
    assert files_under(tmp_path) == []


def test_a_limit_on_file_size_stops_a_real_write(tmp_path: Path) -> None:
    """The kernel itself refuses (EFBIG), in the middle of a Parquet file."""
    script = """
import resource, signal, sys
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.lake import Lake
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
rows = ({"source_uid": f"{i * 7919:x}" * 3, "target_uid": f"{i * 104729:x}" * 3, "kind": f"{i * 31}"} for i in range(50_000))
try:
    Lake.open(sys.argv[1]).write("relations", rows, snapshot_id="s", part="p")
except LakeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "File too large. Next: free space on that disk" in done.stdout
    assert files_under(tmp_path) == []


def test_a_folder_that_may_not_be_written_to_is_refused(tmp_path: Path) -> None:
    """Root may write anywhere, so the child becomes nobody first."""
    script = """
import os, sys
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.lake.lake import Lake
lake = Lake.open(sys.argv[1])
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    lake.write_document("a.json", b"{}")
except LakeError as error:
    print(error)
"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "lake"
        folder.mkdir()
        Path(name).chmod(0o755)
        folder.chmod(0o555)
        done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True)
        folder.chmod(0o755)
        assert f"write {folder}/a.json: Permission denied. Next: give this user the right to write there" in done.stdout
        assert files_under(folder) == []


def test_a_file_is_no_lake(tmp_path: Path) -> None:
    file = tmp_path / "lake"
    file.write_text("")
    with pytest.raises(LakeError, match=r"open lake .*this is a file.*Next: name a folder"):
        open_store(file, None)
    with pytest.raises(LakeError, match=r"Next: a part of this path is a file"):
        LocalStore(tmp_path).publish("lake/a.txt", write_hello, replace=False)


def test_a_killed_writer_leaves_no_visible_file(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from pathlib import Path
from cloudmigrate.lake.storage import LocalStore
def produce(file):
    file.write(b"half"); file.flush(); os.kill(os.getpid(), signal.SIGKILL)
LocalStore(Path(sys.argv[1])).publish("d/a.parquet", produce, replace=False)
"""
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == -9
    [left] = files_under(tmp_path)
    assert left.startswith(".writing/.unfinished-")
    assert LocalStore(tmp_path).publish("d/a.parquet", write_hello, replace=False) == 5
    assert files_under(tmp_path) == ["d/a.parquet"]


def test_a_killed_upload_leaves_the_object_as_it_was(s3_access: S3Access, tmp_path: Path) -> None:
    """Killed with parts of the object sent already: what was there before stays, and the next publication replaces it."""
    root = f"s3://{BUCKET}/{tmp_path.name}"
    store = open_store(root, s3_access)
    store.publish("a.html", write_hello, replace=True)
    script = """
import os, shutil, signal, sys
from cloudmigrate.lake import storage
def half(source, upload, length):
    upload.write(bytes(12 << 20)); upload.flush(); os.kill(os.getpid(), signal.SIGKILL)
shutil.copyfileobj = half
access = storage.S3Access("us-west-2", "emulator", "emulator", endpoint_url=sys.argv[2])
storage.S3Store(sys.argv[1], access).publish("a.html", lambda file: file.write(bytes(24 << 20)), replace=True)
"""
    command = [sys.executable, "-c", script, root, str(s3_access.endpoint_url)]
    assert subprocess.run(command, check=False).returncode == -9
    assert store.read("a.html") == b"hello"
    store.publish("a.html", lambda file: file.write(b"new"), replace=True)
    assert store.read("a.html") == b"new"


def test_s3_needs_credentials() -> None:
    with pytest.raises(LakeError, match="no credentials were given for S3"):
        open_store("s3://bucket/prefix", None)


def test_a_missing_bucket_is_named(s3_access: S3Access) -> None:
    with pytest.raises(LakeError, match=r"write s3://no-such-bucket/x/a.txt: .*NO_SUCH_BUCKET.*Next: create the bucket"):
        open_store("s3://no-such-bucket/x", s3_access).publish("a.txt", write_hello, replace=True)


def test_an_endpoint_that_refuses_is_a_lake_error_without_the_secret() -> None:
    access = S3Access(region="us-west-2", access_key="AKIAEXAMPLE", secret_key="sesame", endpoint_url="http://127.0.0.1:9")
    assert "sesame" not in repr(access)
    with pytest.raises(LakeError, match="Next: check the network and the endpoint") as caught:
        open_store("s3://bucket/x", access).publish("a.txt", write_hello, replace=True)
    assert "sesame" not in str(caught.value)
    assert caught.value.transient


@pytest.mark.parametrize("root", ["gs://bucket/prefix", "S3://bucket/prefix", "ftp://host/x", "a\0b"])
def test_what_is_neither_a_folder_nor_s3_is_refused(root: str) -> None:
    """Not taken for a folder named after the scheme, in whatever folder the command runs."""
    with pytest.raises(LakeError, match="neither a folder nor s3://bucket/prefix"):
        open_store(root, None)
