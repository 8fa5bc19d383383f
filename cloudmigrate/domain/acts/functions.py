"""Lambda: packages and layers copied, functions compared, what feeds them stopped and started. Source: AWS Lambda API reference."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from cloudmigrate.domain.acts.record import Act, Await, Call, FileCopy, Look, Params, Undo, quoted, tags_of

NO_FUNCTION = frozenset({"ResourceNotFoundException"})
NO_OBJECT = frozenset({"404", "NoSuchKey", "NotFound"})
IN_USE = frozenset({"ResourceInUseException", "ResourceConflictException"})
MOST_OBJECT_TAGS = 10  # Source: S3 user guide, object tagging
NEVER = "FunctionName[?`false`]"  # of a thing that is there, where its end is looked for
COMPARED = "CodeSha256, Runtime, Handler, MemorySize, Timeout, PackageType, sort(keys(not_null(Environment.Variables, `{}`)))"


def told(configuration: Mapping[str, Any], variables: Sequence[str]) -> str:
    """What is compared of a function, as AWS's answer is read."""
    plain = [configuration.get(name) for name in ("CodeSha256", "Runtime", "Handler", "MemorySize", "Timeout", "PackageType")]
    return json.dumps([*plain, sorted(variables)], separators=(",", ":"))


def _configuration(function_name: str) -> Call:
    return Call("lambda", "GetFunctionConfiguration", {"FunctionName": function_name})


CHECK_SOURCE = Act(
    "lambda.check_source",
    "see that {function_name} is what was planned",
    awaits=lambda params: Await(
        Look(_configuration(params["function_name"]), {"state": f"to_string([{COMPARED}])"}, NO_FUNCTION),
        frozenset({params["expected"]}),
        frozenset({None}),
        within=timedelta(0),
        advice="its code or settings changed since the plan: scan again, then plan anew",
    ),
)
CHECK_NAME = Act(
    "lambda.check_name",
    "see that the target has no {function_name} yet",
    awaits=lambda params: Await(
        Look(_configuration(params["function_name"]), {"state": "FunctionName"}, NO_FUNCTION, otherwise={"state": "free"}),
        frozenset({"free"}),
        within=timedelta(0),
        advice="rename or delete the one that is there, or move this function by hand",
    ),
)
CHECK_TARGET = Act(
    "lambda.check_target",
    "see that {function_name} in the target has the code and the settings of the source",
    awaits=lambda params: Await(
        Look(_configuration(params["function_name"]), {"state": f"to_string([State, to_string([{COMPARED}])])"}, NO_FUNCTION),
        frozenset({json.dumps(["Active", params["expected"]], separators=(",", ":"))}),
        every=timedelta(seconds=5),
        within=timedelta(minutes=10),
        advice="compare the two functions in their consoles",
    ),
    likely=timedelta(seconds=30),
)
READ_IMAGE = Act(
    "lambda.read_image",
    "read which image {function_name} runs",
    awaits=lambda params: Await(
        Look(
            Call("lambda", "GetFunction", {"FunctionName": params["function_name"]}),
            {"state": "Code.RepositoryType", "image": "Code.ResolvedImageUri"},
        ),
        frozenset({"ECR"}),
        within=timedelta(0),
    ),
)
READ_LAYER = Act(
    "lambda.read_layer",
    "read what layer {layer} holds",
    awaits=lambda params: Await(
        Look(
            Call("lambda", "GetLayerVersionByArn", {"Arn": params["layer"]}),
            {"state": "LayerVersionArn", "sha256": "Content.CodeSha256"},
            NO_FUNCTION,
        ),
        frozenset({params["layer"]}),
        frozenset({None}),
        within=timedelta(0),
        advice="publish it again, or map it in targets.layers",
    ),
)


def _object(params: Params) -> dict[str, str]:
    return {"Bucket": params["bucket"], "Key": params["object_key"], "ExpectedBucketOwner": params["bucket_owner"]}


def _object_tags(params: Params, key: str) -> str:
    own = [(one["Key"], one["Value"]) for one in tags_of({"marks": params.get("marks", {})}, key)]
    return urlencode(own[:MOST_OBJECT_TAGS])


def _file(params: Params) -> FileCopy:
    source = params["source"]
    call = Call("lambda", source["operation"], source["params"], region=source["region"], account_id=source["account_id"])
    return FileCopy(call, source["url"], params["sha256"])


COPY_PACKAGE = Act(
    "lambda.copy_package",
    "copy {what} to s3://{bucket}/{object_key} and compare digests",
    does=lambda params, key: Call(
        "s3",
        "PutObject",
        {
            **_object(params),
            "ChecksumAlgorithm": "SHA256",
            "ChecksumSHA256": params["sha256"],
            "Tagging": _object_tags(params, key),
        },
    ),
    copies=_file,
    gives={"version_id": "not_null(VersionId, 'null')"},
    keeps=("object_key",),
    look=lambda params, key: Look(
        Call("s3", "HeadObject", {**_object(params), "ChecksumMode": "ENABLED"}),
        {
            "object_key": f"(ChecksumSHA256==`{json.dumps(params['sha256'])}` && {quoted(params['object_key'])}) || `null`",
            "version_id": "not_null(VersionId, 'null')",
        },
        NO_OBJECT,
    ),
    undoes=lambda params, outputs: (
        Undo(
            Call("s3", "DeleteObject", {**_object(params), "Key": outputs["object_key"], "VersionId": outputs["version_id"]}),
            NO_OBJECT | {"NoSuchBucket", "NoSuchVersion"},
        ),
    ),
    further_actions=("s3:PutObjectTagging", "s3:DeleteObjectVersion", "lambda:GetFunction"),
    likely=timedelta(seconds=20),
    family="s3",
)


def _enabled(params: Params, *, whether: bool) -> Call:
    return Call("lambda", "UpdateEventSourceMapping", {"UUID": params["uuid"], "Enabled": whether})


def _mapping(uuid: str, wanted: str) -> Await:
    look = Look(
        Call("lambda", "GetEventSourceMapping", {"UUID": uuid}), {"state": "State"}, NO_FUNCTION
    )  # what was made just now may show late
    return Await(look, frozenset({wanted}), every=timedelta(seconds=5), within=timedelta(minutes=15))


DISABLE_MAPPING = Act(
    "lambda.disable_mapping",
    "stop what feeds {function_name} from {event_source}",
    does=lambda params, key: _enabled(params, whether=False),
    gives={"uuid": "UUID"},
    # Stopped by whomever: this step wants it stopped, and undone it runs again, as it did before.
    look=lambda params, key: Look(
        Call("lambda", "GetEventSourceMapping", {"UUID": params["uuid"]}),
        {"uuid": "((State=='Disabled' || State=='Disabling') && UUID) || `null`"},
    ),
    undoes=lambda params, outputs: (Undo(_enabled(params, whether=True), not_yet=IN_USE, gone=_mapping(params["uuid"], "Enabled")),),
    is_repeatable=True,
    not_yet=IN_USE,
    likely=timedelta(seconds=30),
    family="lambda",
)
AWAIT_DISABLED = Act(
    "lambda.await_disabled",
    "wait until nothing more feeds {function_name} from {event_source}",
    awaits=lambda params: _mapping(params["uuid"], "Disabled"),
    likely=timedelta(seconds=30),
)
CREATE_MAPPING = Act(
    "lambda.create_mapping",
    "feed {function_name} from {event_source}",
    does=lambda params, key: Call(
        "lambda",
        "CreateEventSourceMapping",
        {
            **params["settings"],
            "EventSourceArn": params["event_source"],
            "FunctionName": params["function_name"],
            "Enabled": params["enabled"],
            "Tags": {one["Key"]: one["Value"] for one in tags_of(params, key)},
        },
    ),
    gives={"uuid": "UUID"},
    # The function is one that this wave made: whatever feeds it from there is ours.
    look=lambda params, key: Look(
        Call("lambda", "ListEventSourceMappings", {"FunctionName": params["function_name"], "EventSourceArn": params["event_source"]}),
        {"uuid": "EventSourceMappings[?State!='Deleting'].UUID | [0]"},
        NO_FUNCTION,
    ),
    undoes=lambda params, outputs: (
        Undo(
            Call("lambda", "DeleteEventSourceMapping", {"UUID": outputs["uuid"]}),
            NO_FUNCTION,
            not_yet=IN_USE,
            gone=Await(
                Look(
                    Call("lambda", "GetEventSourceMapping", {"UUID": outputs["uuid"]}), {"state": "State"}, NO_FUNCTION, {"state": "gone"}
                ),
                frozenset({"gone"}),
                within=timedelta(minutes=15),
            ),
        ),
    ),
    exists=frozenset({"ResourceConflictException"}),
    not_yet=NO_FUNCTION,
    further_actions=("lambda:TagResource",),
    family="lambda",
)
AWAIT_ENABLED = Act(
    "lambda.await_enabled",
    "wait until {function_name} is fed from {event_source}",
    awaits=lambda params: _mapping(params["uuid"], "Enabled"),
    likely=timedelta(seconds=30),
)
DELETE_MAPPING = Act(
    "lambda.delete_source_mapping",
    "delete what fed the source {function_name} from {event_source}: it cannot be had back",
    does=lambda params, key: Call("lambda", "DeleteEventSourceMapping", {"UUID": params["uuid"]}),
    keeps=("uuid",),
    look=lambda params, key: Look(
        Call("lambda", "GetEventSourceMapping", {"UUID": params["uuid"]}),
        {"uuid": "(State=='Deleting' && UUID) || `null`"},
        NO_FUNCTION,
        {"uuid": params["uuid"]},
    ),
    exists=NO_FUNCTION,  # it is gone: looked for then
    not_yet=IN_USE,
    family="lambda",
)
DELETE_SOURCE = Act(
    "lambda.delete_source",
    "delete the source {function_name} with all its versions: it cannot be had back",
    does=lambda params, key: Call("lambda", "DeleteFunction", {"FunctionName": params["function_name"]}),
    keeps=("function_name",),
    look=lambda params, key: Look(
        _configuration(params["function_name"]), {"function_name": NEVER}, NO_FUNCTION, {"function_name": params["function_name"]}
    ),
    exists=NO_FUNCTION,  # it is gone: looked for then
    not_yet=frozenset({"ResourceConflictException"}),
    family="lambda",
)

ACTS = (
    CHECK_SOURCE,
    CHECK_NAME,
    CHECK_TARGET,
    READ_IMAGE,
    READ_LAYER,
    COPY_PACKAGE,
    DISABLE_MAPPING,
    AWAIT_DISABLED,
    CREATE_MAPPING,
    AWAIT_ENABLED,
    DELETE_MAPPING,
    DELETE_SOURCE,
)
