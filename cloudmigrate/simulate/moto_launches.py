"""Launches as EC2 does them: once per token, with the volumes of the image, and with interfaces that go when the instance does."""

import copy
from contextvars import ContextVar
from typing import Any

from cloudmigrate.simulate.moto_images import refuse_pending
from cloudmigrate.simulate.moto_tokens import once

PRIMARY = "Primary network interface"
CAPACITY_PATH = "/_simulate/refused-launches"
REFUSED = {"launches": 0}  # so many launches that are to come find no capacity in their zone
_devices: ContextVar[dict[str, Any]] = ContextVar("devices", default={})  # noqa: B039 - never changed in place


def install() -> None:
    """Apply every fix."""
    _launch_once()
    _attach_as_asked()
    _let_interfaces_go()
    _ask_for_one_of_several()
    _refuse_to_change_what_ended()


def _launch_once() -> None:
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.responses.instances import InstanceResponse

    run, parse = InstanceResponse.run_instances, InstanceResponse._parse_block_device_mapping

    def run_instances(self: Any) -> Any:
        image = self.ec2_backend.amis.get(self._get_param("ImageId"))
        if image is not None:
            refuse_pending(image)
        answer: Any = once(self, "RunInstances", lambda: launched(self))
        if any(one.state == "terminated" for one in answer.result.instances):
            raise EC2ClientError("IdempotentInstanceTerminated", "The instance of this client token is terminated")
        return answer

    def launched(self: Any) -> Any:
        _refuse_for_capacity(self)
        _refuse_taken_address(self)
        answer: Any = run(self)
        tags = self._parse_tag_specification().get("network-interface", {})
        for one in (interface for instance in answer.result.instances for interface in instance.nics.values()):
            one.add_tags(tags)
        return answer

    def parse_block_device_mapping(self: Any) -> Any:
        image = self.ec2_backend.amis.get(self._get_param("ImageId"))
        kept = image.__dict__.get("kept_devices", []) if image is not None else []
        asked = self._get_param("BlockDeviceMappings", [])
        if not kept:
            _devices.set({one["DeviceName"]: one.get("Ebs", {}) for one in asked})
            return parse(self)
        merged = {one["DeviceName"]: dict(one["Ebs"]) for one in kept}
        for one in asked:
            own = merged.setdefault(one["DeviceName"], {})
            if "VolumeType" in one.get("Ebs", {}):  # iops and throughput belong to the type
                own = merged[one["DeviceName"]] = {key: value for key, value in own.items() if key not in {"Iops", "Throughput"}}
            own.update(one.get("Ebs", {}))
            if "NoDevice" in one:
                del merged[one["DeviceName"]]
        _devices.set(merged)
        return [{"DeviceName": name, "VirtualName": None, "NoDevice": None, "Ebs": ebs} for name, ebs in merged.items()]

    InstanceResponse.run_instances = run_instances  # type: ignore[method-assign]
    InstanceResponse._parse_block_device_mapping = parse_block_device_mapping  # type: ignore[method-assign]


def _refuse_for_capacity(response: Any) -> None:
    from moto.ec2.exceptions import EC2ClientError

    if REFUSED["launches"] > 0:
        REFUSED["launches"] -= 1
        kind = response._get_param("InstanceType")
        raise EC2ClientError("InsufficientInstanceCapacity", f"There is no capacity for {kind} in the zone that was asked for.")


def _refuse_taken_address(response: Any) -> None:
    from moto.ec2.exceptions import EC2ClientError

    own = {name: response._get_param(name) for name in ("PrivateIpAddress", "SubnetId")}
    for one in (own, *response._get_param("NetworkInterfaces", [])):
        subnet_id = one.get("SubnetId")
        asked = [one.get("PrivateIpAddress"), *(each.get("PrivateIpAddress") for each in one.get("PrivateIpAddresses") or ())]
        taken = [each for each in asked if each and subnet_id and each in response.ec2_backend.get_subnet(subnet_id)._subnet_ips]
        if taken:
            raise EC2ClientError("InvalidIPAddress.InUse", f"Address {taken[0]} is in use.")


def _ask_for_one_of_several() -> None:
    """Refuse an elastic address for an instance that has several interfaces: EC2 does not choose one."""
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.models.elastic_ip_addresses import ElasticAddressBackend

    associate = ElasticAddressBackend.associate_address

    def associate_address(self: Any, instance: Any = None, eni: Any = None, **of: Any) -> Any:
        if instance is not None and eni is None and len(instance.nics) > 1:
            raise EC2ClientError("InvalidInstanceID", f"There are multiple interfaces attached to instance '{instance.id}'.")
        return associate(self, instance=instance, eni=eni, **of)

    ElasticAddressBackend.associate_address = associate_address  # type: ignore[method-assign, assignment]


def _attach_as_asked() -> None:
    """Give a launched volume the iops and throughput that were asked for, which moto drops."""
    from moto.ec2.models.instances import Instance

    def add_block_device(self: Any, size: Any, device: str, snapshot_id: Any, encrypted: Any, goes: Any, key: Any, **of: Any) -> None:  # noqa: PLR0917 - as moto calls it
        kind = of["volume_type"]
        ebs = _devices.get().get(device, {})
        encrypted = encrypted or bool(snapshot_id and self.ec2_backend.get_snapshot(snapshot_id).encrypted)
        volume = self.ec2_backend.create_volume(
            size=size if size is None else int(size),
            zone_name=self._placement.zone,
            snapshot_id=snapshot_id,
            encrypted=encrypted,
            kms_key_id=key,
            volume_type=kind,
            iops=ebs.get("Iops") and int(ebs["Iops"]) if kind in ("gp3", "io1", "io2") else None,
            throughput=ebs.get("Throughput") and int(ebs["Throughput"]) if kind == "gp3" else None,
        )
        self.ec2_backend.attach_volume(volume.id, self.id, device, goes)

    Instance.add_block_device = add_block_device  # type: ignore[method-assign, assignment]


def _let_interfaces_go() -> None:
    from moto.ec2.models.instances import Instance

    terminate = Instance.terminate

    def terminate_with_interfaces(self: Any) -> Any:
        if self.state == "terminated":  # again is the same
            return copy.copy(self._state)
        own = [one for one in self.nics.values() if one.id in self.ec2_backend.enis]
        for one in own:
            one.delete_on_termination = one.delete_on_termination or one.description == PRIMARY
        before = terminate(self)
        for one in self.nics.values():
            if one.id in self.ec2_backend.enis:
                one.instance, one.attachment_id, one.status = None, None, "available"
            for address in [held for held, by in one.subnet._subnet_ips.items() if by is self]:
                one.subnet.del_subnet_ip(address)
            one.subnet._unused_ips.clear()  # what was just freed is not what the next one gets: somebody may ask for it
        return before

    Instance.terminate = terminate_with_interfaces  # type: ignore[method-assign]


def _refuse_to_change_what_ended() -> None:
    """Refuse volume settings of a terminated instance; moto stumbles over the device that is gone."""
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.responses.instances import InstanceResponse

    modify = InstanceResponse._block_device_mapping_handler

    def modify_volumes(self: Any) -> bool:
        instance_id = self._get_param("InstanceId")
        if self._get_param("BlockDeviceMappings", []) and self.ec2_backend.get_instance(instance_id).state == "terminated":
            raise EC2ClientError("IncorrectInstanceState", f"The instance '{instance_id}' is not in a state in which it can be changed.")
        return bool(modify(self))

    InstanceResponse._block_device_mapping_handler = modify_volumes  # type: ignore[method-assign]
