"""Own account, Europe: the ERP system, on Windows servers with large disks."""

from cloudmigrate.simulate.estate.parts import (
    CRITICAL,
    DB_PASSWORD,
    ERP,
    EUROPE,
    OWN,
    WINDOWS,
    attached,
    bucket,
    disk,
    function,
    instance,
    security_group,
)
from cloudmigrate.simulate.things import Act, Thing

GOLDEN = {"BlockDeviceMappings": [{"DeviceName": "/dev/xvdf", "NoDevice": ""}]}  # an image of the system, without the data

SYSTEM = disk("/dev/sda1", 120)
APP_SERVERS = ((1, "a"), (2, "b"), (3, "a"))

STEPS: tuple[Thing | Act, ...] = (
    *security_group(
        "erp-app",
        "erp-vpc",
        "ERP application servers",
        ERP,
        (3200, "10.0.0.0/8"),
        (3389, "10.10.0.0/24"),
        (445, "sg:erp-app"),
        (445, "10.10.10.0/24"),
        (27000, "sg:erp-app"),
        (9100, "10.10.11.0/24"),
    ),
    *security_group("erp-data", "erp-vpc", "ERP database", ERP, (1433, "sg:erp-app"), (1433, "10.50.0.0/16")),
    *(
        instance(
            f"erp-app-{number}",
            "m5.2xlarge",
            f"erp-private-{zone}",
            ("erp-app",),
            ERP | ({"Maintenance": "sunday"} if number == 1 else {}),
            image=WINDOWS,
            disks=(SYSTEM,),
            profile_name="erp-server",
        )
        for number, zone in APP_SERVERS
    ),
    *(
        step
        for number, zone in APP_SERVERS
        for step in attached(
            f"erp-app-{number}-data",
            f"erp-app-{number}",
            "/dev/xvdf",
            zone=f"eu-central-1{zone}",
            params={"Size": 500, "VolumeType": "io2", "Iops": 4000, "Encrypted": True, "KmsKeyId": "${data-key:arn}"},
            tags=ERP,
        )
    ),
    instance(
        "erp-files",
        "m5.xlarge",
        "erp-private-a",
        ("erp-app",),
        ERP,
        image=WINDOWS,
        disks=(SYSTEM, disk("/dev/xvdf", 2000, "st1"), disk("/dev/xvdg", 1000)),
    ),
    instance("erp-licence", "t3.medium", "erp-private-b", ("erp-app",), {"App": "erp"}, image=WINDOWS, disks=(disk("/dev/sda1", 60),)),
    instance("erp-report", "r5.2xlarge", "erp-private-b", ("erp-app",), ERP, image=WINDOWS, disks=(SYSTEM, disk("/dev/xvdf", 750))),
    Thing(
        "erp-targets",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        {"Name": "erp-app", "Protocol": "TCP", "Port": 3200, "VpcId": "${erp-vpc}", "TargetType": "instance"},
        ERP,
    ),
    Act(
        "elbv2",
        "register_targets",
        {"TargetGroupArn": "${erp-targets}", "Targets": [{"Id": "${erp-app-1}"}, {"Id": "${erp-app-2}"}, {"Id": "${erp-app-3}"}]},
    ),
    Thing(
        "erp-nlb",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        {"Name": "erp", "Subnets": ["${erp-private-a}", "${erp-private-b}"], "Scheme": "internal", "Type": "network"},
        ERP,
    ),
    Thing(
        "erp-listener",
        "AWS::ElasticLoadBalancingV2::Listener",
        {
            "LoadBalancerArn": "${erp-nlb}",
            "Protocol": "TCP",
            "Port": 3200,
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": "${erp-targets}"}],
        },
    ),
    Thing(
        "erp-db-subnets",
        "AWS::RDS::DBSubnetGroup",
        {
            "DBSubnetGroupName": "erp",
            "DBSubnetGroupDescription": "Private subnets of the ERP",
            "SubnetIds": ["${erp-private-a}", "${erp-private-b}"],
        },
        ERP,
    ),
    Thing(
        "erp-sqlserver",
        "AWS::RDS::DBParameterGroup",
        {"DBParameterGroupName": "erp-sqlserver", "DBParameterGroupFamily": "sqlserver-se-15.0", "Description": "Ours"},
        ERP,
    ),
    Thing(
        "erp-db",
        "AWS::RDS::DBInstance",
        {
            "DBInstanceIdentifier": "erp-db",
            "DBParameterGroupName": "${erp-sqlserver}",
            "Engine": "sqlserver-se",
            "EngineVersion": "15.00.4345.5.v1",
            "LicenseModel": "license-included",
            "DBInstanceClass": "db.m5.2xlarge",
            "AllocatedStorage": 2000,
            "StorageType": "io1",
            "Iops": 10000,
            "MultiAZ": True,
            "MasterUsername": "erp",
            "MasterUserPassword": DB_PASSWORD,
            "DBSubnetGroupName": "${erp-db-subnets}",
            "VpcSecurityGroupIds": ["${erp-data}"],
            "StorageEncrypted": True,
            "KmsKeyId": "${data-key:arn}",
        },
        ERP | CRITICAL,
    ),
    *bucket("acme-erp-exports", EUROPE, ERP),
    function("erp-export", "shop-functions", OWN, {"DB_HOST": "${erp-db:endpoint}", "TARGET": "acme-erp-exports"}, ERP),
    Thing("erp-old-data", "AWS::EC2::Volume", {"AvailabilityZone": "eu-central-1a", "Size": 1500, "VolumeType": "gp2"}, ERP),
    Thing("erp-old-data-backup", "AWS::EC2::Snapshot", {"VolumeId": "${erp-old-data}", "Description": "Before the upgrade"}, ERP),
    Thing("erp-golden", "AWS::EC2::Image", {**GOLDEN, "InstanceId": "${erp-app-1}", "Name": "erp-app-2026-08"}, ERP),
)
