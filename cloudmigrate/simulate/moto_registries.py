"""Registries of images as ECR keeps them: digests are those of the bytes, and no manifest stands there without its layers."""

import hashlib
import json
from typing import Any

from cloudmigrate.simulate.moto_blobs import offered


def install() -> None:
    """Apply every fix."""
    _keep_layers()
    _believe_digests()
    _give_layers()


def _refused(code: str, message: str) -> Exception:
    from moto.ecr.exceptions import InvalidParameterException  # moto tells the service by the module of the class

    error: Exception = InvalidParameterException(message)
    error.code = code  # type: ignore[attr-defined]
    return error


def _named(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _keep_layers() -> None:
    """Keep the bytes of a layer, and only where they have the digest that was said."""
    from moto.ecr.models import ECRBackend

    complete = ECRBackend.complete_layer_upload

    def complete_layer_upload(
        self: Any, repository_name: str, upload_id: str, layer_digests: list[str], registry_id: str | None = None
    ) -> dict[str, Any]:
        repository = self._get_repository(repository_name, registry_id)
        upload = repository.uploads.get(upload_id)
        if upload is not None:
            data = bytes(upload.layer_parts)
            if _named(data) not in layer_digests:
                raise _refused("InvalidLayerException", f"Layer digest {_named(data)} is not {layer_digests}")
            if _named(data) in repository.layers:
                raise _refused("LayerAlreadyExistsException", f"Layer {_named(data)} already exists")
            repository.__dict__.setdefault("kept_layers", {})[_named(data)] = data
        return complete(self, repository_name, upload_id, layer_digests, registry_id)

    ECRBackend.complete_layer_upload = complete_layer_upload  # type: ignore[method-assign]


def _believe_digests() -> None:
    """Name an image by the digest of its manifest, and take none whose layers are not there, or that says another digest."""
    from moto.ecr.exceptions import ImageAlreadyExistsException
    from moto.ecr.models import ECRBackend, Image

    def put_image(  # noqa: PLR0917 - as moto calls it
        self: Any,
        repository_name: str,
        image_manifest: str,
        image_tag: str,
        image_manifest_mediatype: str | None = None,
        digest: str | None = None,
    ) -> Any:
        repository = self._get_repository(repository_name)
        document, own = json.loads(image_manifest), _named(image_manifest.encode())
        if digest and digest != own:
            raise _refused("ImageDigestDoesNotMatchException", f"The digest {digest} is not that of the manifest, {own}")
        _check_parts(repository, document)
        for one in repository.images:
            if image_tag in one.image_tags and (one.image_digest == own or repository.is_tag_immutable()):
                raise ImageAlreadyExistsException(repository.registry_id, image_tag, one.image_digest, repository_name)
        for one in [one for one in repository.images if image_tag and image_tag in one.image_tags]:
            one.remove_tag(image_tag)
        found = next((one for one in repository.images if one.image_digest == own), None)
        if found is None:
            kind = image_manifest_mediatype or document.get("mediaType")
            found = Image(self.account_id, image_tag, image_manifest, repository_name, kind, own)
            repository.images.append(found)
        elif image_tag:
            found.update_tag(image_tag)
        return found

    ECRBackend.put_image = put_image  # type: ignore[method-assign]


def _check_parts(repository: Any, document: dict[str, Any]) -> None:
    parts = [document["config"], *document["layers"]] if "layers" in document else []
    missing = sorted({one["digest"] for one in parts if one["digest"] not in repository.layers})
    if missing:
        raise _refused("LayersNotFoundException", f"The following layers are not present in the repository: {missing}")
    there = {one.image_digest for one in repository.images}
    lost = sorted(one["digest"] for one in document.get("manifests", ()) if one["digest"] not in there)
    if lost:
        raise _refused("ReferencedImagesNotFoundException", f"The following images are not present in the repository: {lost}")


def _give_layers() -> None:
    from moto.core.responses import ActionResult
    from moto.ecr.responses import ECRResponse

    def get_download_url_for_layer(self: Any) -> Any:
        repository = self.ecr_backend._get_repository(self._get_param("repositoryName"), self._get_param("registryId"))
        digest = self._get_param("layerDigest")
        data = repository.__dict__.get("kept_layers", {}).get(digest)
        if data is None:
            raise _refused("LayersNotFoundException", f"The layer {digest} is not in the repository")
        return ActionResult({"downloadUrl": offered(self, data), "layerDigest": digest})

    ECRResponse.get_download_url_for_layer = get_download_url_for_layer  # type: ignore[method-assign]


def image_at(uri: str) -> Any:
    """The image that the words lead to, with its digest; None where the registry has none, or the words lead elsewhere."""
    from moto.ecr.models import ecr_backends

    from cloudmigrate.domain.acts.images import image_of

    image = image_of(uri)
    if image is None:
        return None
    repository = ecr_backends[image.account_id][image.region].repositories.get(image.repository)
    for one in repository.images if repository is not None else ():
        if image.digest == one.image_digest or (not image.digest and (image.tag or "latest") in one.image_tags):
            return one
    return None
