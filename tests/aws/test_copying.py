"""Files and images are copied in pieces, compared by their digest, and not copied again where they are there."""

import base64
import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3.exceptions
from botocore import xform_name

from cloudmigrate.aws.copying import CopyError, copied
from cloudmigrate.domain.acts.record import Call, FileCopy, ImageCopy

DATA = bytes(range(256)) * 10
URL = "http://127.0.0.1/code?X-Amz-Signature=secret"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
PUT = Call("ecr", "PutImage", {"repositoryName": "web", "imageTag": "ours"})


def named(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


class Http:
    """Gives what it holds in pieces of seven bytes; *breaks*: after so many."""

    def __init__(self, held: Mapping[str, bytes], status: int = 200, breaks: int | None = None) -> None:
        self.held, self.status, self.breaks = held, status, breaks

    def __call__(self, url: str) -> Any:
        return self

    def send(self, request: Any) -> Any:
        return SimpleNamespace(status_code=self.status, raw=SimpleNamespace(stream=self.stream(self.held[request.url]), close=lambda: None))

    def stream(self, data: bytes) -> Any:
        def pieces(_: int, *, decode_content: bool) -> Iterator[bytes]:
            for number, start in enumerate(range(0, len(data), 7)):
                if number == self.breaks:
                    raise urllib3.exceptions.ProtocolError(f"Connection broken at {URL}")
                yield data[start : start + 7]

        return pieces


def file_copy(data: bytes) -> FileCopy:
    return FileCopy(Call("lambda", "GetFunction", {"FunctionName": "f"}), "Code.Location", sha256(data))


def test_a_file_goes_whole_as_the_body_of_the_one_call() -> None:
    got: dict[str, Any] = {}

    def ask(call: Call, _: frozenset[str] = frozenset(), /) -> Mapping[str, Any]:
        if call.operation == "GetFunction":
            return {"Code": {"Location": URL}}
        got.update({**call.params, "Body": call.params["Body"].read()})
        return {"ETag": "x"}

    answer = copied(file_copy(DATA), Call("s3", "PutObject", {"Key": "k"}), ask, Http({URL: DATA}))
    assert (answer, got) == ({"ETag": "x"}, {"Key": "k", "Body": DATA})


@pytest.mark.parametrize(
    ("http", "may_pass", "says"),
    [
        pytest.param(Http({URL: DATA + b"!"}), False, "its SHA-256 is", id="other bytes"),
        pytest.param(Http({URL: DATA}, status=403), True, "HTTP 403", id="a url that ran out"),
        pytest.param(Http({URL: DATA}, breaks=3), True, "ProtocolError", id="broken off"),
    ],
)
def test_a_file_that_is_not_whole_is_not_sent_and_its_url_is_not_told(http: Http, may_pass: bool, says: str) -> None:
    def ask(call: Call, _: frozenset[str] = frozenset(), /) -> Mapping[str, Any]:
        assert call.operation == "GetFunction"
        return {"Code": {"Location": URL}}

    with pytest.raises(CopyError) as told:
        copied(file_copy(DATA), Call("s3", "PutObject", {}), ask, http)
    assert (told.value.may_pass, says in told.value.reason) == (may_pass, True)
    assert "X-Amz" not in repr(told.value) + str(told.value.__cause__)


def test_a_disk_that_is_full_is_told_with_where_to_go_though_the_file_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Path("/dev/full").open("wb"))  # noqa: SIM115 - the copy closes it
    with pytest.raises(CopyError, match="cannot be held on disk: No space left on device") as told:
        copied(file_copy(DATA), Call("s3", "PutObject", {}), lambda *_: {"Code": {"Location": URL}}, Http({URL: DATA}))
    assert (told.value.may_pass, "TMPDIR" in told.value.next_action) == (False, True)


class Registries:
    """Two registries in memory: what was uploaded, part by part, and what was put."""

    def __init__(self, blobs: Mapping[str, bytes], manifest: str, there: frozenset[str] = frozenset()) -> None:
        self.blobs, self.manifest, self.there = blobs, manifest, there
        self.parts: list[bytes] = []
        self.completed: list[str] = []
        self.put: dict[str, Any] = {}

    def ask(self, call: Call, _: frozenset[str] = frozenset(), /) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = getattr(self, xform_name(call.operation))(call.params)
        return answer

    def batch_get_image(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"images": [{"imageManifest": self.manifest, "imageManifestMediaType": MANIFEST}]}

    def batch_check_layer_availability(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        known = [one for one in asked["layerDigests"] if one in self.there]
        return {"layers": [{"layerDigest": one, "layerAvailability": "AVAILABLE"} for one in known]}

    def get_download_url_for_layer(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"downloadUrl": f"http://127.0.0.1/{asked['layerDigest']}"}

    def initiate_layer_upload(self, _: Mapping[str, Any]) -> Mapping[str, Any]:
        self.parts = []
        return {"uploadId": "u", "partSize": 10}

    def upload_layer_part(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        assert asked["partFirstByte"] == sum(map(len, self.parts))
        assert asked["partLastByte"] == asked["partFirstByte"] + len(asked["layerPartBlob"]) - 1
        self.parts.append(asked["layerPartBlob"])
        return {}

    def complete_layer_upload(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        assert asked["layerDigests"] == [named(b"".join(self.parts))]
        assert {len(one) for one in self.parts[:-1]} <= {10}
        self.completed += asked["layerDigests"]
        return {}

    def put_image(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self.put = dict(asked)
        return {"image": {"imageId": {"imageDigest": named(asked["imageManifest"].encode())}}}


CONFIG, BASE, OWN = b"{}", b"a layer of 26 bytes, no more", b"own"
TEXT = json.dumps({"config": {"digest": named(CONFIG)}, "layers": [{"digest": named(one)} for one in (BASE, OWN, BASE)]}, indent=2)
BLOBS = {f"http://127.0.0.1/{named(one)}": one for one in (CONFIG, BASE, OWN)}


def image_copy(digest: str) -> ImageCopy:
    return ImageCopy("123456789012", "eu-central-1", "123456789012", "web", digest)


def test_an_image_goes_layer_by_layer_in_parts_and_what_is_there_does_not_go_again() -> None:
    registries = Registries(BLOBS, TEXT, there=frozenset({named(CONFIG)}))
    copied(image_copy(named(TEXT.encode())), PUT, registries.ask, Http(BLOBS))
    assert registries.completed == [named(BASE), named(OWN)]
    assert (registries.put["imageManifest"], registries.put["imageTag"]) == (TEXT, "ours")  # byte for byte


def test_a_layer_or_a_manifest_with_another_digest_is_not_put() -> None:
    broken = {url: data + b"!" for url, data in BLOBS.items()}
    for digest, blobs, may_pass in ((named(TEXT.encode()), broken, True), (named(b"other"), BLOBS, False)):
        registries = Registries(BLOBS, TEXT)
        with pytest.raises(CopyError) as told:
            copied(image_copy(digest), PUT, registries.ask, Http(blobs))
        assert (told.value.may_pass, registries.put, registries.completed) == (may_pass, {}, [])
