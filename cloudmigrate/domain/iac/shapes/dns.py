"""Hosted zones and records in Terraform."""

from cloudmigrate.domain.iac.shape import TAGS, Argument, Inlined, Nested, Shape, Within, named

SHAPES = (
    Shape(
        "AWS::Route53::HostedZone",
        "aws_route53_zone",
        {
            **named(Name="name"),
            "HostedZoneConfig": Inlined(named(Comment="comment")),
            "VPCs": Nested("vpc", named(VPCId="vpc_id", VPCRegion="vpc_region")),
            "HostedZoneTags": TAGS,
        },
        attributes={"": "zone_id", "Id": "zone_id"},
    ),
    Shape(
        "AWS::Route53::RecordSet",
        "aws_route53_record",
        {
            **named(
                HostedZoneId="zone_id",
                Name="name",
                Type="type",
                ResourceRecords="records",
                SetIdentifier="set_identifier",
                MultiValueAnswer="multivalue_answer_routing_policy",
            ),
            "TTL": Argument("ttl", lambda value: int(value) if isinstance(value, str) else value),
            "AliasTarget": Nested("alias", named(DNSName="name", HostedZoneId="zone_id", EvaluateTargetHealth="evaluate_target_health")),
            "Weight": Within("weighted_routing_policy", Argument("weight")),
            "Region": Within("latency_routing_policy", Argument("region")),
            "Failover": Within("failover_routing_policy", Argument("type")),
            "GeoLocation": Nested(
                "geolocation_routing_policy",
                named(ContinentCode="continent", CountryCode="country", SubdivisionCode="subdivision"),
            ),
        },
        attributes={"": "fqdn"},
    ),
)
