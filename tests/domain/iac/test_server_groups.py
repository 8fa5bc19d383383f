from typing import Any

from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac import network_sources as net
from tests.domain.iac.drawn import ACCOUNT, EC2, TARGET, Drawn, drawn, source

TEMPLATE = f"{EC2}:launch-template/lt-0a"
GROUP = f"arn:aws:autoscaling:eu-central-1:{ACCOUNT}:autoScalingGroup:1f:autoScalingGroupName/shop"


def template(**more: Any) -> Resource:
    """A template as DescribeLaunchTemplates and DescribeLaunchTemplateVersions tell it."""
    data = {
        "ImageId": "ami-0a",
        "InstanceType": "c5.large",
        "KeyName": "ops",
        "SecurityGroupIds": ["sg-0a"],
        "IamInstanceProfile": {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/web"},
        "UserData": {"sha256": "0f" * 32, "bytes": 9, "names": [], "endpoints": []},
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "SnapshotId": "snap-1", "Throughput": 250}}
        ],
        "MetadataOptions": {"HttpTokens": "optional", "HttpPutResponseHopLimit": 2},
        "Monitoring": {"Enabled": True},
        "CreditSpecification": {"CpuCredits": "standard"},
        "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.05"}},
        "TagSpecifications": [
            {"ResourceType": "instance", "Tags": [{"Key": "App", "Value": "shop"}]},
            {"ResourceType": "launch-template", "Tags": [{"Key": "Name", "Value": "old"}]},
        ],
        "InstanceRequirements": {"VCpuCount": {"Min": 2}},
        **more,
    }
    versions = [
        {"VersionNumber": 1, "DefaultVersion": True, "LaunchTemplateData": {"ImageId": "ami-old", "InstanceType": "t3.micro"}},
        {"VersionNumber": 4, "DefaultVersion": False, "LaunchTemplateData": data},
    ]
    spec = {"LaunchTemplateId": "lt-0a", "LaunchTemplateName": "shop-web", "Versions": versions, "LatestVersionNumber": 4}
    return source("AWS::EC2::LaunchTemplate", TEMPLATE, spec, name="shop-web", tags={"Name": "shop-web"})


def group(**more: Any) -> Resource:
    """A group as DescribeAutoScalingGroups and its sisters tell it."""
    spec = {
        "AutoScalingGroupARN": GROUP,
        "AutoScalingGroupName": "shop",
        "AvailabilityZones": ["eu-central-1a", "eu-central-1b"],
        "MinSize": 0,
        "MaxSize": 8,
        "DesiredCapacity": 2,
        "DefaultCooldown": 300,
        "HealthCheckType": "ELB",
        "HealthCheckGracePeriod": 120,
        "NewInstancesProtectedFromScaleIn": False,
        "TerminationPolicies": ["OldestInstance"],
        "VPCZoneIdentifier": "subnet-0a,subnet-0b",
        "TargetGroupARNs": ["arn:aws:elasticloadbalancing:eu-central-1:111111111111:targetgroup/old/1"],
        "LaunchTemplate": {"LaunchTemplateId": "lt-0a", "LaunchTemplateName": "shop-web", "Version": "$Latest"},
        "EnabledMetrics": [{"Metric": "GroupMinSize", "Granularity": "1Minute"}, {"Metric": "GroupMaxSize", "Granularity": "1Minute"}],
        "Instances": [],
        "Tags": [
            {"Key": "App", "Value": "shop", "PropagateAtLaunch": True, "ResourceId": "shop", "ResourceType": "auto-scaling-group"},
            {"Key": "aws:own", "Value": "x", "PropagateAtLaunch": True},
        ],
        "ScalingPolicies": [
            {
                "PolicyName": "cpu",
                "PolicyType": "TargetTrackingScaling",
                "PolicyARN": "arn:aws:autoscaling:eu-central-1:111111111111:scalingPolicy:1",
                "TargetTrackingConfiguration": {
                    "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                    "TargetValue": 55.0,
                    "DisableScaleIn": False,
                },
                "Alarms": [],
            },
            {
                "PolicyName": "out",
                "PolicyType": "StepScaling",
                "AdjustmentType": "ChangeInCapacity",
                "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 2}],
            },
        ],
        "ScheduledActions": [
            {"ScheduledActionName": "night", "Recurrence": "0 22 * * *", "MinSize": 0, "StartTime": "2026-11-01T22:00:00Z"}
        ],
        "LifecycleHooks": [
            {
                "LifecycleHookName": "drain",
                "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
                "HeartbeatTimeout": 300,
                "DefaultResult": "CONTINUE",
                "NotificationMetadata": "token=abc",
                "GlobalTimeout": 30000,
            }
        ],
        **more,
    }
    return source("AWS::AutoScaling::AutoScalingGroup", GROUP, spec, name="shop", tags={"App": "shop"})


POLICY = TargetPolicy(
    region=TARGET,
    target_groups={
        "arn:aws:elasticloadbalancing:eu-central-1:111111111111:targetgroup/old/1": "arn:aws:elasticloadbalancing:eu-west-1:1:tg/new"
    },
    key_pairs={"ops": "ops-there"},
    instance_types={"c5.large": "c6i.large"},
)


def made(policy: TargetPolicy = POLICY, **more: Any) -> Drawn:
    return drawn([group(**more)], [*net.network(), net.group(net.WEB, "web"), template()], policy)


def test_a_template_is_that_of_the_version_that_its_group_launches() -> None:
    one = made()
    data = one.cloudformation(TEMPLATE)["LaunchTemplateData"]
    names = {variable.name: variable for variable in one.one(TEMPLATE).variables()}
    assert data["InstanceType"] == "c6i.large"
    assert data["KeyName"] == "ops-there"
    assert data["SecurityGroupIds"] == [{"Fn::GetAtt": [one.id_of(net.WEB), "GroupId"]}]
    assert data["BlockDeviceMappings"] == [
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeType": "gp3", "VolumeSize": 20, "Throughput": 250, "Encrypted": True}}
    ]
    assert data["MetadataOptions"] == {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}
    assert data["InstanceMarketOptions"] == {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.05"}}
    assert data["TagSpecifications"] == [{"ResourceType": "instance", "Tags": [{"Key": "App", "Value": "shop"}]}]
    assert sorted((variable.kind, variable.is_secret) for variable in names.values())[-1] == ("String", True)
    assert [variable.description for variable in names.values() if variable.kind == "Image"] == [
        "id in the target of the copy of image ami-0a, which the template launches."
    ]
    assert one.origins(TEMPLATE)["LaunchTemplateData.InstanceRequirements[0]"][1].startswith("InstanceRequirements is left out: ")
    assert one.cloudformation(TEMPLATE)["TagSpecifications"] == [
        {"ResourceType": "launch-template", "Tags": [{"Key": "Name", "Value": "shop-web"}]}
    ]


def test_a_template_in_terraform() -> None:
    text = made().terraform(TEMPLATE)
    assert "  user_data              = var.shop_web_user_data_" in text
    assert '  block_device_mappings {\n    device_name = "/dev/xvda"\n\n    ebs {\n      encrypted   = true' in text
    assert '  tags = {\n    Name = "shop-web"\n  }' in text
    assert "0f0f" not in text


def test_a_group_launches_the_one_version_that_is_made() -> None:
    one = made()
    properties = one.cloudformation(GROUP)
    assert {name: properties[name] for name in ("MinSize", "MaxSize", "DesiredCapacity", "Cooldown", "HealthCheckType")} == {
        "MinSize": "0",
        "MaxSize": "8",
        "DesiredCapacity": "2",
        "Cooldown": "300",
        "HealthCheckType": "ELB",
    }
    assert properties["TargetGroupARNs"] == ["arn:aws:elasticloadbalancing:eu-west-1:1:tg/new"]
    assert properties["Tags"] == [{"Key": "App", "Value": "shop", "PropagateAtLaunch": True}]
    assert properties["MetricsCollection"] == [{"Granularity": "1Minute", "Metrics": ["GroupMaxSize", "GroupMinSize"]}]
    assert [ref.attribute for ref in one.one(GROUP).references() if ref.key == TEMPLATE] == ["", "LatestVersionNumber"]
    assert len(properties["VPCZoneIdentifier"]) == 2
    text = one.terraform(GROUP)
    assert "min_size                  = 0" in text
    assert '  tag {\n    key                 = "App"\n    propagate_at_launch = true\n    value               = "shop"\n  }' in text
    assert "    version = aws_launch_template.shop_web_" in text
    assert one.blueprint.not_carried == {}


def test_what_makes_a_group_grow_and_shrink_comes_along() -> None:
    one = made()
    own = {"Ref": one.id_of(GROUP)}
    assert one.cloudformation(f"{GROUP}#policy/cpu") == {
        "AutoScalingGroupName": own,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingConfiguration": {
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
            "TargetValue": 55.0,
        },
    }
    assert one.cloudformation(f"{GROUP}#policy/out")["StepAdjustments"] == [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 2}]
    assert one.cloudformation(f"{GROUP}#schedule/night") == {"AutoScalingGroupName": own, "MinSize": 0, "Recurrence": "0 22 * * *"}
    hook = one.cloudformation(f"{GROUP}#hook/drain")
    assert hook["LifecycleTransition"] == "autoscaling:EC2_INSTANCE_TERMINATING"
    assert "token=abc" not in str(one.blueprint)
    text = one.terraform(f"{GROUP}#policy/cpu")
    assert '  name                   = "shop-cpu-' in text
    assert "    predefined_metric_specification {" in text
    assert "  scheduled_action_name  = " in one.terraform(f"{GROUP}#schedule/night")


def test_the_provider_takes_all_of_a_group() -> None:
    assert made().complaints() == []


def test_a_group_of_several_types() -> None:
    mixed = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-0a", "Version": "4"},
            "Overrides": [{"InstanceType": "c5.large", "WeightedCapacity": "2"}, {"InstanceType": "m5.large"}],
        },
        "InstancesDistribution": {"OnDemandBaseCapacity": 1, "SpotAllocationStrategy": "price-capacity-optimized"},
    }
    one = made(LaunchTemplate=None, MixedInstancesPolicy=mixed)
    properties = one.cloudformation(GROUP)["MixedInstancesPolicy"]
    assert properties["LaunchTemplate"]["Overrides"] == [
        {"InstanceType": "c6i.large", "WeightedCapacity": "2"},
        {"InstanceType": "m5.large"},
    ]
    text = one.terraform(GROUP)
    assert '      override {\n        instance_type     = "c6i.large"\n        weighted_capacity = "2"\n      }' in text
    assert '      spot_allocation_strategy = "price-capacity-optimized"' in text
    assert one.complaints() == []


def test_a_group_of_a_launch_configuration_is_left_out_with_what_to_do() -> None:
    assert made(LaunchTemplate=None, LaunchConfigurationName="old").reason(GROUP) == (
        "it launches from launch configuration old: make a launch template of it first, as launch configurations are not carried"
    )
