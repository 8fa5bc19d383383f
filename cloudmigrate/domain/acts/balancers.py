"""Load balancers: a target registered and waited for until it is healthy. Source: Elastic Load Balancing API reference, 2015-12-01."""

from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo

NO_TARGET_GROUP = frozenset({"TargetGroupNotFound", "TargetGroupNotFoundException"})


def _asked(params: Params) -> dict[str, Any]:
    target = {"Id": params["instance_id"], **({"Port": params["port"]} if params.get("port") else {})}
    return {"TargetGroupArn": params["target_group_arn"], "Targets": [target]}


REGISTER_TARGET = Act(
    "elbv2.register_target",
    "register {instance_id} with target group {target_group_arn}",
    does=lambda params, key: Call("elbv2", "RegisterTargets", _asked(params)),
    keeps=("instance_id",),
    look=lambda params, key: Look(
        Call("elbv2", "DescribeTargetHealth", _asked(params)),
        {
            "instance_id": "TargetHealthDescriptions[?TargetHealth.Reason!='Target.NotRegistered' "
            "&& TargetHealth.Reason!='Target.DeregistrationInProgress'].Target.Id | [0]"
        },
        frozenset({"InvalidTarget"}),
    ),
    undoes=lambda params, outputs: (
        Undo(Call("elbv2", "DeregisterTargets", _asked(params)), NO_TARGET_GROUP | {"InvalidTarget", "InvalidTargetException"}),
    ),
    is_repeatable=True,
    not_yet=frozenset({"InvalidTarget", "InvalidTargetException"}),  # an instance that does not run yet
    family="elbv2",
)
AWAIT_TARGET = Act(
    "elbv2.await_target",
    "wait until {instance_id} is healthy in its target group",
    awaits=lambda params: Await(
        Look(Call("elbv2", "DescribeTargetHealth", _asked(params)), {"state": "TargetHealthDescriptions[0].TargetHealth.State"}),
        frozenset({"healthy"}),
        within=timedelta(minutes=20),
        advice="read the reason in the target group's console: the health check's path, its security group, or the application itself",
    ),
    likely=timedelta(minutes=2),
)

ACTS = (REGISTER_TARGET, AWAIT_TARGET)
