"""A wave as a root of Terraform: providers of its places, calls of its units' modules, what earlier waves gave, and what exists."""

import re
from collections.abc import Iterator, Mapping, Sequence

from cloudmigrate.domain.iac.hcl import Attribute, Block, Code, Expression, Merged, Remark
from cloudmigrate.domain.iac.import_ids import import_id
from cloudmigrate.domain.iac.links import Links
from cloudmigrate.domain.iac.model import Place
from cloudmigrate.domain.iac.shapes.catalogue import SHAPE_OF
from cloudmigrate.domain.iac.terraform import address, shape_of
from cloudmigrate.domain.iac.terraform_module import Module, given_name, terraform_block, variable_block
from cloudmigrate.domain.iac.values import Ref

MODULES = "../../modules"
STATE = "terraform.tfstate"


def wave_folder(wave: int) -> str:
    """The folder of a wave: in order of application when sorted."""
    return "00-foundation" if wave == 0 else f"{wave:02d}"


def root_files(
    wave: int, modules: Sequence[Module], given: Mapping[str, Sequence[Ref]], links: Links
) -> dict[str, tuple[Block | Remark, ...]]:
    """The files of a wave's root by name. None of them is empty. *given*: by unit."""
    earlier = sorted({links.unit_of[ref.key].wave for one in modules for ref in one.inputs.values()} - {wave})
    files = {
        "main.tf": (*(_state(number) for number in earlier), *(_call(one, wave, links) for one in modules)),
        "imports.tf": tuple(_imports(modules)),
        "outputs.tf": tuple(_outputs(modules, given, links)),
        "providers.tf": tuple(_provider(place) for place in sorted({one.unit.place for one in modules})),
        "variables.tf": (ROLES, *(STATES if earlier else ()), *_asked(modules)),
        "versions.tf": (
            Remark('State stays in this folder. To keep it in S3, add backend_override.tf: terraform { backend "s3" { ... } }, with'),
            Remark(f'key = "cloudmigrate/{wave_folder(wave)}/{STATE}"; later waves are told by state_backend and state_config.'),
            terraform_block(),
        ),
    }
    return {name: found for name, found in files.items() if found}


def _alias(place: Place) -> str:
    return re.sub(r"[^a-z0-9]+", "_", f"in_{place.account_id}_{place.region}".lower())


def _provider(place: Place) -> Block:
    role = Code(f'compact([lookup(var.assume_role_arns, "{re.sub("[^0-9]", "", place.account_id)}", "")])')
    content = Block("content", (), (Attribute("role_arn", Code("assume_role.value")),))
    body = (
        Attribute("alias", _alias(place)),
        Attribute("region", place.region),
        Attribute("allowed_account_ids", (place.account_id,)),
        Block("dynamic", ("assume_role",), (Attribute("for_each", role), content)),
    )
    return Block("provider", ("aws",), body)


def _call(module: Module, wave: int, links: Links) -> Block:
    providers: Expression = {"aws": Code(f"aws.{_alias(module.unit.place)}")}
    values = {name: Code(f"var.{name}") for name in module.asked}
    values |= {name: _given(ref, wave, links) for name, ref in module.inputs.items()}
    body = [Attribute("source", f"{MODULES}/{module.unit.name}"), Attribute("providers", providers)]
    body += [Attribute(name, value) for name, value in sorted(values.items())]
    others = sorted(_needed(module, wave, links))
    if others:
        body.append(Attribute("depends_on", tuple(Code(f"module.{_call_name(one)}") for one in others)))
    return Block("module", (module.name,), tuple(body))


def _needed(module: Module, wave: int, links: Links) -> Iterator[str]:
    """Units of the wave that have to be there first, though nothing of them is referred to."""
    keys = {key for one in module.unit.resources for key in one.needs if key in links.unit_of}
    units = {links.unit_of[key].name: links.unit_of[key] for key in keys}
    yield from (name for name, one in units.items() if one.wave == wave and one is not module.unit)


def _given(ref: Ref, wave: int, links: Links) -> Code:
    unit, name = links.unit_of[ref.key], given_name(ref, links)
    if unit.wave == wave:
        return Code(f"module.{_call_name(unit.name)}.{name}")
    return Code(f"data.terraform_remote_state.{_state_name(unit.wave)}.outputs.{name}")


def _call_name(unit: str) -> str:
    return unit.replace("-", "_")


def _state_name(wave: int) -> str:
    return "foundation" if wave == 0 else f"wave_{wave:02d}"


def _state(wave: int) -> Block:
    """Where what an earlier wave gave is read."""
    folder = wave_folder(wave)
    here = f'tomap({{ path = "${{path.module}}/../{folder}/{STATE}" }})'
    there = f'tomap({{ key = "${{var.state_key_prefix}}/{folder}/{STATE}" }})'
    which = Code(f'var.state_backend == "local" ? {here} : {there}')
    body = (Attribute("backend", Code("var.state_backend")), Attribute("config", Merged((Code("var.state_config"), which))))
    return Block("data", ("terraform_remote_state", _state_name(wave)), body)


def _asked(modules: Sequence[Module]) -> Iterator[Block]:
    found = {name: variable for one in modules for name, variable in one.asked.items()}
    yield from (variable_block(variable) for _, variable in sorted(found.items()))


def _outputs(modules: Sequence[Module], given: Mapping[str, Sequence[Ref]], links: Links) -> Iterator[Block]:
    found = {given_name(ref, links): (one, ref) for one in modules for ref in given.get(one.unit.name, ())}
    for name, (module, ref) in sorted(found.items()):
        told = f"{ref.attribute or 'Id'} of {links.resources[ref.key].name}."
        yield Block("output", (name,), (Attribute("description", told), Attribute("value", Code(f"module.{module.name}.{name}"))))


def _imports(modules: Sequence[Module]) -> Iterator[Block | Remark]:
    """What exists is taken over, not made anew."""
    for module in modules:
        for one in sorted(module.unit.resources, key=lambda one: one.key):
            if one.exists_as is None or one.type not in SHAPE_OF:
                continue
            form = shape_of(one).import_id
            found = import_id(one, form)
            to = f"module.{module.name}.{address(one)}"
            if found is None:
                yield Remark(f"{to} exists as {one.exists_as}, which does not tell its id for an import ({form}): import it by hand.")
            else:
                yield Block("import", (), (Attribute("to", Code(to)), Attribute("id", found)))


ROLES = Block(
    "variable",
    ("assume_role_arns",),
    (
        Attribute("type", Code("map(string)")),
        Attribute("description", "Role to assume in an account of the target, by account id. None: the credentials as they are."),
        Attribute("default", {}),
        Block(
            "validation",
            (),
            (
                Attribute("condition", Code('alltrue([for arn in values(var.assume_role_arns) : startswith(arn, "arn:")])')),
                Attribute("error_message", "Each value of assume_role_arns is the ARN of a role."),
            ),
        ),
    ),
)
STATES = (
    Block(
        "variable",
        ("state_backend",),
        (
            Attribute("type", Code("string")),
            Attribute("description", "Where earlier waves keep their state: local (in their folders) or s3."),
            Attribute("default", "local"),
            Block(
                "validation",
                (),
                (
                    Attribute("condition", Code('contains(["local", "s3"], var.state_backend)')),
                    Attribute("error_message", "state_backend is local or s3."),
                ),
            ),
        ),
    ),
    Block(
        "variable",
        ("state_config",),
        (
            Attribute("type", Code("map(string)")),
            Attribute("description", "What that backend needs besides each wave's key, such as bucket and region."),
            Attribute("default", {}),
        ),
    ),
    Block(
        "variable",
        ("state_key_prefix",),
        (
            Attribute("type", Code("string")),
            Attribute("description", "What each wave's key in S3 begins with."),
            Attribute("default", "cloudmigrate"),
        ),
    ),
)
