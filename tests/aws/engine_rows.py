"""Rows of the engine's own tests: one of each shape that the catalogue may use, whatever the catalogue holds."""

from typing import Any

from cloudmigrate.aws.resource_type import Call, Metric, MetricSource, Parent, ResourceType


def row(type_: str, **fields: Any) -> ResourceType:
    """A row with what does not matter to the engine filled in."""
    return ResourceType(**({"type": type_, "role": "compute", "moves": True} | fields))


INSTANCE = row(
    "AWS::EC2::Instance",
    service="ec2",
    operation="describe_instances",
    path="Reservations[].Instances[]",
    id="InstanceId",
    arn="arn:{partition}:ec2:{region}:{account}:instance/{id}",
    state="State.Name",
    created="LaunchTime",
    gone_states=frozenset({"terminated", "shutting-down"}),
    private_ips="NetworkInterfaces[].PrivateIpAddress",
    metric_source=MetricSource(
        "AWS/EC2",
        {"InstanceId": "InstanceId"},
        (
            Metric("CPUUtilization", "percent", capacity_pct=True),
            Metric("NetworkIn", "bytes", stats=("Sum",)),
            Metric("mem_used_percent", "percent", stats=("Average",), namespace="CWAgent"),
            Metric("disk_used_percent", "percent", stats=("Average",), namespace="CWAgent"),
        ),
    ),
)
VPC = row(
    "AWS::EC2::VPC",
    service="ec2",
    operation="describe_vpcs",
    path="Vpcs[]",
    id="VpcId",
    arn="arn:{partition}:ec2:{region}:{account}:vpc/{id}",
    state="State",
    owner="OwnerId",
    calls=(
        Call(
            "describe_vpc_attribute",
            {"VpcId": "VpcId"},
            "EnableDnsSupport.Value",
            "EnableDnsSupport",
            constant={"Attribute": "enableDnsSupport"},
        ),
    ),
)
VOLUME = row(
    "AWS::EC2::Volume",
    service="ec2",
    operation="describe_volumes",
    path="Volumes[]",
    id="VolumeId",
    arn="arn:{partition}:ec2:{region}:{account}:volume/{id}",
    state="State",
    stateful=True,
    storage="Size",
    storage_unit_bytes=1024**3,
)
BUCKET = row(
    "AWS::S3::Bucket",
    service="s3",
    operation="list_buckets",
    path="Buckets[]",
    id="Name",
    arn="arn:{partition}:s3:::{id}",
    name="Name",
    created="CreationDate",
    is_global=True,
    own_region="BucketRegion || Location",
    tags="TagSet",
    stateful=True,
    calls=(
        Call("get_bucket_location", {"Bucket": "Name"}, "LocationConstraint", "Location", when="!BucketRegion", locates=True),
        Call(
            "get_bucket_tagging",
            {"Bucket": "Name"},
            "TagSet",
            "TagSet",
            absent_codes=("NoSuchTagSet",),
            region_path="BucketRegion || Location",
        ),
        Call(
            "get_bucket_policy",
            {"Bucket": "Name"},
            "Policy",
            "Policy",
            absent_codes=("NoSuchBucketPolicy",),
            region_path="BucketRegion || Location",
        ),
    ),
    metric_source=MetricSource(
        "AWS/S3",
        {"BucketName": "Name"},
        (Metric("BucketSizeBytes", "bytes", stats=("Average",), period_s=86_400, extra_dimensions=(("StorageType", "StandardStorage"),)),),
    ),
)
TABLE = row(
    "AWS::DynamoDB::Table",
    service="dynamodb",
    operation="list_tables",
    path="TableNames[].{TableName: @}",
    id="TableName",
    arn="=TableArn",
    name="TableName",
    state="TableStatus",
    created="CreationDateTime",
    tags="TagList",
    calls=(
        Call("describe_table", {"TableName": "TableName"}, "Table", "@"),
        Call("list_tags_of_resource", {"ResourceArn": "TableArn"}, "Tags", "TagList"),
    ),
)
QUEUE = row(
    "AWS::SQS::Queue",
    service="sqs",
    operation="list_queues",
    path="QueueUrls[].{QueueUrl: @}",
    id="QueueUrl",
    arn="=Attributes.QueueArn",
    name="part(QueueUrl, '/', `-1`)",
    created="Attributes.CreatedTimestamp",
    tags="QueueTags",
    calls=(
        Call("get_queue_attributes", {"QueueUrl": "QueueUrl"}, "Attributes", "Attributes", constant={"AttributeNames": ["All"]}),
        Call("list_queue_tags", {"QueueUrl": "QueueUrl"}, "Tags", "QueueTags"),
    ),
)
CLUSTER = row(
    "AWS::ECS::Cluster",
    service="ecs",
    operation="list_clusters",
    path="clusterArns[].{clusterArn: @}",
    id="clusterArn",
    arn="=clusterArn",
    name="clusterName",
    state="status",
    tags="tags",
    calls=(
        Call(
            "describe_clusters",
            {"clusters": "clusterArn"},
            "clusters[]",
            "@",
            batch=100,
            batch_on="clusterArn",
            batch_key="clusterArn",
            constant={"include": ["TAGS"]},
        ),
    ),
)
SERVICE = row(
    "AWS::ECS::Service",
    service="ecs",
    operation="list_services",
    path="serviceArns[].{serviceArn: @}",
    id="serviceArn",
    arn="=serviceArn",
    name="serviceName",
    state="status",
    tags="tags",
    parent=Parent("list_clusters", "clusterArns[].{clusterArn: @}", {"cluster": "clusterArn"}),
    calls=(
        Call(
            "describe_services",
            {"cluster": "Parent.clusterArn", "services": "serviceArn"},
            "services[]",
            "@",
            batch=10,
            batch_on="serviceArn",
            batch_key="serviceArn",
        ),
    ),
)
ZONE = row(
    "AWS::Route53::HostedZone",
    service="route53",
    operation="list_hosted_zones",
    path="HostedZones[]",
    id="part(Id, '/', `-1`)",
    arn="arn:{partition}:route53:::hostedzone/{id}",
    name="Name",
    is_global=True,
    tags=None,
)
RECORD_SET = row(
    "AWS::Route53::RecordSet",
    service="route53",
    operation="list_resource_record_sets",
    path="ResourceRecordSets[]",
    id="Name",
    arn="=join('/', ['arn:aws:route53:::hostedzone', part(Parent.Id, '/', `-1`), Name, Type, SetIdentifier || ''])",
    name="Name",
    is_global=True,
    tags=None,
    parent=Parent("list_hosted_zones", "HostedZones[]", {"HostedZoneId": "Id"}),
)
KEY = row(
    "AWS::KMS::Key",
    service="kms",
    operation="list_keys",
    path="Keys[]",
    id="KeyId",
    arn="=KeyArn",
    state="Metadata.KeyState",
    gone_states=frozenset({"pendingdeletion"}),
    keep="Metadata.KeyManager == 'CUSTOMER'",
    tags="TagList",
    calls=(
        Call("describe_key", {"KeyId": "KeyId"}, "KeyMetadata", "Metadata"),
        Call("get_key_policy", {"KeyId": "KeyId"}, "Policy", "Policy", constant={"PolicyName": "default"}),
        Call("list_resource_tags", {"KeyId": "KeyId"}, "Tags[].{Key: TagKey, Value: TagValue}", "TagList"),
    ),
)
REGIONAL = (INSTANCE, VPC, VOLUME, TABLE, QUEUE, CLUSTER, SERVICE, KEY)
GLOBAL_ROWS = (BUCKET, ZONE, RECORD_SET)
ROWS = REGIONAL + GLOBAL_ROWS
