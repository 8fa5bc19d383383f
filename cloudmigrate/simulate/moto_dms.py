"""The Database Migration Service as AWS runs it: names taken once, what is in use stays, states take their time, tables are validated.

What a list does not find is an error there. Table statistics are not in moto at all.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from cloudmigrate.simulate.moto_images import READY_AFTER
from cloudmigrate.simulate.moto_transitions import becomes, look_at

SECRET = ("SecretsManagerSecretId", "SecretsManagerAccessRoleArn")
TABLES = ("customers", "orders")  # that a task of the emulator finds


def install() -> None:
    """Apply every fix."""
    _lists()
    _instances()
    _endpoints()
    _tasks()
    _statistics()


def _wrong_state(message: str) -> Exception:
    from moto.dms.exceptions import InvalidResourceStateFault

    made: Exception = InvalidResourceStateFault(message)
    return made


def _lists() -> None:
    """Count a look at what is listed, and refuse what finds nothing by a filter."""
    from moto.dms.exceptions import ResourceNotFoundFault
    from moto.dms.models import DatabaseMigrationServiceBackend as Backend

    def listed(name: str, held: Callable[[Any], Iterable[Any]]) -> None:
        describe = getattr(Backend, name)

        def described(self: Any, *values: Any, **named: Any) -> Any:
            look_at(held(self))
            found = list(describe(self, *values, **named))
            if named.get("filters") and not found:
                raise ResourceNotFoundFault("Nothing was found that matches the filter.")
            return found

        setattr(Backend, name, described)

    listed("describe_replication_tasks", lambda self: self.replication_tasks.values())
    listed("describe_replication_instances", lambda self: self.replication_instances.values())
    listed("describe_endpoints", lambda self: self.endpoints.values())
    listed("describe_replication_subnet_groups", lambda self: ())

    def describe_connections(self: Any, filters: list[dict[str, Any]], max_records: Any = None, marker: Any = None) -> Any:
        asked = {one["Name"]: one["Values"] for one in filters or ()}
        names = {"endpoint-arn": "endpoint_arn", "replication-instance-arn": "replication_instance_arn"}
        found = [one for one in self.connections if all(getattr(one, names[name]) in values for name, values in asked.items())]
        if asked and not found:
            raise ResourceNotFoundFault("No connection was found that matches the filter.")
        look_at(found)
        return found

    Backend.describe_connections = describe_connections  # type: ignore[method-assign]


def _unmanaged(kind: Any) -> None:
    """The state that was set, in the place of the one that moto's own state manager makes up."""
    kind.status = property(lambda self: self.__dict__["own_status"], lambda self, value: self.__dict__.__setitem__("own_status", value))
    kind.advance = lambda self: None


def _instances() -> None:
    from moto.dms.models import DatabaseMigrationServiceBackend as Backend
    from moto.dms.models import FakeConnection, FakeReplicationInstance

    _unmanaged(FakeReplicationInstance)
    _unmanaged(FakeConnection)
    create, delete, delete_group = (
        Backend.create_replication_instance,
        Backend.delete_replication_instance,
        Backend.delete_replication_subnet_group,
    )

    def create_replication_instance(self: Any, *values: Any, **named: Any) -> Any:
        _not_found(self.replication_subnet_groups, named.get("replication_subnet_group_identifier"))
        made = create(self, *values, **named)
        becomes(made, "creating", "available")
        return made

    def delete_replication_instance(self: Any, replication_instance_arn: str) -> Any:
        found = _not_found(self.replication_instances, replication_instance_arn)
        if any(one.replication_instance_arn == replication_instance_arn for one in self.replication_tasks.values()):
            raise _wrong_state("The replication instance has tasks.")
        if found.status != "available":
            raise _wrong_state(f"The replication instance is {found.status}.")
        becomes(found, "deleting", "deleting", lambda: delete(self, replication_instance_arn))
        return found

    def delete_replication_subnet_group(self: Any, replication_subnet_group_identifier: str) -> Any:
        users = self.replication_instances.values()
        if any(one.replication_subnet_group_identifier == replication_subnet_group_identifier for one in users):
            raise _wrong_state("The replication subnet group is in use.")
        return delete_group(self, replication_subnet_group_identifier)

    def test_connection(self: Any, replication_instance_arn: str, endpoint_arn: str) -> Any:
        instance = _not_found(self.replication_instances, replication_instance_arn)
        if instance.status != "available":
            raise _wrong_state(f"The replication instance is {instance.status}.")
        endpoint = _not_found({one.endpoint_arn: one for one in self.endpoints.values()}, endpoint_arn)
        kept = [one for one in self.connections if (one.replication_instance_arn, one.endpoint_arn) != (instance.arn, endpoint_arn)]
        made = FakeConnection(instance.arn, endpoint_arn, instance.id, endpoint.endpoint_identifier)
        self.connections[:] = [*kept, made]
        becomes(made, "testing", "successful")
        return made

    Backend.create_replication_instance = create_replication_instance  # type: ignore[method-assign]
    Backend.delete_replication_instance = delete_replication_instance  # type: ignore[method-assign]
    Backend.delete_replication_subnet_group = delete_replication_subnet_group  # type: ignore[method-assign]
    Backend.test_connection = test_connection  # type: ignore[method-assign]


def _not_found(held: dict[str, Any], name: Any) -> Any:
    from moto.dms.exceptions import ResourceNotFoundFault

    if name not in held:
        raise ResourceNotFoundFault(f"{name} could not be found.")
    return held[name]


def _endpoints() -> None:
    from moto.dms.exceptions import InvalidParameterCombinationException, ResourceAlreadyExistsFault
    from moto.dms.models import DatabaseMigrationServiceBackend as Backend

    create, delete = Backend.create_endpoint, Backend.delete_endpoint

    def create_endpoint(self: Any, *values: Any, **named: Any) -> Any:
        if named["endpoint_identifier"] in self.endpoints:
            raise ResourceAlreadyExistsFault("The endpoint already exists.")
        settings = named.get("postgre_sql_settings") or named.get("my_sql_settings") or {}
        if not named.get("server_name") and not all(settings.get(one) for one in SECRET):
            raise InvalidParameterCombinationException("Give a secret with the role that reads it, or a server, user and password.")
        made = create(self, *values, **named)
        made.status = "active"
        return made

    def delete_endpoint(self: Any, endpoint_arn: str) -> Any:
        if any(endpoint_arn in (one.source_endpoint_arn, one.target_endpoint_arn) for one in self.replication_tasks.values()):
            raise _wrong_state("The endpoint is in use by a task.")
        return delete(self, endpoint_arn)

    Backend.create_endpoint = create_endpoint  # type: ignore[method-assign]
    Backend.delete_endpoint = delete_endpoint  # type: ignore[method-assign]


def _tasks() -> None:
    from moto.core.utils import utcnow
    from moto.dms.models import DatabaseMigrationServiceBackend as Backend
    from moto.dms.models import FakeReplicationTask

    create, delete, told = Backend.create_replication_task, Backend.delete_replication_task, FakeReplicationTask.to_dict

    def create_replication_task(self: Any, *values: Any, **named: Any) -> Any:
        instance = _not_found(self.replication_instances, named["replication_instance_arn"])
        tested = {
            one.endpoint_arn for one in self.connections if one.replication_instance_arn == instance.arn and one.status == "successful"
        }
        if not {named["source_endpoint_arn"], named["target_endpoint_arn"]} <= tested:
            raise _wrong_state("The connections of the endpoints have not been tested.")
        made = create(self, *values, **named)
        becomes(made, "creating", "ready")
        return made

    def start_replication_task(self: Any, replication_task_arn: str) -> Any:
        task = _not_found(self.replication_tasks, replication_task_arn)
        if task.status not in ("ready", "stopped", "failed"):
            raise _wrong_state(f"The task is {task.status}.")
        task.start_date, task.__dict__["looks_left"] = utcnow(), READY_AFTER["looks"]
        becomes(task, "starting", "running")
        return task

    def stop_replication_task(self: Any, replication_task_arn: str) -> Any:
        task = _not_found(self.replication_tasks, replication_task_arn)
        if task.status != "running":
            raise _wrong_state(f"The task is {task.status}.")
        task.stop_date = utcnow()
        becomes(task, "stopping", "stopped")
        return task

    def delete_replication_task(self: Any, replication_task_arn: str) -> Any:
        task = _not_found(self.replication_tasks, replication_task_arn)
        if task.status not in ("ready", "stopped", "failed"):
            raise _wrong_state(f"The task is {task.status}.")
        becomes(task, "deleting", "deleting", lambda: delete(self, replication_task_arn))
        return task

    def to_dict(self: Any) -> dict[str, Any]:
        answer = told(self)
        if self.start_date is None:
            stats = {"FullLoadProgressPercent": 0, "TablesLoaded": 0, "TablesQueued": 0}
        elif progressed(self) < 1:
            stats = {"FullLoadProgressPercent": 50, "TablesLoaded": 1, "TablesQueued": 1}
        else:
            stats = {"FullLoadProgressPercent": 100, "TablesLoaded": len(TABLES), "TablesQueued": 0}
        answer["ReplicationTaskStats"] |= stats
        return answer

    Backend.create_replication_task = create_replication_task  # type: ignore[method-assign]
    Backend.start_replication_task = start_replication_task  # type: ignore[method-assign]
    Backend.stop_replication_task = stop_replication_task  # type: ignore[method-assign]
    Backend.delete_replication_task = delete_replication_task  # type: ignore[method-assign]
    FakeReplicationTask.to_dict = to_dict  # type: ignore[method-assign]


def progressed(task: Any) -> float:
    """How far the task is, up to 1; a look brings it on."""
    left = task.__dict__.get("looks_left", 0)
    if left and task.status == "running":
        task.__dict__["looks_left"] = left - 1
    return 0.5 if left else 1.0


def _statistics() -> None:
    from moto.dms.responses import DatabaseMigrationServiceResponse

    def describe_table_statistics(self: Any) -> str:
        task = _not_found(self.dms_backend.replication_tasks, self._get_param("ReplicationTaskArn"))
        rules = json.loads(task.table_mappings)["rules"]
        schemas = [one["object-locator"]["schema-name"] for one in rules if one["rule-type"] == "selection"]
        state = "Not enabled"
        if json.loads(task.replication_task_settings or "{}").get("ValidationSettings", {}).get("EnableValidation"):
            state = "Validated" if progressed(task) == 1 else "Pending records"
        tables = [
            {"SchemaName": schema.replace("%", "public"), "TableName": table, "TableState": "Table completed", "ValidationState": state}
            for schema in schemas
            for table in TABLES
        ]
        return json.dumps({"ReplicationTaskArn": task.arn, "TableStatistics": tables if task.start_date else []})

    DatabaseMigrationServiceResponse.describe_table_statistics = describe_table_statistics  # type: ignore[attr-defined]
