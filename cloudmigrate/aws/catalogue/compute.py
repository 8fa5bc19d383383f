"""Rows for what computes on servers: instances, their disks, and groups of them."""

from cloudmigrate.aws.catalogue.network import IN_SUBNET, IN_VPC, ec2_arn
from cloudmigrate.aws.resource_type import Call, Metric, MetricSource, RelationRule, ResourceType
from cloudmigrate.domain.resources import RelationRole

PART = RelationRole.PART
SETTING = RelationRole.SETTING
GIB = 1024**3

# The agent's default configuration aggregates by these dimensions only when `append_dimensions` / `aggregation_dimensions`
# name InstanceId (CloudWatch User Guide, "Metrics collected by the CloudWatch agent"): absent metrics are "no data".
INSTANCE_METRICS = MetricSource(
    namespace="AWS/EC2",
    dimensions={"InstanceId": "InstanceId"},
    metrics=(
        Metric("CPUUtilization", "percent", capacity_pct=True),
        Metric("NetworkIn", "bytes", stats=("Sum",)),
        Metric("NetworkOut", "bytes", stats=("Sum",)),
        Metric("EBSReadBytes", "bytes", stats=("Sum",)),
        Metric("EBSWriteBytes", "bytes", stats=("Sum",)),
        Metric("EBSReadOps", "count", stats=("Sum",)),
        Metric("EBSWriteOps", "count", stats=("Sum",)),
        Metric("CPUCreditBalance", "count", stats=("Minimum",)),
        Metric("mem_used_percent", "percent", namespace="CWAgent", capacity_pct=True),
        Metric("disk_used_percent", "percent", namespace="CWAgent", capacity_pct=True),
    ),
)
VOLUME_METRICS = MetricSource(
    namespace="AWS/EBS",
    dimensions={"VolumeId": "VolumeId"},
    metrics=(
        Metric("VolumeReadBytes", "bytes", stats=("Sum",)),
        Metric("VolumeWriteBytes", "bytes", stats=("Sum",)),
        Metric("VolumeReadOps", "count", stats=("Sum",)),
        Metric("VolumeWriteOps", "count", stats=("Sum",)),
        Metric("VolumeIdleTime", "seconds", stats=("Sum",)),
    ),
)

ROWS: tuple[ResourceType, ...] = (
    ResourceType(
        type="AWS::EC2::Instance",
        service="ec2",
        operation="describe_instances",
        path="Reservations[].Instances[]",
        id="InstanceId",
        arn=ec2_arn("instance"),
        role="compute",
        moves=True,
        state="State.Name",
        created="LaunchTime",
        gone_states=frozenset({"terminated", "shutting-down"}),
        private_ips="NetworkInterfaces[].PrivateIpAddresses[].PrivateIpAddress || [PrivateIpAddress]",
        dns_names=("PrivateDnsName", "PublicDnsName"),
        calls=(
            Call(
                "describe_instance_attribute",
                params={"InstanceId": "InstanceId"},
                constant={"Attribute": "userData"},
                path="UserData.Value",
                into="UserData",
                secret=True,
            ),
        ),
        relations=(
            IN_VPC,
            IN_SUBNET,
            RelationRule("volume", "BlockDeviceMappings[].Ebs.VolumeId", "AWS::EC2::Volume", role=PART),
            RelationRule("network-interface", "NetworkInterfaces[].NetworkInterfaceId", "AWS::EC2::NetworkInterface", role=PART),
            RelationRule("security-group", "SecurityGroups[].GroupId", "AWS::EC2::SecurityGroup", role=SETTING),
            RelationRule("instance-profile", "IamInstanceProfile.Arn", "AWS::IAM::InstanceProfile", by="arn", role=SETTING),
            RelationRule("image", "ImageId", "AWS::EC2::Image", role=SETTING, keep_unresolved=False),
            RelationRule("key-pair", "KeyName", "AWS::EC2::KeyPair", by="name", role=SETTING),
        ),
        metric_source=INSTANCE_METRICS,
    ),
    ResourceType(
        type="AWS::EC2::Volume",
        service="ec2",
        operation="describe_volumes",
        path="Volumes[]",
        id="VolumeId",
        arn=ec2_arn("volume"),
        role="data",
        moves=True,
        state="State",
        created="CreateTime",
        gone_states=frozenset({"deleting", "deleted"}),
        stateful=True,
        storage="Size",
        storage_unit_bytes=GIB,
        relations=(
            RelationRule("kms-key", "KmsKeyId", "AWS::KMS::Key", by="arn", role=SETTING),
            RelationRule("from-snapshot", "SnapshotId", "AWS::EC2::Snapshot", role=SETTING, keep_unresolved=False),
        ),
        metric_source=VOLUME_METRICS,
    ),
)
