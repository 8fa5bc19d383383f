"""Bad input and the small commands: no cloud, no Prefect."""

import contextlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.conftest import Cli, environment_of


@pytest.fixture
def run(tmp_path: Path) -> Cli:
    return Cli(tmp_path, environment_of(None, None))


def test_init_writes_a_file_once(run: Cli) -> None:
    assert "wrote estate.yaml" in run("init").stderr
    assert (run.folder / "estate.yaml").read_text().startswith("#")
    assert "estate.yaml exists" in run("init", code=2).stderr
    run("init", "--force")


def test_init_prints_the_schema(run: Cli) -> None:
    schema = run.json("init", "--schema")

    assert {"estate", "lake", "ledger", "accounts", "metrics", "flow_logs"} <= set(schema["properties"])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("accounts: [{id: '1', regions: [us-west-2]}]", "line 2, accounts[0].id", id="short-account-id"),
        pytest.param("accounts: [{id: '111111111111', regions: [us-west-9]}]", "us-west-9", id="unknown-region"),
        pytest.param("accounts: [{id: '111111111111', region: [us-west-2]}]", "regions", id="misspelt-field"),
        pytest.param("accounts: [", "line", id="broken-yaml"),
    ],
)
def test_a_wrong_estate_file_is_told_by_line_and_field(run: Cli, line: str, told: str) -> None:
    (run.folder / "estate.yaml").write_text(f"estate: acme\n{line}\n")

    done = run("assess", "estate.yaml", code=2)

    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_estate_file_names_the_next_step(run: Cli) -> None:
    assert "cloudmigrate init" in run("query", "select 1", code=2).stderr


def test_up_looks_at_the_estate_file_before_it_starts_anything(run: Cli) -> None:
    told = run("up", "nope.yaml", code=2).stderr
    assert "cloudmigrate init nope.yaml" in told
    assert "starting Prefect" not in told


def test_an_unknown_option_is_bad_usage(run: Cli) -> None:
    assert run("assess", "--nonsense", code=2).stdout == ""


def test_an_unknown_type_is_bad_usage_with_a_suggestion(run: Cli) -> None:
    (run.folder / "estate.yaml").write_text("estate: acme\naccounts: [{id: '111111111111', regions: [us-west-2]}]\n")

    assert "AWS::EC2::Instance" in run("discover", "--types", "AWS::EC2::Instanc", code=2).stderr


def test_migrate_and_preflight_name_their_plan_as_all_commands_do(run: Cli) -> None:
    for command in ("migrate", "preflight", "resume", "rollback", "status"):
        assert "--plan " in run(command, "--help").stdout, command


def test_help_tells_the_exit_code_of_a_wave_that_waits(run: Cli) -> None:
    assert "4 a wave waits for people" in " ".join(run("migrate", "--help").stdout.split())


def test_query_before_any_snapshot_names_the_next_step(run: Cli) -> None:
    (run.folder / "estate.yaml").write_text("estate: acme\naccounts: [{id: '111111111111', regions: [us-west-2]}]\n")

    assert "cloudmigrate assess" in run("query", "select 1", code=2).stderr


def test_the_policy_is_read_only_json(run: Cli) -> None:
    policy = json.loads(run("iam-policy", "--flow-logs", "acme-logs").stdout)
    actions = [action for statement in policy["Statement"] for action in statement["Action"]]

    assert "ec2:DescribeInstances" in actions
    assert not [action for action in actions if action.split(":")[1].startswith(("Create", "Delete", "Put", "Update", "Modify", "Run"))]


def test_help_comes_within_a_second() -> None:
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "cloudmigrate.app.cli", "--help"], capture_output=True, text=True, check=True)

    assert "assess" in done.stdout
    assert time.monotonic() - started < 10  # a bound on hanging; the first second is measured by the benchmark


def test_a_prefect_server_that_does_not_answer_is_named(run: Cli) -> None:
    (run.folder / "estate.yaml").write_text("estate: acme\naccounts: [{id: '111111111111', regions: [us-west-2]}]\n")

    done = run("discover", "--types", "AWS::EC2::VPC", code=1, PREFECT_API_URL="http://127.0.0.1:9/api")

    assert "Failed to reach API at http://127.0.0.1:9/api" in done.stderr
    assert "unset PREFECT_API_URL" in done.stderr
    assert "fault in CloudMigrate" not in done.stderr


def test_a_large_result_is_printed_as_it_comes(run: Cli) -> None:
    from cloudmigrate.app.output import Format, print_rows

    printed: list[int] = []

    def rows() -> Iterator[dict[str, int]]:
        for number in range(3):
            printed.append(number)
            yield {"n": number}

    with contextlib.redirect_stdout(io.StringIO()) as out:
        print_rows(("n",), rows(), Format.JSON)
        print_rows(("n",), iter(()), Format.JSON)

    first, second = out.getvalue().split("]\n")[:2]
    assert json.loads(first + "]") == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert json.loads(second + "]") == []


def test_a_bad_variable_of_the_environment_is_bad_usage(run: Cli) -> None:
    done = run("query", "select 1", code=2, CLOUDMIGRATE_WORKERS="many")

    assert "CLOUDMIGRATE_WORKERS='many'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_does_not_overwrite_an_estate_of_yours(run: Cli) -> None:
    (run.folder / "estate.yaml").write_text("estate: precious\n")

    assert "would be overwritten" in run("demo", "--folder", ".", code=2).stderr
    assert (run.folder / "estate.yaml").read_text() == "estate: precious\n"
