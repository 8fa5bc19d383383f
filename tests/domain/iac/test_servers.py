from typing import Any

import pytest

from cloudmigrate.domain.iac.making import Decided
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.target_policy import DnsName, Override, TargetPolicy
from tests.domain.iac import network_sources as net
from tests.domain.iac.drawn import ACCOUNT, EC2, TARGET, Drawn, drawn, source

SCRIPT = {"sha256": "0f" * 32, "bytes": 120, "names": ["DB_PASSWORD"], "endpoints": []}
ROOT, DATA = f"{EC2}:volume/vol-0a", f"{EC2}:volume/vol-0b"
KEY = f"{EC2}:key-pair/ops"
PUBLIC_HALF = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOps ops"


def whole_server(**more: Any) -> Resource:
    """A server as DescribeInstances tells it, with its user data read as its hash only."""
    disks = [
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeId": "vol-0b", "DeleteOnTermination": False, "Status": "attached"}},
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-0a", "DeleteOnTermination": True, "Status": "attached"}},
    ]
    given = {
        "AmiLaunchIndex": 0,
        "Architecture": "x86_64",
        "BlockDeviceMappings": disks,
        "ClientToken": "token",
        "CpuOptions": {"CoreCount": 1, "ThreadsPerCore": 2},
        "EbsOptimized": True,
        "EnaSupport": True,
        "EnclaveOptions": {"Enabled": False},
        "HibernationOptions": {"Configured": False},
        "Hypervisor": "xen",
        "IamInstanceProfile": {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/app/web", "Id": "AIPA"},
        "KeyName": "ops",
        "LaunchTime": "2026-01-01T00:00:00Z",
        "MetadataOptions": {
            "State": "applied",
            "HttpTokens": "optional",
            "HttpPutResponseHopLimit": 2,
            "HttpEndpoint": "enabled",
            "HttpProtocolIpv6": "disabled",
            "InstanceMetadataTags": "disabled",
        },
        "Monitoring": {"State": "enabled"},
        "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "PrivateIpAddresses": [{"Primary": True}], "Ipv6Addresses": []}],
        "Placement": {"AvailabilityZone": "eu-central-1b", "GroupName": "", "Tenancy": "default"},
        "PrivateDnsNameOptions": {"HostnameType": "ip-name", "EnableResourceNameDnsARecord": False},
        "ProductCodes": [],
        "SourceDestCheck": True,
        "State": {"Code": 16, "Name": "running"},
        "UserData": SCRIPT,
        **more,
    }
    return net.server(**given)


def volumes(**more: Any) -> list[Resource]:
    root = {"VolumeId": "vol-0a", "Size": 30, "VolumeType": "gp2", "Iops": 100, "Encrypted": False}
    data = {"VolumeId": "vol-0b", "Size": 500, "VolumeType": "gp3", "Iops": 4000, "Throughput": 125, "Encrypted": True, **more}
    attached = [{"InstanceId": "i-0a", "Device": "/dev/sdf", "State": "attached"}]
    return [
        source("AWS::EC2::Volume", ROOT, {**root, "Attachments": attached}, name="root"),
        source("AWS::EC2::Volume", DATA, {**data, "Attachments": attached}, name="data"),
    ]


def around(*more: Resource) -> list[Resource]:
    pair = {"KeyName": "ops", "KeyPairId": "key-1", "KeyType": "ed25519", "PublicKey": PUBLIC_HALF, "KeyFingerprint": "f"}
    return [*net.network(), net.group(net.WEB, "web"), source("AWS::EC2::KeyPair", KEY, pair, name="ops"), *more]


def made(policy: TargetPolicy | None = None, decided: Decided | None = None, **more: Any) -> Drawn:
    return drawn([whole_server(**more), *volumes()], around(), policy or TargetPolicy(region=TARGET), decided)


def parameter(drawn_: Drawn, name: str) -> str:
    """The parameter for a variable of the server whose name begins so."""
    found = [one.name for one in drawn_.one(net.SERVER).variables() if one.name.startswith(name)]
    assert len(found) == 1
    return "".join(part.capitalize() for part in found[0].split("_"))


def imported(drawn_: Drawn, key: str, attribute: str) -> dict[str, str]:
    """What another stack gives of a resource."""
    return {"Fn::ImportValue": f"{drawn_.blueprint.units[0].name}-{drawn_.id_of(key)}{attribute}"}


def test_a_server_has_all_that_the_source_has() -> None:
    one = made()
    assert one.cloudformation(net.SERVER) == {
        "ImageId": {"Ref": parameter(one, "web_image_id")},
        "InstanceType": "m5.large",
        "SubnetId": imported(one, net.PRIVATE, "Ref"),
        "SecurityGroupIds": [imported(one, net.WEB, "GroupId")],
        "KeyName": imported(one, KEY, "Ref"),
        "IamInstanceProfile": "web",
        "UserData": {"Ref": parameter(one, "web_userdata")},
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"DeleteOnTermination": True, "Encrypted": True, "VolumeType": "gp2", "VolumeSize": 30}},
            {
                "DeviceName": "/dev/sdf",
                "Ebs": {"DeleteOnTermination": False, "Encrypted": True, "VolumeType": "gp3", "Iops": 4000, "VolumeSize": 500},
            },
        ],
        "MetadataOptions": {
            "HttpTokens": "required",
            "HttpEndpoint": "enabled",
            "HttpPutResponseHopLimit": 2,
            "HttpProtocolIpv6": "disabled",
            "InstanceMetadataTags": "disabled",
        },
        "EbsOptimized": True,
        "Monitoring": True,
    }
    origins = one.origins(net.SERVER)
    assert origins["BlockDeviceMappings[0].Ebs.Encrypted"][0] == "defaulted"
    assert origins["BlockDeviceMappings[1].Ebs.Encrypted"][0] == "copied"
    assert origins["MetadataOptions.HttpTokens"][0] == "transformed"
    assert origins["PrivateIpAddress"][0] == "unknown"
    assert one.one(net.SERVER).stateful


def test_every_member_of_a_server_and_its_disks_is_read_or_known_to_be_no_configuration() -> None:
    assert made().blueprint.not_carried == {}


def test_the_provider_takes_all_of_a_server() -> None:
    assert made().complaints() == []
    assert drawn([whole_server(), *volumes(Throughput=500)], around()).complaints() == []


def test_a_server_in_terraform() -> None:
    text = made().terraform(net.SERVER)
    for part in (
        '  instance_type = "m5.large"',
        (
            "  root_block_device {\n    delete_on_termination = true\n    encrypted             = true\n"
            '    volume_size           = 30\n    volume_type           = "gp2"\n  }'
        ),
        (
            "  ebs_block_device {\n    delete_on_termination = false\n"
            '    device_name           = "/dev/sdf"\n    encrypted             = true\n    iops                  = 4000'
        ),
        '    http_tokens                 = "required"',
        "  user_data_base64       = var.web_userdata_",
        "    prevent_destroy = true",
    ):
        assert " ".join(part.split()) in " ".join(text.split())


def test_the_start_script_is_a_secret_and_may_stay_behind() -> None:
    one = made()
    script = next(variable for variable in one.one(net.SERVER).variables() if variable.is_secret)
    assert script.read_at == "UserData.Value"
    assert "0f0f" not in str(one.blueprint)
    assert "UserData" not in made(TargetPolicy(region=TARGET, user_data=False)).cloudformation(net.SERVER)


def test_the_key_pairs_public_half_goes_along() -> None:
    assert made().cloudformation(KEY) == {"KeyName": "ops", "PublicKeyMaterial": PUBLIC_HALF}
    told = made(TargetPolicy(region=TARGET, key_pairs={"ops": "ops-there"}))
    assert told.cloudformation(net.SERVER)["KeyName"] == "ops-there"


def test_the_estate_file_says_where_a_server_goes() -> None:
    override = Override(uid=net.SERVER, subnet="subnet-0e", instance_type="m6i.xlarge", private_ip="10.0.1.77", elastic_ip=True)
    one = made(TargetPolicy(region=TARGET, overrides=(override,), volume_types={"gp2": "gp3"}))
    properties = one.cloudformation(net.SERVER)
    assert (properties["SubnetId"], properties["InstanceType"], properties["PrivateIpAddress"]) == ("subnet-0e", "m6i.xlarge", "10.0.1.77")
    assert properties["BlockDeviceMappings"][0]["Ebs"]["VolumeType"] == "gp3"
    assert one.cloudformation(f"{net.SERVER}#address") == {"Domain": "vpc", "InstanceId": {"Ref": one.id_of(net.SERVER)}}
    assert "instance = aws_instance.web_" in one.terraform(f"{net.SERVER}#address")
    assert made(TargetPolicy(region=TARGET, same_private_ip=True)).cloudformation(net.SERVER)["PrivateIpAddress"] == "10.0.1.10"


def test_a_server_has_an_elastic_address_where_the_source_or_a_name_has_one() -> None:
    own = source("AWS::EC2::EIP", f"{EC2}:elastic-ip/eipalloc-9", {"AllocationId": "eipalloc-9", "InstanceId": "i-0a"})
    name = DnsName(name="shop.example.com", zone_id="Z1", uid=net.SERVER, to="elastic_ip")
    without = TargetPolicy(region=TARGET, overrides=(Override(uid=net.SERVER, elastic_ip=False),))

    def addresses(policy: TargetPolicy, *more: Resource) -> list[str]:
        return [key for key in drawn([net.server()], around(*more), policy).keys("AWS::EC2::EIP") if key.startswith(net.SERVER)]

    assert addresses(TargetPolicy(region=TARGET)) == []
    assert addresses(TargetPolicy(region=TARGET), own) == [f"{net.SERVER}#address"]
    assert addresses(TargetPolicy(region=TARGET, dns=(name,))) == [f"{net.SERVER}#address"]
    assert addresses(without, own) == []


SMALLER = {"verdict": "smaller", "target_type": "m5.medium", "reason": "CPU would be at 60% of it", "arm_type": "m6g.medium"}


@pytest.mark.parametrize(
    ("sizing", "policy", "switch", "expected"),
    [
        pytest.param(SMALLER, {}, True, "m5.medium", id="smaller-is-taken"),
        pytest.param(SMALLER, {}, False, "m5.large", id="unless-it-is-switched-off"),
        pytest.param(
            SMALLER, {"overrides": (Override(uid=net.SERVER, instance_type="c5.large"),)}, True, "c5.large", id="a-person-says-more"
        ),
        pytest.param({**SMALLER, "verdict": "larger"}, {}, True, "m5.large", id="larger-is-told-only"),
        pytest.param({}, {"instance_types": {"m5.large": "m6i.large"}}, True, "m6i.large", id="mapped"),
        pytest.param({"verdict": "insufficient_data", "target_type": None}, {}, True, "m5.large", id="not-measured"),
    ],
)
def test_a_servers_size(sizing: dict[str, Any], policy: dict[str, Any], switch: bool, expected: str) -> None:
    decided = Decided(sizing={net.SERVER: sizing} if sizing else {}, rightsized=switch)
    one = made(TargetPolicy(region=TARGET, **policy), decided)
    assert one.cloudformation(net.SERVER)["InstanceType"] == expected
    if sizing.get("verdict") == "larger":
        assert one.origins(net.SERVER)["InstanceType"][1] == "as it is, though its use needs m5.medium: CPU would be at 60% of it"


def test_what_a_strategy_means_for_a_server() -> None:
    def decided(strategy: Strategy, row: str = "", **sizing: Any) -> Decided:
        return Decided(strategies={net.SERVER: strategy}, rows={net.SERVER: row}, sizing={net.SERVER: sizing})

    other = made(decided=decided(Strategy.REPLATFORM, "cheaper-server", **SMALLER))
    assert other.cloudformation(net.SERVER)["InstanceType"] == "m6g.medium"
    assert other.one(net.SERVER).variables()[0].description == (
        "id in the target of the copied image of i-0a, built anew for arm64 and tested; the migration makes it."
    )
    work = made(decided=decided(Strategy.REPLATFORM, "scheduled-work", **SMALLER))
    assert work.reason(net.SERVER).startswith("its strategy is replatform: its work goes into a container")
    bought = made(decided=decided(Strategy.REPURCHASE))
    assert bought.reason(net.SERVER) == (
        "its strategy is repurchase: a product that is bought as a service takes its place; no server is made"
    )
    assert made(decided=decided(Strategy.RETAIN)).reason(net.SERVER) == "its strategy is retain"


def test_a_managed_database_takes_the_place_of_a_server_that_runs_one() -> None:
    decided = Decided(
        strategies={net.SERVER: Strategy.REPLATFORM}, rows={net.SERVER: "self-managed-database"}, sizing={net.SERVER: SMALLER}
    )
    one = made(decided=decided)
    properties = one.cloudformation(net.SERVER)
    assert one.one(net.SERVER).type == "AWS::RDS::DBInstance"
    assert one.one(net.SERVER).stateful
    assert {name: value for name, value in properties.items() if not isinstance(value, dict | list)} == {
        "DBInstanceClass": "db.m5.medium",
        "AllocatedStorage": "500",
        "StorageType": "gp3",
        "StorageEncrypted": True,
        "ManageMasterUserPassword": True,
        "PubliclyAccessible": False,
        "MultiAZ": False,
        "BackupRetentionPeriod": 7,
        "DeletionProtection": True,
    }
    assert properties["DBSubnetGroupName"] == {"Ref": one.id_of(f"{net.SERVER}#subnets")}
    assert one.cloudformation(f"{net.SERVER}#subnets")["SubnetIds"] == [imported(one, net.PUBLIC, "Ref"), imported(one, net.PRIVATE, "Ref")]
    assert [name for name, (came, _) in one.origins(net.SERVER).items() if came == "unknown"] == [
        "Engine",
        "EngineVersion",
        "MasterUsername",
    ]
    assert one.complaints() == []
    assert one.blueprint.not_carried == {}


def test_a_gp2_disk_that_is_replatformed_becomes_gp3() -> None:
    one = made(decided=Decided(strategies={ROOT: Strategy.REPLATFORM}))
    assert one.cloudformation(net.SERVER)["BlockDeviceMappings"][0]["Ebs"]["VolumeType"] == "gp3"


def test_disks_whose_throughput_is_set_are_said_by_a_launch_template() -> None:
    one = drawn([whole_server(), *volumes(Throughput=500)], around())
    template = f"{net.SERVER}#template"
    assert "BlockDeviceMappings" not in one.cloudformation(net.SERVER)
    assert one.cloudformation(net.SERVER)["LaunchTemplate"] == {
        "LaunchTemplateId": {"Ref": one.id_of(template)},
        "Version": {"Fn::GetAtt": [one.id_of(template), "LatestVersionNumber"]},
    }
    disks = one.cloudformation(template)["LaunchTemplateData"]["BlockDeviceMappings"]
    assert disks[1]["Ebs"]["Throughput"] == 500
    assert "throughput            = 500" in one.terraform(template)


@pytest.mark.parametrize(
    ("more", "begins"),
    [
        pytest.param({"RootDeviceType": "instance-store"}, "its root device is an instance store", id="instance-store"),
        pytest.param({"NetworkInterfaces": [{}, {}]}, "it has 2 network interfaces", id="interfaces"),
        pytest.param({"InstanceType": ""}, "the inventory does not tell its InstanceType", id="unread"),
    ],
)
def test_servers_that_no_code_is_made_of(more: dict[str, Any], begins: str) -> None:
    assert made(**more).reason(net.SERVER).startswith(begins)


def test_the_server_of_a_group_is_made_by_the_group() -> None:
    one = net.server()
    member = source("AWS::EC2::Instance", one.uid, one.spec, tags={"aws:autoscaling:groupName": "shop"})
    assert drawn([member], around()).reason(net.SERVER) == "nothing of its own is needed: the Auto Scaling group shop makes it"


def test_dedicated_and_spot_and_placement_are_told() -> None:
    host = made(Placement={"Tenancy": "host", "HostId": "h-1", "GroupName": "rack"}, InstanceLifecycle="spot")
    properties, origins = host.cloudformation(net.SERVER), host.origins(net.SERVER)
    assert properties["Tenancy"] == "host"
    assert properties["HostId"] == {"Ref": parameter(host, "web_host_id")}
    assert origins["PlacementGroupName"][1] == "the placement group rack has to be made in the target"
    assert origins["InstanceMarketOptions"][1] == "the source is a spot instance; the target is on demand"


def test_an_image_that_is_copied_already_is_named() -> None:
    assert made(decided=Decided(images={net.SERVER: "ami-0e"})).cloudformation(net.SERVER)["ImageId"] == "ami-0e"


def test_a_volume_of_its_own_comes_from_a_snapshot() -> None:
    spec = {"VolumeId": "vol-9", "Size": 100, "VolumeType": "io2", "Iops": 8000, "AvailabilityZone": "eu-central-1c", "Encrypted": False}
    uid = f"{EC2}:volume/vol-9"
    one = drawn([source("AWS::EC2::Volume", uid, spec, name="archive")], policy=TargetPolicy(region=TARGET, kms_key="alias/disks"))
    assert one.cloudformation(uid) == {
        "AvailabilityZone": {"Fn::Select": [2, {"Fn::GetAZs": {"Ref": "AWS::Region"}}]},
        "SnapshotId": {"Ref": "".join(part.capitalize() for part in one.one(uid).variables()[0].name.split("_"))},
        "Size": 100,
        "VolumeType": "io2",
        "Iops": 8000,
        "Encrypted": True,
        "KmsKeyId": "alias/disks",
    }
    assert one.one(uid).stateful
    assert one.blueprint.not_carried == {}
    assert "prevent_destroy = true" in one.terraform(uid)


def test_a_disk_of_a_server_is_nothing_of_its_own() -> None:
    assert made().reason(DATA) == "nothing of its own is needed: it is a disk of i-0a, and comes with the image of that"


def test_hostile_names_stay_in_values() -> None:
    word = 'a"\n${b} %{c} \u202e'
    one = net.server()
    hostile = source("AWS::EC2::Instance", one.uid, {**one.spec, "KeyName": word}, name=word, tags={word: word})
    made_ = drawn([hostile], around())
    text = made_.terraform(net.SERVER)
    assert text.startswith('resource "aws_instance" "a_b_c_')
    quoted = r'"a\"\n$${b} %%{c} \u202e"'
    assert f"{quoted} = {quoted}" in text
    assert made_.cloudformation(net.SERVER)["Tags"] == [{"Key": word, "Value": word}]
