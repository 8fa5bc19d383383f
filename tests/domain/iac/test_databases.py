"""Databases of RDS and Aurora as code. Expected values are those of AWS::RDS in CloudFormation's reference, worked out by hand."""

from typing import Any

from cloudmigrate.domain.iac.values import Ref, Variable
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.target_policy import TargetPolicy
from tests.domain.iac.data_rows import (
    ACCOUNT,
    DB,
    KEY,
    PARAMETERS,
    REGION,
    SUBNETS,
    Row,
    by_key,
    came,
    database,
    kms_key,
    made,
    parameter_group,
    row,
    said,
    shared,
    subnet_group,
    terraform,
)

KNOWN = TargetPolicy(region="eu-west-1", subnets={"subnet-0a": "subnet-1a", "subnet-0b": "subnet-1b"}, security_groups={"sg-0a": "sg-1a"})
CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:house"
MEMBER = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:house-1"


def rows(**more: Any) -> list[Row]:
    return [database(**more), kms_key(), subnet_group(), parameter_group()]


def with_databases(**databases: Any) -> TargetPolicy:
    return KNOWN.model_copy(update={"databases": TargetPolicy.model_validate({"databases": databases}).databases})


def test_an_instance_is_restored_from_a_snapshot_that_nobody_knows_yet_and_keeps_what_the_source_has() -> None:
    found = by_key(made(rows(), KNOWN))
    properties = said(found[DB])
    snapshot = properties.pop("DBSnapshotIdentifier")
    assert isinstance(snapshot, Variable)
    assert (snapshot.is_secret, snapshot.default) == (False, None)
    assert properties == {
        "DBInstanceIdentifier": "shop",
        "ManageMasterUserPassword": True,
        "AllocatedStorage": "500",
        "MaxAllocatedStorage": 1000,
        "StorageType": "gp3",
        "Iops": 12000,
        "StorageThroughput": 500,
        "StorageEncrypted": True,
        "KmsKeyId": Ref(KEY, "Arn"),
        "MultiAZ": True,
        "Port": "5432",
        "DBSubnetGroupName": Ref(SUBNETS),
        "VPCSecurityGroups": ("sg-1a",),
        "LicenseModel": "postgresql-license",
        "BackupRetentionPeriod": 14,
        "PreferredBackupWindow": "01:00-01:30",
        "DeletionProtection": True,
        "EnableCloudwatchLogsExports": ("postgresql", "upgrade"),
        "EnableIAMDatabaseAuthentication": True,
        "AssociatedRoles": (
            {
                "RoleArn": properties["AssociatedRoles"][0]["RoleArn"],  # type: ignore[index,call-overload]
                "FeatureName": "s3Import",
            },
        ),
        "DBInstanceClass": "db.m5.2xlarge",
        "Engine": "postgres",
        "EngineVersion": "16.8",
        "DBParameterGroupName": Ref(PARAMETERS),
        "PubliclyAccessible": False,
        "AutoMinorVersionUpgrade": True,
        "PreferredMaintenanceWindow": "sun:03:00-sun:04:00",
        "CopyTagsToSnapshot": True,
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "MonitoringInterval": 60,
        "MonitoringRoleArn": properties["MonitoringRoleArn"],
        "EnablePerformanceInsights": True,
        "PerformanceInsightsKMSKeyId": Ref(KEY, "Arn"),
        "PerformanceInsightsRetentionPeriod": 7,
        "Tags": ({"Key": "App", "Value": "shop"},),
    }
    assert found[DB].stateful
    assert came(found[DB], "PubliclyAccessible")[0] == "transformed"
    assert came(found[DB], "ManageMasterUserPassword")[0] == "secret"
    assert came(found[DB], "DBSnapshotIdentifier")[0] == "unknown"


def test_groups_are_made_with_what_somebody_set() -> None:
    found = by_key(made(rows(), KNOWN))
    assert said(found[SUBNETS]) == {
        "DBSubnetGroupName": "inner",
        "DBSubnetGroupDescription": "Inner subnets",
        "SubnetIds": ("subnet-1a", "subnet-1b"),
        "Tags": ({"Key": "App", "Value": "shop"},),
    }
    assert said(found[PARAMETERS]) == {
        "DBParameterGroupName": "tuned",
        "Family": "postgres16",
        "Description": "Ours",
        "Parameters": {"log_statement": "ddl", "work_mem": "65536"},
        "Tags": ({"Key": "App", "Value": "shop"},),
    }


def test_nothing_of_a_full_instance_is_lost() -> None:
    assert made(rows(), KNOWN).not_carried == {}


def test_terraform_has_the_same_instance() -> None:
    text = terraform(made(rows(), KNOWN), DB)
    for line in (
        "allocated_storage = 500",
        'instance_class = "db.m5.2xlarge"',
        "manage_master_user_password = true",
        "publicly_accessible = false",
        "storage_encrypted = true",
        "port = 5432",
        "prevent_destroy = true",
        'enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]',
        'feature_name = "s3Import"',
    ):
        assert line in text, line
    assert 'resource "aws_db_instance_role_association"' in text
    assert "password =" not in text.replace("manage_master_user_password =", "")
    group = terraform(made(rows(), KNOWN), PARAMETERS)
    assert 'parameter {\napply_method = "pending-reboot"\nname = "log_statement"\nvalue = "ddl"\n}' in group


def test_storage_that_is_not_encrypted_becomes_so() -> None:
    found = by_key(made(rows(StorageEncrypted=False, KmsKeyId=None), KNOWN.model_copy(update={"kms_key": "alias/moved"})))[DB]
    assert (said(found)["StorageEncrypted"], said(found)["KmsKeyId"]) == (True, "alias/moved")
    assert came(found, "StorageEncrypted")[0] == came(found, "KmsKeyId")[0] == "defaulted"


def test_a_small_gp3_volume_is_not_asked_for_what_it_has_anyway() -> None:
    found = said(by_key(made(rows(Iops=3000, StorageThroughput=125, MaxAllocatedStorage=500), KNOWN))[DB])
    assert not {"Iops", "StorageThroughput", "MaxAllocatedStorage"} & set(found)


def test_the_class_is_what_a_person_says_else_what_use_needs_else_as_it_is() -> None:
    sized = {DB: {"verdict": "smaller", "target_type": "db.m5.xlarge", "reason": "peaks at 20 %", "arm_type": "db.m7g.xlarge"}}
    told = with_databases(overrides=[{"uid": DB, "instance_class": "db.r6g.large"}])

    def chosen(policy: TargetPolicy, **decided: Any) -> Any:
        return said(by_key(made(rows(), policy, **decided))[DB])["DBInstanceClass"]

    assert chosen(KNOWN, sizing={DB: {"verdict": "keep", "target_type": "db.m5.2xlarge"}}) == "db.m5.2xlarge"
    assert chosen(KNOWN, sizing=sized) == "db.m5.xlarge"
    assert chosen(KNOWN, sizing=sized, strategies={DB: Strategy.REPLATFORM}) == "db.m7g.xlarge"
    assert chosen(with_databases(instance_classes={"db.m5.2xlarge": "db.m6i.large"}), sizing=sized) == "db.m6i.large"
    assert chosen(told, sizing=sized, strategies={DB: Strategy.REPLATFORM}) == "db.r6g.large"


def test_who_replatforms_may_give_a_newer_version() -> None:
    version = said(by_key(made(rows(), KNOWN, strategies={DB: Strategy.REPLATFORM}))[DB])["EngineVersion"]
    assert isinstance(version, Variable)
    assert version.default == "16.8"


def test_a_licensed_engine_stays_on_its_processor() -> None:
    sized = {DB: {"verdict": "keep", "target_type": "db.m5.2xlarge", "arm_type": "db.m7g.xlarge"}}
    found = by_key(made(rows(Engine="sqlserver-se"), KNOWN, sizing=sized, strategies={DB: Strategy.REPLATFORM}))
    assert said(found[DB])["DBInstanceClass"] == "db.m5.2xlarge"


def test_a_replica_of_the_source_has_of_it_what_it_need_not_say() -> None:
    found = said(by_key(made(rows(), with_databases(way="replica")))[DB])
    assert found["SourceDBInstanceIdentifier"] == DB
    assert found["KmsKeyId"] == Ref(KEY, "Arn")
    without = {"Engine", "EngineVersion", "AllocatedStorage", "StorageEncrypted", "ManageMasterUserPassword", "MasterUsername", "DBName"}
    assert not without & set(found)


def test_a_read_replica_follows_the_target_of_its_source() -> None:
    uid = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop-2"
    one = database(DBInstanceIdentifier="shop-2", DBInstanceArn=uid, ReadReplicaSourceDBInstanceIdentifier="shop")
    found = said(by_key(made([*rows(), one | {"uid": uid, "name": "shop-2"}], KNOWN))[uid])
    assert found["SourceDBInstanceIdentifier"] == Ref(DB)
    assert not {"DBSubnetGroupName", "KmsKeyId", "DBSnapshotIdentifier"} & set(found)


ROLE = f"arn:aws:iam::{ACCOUNT}:role/dms"
SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret"


def by_dms() -> TargetPolicy:
    ends = {"target": "shop-new", "source_secret": f"{SECRET}:from-1", "target_secret": f"{SECRET}:to-1", "schemas": ["public"]}
    given = {"subnets": ["subnet-1a", "subnet-1b"], "security_groups": ["sg-1a"], "secrets_role": ROLE}
    return with_databases(replication=given, overrides=[{"uid": DB, "way": "dms", "endpoints": ends}])


def test_dms_gets_an_empty_database_and_reads_its_passwords_from_secrets() -> None:
    blueprint = made(rows(), by_dms())
    found = by_key(blueprint)
    instance = said(found[DB])
    assert (instance["DBInstanceIdentifier"], instance["DBName"], instance["MasterUsername"]) == ("shop-new", "orders", "owner")
    assert "DBSnapshotIdentifier" not in instance
    source = said(found[f"{DB}#dms-source"])
    assert source.pop("EndpointIdentifier")
    assert source == {
        "EndpointType": "source",
        "EngineName": "postgres",
        "DatabaseName": "orders",
        "SslMode": "require",
        "PostgreSqlSettings": {"SecretsManagerSecretId": f"{SECRET}:from-1", "SecretsManagerAccessRoleArn": ROLE},
    }
    task = said(found[f"{DB}#dms-task"])
    assert task["SourceEndpointArn"] == Ref(f"{DB}#dms-source")
    assert task["MigrationType"] == "full-load-and-cdc"
    assert '"schema-name": "public"' in str(task["TableMappings"])
    assert said(found[f"{DB}#dms-instance"])["PubliclyAccessible"] is False
    text = terraform(blueprint, f"{DB}#dms-target")
    assert f'secrets_manager_arn = "{SECRET}:to-1"' in text
    assert "password" not in text


def test_dms_asks_for_what_the_estate_file_does_not_say() -> None:
    found = by_key(made(rows(), with_databases(way="dms")))
    subnets = said(found[f"{DB}#dms-subnets"])["SubnetIds"]
    assert isinstance(subnets, Variable)
    assert subnets.kind == "List"
    settings: Any = said(found[f"{DB}#dms-target"])["PostgreSqlSettings"]
    assert isinstance(settings["SecretsManagerSecretId"], Variable)


def test_names_of_the_same_place_are_left_to_aws() -> None:
    found = by_key(made(rows(), TargetPolicy()))
    assert "DBInstanceIdentifier" not in said(found[DB])
    assert "DBSubnetGroupName" not in said(found[SUBNETS])
    assert KEY not in found  # the same key serves


def test_what_a_person_makes_is_told_with_the_reason() -> None:
    left = made([database(Engine="custom-oracle-ee"), row("AWS::RDS::DBCluster", CLUSTER, "house", cluster(EngineMode="serverless"))])
    reasons = {one.uid: one.reason for one in left.left_out}
    assert "RDS Custom" in reasons[DB]
    assert "Serverless v2" in reasons[CLUSTER]


def cluster(**more: Any) -> dict[str, Any]:
    return {
        "DBClusterIdentifier": "house",
        "DBClusterArn": CLUSTER,
        "Engine": "aurora-postgresql",
        "EngineVersion": "16.6",
        "EngineMode": "provisioned",
        "Status": "available",
        "StorageEncrypted": True,
        "KmsKeyId": KEY,
        "StorageType": "aurora-iopt1",
        "DatabaseName": "house",
        "MasterUsername": "owner",
        "Port": 5432,
        "DBSubnetGroup": "inner",
        "DBClusterParameterGroup": "default.aurora-postgresql16",
        "DBClusterMembers": [{"DBInstanceIdentifier": "house-1", "IsClusterWriter": True, "PromotionTier": 1}],
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-0a", "Status": "active"}],
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 16.0},
        "BackupRetentionPeriod": 7,
        "DeletionProtection": True,
        "HttpEndpointEnabled": True,
        **more,
    }


def test_a_cluster_is_restored_and_its_instances_belong_to_it() -> None:
    own = {"DBClusterIdentifier": "house", "Engine": "aurora-postgresql", "PromotionTier": 1, "AssociatedRoles": []}
    member = database(DBInstanceIdentifier="house-1", MaxAllocatedStorage=None, **own)
    member |= {"uid": MEMBER, "name": "house-1"}
    member["spec"]["DBInstanceClass"] = "db.serverless"
    every = [row("AWS::RDS::DBCluster", CLUSTER, "house", cluster()), member, kms_key(), subnet_group(), parameter_group()]
    blueprint = made(every, KNOWN)
    found = by_key(blueprint)
    whole = said(found[CLUSTER])
    assert isinstance(whole["SnapshotIdentifier"], Variable)
    assert whole["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 0.5, "MaxCapacity": 16.0}
    assert (whole["StorageType"], whole["EnableHttpEndpoint"], whole["DBSubnetGroupName"]) == ("aurora-iopt1", True, Ref(SUBNETS))
    assert not {"MasterUsername", "DatabaseName", "DBClusterParameterGroupName"} & set(whole)
    instance = said(found[MEMBER])
    assert instance["DBClusterIdentifier"] == Ref(CLUSTER)
    assert not {"AllocatedStorage", "StorageEncrypted", "DBSubnetGroupName", "CopyTagsToSnapshot", "DBSnapshotIdentifier"} & set(instance)
    assert blueprint.not_carried == {}
    text = terraform(blueprint, MEMBER)
    assert text.startswith('resource "aws_rds_cluster_instance"')
    assert "cluster_identifier = aws_rds_cluster.house_" in text
    assert "serverlessv2_scaling_configuration {\nmax_capacity = 16" in terraform(blueprint, CLUSTER)


def test_aws_own_parameter_group_is_left_out() -> None:
    own = shared(
        "AWS::RDS::DBParameterGroup",
        f"arn:aws:rds:{REGION}:{ACCOUNT}:pg:default.postgres16",
        "default.postgres16",
        {"DBParameterGroupName": "default.postgres16", "DBParameterGroupFamily": "postgres16"},
    )
    found = made([database(DBParameterGroups=[{"DBParameterGroupName": "default.postgres16"}]), own, kms_key(), subnet_group()], KNOWN)
    assert "DBParameterGroupName" not in said(by_key(found)[DB])
    assert came(by_key(found)[DB], "DBParameterGroupName")[0] == "defaulted"
