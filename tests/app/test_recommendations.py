"""Recommendations listed and overridden, in this process: what a person decides is kept, shown, planned by, and asks again.

override_subjects, told_overrides, artifact_recommendations, recommendation_doubts.
"""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloudmigrate.app.cli import run
from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.overrides import holding
from cloudmigrate.domain.wave_policy import WavePolicy
from cloudmigrate.estate_file import load_estate
from cloudmigrate.lake.series import write_series
from cloudmigrate.ledger.records import SeriesSelection
from cloudmigrate.workspace import Workspace, utc_now
from tasks.decided import take_in_decisions
from tasks.plan_reading import plan_input
from tasks.recommending import publish_recommendations
from tasks.scoring import publish_risk, risk_facts
from tasks.snapshots import publish
from tasks.strategy_view import strategies
from tests.cost_lake import machine
from tests.pattern_lake import END, INSTANCE, times, window
from tests.tasks.test_recommendations import DB, DISK, FROZEN, IDLE, JIRA, LAKE, LOOSE, WEB, cost
from tests.tasks.test_risk import ACCOUNT, REGION, SNAPSHOT, fill

Told = pytest.CaptureFixture[str]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An estate of which all was told, in the folder where the commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLOUDMIGRATE_USER", "ana")
    accounts = f'accounts: [{{id: "{ACCOUNT}", regions: [{REGION}]}}]'
    Path("estate.yaml").write_text(f"estate: acme\nlake: {tmp_path}/lake\nledger: sqlite:///{tmp_path}/ledger.db\n{accounts}\n")
    made = fill(load_estate(Path("estate.yaml")), LAKE)
    publish_recommendations(made, SNAPSHOT, "run-2")
    publish_risk(made, SNAPSHOT, "run-2")
    return made


def recommended(workspace: Workspace) -> dict[str, tuple[Any, ...]]:
    """What the sums take of each resource: scenario, amount, status."""
    with workspace.views(SNAPSHOT) as views:
        rows = views.run("readiness_resource_costs")
        total = {row["scenario"]: row["monthly_cost_usd"] for row in views.run("readiness_costs")}["recommended"]
    found = {row["uid"]: (row["strategy"], row["monthly_cost_usd"]) for row in rows if row["scenario"] == "recommended"}
    assert total == sum((amount for _, amount in found.values() if amount is not None), Decimal(0))
    return found


def complexity(workspace: Workspace) -> dict[str, Any]:
    with workspace.views(SNAPSHOT) as views:
        return {row["uid"]: row["points"] for row in views.rows("risk_factors") if row["factor"] == "target_complexity"}


def listed(capsys: Told, *options: str) -> dict[str, dict[str, Any]]:
    capsys.readouterr()
    assert run(["recommendations", "--json", *options]) == 0
    return {row["uid"]: row for row in json.loads(capsys.readouterr().out)}


def column_of(table: str, name: str, following: str) -> str:
    """The words of one column of a printed table, whose cells are folded."""
    lines = table.splitlines()
    [head] = [line for line in lines if name in line.split() and following in line.split()]
    start, end = head.index(f" {name} ") + 1, head.index(f" {following} ") + 1
    return " ".join(" ".join(line[start:end] for line in lines).split())


def test_recommendations_are_listed(workspace: Workspace, capsys: Told) -> None:
    assert run(["recommendations"]) == 0
    reasons = column_of(capsys.readouterr().out, "reason", "question")
    assert "idle (idle it is), and nobody needs it: no caller on 13 fully logged days of 13" in reasons
    found = listed(capsys, "--strategy", "retire")
    assert found.keys() == {IDLE, LOOSE, "old"}
    assert found[IDLE]["confidence_parts"]["sources"]["flow logs"] == 1.0
    assert listed(capsys, "--open") == {}


def test_the_table_asks_what_would_change_each_row_and_says_what_confidence_is(workspace: Workspace, capsys: Told) -> None:
    with workspace.views(SNAPSHOT) as views:
        told = {(row["level"], row["uid"]): row for row in views.run("recommendation_doubts")}
        kept = {(row["level"], row["uid"]): row for row in views.rows("recommendations")}
    assert told.keys() == kept.keys()
    assert {key: row["change"] for key, row in told.items() if key[0] == "resource"} == {
        key: row["reasons"][-1] for key, row in kept.items() if key[0] == "resource"
    }
    assert {row["change"] for key, row in told.items() if key[0] == "workload"} == {None}
    assert told["workload", "old"]["least_sure"] == IDLE, "it has no name"
    assert run(["recommendations"]) == 0
    shown = capsys.readouterr()
    assert f"depends on {IDLE}, its least sure" in column_of(shown.out, "question", "uid")
    assert "confidence_pct is no probability" in shown.err


def test_an_override_is_kept_with_who_why_before_and_after(workspace: Workspace, capsys: Told) -> None:
    assert run(["override", "web", "--strategy", "refactor", "--reason", "rewritten in spring", "--by", "bo"]) == 0
    assert f"{WEB}: refactor, decided by bo, recorded by ana; before: rehost." in capsys.readouterr().err

    web = listed(capsys)[WEB]
    assert (web["strategy"], web["recommended"], web["override"]["by"]) == ("refactor", "rehost", "bo, recorded by ana")
    assert web["effort_hours"] == 20.0, "five times the four hours of a server"
    assert run(["override", "web", "--strategy", "retain", "--reason", "put off"]) == 0
    first, second = (one.detail for one in workspace.ledger.audit_events() if one.action == "decision.strategy")
    assert (first["before"], first["value"], second["before"], second["value"]) == ("rehost", "refactor", "refactor", "retain")
    assert workspace.ledger.verify_audit() == ()

    assert run(["override", WEB, "--remove"]) == 0
    assert (listed(capsys)[WEB]["strategy"], listed(capsys)[WEB]["override"]) == ("rehost", None)
    assert run(["override", WEB, "--remove"]) == 2
    assert "there is no override to take back" in capsys.readouterr().err


def test_planning_and_risk_follow(workspace: Workspace, capsys: Told) -> None:
    assert run(["override", "web", "--strategy", "retire", "--reason", "{x} <b>not used</b>"]) == 0
    assert run(["override", "db", "--strategy", "refactor", "--reason", "new schema"]) == 0
    held = holding(workspace.ledger.decisions("acme"), utc_now().date())
    with workspace.views(SNAPSHOT) as views:
        found = plan_input(views, WavePolicy(), held)
        strategies = {item.uid: item.strategy for item in found.items if item.strategy}
        risky = {one.uid: one.strategy for one in risk_facts(views, strategies)}
    assert [(one.uid, one.reason, one.by) for one in found.constraints.retired] == [(WEB, "{x} <b>not used</b>", "ana")]
    assert strategies == {WEB: "retire", DB: "refactor"}
    assert (risky[DB], risky[DISK]) == ("refactor", None)

    from cloudmigrate.domain.drafting import prepare

    prepared = prepare(found, WavePolicy())
    [gone] = [group for group in prepared.grouping.groups if group.retires]
    assert set(gone.members) == {WEB, DISK}
    hours = {group.members: facts.effort_hours for group, facts in zip(prepared.grouping.groups, prepared.problem.facts, strict=True)}
    assert hours[gone.members] == 1.125, "a quarter of the four hours of a server and of the half hour of its disk"
    assert hours[DB,] == 80.0, "five times the sixteen hours of a database"


def test_costs_and_risk_follow_at_once(workspace: Workspace) -> None:
    """WEB: 100 moved like for like, as nothing tells of another size; the disk 10, a whole price where the one on gp3 is in part."""
    before, points = recommended(workspace), complexity(workspace)
    assert before == {WEB: ("rehost", Decimal(100)), IDLE: ("retire", None), DISK: ("replatform", Decimal(8))}
    assert run(["override", "web", "--strategy", "replatform", "--reason", "arm is tested"]) == 0
    assert recommended(workspace) == before | {WEB: ("replatform", Decimal(90))}
    assert complexity(workspace)[WEB] > points[WEB]
    assert run(["override", "web", "--strategy", "refactor", "--reason", "rewritten"]) == 0
    assert recommended(workspace) == before | {WEB: ("refactor", None)}, "never 0"
    assert run(["override", "web", "--remove"]) == 0
    assert (recommended(workspace), complexity(workspace)) == (before, points)


def committed(workspace: Workspace) -> dict[tuple[str, str], Decimal]:
    """What to commit to of what is recommended, by pool."""
    with workspace.views(SNAPSHOT) as views:
        return {(row["region"], row["pool"]): row["commit_units"] for row in views.rows("commitment_plan_recommended")}


def test_the_commitment_plan_of_what_is_recommended_follows_at_once(workspace: Workspace) -> None:
    """Four servers of m5.large (4 units) ran all day, and each has a price reserved: of them one is idle, and is not committed for."""
    lease = {"term": "reserved", "lease_years": 1, "purchase_option": "no_upfront", "offering_class": "standard"}
    kinds = {"m5.large": "0.1", "m6g.large": "0.08"}
    prices = [row for kind, amount in kinds.items() for row in (machine(kind, amount), machine(kind, "0.05", **lease))]
    more = [cost(JIRA, "rehost", "100"), cost(FROZEN, "as_is", "100")]
    now = {"inventory": [row | {"state": "running"} for row in LAKE["inventory"]], "prices": prices, "costs": LAKE["costs"] + more}
    for name, rows in now.items():
        publish(workspace, SNAPSHOT, name, [workspace.lake.write(name, rows, snapshot_id=SNAPSHOT, part="q")], "run-2")
    run_all_day(workspace, [WEB, IDLE, JIRA, FROZEN])
    publish_recommendations(workspace, SNAPSHOT, "run-3")
    x86, arm = (REGION, "ec2:m5:linux"), (REGION, "ec2:m6g:linux")
    with workspace.views(SNAPSHOT) as views:
        told = {row["uid"]: row["strategy"] for row in views.rows("recommendations") if row["uid"] in (WEB, IDLE, JIRA, FROZEN)}
    assert told == {WEB: "rehost", IDLE: "retire", JIRA: "repurchase", FROZEN: "retain"}
    assert committed(workspace) == {x86: 8}, "what is rehosted and what is retained"
    assert run(["override", "web", "--strategy", "replatform", "--reason", "arm is tested"]) == 0
    assert committed(workspace) == {x86: 4, arm: 4}
    assert run(["override", "web", "--strategy", "retire", "--reason", "not used"]) == 0
    assert committed(workspace) == {x86: 4}


def run_all_day(workspace: Workspace, uids: list[str]) -> None:
    """Bind a day of hourly CPU of each server to the snapshot."""
    columns = {
        "uid": np.repeat(np.array(uids, dtype=object), 24),
        "observed_at": np.tile(times(24, 3600), len(uids)),
        "CPUUtilization|Average": np.full(24 * len(uids), 10.0),
    }
    place, day = {"account_id": ACCOUNT, "region": REGION}, window(1)
    parts = write_series(workspace.lake, columns, **place, type=INSTANCE, period_s=3600, run=day, collected_at=END, part="p")
    workspace.ledger.add_series(parts, **place, run_id="run-1")
    selected = [SeriesSelection(one.path, one.valid_from, one.valid_to) for one in parts]
    workspace.ledger.bind_series(SNAPSHOT, selected, (day.start, day.end))


def test_what_has_expired_is_taken_in_before_a_plan_or_a_report(workspace: Workspace) -> None:
    assert run(["override", "web", "--strategy", "replatform", "--reason", "arm is tested"]) == 0
    assert not take_in_decisions(workspace, SNAPSHOT), "nothing new"
    [kept] = workspace.ledger.decisions("acme")
    past = type(kept)(kept.kind, WEB, "replatform", "for a week", "ana", utc_now(), expires_on=utc_now().date() - timedelta(days=1))
    workspace.ledger.decide("acme", [past])  # as if the day had come
    assert take_in_decisions(workspace, SNAPSHOT)
    assert recommended(workspace)[WEB] == ("rehost", Decimal(100))
    with workspace.views(SNAPSHOT) as views:
        found = strategies(views)
    assert found is not None
    assert {row.uid: row.open_question for row in found.resources if row.open_question} == {WEB: past_question(past.expires_on)}


class Killed(BaseException):
    """The end of the process, as far as one process can play it."""


@pytest.mark.parametrize("step", ["publish_risk", "publish_recommendations"])
def test_a_decision_whose_taking_in_was_killed_is_taken_in_wholly_by_the_next(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def die(*_: object) -> None:
        raise Killed

    before = complexity(workspace)[WEB]
    decision = Decision(DecisionKind.STRATEGY, WEB, "refactor", "rewritten", "ana", utc_now())
    workspace.ledger.decide("acme", [decision])
    with monkeypatch.context() as patch:
        patch.setattr(f"tasks.decided.{step}", die)
        with pytest.raises(Killed):
            take_in_decisions(workspace, SNAPSHOT)
    assert take_in_decisions(workspace, SNAPSHOT)
    assert recommended(workspace)[WEB] == ("refactor", None)
    assert complexity(workspace)[WEB] > before


@pytest.mark.parametrize("reason", ["a\udcffb", "x" * 10_000, "\x1b[31m\u202e", "=cmd()|\n# [x](javascript:1)", "$#\\[`{{7*7}}`]"])
def test_a_hostile_reason_is_kept_and_listed_as_text(workspace: Workspace, capsys: Told, reason: str) -> None:
    assert run(["override", "web", "--strategy", "refactor", "--reason", reason]) == 0
    kept = reason.encode(errors="replace").decode()
    assert [one.reason for one in workspace.ledger.decisions("acme")] == [kept]
    assert listed(capsys)[WEB]["override"]["reason"] == kept
    assert run(["recommendations"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def past_question(day: Any) -> str:
    return f"replatform, decided by ana (for a week), expired on {day}: decide again, or take it back"


def test_an_expired_override_asks_again(workspace: Workspace, capsys: Told) -> None:
    today = utc_now().date()
    assert run(["override", "db", "--strategy", "retain", "--reason", "audit", "--expires", str(today)]) == 0
    [kept] = workspace.ledger.decisions("acme")
    assert (kept.kind, kept.expires_on) == (DecisionKind.STRATEGY, today)
    assert listed(capsys, "--open") == {}

    past = type(kept)(kept.kind, DB, "retain", "audit", "ana", utc_now(), expires_on=today - timedelta(days=1))
    workspace.ledger.decide("acme", [past])  # as if the day had come, with nothing told anew
    found = listed(capsys, "--open")
    assert found.keys() == {DB}
    assert found[DB]["strategy"] == "replatform"
    assert found[DB]["open_question"] == f"retain, decided by ana (audit), expired on {past.expires_on}: decide again, or take it back"
    assert holding(workspace.ledger.decisions("acme"), today) == ()


def test_decisions_are_listed_with_what_held_before_and_their_last_day(workspace: Workspace, capsys: Told) -> None:
    assert run(["override", "web", "--strategy", "retain", "--reason", "audit", "--expires", "2099-03-31"]) == 0
    capsys.readouterr()
    assert run(["decide", "list", "--format", "json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["resource"], row["before"], row["value"], row["expires_on"]) == (WEB, "rehost", "retain", "2099-03-31")


def test_all_of_a_workload_is_meant_by_its_name(workspace: Workspace, capsys: Told) -> None:
    assert run(["override", "shop", "--strategy", "retain", "--reason", "contract"]) == 0
    assert {one.subject for one in workspace.ledger.decisions("acme")} == {WEB, DB, DISK}
    assert listed(capsys)["shop"]["strategy"] == "retain"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param(["web", "--strategy", "retire"], "the reason is missing", id="no reason"),
        pytest.param(["web"], "give --strategy, or --remove", id="nothing asked"),
        pytest.param(["nobody", "--strategy", "retire", "--reason", "x"], "is no resource's ARN", id="unknown name"),
        pytest.param(["web", "--strategy", "retire", "--reason", "x", "--expires", "2020-01-01"], "is past", id="past"),
        pytest.param(["web", "--strategy", "retire", "--reason", "x", "--expires", "soon"], "is no day", id="no day"),
        pytest.param(["web", "--remove", "--expires", "2099-01-01"], "--remove takes no --expires", id="remove until"),
    ],
)
def test_a_slip_of_the_pen_decides_nothing(workspace: Workspace, capsys: Told, options: list[str], said: str) -> None:
    assert run(["override", *options]) == 2
    assert said in capsys.readouterr().err
    assert workspace.ledger.decisions("acme") == ()
