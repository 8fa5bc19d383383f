"""Clients know only the operations that are called, and can do with them all that whole clients can."""

from typing import Any

import pytest
from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import Loader
from botocore.model import ServiceModel

from cloudmigrate.aws import sessions as sessions_module
from cloudmigrate.aws.catalogue import CATALOGUE
from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.models import CutModels, cut, operations_of
from cloudmigrate.aws.resource_type import Parent
from cloudmigrate.domain.estate import Scope
from cloudmigrate.simulate.emulator import Emulator
from tests.aws.conftest import OWN, own_account, sessions_of
from tests.aws.engine_rows import BUCKET, INSTANCE, QUEUE, SERVICE

MODEL = {
    "metadata": {"protocol": "json"},
    "operations": {
        "ListThings": {
            "name": "ListThings",
            "input": {"shape": "ListInput"},
            "output": {"shape": "ListOutput"},
            "errors": [{"shape": "No"}],
        },
        "DropThing": {"name": "DropThing", "input": {"shape": "DropInput"}},
    },
    "shapes": {
        "ListInput": {"type": "structure", "members": {"Filter": {"shape": "FilterMap"}}},
        "FilterMap": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
        "ListOutput": {"type": "structure", "members": {"Things": {"shape": "Things"}}},
        "Things": {"type": "list", "member": {"shape": "Thing"}},
        "Thing": {"type": "structure", "members": {"Inner": {"shape": "Thing"}, "shape": {"shape": "Form"}}},
        "Form": {"type": "string"},
        "Text": {"type": "string"},
        "No": {"type": "structure", "members": {}, "exception": True},
        "DropInput": {"type": "structure", "members": {"Name": {"shape": "DropName"}}},
        "DropName": {"type": "string"},
    },
}


def test_operations_and_their_shapes_stay_the_rest_goes() -> None:
    """Also a shape that holds itself, and a member that is called "shape"."""
    found = cut(MODEL, {"list_things"})
    assert list(found["operations"]) == ["ListThings"]
    assert list(found["shapes"]) == ["ListInput", "FilterMap", "ListOutput", "Things", "Thing", "Form", "Text", "No"]
    assert found["metadata"] == {"protocol": "json"}


def test_operations_of_rows_their_parents_and_their_calls() -> None:
    assert isinstance(SERVICE.parent, Parent)
    assert operations_of([INSTANCE, QUEUE, SERVICE]) == {
        "ec2": {"describe_instances"},
        "sqs": {"list_queues", "get_queue_attributes", "list_queue_tags"},
        "ecs": {"list_clusters", "list_services", "describe_services"},
    }


def test_every_operation_of_the_catalogue_is_the_same_as_in_the_whole_model() -> None:
    """Each input, output and error can be resolved to its last member: nothing that botocore reads was cut away."""
    loader, whole_loader = Loader(), Loader()
    loader.file_loader = CutModels(loader.file_loader, operations_of(CATALOGUE))
    for service, operations in operations_of(CATALOGUE).items():
        model, whole = (ServiceModel(one.load_service_model(service, "service-2"), service) for one in (loader, whole_loader))
        assert len(model.operation_names) == len(operations | ({"head_bucket"} if service == "s3" else set())), service
        for shape in model.shape_names:
            assert _shallow(model, shape) == _shallow(whole, shape)
        for name in model.operation_names:
            mine, theirs = model.operation_model(name), whole.operation_model(name)
            assert [one.name for one in mine.error_shapes] == [one.name for one in theirs.error_shapes]


def _shallow(model: ServiceModel, name: str) -> object:
    shape = model.shape_for(name)
    inner = {key: one.name for key, one in getattr(shape, "members", {}).items()}
    parts = [getattr(shape, part).name for part in ("member", "key", "value") if hasattr(shape, part)]
    return shape.type_name, inner, parts, shape.serialization, shape.metadata


def test_clients_have_what_was_named_and_no_more(clean_emulator: Emulator) -> None:
    sessions = sessions_of(own_account(), operations=operations_of([INSTANCE, BUCKET]))
    ec2 = sessions.client(OWN, "ec2", "us-west-2")
    assert ec2.get_paginator("describe_instances").paginate().build_full_result()["Reservations"] == []
    assert not hasattr(ec2, "terminate_instances")
    assert hasattr(sessions.client(OWN, "s3", "us-west-2"), "head_bucket")  # botocore's own way to find a bucket's region
    assert hasattr(sessions.client(OWN, "sqs", "us-west-2"), "create_queue")  # of a service that was not named: whole


def test_no_event_bears_a_name_of_old(clean_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions do without botocore's translation of old event names; this fails when botocore emits one that a handler waits for."""
    emitted: set[str] = set()

    class Listening(HierarchicalEmitter):  # type: ignore[misc]  # botocore has no types
        def _emit(self, event_name: str, kwargs: dict[str, Any], stop_on_response: bool = False) -> Any:
            emitted.add(event_name)
            return super()._emit(event_name, kwargs, stop_on_response)

    monkeypatch.setattr(sessions_module, "HierarchicalEmitter", Listening)
    account = own_account("us-west-2")
    sessions = sessions_of(account, operations=operations_of(CATALOGUE))
    for region in ("us-west-2", "global"):
        discover_region(sessions, account, region, CATALOGUE, Scope(), regions_in_scope=frozenset({"us-west-2"}))
    assert {f"before-call.{service}" for service in ("auto-scaling.DescribeAutoScalingGroups", "route-53.ListHostedZones")} <= emitted
    translated = {name: _translated(name) for name in sorted(emitted)}
    of_old = {name for name, now in translated.items() if now != name}
    waited_for = {event.split(".")[0] for event, *_ in BUILTIN_HANDLERS}
    assert {name for name in of_old if name.split(".")[0] in waited_for} == set()


def _translated(name: str) -> str:
    """The name under which botocore's aliasing emitter would emit the event."""
    heard: list[str] = []
    emitter = EventAliaser(HierarchicalEmitter())
    emitter.register(name, lambda event_name, **_: heard.append(event_name))
    emitter.emit(name)
    return heard[0]
