"""A stand-in for the AWS provider that knows its schema and does nothing: what `terraform validate` asks of a provider.

It speaks version 5 of Terraform's plugin protocol, whose messages are written by hand here. It runs in a Python that has grpcio:

    stand_in_provider.py aws_provider_schema.json

Source: HashiCorp, terraform-plugin-go, "tfplugin5" (numbers of fields); go-plugin, "Plugin handshake".
"""

import json
import sys
from collections.abc import Callable, Mapping
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc

LIST = 2  # nesting of a block
Schema = Mapping[str, Any]


def number(field: int, value: int) -> bytes:
    """A field of a message that is a number."""
    return _varint(field << 3) + _varint(value) if value else b""


def piece(field: int, value: bytes) -> bytes:
    """A field of a message that is text or a message."""
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*written, value))


def type_of(said: str) -> Any:
    """A type of the table as Terraform's JSON has it; what the table does not say may be anything."""
    if "(" in said:
        kind, _, inner = said.removesuffix(")").partition("(")
        return [kind, type_of(inner)]
    return said if said in ("string", "number", "bool") else "dynamic"


def attribute(name: str, type_: Any, *, required: bool = False, optional: bool = False, computed: bool = False) -> bytes:
    """An attribute of a block."""
    flags = number(4, int(required)) + number(5, int(optional)) + number(6, int(computed))
    return piece(2, piece(1, name.encode()) + piece(2, json.dumps(type_).encode()) + flags)


def block(schema: Schema, *, is_whole: bool = False) -> bytes:
    """A block with its attributes and the blocks within."""
    required, arguments = set(schema.get("required", ())), schema.get("arguments", {})
    written = []
    for name, said in arguments.items():
        is_needed = name in required
        written.append(attribute(name, type_of(said), required=is_needed, optional=not is_needed, computed=not is_needed))
    given = {*schema.get("attributes", ()), *(("id",) if is_whole else ())} - set(arguments)
    written += [attribute(name, "dynamic", computed=True) for name in sorted(given)]
    for name, inner in schema.get("blocks", {}).items():
        if inner.get("attribute"):
            written.append(attribute(name, ["set", _object(inner)], optional=True, computed=True))
        elif "again" not in inner:
            bounds = number(4, int(name in required)) + number(5, inner.get("most", 0))
            written.append(piece(3, piece(1, name.encode()) + piece(2, block(inner)) + number(3, LIST) + bounds))
    return b"".join(written)


def _object(schema: Schema) -> Any:
    members = {name: type_of(said) for name, said in schema.get("arguments", {}).items()}
    return ["object", members | {name: ["list", _object(inner)] for name, inner in schema.get("blocks", {}).items()}]


def provider_schema(table: Mapping[str, Any]) -> bytes:
    """The answer to GetSchema."""
    role = {"arguments": {"role_arn": "string"}}
    own = {"arguments": {"region": "string", "allowed_account_ids": "set(string)"}, "blocks": {"assume_role": role}}
    answer = [piece(1, piece(2, block(own)))]
    for field, found in ((2, table["resources"]), (3, table["data_sources"])):
        for name, schema in found.items():
            answer.append(piece(field, piece(1, name.encode()) + piece(2, piece(2, block(schema, is_whole=True)))))
    return b"".join(answer)


class Provider(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpcio is in another environment
    """Answers what is asked while code is validated, and nothing else."""

    def __init__(self, schema: bytes) -> None:
        def nothing(*_: Any) -> bytes:
            return b""

        self.answers: dict[str, Callable[..., bytes]] = {
            "GetSchema": lambda *_: schema,
            "PrepareProviderConfig": lambda request, _: request,  # field 1 of both is the configuration
            "ValidateResourceTypeConfig": nothing,
            "ValidateDataSourceConfig": nothing,
            "Stop": nothing,
        }

    def service(self, handler_call_details: Any) -> Any:
        """What answers a call; None: it is not implemented."""
        service, _, method = handler_call_details.method.lstrip("/").partition("/")
        answer = self.answers.get(method) if service == "tfplugin5.Provider" else None
        return None if answer is None else grpc.unary_unary_rpc_method_handler(answer)


def main() -> None:
    """Serve on a port of this machine until Terraform ends the process."""
    table = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((Provider(provider_schema(table)),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"1|5|tcp|127.0.0.1:{port}|grpc|", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
