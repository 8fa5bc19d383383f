"""The compiled code of flow logs: made by numba once per installation, kept as machine code, loaded without numba, which takes a second.

What is kept lies beside the modules as byte code does, or else in the user's cache, under a name that tells of which sources, compiler
and processor it is. numba comes with the extra `fast`.
"""

import contextlib
import ctypes
import functools
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

SOURCES = ("flow_words", "flow_kernel", "flow_settling", "flow_entries", "flow_table", "flow_fields", "flow_blocks")
HERE = Path(__file__).parent
FOLDERS = (HERE / "__pycache__", Path("~/.cache/cloudmigrate"))
TOLD = "entries.json"
# Names of numba's and Python's, needed to raise exceptions and to count references: what none of ours does.
UNREACHED = ("numba_", "NRT_", "Py")

Array = npt.NDArray[Any]
# What read_rows is given: numbers, places of texts in their lists, these lists.
COLUMNS = (*(np.int32,) * 4, *(np.int64,) * 4, *(np.int32,) * 5, np.uint64, np.int64, np.int64, np.int8, np.int8)
RETURNING = ("add",)  # an integer


@dataclass(frozen=True, slots=True)
class Compiled:
    """One function as machine code that refers to nothing outside: its name there, and how many arguments it takes."""

    code: bytes
    symbol: str
    arguments: int  # all are addresses or integers of 64 bits


class Room:
    """Where compiled code finds what is the same in all its calls: who serves, as `flow_sides` tells, and arrays to write to."""

    def __init__(self, sides: tuple[Array, ...], index: Array, waiting: Array, met: Array) -> None:
        self._kept_alive = (sides, index, waiting, met)
        tables = ((index, np.uint32), (waiting, np.int64), (met, np.uint64))
        told = (_at(one, kind) for one, kind in zip(sides, (np.int8, np.int8, np.int8, np.bool_), strict=True))
        self.places = (*told, *(number for one, kind in tables for number in (_at(one, kind), len(one))))


class Native:
    """The functions of `flow_kernel` and `flow_settling`; all let other threads run."""

    def __init__(self, functions: dict[str, Any], kept_alive: list[Any]) -> None:
        self._functions = functions
        self._kept_alive = kept_alive

    def add(self, waiting: Array, count: int, index: Array, rows: Array, used: int) -> int:
        """See `flow_kernel.add`."""
        given = (_at(waiting, np.int64), count, _at(index, np.uint32), len(index), _at(rows, np.int64), len(rows), used)
        found: int = self._functions["add"](*given)
        return found

    def read_lines(
        self, text: Array, size: int, begin: int, roles: Array, latest: int, longest: int, room: Room, others: Array, totals: Array
    ) -> tuple[int, int, int, bool]:
        """See `flow_kernel.read_lines`."""
        found = np.zeros(4, np.int64)
        self._functions["read_lines"](
            _at(text, np.uint8), size, begin, _at(roles, np.int8), len(roles), latest, longest, *room.places,
            _at(others, np.int64), len(others), _at(totals, np.int64), _at(found, np.int64),
        )  # fmt: skip
        at, waits, left, is_header = found.tolist()
        return at, waits, left, bool(is_header)

    def read_rows(
        self,
        columns: Sequence[tuple[Array, ...]],
        left_out: Array,
        latest: int,
        longest: int,
        room: Room,
        taken: Array,
        totals: Array,
    ) -> Iterator[int]:
        """Take all rows of *columns* (`flow_columns.columns_of`), as many at a time as may wait: how many do (`flow_kernel.read_rows`)."""
        kept = [*zip((one for some in columns for one in some), COLUMNS, strict=True), (left_out, np.bool_)]
        found = np.zeros(2, np.int64)
        given = (
            len(taken), *(_at(one, kind) for one, kind in kept), len(left_out), latest, longest, *room.places,
            _at(taken, np.bool_), _at(totals, np.int64), _at(found, np.int64),
        )  # fmt: skip
        while found[0] < len(taken):
            self._functions["read_rows"](int(found[0]), *given)
            yield int(found[1])

    def addresses_of(self, text: Array, bounds: Array) -> Array:
        """The number of each IPv4 address of a list (`flow_kernel.addresses_of`)."""
        found = np.empty(len(bounds) - 1, np.int64)
        self._functions["addresses_of"](_at(text, np.uint8), len(text), _at(bounds, np.int32), len(found), _at(found, np.int64))
        return found

    def interfaces_of(self, text: Array, bounds: Array) -> Array:
        """The number of each interface of a list (`flow_kernel.interfaces_of`)."""
        found = np.empty(len(bounds) - 1, np.uint64)
        self._functions["interfaces_of"](_at(text, np.uint8), len(text), _at(bounds, np.int32), len(found), _at(found, np.uint64))
        return found

    def mark_loose(self, rows: Array, marks: Array, *, is_text: bool) -> None:
        """See `flow_settling.mark_loose`."""
        self._functions["mark_loose"](_at(rows, np.int64), *rows.shape, is_text, _at(marks, np.uint8), len(marks))

    def settled(self, rows: Array, marks: Array, bounds: Array) -> list[Array]:
        """Where the settled rows of each share are, and last where the others are (`flow_settling.settled`)."""
        share, found, ends = np.empty(len(rows), np.uint8), np.empty(len(rows), np.int64), np.zeros(len(bounds) + 2, np.int64)
        self._functions["settled"](
            _at(rows, np.int64), len(rows), _at(marks, np.uint8), len(marks), _at(bounds, np.uint64), len(bounds), _at(share, np.uint8),
            _at(found, np.int64), _at(ends, np.int64),
        )  # fmt: skip
        return np.split(found, ends[:-1])


@functools.cache
def native() -> Native | None:
    """The compiled code, compiled now if it never was; None where numba is not installed."""
    try:
        from llvmlite import binding
    except ImportError:
        return None
    name = _name(binding)
    kept = _kept(name)
    if kept is None:
        kept = _compile(binding)
        _keep(name, kept)
    return _loaded(binding, kept)


def _at(array: Array, kind: Any) -> int:
    """The address of an array that compiled code reads or writes; it would not notice another kind or a wider stride."""
    if array.dtype != kind or not array.flags.c_contiguous:
        raise TypeError(f"an array of {array.dtype} with strides {array.strides} is not what compiled code was made for: {np.dtype(kind)}")
    address: int = array.ctypes.data
    return address


def _name(binding: ModuleType) -> str:
    """A name that changes with whatever the machine code depends on."""
    sources = b"\0".join((HERE / f"{one}.py").read_bytes() for one in SOURCES)
    machine = (binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten(), binding.get_default_triple())
    compilers = (metadata.version("numba"), metadata.version("llvmlite"), metadata.version("numpy"))
    digest = hashlib.sha256(sources + repr((machine, compilers)).encode()).hexdigest()
    return f"flow_entries.{digest[:16]}.zip"


def _kept(name: str) -> dict[str, Compiled] | None:
    """What was kept under that name; None where nothing whole was."""
    for folder in FOLDERS:
        with contextlib.suppress(OSError, zipfile.BadZipFile, KeyError, ValueError), zipfile.ZipFile(folder.expanduser() / name) as file:
            told = json.loads(file.read(TOLD))
            return {entry: Compiled(file.read(entry), one["symbol"], one["arguments"]) for entry, one in told.items()}
    return None


def _keep(name: str, compiled: dict[str, Compiled]) -> None:
    """Keep it in the first folder that can be written to; where none can, the next process compiles again."""
    for folder in FOLDERS:
        path = folder.expanduser() / name
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with zipfile.ZipFile(draft, "w") as file:
                    told = {entry: {"symbol": one.symbol, "arguments": one.arguments} for entry, one in compiled.items()}
                    file.writestr(TOLD, json.dumps(told))
                    for entry, one in compiled.items():
                        file.writestr(entry, one.code)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
            return


def _compile(binding: ModuleType) -> dict[str, Compiled]:
    """All entries as machine code of this processor."""
    from cloudmigrate.lake.flow_entries import ENTRIES

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=3, codemodel="jitdefault", jit=True
    )
    compiled = {}
    for name, entry in ENTRIES.items():
        module = binding.parse_assembly(entry.inspect_llvm())
        _seal(binding, module)
        compiled[name] = Compiled(machine.emit_object(module), entry.native_name, entry.__wrapped__.__code__.co_argcount)
    return compiled


def _seal(binding: ModuleType, module: Any) -> None:
    """Give the module functions that end the process and variables that are empty, instead of those which it names but never reaches."""
    functions, variables = (
        [one.name for one in some if one.is_declaration and one.name.startswith(UNREACHED)]
        for some in (module.functions, module.global_variables)
    )
    ends = "declare void @llvm.trap()\n" + "".join(f"define void @{one}() {{ call void @llvm.trap() unreachable }}\n" for one in functions)
    module.link_in(binding.parse_assembly(ends + "".join(f"@{one} = global i8 0\n" for one in variables)))
    for one in functions:
        module.get_function(one).linkage = "internal"
    for one in variables:
        module.get_global_variable(one).linkage = "internal"


def _loaded(binding: ModuleType, compiled: dict[str, Compiled]) -> Native:
    """The functions, ready to be called."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    functions: dict[str, Any] = {}
    engines = []
    for name, one in compiled.items():
        machine = binding.Target.from_default_triple().create_target_machine(jit=True)
        engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
        engine.add_object_file(binding.ObjectFileRef.from_data(one.code))
        engine.finalize_object()
        engines.append(engine)
        kind = ctypes.CFUNCTYPE(ctypes.c_int64 if name in RETURNING else None, *[ctypes.c_int64] * one.arguments)
        functions[name] = kind(engine.get_function_address(one.symbol))
    return Native(functions, engines)
