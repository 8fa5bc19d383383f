"""Servers, disks and groups of servers in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Argument, Inlined, Member, Nested, NotThere, Reshaped, Shape, named, tag_map, the_one
from cloudmigrate.domain.iac.values import Value

ELSEWHERE = "it is told, and nothing is made of it"


def whole(value: Value) -> Value:
    """A number out of its text; what is not known yet stays."""
    return int(value) if isinstance(value, str) else value


def _by_root(value: Value) -> Value:
    """A server's disks: the first is that of the system, which the provider says by another block."""
    disks = value if isinstance(value, tuple) else ()
    return {"root": disks[:1], "others": disks[1:]}


def _alone(value: Value) -> Value:
    """The one of a list."""
    return (value,)


def _empty_is_true(value: Value) -> Value:
    """CloudFormation says with an empty text that there is no such device."""
    return "true" if value == "" else value


EBS: dict[str, Member] = named(
    DeleteOnTermination="delete_on_termination",
    Encrypted="encrypted",
    Iops="iops",
    KmsKeyId="kms_key_id",
    SnapshotId="snapshot_id",
    Throughput="throughput",
    VolumeSize="volume_size",
    VolumeType="volume_type",
)
ROOT: dict[str, Member] = {
    "DeviceName": NotThere("the image says which device is the system's"),
    "Ebs": Inlined({name: member for name, member in EBS.items() if name != "SnapshotId"}),
}
OTHER: dict[str, Member] = {"DeviceName": Argument("device_name"), "Ebs": Inlined(EBS)}
METADATA = Nested(
    "metadata_options",
    named(
        HttpEndpoint="http_endpoint",
        HttpProtocolIpv6="http_protocol_ipv6",
        HttpPutResponseHopLimit="http_put_response_hop_limit",
        HttpTokens="http_tokens",
        InstanceMetadataTags="instance_metadata_tags",
    ),
)
CPU = Nested("cpu_options", named(CoreCount="core_count", ThreadsPerCore="threads_per_core", AmdSevSnp="amd_sev_snp"))
DNS_NAMES = Nested(
    "private_dns_name_options",
    named(
        HostnameType="hostname_type",
        EnableResourceNameDnsARecord="enable_resource_name_dns_a_record",
        EnableResourceNameDnsAAAARecord="enable_resource_name_dns_aaaa_record",
    ),
)
LAUNCHED = Nested("launch_template", named(LaunchTemplateId="id", Version="version"))
DATA: dict[str, Member] = {
    **named(
        ImageId="image_id",
        InstanceType="instance_type",
        KeyName="key_name",
        SecurityGroupIds="vpc_security_group_ids",
        UserData="user_data",
        EbsOptimized="ebs_optimized",
        DisableApiTermination="disable_api_termination",
        DisableApiStop="disable_api_stop",
        InstanceInitiatedShutdownBehavior="instance_initiated_shutdown_behavior",
    ),
    "IamInstanceProfile": Nested("iam_instance_profile", named(Name="name", Arn="arn")),
    "BlockDeviceMappings": Nested(
        "block_device_mappings",
        {
            "DeviceName": Argument("device_name"),
            "VirtualName": Argument("virtual_name"),
            "NoDevice": Argument("no_device", _empty_is_true),
            "Ebs": Nested("ebs", EBS),
        },
    ),
    "NetworkInterfaces": Nested(
        "network_interfaces",
        {
            **named(
                AssociatePublicIpAddress="associate_public_ip_address",
                DeleteOnTermination="delete_on_termination",
                Description="description",
                DeviceIndex="device_index",
                InterfaceType="interface_type",
                NetworkCardIndex="network_card_index",
                Groups="security_groups",
                SubnetId="subnet_id",
            ),
            "PrivateIpAddresses": NotThere(ELSEWHERE),
        },
    ),
    "MetadataOptions": METADATA,
    "Monitoring": Nested("monitoring", named(Enabled="enabled")),
    "CreditSpecification": Nested("credit_specification", named(CpuCredits="cpu_credits")),
    "CpuOptions": CPU,
    "HibernationOptions": Nested("hibernation_options", named(Configured="configured")),
    "EnclaveOptions": Nested("enclave_options", named(Enabled="enabled")),
    "PrivateDnsNameOptions": DNS_NAMES,
    "InstanceMarketOptions": Nested(
        "instance_market_options",
        {
            "MarketType": Argument("market_type"),
            "SpotOptions": Nested(
                "spot_options",
                named(
                    BlockDurationMinutes="block_duration_minutes",
                    InstanceInterruptionBehavior="instance_interruption_behavior",
                    MaxPrice="max_price",
                    SpotInstanceType="spot_instance_type",
                    ValidUntil="valid_until",
                ),
            ),
        },
    ),
    "Placement": Nested("placement", named(Tenancy="tenancy", HostId="host_id", GroupName="group_name")),
    "TagSpecifications": Nested("tag_specifications", {"ResourceType": Argument("resource_type"), "Tags": Argument("tags", tag_map)}),
    "InstanceRequirements": NotThere(ELSEWHERE),
}
SHAPES = (
    Shape(
        "AWS::EC2::Instance",
        "aws_instance",
        {
            **named(
                ImageId="ami",
                InstanceType="instance_type",
                SubnetId="subnet_id",
                SecurityGroupIds="vpc_security_group_ids",
                PrivateIpAddress="private_ip",
                Ipv6AddressCount="ipv6_address_count",
                SourceDestCheck="source_dest_check",
                KeyName="key_name",
                IamInstanceProfile="iam_instance_profile",
                UserData="user_data_base64",
                EbsOptimized="ebs_optimized",
                Monitoring="monitoring",
                DisableApiTermination="disable_api_termination",
                InstanceInitiatedShutdownBehavior="instance_initiated_shutdown_behavior",
                Tenancy="tenancy",
                HostId="host_id",
                PlacementGroupName="placement_group",
            ),
            "BlockDeviceMappings": Reshaped(
                _by_root, Inlined({"root": Nested("root_block_device", ROOT), "others": Nested("ebs_block_device", OTHER)})
            ),
            "LaunchTemplate": LAUNCHED,
            "MetadataOptions": METADATA,
            "HibernationOptions": Inlined(named(Configured="hibernation")),
            "EnclaveOptions": Nested("enclave_options", named(Enabled="enabled")),
            "CpuOptions": CPU,
            "PrivateDnsNameOptions": DNS_NAMES,
            "InstanceMarketOptions": NotThere(ELSEWHERE),
            "NetworkInterfaces": NotThere(ELSEWHERE),
            "TargetGroups": NotThere(ELSEWHERE),
            "Tags": TAGS,
        },
        attributes={"": "id", "InstanceId": "id", "PrivateIp": "private_ip", "PublicIp": "public_ip", "PrivateDnsName": "private_dns"},
    ),
    Shape(
        "AWS::EC2::NetworkInterface",
        "aws_network_interface",
        {
            **named(
                SubnetId="subnet_id",
                GroupSet="security_groups",
                Description="description",
                SecondaryPrivateIpAddressCount="private_ips_count",
                Ipv6AddressCount="ipv6_address_count",
                SourceDestCheck="source_dest_check",
            ),
            "PrivateIpAddress": Argument("private_ips", _alone),
            "Tags": TAGS,
        },
        attributes={"": "id", "Id": "id"},
    ),
    Shape(
        "AWS::EC2::NetworkInterfaceAttachment",
        "aws_network_interface_attachment",
        {
            **named(InstanceId="instance_id", NetworkInterfaceId="network_interface_id"),
            "DeviceIndex": Argument("device_index", whole),
            "DeleteOnTermination": NotThere("what Terraform made it deletes by itself"),
        },
    ),
    Shape(
        "AWS::EC2::EIPAssociation",
        "aws_eip_association",
        named(AllocationId="allocation_id", NetworkInterfaceId="network_interface_id"),
    ),
    Shape(
        "AWS::EC2::Volume",
        "aws_ebs_volume",
        {
            **named(
                AvailabilityZone="availability_zone",
                SnapshotId="snapshot_id",
                Size="size",
                VolumeType="type",
                Iops="iops",
                Throughput="throughput",
                MultiAttachEnabled="multi_attach_enabled",
                Encrypted="encrypted",
                KmsKeyId="kms_key_id",
            ),
            "Tags": TAGS,
        },
        attributes={"": "id", "VolumeId": "id"},
    ),
    Shape(
        "AWS::EC2::KeyPair",
        "aws_key_pair",
        {**named(KeyName="key_name", PublicKeyMaterial="public_key"), "Tags": TAGS},
        attributes={"": "key_name", "KeyPairId": "key_pair_id"},
        import_id="{KeyName}",
    ),
    Shape(
        "AWS::EC2::LaunchTemplate",
        "aws_launch_template",
        {
            "LaunchTemplateName": Argument("name"),
            "LaunchTemplateData": Inlined(DATA),
            "TagSpecifications": Reshaped(
                the_one, Inlined({"ResourceType": NotThere("the template itself"), "Tags": Argument("tags", tag_map)})
            ),
        },
        attributes={"": "id", "LaunchTemplateId": "id", "LatestVersionNumber": "latest_version"},
    ),
)
