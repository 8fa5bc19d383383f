"""The Database Migration Service: a replication instance, and endpoints whose secrets stay where they are; its tasks are beside it.

Source: DMS API reference, 2016-01-01. What a list does not find is an error there, ResourceNotFoundFault.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.rds_kinds import rds_tags
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo

MISSING = frozenset({"ResourceNotFoundFault"})
WRONG_STATE = frozenset({"InvalidResourceStateFault"})
TAKEN = frozenset({"ResourceAlreadyExistsFault"})
RESTED = frozenset({"ready", "running", "stopped", "failed", "failed-move"})
TAGGING = ("dms:AddTagsToResource",)


def name_of(key: str) -> str:
    """The identifier of what is made under that key."""
    return f"cloudmigrate-{key}"


def own_tags(params: Params, key: str) -> list[dict[str, str]]:
    """Ours alone: what is made for the move is not the source's, whose tags may have letters that DMS refuses."""
    return rds_tags({**params, "tags": {}}, key)


def found(operation: str, word: str, value: Any, **finds: str) -> Look:
    """Things of DMS by a filter; *finds*: members of the first."""
    asked = {"Filters": [{"Name": word, "Values": [value]}]}
    return Look(Call("dms", f"Describe{operation}", asked), {name: f"{operation}[0].{path}" for name, path in finds.items()}, MISSING)


def _instance(arn: Any, **finds: str) -> Look:
    return found("ReplicationInstances", "replication-instance-arn", arn, **finds)


def gone(look: Look) -> Await:
    """The wait until the look finds nothing any more."""
    return Await(look, frozenset(), within=timedelta(hours=1))


def ended(verb: str, word: str, given: str, look: Callable[[Any], Look]) -> Callable[[Params, Params], tuple[Undo, ...]]:
    """The undo of what was created: deleted, and waited for until it is gone."""

    def undoes(params: Params, outputs: Params) -> tuple[Undo, ...]:
        seen = look(outputs[given])
        rest = Await(seen, RESTED | {"available", "active"}, within=timedelta(hours=1), or_gone=True)
        delete = Call("dms", f"Delete{verb}", {f"{word}Arn": outputs[given]})
        return Undo(seen.call, MISSING, gone=rest), Undo(delete, MISSING, WRONG_STATE, gone(seen))

    return undoes


def deletes(name: str, says: str, verb: str, *, word: str, given: str, look: Callable[[Any], Look]) -> Act:
    """The end of what was created, behind the gate of clean-up."""
    return Act(
        f"dms.{name}",
        says,
        does=lambda params, key: Call("dms", f"Delete{verb}", {word: params[given]}),
        keeps=(given,),
        look=lambda params, key: _deleting(look(params[given]), word, given),
        is_repeatable=True,
        already=MISSING,
        not_yet=WRONG_STATE,  # what stands on it goes as well
        family="dms",
    )


def _deleting(look: Look, member: str, given: str) -> Look:
    """The same look, which finds the thing while it is being deleted."""
    (path,) = look.finds.values()
    listed, _, state = path.partition("[0].")
    return Look(look.call, {given: f"{listed}[?{state}=='deleting'].{member} | [0]"}, MISSING)


CREATE_SUBNETS = Act(
    "dms.create_subnet_group",
    "create a replication subnet group",
    does=lambda params, key: Call(
        "dms",
        "CreateReplicationSubnetGroup",
        {
            "ReplicationSubnetGroupIdentifier": name_of(key),
            "ReplicationSubnetGroupDescription": "made for a database that moves",
            "SubnetIds": params["subnet_ids"],
            "Tags": own_tags(params, key),
        },
    ),
    gives={"subnet_group": "ReplicationSubnetGroup.ReplicationSubnetGroupIdentifier"},
    look=lambda params, key: found(
        "ReplicationSubnetGroups", "replication-subnet-group-id", name_of(key), subnet_group="ReplicationSubnetGroupIdentifier"
    ),
    undoes=lambda params, outputs: (
        Undo(
            Call("dms", "DeleteReplicationSubnetGroup", {"ReplicationSubnetGroupIdentifier": outputs["subnet_group"]}), MISSING, WRONG_STATE
        ),
    ),
    exists=TAKEN,
    further_actions=TAGGING,
    family="dms",
)
CREATE_INSTANCE = Act(
    "dms.create_instance",
    "create a replication instance",
    does=lambda params, key: Call(
        "dms",
        "CreateReplicationInstance",
        {
            "ReplicationInstanceIdentifier": name_of(key),
            "ReplicationInstanceClass": params["instance_class"],
            "AllocatedStorage": params["storage_gib"],
            "ReplicationSubnetGroupIdentifier": params["subnet_group"],
            "VpcSecurityGroupIds": params["group_ids"],
            "PubliclyAccessible": False,
            "MultiAZ": False,
            **({"KmsKeyId": params["kms_key_id"]} if params.get("kms_key_id") else {}),
            "Tags": own_tags(params, key),
        },
    ),
    gives={
        "instance_arn": "ReplicationInstance.ReplicationInstanceArn",
        "instance_name": "ReplicationInstance.ReplicationInstanceIdentifier",
    },
    look=lambda params, key: found(
        "ReplicationInstances",
        "replication-instance-id",
        name_of(key),
        instance_arn="ReplicationInstanceArn",
        instance_name="ReplicationInstanceIdentifier",
    ),
    undoes=ended(
        "ReplicationInstance", "ReplicationInstance", "instance_arn", lambda arn: _instance(arn, state="ReplicationInstanceStatus")
    ),
    exists=TAKEN,
    further_actions=(*TAGGING, "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"),
    likely=timedelta(seconds=20),
    family="dms",
)
AWAIT_INSTANCE = Act(
    "dms.await_instance",
    "wait until the replication instance is available",
    awaits=lambda params: Await(
        # Its address as a range of one: what the source lets in while it is closed to all others.
        _instance(
            params["instance_arn"],
            state="ReplicationInstanceStatus",
            cidr="[ReplicationInstancePrivateIpAddress, '32'] | join('/', @)",
        ),
        frozenset({"available"}),
        frozenset({"failed", "incompatible-credentials", "incompatible-network"}),
        within=timedelta(hours=1),
    ),
    likely=timedelta(minutes=10),
)


def _endpoint(arn: Any, **finds: str) -> Look:
    return found("Endpoints", "endpoint-arn", arn, **finds)


CREATE_ENDPOINT = Act(
    "dms.create_endpoint",
    "create the {endpoint_type} endpoint",
    does=lambda params, key: Call(
        "dms",
        "CreateEndpoint",
        {
            "EndpointIdentifier": name_of(key),
            "EndpointType": params["endpoint_type"],
            "EngineName": params["engine_name"],
            "SslMode": params["ssl_mode"],
            **params["settings"],
            **({"KmsKeyId": params["kms_key_id"]} if params.get("kms_key_id") else {}),
            "Tags": own_tags(params, key),
        },
    ),
    gives={"endpoint_arn": "Endpoint.EndpointArn"},
    look=lambda params, key: found("Endpoints", "endpoint-id", name_of(key), endpoint_arn="EndpointArn"),
    undoes=ended("Endpoint", "Endpoint", "endpoint_arn", lambda arn: _endpoint(arn, state="Status")),
    exists=TAKEN,
    further_actions=(*TAGGING, "iam:PassRole"),
    family="dms",
)


def _connection(params: Params, **finds: str) -> Look:
    asked = [
        {"Name": "endpoint-arn", "Values": [params["endpoint_arn"]]},
        {"Name": "replication-instance-arn", "Values": [params["instance_arn"]]},
    ]
    return Look(Call("dms", "DescribeConnections", {"Filters": asked}), dict(finds), MISSING)


TEST_CONNECTION = Act(
    "dms.test_connection",
    "test the connection to the {endpoint_type} endpoint",
    does=lambda params, key: Call(
        "dms", "TestConnection", {"ReplicationInstanceArn": params["instance_arn"], "EndpointArn": params["endpoint_arn"]}
    ),
    keeps=("endpoint_arn",),
    look=lambda params, key: _connection(params, endpoint_arn="Connections[?Status=='testing' || Status=='successful'].EndpointArn | [0]"),
    is_repeatable=True,
    not_yet=WRONG_STATE,
    family="dms",
)
AWAIT_CONNECTION = Act(
    "dms.await_connection",
    "wait until the {endpoint_type} endpoint is reached",
    awaits=lambda params: Await(
        _connection(params, state="Connections[0].Status"),
        frozenset({"successful"}),
        frozenset({"failed"}),
        within=timedelta(minutes=30),
        advice="read LastFailureMessage of the connection: the secret, a security group, or a route between both networks",
    ),
    likely=timedelta(minutes=2),
)


DELETES = (
    deletes(
        "delete_endpoint",
        "delete an endpoint",
        "Endpoint",
        word="EndpointArn",
        given="endpoint_arn",
        look=lambda value: _endpoint(value, state="Status"),
    ),
    deletes(
        "delete_instance",
        "delete the replication instance",
        "ReplicationInstance",
        word="ReplicationInstanceArn",
        given="instance_arn",
        look=lambda value: _instance(value, state="ReplicationInstanceStatus"),
    ),
    deletes(
        "delete_subnet_group",
        "delete the replication subnet group",
        "ReplicationSubnetGroup",
        word="ReplicationSubnetGroupIdentifier",
        given="subnet_group",
        look=lambda value: found("ReplicationSubnetGroups", "replication-subnet-group-id", value, state="SubnetGroupStatus"),
    ),
)
AWAIT_INSTANCE_GONE = Act(
    "dms.await_instance_gone",
    "wait until the replication instance is gone",
    awaits=lambda params: gone(_instance(params["instance_arn"], state="ReplicationInstanceStatus")),
    likely=timedelta(minutes=5),
)

ACTS = (
    CREATE_SUBNETS,
    CREATE_INSTANCE,
    AWAIT_INSTANCE,
    CREATE_ENDPOINT,
    TEST_CONNECTION,
    AWAIT_CONNECTION,
    *DELETES,
    AWAIT_INSTANCE_GONE,
)
