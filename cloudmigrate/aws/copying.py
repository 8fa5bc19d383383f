"""Files and container images from where they are to the target: streamed in pieces, believed by their digest only, never copied twice."""

import base64
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import IO, Any, Protocol

import jmespath
import urllib3.exceptions
from botocore.awsrequest import AWSRequest
from botocore.exceptions import HTTPClientError

from cloudmigrate.domain.acts.images import MOST_PLATFORMS, platform_tag
from cloudmigrate.domain.acts.record import Call, FileCopy, ImageCopy

PIECE = 1 << 20
DIGESTS_AT_ONCE = 100  # Source: ECR API reference, BatchCheckLayerAvailability
# What a registry may hold. Source: ECR API reference, BatchGetImage; OCI image specification.
MANIFESTS = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
]
WRITES = frozenset({"CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "PutObject", "UploadLayerPart"})
DATA = frozenset({"Body", "layerPartBlob"})
THERE = frozenset({"LayerAlreadyExistsException"})  # another step was faster with the same layer
SCAN_AGAIN = "it changed since the plan: scan again, then plan anew"
AGAIN = "resume: what arrived whole is not copied again"

Open = Callable[[str], Any]  # url -> a botocore HTTP session that may reach it


class Ask(Protocol):
    """One call, whose errors are the step's own; ``{}`` where the error code is one of those tolerated."""

    def __call__(self, call: Call, tolerated: frozenset[str] = ..., /) -> Mapping[str, Any]:
        """The answer."""


class CopyError(Exception):
    """What was to be copied is not what it must be, or broke off."""

    def __init__(self, reason: str, next_action: str, *, may_pass: bool = False) -> None:
        self.reason = reason
        self.next_action = next_action
        self.may_pass = may_pass
        super().__init__(reason)


def as_write(call: Call) -> Call | None:
    """The call without the data that it carries, to tell of it; None for one that changes nothing."""
    told = {name: value for name, value in call.params.items() if name not in DATA}
    return replace(call, params=told) if call.operation in WRITES else None


def copied(copy: FileCopy | ImageCopy, last: Call, ask: Ask, opened: Open) -> Mapping[str, Any]:
    """The answer of *last*, the call that makes the copy whole. Raises CopyError, and what *ask* raises."""
    return _file(copy, last, ask, opened) if isinstance(copy, FileCopy) else _Image(copy, last, ask, opened).copied()


def _file(copy: FileCopy, last: Call, ask: Ask, opened: Open) -> Mapping[str, Any]:
    """Through a file of this machine that has no name: one request then takes it all or nothing, and no half of it is ever there."""
    url = jmespath.search(copy.url, ask(copy.named_by))
    if not url:
        raise CopyError(f"{copy.named_by.operation} names no url to copy from", SCAN_AGAIN)
    with _held(url, opened) as (held, got):
        if got != copy.sha256:
            raise CopyError(f"its SHA-256 is {got} and not {copy.sha256}", SCAN_AGAIN)
        return ask(replace(last, params={**last.params, "Body": held}))


@contextmanager
def _held(url: str, opened: Open) -> Iterator[tuple[IO[bytes], str]]:
    """A file that holds what the url does, at its beginning, and the SHA-256 of it. Raises CopyError."""
    digest = hashlib.sha256()
    with ExitStack() as files:
        try:
            held = files.enter_context(tempfile.TemporaryFile(prefix="cloudmigrate-"))
            for piece in _pieces(url, opened):
                digest.update(piece)
                held.write(piece)
            held.seek(0)  # writes what is buffered as well
        except OSError as error:
            with suppress(OSError):  # closing it would try to write that once more
                files.close()
            reason = f"it cannot be held on disk: {error.strerror or error}"
            raise CopyError(reason, "free space there (TMPDIR names another folder), then resume") from error
        yield held, base64.b64encode(digest.digest()).decode()


class _Image:
    """One image on its way: what its manifest names goes first, so that no manifest is ever there without it."""

    def __init__(self, copy: ImageCopy, last: Call, ask: Ask, opened: Open) -> None:
        self.copy, self.last, self.ask, self.opened = copy, last, ask, opened

    def copied(self) -> Mapping[str, Any]:
        """The answer of the call that put its manifest."""
        manifest, media_type = self._manifest(self.copy.digest)
        platforms = [str(one["digest"]) for one in json.loads(manifest).get("manifests") or ()]
        if len(platforms) > MOST_PLATFORMS:
            raise CopyError(f"the image has {len(platforms)} platforms, more than {MOST_PLATFORMS}", "copy it by hand, then map it")
        for number, digest in enumerate(platforms, start=1):
            own, kind = self._manifest(digest)
            self._blobs(own)
            tag = platform_tag(self.last.params["imageTag"], number)
            if not self._is_there(digest, tag):
                self._put(own, kind, digest, tag)
        self._blobs(manifest)
        return self._put(manifest, media_type, self.copy.digest, self.last.params["imageTag"])

    def _at_source(self, operation: str, **params: Any) -> Call:
        asked = {"registryId": self.copy.registry_id, "repositoryName": self.copy.repository, **params}
        return Call("ecr", operation, asked, region=self.copy.region, account_id=self.copy.account_id)

    def _manifest(self, digest: str) -> tuple[str, str]:
        """The manifest as the source has it, and its type."""
        images = self.ask(self._at_source("BatchGetImage", imageIds=[{"imageDigest": digest}], acceptedMediaTypes=MANIFESTS)).get("images")
        if not images:
            raise CopyError(f"the source has no image {digest} in {self.copy.repository} any more", SCAN_AGAIN)
        manifest = str(images[0]["imageManifest"])
        got = _named(hashlib.sha256(manifest.encode()).hexdigest())
        if got != digest:
            raise CopyError(f"the manifest of {digest} has the digest {got}", SCAN_AGAIN)
        return manifest, str(images[0].get("imageManifestMediaType") or json.loads(manifest)["mediaType"])

    def _blobs(self, manifest: str) -> None:
        """Copy the configuration and the layers that the target lacks."""
        document = json.loads(manifest)
        named = [document["config"], *document["layers"]] if "layers" in document else []
        digests = list(dict.fromkeys(str(one["digest"]) for one in named if not one.get("urls")))
        for first in range(0, len(digests), DIGESTS_AT_ONCE):
            asked = digests[first : first + DIGESTS_AT_ONCE]
            layers = self.ask(Call("ecr", "BatchCheckLayerAvailability", {"repositoryName": self.copy.repository, "layerDigests": asked}))
            there = {one["layerDigest"] for one in layers.get("layers") or () if one.get("layerAvailability") == "AVAILABLE"}
            for digest in asked:
                if digest not in there:
                    self._blob(digest)

    def _blob(self, digest: str) -> None:
        url = self.ask(self._at_source("GetDownloadUrlForLayer", layerDigest=digest))["downloadUrl"]
        repository = {"repositoryName": self.copy.repository}
        upload = self.ask(Call("ecr", "InitiateLayerUpload", repository))
        part = {**repository, "uploadId": upload["uploadId"]}
        sha, first = hashlib.sha256(), 0
        for blob in _in_parts(_pieces(url, self.opened), int(upload["partSize"])):
            sha.update(blob)
            place = {"partFirstByte": first, "partLastByte": first + len(blob) - 1}
            self.ask(Call("ecr", "UploadLayerPart", {**part, **place, "layerPartBlob": blob}))
            first += len(blob)
        got = _named(sha.hexdigest())
        if got != digest:  # the upload that is not completed is dropped by ECR
            raise CopyError(f"a layer has the digest {got} and not {digest}", AGAIN, may_pass=True)
        self.ask(Call("ecr", "CompleteLayerUpload", {**part, "layerDigests": [digest]}), THERE)

    def _is_there(self, digest: str, tag: str) -> bool:
        asked = {"repositoryName": self.copy.repository, "imageIds": [{"imageTag": tag}], "acceptedMediaTypes": MANIFESTS}
        images = self.ask(Call("ecr", "BatchGetImage", asked)).get("images") or ()
        return any(one["imageId"]["imageDigest"] == digest for one in images)

    def _put(self, manifest: str, media_type: str, digest: str, tag: str) -> Mapping[str, Any]:
        asked = {"imageManifest": manifest, "imageManifestMediaType": media_type, "imageDigest": digest, "imageTag": tag}
        answer = self.ask(replace(self.last, params={**self.last.params, **asked}))
        got = (answer.get("image") or {}).get("imageId", {}).get("imageDigest")
        if got != digest:
            raise CopyError(f"the target has the image as {got} and not as {digest}", "delete it there, then resume")
        return answer


def _named(digits: str) -> str:
    return f"sha256:{digits}"


def _pieces(url: str, opened: Open) -> Iterator[bytes]:
    """What the url holds. Raises CopyError, without the url: it is as good as a key."""
    request = AWSRequest("GET", url, headers={"Accept-Encoding": "identity"}, stream_output=True)
    try:
        answer = opened(url).send(request.prepare())
        try:
            if answer.status_code != 200:
                raise CopyError(f"the download was answered HTTP {answer.status_code}", AGAIN, may_pass=True)
            yield from answer.raw.stream(PIECE, decode_content=False)
        finally:
            answer.raw.close()
    except (HTTPClientError, urllib3.exceptions.HTTPError) as error:
        raise CopyError(f"the download broke off ({type(error).__name__})", AGAIN, may_pass=True) from None


def _in_parts(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes, in parts of *size* but the last."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)
