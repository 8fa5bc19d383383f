"""What checkov finds in the code of a blueprint, and what it would find in the source as code. No cloud call, no Prefect."""

import tempfile
from pathlib import Path

from cloudmigrate import checkov
from cloudmigrate.domain.iac.findings import Finding, FindingsDelta, as_the_source_is, findings_delta
from cloudmigrate.domain.iac.links import links_of
from cloudmigrate.domain.iac.model import Blueprint
from cloudmigrate.domain.iac.terraform_files import terraform_files
from reports.iac.hcl_text import hcl_text

MODULES = "modules/"  # the roots only call them


def scanned(blueprint: Blueprint, executable: Path) -> FindingsDelta:
    """New, kept and gone findings. Raises ScannerError."""
    scanner = checkov.version(executable)
    if not any(unit.resources for unit in blueprint.units):
        return findings_delta(scanner, (), ())
    return findings_delta(scanner, _found(blueprint, executable), _found(as_the_source_is(blueprint), executable))


def _found(blueprint: Blueprint, executable: Path) -> frozenset[Finding]:
    with tempfile.TemporaryDirectory(prefix="cloudmigrate-") as made:
        for path, blocks in terraform_files(blueprint, links_of(blueprint.units)).items():
            if path.startswith(MODULES):
                target = Path(made) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(hcl_text(blocks), encoding="utf-8", errors="replace")
        return checkov.findings(executable, Path(made))
