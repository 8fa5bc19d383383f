"""Lambda functions, their layers, and what feeds them.

Source: AWS CloudFormation template reference, AWS::Lambda::Function, LayerVersion, EventSourceMapping, Permission, Url, EventInvokeConfig.
"""

from collections.abc import Iterator
from typing import Any

from cloudmigrate.domain.acts.record import member
from cloudmigrate.domain.iac.environment import environment_of
from cloudmigrate.domain.iac.kind import GIVEN, Kind, same_name_there
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source, branch, defaulted, transformed
from cloudmigrate.domain.iac.told import KEY
from cloudmigrate.domain.iac.values import Branch, Items, Leaf, Node, Ref

FUNCTION, LAYER, MAPPING = "AWS::Lambda::Function", "AWS::Lambda::LayerVersion", "AWS::Lambda::EventSourceMapping"
RUN_TIME = "what it does at the moment"
SAME = ("Description", "Handler", "MemorySize", "PackageType", "Runtime", "Timeout", "Architectures")


def function(source: Source) -> Iterator[TargetResource]:
    """A function with its package from a bucket of the target; what may be secret is a variable."""
    spec = source.spec
    properties: dict[str, Node | None] = {"FunctionName": source.same_name("FunctionName")}
    properties |= {name: source.copied(name) for name in SAME}
    properties |= {
        "Code": _code(source),
        "DeadLetterConfig": branch(
            TargetArn=source.referred("DeadLetterConfig.TargetArn", attribute="Arn", where="targets.event_sources"),
        ),
        "Environment": _environment(source),
        "EphemeralStorage": branch(Size=source.copied("EphemeralStorage.Size")),
        "FileSystemConfigs": _file_systems(source),
        "ImageConfig": _image_config(source),
        "KmsKeyArn": source.referred("KMSKeyArn", attribute="Arn", type_=KEY, where="targets.kms_key"),
        "Layers": _layers(source),
        "LoggingConfig": _logging(source),
        "Role": source.referred("Role", attribute="Arn", type_="AWS::IAM::Role", where="targets.roles"),
        "SnapStart": branch(ApplyOn=source.copied("SnapStart.ApplyOn")) if spec.get("SnapStart", {}).get("ApplyOn") != "None" else None,
        "TracingConfig": branch(Mode=source.copied("TracingConfig.Mode")),
        "VpcConfig": _network(source),
        "Tags": source.tags(),
    }
    source.read |= {"SnapStart", "CodeSha256"}
    made = source.target(FUNCTION, properties)
    yield made
    yield from _permissions(source, made)
    yield from _url(source, made)
    yield from _invocations(source, made)


def layer(source: Source) -> Iterator[TargetResource]:
    """A layer's newest version, with its content from a bucket of the target."""
    properties: dict[str, Node | None] = {
        "LayerName": source.copied("LayerName"),
        "Content": _package(source),
        "CompatibleRuntimes": source.copied("LatestMatchingVersion.CompatibleRuntimes"),
        "CompatibleArchitectures": source.copied("LatestMatchingVersion.CompatibleArchitectures"),
        "Description": source.copied("LatestMatchingVersion.Description"),
        "LicenseInfo": source.copied("LatestMatchingVersion.LicenseInfo"),
    }
    yield source.target(LAYER, properties)


def event_source(source: Source) -> Iterator[TargetResource]:
    """What reads a queue or a stream for a function. It is made switched off: cutover switches it on."""
    if not source.spec.get("EventSourceArn"):
        raise NotGenerated("its source is a cluster of Kafka or a broker; write the mapping by hand")
    stream = ":dynamodb:" in str(source.spec["EventSourceArn"])
    properties: dict[str, Node | None] = {
        "FunctionName": source.referred("FunctionArn", attribute="Arn", type_=FUNCTION),
        "EventSourceArn": source.referred("EventSourceArn", attribute="StreamArn" if stream else "Arn", where="targets.event_sources"),
        "Enabled": defaulted(value=False, why="off until cutover: two mappings on one source would each take half of it"),
        "FilterCriteria": source.copied("FilterCriteria"),
        "ScalingConfig": source.copied("ScalingConfig"),
        "DestinationConfig": branch(
            OnFailure=branch(
                Destination=source.referred("DestinationConfig.OnFailure.Destination", attribute="Arn", where="targets.event_sources")
            )
        ),
    }
    same = (
        "BatchSize",
        "BisectBatchOnFunctionError",
        "FunctionResponseTypes",
        "MaximumBatchingWindowInSeconds",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "ParallelizationFactor",
        "StartingPosition",
        "TumblingWindowInSeconds",
    )
    properties |= {name: source.copied(name) for name in same}
    yield source.target(MAPPING, properties)


def _code(source: Source) -> Node | None:
    if source.spec.get("PackageType") == "Image":
        return branch(ImageUri=source.unknown("image uri", "the image in the target's registry, with its digest: the migration copies it"))
    return _package(source)


def _package(source: Source) -> Node | None:
    """Where the package is that the migration copied."""
    bucket = source.policy.artifact_bucket
    named = Leaf(bucket, transformed("", "targets.artifact_bucket")) if bucket else None
    return branch(
        S3Bucket=named
        or source.unknown("package bucket", "the bucket of the target that packages are copied to (targets.artifact_bucket)"),
        S3Key=source.unknown("package key", "the key of the package that the migration copies there"),
    )


def _environment(source: Source) -> Node | None:
    variables = (source.value("Environment") or {}).get("Variables") or ()
    values = environment_of(source, "Environment.Variables", variables, lambda name: f"Environment.Variables.{member(name)}")
    return Branch({"Variables": Branch(values)}) if values else None


def _file_systems(source: Source) -> Node | None:
    found = [
        branch(
            Arn=source.referred(f"FileSystemConfigs[{number}].Arn", one.get("Arn"), attribute="Arn"),
            LocalMountPath=Leaf(one.get("LocalMountPath"), transformed(f"FileSystemConfigs[{number}].LocalMountPath", "as it is")),
        )
        for number, one in enumerate(source.value("FileSystemConfigs") or ())
    ]
    kept = tuple(one for one in found if one is not None)
    return Items(kept) if kept else None


def _image_config(source: Source) -> Node | None:
    """Its command line is in no inventory; each word is a variable."""
    held = (source.value("ImageConfigResponse") or {}).get("ImageConfig") or {}
    path = "ImageConfigResponse.ImageConfig"

    def words(name: str) -> Node | None:
        count = int((held.get(name) or {}).get("words", 0))
        said = f"a word of the container's {name}"
        found = (source.secret(path, said, read_at=f"{path}.{name}[{at}]", part=f"{name} {at}") for at in range(count))
        return Items(tuple(found)) if count else None

    return branch(Command=words("Command"), EntryPoint=words("EntryPoint"), WorkingDirectory=source.copied(f"{path}.WorkingDirectory"))


def _layers(source: Source) -> Items | None:
    arns = [str(one["Arn"]) for one in source.value("Layers") or ()]
    return source.all_referred("Layers", arns, type_=LAYER, where="targets.layers")


def _logging(source: Source) -> Node | None:
    given = source.value("LoggingConfig") or {}
    group = str(given.get("LogGroup") or "")
    told = source.policy.log_groups.get(group)
    named = Leaf(told or group, transformed("LoggingConfig.LogGroup", "targets.log_groups" if told else "as it is")) if group else None
    if given.get("LogFormat") in (None, "Text") and (told is None) and group == f"/aws/lambda/{source.spec.get('FunctionName')}":
        return None  # what a function has that says nothing
    return branch(
        LogGroup=named,
        LogFormat=source.copied("LoggingConfig.LogFormat"),
        ApplicationLogLevel=source.copied("LoggingConfig.ApplicationLogLevel"),
        SystemLogLevel=source.copied("LoggingConfig.SystemLogLevel"),
    )


def _network(source: Source) -> Node | None:
    subnets = source.value("VpcConfig.SubnetIds") or ()
    groups = source.value("VpcConfig.SecurityGroupIds") or ()
    return branch(
        SubnetIds=source.all_referred("VpcConfig.SubnetIds", subnets, where="targets.subnets"),
        SecurityGroupIds=source.all_referred("VpcConfig.SecurityGroupIds", groups, where="targets.security_groups"),
        Ipv6AllowedForDualStack=source.copied("VpcConfig.Ipv6AllowedForDualStack"),
    )


def _permissions(source: Source, made: TargetResource) -> Iterator[TargetResource]:
    """Who may invoke it: each statement of its policy that a template can say."""
    for number, one in enumerate((source.value("Policy") or {}).get("Statement") or ()):
        principal = one.get("Principal")
        who = next(iter(principal.values())) if isinstance(principal, dict) and len(principal) == 1 else principal
        if one.get("Effect") != "Allow" or not isinstance(who, str) or not isinstance(one.get("Action"), str):
            continue
        condition = one.get("Condition") or {}
        like = {**(condition.get("ArnLike") or {}), **(condition.get("ArnEquals") or {})}
        equals = condition.get("StringEquals") or {}
        path = f"Policy.Statement[{number}]"
        account = equals.get("AWS:SourceAccount") or equals.get("aws:SourceAccount")
        arn = next((value for name, value in like.items() if name.lower() == "aws:sourcearn"), None)
        properties: dict[str, Node | None] = {
            "Action": Leaf(one["Action"], transformed(f"{path}.Action", "as it is")),
            "FunctionName": Leaf(Ref(made.key, "Arn"), transformed(path, "the function that it is of")),
            "Principal": Leaf(who, transformed(f"{path}.Principal", "as it is")),
            "SourceAccount": None if account is None else Leaf(_account(source, str(account)), transformed(path, "the target's account")),
            "SourceArn": _source_arn(source, path, arn),
        }
        yield source.target("AWS::Lambda::Permission", properties, part=f"permission-{number}")


def _account(source: Source, account: str) -> str:
    return source.place.account_id if account == source.resource.account_id else account


def _source_arn(source: Source, path: str, arn: Any) -> Leaf | None:
    return Leaf(source.arn_there(arn), transformed(f"{path}.Condition", "the ARN of the target")) if isinstance(arn, str) else None


def _url(source: Source, made: TargetResource) -> Iterator[TargetResource]:
    given = source.value("UrlConfig")
    if given:
        properties: dict[str, Node | None] = {
            "AuthType": source.copied("UrlConfig.AuthType"),
            "InvokeMode": source.copied("UrlConfig.InvokeMode"),
            "Cors": source.copied("UrlConfig.Cors"),
            "TargetFunctionArn": Leaf(Ref(made.key, "Arn"), transformed("UrlConfig", "the function that it is of")),
        }
        yield source.target("AWS::Lambda::Url", properties, part="url")


def _invocations(source: Source, made: TargetResource) -> Iterator[TargetResource]:
    given = source.value("EventInvokeConfig") or {}
    if not any(given.values()):
        return

    def destination(which: str) -> Node | None:
        path = f"EventInvokeConfig.DestinationConfig.{which}.Destination"
        return branch(Destination=source.referred(path, attribute="Arn", where="targets.event_sources"))

    properties: dict[str, Node | None] = {
        "FunctionName": Leaf(Ref(made.key), transformed("EventInvokeConfig", "the function that it is of")),
        "Qualifier": defaulted("$LATEST", "what is invoked without a version or alias"),
        "MaximumRetryAttempts": source.copied("EventInvokeConfig.MaximumRetryAttempts"),
        "MaximumEventAgeInSeconds": source.copied("EventInvokeConfig.MaximumEventAgeInSeconds"),
        "DestinationConfig": branch(OnSuccess=destination("OnSuccess"), OnFailure=destination("OnFailure")),
    }
    yield source.target("AWS::Lambda::EventInvokeConfig", properties, part="invocations")


KINDS = (
    Kind(
        FUNCTION,
        function,
        known_as=("FunctionName",),
        named_arn=same_name_there,
        not_configuration={
            "CodeSha256": "proves the copied package",
            "CodeSize": RUN_TIME,
            "FunctionArn": GIVEN,
            "LastModified": RUN_TIME,
            "LastUpdateStatus": RUN_TIME,
            "RevisionId": GIVEN,
            "State": RUN_TIME,
            "Version": GIVEN,
            "RuntimeVersionConfig": "AWS keeps it up to date",
        },
    ),
    Kind(LAYER, layer, known_as=("LayerName",), is_shared=True, arn="", not_configuration={"LayerArn": GIVEN}),
    Kind(
        MAPPING,
        event_source,
        not_configuration={
            "EventSourceMappingArn": GIVEN,
            "UUID": GIVEN,
            "LastModified": RUN_TIME,
            "LastProcessingResult": RUN_TIME,
            "State": RUN_TIME,
            "StateTransitionReason": RUN_TIME,
        },
    ),
)
