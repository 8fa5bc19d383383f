"""Load balancers with their listeners and rules, target groups, and classic load balancers.

Source: AWS CloudFormation template reference, AWS::ElasticLoadBalancingV2::LoadBalancer, Listener, ListenerCertificate, ListenerRule and
TargetGroup; AWS::ElasticLoadBalancing::LoadBalancer.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.hidden import shown
from cloudmigrate.domain.iac.kind import GIVEN, RUN_TIME, Kind
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, as_it_is, branch, defaulted, frozen, transformed
from cloudmigrate.domain.iac.values import Branch, Items, Leaf, Node, Ref

BALANCER, GROUP = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER, RULE = "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule"
CLASSIC, CERTIFICATE = "AWS::ElasticLoadBalancing::LoadBalancer", "AWS::CertificateManager::Certificate"
SECURE = ("HTTPS", "TLS")
OLD_POLICIES = (
    "ELBSecurityPolicy-2015-05",
    "ELBSecurityPolicy-2016-08",
    "ELBSecurityPolicy-TLS-1-0-2015-04",
    "ELBSecurityPolicy-TLS-1-1-2017-01",
)
NEW_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
OF_BUCKETS = ("access_logs.s3.", "connection_logs.s3.")


def balancer(source: Source) -> Iterator[TargetResource]:
    """An application, network or gateway load balancer, its listeners, and their rules."""
    zones = source.value("AvailabilityZones") or ()
    subnets = [one["SubnetId"] for one in zones if one.get("SubnetId")]
    properties: dict[str, Node | None] = {
        "Name": source.same_name("LoadBalancerName"),
        "Type": source.copied("Type"),
        "Scheme": source.copied("Scheme"),
        "IpAddressType": source.copied("IpAddressType"),
        "Subnets": source.all_referred("AvailabilityZones", subnets, where="targets.subnets"),
        "SecurityGroups": source.all_referred("SecurityGroups", source.value("SecurityGroups") or (), where="targets.security_groups"),
        "LoadBalancerAttributes": _attributes(source),
        "Tags": source.tags(),
    }
    made = source.target(BALANCER, properties)
    yield made
    rules = {one["Key"]: one["Value"] for one in source.value("ListenerRules") or ()}
    for number, listener in enumerate(source.value("Listeners") or ()):
        listening = _listener(source, made, number, listener)
        yield listening
        for certificate in (listener.get("Certificates") or ())[1:]:
            yield _further_certificate(source, listening, number, str(certificate["CertificateArn"]))
        for one in rules.get(listener["ListenerArn"], ()):
            if not one.get("IsDefault"):
                yield _rule(source, listening, number, one)


def group(source: Source) -> Iterator[TargetResource]:
    """A target group. Servers of the plan are its targets; those of services and Auto Scaling groups come by themselves."""
    same = (
        "Port",
        "Protocol",
        "ProtocolVersion",
        "TargetType",
        "IpAddressType",
        "HealthCheckEnabled",
        "HealthCheckIntervalSeconds",
        "HealthCheckPath",
        "HealthCheckPort",
        "HealthCheckProtocol",
        "HealthCheckTimeoutSeconds",
        "HealthyThresholdCount",
        "UnhealthyThresholdCount",
        "Matcher",
    )
    properties: dict[str, Node | None] = {"Name": source.same_name("TargetGroupName")}
    properties |= {name: source.copied(name) for name in same}
    properties |= {
        "VpcId": source.referred("VpcId", where="targets.vpcs"),
        "TargetGroupAttributes": _attributes(source),
        "Targets": _targets(source),
        "Tags": source.tags(),
    }
    yield source.target(GROUP, properties)


def classic(source: Source) -> Iterator[TargetResource]:
    """A classic load balancer as it is."""
    listeners = [
        branch(
            InstancePort=as_it_is(str(one["Listener"]["InstancePort"]), f"ListenerDescriptions[{number}]"),
            InstanceProtocol=as_it_is(one["Listener"].get("InstanceProtocol"), f"ListenerDescriptions[{number}]"),
            LoadBalancerPort=as_it_is(str(one["Listener"]["LoadBalancerPort"]), f"ListenerDescriptions[{number}]"),
            Protocol=as_it_is(one["Listener"]["Protocol"], f"ListenerDescriptions[{number}]"),
            SSLCertificateId=source.referred(
                f"ListenerDescriptions[{number}]", one["Listener"].get("SSLCertificateId") or "", type_=CERTIFICATE
            ),
        )
        for number, one in enumerate(source.value("ListenerDescriptions") or ())
    ]
    instances = [one["InstanceId"] for one in source.value("Instances") or ()]
    properties: dict[str, Node | None] = {
        "LoadBalancerName": source.same_name("LoadBalancerName"),
        "Scheme": source.copied("Scheme") if source.spec.get("Scheme") == "internal" else None,
        "Subnets": source.all_referred("Subnets", source.value("Subnets") or (), where="targets.subnets"),
        "SecurityGroups": source.all_referred("SecurityGroups", source.value("SecurityGroups") or (), where="targets.security_groups"),
        "Listeners": Items(tuple(one for one in listeners if one is not None)),
        "Instances": source.all_referred("Instances", instances),
        "HealthCheck": _classic_check(source),
        "CrossZone": source.copied("Attributes.CrossZoneLoadBalancing.Enabled"),
        "ConnectionSettings": branch(IdleTimeout=source.copied("Attributes.ConnectionSettings.IdleTimeout")),
        "ConnectionDrainingPolicy": branch(
            Enabled=source.copied("Attributes.ConnectionDraining.Enabled"), Timeout=source.copied("Attributes.ConnectionDraining.Timeout")
        ),
        "Tags": source.tags(),
    }
    source.read |= {"Scheme", "TagDescription"}
    yield source.target(CLASSIC, properties)


def _attributes(source: Source) -> Items | None:
    """The attributes that say something; logs go to a bucket of the target's region, which has to be named."""
    source.read.add("TagDescription")
    found = []
    for one in source.value("Attributes") or ():
        name, value = str(one["Key"]), str(one["Value"])
        path = f"Attributes[{name}]"
        if value == "" or name.startswith(OF_BUCKETS):
            continue
        if name == "deletion_protection.enabled":
            found.append(_pair(name, defaulted("true", "a load balancer is not deleted by accident")))
        else:
            found.append(_pair(name, Leaf(value, transformed(path, "as it is"))))
    found += _logs(source)
    return Items(tuple(found)) if found else None


def _logs(source: Source) -> list[Branch]:
    told = {str(one["Key"]): str(one["Value"]) for one in source.value("Attributes") or ()}
    found = []
    for stem in OF_BUCKETS:
        if told.get(f"{stem}enabled") != "true":
            continue
        bucket = source.referred(f"Attributes[{stem}bucket]", told.get(f"{stem}bucket"), type_="AWS::S3::Bucket")
        if bucket is not None:
            found += [_pair(f"{stem}enabled", Leaf("true", transformed("Attributes", "as it is"))), _pair(f"{stem}bucket", bucket)]
        if told.get(f"{stem}prefix"):
            found.append(_pair(f"{stem}prefix", Leaf(told[f"{stem}prefix"], transformed("Attributes", "as it is"))))
    return found


def _pair(name: str, value: Leaf) -> Branch:
    return Branch({"Key": Leaf(name, value.origin), "Value": value})


def _listener(source: Source, made: TargetResource, number: int, listener: Mapping[str, Any]) -> TargetResource:
    path = f"Listeners[{number}]"
    first = next(iter(listener.get("Certificates") or ()), None)
    certificate = None
    if first is not None:
        certificate = source.referred(f"{path}.Certificates[0]", first["CertificateArn"], attribute="", type_=CERTIFICATE)
    properties: dict[str, Node | None] = {
        "LoadBalancerArn": Leaf(Ref(made.key), transformed(path, "the load balancer that it is of")),
        "Port": as_it_is(listener.get("Port"), f"{path}.Port"),
        "Protocol": as_it_is(listener.get("Protocol"), f"{path}.Protocol"),
        "AlpnPolicy": as_it_is(listener.get("AlpnPolicy"), path),
        "SslPolicy": _ssl_policy(listener, path),
        "Certificates": Items((Branch({"CertificateArn": certificate}),)) if certificate else None,
        "DefaultActions": _actions(source, listener.get("DefaultActions") or (), f"{path}.DefaultActions"),
    }
    return source.target(
        LISTENER,
        properties,
        part=f"listener-{listener.get('Port')}-{listener.get('Protocol')}",
        name=f"{source.resource.name} {listener.get('Port')}",
    )


def _ssl_policy(listener: Mapping[str, Any], path: str) -> Leaf | None:
    policy = listener.get("SslPolicy")
    if listener.get("Protocol") not in SECURE or not policy:
        return None
    if policy in OLD_POLICIES:
        return Leaf(NEW_POLICY, transformed(f"{path}.SslPolicy", f"{policy} takes TLS 1.0 and 1.1; this one takes 1.2 and 1.3"))
    return Leaf(str(policy), transformed(f"{path}.SslPolicy", "as it is"))


def _further_certificate(source: Source, listening: TargetResource, number: int, arn: str) -> TargetResource:
    certificate = source.referred(f"Listeners[{number}].Certificates", arn, type_=CERTIFICATE)
    assert certificate is not None  # noqa: S101 - there is an ARN
    properties: dict[str, Node | None] = {
        "ListenerArn": Leaf(Ref(listening.key), transformed("Listeners", "the listener that it is of")),
        "Certificates": Items((Branch({"CertificateArn": certificate}),)),
    }
    return source.target("AWS::ElasticLoadBalancingV2::ListenerCertificate", properties, part=f"certificate-{number}-{arn}")


def _rule(source: Source, listening: TargetResource, number: int, rule: Mapping[str, Any]) -> TargetResource:
    path = f"ListenerRules[{number}][{rule['Priority']}]"
    conditions = tuple(Leaf(_condition(one), transformed(f"{path}.Conditions", "as it is")) for one in rule.get("Conditions") or ())
    properties: dict[str, Node | None] = {
        "ListenerArn": Leaf(Ref(listening.key), transformed(path, "the listener that it is of")),
        "Priority": Leaf(int(rule["Priority"]), transformed(path, "as it is")),
        "Conditions": Items(conditions),
        "Actions": _actions(source, rule.get("Actions") or (), path),
    }
    return source.target(RULE, properties, part=f"rule-{rule['RuleArn']}", name=f"{source.resource.name} rule {rule['Priority']}")


CONFIGS = ("HostHeaderConfig", "PathPatternConfig", "HttpHeaderConfig", "HttpRequestMethodConfig", "QueryStringConfig", "SourceIpConfig")


def _condition(condition: Mapping[str, Any]) -> Any:
    """A condition in its newer form only: both at once are refused."""
    told: dict[str, Any] = {"Field": condition["Field"]}
    configs = {name: condition[name] for name in CONFIGS if condition.get(name)}
    if not configs and condition.get("Values"):
        config = {"host-header": "HostHeaderConfig", "path-pattern": "PathPatternConfig"}[condition["Field"]]
        configs = {config: {"Values": condition["Values"]}}
    return frozen({**told, **configs})


def _actions(source: Source, actions: Any, path: str) -> Items:
    ordered = sorted(actions, key=lambda one: int(one.get("Order") or 0))
    return Items(tuple(_action(source, one, f"{path}[{number}]") for number, one in enumerate(ordered)))


def _action(source: Source, action: Mapping[str, Any], path: str) -> Branch:
    """An action; what signs in has a secret, which is a variable."""
    members: dict[str, Node] = {"Type": Leaf(str(action["Type"]), transformed(f"{path}.Type", "as it is"))}
    if action.get("Order"):
        members["Order"] = Leaf(int(action["Order"]), transformed(f"{path}.Order", "as it is"))
    for name in ("RedirectConfig", "FixedResponseConfig"):
        told = shown(source, action.get(name), f"{path}.{name}", f"{path} {name}")
        members |= {name: told} if told else {}
    for name in ("AuthenticateOidcConfig", "AuthenticateCognitoConfig"):
        if action.get(name):
            held = {key: Leaf(frozen(value), transformed(f"{path}.{name}", "as it is")) for key, value in action[name].items()}
            held.pop("ClientSecret", None)
            if name == "AuthenticateOidcConfig":
                held["ClientSecret"] = source.secret(path, "the client secret of the identity provider", part=f"{path} client secret")
            members[name] = Branch(held)
    groups = list((action.get("ForwardConfig") or {}).get("TargetGroups") or ())
    if len(groups) > 1:
        listed = tuple(
            branch(
                TargetGroupArn=source.referred(path, one["TargetGroupArn"], type_=GROUP, where="targets.target_groups"),
                Weight=as_it_is(one.get("Weight"), path),
            )
            for one in groups
        )
        members["ForwardConfig"] = Branch({"TargetGroups": Items(tuple(one for one in listed if one is not None))})
    elif action.get("TargetGroupArn") or groups:
        arn = action.get("TargetGroupArn") or groups[0]["TargetGroupArn"]
        found = source.referred(path, arn, type_=GROUP, where="targets.target_groups")
        members |= {"TargetGroupArn": found} if found else {}
    return Branch(members)


def _targets(source: Source) -> Items | None:
    """Servers that do not come by an Auto Scaling group or a service of their own accord."""
    found: list[Node] = []
    for number, one in enumerate(source.value("Targets") or ()):
        path, target = f"Targets[{number}]", one.get("Target") or {}
        known = source.find(source.resource, str(target.get("Id")), None)
        if known is None:  # an address of a task or a server that is not moved
            continue
        attribute = {"lambda": "Arn", "alb": ""}.get(str(source.spec.get("TargetType")), "")
        leaf = source.referred(path, str(target["Id"]), attribute=attribute)
        members = branch(Id=leaf, Port=as_it_is(target.get("Port"), path))
        found += [members] if members else []
    return Items(tuple(found)) if found else None


def _classic_check(source: Source) -> Leaf | None:
    found = source.value("HealthCheck")
    return Leaf(frozen({name: str(value) for name, value in found.items()}), transformed("HealthCheck", "as it is")) if found else None


KINDS = (
    Kind(
        BALANCER,
        balancer,
        arn="",
        known_as=("DNSName",),
        not_configuration={
            "LoadBalancerArn": GIVEN,
            "DNSName": GIVEN,
            "CanonicalHostedZoneId": GIVEN,
            "CreatedTime": RUN_TIME,
            "State": RUN_TIME,
            "VpcId": "follows from its subnets",
        },
    ),
    Kind(GROUP, group, arn="", not_configuration={"TargetGroupArn": GIVEN, "LoadBalancerArns": "follows from the listeners"}),
    Kind(
        CLASSIC,
        classic,
        known_as=("DNSName",),
        not_configuration={
            "DNSName": GIVEN,
            "CanonicalHostedZoneName": GIVEN,
            "CanonicalHostedZoneNameID": GIVEN,
            "CreatedTime": RUN_TIME,
            "SourceSecurityGroup": GIVEN,
            "AvailabilityZones": "follow from its subnets",
            "VPCId": "follows from its subnets",
        },
    ),
)
