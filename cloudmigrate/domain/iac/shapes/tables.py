"""Tables of DynamoDB in Terraform."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.shape import TAGS, Argument, Inlined, Member, Nested, NotThere, Reshaped, Shape, named
from cloudmigrate.domain.iac.values import Value


def _by_role(value: Value) -> Value:
    """The attributes of a key by what they are of it: ``{HASH: ..., RANGE: ...}``."""
    parts = value if isinstance(value, tuple) else ()
    return {str(one["KeyType"]): one["AttributeName"] for one in parts if isinstance(one, Mapping)}


def _range(value: Value) -> Value:
    """What a local index sorts by: the rest of its key is the table's."""
    found = _by_role(value)
    assert isinstance(found, Mapping)  # noqa: S101 - that is what it makes
    return {"RANGE": found["RANGE"]}


def _on(value: Value) -> Value:
    """The specification of a stream with that it is on."""
    assert isinstance(value, Mapping)  # noqa: S101 - the reference says that it is an object
    return {**value, "Enabled": True}


KEY = Reshaped(_by_role, Inlined(named(HASH="hash_key", RANGE="range_key")))
CAPACITY = Inlined(named(ReadCapacityUnits="read_capacity", WriteCapacityUnits="write_capacity"))
MOST = Nested("on_demand_throughput", named(MaxReadRequestUnits="max_read_request_units", MaxWriteRequestUnits="max_write_request_units"))
INDEX: Mapping[str, Member] = {
    "IndexName": Argument("name"),
    "Projection": Inlined(named(ProjectionType="projection_type", NonKeyAttributes="non_key_attributes")),
}


SHAPES = (
    Shape(
        "AWS::DynamoDB::Table",
        "aws_dynamodb_table",
        {
            **named(
                TableName="name",
                BillingMode="billing_mode",
                DeletionProtectionEnabled="deletion_protection_enabled",
                TableClass="table_class",
            ),
            "KeySchema": KEY,
            "AttributeDefinitions": Nested("attribute", named(AttributeName="name", AttributeType="type")),
            "ProvisionedThroughput": CAPACITY,
            "OnDemandThroughput": MOST,
            "GlobalSecondaryIndexes": Nested(
                "global_secondary_index", {**INDEX, "KeySchema": KEY, "ProvisionedThroughput": CAPACITY, "OnDemandThroughput": MOST}
            ),
            "LocalSecondaryIndexes": Nested(
                "local_secondary_index", {**INDEX, "KeySchema": Reshaped(_range, Inlined(named(RANGE="range_key")))}
            ),
            "StreamSpecification": Reshaped(_on, Inlined(named(Enabled="stream_enabled", StreamViewType="stream_view_type"))),
            "TimeToLiveSpecification": Nested("ttl", named(AttributeName="attribute_name", Enabled="enabled")),
            "PointInTimeRecoverySpecification": Nested(
                "point_in_time_recovery", named(PointInTimeRecoveryEnabled="enabled", RecoveryPeriodInDays="recovery_period_in_days")
            ),
            "SSESpecification": Nested(
                "server_side_encryption",
                {
                    **named(SSEEnabled="enabled", KMSMasterKeyId="kms_key_arn"),
                    "SSEType": NotThere("KMS is the only type that there is"),
                },
            ),
            "Tags": TAGS,
        },
        attributes={"": "name", "Arn": "arn", "StreamArn": "stream_arn"},
        import_id="name",
    ),
)
