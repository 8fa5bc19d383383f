"""A blueprint as Terraform: a module for each unit, and a root for each wave that calls them."""

from collections import defaultdict

from cloudmigrate.domain.iac.hcl import Block, Remark
from cloudmigrate.domain.iac.links import Links
from cloudmigrate.domain.iac.model import Blueprint, TargetResource
from cloudmigrate.domain.iac.shapes.catalogue import SHAPE_OF
from cloudmigrate.domain.iac.terraform_module import Module, module_files, module_of
from cloudmigrate.domain.iac.terraform_root import root_files, wave_folder
from cloudmigrate.domain.iac.values import Ref


def terraform_files(blueprint: Blueprint, links: Links) -> dict[str, tuple[Block | Remark, ...]]:
    """Every file by its path, sorted. Raises KeyError for a property or an attribute that a type's shape does not name."""
    modules = [module_of(unit, links) for unit in blueprint.units]
    given = _given(modules, links)
    waves: defaultdict[int, list[Module]] = defaultdict(list)
    files: dict[str, tuple[Block | Remark, ...]] = {}
    for module in modules:
        waves[module.unit.wave].append(module)
        own = module_files(module, given.get(module.unit.name, ()), links)
        files |= {f"modules/{module.unit.name}/{name}": found for name, found in own.items()}
    for wave, members in waves.items():
        files |= {f"waves/{wave_folder(wave)}/{name}": found for name, found in root_files(wave, members, given, links).items()}
    return dict(sorted(files.items()))


def not_in_terraform(blueprint: Blueprint) -> list[TargetResource]:
    """Resources that only CloudFormation has, as no shape says what they are in Terraform."""
    return [one for unit in blueprint.units for one in unit.resources if one.type not in SHAPE_OF]


def _given(modules: list[Module], links: Links) -> dict[str, list[Ref]]:
    """Unit -> what modules of others take of it, in order."""
    found: defaultdict[str, set[Ref]] = defaultdict(set)
    for module in modules:
        for ref in module.inputs.values():
            found[links.unit_of[ref.key].name].add(ref)
    return {name: sorted(refs, key=lambda one: (one.key, one.attribute)) for name, refs in found.items()}
