"""botocore's service models cut down to the operations that are called: clients are made in half the time and hold a tenth.

botocore makes a method for each of EC2's 830 operations, in a new class for each client; we call 27 of them. Ten accounts of four
regions are a thousand clients: whole models cost more time than all calls and hundreds of megabytes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any, Protocol

from botocore import xform_name
from botocore.loaders import ExtrasProcessor

from cloudmigrate.aws.resource_type import ResourceType

Operations = Mapping[str, frozenset[str]]  # service -> operations by the names of client methods, such as describe_instances
SERVICE_MODEL = "service-2"
EXTRAS = "service-2.sdk-extras"  # what botocore adds to a service's own model: to be cut with it
# What botocore calls by itself: where a bucket lies, when S3 says that it is not here.
CALLED_BY_BOTOCORE: Operations = {"s3": frozenset({"head_bucket"})}


class ModelFiles(Protocol):
    """A file loader of botocore's `Loader`."""

    def exists(self, file_path: str) -> bool:
        """Whether there is such a file."""

    def load_file(self, file_path: str) -> Any:
        """The document in it; None when there is none."""


class CutModels:
    """The file loader *files*, whose service models have no other operations than *operations*; other services stay whole."""

    def __init__(self, files: ModelFiles, operations: Operations) -> None:
        self._files = files
        self._operations = operations

    def exists(self, file_path: str) -> bool:
        """Whether there is such a file."""
        return self._files.exists(file_path)

    def load_file(self, file_path: str) -> Any:
        """The document at ``.../SERVICE/API VERSION/KIND``; None when there is none."""
        path = PurePath(file_path)
        service = path.parent.parent.name
        if service not in self._operations or path.name not in (SERVICE_MODEL, EXTRAS):
            return self._files.load_file(file_path)
        if path.name == EXTRAS:
            return None  # they are in the model already
        model = self._files.load_file(file_path)
        if model is None:
            return None
        extras = self._files.load_file(str(path.with_name(EXTRAS)))
        ExtrasProcessor().process(model, [extras] if extras else [])
        return cut(model, self._operations[service] | CALLED_BY_BOTOCORE.get(service, frozenset()))


def cut(model: Mapping[str, Any], operations: Iterable[str]) -> dict[str, Any]:
    """The service model with these operations only, and the shapes that they use."""
    wanted = frozenset(operations)
    kept = {name: operation for name, operation in model["operations"].items() if xform_name(name) in wanted}
    shapes = model["shapes"]
    used: set[str] = set()
    waiting = list(_named_shapes(kept))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting.extend(_named_shapes(shapes[name]))
    return {**model, "operations": kept, "shapes": {name: shape for name, shape in shapes.items() if name in used}}


def operations_of(rows: Iterable[ResourceType], further: Mapping[str, Iterable[str]] | None = None) -> Operations:
    """Every operation that *rows* call, by service, and *further* ones."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.service].add(row.operation)
        if row.parent is not None:
            found[row.service].add(row.parent.operation)
        for call in row.calls:
            found[call.service or row.service].add(call.operation)
    for service, operations in (further or {}).items():
        found[service].update(operations)
    return {service: frozenset(operations) for service, operations in found.items()}


def _named_shapes(part: Any) -> Iterator[str]:
    """The names of shapes that *part* of a model refers to: members, elements, keys, values, inputs, outputs, errors."""
    if isinstance(part, Mapping):
        name = part.get("shape")
        if isinstance(name, str):
            yield name
        for inner in part.values():
            yield from _named_shapes(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _named_shapes(inner)
