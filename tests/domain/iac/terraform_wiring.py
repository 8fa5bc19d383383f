"""Whether the files of a tree of Terraform fit one another: every name that is used is declared, in its folder or where it comes from."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from cloudmigrate.domain.iac.hcl import Attribute, Block, Remark, codes
from tests.domain.iac.provider_schema import complaints_of_blocks

CALL_ARGUMENTS = {"source", "providers", "depends_on"}
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_WITHIN = re.compile(r"\$\{([^}]*)\}")
_NAME = re.compile(r"(?<![\w.])((?:data\.)?[a-z]\w*(?:\.\w+)+)")
Files = Mapping[str, Sequence[Block | Remark]]


def complaints_of_tree(files: Files) -> Iterator[str]:
    """Everything that `terraform validate` would not take, as far as names and the provider's schema go."""
    folders: defaultdict[str, list[Block]] = defaultdict(list)
    for path, found in files.items():
        if not found:
            yield f"{path} is empty"
        folders[str(PurePosixPath(path).parent)] += [one for one in found if isinstance(one, Block)]
    for folder, blocks in folders.items():
        yield from (f"{folder}: {one}" for one in complaints_of_blocks(tuple(blocks)))
        yield from (f"{folder}: {one}" for one in _of_folder(folder, blocks, folders))


def _of_folder(folder: str, blocks: Sequence[Block], folders: Mapping[str, Sequence[Block]]) -> Iterator[str]:
    declared = _declared(blocks)
    for one in sorted({one for one in declared if declared.count(one) > 1 and one != "provider.aws"}):
        yield f"{one} is declared twice"
    for block in blocks:
        if block.type == "module":
            yield from _of_call(block, folders.get(_beneath(folder, block)))
        for text in codes(block):
            for name in _NAME.findall(_STRING.sub(lambda found: " ".join(_WITHIN.findall(found.group(1))), text)):
                yield from _of_name(name, folder, blocks, declared, folders)


def _declared(blocks: Sequence[Block]) -> list[str]:
    found = []
    for one in blocks:
        if one.type == "locals":
            found += [f"local.{member.name}" for member in one.body if isinstance(member, Attribute)]
        elif one.type == "provider":
            found.append(f"aws.{_text(one, 'alias')}")
        elif one.type not in ("terraform", "import"):
            first = {"variable": ("var",), "resource": (), "data": ("data",)}.get(one.type, (one.type,))
            found.append(".".join((*first, *one.labels)))
    return found


def _of_name(
    name: str, folder: str, blocks: Sequence[Block], declared: Sequence[str], folders: Mapping[str, Sequence[Block]]
) -> Iterator[str]:
    parts = name.split(".")
    if parts[0] in ("path", "assume_role", "each"):
        return
    length = 3 if parts[0] == "data" else 2
    if ".".join(parts[:length]) not in declared:
        yield f"{name} is declared nowhere"
    elif parts[0] == "module":
        call = next(one for one in blocks if one.type == "module" and one.labels == (parts[1],))
        there = _declared(folders[_beneath(folder, call)])
        inner = ".".join(parts[2:4])
        if len(parts) == 3 and f"output.{parts[2]}" not in there:
            yield f"{name} is no output"
        if len(parts) > 3 and inner not in there:
            yield f"{name} is not in the module"
    elif parts[:2] == ["data", "terraform_remote_state"]:
        wave = "00-foundation" if parts[2] == "foundation" else parts[2].removeprefix("wave_")
        if f"output.{parts[4]}" not in _declared(folders.get(f"{PurePosixPath(folder).parent}/{wave}", ())):
            yield f"{name} is no output"


def _of_call(call: Block, inner: Sequence[Block] | None) -> Iterator[str]:
    if inner is None:
        yield f"module {call.labels[0]} has no files"
        return
    given = {one.name for one in call.body if isinstance(one, Attribute)} - CALL_ARGUMENTS
    asked = {one.labels[0]: one for one in inner if one.type == "variable"}
    needed = {name for name, one in asked.items() if not any(isinstance(part, Attribute) and part.name == "default" for part in one.body)}
    yield from (f"module {call.labels[0]} has no variable {name}" for name in sorted(given - set(asked)))
    yield from (f"module {call.labels[0]} lacks {name}" for name in sorted(needed - given))


def _beneath(folder: str, call: Block) -> str:
    """The folder of a call's module."""
    ups, _, rest = _text(call, "source").rpartition("../")
    return str(PurePosixPath(*PurePosixPath(folder).parts[: -(ups.count("..") + 1)], rest))


def _text(block: Block, name: str) -> str:
    return next(str(one.value) for one in block.body if isinstance(one, Attribute) and one.name == name)
