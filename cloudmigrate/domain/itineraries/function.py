"""A function moved: its package copied and verified, made by a change set, compared, and fed from the target's queues at cutover."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cloudmigrate.domain.acts.functions import told
from cloudmigrate.domain.itineraries.building import Builder, of, token
from cloudmigrate.domain.itineraries.function_callers import added, checked
from cloudmigrate.domain.itineraries.generated import generated, said
from cloudmigrate.domain.itineraries.images import copied_image
from cloudmigrate.domain.itineraries.mapped import Mapped, logical_id, speaks, stack_name, without_nothing
from cloudmigrate.domain.itineraries.record import Itinerary, Move
from cloudmigrate.domain.itineraries.retain import retain
from cloudmigrate.domain.itineraries.stacks import Template, executed, prepared
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Gate, Reversal, Step
from cloudmigrate.domain.strategies import Strategy

FUNCTION, MAPPING = "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping"
LAYER = "AWS::Lambda::LayerVersion"
# Settings of a mapping that mean the same in the target. Source: AWS Lambda API reference, CreateEventSourceMapping.
FEEDING = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "FilterCriteria",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "ScalingConfig",
    "StartingPosition",
    "TumblingWindowInSeconds",
)


def hinders(move: Move) -> str:
    """Why a person has to move the function; empty if none has."""
    spec = move.source.spec
    named = next(speaks(variables(spec)), "")
    feeds = [one.spec for one in mappings_of(move)]
    reasons = (
        (move.target == move.at_source, "it would stay in its account and region, where its name is taken"),
        (bool(spec.get("FileSystemConfigs")), "it mounts a file system"),
        (bool(spec.get("SigningProfileVersionArn") or spec.get("SigningJobArn")), "its code is signed"),
        (bool(named), f"a variable is named {named}, which CloudFormation takes for a word of its own"),
        (any(not one.get("EventSourceArn") for one in feeds), "a broker outside AWS or a cluster of Kafka feeds it"),
        (any(one.get("SourceAccessConfigurations") for one in feeds), "what feeds it asks for credentials"),
        (any(one.get("FunctionArn") != _arn(move) for one in feeds), "a version or an alias of it is fed, not the function itself"),
    )
    return next((why for holds, why in reasons if holds), "") or _template(Builder("", "", "", {}), move, Mapped(move))[0].hinders()


def lacks(move: Move) -> Iterable[str]:
    """What the estate file has to say before the function can be moved."""
    mapped = Mapped(move)
    function_steps(Builder("group", move.source.uid, move.source.name, {}), move, mapped)
    return dict.fromkeys(mapped.lacking)


def function_steps(builder: Builder, move: Move, mapped: Mapped | None = None) -> Step:
    """The last step, after which the function is whole at the target."""
    mapped = mapped or Mapped(move)
    name = str(move.source.spec["FunctionName"])
    expected = {"function_name": name, "expected": told(move.source.spec, variables(move.source.spec))}
    ready = [
        builder.add("lambda.check_source", expected, move.at_source),
        *checked(builder, move),
        builder.add("lambda.check_name", {"function_name": name}, move.target),
    ]
    template, copies = _template(builder, move, mapped)
    read = {
        "service": "lambda",
        "operation": "GetFunctionConfiguration",
        "params": {"FunctionName": name},
        "region": move.source.region,
        "account_id": move.source.account_id,
    }
    change_set = prepared(builder, move.target, template, stack=stack_name(move), read=read, needs=[*ready, *copies])
    whole = executed(builder, move.target, change_set)
    done = [builder.add("lambda.check_target", expected, move.target, needs=(whole,))]
    callers, left = added(builder, move, done)
    done += callers
    for one in mappings_of(move):
        done.append(_fed(builder, move, one, mapped, done))
    if left:
        text = f"function {name} ({move.source.uid}): {'; '.join(left)}"
        done.append(builder.add("by_hand.confirm", {"text": text}, move.target, needs=done, gate=Gate.BY_HAND, reversal=Reversal.UNDO))
    return done[-1]


def _template(builder: Builder, move: Move, mapped: Mapped) -> tuple[Template, list[Step]]:
    """The template of the function's stack, and the steps that copy what it names."""
    spec = move.source.spec
    template, copies = Template(f"Function {token(move.source.name)}, moved by CloudMigrate"), list[Step]()
    code: dict[str, Any]
    if spec.get("PackageType") == "Image":
        found = builder.add("lambda.read_image", {"function_name": spec["FunctionName"]}, move.at_source)
        copy, uri = copied_image(builder, move, of(found, "image"))
        copies.append(copy)
        code = {"ImageUri": uri}
    else:
        read = ("GetFunction", {"FunctionName": str(spec["FunctionName"])}, "Code.Location")
        copy = _package(builder, move, mapped, what="its package", read=read, sha256=str(spec["CodeSha256"]))
        copies.append(copy)
        code = {"S3Bucket": mapped.bucket(), "S3Key": of(copy, "object_key")}
    layers: list[Any] = []
    for arn in [str(one["Arn"]) for one in spec.get("Layers") or ()]:
        there = mapped.layer(arn)
        if there is None:
            copies.append(_layer(builder, move, mapped, arn))
            name = logical_id("Layer", arn)
            template.resources[name] = _layer_resource(move, arn, mapped.bucket(), of(copies[-1], "object_key"))
            layers.append({"Ref": name})
        else:
            layers.append(there)
    own = next(generated(mapped))  # its permissions, url and settings are steps of their own
    made = said(own, template, {}, without=("Code", "Layers"))
    made["Properties"] |= without_nothing({"Code": code, "Layers": layers})
    template.resources[logical_id("Function", move.source.uid)] = made
    return template, copies


def _package(builder: Builder, move: Move, mapped: Mapped, *, what: str, read: tuple[str, dict[str, str], str], sha256: Any) -> Step:
    """The step that copies a package. Its object is this step's own: no other one reads it or deletes it."""
    operation, params, url = read
    content = hashlib.sha256(json.dumps([params, str(sha256)], sort_keys=True).encode()).hexdigest()[:16]
    marks = [token(str(builder.marks.get(name, ""))) for name in ("plan", "wave")]
    place = "/".join([*marks, token(builder.group), token(builder.name, of=builder.uid), f"{len(builder.steps) + 1:02}-{content}.zip"])
    source = {"operation": operation, "params": params, "url": url, "region": move.source.region, "account_id": move.source.account_id}
    asked = {
        "what": what,
        "bucket": mapped.bucket(),
        "bucket_owner": move.target.account_id,
        "object_key": f"cloudmigrate/{place}",
        "sha256": sha256,
        "source": source,
    }
    return builder.add("lambda.copy_package", asked, move.target)


def _layer(builder: Builder, move: Move, mapped: Mapped, arn: str) -> Step:
    found = builder.add("lambda.read_layer", {"layer": arn}, move.at_source)
    read = ("GetLayerVersionByArn", {"Arn": arn}, "Content.Location")
    return _package(builder, move, mapped, what=f"layer {arn}", read=read, sha256=of(found, "sha256"))


def _layer_resource(move: Move, arn: str, bucket: str, object_key: Any) -> dict[str, Any]:
    """A layer version with the same content; what it suits is told where the inventory knows it: only a layer's newest is listed."""
    known = next((dict(one.spec.get("LatestMatchingVersion") or {}) for one in move.inventory.values() if one.uid == arn), {})
    properties = {
        "Content": {"S3Bucket": bucket, "S3Key": object_key},
        "LayerName": arn.split(":")[6],
        **{member: known.get(member) for member in ("CompatibleArchitectures", "CompatibleRuntimes", "Description", "LicenseInfo")},
    }
    return {"Type": LAYER, "Properties": without_nothing(properties)}


def variables(spec: Mapping[str, Any]) -> list[str]:
    """The names of a function's environment variables; their values are in no inventory."""
    return [str(one["name"]) for one in (spec.get("Environment") or {}).get("Variables") or ()]


def mappings_of(move: Move) -> list[Resource]:
    """What feeds the function, in the order of their ids."""
    found = [one for one in move.inventory.values() if one.type == MAPPING and _is_of(str(one.spec.get("FunctionArn", "")), move)]
    return sorted(found, key=lambda one: one.uid)


def _is_of(arn: str, move: Move) -> bool:
    """Whether an ARN leads to the function, to a version or to an alias of it."""
    return arn == _arn(move) or arn.startswith(f"{_arn(move)}:")


def _arn(move: Move) -> str:
    return str(move.source.spec.get("FunctionArn") or move.source.uid)


def _fed(builder: Builder, move: Move, mapping: Resource, mapped: Mapped, needs: Sequence[Step]) -> Step:
    """The last of the steps by which the target is fed in the place of the source: never both."""
    spec = mapping.spec
    name = str(move.source.spec["FunctionName"])
    runs = spec.get("State") in ("Enabled", "Enabling", "Creating", "Updating")
    before, gate = [*needs], Gate.CUTOVER
    if runs:
        own = {"function_name": name, "event_source": str(spec["EventSourceArn"]), "uuid": str(spec["UUID"])}
        stop = builder.add("lambda.disable_mapping", own, move.at_source, needs=before, gate=gate)
        before = [*before, builder.add("lambda.await_disabled", own, move.at_source, needs=(stop,))]
    settings = {member: spec[member] for member in FEEDING if spec.get(member) is not None}
    failed = ((spec.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    if failed:
        settings["DestinationConfig"] = {"OnFailure": {"Destination": mapped.event_source(str(failed))}}
    asked = {"function_name": name, "event_source": mapped.event_source(str(spec["EventSourceArn"])), "enabled": runs, "settings": settings}
    made = builder.add("lambda.create_mapping", asked, move.target, needs=before, gate=None if runs else gate)
    if not runs:
        return made
    wanted = {"function_name": name, "event_source": asked["event_source"], "uuid": of(made, "uuid")}
    return builder.add("lambda.await_enabled", wanted, move.target)


def clean_up(builder: Builder, move: Move, after: Sequence[Step]) -> None:
    """The source's end."""
    name = str(move.source.spec["FunctionName"])
    gone = [*after]

    def end(act: str, params: dict[str, str]) -> Step:
        return builder.add(act, params, move.at_source, needs=gone, gate=Gate.CLEAN_UP, reversal=Reversal.NO_RETURN)

    for one in mappings_of(move):
        own = {"function_name": name, "event_source": str(one.spec["EventSourceArn"]), "uuid": str(one.spec["UUID"])}
        gone.append(end("lambda.delete_source_mapping", own))
    end("lambda.delete_source", {"function_name": name})


def mapping_goes_along(builder: Builder, move: Move) -> Step:
    """The one step of what feeds a function: it is a part of that."""
    return retain(builder, move.at_source, why="it moves with its function")


def mapping_hinders(move: Move) -> str:
    """Why it does not move with its function; empty if it does."""
    arn = str(move.source.spec.get("FunctionArn", ""))
    known = [one for one in move.inventory.values() if one.type == FUNCTION and arn.startswith(one.uid)]
    return "" if known else "its function is not in the inventory"


FUNCTIONS = Itinerary("function", {FUNCTION}, {Strategy.REHOST}, function_steps, hinders, lacks, clean_up=clean_up)
MAPPINGS = Itinerary("function-mapping", {MAPPING}, {Strategy.REHOST}, mapping_goes_along, mapping_hinders)
