"""Images and snapshots as EC2 keeps them: every volume, tags, unique names, shares between accounts, and time until they are ready."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

from cloudmigrate.simulate.moto_tokens import once

PENDING_VARIABLE = "CLOUDMIGRATE_EMULATOR_PENDING_LOOKS"
PENDING_PATH = "/_simulate/pending-looks"
READY_AFTER = {"looks": int(os.environ.get(PENDING_VARIABLE, "0"))}  # a new image or snapshot shows as pending so often
_left_out: ContextVar[frozenset[str]] = ContextVar("left_out", default=frozenset())  # devices that a request wants no snapshot of


def install() -> None:
    """Apply every fix."""
    _keep_all_volumes()
    _create()
    _copy()
    _deregister()
    _share_what_is_there()
    _become_ready()


def _client_error(code: str, message: str) -> Exception:
    from moto.ec2.exceptions import EC2ClientError

    error: Exception = EC2ClientError(code, message)
    return error


def _keep_all_volumes() -> None:
    """Show the snapshots that were made for an image; moto shows one of 15 GiB for each."""
    from moto.ec2.models.amis import Ami

    of_moto = Ami.block_device_mappings.fget  # type: ignore[attr-defined]
    Ami.block_device_mappings = property(lambda self: self.__dict__.get("kept_devices") or of_moto(self))  # type: ignore[assignment]


def _create() -> None:
    from moto.ec2.models.amis import AmiBackend
    from moto.ec2.responses.amis import AmisResponse

    respond = AmisResponse.create_image

    def create_without(self: Any) -> Any:
        _left_out.set(frozenset(one["DeviceName"] for one in self._get_param("BlockDeviceMappings", []) if "NoDevice" in one))
        return respond(self)

    AmisResponse.create_image = create_without  # type: ignore[method-assign]
    create, register = AmiBackend.create_image, AmiBackend.register_image

    def create_image(self: Any, instance_id: str, name: str, description: str, tag_specifications: list[dict[str, Any]]) -> Any:
        _refuse_taken(self, name)
        tags = _tags_by_kind(tag_specifications)
        image = create(self, instance_id, name, description, [])
        image.add_tags(tags.get("image", {}))
        about = f"Created by CreateImage({instance_id}) for {image.id}"
        devices = []
        for device, attached in image.instance.get_block_device_mapping:
            if device in _left_out.get():
                continue
            volume = self.get_volume(attached.volume_id)
            snapshot = self.create_snapshot(volume.id, about, image.owner_id, from_ami=image.id)
            ebs = {"VolumeType": volume.volume_type, "DeleteOnTermination": attached.delete_on_termination}
            devices.append(_device(device, snapshot, {**ebs, "Iops": volume.iops, "Throughput": volume.throughput}))
        _keep(self, image, devices, tags.get("snapshot", {}))
        return image

    def register_image(self: Any, name: str | None = None, description: str | None = None) -> Any:
        _refuse_taken(self, name)
        return register(self, name, description)

    AmiBackend.create_image = create_image  # type: ignore[method-assign]
    AmiBackend.register_image = register_image  # type: ignore[method-assign]


def _copy() -> None:
    from moto.core.responses import ActionResult
    from moto.ec2.models.amis import Ami
    from moto.ec2.models.elastic_block_store import Snapshot
    from moto.ec2.responses.amis import AmisResponse
    from moto.ec2.utils import random_ami_id, random_snapshot_id

    def copy_image(self: Any) -> Any:
        self.error_on_dryrun()
        return ActionResult({"ImageId": once(self, "CopyImage", lambda: copied(self))})

    def copied(self: Any) -> str:
        backend, name = self.ec2_backend, self._get_param("Name")
        _refuse_taken(backend, name)
        source = _readable(backend, self._get_param("SourceRegion"), self._get_param("SourceImageId"))
        tags = _tags_by_kind(self._get_param("TagSpecifications", []))
        if self._get_param("CopyImageTags"):
            tags["image"] = {one["key"]: one["value"] for one in source.get_tags()} | tags.get("image", {})
        image = Ami(backend, random_ami_id(), source_ami=source, name=name, description=self._get_param("Description"))
        image.root_device_name = source.root_device_name
        image.add_tags(tags.get("image", {}))
        key = self._get_param("KmsKeyId")
        devices = []
        for one in source.block_device_mappings:
            old = source.ec2_backend.snapshots[one["Ebs"]["SnapshotId"]]
            encrypted = bool(self._get_param("Encrypted")) or old.encrypted
            about = f"Copied for DestinationAmi {image.id} from SourceAmi {source.id}"
            snapshot = Snapshot(backend, random_snapshot_id(), old.volume, about, encrypted, key, from_ami=image.id)
            backend.snapshots[snapshot.id] = snapshot
            devices.append(_device(one["DeviceName"], snapshot, one["Ebs"]))
        _keep(backend, image, devices, tags.get("snapshot", {}))
        backend.amis[image.id] = image
        made: str = image.id
        return made

    AmisResponse.copy_image = copy_image  # type: ignore[method-assign]


def _deregister() -> None:
    from moto.core.responses import ActionResult
    from moto.ec2.responses.amis import AmisResponse

    def deregister_image(self: Any) -> Any:
        self.error_on_dryrun()
        backend, image_id = self.ec2_backend, self._get_param("ImageId")
        image = backend.amis.get(image_id)
        backend.deregister_image(image_id)
        gone = []
        if self._get_param("DeleteAssociatedSnapshots"):
            gone = [one["Ebs"]["SnapshotId"] for one in image.block_device_mappings]
            for snapshot_id in gone:
                backend.snapshots.pop(snapshot_id, None)
        return ActionResult({"Return": True, "DeleteSnapshotResults": [{"SnapshotId": one, "ReturnCode": "success"} for one in gone]})

    AmisResponse.deregister_image = deregister_image  # type: ignore[method-assign]


def _share_what_is_there() -> None:
    """Refuse to share an image that was deregistered; moto stumbles over it."""
    from moto.ec2.models.amis import AmiBackend

    modify = AmiBackend.modify_image_attribute

    def modify_image_attribute(self: Any, ami_id: str, *values: Any, **named: Any) -> None:
        if ami_id not in self.amis:
            raise _client_error("InvalidAMIID.Unavailable", f"The image ID '{ami_id}' is no longer available")
        modify(self, ami_id, *values, **named)

    AmiBackend.modify_image_attribute = modify_image_attribute  # type: ignore[method-assign]


def _become_ready() -> None:
    """Let what was created show as pending for some looks. AWS takes minutes; code that does not wait for it must fail here too."""
    from moto.ec2.models.amis import Ami
    from moto.ec2.models.elastic_block_store import Snapshot
    from moto.ec2.responses.amis import AmisResponse
    from moto.ec2.responses.elastic_block_store import ElasticBlockStore

    images, snapshots = AmisResponse.describe_images, ElasticBlockStore.describe_snapshots

    def describe_images(self: Any) -> Any:
        answer: Any = images(self)
        _looked_at(answer.result["Images"])
        return answer

    def describe_snapshots(self: Any) -> Any:
        answer: Any = snapshots(self)
        _looked_at(answer.result["Snapshots"])
        return answer

    def state(name: str) -> property:
        def get(self: Any) -> str:
            return "pending" if self.__dict__.get("pending_looks") else str(self.__dict__[name])

        def put(self: Any, value: str) -> None:
            self.__dict__[name] = value

        return property(get, put)

    Ami.state = state("own_state")  # type: ignore[assignment]
    Snapshot.status = state("own_status")  # type: ignore[assignment]
    AmisResponse.describe_images = describe_images  # type: ignore[method-assign]
    ElasticBlockStore.describe_snapshots = describe_snapshots  # type: ignore[method-assign]


def _looked_at(things: Iterable[Any]) -> None:
    for one in things:
        if one.__dict__.get("pending_looks"):
            one.pending_looks -= 1


def refuse_pending(image: Any) -> None:
    """Nothing, if the image can be used. Raises what EC2 answers else."""
    if image.state != "available":
        raise _client_error("InvalidAMIID.Unavailable", f"The image ID '{image.id}' is not available: it is {image.state}")


def _refuse_taken(backend: Any, name: str | None) -> None:
    if any(one.name == name and one.owner_id == backend.account_id for one in list(backend.amis.values())):
        raise _client_error("InvalidAMIName.Duplicate", f"AMI name {name} is already in use by another AMI")


def _readable(backend: Any, region: str, image_id: str) -> Any:
    """The image, of this account or shared with it together with its snapshots."""
    from moto.ec2.models import ec2_backends

    own = backend.account_id
    for account_id in [own, *(one for one in list(ec2_backends) if one != own)]:
        image = ec2_backends[account_id][region].amis.get(image_id)
        if image is None:
            continue
        if account_id != own and not image.is_public and {"UserId": own} not in image.launch_permissions:
            continue
        refuse_pending(image)
        held = [image.ec2_backend.snapshots[one["Ebs"]["SnapshotId"]] for one in image.block_device_mappings]
        if account_id != own and not all(own in one.create_volume_permission_userids for one in held):
            raise _client_error("InvalidRequest", "You do not have permission to access the storage of this ami")
        return image
    raise _client_error("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")


def _device(name: str, snapshot: Any, ebs: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in ebs.items() if value is not None}
    own = {"SnapshotId": snapshot.id, "VolumeSize": snapshot.volume.size, "Encrypted": snapshot.encrypted}
    return {"DeviceName": name, "Ebs": {**kept, **own}}


def _keep(backend: Any, image: Any, devices: list[dict[str, Any]], tags: Mapping[str, str]) -> None:
    """The image has these devices, in the place of the one that moto made up."""
    with suppress(KeyError):
        del backend.snapshots[image.ebs_snapshot.id]
    image.kept_devices = devices
    looks = READY_AFTER["looks"]
    made = [backend.snapshots[one["Ebs"]["SnapshotId"]] for one in devices]
    for snapshot in made:
        snapshot.add_tags(dict(tags))
    for one in (image, *made):
        one.pending_looks = looks + 1 if looks else 0  # the look that ends it is counted before it is answered
    if made:
        image.ebs_snapshot = made[0]


def _tags_by_kind(specifications: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    return {one["ResourceType"]: {tag["Key"]: tag["Value"] for tag in one.get("Tags", [])} for one in specifications}
