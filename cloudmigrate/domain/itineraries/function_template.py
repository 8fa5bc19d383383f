"""A function as CloudFormation has it, made from the inventory: the least that makes it what it was. The same input, the same template.

Source: AWS CloudFormation template reference, AWS::Lambda::Function and AWS::Lambda::LayerVersion.
"""

from collections.abc import Mapping
from typing import Any

from cloudmigrate.domain.acts.record import quoted
from cloudmigrate.domain.itineraries.mapped import Mapped, without_nothing
from cloudmigrate.domain.itineraries.stacks import Template

# Members that mean the same in the template as in Lambda's answer.
SAME = ("Architectures", "Description", "FunctionName", "Handler", "MemorySize", "PackageType", "Runtime", "Timeout")


def variables(spec: Mapping[str, Any]) -> list[str]:
    """The names of a function's environment variables; their values are in no inventory."""
    return [str(one["name"]) for one in (spec.get("Environment") or {}).get("Variables") or ()]


def function_resource(
    spec: Mapping[str, Any], code: Mapping[str, Any], layers: list[Any], mapped: Mapped, template: Template
) -> dict[str, Any]:
    """The function; values of variables and words of its command line are secrets of *template*."""
    network = spec.get("VpcConfig") or {}
    dead = (spec.get("DeadLetterConfig") or {}).get("TargetArn")
    names = {name: template.secret(f"Environment.Variables.{_key(name)}") for name in variables(spec)}
    properties = {
        **{name: spec.get(name) for name in SAME},
        "Code": dict(code),
        "DeadLetterConfig": {"TargetArn": mapped.event_source(str(dead))} if dead else None,
        "Environment": {"Variables": names} if names else None,
        "EphemeralStorage": _only(spec.get("EphemeralStorage"), "Size"),
        "ImageConfig": _image(spec, template),
        "KmsKeyArn": mapped.key() if spec.get("KMSKeyArn") else None,
        "Layers": layers,
        "LoggingConfig": _logging(spec.get("LoggingConfig") or {}, mapped),
        "Role": mapped.role(str(spec["Role"])),
        "SnapStart": _only(spec.get("SnapStart"), "ApplyOn"),
        "TracingConfig": _only(spec.get("TracingConfig"), "Mode"),
        "VpcConfig": _network(network, mapped) if network.get("SubnetIds") else None,
    }
    return {"Type": "AWS::Lambda::Function", "Properties": without_nothing(properties)}


def layer_resource(arn: str, bucket: str, key: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    """A layer version with the same content; what it suits is told where the inventory knows it."""
    name = arn.split(":")[6]
    properties = {
        "Content": {"S3Bucket": bucket, "S3Key": key},
        "LayerName": name,
        **{member: known.get(member) for member in ("CompatibleArchitectures", "CompatibleRuntimes", "Description", "LicenseInfo")},
    }
    return {"Type": "AWS::Lambda::LayerVersion", "Properties": without_nothing(properties)}


def _key(name: str) -> str:
    """A member's name within a JMESPath."""
    return quoted(name)[1:-1].replace("\\`", "`")


def _image(spec: Mapping[str, Any], template: Template) -> dict[str, Any] | None:
    held = (spec.get("ImageConfigResponse") or {}).get("ImageConfig") or {}
    path = "ImageConfigResponse.ImageConfig"
    words = {
        name: [template.secret(f"{path}.{name}[{number}]") for number in range(int(held[name]["words"]))]
        for name in ("Command", "EntryPoint")
        if held.get(name)
    }
    return without_nothing({**words, "WorkingDirectory": held.get("WorkingDirectory")}) or None


def _logging(config: Mapping[str, Any], mapped: Mapped) -> dict[str, Any] | None:
    """Where it logs to, where that is not the group that its name gives it."""
    group = str(config.get("LogGroup") or "")
    name = mapped.move.policy.log_groups.get(group, group)
    return dict(config) | ({"LogGroup": name} if name else {}) if config else None


def _network(network: Mapping[str, Any], mapped: Mapped) -> dict[str, Any]:
    found: dict[str, Any] = {
        "SecurityGroupIds": mapped.groups([str(one) for one in network.get("SecurityGroupIds") or ()]),
        "SubnetIds": mapped.subnets([str(one) for one in network.get("SubnetIds") or ()]),
    }
    return found | ({"Ipv6AllowedForDualStack": True} if network.get("Ipv6AllowedForDualStack") else {})


def _only(value: Any, member: str) -> dict[str, Any] | None:
    """One member of a setting: answers have more than a template takes."""
    return {member: value[member]} if isinstance(value, Mapping) and value.get(member) not in (None, "None", "PassThrough") else None
