"""Servers, disks and groups of servers in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Argument, Inlined, Member, Nested, NotThere, Reshaped, Shape, named, tag_map, the_one
from cloudmigrate.domain.iac.values import Value

ELSEWHERE = "it is told, and nothing is made of it"


def _by_root(value: Value) -> Value:
    """A server's disks: the first is that of the system, which the provider says by another block."""
    disks = value if isinstance(value, tuple) else ()
    return {"root": disks[:1], "others": disks[1:]}


def _whole(value: Value) -> Value:
    """A number out of its text; what is not known yet stays."""
    return int(value) if isinstance(value, str) else value


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
SERVERS = (
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
GROUPS = (
    Shape(
        "AWS::AutoScaling::AutoScalingGroup",
        "aws_autoscaling_group",
        {
            **named(
                AutoScalingGroupName="name",
                DefaultInstanceWarmup="default_instance_warmup",
                HealthCheckType="health_check_type",
                HealthCheckGracePeriod="health_check_grace_period",
                MaxInstanceLifetime="max_instance_lifetime",
                CapacityRebalance="capacity_rebalance",
                NewInstancesProtectedFromScaleIn="protect_from_scale_in",
                TerminationPolicies="termination_policies",
                VPCZoneIdentifier="vpc_zone_identifier",
                TargetGroupARNs="target_group_arns",
                LoadBalancerNames="load_balancers",
                PlacementGroup="placement_group",
            ),
            "MinSize": Argument("min_size", _whole),
            "MaxSize": Argument("max_size", _whole),
            "DesiredCapacity": Argument("desired_capacity", _whole),
            "Cooldown": Argument("default_cooldown", _whole),
            "LaunchTemplate": LAUNCHED,
            "MixedInstancesPolicy": Nested(
                "mixed_instances_policy",
                {
                    "LaunchTemplate": Nested(
                        "launch_template",
                        {
                            "LaunchTemplateSpecification": Nested(
                                "launch_template_specification", named(LaunchTemplateId="launch_template_id", Version="version")
                            ),
                            "Overrides": Nested(
                                "override",
                                {
                                    **named(InstanceType="instance_type", WeightedCapacity="weighted_capacity"),
                                    "InstanceRequirements": NotThere(ELSEWHERE),
                                },
                            ),
                        },
                    ),
                    "InstancesDistribution": Nested(
                        "instances_distribution",
                        named(
                            OnDemandAllocationStrategy="on_demand_allocation_strategy",
                            OnDemandBaseCapacity="on_demand_base_capacity",
                            OnDemandPercentageAboveBaseCapacity="on_demand_percentage_above_base_capacity",
                            SpotAllocationStrategy="spot_allocation_strategy",
                            SpotInstancePools="spot_instance_pools",
                            SpotMaxPrice="spot_max_price",
                        ),
                    ),
                },
            ),
            "MetricsCollection": Reshaped(the_one, Inlined(named(Granularity="metrics_granularity", Metrics="enabled_metrics"))),
            "Tags": Nested("tag", named(Key="key", Value="value", PropagateAtLaunch="propagate_at_launch")),
        },
        attributes={"": "name", "AutoScalingGroupARN": "arn", "Arn": "arn"},
        import_id="name",
    ),
    Shape(
        "AWS::AutoScaling::ScalingPolicy",
        "aws_autoscaling_policy",
        {
            **named(
                AutoScalingGroupName="autoscaling_group_name",
                PolicyType="policy_type",
                AdjustmentType="adjustment_type",
                MetricAggregationType="metric_aggregation_type",
                EstimatedInstanceWarmup="estimated_instance_warmup",
                MinAdjustmentMagnitude="min_adjustment_magnitude",
                ScalingAdjustment="scaling_adjustment",
            ),
            "Cooldown": Argument("cooldown", _whole),
            "StepAdjustments": Nested(
                "step_adjustment",
                named(
                    ScalingAdjustment="scaling_adjustment",
                    MetricIntervalLowerBound="metric_interval_lower_bound",
                    MetricIntervalUpperBound="metric_interval_upper_bound",
                ),
            ),
            "TargetTrackingConfiguration": Nested(
                "target_tracking_configuration",
                {
                    "PredefinedMetricSpecification": Nested(
                        "predefined_metric_specification",
                        named(PredefinedMetricType="predefined_metric_type", ResourceLabel="resource_label"),
                    ),
                    "CustomizedMetricSpecification": Nested(
                        "customized_metric_specification",
                        {
                            **named(MetricName="metric_name", Namespace="namespace", Statistic="statistic", Unit="unit"),
                            "Dimensions": Nested("metric_dimension", named(Name="name", Value="value")),
                            "Metrics": NotThere(ELSEWHERE),
                        },
                    ),
                    "TargetValue": Argument("target_value"),
                    "DisableScaleIn": Argument("disable_scale_in"),
                },
            ),
            "PredictiveScalingConfiguration": NotThere(ELSEWHERE),
        },
        attributes={"": "arn", "Arn": "arn", "PolicyName": "name"},
    ),
    Shape(
        "AWS::AutoScaling::ScheduledAction",
        "aws_autoscaling_schedule",
        named(
            AutoScalingGroupName="autoscaling_group_name",
            MinSize="min_size",
            MaxSize="max_size",
            DesiredCapacity="desired_capacity",
            Recurrence="recurrence",
            TimeZone="time_zone",
            StartTime="start_time",
            EndTime="end_time",
        ),
    ),
    Shape(
        "AWS::AutoScaling::LifecycleHook",
        "aws_autoscaling_lifecycle_hook",
        named(
            AutoScalingGroupName="autoscaling_group_name",
            LifecycleHookName="name",
            LifecycleTransition="lifecycle_transition",
            DefaultResult="default_result",
            HeartbeatTimeout="heartbeat_timeout",
            NotificationMetadata="notification_metadata",
            NotificationTargetARN="notification_target_arn",
            RoleARN="role_arn",
        ),
    ),
)
SHAPES: tuple[Shape, ...] = (*SERVERS, *GROUPS)
