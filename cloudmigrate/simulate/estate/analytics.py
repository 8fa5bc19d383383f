"""Data account, Europe: nightly batches over a lake, a shared file system, a warehouse cluster."""

import json

from cloudmigrate.simulate.estate.parts import (
    ANALYTICS,
    DATA,
    DB_PASSWORD,
    EUROPE,
    OWN,
    bucket,
    disk,
    function,
    instance,
    profile,
    role,
    route_table,
    security_group,
    subnet,
    table,
)
from cloudmigrate.simulate.things import Act, Thing

QUEUES = f"arn:aws:sqs:{EUROPE}:{DATA}"
PIPELINE = json.dumps(
    {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Events on their way into the lake",
        "Resources": {
            "Events": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "lake-events"}},
            "Alarms": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "lake-alarms"}},
        },
    }
)

STEPS: tuple[Thing | Act, ...] = (
    *profile("batch-server", ANALYTICS),
    role("lake-functions", "lambda", ANALYTICS),
    role("MigrationScan", "ec2", {}),
    Thing("analytics-vpc", "AWS::EC2::VPC", {"CidrBlock": "10.50.0.0/16"}, ANALYTICS),
    # Asked for here, accepted in the other account (`links`).
    Thing(
        "analytics-to-erp",
        "AWS::EC2::VPCPeeringConnection",
        {"VpcId": "${analytics-vpc}", "PeerVpcId": "${erp-vpc}", "PeerOwnerId": OWN},
        ANALYTICS,
    ),
    subnet("analytics-a", "analytics-vpc", "10.50.0.0/20", "eu-central-1a", ANALYTICS),
    subnet("analytics-b", "analytics-vpc", "10.50.16.0/20", "eu-central-1b", ANALYTICS),
    *security_group("batch", "analytics-vpc", "Batch servers", ANALYTICS, (22, "10.0.0.0/8")),
    *route_table(
        "analytics-private",
        "analytics-vpc",
        ("analytics-a", "analytics-b"),
        ({"DestinationCidrBlock": "10.20.0.0/16", "VpcPeeringConnectionId": "${analytics-to-erp}"},),
        ANALYTICS,
    ),
    Thing(
        "lake-s3",
        "AWS::EC2::VPCEndpoint",
        {
            "VpcId": "${analytics-vpc}",
            "ServiceName": f"com.amazonaws.{EUROPE}.s3",
            "VpcEndpointType": "Gateway",
            "RouteTableIds": ["${analytics-private}"],
        },
        ANALYTICS,
    ),
    *security_group("warehouse-access", "analytics-vpc", "Warehouse", ANALYTICS, (5432, "sg:batch")),
    *security_group("batch-files", "analytics-vpc", "Shared files", ANALYTICS, (2049, "sg:batch")),
    *(
        instance(
            f"batch-{number}",
            "c5.4xlarge",
            f"analytics-{zone}",
            ("batch",),
            ANALYTICS,
            disks=(disk("/dev/xvda", 50), disk("/dev/sdf", 600, "gp3")),
            profile_name="batch-server",
        )
        for number, zone in ((1, "a"), (2, "b"), (3, "a"), (4, "b"))
    ),
    instance("notebook", "r5.xlarge", "analytics-a", ("batch",), {"App": "analytics", "Env": "dev", "Owner": "data-science"}),
    Thing(
        "shared-files", "AWS::EFS::FileSystem", {"CreationToken": "shared-files", "Encrypted": False}, ANALYTICS | {"Name": "shared-files"}
    ),
    *(
        Thing(
            f"shared-files-{zone}",
            "AWS::EFS::MountTarget",
            {"FileSystemId": "${shared-files}", "SubnetId": f"${{analytics-{zone}}}", "SecurityGroups": ["${batch-files}"]},
        )
        for zone in "ab"
    ),
    table("lake-jobs", "job", ANALYTICS),
    table("lake-partitions", "partition", ANALYTICS),
    *bucket("acme-lake-raw", EUROPE, ANALYTICS),
    *bucket("acme-lake-curated", EUROPE, ANALYTICS),
    Thing("lake-pipeline", "AWS::CloudFormation::Stack", {"StackName": "lake-pipeline", "TemplateBody": PIPELINE}, ANALYTICS),
    Thing("compaction", "AWS::SQS::Queue", {"QueueName": "compaction"}, ANALYTICS),
    function("lake-compaction", "lake-functions", DATA, {"BUCKET": "acme-lake-raw", "TABLE": "lake-partitions"}, ANALYTICS),
    Thing(
        "compaction-to-function",
        "AWS::Lambda::EventSourceMapping",
        {"EventSourceArn": f"{QUEUES}:compaction", "FunctionName": "${lake-compaction}", "BatchSize": 5},
    ),
    Thing(
        "warehouse-subnets",
        "AWS::RDS::DBSubnetGroup",
        {"DBSubnetGroupName": "warehouse", "DBSubnetGroupDescription": "Warehouse", "SubnetIds": ["${analytics-a}", "${analytics-b}"]},
        ANALYTICS,
    ),
    Thing(
        "warehouse",
        "AWS::RDS::DBCluster",
        {
            "DBClusterIdentifier": "warehouse",
            "Engine": "aurora-postgresql",
            "EngineVersion": "15.4",
            "MasterUsername": "warehouse",
            "MasterUserPassword": DB_PASSWORD,
            "DBSubnetGroupName": "${warehouse-subnets}",
            "VpcSecurityGroupIds": ["${warehouse-access}"],
        },
        ANALYTICS,
    ),
    Thing(
        "warehouse-aurora",
        "AWS::RDS::DBParameterGroup",
        {"DBParameterGroupName": "warehouse-aurora", "DBParameterGroupFamily": "aurora-postgresql15", "Description": "Ours"},
        ANALYTICS,
    ),
    Thing(
        "warehouse-writer",
        "AWS::RDS::DBInstance",
        {
            "DBInstanceIdentifier": "warehouse-writer",
            "DBParameterGroupName": "${warehouse-aurora}",
            "Engine": "aurora-postgresql",
            "DBInstanceClass": "db.r6g.2xlarge",
            "DBClusterIdentifier": "${warehouse}",
            "DBSubnetGroupName": "${warehouse-subnets}",
            "VpcSecurityGroupIds": ["${warehouse-access}"],
        },
        ANALYTICS,
    ),
    Thing("analytics-key", "AWS::KMS::Key", {"Description": "Lake"}),
)
