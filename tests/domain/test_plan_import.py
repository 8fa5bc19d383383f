"""An edited table read back: what it decides, and the line of each row that cannot be taken."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.plan_import import Known, Refused, Table, read_table
from reports.exports.csv_tables import original_cell

AT = datetime(2026, 11, 27, tzinfo=UTC)
KNOWN = {"arn:a": Known(1, "shop"), "arn:b": Known(2, None), "arn:net": Known(None, None, "network: prepared in the target")}


def read(text: str) -> Table:
    return read_table(text, KNOWN, by="ann", at=AT, original=original_cell)


def pin(uid: str, wave: str) -> Decision:
    return Decision(DecisionKind.PIN, uid, wave, "edited table", "ann", AT)


def workload(uid: str, name: str) -> Decision:
    return Decision(DecisionKind.WORKLOAD, uid, name, "edited table", "ann", AT)


@pytest.mark.parametrize(
    ("text", "asked", "refused"),
    [
        pytest.param("uid,wave\narn:a,1\narn:b,2\n", [], [], id="as the plan has it"),
        pytest.param("uid,wave\narn:a,3\n", [(2, pin("arn:a", "3"))], [], id="another wave"),
        pytest.param("uid,wave\r\narn:a,3.0\r\n", [(2, pin("arn:a", "3"))], [], id="a wave as a spreadsheet writes it"),
        pytest.param("\ufeffWave;UID\n3;arn:a\n", [(2, pin("arn:a", "3"))], [], id="semicolons, another order, a byte order mark"),
        pytest.param("uid,name,type,workload,wave\narn:b,web,t,billing,2\n", [(2, workload("arn:b", "billing"))], [], id="a workload"),
        pytest.param(
            "uid,workload,wave\narn:a,billing,4\n", [(2, workload("arn:a", "billing")), (2, pin("arn:a", "4"))], [], id="both"
        ),
        pytest.param("uid,workload,wave\narn:a,,\n", [], [], id="empty cells decide nothing"),
        pytest.param("uid,workload\narn:b,'=cmd\n", [(2, workload("arn:b", "=cmd"))], [], id="the export's apostrophe is taken off"),
        pytest.param("uid,workload\narn:b,\x1b[31m b\n", [(2, workload("arn:b", "[31m b"))], [], id="controls in a name"),
        pytest.param("uid,workload\narn:b,tbd\n", [], [(2, "'tbd' is no name for a workload")], id="a placeholder"),
        pytest.param("uid,wave\narn:a,0\n", [], [(2, "pin of arn:a: '0' is no wave. Next: give a whole number from 1.")], id="no wave"),
        pytest.param("uid,wave\narn:a,soon\n", [], [(2, "pin of arn:a: 'soon' is no wave. Next: give a whole number from 1.")], id="text"),
        pytest.param("uid,wave\narn:x,1\n", [], [(2, "arn:x is not in the snapshot")], id="unknown"),
        pytest.param("uid,wave\n\n,2\n", [], [(3, "an empty uid is not in the snapshot")], id="no uid, after an empty line"),
        pytest.param("uid,wave\narn:net,1\n", [], [(2, "arn:net has no wave: network: prepared in the target")], id="what stays"),
        pytest.param("uid,wave\narn:a,3\narn:a,3\n", [(2, pin("arn:a", "3"))], [(3, "arn:a stands on line 2 too")], id="twice"),
        pytest.param(
            "uid,wave\narn:a,3\narn:a,4\n",
            [],
            [
                (2, "arn:a stands on several lines that ask for different things"),
                (3, "arn:a stands on several lines that ask for different things, line 2 first"),
            ],
            id="twice and otherwise",
        ),
        pytest.param("uid,wave\narn:a,52\n", [(2, pin("arn:a", "52"))], [], id="the last wave that is sensible: 50 behind the last"),
        pytest.param(
            "uid,wave\narn:b,2\narn:a,900\n",
            [],
            [(3, "wave 900 of arn:a is far behind the last of the plan. Next: give a wave up to 52.")],
            id="wave 900",
        ),
        pytest.param("uid,wave\narn:a,-1\n", [], [(2, "pin of arn:a: '-1' is no wave. Next: give a whole number from 1.")], id="negative"),
        pytest.param("uid,wave\narn:a,2.5\n", [], [(2, "pin of arn:a: '2.5' is no wave. Next: give a whole number from 1.")], id="half"),
        pytest.param(
            "uid,wave\narn:a,=1+1\n", [], [(2, "pin of arn:a: '=1+1' is no wave. Next: give a whole number from 1.")], id="a formula"
        ),
        pytest.param("uid,wave\n=cmd|'/c calc'!A1,1\n", [], [(2, "=cmd|'/c calc'!A1 is not in the snapshot")], id="a formula for a uid"),
        pytest.param("uid,wave\n\x1b[2J,1\n", [], [(2, "'\\x1b[2J' is not in the snapshot")], id="controls in a uid"),
        pytest.param("uid,wave\narn:a\n", [], [(2, "1 cells where the first line has 2")], id="a cell too few"),
        pytest.param('uid,wave\n"arn:a,3\n', [], [(2, "this is no CSV: unexpected end of data")], id="an open quote"),
    ],
)  # fmt: skip
def test_rows_by_hand(text: str, asked: list[tuple[int, Decision]], refused: list[tuple[int, str]]) -> None:
    found = read(text)
    assert [(one.line, one.decision) for one in found.asked] == asked
    assert found.refused == tuple(Refused(*one) for one in refused)


@pytest.mark.parametrize("text", ["", "name,wave\n", "uid,name\n"])
def test_a_table_without_its_columns_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="first line must name the columns uid, and wave or workload"):
        read(text)


@pytest.mark.parametrize("header", ["uid,wave,wave", "UID;wave;uid", "workload,uid,workload"])
def test_a_column_that_stands_there_twice_is_refused(header: str) -> None:
    """The last of them was taken, and the other left out without a word."""
    with pytest.raises(ValueError, match=r"names the column (uid|wave|workload) more than once"):
        read(f"{header}\narn:a,1,2\n")


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e"])
def test_a_name_may_hold_what_ends_lines_elsewhere(end: str) -> None:
    """Such a name parted its row, which was then refused: the export writes it without quotes, as CSV allows."""
    found = read(f"uid,name,wave\r\narn:a,we{end}b,3\r\narn:b,db,4\r\n")

    assert [(one.line, one.decision) for one in found.asked] == [(2, pin("arn:a", "3")), (3, pin("arn:b", "4"))]
    assert found.refused == ()


def test_a_first_line_with_a_cell_of_a_megabyte_is_refused() -> None:
    with pytest.raises(ValueError, match="first line is no CSV: field larger than field limit"):
        read("uid,wave," + "x" * 1_000_000)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = read("uid,wave\n" + text)
    assert all(one.reason for one in found.refused)
