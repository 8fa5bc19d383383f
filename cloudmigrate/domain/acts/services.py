"""ECS: services stopped and seen to run, clusters looked for. Source: Amazon ECS API reference, 2014-11-13."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.balancers import NO_TARGET_GROUP
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo

AS_WANTED = "as wanted"
NO_CLUSTER = frozenset({"ClusterNotFoundException"})


def _described(params: Params) -> Call:
    return Call("ecs", "DescribeServices", {"cluster": params["cluster"], "services": [params["service"]]})


def _scaled(params: Params, count: int) -> Call:
    return Call("ecs", "UpdateService", {"cluster": params["cluster"], "service": params["service"], "desiredCount": count})


READ_SOURCE = Act(
    "ecs.read_source",
    "see that {service} runs what was planned, and how many of it",
    awaits=lambda params: Await(
        Look(
            _described(params),
            {
                "state": "to_string(services[0].[status, taskDefinition])",
                "desired": "services[0].desiredCount",
            },
            NO_CLUSTER,
        ),
        frozenset({json.dumps(["ACTIVE", params["task_definition"]], separators=(",", ":"))}),
        frozenset({None}),
        within=timedelta(0),
        advice="it was changed since the plan: scan again, then plan anew",
    ),
)
CHECK_NAME = Act(
    "ecs.check_name",
    "see that cluster {cluster} of the target has no {service} yet",
    awaits=lambda params: Await(
        Look(
            _described(params),
            {"state": "length(services[?status!='INACTIVE']) > `0` && 'taken' || 'free'"},
            NO_CLUSTER,
            {"state": "free"},
        ),
        frozenset({"free"}),
        within=timedelta(0),
        advice="delete the service that is there, or move this one by hand",
    ),
)
_CLUSTER = {"state": "not_null(clusters[0].status, 'MISSING')"}
AWAIT_CLUSTER = Act(
    "ecs.await_cluster",
    "wait until the target has cluster {cluster}",
    awaits=lambda params: Await(
        Look(Call("ecs", "DescribeClusters", {"clusters": [params["cluster"]]}), _CLUSTER),
        frozenset({"ACTIVE"}),
        within=timedelta(minutes=20),
        advice="create it there, move the source's cluster in the same wave, or map its name in targets.clusters",
    ),
)
CHECK_CLUSTER = Act(
    "ecs.check_cluster",
    "see that the target has no cluster {cluster} yet",
    awaits=lambda params: Await(
        Look(Call("ecs", "DescribeClusters", {"clusters": [params["cluster"]]}), _CLUSTER),
        frozenset({"MISSING", "INACTIVE"}),
        within=timedelta(0),
        advice="map its name in targets.clusters: then services go into the one that is there",
    ),
)


def _counted(members: str) -> Callable[[Params], Await]:
    def awaited(params: Params) -> Await:
        found = {"state": f"{members} && '{AS_WANTED}' || 'not yet'"}
        return Await(Look(_described(params), found), frozenset({AS_WANTED}), within=timedelta(minutes=30), advice=SEE_EVENTS)

    return awaited


SEE_EVENTS = "the service's events say why: the image, its role, its subnets, or the application itself"
_STABLE = "services[0].status=='ACTIVE' && services[0].runningCount==services[0].desiredCount && length(services[0].deployments)==`1`"
STOP_SOURCE = Act(
    "ecs.stop_source",
    "scale the source {service} to 0",
    does=lambda params, key: _scaled(params, 0),
    gives={"service": "service.serviceName"},
    # Stopped by whomever: this step wants none of it to run, and undone as many run as before.
    look=lambda params, key: Look(_described(params), {"service": "services[?desiredCount==`0`].serviceName | [0]"}),
    undoes=lambda params, outputs: (
        Undo(
            _scaled(params, params["desired"]),
            not_yet=frozenset({"ServiceNotActiveException"}),
            gone=_counted(f"services[0].runningCount==`{json.dumps(params['desired'])}`")(params),
        ),
    ),
    is_repeatable=True,
    likely=timedelta(seconds=10),
    family="ecs",
)
AWAIT_STOPPED = Act(
    "ecs.await_stopped",
    "wait until nothing of the source {service} runs",
    awaits=_counted("services[0].runningCount==`0`"),
    likely=timedelta(minutes=1),
)
AWAIT_STABLE = Act(
    "ecs.await_stable",
    "wait until as many of {service} run as are wanted",
    awaits=_counted(_STABLE),
    likely=timedelta(minutes=2),
)


def _healthy(params: Params) -> Await:
    count = f"length(TargetHealthDescriptions[?TargetHealth.State=='healthy']) >= `{json.dumps(params['desired'])}` && '{AS_WANTED}'"
    look = Look(
        Call("elbv2", "DescribeTargetHealth", {"TargetGroupArn": params["target_group_arn"]}),
        {"state": f"{count} || 'not yet'"},
        NO_TARGET_GROUP,
    )
    advice = "read the reasons in the target group's console: the health check's path, its security group, or the application itself"
    return Await(look, frozenset({AS_WANTED}), frozenset({None}), within=timedelta(minutes=20), advice=advice)


AWAIT_TARGETS = Act(
    "ecs.await_targets",
    "wait until as many are healthy in target group {target_group_arn}",
    awaits=_healthy,
    likely=timedelta(minutes=2),
)


def _deleted(params: Params, key: str) -> Look:
    return Look(_described(params), {"service": "services[?status!='ACTIVE'].serviceName | [0]"})


DELETE_SOURCE = Act(
    "ecs.delete_source",
    "delete the source {service}: it cannot be had back",
    does=lambda params, key: Call("ecs", "DeleteService", {"cluster": params["cluster"], "service": params["service"], "force": True}),
    gives={"service": "service.serviceName"},
    look=_deleted,
    exists=frozenset({"ServiceNotActiveException", "ServiceNotFoundException"}),
    likely=timedelta(minutes=1),
    family="ecs",
)

ACTS: tuple[Any, ...] = (
    READ_SOURCE,
    CHECK_NAME,
    AWAIT_CLUSTER,
    CHECK_CLUSTER,
    STOP_SOURCE,
    AWAIT_STOPPED,
    AWAIT_STABLE,
    AWAIT_TARGETS,
    DELETE_SOURCE,
)
