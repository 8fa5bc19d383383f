"""The emulator refuses and keeps what EC2 does, so that a migration that is wrong fails on it."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cloudmigrate.simulate.emulator import Emulator, post
from cloudmigrate.simulate.moto_images import PENDING_PATH

SOURCE, TARGET = "eu-central-1", "eu-west-1"
OTHER = "222222222222"
DISKS = [
    {
        "DeviceName": "/dev/sda1",
        "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Iops": 4000, "Throughput": 250, "DeleteOnTermination": True},
    },
    {"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 100, "VolumeType": "gp2"}},
]


@pytest.fixture
def source(clean_emulator: Emulator) -> Any:
    return boto3.client("ec2", region_name=SOURCE)


@pytest.fixture
def target(clean_emulator: Emulator) -> Any:
    return boto3.client("ec2", region_name=TARGET)


@pytest.fixture
def pending(clean_emulator: Emulator) -> Iterator[None]:
    post(clean_emulator.url + PENDING_PATH, b"2")
    yield
    post(clean_emulator.url + PENDING_PATH, b"0")


def launch(ec2: Any, **more: Any) -> Any:
    asked = {"ImageId": "ami-0a1b2c3d4e5f60001", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, **more}
    return ec2.run_instances(**asked)["Instances"][0]


def tags(kind: str, **values: str) -> dict[str, Any]:
    return {"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in values.items()]}


def refused(code: str, call: Any, **params: Any) -> None:
    with pytest.raises(ClientError) as told:
        call(**params)
    assert told.value.response["Error"]["Code"] == code


def image_of(ec2: Any, name: str = "web", **more: Any) -> str:
    server = launch(ec2, BlockDeviceMappings=DISKS)
    return str(ec2.create_image(InstanceId=server["InstanceId"], Name=name, **more)["ImageId"])


def test_an_image_keeps_every_volume_and_tags_it_and_a_launch_has_them_again(source: Any, target: Any) -> None:
    image_id = image_of(source, TagSpecifications=[tags("image", a="1"), tags("snapshot", b="2")])
    (image,) = source.describe_images(ImageIds=[image_id])["Images"]
    held = {one["DeviceName"]: one["Ebs"] for one in image["BlockDeviceMappings"]}
    assert {name: (ebs["VolumeSize"], ebs["VolumeType"]) for name, ebs in held.items()} == {
        "/dev/sda1": (20, "gp3"),
        "/dev/sdb": (100, "gp2"),
    }
    assert image["Tags"] == [{"Key": "a", "Value": "1"}]
    snapshots = source.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert sorted(one["VolumeSize"] for one in snapshots) == [20, 100]
    assert [one["Tags"] for one in snapshots] == [[{"Key": "b", "Value": "2"}]] * 2

    copy = target.copy_image(SourceImageId=image_id, SourceRegion=SOURCE, Name="web", TagSpecifications=[tags("snapshot", c="3")])[
        "ImageId"
    ]
    (copied,) = target.describe_images(ImageIds=[copy])["Images"]
    own = {one["Ebs"]["SnapshotId"] for one in copied["BlockDeviceMappings"]}
    assert own.isdisjoint(one["SnapshotId"] for one in snapshots)
    found = target.describe_snapshots(SnapshotIds=sorted(own))["Snapshots"]
    assert [one["Tags"] for one in found] == [[{"Key": "c", "Value": "3"}]] * 2
    changed = [{"DeviceName": "/dev/sdb", "Ebs": {"VolumeType": "gp3", "Iops": 5000, "DeleteOnTermination": True}}]
    server = launch(target, ImageId=copy, BlockDeviceMappings=changed, TagSpecifications=[tags("network-interface", d="4")])
    volumes = {one["Attachments"][0]["Device"]: one for one in target.describe_volumes()["Volumes"]}
    assert (volumes["/dev/sda1"]["Size"], volumes["/dev/sda1"]["Iops"], volumes["/dev/sda1"]["Throughput"]) == (20, 4000, 250)
    assert (volumes["/dev/sdb"]["Size"], volumes["/dev/sdb"]["VolumeType"], volumes["/dev/sdb"]["Iops"]) == (100, "gp3", 5000)
    (interface,) = target.describe_network_interfaces()["NetworkInterfaces"]
    assert interface["TagSet"] == [{"Key": "d", "Value": "4"}]
    target.terminate_instances(InstanceIds=[server["InstanceId"]])
    target.terminate_instances(InstanceIds=[server["InstanceId"]])  # again is the same
    assert target.describe_volumes()["Volumes"] == []
    assert target.describe_network_interfaces()["NetworkInterfaces"] == []


def test_an_image_leaves_out_the_devices_that_the_request_says(source: Any) -> None:
    image_id = image_of(source, BlockDeviceMappings=[{"DeviceName": "/dev/sdb", "NoDevice": ""}])
    (image,) = source.describe_images(ImageIds=[image_id])["Images"]
    assert [one["DeviceName"] for one in image["BlockDeviceMappings"]] == ["/dev/sda1"]


def test_names_of_images_are_unique_in_a_region_until_they_go(source: Any, target: Any) -> None:
    image_id = image_of(source)
    server = launch(source)
    refused("InvalidAMIName.Duplicate", source.create_image, InstanceId=server["InstanceId"], Name="web")
    target.copy_image(SourceImageId=image_id, SourceRegion=SOURCE, Name="web")
    refused("InvalidAMIName.Duplicate", target.copy_image, SourceImageId=image_id, SourceRegion=SOURCE, Name="web")
    source.deregister_image(ImageId=image_id)
    assert len(source.describe_snapshots(OwnerIds=["self"])["Snapshots"]) == 2
    again = source.create_image(InstanceId=server["InstanceId"], Name="web")["ImageId"]
    source.deregister_image(ImageId=again, DeleteAssociatedSnapshots=True)
    assert len(source.describe_snapshots(OwnerIds=["self"])["Snapshots"]) == 2


def test_what_is_gone_is_not_changed(source: Any) -> None:
    image_id = image_of(source)
    source.deregister_image(ImageId=image_id)
    share = {"Attribute": "launchPermission", "OperationType": "remove", "UserIds": ["222222222222"]}
    refused("InvalidAMIID.Unavailable", source.modify_image_attribute, ImageId=image_id, **share)
    server = launch(source, BlockDeviceMappings=DISKS)["InstanceId"]
    goes = [{"DeviceName": "/dev/sdb", "Ebs": {"DeleteOnTermination": True}}]
    source.modify_instance_attribute(InstanceId=server, BlockDeviceMappings=goes)
    source.terminate_instances(InstanceIds=[server])
    refused("IncorrectInstanceState", source.modify_instance_attribute, InstanceId=server, BlockDeviceMappings=goes)


def test_the_same_token_gives_the_same_answer_and_other_parameters_are_refused(source: Any, target: Any) -> None:
    first = launch(source, ClientToken="one")
    assert launch(source, ClientToken="one")["InstanceId"] == first["InstanceId"]
    refused("IdempotentParameterMismatch", launch, ec2=source, ClientToken="one", InstanceType="t3.small")
    assert launch(source, ClientToken="two")["InstanceId"] != first["InstanceId"]
    image_id = image_of(source)
    asked = {"SourceImageId": image_id, "SourceRegion": SOURCE, "ClientToken": "copy"}
    assert target.copy_image(Name="web", **asked)["ImageId"] == target.copy_image(Name="web", **asked)["ImageId"]
    refused("IdempotentParameterMismatch", target.copy_image, Name="other", **asked)
    source.terminate_instances(InstanceIds=[first["InstanceId"]])
    refused("IdempotentInstanceTerminated", launch, ec2=source, ClientToken="one")


@pytest.mark.usefixtures("pending")
def test_images_and_snapshots_are_pending_for_as_many_looks_as_was_said(source: Any, target: Any) -> None:
    image_id = image_of(source)
    refused("InvalidAMIID.Unavailable", target.copy_image, SourceImageId=image_id, SourceRegion=SOURCE, Name="web")
    refused("InvalidAMIID.Unavailable", launch, ec2=source, ImageId=image_id)
    assert [source.describe_images(ImageIds=[image_id])["Images"][0]["State"] for _ in range(3)] == ["pending", "pending", "available"]
    seen = [{one["State"] for one in source.describe_snapshots(OwnerIds=["self"])["Snapshots"]} for _ in range(3)]
    assert seen == [{"pending"}, {"pending"}, {"completed"}]
    assert launch(source, ImageId=image_id)["ImageId"] == image_id


def test_an_image_of_another_account_is_copied_only_when_it_and_its_snapshots_are_shared(source: Any) -> None:
    held = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OTHER}:role/Migration", RoleSessionName="test")["Credentials"]
    keys = {"aws_access_key_id": held["AccessKeyId"], "aws_secret_access_key": held["SecretAccessKey"]}
    other = boto3.client("ec2", region_name=TARGET, aws_session_token=held["SessionToken"], **keys)
    image_id = image_of(source)
    copy = {"SourceImageId": image_id, "SourceRegion": SOURCE, "Name": "web"}
    refused("InvalidAMIID.NotFound", other.copy_image, **copy)
    source.modify_image_attribute(ImageId=image_id, LaunchPermission={"Add": [{"UserId": OTHER}]})
    refused("InvalidRequest", other.copy_image, **copy)
    for one in source.describe_images(ImageIds=[image_id])["Images"][0]["BlockDeviceMappings"]:
        source.modify_snapshot_attribute(
            SnapshotId=one["Ebs"]["SnapshotId"], Attribute="createVolumePermission", OperationType="add", UserIds=[OTHER]
        )
    copied = other.copy_image(Encrypted=True, KmsKeyId="alias/target", **copy)["ImageId"]
    (image,) = other.describe_images(Owners=["self"])["Images"]
    assert (image["ImageId"], image["OwnerId"]) == (copied, OTHER)
    found = other.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert [(one["Encrypted"], one["KmsKeyId"]) for one in found] == [(True, "alias/target")] * 2


def test_a_group_that_is_borne_or_named_is_not_deleted(source: Any) -> None:
    subnet = source.describe_subnets()["Subnets"][0]
    web, db = (source.create_security_group(GroupName=one, Description=one, VpcId=subnet["VpcId"])["GroupId"] for one in ("web", "db"))
    to_web = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": web}]}
    source.authorize_security_group_ingress(GroupId=db, IpPermissions=[to_web])
    refused("DependencyViolation", source.delete_security_group, GroupId=web)
    source.revoke_security_group_ingress(GroupId=db, IpPermissions=[to_web])
    server = launch(source, SubnetId=subnet["SubnetId"], SecurityGroupIds=[web])
    refused("DependencyViolation", source.delete_security_group, GroupId=web)
    source.terminate_instances(InstanceIds=[server["InstanceId"]])
    source.delete_security_group(GroupId=web)
    source.authorize_security_group_ingress(GroupId=db, IpPermissions=[{**to_web, "UserIdGroupPairs": [{"GroupId": db}]}])
    source.delete_security_group(GroupId=db)  # its own rule does not hold it


def test_rules_are_added_all_or_none_and_all_are_answered(source: Any) -> None:
    group = source.create_security_group(GroupName="web", Description="web")["GroupId"]
    ports = [{"IpProtocol": "tcp", "FromPort": one, "ToPort": one, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]} for one in (80, 443, 22)]
    answer = source.authorize_security_group_ingress(GroupId=group, IpPermissions=ports[:2])
    assert [one["FromPort"] for one in answer["SecurityGroupRules"]] == [80, 443]
    refused("InvalidPermission.Duplicate", source.authorize_security_group_ingress, GroupId=group, IpPermissions=[ports[2], ports[0]])
    found = source.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    assert sorted(one["FromPort"] for one in found) == [80, 443]


def test_an_elastic_address_is_given_to_one_of_several_interfaces_by_its_id(source: Any) -> None:
    subnet_id = source.describe_subnets()["Subnets"][0]["SubnetId"]
    server = launch(source, NetworkInterfaces=[{"DeviceIndex": place, "SubnetId": subnet_id} for place in (0, 1)])
    allocation_id = source.allocate_address(Domain="vpc")["AllocationId"]
    refused("InvalidInstanceID", source.associate_address, AllocationId=allocation_id, InstanceId=server["InstanceId"])
    own = min(server["NetworkInterfaces"], key=lambda one: int(one["Attachment"]["DeviceIndex"]))["NetworkInterfaceId"]
    source.associate_address(AllocationId=allocation_id, NetworkInterfaceId=own)
    assert [one["NetworkInterfaceId"] for one in source.describe_addresses()["Addresses"]] == [own]


def test_an_address_is_given_once_and_is_free_when_its_instance_is_gone(source: Any) -> None:
    subnet = source.describe_subnets()["Subnets"][0]
    address = {"SubnetId": subnet["SubnetId"], "PrivateIpAddress": subnet["CidrBlock"].replace(".0/20", ".77")}
    server = launch(source, **address)
    refused("InvalidIPAddress.InUse", launch, ec2=source, **address)
    listed = [{"DeviceIndex": 0, "SubnetId": subnet["SubnetId"]}, {"DeviceIndex": 1, **address}]
    refused("InvalidIPAddress.InUse", launch, ec2=source, NetworkInterfaces=listed)
    source.terminate_instances(InstanceIds=[server["InstanceId"]])
    assert launch(source, **address)["PrivateIpAddress"] == address["PrivateIpAddress"]
