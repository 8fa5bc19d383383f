"""Task definitions of ECS: what runs in the containers of a service. What may be secret is a variable.

Source: AWS CloudFormation template reference, AWS::ECS::TaskDefinition.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.acts.record import member, quoted
from cloudmigrate.domain.iac.environment import environment_of
from cloudmigrate.domain.iac.kind import GIVEN, Kind
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source, as_it_is, branch, transformed
from cloudmigrate.domain.iac.values import Branch, Items, Leaf, Node

SERVICE, TASK = "AWS::ECS::Service", "AWS::ECS::TaskDefinition"
ROLE, SECRET = "AWS::IAM::Role", "AWS::SecretsManager::Secret"
RUN_TIME = "what it does at the moment"
# Members of a container that mean the same in the target and hold no secret.
CONTAINER = (
    "cpu",
    "dependsOn",
    "disableNetworking",
    "dnsSearchDomains",
    "dnsServers",
    "dockerSecurityOptions",
    "essential",
    "extraHosts",
    "hostname",
    "interactive",
    "links",
    "linuxParameters",
    "memory",
    "memoryReservation",
    "mountPoints",
    "name",
    "portMappings",
    "privileged",
    "pseudoTerminal",
    "readonlyRootFilesystem",
    "resourceRequirements",
    "restartPolicy",
    "startTimeout",
    "stopTimeout",
    "systemControls",
    "ulimits",
    "user",
    "versionConsistency",
    "volumesFrom",
    "workingDirectory",
)
TASK_SAME = ("cpu", "ephemeralStorage", "family", "ipcMode", "memory", "networkMode", "pidMode", "placementConstraints", "runtimePlatform")


def task_definition(source: Source) -> Iterator[TargetResource]:
    """A task definition that no service runs; that of a service comes with the service."""
    family = str(source.spec.get("family"))
    for one in source.relatives(source.resource, SERVICE):
        if str((one.spec.get("taskDefinitionInUse") or {}).get("family")) == family:
            raise NotGenerated(f"it comes with service {one.name}, which runs it")
    yield task_of(source, source.spec, "")


def task_of(source: Source, task: Mapping[str, Any], path: str) -> TargetResource:
    """The task definition. What may be secret in it is a variable; images are those that the migration copies."""
    source.read |= set(task) if not path else {path}
    before = f"{path}." if path else ""
    properties: dict[str, Node | None] = {
        f"{name[0].upper()}{name[1:]}": as_it_is(with_capitals(task.get(name)), f"{before}{name}") for name in TASK_SAME
    }
    properties |= {
        "ContainerDefinitions": Items(
            tuple(
                _container(source, one, f"{before}containerDefinitions[{number}]", number)
                for number, one in enumerate(task.get("containerDefinitions") or ())
            )
        ),
        "ExecutionRoleArn": _role(source, task.get("executionRoleArn"), f"{before}executionRoleArn"),
        "TaskRoleArn": _role(source, task.get("taskRoleArn"), f"{before}taskRoleArn"),
        "RequiresCompatibilities": as_it_is(task.get("requiresCompatibilities"), f"{before}requiresCompatibilities"),
        "Volumes": _volumes(source, task, before),
        "Tags": source.tags(),
    }
    return source.target(TASK, properties, part="task" if path else "", name=str(task.get("family") or source.resource.name))


def _container(source: Source, container: Mapping[str, Any], path: str, number: int) -> Branch:
    members: dict[str, Node | None] = {
        f"{name[0].upper()}{name[1:]}": as_it_is(with_capitals(container.get(name)), f"{path}.{name}") for name in CONTAINER
    }
    who = str(container.get("name", number))
    environment = environment_of(
        source,
        f"{path} environment",
        container.get("environment") or (),
        lambda name: f"{_in_answer(path)}.environment[?name=={quoted(name)}].value | [0]",
    )
    login = (container.get("repositoryCredentials") or {}).get("credentialsParameter")
    members |= {
        "Image": _image(source, str(container["image"]), path),
        "Environment": _pairs(environment),
        "Secrets": _secrets(source, container.get("secrets") or (), path),
        "Command": _words(source, container.get("command"), f"{path}.command", f"{who} command"),
        "EntryPoint": _words(source, container.get("entryPoint"), f"{path}.entryPoint", f"{who} entry point"),
        "HealthCheck": _health(source, container.get("healthCheck"), path, who),
        "LogConfiguration": _log(source, container.get("logConfiguration"), path, who),
        "RepositoryCredentials": branch(CredentialsParameter=source.referred(path, login, type_=SECRET, where="targets.secrets"))
        if login
        else None,
    }
    labels = container.get("dockerLabels") or ()
    told = {
        one["name"]: source.secret(
            path,
            "the value of a label",
            read_at=f"{_in_answer(path)}.dockerLabels.{member(one['name'])}",
            part=f"{who} label {one['name']}",
        )
        for one in labels
    }
    members["DockerLabels"] = Branch(dict(told)) if told else None
    return Branch({name: node for name, node in members.items() if node is not None})


def _image(source: Source, image: str, path: str) -> Node:
    """An image of the account is copied to the target's registry, under the same name and tag."""
    host, slash, rest = image.partition("/")
    own = f"{source.resource.account_id}.dkr.ecr."
    if not slash or not host.startswith(own):
        return Leaf(image, transformed(f"{path}.image", "as it is: another registry has it"))
    suffix = ".cn" if host.endswith(".cn") else ""
    there = f"{source.place.account_id}.dkr.ecr.{source.place.region}.amazonaws.com{suffix}/{rest}"
    return Leaf(there, transformed(f"{path}.image", "the same image in the registry of the target"))


def _pairs(values: Mapping[str, Leaf]) -> Items | None:
    items = tuple(Branch({"Name": Leaf(name, value.origin), "Value": value}) for name, value in values.items())
    return Items(items) if items else None


def _secrets(source: Source, secrets: Any, path: str) -> Items | None:
    found = []
    for one in secrets:
        value = source.referred(path, one["valueFrom"], type_=SECRET, where="targets.secrets")
        if value is not None:
            found.append(Branch({"Name": Leaf(str(one["name"]), transformed(f"{path}.secrets", "as it is")), "ValueFrom": value}))
    return Items(tuple(found)) if found else None


def _words(source: Source, held: Mapping[str, Any] | None, path: str, part: str) -> Items | None:
    """A command line is in no inventory; each word is a variable."""
    count = int((held or {}).get("words", 0))
    said = "a word of the container's command line"
    stem, answer = path.split(".", maxsplit=1)[0], _in_answer(path)
    found = tuple(source.secret(stem, said, read_at=f"{answer}[{at}]", part=f"{part} {at}") for at in range(count))
    return Items(found) if found else None


def _in_answer(path: str) -> str:
    """Where a member of a task definition stands in the answer of DescribeTaskDefinition, as JMESPath."""
    return f"taskDefinition.{path.removeprefix('taskDefinitionInUse.')}"


def _health(source: Source, held: Mapping[str, Any] | None, path: str, who: str) -> Node | None:
    if not held:
        return None
    members: dict[str, Node | None] = {
        f"{name[0].upper()}{name[1:]}": as_it_is(value, f"{path}.healthCheck.{name}") for name, value in held.items() if name != "command"
    }
    members["Command"] = _words(source, held.get("command"), f"{path}.healthCheck.command", f"{who} health check")
    return branch(**members)


def _log(source: Source, held: Mapping[str, Any] | None, path: str, who: str) -> Node | None:
    """Where it logs to: CloudWatch of the target's region; what another driver is told may be a secret."""
    if not held:
        return None
    options: dict[str, Node] = {}
    for name, value in (held.get("options") or {}).items():
        where = f"{path}.logConfiguration.options.{name}"
        if name == "awslogs-region":
            options[name] = Leaf(source.place.region, transformed(where, "the region of the target"))
        elif name == "awslogs-group":
            told = source.policy.log_groups.get(str(value))
            options[name] = Leaf(told or str(value), transformed(where, "targets.log_groups" if told else "as it is"))
            if told is None:
                options["awslogs-create-group"] = Leaf("true", transformed(where, "the target has no such group yet"))
        else:
            options[name] = Leaf(str(value), transformed(where, "as it is"))
    for one in held.get("redactedOptions") or ():
        options[str(one["name"])] = source.secret(
            path,
            "an option of its log driver",
            read_at=f"{_in_answer(path)}.logConfiguration.options.{member(one['name'])}",
            part=f"{who} log {one['name']}",
        )
    return branch(
        LogDriver=as_it_is(held.get("logDriver"), f"{path}.logConfiguration.logDriver"),
        Options=Branch(options) if options else None,
        SecretOptions=_secrets(source, held.get("secretOptions") or (), path),
    )


def _volumes(source: Source, task: Mapping[str, Any], before: str) -> Items | None:
    found = []
    for number, one in enumerate(task.get("volumes") or ()):
        path = f"{before}volumes[{number}]"
        files = one.get("efsVolumeConfiguration")
        volume = branch(
            Name=as_it_is(one.get("name"), f"{path}.name"),
            Host=as_it_is(with_capitals(one.get("host")), f"{path}.host"),
            EFSVolumeConfiguration=branch(
                FilesystemId=source.referred(path, files.get("fileSystemId"), type_="AWS::EFS::FileSystem"),
                RootDirectory=as_it_is(files.get("rootDirectory"), path),
                TransitEncryption=Leaf("ENABLED", transformed(path, "on, whatever the source says")),
            )
            if files
            else None,
        )
        found += [volume] if volume else []
    return Items(tuple(found)) if found else None


def _role(source: Source, arn: Any, path: str) -> Leaf | None:
    return source.referred(path, arn, attribute="Arn", type_=ROLE, where="targets.roles") if arn else None


def with_capitals(value: Any) -> Any:
    """The value with its members' names as CloudFormation spells them."""
    if isinstance(value, Mapping):
        return {f"{name[:1].upper()}{name[1:]}": with_capitals(item) for name, item in value.items() if item not in (None, [], {}, "")}
    return [with_capitals(item) for item in value] if isinstance(value, list | tuple) else value


KINDS = (
    Kind(
        TASK,
        task_definition,
        not_configuration={
            "taskDefinitionArn": GIVEN,
            "revision": GIVEN,
            "status": RUN_TIME,
            "registeredAt": RUN_TIME,
            "registeredBy": RUN_TIME,
            "compatibilities": GIVEN,
            "requiresAttributes": GIVEN,
        },
    ),
)
