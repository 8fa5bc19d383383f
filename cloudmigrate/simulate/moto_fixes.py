"""Where moto 5.2 differs from AWS and the demo estate would show it; applied in the emulator's own process only."""

import ipaddress
import json
from typing import Any

IN_USE = "in-use"


def install() -> None:
    """Apply every fix."""
    _hide_snapshots_of_public_images()
    _delete_acls_with_their_vpc()
    _list_instance_profile_tags()
    _get_authorizers()
    _keep_destination_options()
    _place_interfaces_in_their_subnet()
    _show_interfaces_of_services()
    _use_described_interfaces()


def _hide_snapshots_of_public_images() -> None:
    """Keep the snapshots behind Amazon's images from being listed as the caller's own: moto's OwnerIds filter does nothing."""
    from moto.ec2.models.amis import AmiBackend

    load = AmiBackend._load_amis

    def load_without_snapshots(self: Any) -> None:
        load(self)
        for image in self.amis.values():
            self.snapshots.pop(image.ebs_snapshot.id, None)

    AmiBackend._load_amis = load_without_snapshots  # type: ignore[method-assign]


def _delete_acls_with_their_vpc() -> None:
    """Let a VPC's network ACLs go with it; moto would list them for ever."""
    from moto.ec2.models.vpcs import VPCBackend

    delete = VPCBackend.delete_vpc

    def delete_with_acls(self: Any, vpc_id: str) -> Any:
        deleted = delete(self, vpc_id)
        for acl in [acl for acl in self.network_acls.values() if acl.vpc_id == vpc_id]:
            del self.network_acls[acl.id]
        return deleted

    VPCBackend.delete_vpc = delete_with_acls  # type: ignore[method-assign]


def _list_instance_profile_tags() -> None:
    """Answer iam:ListInstanceProfileTags, which moto leaves out."""
    from moto.core.responses import ActionResult
    from moto.iam.responses import IamResponse

    def list_instance_profile_tags(self: Any) -> Any:
        profile = self.backend.get_instance_profile(self._get_param("InstanceProfileName"))
        return ActionResult({"Tags": profile.tags, "IsTruncated": False})

    IamResponse.list_instance_profile_tags = list_instance_profile_tags  # type: ignore[attr-defined]


def _get_authorizers() -> None:
    """Answer apigatewayv2:GetAuthorizers, which moto leaves out."""
    from moto.apigatewayv2.responses import ApiGatewayV2Response

    def get_authorizers(self: Any) -> Any:
        api = self.apigatewayv2_backend.get_api(self.path.split("/")[-2])
        return 200, {}, json.dumps({"items": [one.to_json() for one in api.authorizers.values()]})

    ApiGatewayV2Response.get_authorizers = get_authorizers  # type: ignore[attr-defined]


def _keep_destination_options() -> None:
    """Tell a flow log's DestinationOptions (Parquet, Hive-compatible folders) again, which moto forgets."""
    from moto.ec2.responses.flow_logs import FlowLogs

    create = FlowLogs.create_flow_logs

    def create_with_options(self: Any) -> Any:
        known = set(self.ec2_backend.flow_logs)
        answer = create(self)
        options = self._get_param("DestinationOptions")
        for flow_log_id in set(self.ec2_backend.flow_logs) - known:
            if options:
                self.ec2_backend.flow_logs[flow_log_id].destination_options = options
        return answer

    FlowLogs.create_flow_logs = create_with_options  # type: ignore[method-assign]


def _place_interfaces_in_their_subnet() -> None:
    """Give an interface an address of its subnet; moto takes those of NAT gateways and endpoints from anywhere in 10.0.0.0/8."""
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface

    start = NetworkInterface.__init__

    def start_in_subnet(self: Any, ec2_backend: Any, subnet: Any, private_ip_address: Any, *more: Any, **named: Any) -> None:
        place = ec2_backend.get_subnet(subnet) if isinstance(subnet, str) else subnet
        if isinstance(private_ip_address, str) and ipaddress.ip_address(private_ip_address) not in place.cidr:
            private_ip_address = place.get_available_subnet_ip(self)
        start(self, ec2_backend, place, private_ip_address, *more, **named)

    NetworkInterface.__init__ = start_in_subnet  # type: ignore[method-assign]


def _show_interfaces_of_services() -> None:
    """Describe the interfaces of NAT gateways, endpoints and mount targets as AWS does, with an endpoint's security groups."""
    from moto.ec2.models.nat_gateways import NatGatewayBackend
    from moto.ec2.models.vpcs import VPCBackend
    from moto.efs.models import EFSBackend

    create_nat, create_endpoint, create_target = (
        NatGatewayBackend.create_nat_gateway,
        VPCBackend.create_vpc_endpoint,
        EFSBackend.create_mount_target,
    )

    def create_nat_gateway(self: Any, *values: Any, **named: Any) -> Any:
        made = create_nat(self, *values, **named)
        made._eni.description, made._eni.interface_type = f"Interface for NAT Gateway {made.id}", "nat_gateway"
        made._eni.status = IN_USE
        return made

    def create_vpc_endpoint(self: Any, *values: Any, **named: Any) -> Any:
        made = create_endpoint(self, *values, **named)
        for one in (self.enis[interface_id] for interface_id in made.network_interface_ids):
            one.description, one.interface_type, one.status = f"VPC Endpoint Interface {made.id}", "vpc_endpoint", IN_USE
            one._group_set = [self.get_security_group_from_id(group) for group in made.security_group_ids or ()] or one._group_set
        return made

    def create_mount_target(self: Any, *values: Any, **named: Any) -> Any:
        made = create_target(self, *values, **named)
        interface = self.ec2_backend.enis[made.network_interface_id]
        interface.description = f"EFS mount target for {made.file_system_id} ({made.mount_target_id})"
        interface.status = IN_USE
        return made

    NatGatewayBackend.create_nat_gateway = create_nat_gateway  # type: ignore[method-assign]
    VPCBackend.create_vpc_endpoint = create_vpc_endpoint  # type: ignore[method-assign]
    EFSBackend.create_mount_target = create_mount_target  # type: ignore[method-assign]


def _use_described_interfaces() -> None:
    """Let interfaces that are described as a service's be in use, and those of internet-facing load balancers have a public address."""
    from moto.ec2.models.elastic_network_interfaces import NetworkInterfaceBackend
    from moto.ec2.utils import random_public_ip
    from moto.elb.models import elb_backends
    from moto.elbv2.models import elbv2_backends

    create = NetworkInterfaceBackend.create_network_interface

    def create_in_use(self: Any, *values: Any, **named: Any) -> Any:
        made = create(self, *values, **named)
        if made.description:
            made.status = IN_USE
        if made.description.startswith("ELB "):
            path = made.description.removeprefix("ELB ")
            newer = [one for arn, one in elbv2_backends[self.account_id][self.region_name].load_balancers.items() if arn.endswith(path)]
            classic = elb_backends[self.account_id][self.region_name].load_balancers.get(path)
            if any(one.scheme == "internet-facing" for one in (*newer, classic) if one is not None):
                made.public_ip = random_public_ip()
        return made

    NetworkInterfaceBackend.create_network_interface = create_in_use  # type: ignore[method-assign]
