"""Container images in the emulator's registry: layers, a manifest, and an index of two platforms; the bytes are the same each time."""

import hashlib
import json
from typing import Any

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def named(data: bytes) -> str:
    """As a registry names the bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def push(ecr: Any, repository: str, tag: str, *, layers: tuple[bytes, ...] = (b"base " * 50, b"application")) -> str:
    """The digest of an image of one platform that was pushed."""
    ecr.create_repository(repositoryName=repository)
    return _pushed(ecr, repository, layers, "amd64", tag)


def push_index(ecr: Any, repository: str, tag: str) -> str:
    """The digest of an image of two platforms that was pushed."""
    ecr.create_repository(repositoryName=repository)
    kinds = ("amd64", "arm64")
    digests = [_pushed(ecr, repository, (b"base " * 50, f"built for {kind}".encode()), kind, f"of-{kind}") for kind in kinds]
    entries = [
        {"mediaType": MANIFEST, "digest": digest, "size": 1, "platform": {"os": "linux", "architecture": kind}}
        for digest, kind in zip(digests, kinds, strict=True)
    ]
    return _put(ecr, repository, {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}, tag)


def _pushed(ecr: Any, repository: str, layers: tuple[bytes, ...], kind: str, tag: str) -> str:
    config = json.dumps({"os": "linux", "architecture": kind}).encode()
    parts = [_blob(ecr, repository, one) for one in (config, *layers)]
    return _put(ecr, repository, {"schemaVersion": 2, "mediaType": MANIFEST, "config": parts[0], "layers": parts[1:]}, tag)


def _blob(ecr: Any, repository: str, data: bytes) -> dict[str, Any]:
    known = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=[named(data)])["layers"]
    if not known:
        upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
        place = {"repositoryName": repository, "uploadId": upload}
        ecr.upload_layer_part(**place, partFirstByte=0, partLastByte=len(data) - 1, layerPartBlob=data)
        ecr.complete_layer_upload(**place, layerDigests=[named(data)])
    return {"mediaType": "application/octet-stream", "digest": named(data), "size": len(data)}


def _put(ecr: Any, repository: str, manifest: dict[str, Any], tag: str) -> str:
    text = json.dumps(manifest, indent=3)  # as its maker spelt it: not as we would
    image = ecr.put_image(repositoryName=repository, imageManifest=text, imageTag=tag, imageManifestMediaType=manifest["mediaType"])
    assert image["image"]["imageId"]["imageDigest"] == named(text.encode())
    return named(text.encode())
