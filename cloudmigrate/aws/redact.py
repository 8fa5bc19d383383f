"""Items without what may be secret: variables, scripts and commands become names, hashes and the endpoints they mention.

Every redaction takes an item as the calls left it and gives a copy; nothing of the item itself is changed. A hash tells
whether a value changed between snapshots, and whether it is exactly the name of a discovered resource.
Tags have a rule of their own (`cloudmigrate.aws.tags`); descriptions are masked as log lines are.
"""

import base64
import binascii
import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from cloudmigrate.aws.describe import mappings
from cloudmigrate.aws.mentions import mentions
from cloudmigrate.aws.resource_type import Item
from cloudmigrate.aws.tags import TAG_MEMBERS, tags_without_secrets, without_url_secrets
from cloudmigrate.masking import masked_text

MAX_SCRIPT_BYTES = 1_000_000  # user data is 16 KiB at most; a gzip bomb stops here
# Nothing may end right after the =: such a line is base64 with its padding (a cloud-init part, a key) and holds the text itself.
SHELL_VARIABLE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)=(?!=?\s*$)", re.MULTILINE)
# Members that hold a secret wherever they appear. Services mask most of them already; none has a place in a spec.
SECRET_MEMBERS = frozenset(
    {
        "authtoken",
        "clientsecret",
        "keymaterial",
        "masteruserpassword",
        "password",
        "privatekey",
        "secretbinary",
        "secretstring",
        "sharedsecret",
        "preshared_key",
        "presharedkey",
    }
)
DESCRIPTIONS = frozenset({"Description", "description"})  # free text of people, of security groups, rules, functions and the like
# Condition keys whose values serve as shared secrets: between a CDN and an origin, and between two companies' accounts.
SECRET_CONDITIONS = frozenset({"aws:referer", "aws:useragent", "sts:externalid"})
QUERY_OF_REQUEST = "#{query}"  # an ELB redirect that hands the query on
DYNAMIC_PARAMETER = re.compile(r"(?:method\.request|context|stageVariables|integration\.response)\.[\w.\[\]-]+|\$[\w.]+|\$\{[\w.]+\}")
HTTP_PROTOCOLS = frozenset({"http", "https"})


def sha256(text: str) -> str:
    """The SHA-256 of *text* in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def variable(name: str, value: Any) -> Item:
    """A variable as its name, a hash of its value, and the endpoints that the value mentions."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return {"name": name, "sha256": sha256(text), "endpoints": list(mentions(text, name=name))}


def variables(values: Any, *, name: str = "name", value: str = "value") -> list[Item]:
    """Variables from a mapping or from a list of named values, in the order of their names."""
    if isinstance(values, Mapping):
        pairs = [(str(key), one) for key, one in values.items()]
    elif isinstance(values, list):
        pairs = [(str(one.get(name, "")), one.get(value)) for one in values if isinstance(one, Mapping)]
    else:
        return []
    return [variable(key, "" if one is None else one) for key, one in sorted(pairs, key=lambda pair: pair[0])]


def script(value: Any) -> Item:
    """A start script as its hash, its size in bytes, the names it assigns and the endpoints it mentions."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    plain = _decoded(text)
    return {
        "sha256": sha256(text),
        "bytes": len(plain.encode("utf-8", "surrogatepass")),
        "names": sorted(set(SHELL_VARIABLE.findall(plain))),
        "endpoints": list(mentions(plain)),
    }


def command(words: Any) -> Item:
    """A command line as its hash, its number of words and the endpoints it mentions."""
    listed = [str(word) for word in words] if isinstance(words, list) else [str(words)]
    return {"sha256": sha256(json.dumps(listed)), "words": len(listed), "endpoints": list(mentions(" ".join(listed)))}


def scrub(item: Any) -> Any:
    """A copy of *item* without members that hold secrets, at any depth; tags by their own rule, descriptions masked."""
    if isinstance(item, Mapping):
        kept: Item = {}
        for key, value in item.items():
            if str(key).lower() in SECRET_MEMBERS and not isinstance(value, Mapping):
                continue
            if key in TAG_MEMBERS:
                kept[key] = tags_without_secrets(value)
            elif key in DESCRIPTIONS and isinstance(value, str):
                kept[key] = _described(value)
            else:
                kept[key] = _hashed(value) if str(key).lower() in SECRET_CONDITIONS else scrub(value)
        return kept
    if isinstance(item, list):
        return [scrub(one) for one in item]
    return item


def network_interface(item: Item) -> Item:
    """A network interface: a service's own description stays to the letter, since it tells whose the interface is."""
    kept = scrub(item)
    return {**kept, "Description": item["Description"]} if item.get("RequesterManaged") and "Description" in item else dict(kept)


def instance(item: Item) -> Item:
    """An EC2 instance: user data."""
    return _with(scrub(item), UserData=script)


def launch_template(item: Item) -> Item:
    """An EC2 launch template: the user data of each version."""
    kept = scrub(item)
    for version in mappings(kept.get("Versions")):
        if isinstance(version.get("LaunchTemplateData"), dict):
            version["LaunchTemplateData"] = _with(version["LaunchTemplateData"], UserData=script)
    return dict(kept)


def function(item: Item) -> Item:
    """A Lambda function: environment variables, and the command line of an image."""
    kept = scrub(item)
    if isinstance(kept.get("Environment"), Mapping):
        kept["Environment"] = {"Variables": variables(kept["Environment"].get("Variables"))}
    image = kept.get("ImageConfigResponse")
    if isinstance(image, dict):
        image.pop("Error", None)
        if isinstance(image.get("ImageConfig"), Mapping):
            image["ImageConfig"] = _with(image["ImageConfig"], Command=command, EntryPoint=command)
    return dict(kept)


def task_definition(item: Item) -> Item:
    """An ECS task definition: environment, command lines, labels, log options and volume options of its containers."""
    kept = scrub(item)
    kept["containerDefinitions"] = [_container(one) for one in mappings(kept.get("containerDefinitions"))]
    for volume in mappings(kept.get("volumes")):
        docker = volume.get("dockerVolumeConfiguration")
        if isinstance(docker, Mapping):
            volume["dockerVolumeConfiguration"] = _with(docker, driverOpts=variables, labels=variables)
    return dict(kept)


def service(item: Item) -> Item:
    """An ECS service: its task definition as above; without events and deployments, which change all the time."""
    kept = {key: value for key, value in scrub(item).items() if key not in ("events", "deployments", "taskSets")}
    if isinstance(kept.get("taskDefinitionInUse"), Mapping):
        kept["taskDefinitionInUse"] = task_definition(kept["taskDefinitionInUse"])
    connect = kept.get("serviceConnectConfiguration")
    if isinstance(connect, Mapping) and isinstance(connect.get("logConfiguration"), Mapping):
        kept["serviceConnectConfiguration"] = {**connect, "logConfiguration": _log(connect["logConfiguration"])}
    return kept


def load_balancer(item: Item) -> Item:
    """A load balancer: header and query values that rules wait for, which often are a secret shared with a CDN; what its
    actions answer by themselves and the queries that they redirect with.
    """
    kept = scrub(item)
    for listener in mappings(kept.get("Listeners")):
        _redact_actions(listener.get("DefaultActions"))
    for entry in mappings(kept.get("ListenerRules")):
        for rule in mappings(entry.get("Value")):
            _redact_actions(rule.get("Actions"))
            for condition in mappings(rule.get("Conditions")):
                for member in ("HttpHeaderConfig", "QueryStringConfig"):
                    if isinstance(condition.get(member), Mapping):
                        condition[member] = _with(condition[member], Values=_hashed)
                if condition.get("Field") in ("http-header", "query-string"):
                    condition.pop("Values", None)
    return dict(kept)


def rest_api(item: Item) -> Item:
    """A REST API: stage variables, static parameters, templates, and credentials in backends' urls."""
    kept = scrub(item)
    kept["Stages"] = [_stage(stage, "variables", "canarySettings") for stage in mappings(kept.get("Stages"))]
    for resource in mappings(kept.get("Resources")):
        methods = resource.get("resourceMethods")
        for method in methods.values() if isinstance(methods, Mapping) else ():
            if isinstance(method, dict) and isinstance(method.get("methodIntegration"), dict):
                method["methodIntegration"] = _integration(method["methodIntegration"])
    return dict(kept)


def http_api(item: Item) -> Item:
    """An HTTP API: stage variables, static parameters, templates, and credentials in backends' urls."""
    kept = scrub(item)
    kept["Stages"] = [_stage(stage, "StageVariables", "CanarySettings") for stage in mappings(kept.get("Stages"))]
    kept["Integrations"] = [_integration(one) for one in mappings(kept.get("Integrations"))]
    return dict(kept)


def topic(item: Item) -> Item:
    """An SNS topic: web hooks, whose paths often are the secret."""
    kept = scrub(item)
    for subscription in mappings(kept.get("Subscriptions")):
        endpoint = subscription.get("Endpoint")
        if isinstance(endpoint, str) and (subscription.get("Protocol") in HTTP_PROTOCOLS or "://" in endpoint):
            subscription["EndpointSha256"] = sha256(endpoint)
            subscription["Endpoint"] = next(iter(mentions(endpoint)), "")
    return dict(kept)


def stack(item: Item) -> Item:
    """A CloudFormation stack: the values of parameters and outputs, and ids that custom resources chose."""
    kept = scrub(item)
    kept["Parameters"] = variables(kept.get("Parameters"), name="ParameterKey", value="ParameterValue")
    kept["Outputs"] = variables(kept.get("Outputs"), name="OutputKey", value="OutputValue")
    for resource in mappings(kept.get("Resources")):
        if str(resource.get("ResourceType", "")).startswith(("Custom::", "AWS::CloudFormation::CustomResource")):
            resource.pop("PhysicalResourceId", None)
    return dict(kept)


def _redact_actions(actions: Any) -> None:
    """Redact the actions of a listener or rule, in place (they are a copy already)."""
    for action in mappings(actions):
        if isinstance(action.get("FixedResponseConfig"), Mapping):
            action["FixedResponseConfig"] = _with(action["FixedResponseConfig"], MessageBody=_hashed)
        redirect = action.get("RedirectConfig")
        if isinstance(redirect, Mapping) and redirect.get("Query") != QUERY_OF_REQUEST:
            action["RedirectConfig"] = _with(redirect, Query=_hashed)


def _container(container: Item) -> Item:
    kept = _with(container, environment=variables, command=command, entryPoint=command, dockerLabels=variables)
    for member in ("logConfiguration", "firelensConfiguration"):
        if isinstance(kept.get(member), Mapping):
            kept[member] = _log(kept[member])
    if isinstance(kept.get("healthCheck"), Mapping):
        kept["healthCheck"] = _with(kept["healthCheck"], command=command)
    return kept


def _log(configuration: Mapping[str, Any]) -> Item:
    """A log driver's configuration: where CloudWatch's driver writes is kept, other drivers' options may be tokens."""
    options = configuration.get("options")
    if not isinstance(options, Mapping):
        return dict(configuration)
    plain = {key: value for key, value in options.items() if str(key).startswith("awslogs-")}
    other = {key: value for key, value in options.items() if key not in plain}
    return {**configuration, "options": plain, "redactedOptions": variables(other)}


def _stage(stage: Item, member: str, canary: str) -> Item:
    kept = _with(stage, **{member: variables})
    if isinstance(kept.get(canary), Mapping):
        kept[canary] = _with(kept[canary], stageVariableOverrides=variables)
    return kept


def _integration(integration: Mapping[str, Any]) -> Item:
    """An API's integration, of either API Gateway: member names differ in the case of their first letter only."""
    kept = dict(integration)
    for member, value in integration.items():
        match member[:1].lower() + member[1:]:
            case "uri" | "integrationUri" if isinstance(value, str):
                kept[member] = without_url_secrets(value).partition("?")[0]
            case "requestParameters" | "responseParameters" if isinstance(value, Mapping):
                kept[member] = {key: _parameter(one) for key, one in value.items()}
            case "requestTemplates" if isinstance(value, Mapping):
                kept[member] = variables(value)
            case "integrationResponses" if isinstance(value, Mapping):
                kept[member] = {
                    status: _with(dict(one), responseTemplates=variables, responseParameters=_static_values)
                    for status, one in value.items()
                    if isinstance(one, Mapping)
                }
    return kept


def _static_values(parameters: Any) -> Any:
    return {key: _parameter(one) for key, one in parameters.items()} if isinstance(parameters, Mapping) else None


def _parameter(value: Any) -> Any:
    """A mapped parameter: a reference to the request is kept, a static value may be a credential."""
    if isinstance(value, Mapping):
        return {key: _parameter(one) for key, one in value.items()}
    if isinstance(value, str) and DYNAMIC_PARAMETER.fullmatch(value):
        return value
    return _hashed(value)


@lru_cache(maxsize=65_536)  # most descriptions are those of many resources
def _described(text: str) -> str:
    return without_url_secrets(masked_text(text))


def _hashed(value: Any) -> Any:
    if isinstance(value, list):
        return [_hashed(one) for one in value]
    return {"sha256": sha256(value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str))}


def _with(item: Mapping[str, Any], **redactions: Callable[[Any], Any]) -> Item:
    """A copy of *item* with the named members redacted; those that are absent or null are left out."""
    kept = {key: value for key, value in item.items() if key not in redactions}
    return kept | {key: redact(item[key]) for key, redact in redactions.items() if item.get(key) is not None}


def _decoded(text: str) -> str:
    """The script in *text*: out of base64 and gzip where it is in them."""
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return text
    if raw.startswith(b"\x1f\x8b"):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
                raw = packed.read(MAX_SCRIPT_BYTES)
        except (OSError, EOFError, zlib.error):
            return ""
    return raw.decode("utf-8", "replace")
