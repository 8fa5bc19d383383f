"""The Terraform of an estate with every type: it fits together, the provider knows every name of it, and a parser reads it."""

import hcl2
import pytest

from cloudmigrate.domain.iac.assemble import blueprint
from cloudmigrate.domain.iac.hcl import Block
from cloudmigrate.domain.iac.links import links_of
from cloudmigrate.domain.iac.making import Decided
from cloudmigrate.domain.iac.terraform_files import not_in_terraform, terraform_files
from reports.iac.hcl_text import hcl_text
from reports.iac.tree import iac_tree
from tests.domain.iac.sample_estate import ELSEWHERE, VARIANTS, document_of, hostile_rows, resource_of
from tests.domain.iac.terraform_wiring import complaints_of_tree


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_name_is_declared_and_known_to_the_provider(variant: str) -> None:
    made = VARIANTS[variant]()
    assert list(complaints_of_tree(terraform_files(made, links_of(made.units)))) == []
    assert not_in_terraform(made) == []


def test_a_parser_reads_every_file_of_hostile_names() -> None:
    made = VARIANTS["hostile"]()
    for path, blocks in terraform_files(made, links_of(made.units)).items():
        read = hcl2.loads(hcl_text(blocks))
        written = sorted(one.type for one in blocks if isinstance(one, Block))
        assert written == sorted(name for name, some in read.items() if not name.startswith("__") for _ in some), path


def test_the_same_plan_gives_the_same_bytes_in_whatever_order_its_snapshot_is() -> None:
    rows = list(hostile_rows())
    decided = Decided(workloads={row["uid"]: row["workload"] for row in rows if row["workload"]})
    again = iac_tree(blueprint(document_of(rows), map(resource_of, reversed(rows)), ELSEWHERE, decided)).files
    terraform = {path: data for path, data in iac_tree(VARIANTS["hostile"]()).files.items() if path.endswith(".tf")}
    assert terraform
    assert {path: again[path] for path in terraform} == terraform
