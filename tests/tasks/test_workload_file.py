"""The estate's list of workloads: read from where the estate file says, or told why not."""

from pathlib import Path

import pytest

from cloudmigrate.domain.workload_mapping import Mapped, WorkloadMapping
from cloudmigrate.errors.inputs import WorkloadFileError
from cloudmigrate.estate_file import load_estate
from tasks.workloads import mapping_of

ESTATE = 'estate: acme\naccounts: [{id: "111111111111", regions: [eu-central-1]}]\n'


def mapping(folder: Path, line: str) -> WorkloadMapping:
    path = folder / "estate.yaml"
    path.write_text(ESTATE + line)
    return mapping_of(load_estate(path))


def test_the_file_lies_beside_the_estate_file(tmp_path: Path) -> None:
    (tmp_path / "ours.csv").write_text("uid,workload\narn:a,Shop\n", encoding="utf-8-sig")

    assert mapping(tmp_path, "workloads: ours.csv\n") == WorkloadMapping("ours.csv", {"arn:a": Mapped("Shop", 2)})


def test_an_exported_table_names_workloads_as_they_were(tmp_path: Path) -> None:
    """The export keeps a spreadsheet from running a name: `=x` is written as `'=x`."""
    exported = "uid,name,type,workload,wave\r\narn:a,web,AWS::EC2::Instance,'=x,1\r\n"
    (tmp_path / "waves.csv").write_text(exported, newline="")

    assert mapping(tmp_path, "workloads: waves.csv\n").by_uid == {"arn:a": Mapped("=x", 2)}


def test_an_estate_without_one_has_none(tmp_path: Path) -> None:
    assert mapping(tmp_path, "") == WorkloadMapping()


def test_a_missing_file_is_told_with_its_path_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkloadFileError, match=r"ours\.csv is not .*\n.*No such file.*\nNext: mend the path under workloads"):
        mapping(tmp_path, "workloads: ours.csv\n")


def test_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "ours.csv").write_bytes("uid,workload\narn:a,Käse\n".encode("latin-1"))

    with pytest.raises(WorkloadFileError, match="line 2: is not UTF-8"):
        mapping(tmp_path, "workloads: ours.csv\n")
