"""The user's file of workloads: what it may look like, and what is told of a bad one."""

import pytest

from cloudmigrate.domain.workload_mapping import Mapped, read_mapping
from cloudmigrate.errors.inputs import WorkloadFileError
from reports.exports.csv_tables import original_cell


def test_rows_are_found_by_their_header_and_further_columns_are_left() -> None:
    got = read_mapping('\ufeffwave, Workload ,UID\r\n1,"Shop, online",arn:a\r\n\r\n2,,arn:b\r\n2,shop,arn:c\n', "w.csv")

    assert got.by_uid == {"arn:a": Mapped("Shop, online", 2), "arn:c": Mapped("shop", 5)}
    assert got.source == "w.csv"


def test_the_same_twice_is_once() -> None:
    assert read_mapping("uid,workload\na,x\na,x\n", "w.csv").by_uid == {"a": Mapped("x", 2)}


def test_what_an_export_did_to_a_cell_is_undone() -> None:
    guarded = "uid,workload\na,'=x\n'=b,y\n=b,y\n"

    assert read_mapping(guarded, "w.csv", original=original_cell).by_uid == {"a": Mapped("=x", 2), "=b": Mapped("y", 3)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "line 1: the header must name the column uid and workload once", id="empty"),
        pytest.param("uid,app\na,x\n", "line 1: the header must name the column workload once", id="no-such-column"),
        pytest.param("uid,workload,uid\n", "line 1: the header must name the column uid once", id="a-column-twice"),
        pytest.param("uid,workload\na,x\nb\n", "line 3: has 1 columns", id="short-row"),
        pytest.param("uid,workload\n,x\n", "line 2: has no uid", id="no-uid"),
        pytest.param("uid,workload\na,n/a\n", "line 2: 'n/a' is no name for a workload", id="placeholder"),
        pytest.param("uid,workload\na,x\nb,y\na,z\n", "line 4: a is in 'z' here and in 'x' on line 2", id="two-workloads"),
        pytest.param('uid,workload\na,"x\n', "line 2: unexpected end of data", id="open-quote"),
    ],
)
def test_bad_rows_are_named_by_file_and_line_with_what_to_do(text: str, told: str) -> None:
    with pytest.raises(WorkloadFileError) as caught:
        read_mapping(text, "team/w.csv")

    assert told in str(caught.value)
    assert str(caught.value).startswith("team/w.csv is not a valid list of workloads:")
    assert "Next: mend the lines above" in str(caught.value)


def test_every_bad_row_is_told_up_to_fifty() -> None:
    with pytest.raises(WorkloadFileError) as caught:
        read_mapping("uid,workload\n" + ",x\n" * 60, "w.csv")

    assert len(caught.value.problems) == 60
    assert "and 10 more" in str(caught.value)
