"""Load balancers in Terraform."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.shape import TAGS, Argument, Beside, Inlined, Member, Nested, NotThere, Reshaped, Shape, Within, named, the_one
from cloudmigrate.domain.iac.values import Value

# Attributes of load balancers and target groups that the provider has arguments for; source: hashicorp/aws, lb and lb_target_group.
OF_BALANCERS = {
    "deletion_protection.enabled": "enable_deletion_protection",
    "idle_timeout.timeout_seconds": "idle_timeout",
    "client_keep_alive.seconds": "client_keep_alive",
    "load_balancing.cross_zone.enabled": "enable_cross_zone_load_balancing",
    "routing.http.desync_mitigation_mode": "desync_mitigation_mode",
    "routing.http.drop_invalid_header_fields.enabled": "drop_invalid_header_fields",
    "routing.http.preserve_host_header.enabled": "preserve_host_header",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "enable_tls_version_and_cipher_suite_headers",
    "routing.http.xff_client_port.enabled": "enable_xff_client_port",
    "routing.http.xff_header_processing.mode": "xff_header_processing_mode",
    "routing.http2.enabled": "enable_http2",
    "waf.fail_open.enabled": "enable_waf_fail_open",
    "zonal_shift.config.enabled": "enable_zonal_shift",
    "dns_record.client_routing_policy": "dns_record_client_routing_policy",
}
OF_GROUPS = {
    "deregistration_delay.timeout_seconds": "deregistration_delay",
    "deregistration_delay.connection_termination.enabled": "connection_termination",
    "lambda.multi_value_headers.enabled": "lambda_multi_value_headers_enabled",
    "load_balancing.algorithm.type": "load_balancing_algorithm_type",
    "load_balancing.algorithm.anomaly_mitigation": "load_balancing_anomaly_mitigation",
    "load_balancing.cross_zone.enabled": "load_balancing_cross_zone_enabled",
    "preserve_client_ip.enabled": "preserve_client_ip",
    "proxy_protocol_v2.enabled": "proxy_protocol_v2",
    "slow_start.duration_seconds": "slow_start",
}
STICKINESS = {
    "stickiness.enabled": "enabled",
    "stickiness.type": "type",
    "stickiness.lb_cookie.duration_seconds": "cookie_duration",
    "stickiness.app_cookie.cookie_name": "cookie_name",
}


def _settings(value: Value) -> dict[str, Value]:
    found = value if isinstance(value, tuple) else ()
    return {str(one["Key"]): _typed(one["Value"]) for one in found if isinstance(one, Mapping)}


def _typed(value: Value) -> Value:
    """The text of an attribute as what it says."""
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _of_balancer(value: Value) -> Value:
    told = _settings(value)
    found: dict[str, Value] = {name: told[name] for name in OF_BALANCERS if name in told}
    for stem in ("access_logs", "connection_logs"):
        logs = {part: told[f"{stem}.s3.{part}"] for part in ("bucket", "prefix", "enabled") if f"{stem}.s3.{part}" in told}
        if "bucket" in logs:
            found[stem] = logs
    return found


def _of_group(value: Value) -> Value:
    told = _settings(value)
    found: dict[str, Value] = {name: told[name] for name in OF_GROUPS if name in told}
    if isinstance(found.get("load_balancing.cross_zone.enabled"), bool):
        found["load_balancing.cross_zone.enabled"] = str(found["load_balancing.cross_zone.enabled"]).lower()
    stickiness = {name: told[name] for name in STICKINESS if name in told}
    if stickiness.get("stickiness.type"):
        found["stickiness"] = stickiness
    return found


def _of_matcher(value: Value) -> Value:
    return value.get("HttpCode") or value.get("GrpcCode") if isinstance(value, Mapping) else value


ACTION: dict[str, Member] = {
    **named(Type="type", Order="order", TargetGroupArn="target_group_arn"),
    "ForwardConfig": Nested("forward", {"TargetGroups": Nested("target_group", named(TargetGroupArn="arn", Weight="weight"))}),
    "RedirectConfig": Nested(
        "redirect", named(Host="host", Path="path", Port="port", Protocol="protocol", Query="query", StatusCode="status_code")
    ),
    "FixedResponseConfig": Nested(
        "fixed_response", named(ContentType="content_type", MessageBody="message_body", StatusCode="status_code")
    ),
    "AuthenticateOidcConfig": Nested(
        "authenticate_oidc",
        named(
            AuthorizationEndpoint="authorization_endpoint",
            ClientId="client_id",
            ClientSecret="client_secret",
            Issuer="issuer",
            OnUnauthenticatedRequest="on_unauthenticated_request",
            Scope="scope",
            SessionCookieName="session_cookie_name",
            SessionTimeout="session_timeout",
            TokenEndpoint="token_endpoint",
            UserInfoEndpoint="user_info_endpoint",
            AuthenticationRequestExtraParams="authentication_request_extra_params",
        ),
    ),
    "AuthenticateCognitoConfig": Nested(
        "authenticate_cognito",
        named(
            OnUnauthenticatedRequest="on_unauthenticated_request",
            Scope="scope",
            SessionCookieName="session_cookie_name",
            SessionTimeout="session_timeout",
            UserPoolArn="user_pool_arn",
            UserPoolClientId="user_pool_client_id",
            UserPoolDomain="user_pool_domain",
            AuthenticationRequestExtraParams="authentication_request_extra_params",
        ),
    ),
}
VALUES = named(Values="values")
CONDITION: dict[str, Member] = {
    "HostHeaderConfig": Nested("host_header", VALUES),
    "PathPatternConfig": Nested("path_pattern", VALUES),
    "HttpHeaderConfig": Nested("http_header", named(HttpHeaderName="http_header_name", Values="values")),
    "HttpRequestMethodConfig": Nested("http_request_method", VALUES),
    "QueryStringConfig": Reshaped(
        lambda value: value["Values"] if isinstance(value, Mapping) else value, Nested("query_string", named(Key="key", Value="value"))
    ),
    "SourceIpConfig": Nested("source_ip", VALUES),
    "Field": NotThere("the block's own name says it"),
}
CHECK = named(
    HealthCheckEnabled="enabled",
    HealthCheckIntervalSeconds="interval",
    HealthCheckPath="path",
    HealthCheckPort="port",
    HealthCheckProtocol="protocol",
    HealthCheckTimeoutSeconds="timeout",
    HealthyThresholdCount="healthy_threshold",
    UnhealthyThresholdCount="unhealthy_threshold",
)
LOGS = named(bucket="bucket", prefix="prefix", enabled="enabled")
GROUP_SETTINGS: dict[str, Member] = {
    **{name: Argument(argument) for name, argument in OF_GROUPS.items()},
    "stickiness": Nested("stickiness", {name: Argument(argument) for name, argument in STICKINESS.items()}),
}

SHAPES = (
    Shape(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "aws_lb",
        {
            **named(
                Name="name", Type="load_balancer_type", IpAddressType="ip_address_type", Subnets="subnets", SecurityGroups="security_groups"
            ),
            "Scheme": Argument("internal", lambda value: value == "internal"),
            "LoadBalancerAttributes": Reshaped(
                _of_balancer,
                Inlined(
                    {
                        **{name: Argument(argument) for name, argument in OF_BALANCERS.items()},
                        "access_logs": Nested("access_logs", LOGS),
                        "connection_logs": Nested("connection_logs", LOGS),
                    }
                ),
            ),
            "Tags": TAGS,
        },
        attributes={"": "arn", "LoadBalancerArn": "arn", "DNSName": "dns_name", "CanonicalHostedZoneID": "zone_id"},
        import_id="arn",
    ),
    Shape(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "aws_lb_target_group",
        {
            **named(
                Name="name",
                Port="port",
                Protocol="protocol",
                ProtocolVersion="protocol_version",
                TargetType="target_type",
                IpAddressType="ip_address_type",
                VpcId="vpc_id",
            ),
            **{name: Within("health_check", argument) for name, argument in CHECK.items()},
            "Matcher": Within("health_check", Argument("matcher", _of_matcher)),
            "TargetGroupAttributes": Reshaped(_of_group, Inlined(GROUP_SETTINGS)),
            "Tags": TAGS,
        },
        attributes={"": "arn", "TargetGroupArn": "arn", "TargetGroupName": "name"},
        beside=(Beside("aws_lb_target_group_attachment", {"target_group_arn": "arn"}, named(Id="target_id", Port="port"), each="Targets"),),
        import_id="arn",
    ),
    Shape(
        "AWS::ElasticLoadBalancingV2::Listener",
        "aws_lb_listener",
        {
            **named(LoadBalancerArn="load_balancer_arn", Port="port", Protocol="protocol", SslPolicy="ssl_policy"),
            "AlpnPolicy": Argument("alpn_policy", the_one),
            "Certificates": Reshaped(the_one, Inlined(named(CertificateArn="certificate_arn"))),
            "DefaultActions": Nested("default_action", ACTION),
        },
        attributes={"": "arn", "ListenerArn": "arn"},
    ),
    Shape(
        "AWS::ElasticLoadBalancingV2::ListenerCertificate",
        "aws_lb_listener_certificate",
        {
            **named(ListenerArn="listener_arn"),
            "Certificates": Reshaped(the_one, Inlined(named(CertificateArn="certificate_arn"))),
        },
    ),
    Shape(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "aws_lb_listener_rule",
        {
            **named(ListenerArn="listener_arn", Priority="priority"),
            "Conditions": Nested("condition", CONDITION),
            "Actions": Nested("action", ACTION),
        },
        attributes={"": "arn", "RuleArn": "arn"},
    ),
    Shape(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "aws_elb",
        {
            **named(
                LoadBalancerName="name",
                Subnets="subnets",
                SecurityGroups="security_groups",
                Instances="instances",
                CrossZone="cross_zone_load_balancing",
            ),
            "Scheme": Argument("internal", lambda value: value == "internal"),
            "Listeners": Nested(
                "listener",
                named(
                    InstancePort="instance_port",
                    InstanceProtocol="instance_protocol",
                    LoadBalancerPort="lb_port",
                    Protocol="lb_protocol",
                    SSLCertificateId="ssl_certificate_id",
                ),
            ),
            "HealthCheck": Nested(
                "health_check",
                named(
                    HealthyThreshold="healthy_threshold",
                    Interval="interval",
                    Target="target",
                    Timeout="timeout",
                    UnhealthyThreshold="unhealthy_threshold",
                ),
            ),
            "ConnectionSettings": Inlined(named(IdleTimeout="idle_timeout")),
            "ConnectionDrainingPolicy": Inlined(named(Enabled="connection_draining", Timeout="connection_draining_timeout")),
            "Tags": TAGS,
        },
        attributes={"": "name", "DNSName": "dns_name", "CanonicalHostedZoneNameID": "zone_id"},
    ),
)
