"""A container service moved: its images copied and verified, its source scaled to 0, then as many made and seen to run in the target."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cloudmigrate.domain.acts.images import image_of
from cloudmigrate.domain.itineraries.building import Builder, of, token
from cloudmigrate.domain.itineraries.generated import generated, said, target_cluster
from cloudmigrate.domain.itineraries.images import copied_image
from cloudmigrate.domain.itineraries.mapped import Mapped, logical_id, speaks, stack_name
from cloudmigrate.domain.itineraries.record import Itinerary, Move
from cloudmigrate.domain.itineraries.retain import retain
from cloudmigrate.domain.itineraries.stacks import Template, executed, prepared
from cloudmigrate.domain.steps import Gate, Reversal, Step
from cloudmigrate.domain.strategies import Strategy

SERVICE, CLUSTER, TASK = "AWS::ECS::Service", "AWS::ECS::Cluster", "AWS::ECS::TaskDefinition"
SERVERLESS = frozenset({"FARGATE", "FARGATE_SPOT"})


def hinders(move: Move) -> str:
    """Why a person has to move the service; empty if none has."""
    spec, task = move.source.spec, _task(move)
    containers = task.get("containerDefinitions") or ()
    labels = [str(one["name"]) for container in containers for one in container.get("dockerLabels") or ()]
    providers = {str(one.get("capacityProvider")) for one in spec.get("capacityProviderStrategy") or ()}
    reasons = (
        (move.target == move.at_source, "it would stay in its account and region, where its name is taken"),
        (not containers, "its task definition is not in the inventory"),
        (spec.get("schedulingStrategy") == "DAEMON", "it runs once on every server and has no number to scale to 0"),
        ((spec.get("deploymentController") or {}).get("type", "ECS") != "ECS", "something other than ECS deploys it"),
        (bool(spec.get("serviceRegistries")), "others find it by service discovery"),
        (any("loadBalancerName" in one for one in spec.get("loadBalancers") or ()), "a classic load balancer leads to it"),
        (bool(providers - SERVERLESS), f"it runs on the capacity of {', '.join(sorted(providers - SERVERLESS))}"),
        (bool(task.get("proxyConfiguration")), "a proxy of a service mesh stands before it"),
        (any(set(one) - {"name", "host"} or one.get("host") for one in task.get("volumes") or ()), "it mounts volumes that hold data"),
        (any(one.get("environmentFiles") for one in containers), "it reads files of variables from a bucket"),
        (any(one.get("firelensConfiguration") for one in containers), "a router of logs runs beside it"),
        (any(speaks(labels)), "a label bears a name that CloudFormation takes for a word of its own"),
    )
    return next((why for holds, why in reasons if holds), "") or service_template(move, Mapped(move), {}, 0).hinders()


def lacks(move: Move) -> Iterable[str]:
    """What the estate file has to say before the service can be moved."""
    mapped = Mapped(move)
    service_template(move, mapped, {}, 0)
    name = _cluster_name(move)
    if move.source.spec.get("launchType") == "EC2" and name not in move.policy.clusters:
        mapped.lacking.append(f"it runs on servers of cluster {name} (add a cluster of the target that has servers to targets.clusters)")
    return dict.fromkeys(mapped.lacking)


def service_steps(builder: Builder, move: Move) -> Step:
    """The last step, after which the service is whole at the target."""
    spec, mapped = move.source.spec, Mapped(move)
    named = {"service": str(spec["serviceName"])}
    here = {**named, "cluster": str(spec["clusterArn"]), "task_definition": str(spec["taskDefinition"])}
    there = {"service": move.names.of(move.source.uid, named["service"]), "cluster": _target_cluster(move)}
    read = builder.add("ecs.read_source", here, move.at_source)
    cluster = builder.add("ecs.await_cluster", {"cluster": there["cluster"]}, move.target)
    ready = [read, cluster, builder.add("ecs.check_name", there, move.target, needs=(cluster,))]
    images: dict[str, Any] = {}
    for uri in images_of(_task(move)):
        copy, images[uri] = copied_image(builder, move, uri)
        ready.append(copy)
    template = service_template(move, mapped, images, of(read, "desired"))
    secrets = {
        "service": "ecs",
        "operation": "DescribeTaskDefinition",
        "params": {"taskDefinition": str(spec["taskDefinition"])},
        "region": move.source.region,
        "account_id": move.source.account_id,
    }
    change_set = prepared(builder, move.target, template, stack=stack_name(move), read=secrets, needs=ready)
    desired = {"desired": of(read, "desired")}
    if move.policy.consistency == "stopped":
        stopped = _stopped(builder, move, {**here, **desired}, [*ready, *change_set])
        whole = _runs(builder, move, change_set, {**there, **desired}, stopped)
        return _names(builder, move, whole)
    whole = _runs(builder, move, change_set, {**there, **desired}, [])
    return _names(builder, move, _stopped(builder, move, {**here, **desired}, whole))


def _stopped(builder: Builder, move: Move, named: Mapping[str, Any], needs: Sequence[Step]) -> list[Step]:
    """Nothing of the source runs; it stays, and a rollback scales it up again."""
    params = {name: value for name, value in named.items() if name != "task_definition"}
    stop = builder.add("ecs.stop_source", params, move.at_source, needs=needs, gate=Gate.CUTOVER)
    return [stop, builder.add("ecs.await_stopped", {name: params[name] for name in ("service", "cluster")}, move.at_source, needs=(stop,))]


def _runs(builder: Builder, move: Move, change_set: tuple[Step, Step], named: Mapping[str, Any], needs: Sequence[Step]) -> list[Step]:
    """The stack is made, and as many run as at the source, and are healthy where a load balancer looks at them."""
    whole = executed(builder, move.target, change_set, needs=needs)
    where = {name: named[name] for name in ("service", "cluster")}
    done = [builder.add("ecs.await_stable", where, move.target, needs=(whole,))]
    for one in move.source.spec.get("loadBalancers") or ():
        asked = {"target_group_arn": Mapped(move).target_group(str(one.get("targetGroupArn"))), "desired": named["desired"]}
        done.append(builder.add("ecs.await_targets", asked, move.target, needs=done))
    return done


def _names(builder: Builder, move: Move, done: list[Step]) -> Step:
    """The last step. A name leads to a service by its load balancer, which a person makes: a person points the name as well."""
    names = sorted(one.fqdn for one in move.policy.dns if one.uid == move.source.uid)
    if names:
        text = f"service {move.source.name} ({move.source.uid}): point {', '.join(names)} at the target's load balancer"
        done.append(builder.add("by_hand.confirm", {"text": text}, move.target, needs=done, gate=Gate.BY_HAND, reversal=Reversal.UNDO))
    return done[-1]


def images_of(task: Mapping[str, Any]) -> list[str]:
    """Images of its containers that lie in ECR; others are public, or known by their own registry, and stay as they are."""
    found = dict.fromkeys(str(one["image"]) for one in task.get("containerDefinitions") or ())
    return [one for one in found if image_of(one) is not None]


def service_template(move: Move, mapped: Mapped, images: Mapping[str, Any], desired: Any) -> Template:
    """The service and its task definition. *images*: what is copied, by the name that the source has for it; *desired*: how many run."""
    spec, task = move.source.spec, _task(move)
    template = Template(f"Service {token(move.source.name)}, moved by CloudMigrate")
    own, made = generated(mapped)
    ids = {made.key: logical_id("Task", str(spec["taskDefinition"]))}
    told = said(made, template, ids)
    for container, there in zip(task.get("containerDefinitions") or (), told["Properties"].get("ContainerDefinitions") or (), strict=True):
        there["Image"] = images.get(str(container["image"]), container["image"])
    template.resources[ids[made.key]] = told
    service = said(own, template, ids)
    service["Properties"] |= {"DesiredCount": desired}
    template.resources[logical_id("Service", move.source.uid)] = service
    return template


def _task(move: Move) -> Mapping[str, Any]:
    """The task definition that the service runs, in the revision that it is on."""
    return move.source.spec.get("taskDefinitionInUse") or {}


def _cluster_name(move: Move) -> str:
    return str(move.source.spec.get("clusterArn", "")).rpartition("/")[2]


def _target_cluster(move: Move) -> str:
    return target_cluster(move, _cluster_name(move))


def clean_up(builder: Builder, move: Move, after: Sequence[Step]) -> None:
    """The source's end. Its task definitions and images stay: they cost next to nothing and tell what ran."""
    named = {"service": str(move.source.spec["serviceName"]), "cluster": str(move.source.spec["clusterArn"])}
    builder.add("ecs.delete_source", named, move.at_source, needs=after, gate=Gate.CLEAN_UP, reversal=Reversal.NO_RETURN)


def cluster_hinders(move: Move) -> str:
    """Why a person has to make the cluster; empty if none has."""
    spec, name = move.source.spec, str(move.source.spec.get("clusterName", ""))
    if name in move.policy.clusters:
        return ""
    own = [str(one) for one in spec.get("capacityProviders") or () if one not in SERVERLESS]
    if move.target == move.at_source:
        return "it would stay in its account and region, where its name is taken"
    if spec.get("registeredContainerInstancesCount") or own:
        return "it has servers of its own: make it with servers in the target, and name it in targets.clusters"
    return ""


def cluster_steps(builder: Builder, move: Move) -> Step:
    """The last step, after which the target has the cluster, empty."""
    name = str(move.source.spec["clusterName"])
    if name in move.policy.clusters:
        return retain(builder, move.at_source, why=f"its services go to cluster {move.policy.clusters[name]} of the target")
    free = builder.add("ecs.check_cluster", {"cluster": move.names.of(move.source.uid, name)}, move.target)
    template = Template(f"Cluster {token(move.source.name)}, moved by CloudMigrate")
    (own,) = generated(Mapped(move))
    template.resources[logical_id("Cluster", move.source.uid)] = said(own, template, {})
    change_set = prepared(builder, move.target, template, stack=stack_name(move), read=None, needs=(free,))
    return executed(builder, move.target, change_set)


def task_goes_along(builder: Builder, move: Move) -> Step:
    """The one step of a task definition: it is a part of the services that run it."""
    return retain(builder, move.at_source, why="it moves with the service that runs it")


def task_hinders(move: Move) -> str:
    """Why it does not move with a service; empty if it does."""
    family = str(move.source.spec.get("family", ""))
    used = (str(one.spec.get("taskDefinition", "")) for one in move.inventory.values() if one.type == SERVICE)
    return "" if any(one.rpartition("/")[2].partition(":")[0] == family for one in used) else "no service in the inventory runs it"


SERVICES = Itinerary("container-service", {SERVICE}, {Strategy.REHOST}, service_steps, hinders, lacks, clean_up=clean_up)
CLUSTERS = Itinerary("container-cluster", {CLUSTER}, {Strategy.REHOST}, cluster_steps, cluster_hinders)
TASKS = Itinerary("task-definition", {TASK}, {Strategy.REHOST}, task_goes_along, task_hinders)
