"""`cloudmigrate plan` as a user runs it, offline on a small lake: pins, exclusions, what-if, diff, import."""

import subprocess
import sys
from pathlib import Path

import pytest

from cloudmigrate.estate_file import load_estate
from cloudmigrate.workspace import Workspace
from tests.app.conftest import Cli, environment_of
from tests.planned_estate import YAML, dependency, logged, resource, server, take_snapshot, write_estate

pytestmark = pytest.mark.xdist_group("plan")  # all share one planned folder

WEB, DB, JOBS, OLD = (server(name) for name in ("web", "db", "jobs", "old"))
GB = 2**30
LIMITED = YAML + "planning: {max_resources_per_wave: 2, pilot_waves: 0, transfer_usd_per_gb: 0.1, first_wave_on: 2027-01-16}\n"


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, prefect_url: str) -> tuple[Cli, str]:
    """The command in a folder with one snapshot and its first plan; that plan's id."""
    folder = tmp_path_factory.mktemp("planned")
    workspace = Workspace.open(load_estate(write_estate(folder, LIMITED)))
    take_snapshot(
        workspace,
        [resource(uid) for uid in (WEB, DB, JOBS, OLD)],
        dependencies=[
            dependency(WEB, DB, bytes_=10 * GB, port=5432),
            dependency(JOBS, DB, bytes_=GB, port=5432),
            dependency(JOBS, OLD, bytes_=5, port=80),
        ],
        flow_log_coverage=[logged(WEB)],
        workloads=[{"uid": JOBS, "workload": "batch", "source": "tag", "reason": "tag", "confidence": 1.0}],
    )
    run = Cli(folder, environment_of(None, prefect_url) | {"CLOUDMIGRATE_USER": "ann"})
    return run, run.json("plan", "--json")["plan_id"]


def waves(run: Cli) -> dict[str, int]:
    """Resource -> wave of the newest plan."""
    return {row["uid"].rpartition("/")[2]: row["wave"] for row in run.query("select uid, wave from waves")}


def test_a_pin_is_held_through_planning_again_until_it_is_taken_back(planned: tuple[Cli, str]) -> None:
    run, first = planned
    before = waves(run)
    assert before["web"] == before["db"], "what exchanges most moves together"
    told = run.json("plan", "--pin", "web=3", "--reason", "after the audit", "--json")
    assert told["decided"] == ["pinned web to wave 3"]
    assert told["figures"]["cross_wave_bytes_per_day"][0] < told["figures"]["cross_wave_bytes_per_day"][1] or waves(run)["db"] == 3
    assert waves(run)["web"] == 3
    run("plan")
    assert waves(run)["web"] == 3
    changes = run.json("plan", "diff", first, told["plan_id"], "--format", "json")
    assert (changes[0]["cause"], changes[0]["uid"]) == ("pin", WEB), "the most direct cause first"
    back = run("plan", "--unpin", "web").stdout.splitlines()
    assert back[0] == "taken back: pin of web"
    assert any(line.startswith("compared with: plan-") for line in back)
    assert f"waves: {max(before.values())}" in back
    in_first = sum(wave == 1 for wave in before.values())
    assert any(line.startswith("  1: ") and f"{in_first} resource" in line for line in back)
    assert waves(run) == before


def test_a_pin_that_cannot_be_obeyed_is_refused_with_its_conflict(planned: tuple[Cli, str]) -> None:
    run, _ = planned
    plans = len(run.json("snapshots", "--format", "json")[0]["plans"].split(","))
    run("plan", "--pin", "db=2")
    refused = run("plan", "--pin", f"{WEB}=1", code=2)
    assert "web in wave 1 cannot be obeyed" in refused.stderr
    assert "db is pinned to wave 2 by ann" in refused.stderr
    assert "web needs db, which must move no later than it: web -> db" in refused.stderr
    assert "Nothing was recorded" in refused.stderr
    assert len(run.json("snapshots", "--format", "json")[0]["plans"].split(",")) == plans + 1, "no plan was made of it"
    run("plan", "--unpin", "db")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--pin", "web"), "--pin web: write NAME=WAVE."),
        (("--pin", "web=soon"), f"--pin web=soon: pin of {WEB}: 'soon' is no wave"),
        (("--pin", "nobody=1"), "'nobody' is no resource's ARN, id or name and no workload"),
        (("--exclude", "web"), "--exclude web: write NAME=REASON."),
        (("what-if", "--move", "web=0"), "--move web=0: write NAME=WAVE"),
        (("what-if", "--move", "web=900"), "--move web=900: the plan has 2 waves. Next: give a wave up to 52."),
        (("what-if", "--move", "nobody=1"), "'nobody' is no resource's ARN, id or name and no workload"),
        (("diff", "plan-x", "plan-y"), "no plan 'plan-x'"),
        (("--unpin", "web"), "--unpin web: there is no pin to take back. Next: see `cloudmigrate decide list`."),
        (("--include", "old"), "--include old: there is no exclusion to take back. Next: see `cloudmigrate decide list`."),
        (("--max-resources-per-wave", "0"), "--max-resources-per-wave 0"),
    ],
)
def test_a_mistake_is_told(planned: tuple[Cli, str], arguments: tuple[str, ...], told: str) -> None:
    assert told in planned[0]("plan", *arguments, code=2).stderr


def test_a_decision_names_its_resource_as_people_do(planned: tuple[Cli, str]) -> None:
    run, _ = planned
    run("decide", "shared", "db", "held_out")
    told = run.json("decide", "list", "--format", "json")
    assert [(row["resource"], row["subject"], row["value"]) for row in told if row["kind"] == "shared"] == [("db", DB, "held_out")]
    run("decide", "withdraw", "shared", "db")
    assert "no decision on shared of db" in run("decide", "withdraw", "shared", "db", code=2).stderr
    assert "'mail' is no resource's ARN, id or name" in run("decide", "shared", "mail", "held_out", code=2).stderr


def test_excluding_says_what_breaks(planned: tuple[Cli, str]) -> None:
    run, _ = planned
    told = run("plan", "--exclude", "old=to be retired").stdout
    assert "excluded old: needed by jobs, which will reach back to it once moved" in told
    assert "old" not in waves(run)
    assert run.query("select reason from unplanned") == [{"reason": "excluded by ann: to be retired"}]
    run("plan", "--include", "old")
    assert "old" in waves(run)


def test_what_if_answers_without_prefect_and_changes_nothing(planned: tuple[Cli, str]) -> None:
    run, _ = planned
    now = waves(run)
    other = 1 if now["web"] == 2 else 2
    found = run.json("plan", "what-if", "--move", f"web={other}", "--json")
    assert found["after"]["cross_wave_bytes_per_day"] - found["before"]["cross_wave_bytes_per_day"] == 10 * GB
    assert found["added_latency_ms"] == 20
    assert len(found["rules_to_open"]) == 2, "out of one, into the other"
    assert waves(run) == now
    moved = run("plan", "what-if", "--move", f"web={other}").stdout
    assert "  egress of web: TCP " in moved, "names and protocols, no ids and numbers"
    stays = run("plan", "what-if", "--move", f"web={now['web']}").stdout
    assert "moves: nothing, as all of it is in that wave already" in stays
    assert "allowed: yes" in stays
    text = run("plan", "what-if", "--move", "batch=9").stdout
    assert text.splitlines()[0].startswith("plan: plan-")
    assert "allowed: yes" in text.splitlines()


def test_what_if_loads_nothing_that_takes_long(planned: tuple[Cli, str]) -> None:
    run, _ = planned
    code = (
        "import sys; from cloudmigrate.app.cli import run; code = run(['plan', 'what-if', '--move', 'web=5']);"
        "print(code, [name for name in ('prefect', 'pandas', 'scipy', 'structlog') if sys.modules.get(name)])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=run.folder, env=run.environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"


def test_an_edited_table_is_taken_but_for_the_rows_that_cannot_be(planned: tuple[Cli, str], tmp_path: Path) -> None:
    run, _ = planned
    now = waves(run)
    table = tmp_path / "waves.csv"
    rows = [f"{JOBS},night,{now['jobs'] + 2}", f"{OLD},,{now['old']}", f"{DB},,{now['jobs'] + 3}", "arn:nobody,,1"]
    table.write_text("uid,workload,wave\n" + "\n".join(rows) + "\n")
    dry = run("plan", "import", table, "--dry-run", code=3)
    assert dry.stderr.splitlines()[-1] == "refused: 2 rows, with the reason by line. Next: correct them and import the table again."
    assert waves(run) == now
    told = run.json("plan", "import", table, "--json", code=3)
    assert told["taken"] == ["line 2: jobs workload night", f"line 2: jobs pinned to wave {now['jobs'] + 2}"]
    assert told["rows"] == ["4 rows: 2 decisions, 2 refused, 1 row as the plan has them"]
    [conflict, unknown] = told["refused"]
    assert conflict.startswith("line 4: cannot be obeyed: ")
    assert "jobs needs db" in conflict
    assert unknown == "line 5: arn:nobody is not in the snapshot"
    assert waves(run)["jobs"] == now["jobs"] + 2
    assert run.query(f"select workload from workloads where uid = '{JOBS}'") == [{"workload": "night"}]
    table.write_text("uid,wave\narn:nobody,1\n")
    assert run.json("plan", "import", table, "--json", code=3)["taken"] == [], "nothing of it could be taken"
    table.write_text(f"uid,workload,wave\n{rows[0]}\n")
    assert run.json("plan", "import", table, "--dry-run", "--json")["taken"] == [], "all of it is as the plan has it now"
    run("plan", "--unpin", "jobs")


def test_the_export_is_read_back_as_no_change(planned: tuple[Cli, str], tmp_path: Path) -> None:
    run, _ = planned
    run("graph", "export", "--format", "csv", "--out", tmp_path / "graph.csv")
    told = run.json("plan", "import", tmp_path / "graph.waves.csv", "--dry-run", "--json")
    assert told["rows"][0].endswith("0 refused, 4 rows as the plan has them")
    assert told["taken"] == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "No such file or directory. Next: name a file that you may read.", id="missing"),
        pytest.param(b"arn,wave\n", "not arn, wave. Next: mend its first line; `cloudmigrate graph export -f csv` writes", id="column"),
        pytest.param(b"uid,wave\nK\xe4se,1\n", "is not UTF-8 text. Next: save it as CSV UTF-8.", id="encoding"),
        pytest.param(b"x" * 30_000_001, "is larger than 30 MB. Next: leave only the rows that you changed.", id="size"),
    ],
)
def test_a_table_that_is_none_is_bad_usage(planned: tuple[Cli, str], tmp_path: Path, content: bytes | None, told: str) -> None:
    table = tmp_path / "table.csv"
    if content is not None:
        table.write_bytes(content)
    assert told in planned[0]("plan", "import", table, code=2).stderr
