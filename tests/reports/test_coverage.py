"""Gaps that a person can act on, and the coverage matrix."""

from reports.readiness import coverage
from reports.readiness.view import CoverageRow, Seen


def _row(account: str, region: str, type_: str, status: str, **changes: object) -> CoverageRow:
    values: dict[str, object] = {"error_code": None, "missing_action": None, "detail": None, "resources": 0} | changes
    return CoverageRow(account, region, type_.lower(), type_, status, **values)  # type: ignore[arg-type]


def test_a_hundred_refusals_of_one_action_are_one_gap() -> None:
    rows = [_row("1", f"r-{number:03}", "RDS", "denied", missing_action="rds:DescribeDBInstances") for number in range(100)]
    (gap,) = coverage.gaps([*rows, _row("1", "r-000", "EC2", "ok")])
    assert (gap.look_ups, len(gap.regions), gap.types, gap.whole_account) == (100, 100, ("RDS",), False)
    assert gap.next_step == "Allow rds:DescribeDBInstances for the role that scans this account, then run again."


def test_two_accounts_lacking_one_action_are_two_gaps() -> None:
    rows = [_row(account, "r", "RDS", "denied", missing_action="rds:X") for account in ("1", "2")]
    assert [gap.account_id for gap in coverage.gaps(rows)] == ["1", "2"]


def test_nothing_refused_is_no_gap() -> None:
    assert coverage.gaps([_row("1", "r", "RDS", "ok"), _row("1", "r", "EC2", "empty")]) == ()


def test_an_unentered_account_comes_first_and_names_the_trust_policy() -> None:
    rows = [
        _row("1", "r", "EC2", "ok"),
        _row("1", "r", "RDS", "denied", missing_action="rds:X"),
        _row("1", "s", "RDS", "denied", missing_action="rds:X"),
        _row("2", "r", "EC2", "denied", missing_action="sts:AssumeRole"),
    ]
    first, second = coverage.gaps(rows)
    assert (first.account_id, first.whole_account, second.account_id) == ("2", True, "1")
    assert "trust policy" in first.next_step
    assert coverage.missing_actions((first, second)) == {"1": ("rds:X",)}


def test_what_no_permission_mends_is_not_called_a_permission() -> None:
    throttled, unimplemented, failed = (
        coverage.next_step(row)
        for row in (
            _row("1", "r", "X", "throttled"),
            _row("1", "r", "X", "failed", detail="not implemented by endpoint"),
            _row("1", "r", "X", "failed", detail="connection reset"),
        )
    )
    assert "rate" in throttled
    assert "endpoint" in unimplemented
    assert "log" in failed


def test_tally_tells_partly_from_not_at_all() -> None:
    rows = [
        _row("full", "r", "A", "ok"),
        _row("full", "r", "B", "empty"),
        _row("some", "r", "A", "ok"),
        _row("some", "r", "B", "denied"),
        _row("half", "r", "A", "partial"),
        _row("none", "r", "A", "not_attempted"),
    ]
    assert coverage.tally(rows, lambda row: row.account_id) == Seen(seen=1, partly=2, not_seen=1)


def test_matrix_cells_show_the_worst_and_global_comes_last() -> None:
    rows = [
        _row("1", "global", "iam", "ok", resources=7),
        _row("1", "b", "ec2", "ok", resources=3),
        CoverageRow("1", "b", "ec2", "EC2-2", "empty", None, None, None, 0),
        _row("1", "a", "ec2", "ok", resources=2),
        CoverageRow("1", "a", "ec2", "EC2-2", "denied", None, None, None, 0),
        _row("1", "a", "rds", "not_attempted"),
    ]
    (table,) = coverage.matrix(rows)
    assert table.columns == (("1", "a"), ("1", "b"), ("1", "global"))
    cells = {service: [cell and (cell.word, cell.resources) for cell in row] for service, row in table.rows}
    assert cells == {
        "ec2": [("partial", 2), ("ok", 3), None],
        "iam": [None, None, ("ok", 7)],
        "rds": [("not attempted", 0), None, None],
    }


def test_matrix_is_cut_between_accounts_never_inside_one() -> None:
    rows = [_row(account, region, "ec2", "empty") for account in "1234" for region in "abcd"]
    assert [[account for account, _ in table.accounts] for table in coverage.matrix(rows, columns_at_most=10)] == [["1", "2"], ["3", "4"]]
    assert [len(table.columns) for table in coverage.matrix(rows, columns_at_most=3)] == [4, 4, 4, 4]
