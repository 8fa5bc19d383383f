"""Groups of servers in Terraform."""

from cloudmigrate.domain.iac.shape import Argument, Inlined, Nested, NotThere, Reshaped, Shape, named, the_one
from cloudmigrate.domain.iac.shapes.servers import ELSEWHERE, LAUNCHED, whole

SHAPES = (
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
            "MinSize": Argument("min_size", whole),
            "MaxSize": Argument("max_size", whole),
            "DesiredCapacity": Argument("desired_capacity", whole),
            "Cooldown": Argument("default_cooldown", whole),
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
            "Cooldown": Argument("cooldown", whole),
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
