"""Own account, Europe: the web shop's database, caches, buckets and secrets."""

import json

from cloudmigrate.simulate.estate.parts import CRITICAL, DB_PASSWORD, EUROPE, SECRET_VALUE, SHOP, bucket
from cloudmigrate.simulate.things import Act, Thing

STEPS: tuple[Thing | Act, ...] = (
    Thing(
        "shop-db-subnets",
        "AWS::RDS::DBSubnetGroup",
        {
            "DBSubnetGroupName": "shop",
            "DBSubnetGroupDescription": "Private subnets of the shop",
            "SubnetIds": ["${shop-private-a}", "${shop-private-b}"],
        },
        SHOP,
    ),
    Thing(
        "shop-postgres",
        "AWS::RDS::DBParameterGroup",
        {"DBParameterGroupName": "shop-postgres", "DBParameterGroupFamily": "postgres16", "Description": "Longer statements"},
        SHOP,
    ),
    Thing(
        "shop-db",
        "AWS::RDS::DBInstance",
        {
            "DBInstanceIdentifier": "shop-db",
            "Engine": "postgres",
            "EngineVersion": "16.3",
            "DBInstanceClass": "db.r6g.xlarge",
            "AllocatedStorage": 500,
            "StorageType": "gp3",
            "MultiAZ": True,
            "MasterUsername": "shop",
            "MasterUserPassword": DB_PASSWORD,
            "DBName": "shop",
            "Port": 5432,
            "DBSubnetGroupName": "${shop-db-subnets}",
            "DBParameterGroupName": "${shop-postgres}",
            "VpcSecurityGroupIds": ["${shop-data}"],
            "StorageEncrypted": True,
            "KmsKeyId": "${data-key:arn}",
            "BackupRetentionPeriod": 14,
        },
        SHOP | CRITICAL,
    ),
    Thing(
        "shop-db-replica",
        "AWS::RDS::DBInstance",
        {
            "DBInstanceIdentifier": "shop-db-replica",
            "SourceDBInstanceIdentifier": "${shop-db}",
            "DBInstanceClass": "db.r6g.large",
            "VpcSecurityGroupIds": ["${shop-copy}"],
        },
        SHOP,
        operation="create_db_instance_read_replica",
    ),
    Thing(
        "shop-sessions",
        "AWS::ElastiCache::ReplicationGroup",
        {
            "ReplicationGroupId": "shop-sessions",
            "ReplicationGroupDescription": "Sessions and carts",
            "Engine": "redis",
            "CacheNodeType": "cache.r6g.large",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
        },
        SHOP,
    ),
    *(
        Thing(
            f"shop-sessions-00{number}",
            "AWS::ElastiCache::CacheCluster",
            {
                "CacheClusterId": f"shop-sessions-00{number}",
                "ReplicationGroupId": "${shop-sessions}",
                "Engine": "redis",
                "CacheNodeType": "cache.r6g.large",
                "NumCacheNodes": 1,
                "SecurityGroupIds": ["${shop-data}"],
            },
            SHOP,
        )
        for number in (1, 2)
    ),
    Thing(
        "shop-fragments",
        "AWS::ElastiCache::CacheCluster",
        {"CacheClusterId": "shop-fragments", "Engine": "memcached", "CacheNodeType": "cache.t3.medium", "NumCacheNodes": 1},
        SHOP,
    ),
    *bucket("acme-shop-assets", EUROPE, SHOP),
    Act("s3", "put_bucket_versioning", {"Bucket": "acme-shop-assets", "VersioningConfiguration": {"Status": "Enabled"}}),
    Act(
        "s3",
        "put_bucket_policy",
        {
            "Bucket": "acme-shop-assets",
            "Policy": json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": "*",
                            "Action": "s3:GetObject",
                            "Resource": "arn:aws:s3:::acme-shop-assets/public/*",
                        }
                    ],
                }
            ),
        },
    ),
    *bucket("acme-shop-uploads", EUROPE, SHOP),
    Thing("shop/db", "AWS::SecretsManager::Secret", {"Name": "shop/db", "SecretString": SECRET_VALUE, "KmsKeyId": "${data-key:arn}"}, SHOP),
    Thing("shop/payment", "AWS::SecretsManager::Secret", {"Name": "shop/payment", "SecretString": SECRET_VALUE}, SHOP),
)
