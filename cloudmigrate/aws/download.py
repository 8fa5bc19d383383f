"""A file over HTTP, streamed to disk: what breaks off is taken up again, and what is shorter or longer than announced is not believed."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import SplitResult, urlsplit

import urllib3.exceptions
from botocore.awsrequest import AWSRequest
from botocore.exceptions import HTTPClientError

from cloudmigrate.aws.answers import is_loopback
from cloudmigrate.aws.failures import plain
from cloudmigrate.errors.sources import DownloadError
from cloudmigrate.errors.stores import LakeError

PIECE = 1 << 20
AWS_SUFFIXES = (".amazonaws.com", ".amazonaws.com.cn")
RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")
PASSING = frozenset({429, 500, 502, 503, 504})
HOST_CHARACTERS = 260  # more is no host's name
MOST_BYTES = 32 << 30  # the largest list has some gigabytes; what has more has no end
RUN_AGAIN = "run again later; what was read before stays"
Open = Callable[[str], Any]  # url -> a botocore HTTP session that may reach it


@dataclass(frozen=True, slots=True)
class Patience:
    """How often in a row a download may break off without a further byte, and how long to wait before the first new try."""

    tries: int = 6
    wait_s: float = 0.5


def allowed(url: str, endpoint_url: str) -> bool:
    """Whether a file that the endpoint names may be fetched: of AWS's own endpoint anywhere in AWS by HTTPS, else of that host alone."""
    wanted, asked = _split(url), urlsplit(endpoint_url)
    if wanted is None:
        return False
    host, endpoint = (wanted.hostname or "").lower(), (asked.hostname or "").lower()
    if endpoint.endswith(AWS_SUFFIXES):
        return wanted.scheme == "https" and host.endswith(AWS_SUFFIXES) and wanted.username is None
    if wanted.scheme not in ("http", "https"):
        return False
    return host == endpoint or (is_loopback(url) and is_loopback(endpoint_url))


def shown_host(url: str) -> str:
    """Where a url leads, without its path, and without a user or a signature, which may be secrets."""
    found = _split(url)
    return plain(f"{found.scheme}://{found.hostname or ''}", HOST_CHARACTERS) if found and found.scheme else "a place that is no url"


def _split(url: str) -> SplitResult | None:
    """The url's parts; None for what is no url."""
    try:
        found = urlsplit(url)
        return found if found.hostname is None or found.port != 0 else None
    except ValueError:
        return None


def download(open_http: Open, url: str, target: Path, patience: Patience | None = None) -> int:
    """The file's bytes, now whole at *target*. Raises DownloadError, and LakeError where the disk has no room for it."""
    patience = patience or Patience()
    http = open_http(url)
    state = _State()
    tries = 0
    with _told(target), target.open("wb") as file:
        while True:
            try:
                _read_on(http, url, file, state)
            except (HTTPClientError, urllib3.exceptions.HTTPError) as error:
                state.reason = f"it broke off after {state.size} bytes ({type(error).__name__})"
            else:
                if state.is_whole:
                    file.flush()
                    return state.size
            tries = 1 if state.size > state.most else tries + 1  # what begins anew again and again gets nowhere
            state.most = max(state.most, state.size)
            if tries >= patience.tries:
                raise DownloadError(_shown(url), f"{state.reason}, {tries} times in a row", RUN_AGAIN)
            time.sleep(patience.wait_s * 2 ** (tries - 1))


@dataclass
class _State:
    """How much of the file is there."""

    size: int = 0
    most: int = 0  # that was ever there
    whole: int | None = None  # as announced
    tag: str | None = None  # what tells this version of the file from another
    has_ended: bool = False
    reason: str = ""

    @property
    def is_whole(self) -> bool:
        return self.has_ended and (self.whole is None or self.size == self.whole)


def _read_on(http: Any, url: str, file: BinaryIO, state: _State) -> None:
    """Read what is missing, as far as it comes."""
    headers = {"Accept-Encoding": "identity"}
    if state.size and state.tag and state.whole is not None:
        headers |= {"Range": f"bytes={state.size}-", "If-Range": state.tag}
    request = AWSRequest("GET", url, headers=headers, stream_output=True)
    answer = http.send(request.prepare())
    with _released(answer.raw) as raw:
        if answer.status_code in PASSING:
            state.reason = f"it was answered HTTP {answer.status_code}"
            return
        if answer.status_code not in (200, 206):
            raise DownloadError(_shown(url), f"it was answered HTTP {answer.status_code}", "run again; if it stays, report it")
        if not _continues(answer, state):
            file.seek(0)
            file.truncate()
            state.size, state.has_ended = 0, False
            state.whole = _number(answer.headers.get("Content-Length"))
            tag = answer.headers.get("ETag", "")
            state.tag = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified")
        for piece in raw.stream(PIECE, decode_content=False):
            file.write(piece)
            state.size += len(piece)
            if state.size > MOST_BYTES:
                raise DownloadError(_shown(url), f"it goes on after {state.size} bytes", "check AWS_ENDPOINT_URL_PRICING, then run again")
        state.has_ended = True
        if not state.is_whole:
            state.reason = f"it has {state.size} bytes, and {state.whole} were announced"


def _continues(answer: Any, state: _State) -> bool:
    """Whether the answer goes on where the file ends; else it is the whole file anew. A part of another place would be neither."""
    if answer.status_code != 206:
        return False
    found = RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != state.size or int(found[2]) != state.whole:
        state.tag = None  # ask for the whole next time
        raise urllib3.exceptions.ProtocolError("a part that was not asked for")
    return True


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


@contextlib.contextmanager
def _told(target: Path) -> Iterator[None]:
    """What the disk refuses, as an error that says where; what the network does has errors of its own."""
    try:
        yield
    except OSError as error:
        raise LakeError(
            "download to", str(target), error.strerror or str(error), "free space there (TMPDIR names another folder)"
        ) from error


@contextlib.contextmanager
def _released(raw: Any) -> Iterator[Any]:
    """The stream, whose connection is closed after: what is left of a broken answer must not be read as the next one's head."""
    try:
        yield raw
    finally:
        raw.close()


def _shown(url: str) -> str:
    """The url without what may be a signature."""
    return url.partition("?")[0]
