"""Resources by hand, as the service's API reference describes them, of types that the demo's estate has not."""

from typing import Any

from tests.domain.iac.sample_data_rows import DATA_ROWS
from tests.domain.iac.sample_network_rows import NETWORK_ROWS

ACCOUNT, REGION = "123456789012", "eu-central-1"
NOT_MOVED: dict[str, Any] = dict.fromkeys(("workload", "wave", "group"))
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/net/shop/0123456789abcdef"


def row(service: str, resource: str, type_: str, *, region: str = REGION, **spec: Any) -> dict[str, Any]:
    """A resource in the first wave."""
    return {
        "uid": f"arn:aws:{service}:{region if region != 'global' else ''}:{ACCOUNT}:{resource}",
        "type": type_,
        "account_id": ACCOUNT,
        "region": region,
        "name": resource.replace(":", "/").rpartition("/")[2],
        "state": "available",
        "tags": {"App": "shop"},
        "spec": spec,
        "stateful": False,
        "storage_bytes": None,
        "private_ips": [],
        "workload": "by-hand",
        "wave": 1,
        "group": "by-hand",
    }


ROWS: tuple[dict[str, Any], ...] = (
    *DATA_ROWS,
    *NETWORK_ROWS,
    row(
        "elasticache",
        "subnetgroup:shop-cache",
        "AWS::ElastiCache::SubnetGroup",
        CacheSubnetGroupName="shop-cache",
        CacheSubnetGroupDescription="Caches of the shop",
        Subnets=[{"SubnetIdentifier": "subnet-0a1b2c3d"}],
    ),
    row(
        "rds",
        "cluster-pg:shop-aurora",
        "AWS::RDS::DBClusterParameterGroup",
        DBClusterParameterGroupName="shop-aurora",
        DBParameterGroupFamily="aurora-postgresql15",
        Description="Aurora of the shop",
    ),
    row(
        "elasticfilesystem",
        "access-point/fsap-0123456789abcdef0",
        "AWS::EFS::AccessPoint",
        AccessPointId="fsap-0123456789abcdef0",
        FileSystemId="fs-0123456789abcdef0",
        PosixUser={"Uid": 1000, "Gid": 1000},
        RootDirectory={"Path": "/shop"},
    ),
    row("apigateway", "/vpclinks/abc123", "AWS::ApiGateway::VpcLink", id="abc123", name="shop", targetArns=[BALANCER]),
    row(
        "apigateway",
        "/vpclinks/def456",
        "AWS::ApiGatewayV2::VpcLink",
        VpcLinkId="def456",
        Name="shop",
        SubnetIds=["subnet-0a1b2c3d"],
        SecurityGroupIds=["sg-0a1b2c3d"],
    ),
    row(
        "lambda",
        "layer:shop",
        "AWS::Lambda::LayerVersion",
        LayerName="shop",
        LayerArn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:shop",
        LatestMatchingVersion={
            "LayerVersionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:shop:1",
            "Version": 1,
            "CompatibleRuntimes": ["python3.12"],
            "CompatibleArchitectures": ["x86_64"],
        },
    ),
    row("iam", "policy/shop", "AWS::IAM::ManagedPolicy", region="global", PolicyName="shop", Path="/"),
    # Nothing that moves refers to these two: they are read, and nothing is made of them.
    row("ec2", "dhcp-options/dopt-0a1b2c3d", "AWS::EC2::DHCPOptions", DhcpOptionsId="dopt-0a1b2c3d", DhcpConfigurations=[]) | NOT_MOVED,
    row("ec2", "egress-only-internet-gateway/eigw-0a1b2c3d", "AWS::EC2::EgressOnlyInternetGateway", Attachments=[]) | NOT_MOVED,
)
