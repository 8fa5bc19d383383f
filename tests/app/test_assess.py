"""The main job, end to end over real HTTP, and the contract that scripts rely on."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.simulate.estate.parts import PLANTED_SECRETS
from cloudmigrate.simulate.seed import SeedSummary
from tests.app.conftest import Cli

pytestmark = pytest.mark.xdist_group("demo")

CONTRACT = {
    "inventory": "snapshot, uid, provider, account_id, region, type, name, state, tags, spec, stateful, storage_bytes, private_ips, "
    "created_at",
    "coverage": "snapshot, account_id, region, service, type, status, error_code, missing_action, detail, resources",
    "relations": "snapshot, source_uid, target_uid, kind",
    "metrics": "snapshot, uid, metric, stat, observed_at, value",
    "utilisation": "snapshot, uid, metric, samples, coverage_share, mean, p50, p95, p99, p995, max, idle_share",
    "patterns": "snapshot, uid, pattern, rule, reason, metric, confidence, age_days, samples, level_mean_pct, spread, spikes, "
    "autocorrelation_day, autocorrelation_week, trend, duty_cycle",
    "sizing": "snapshot, uid, profile, current_type, target_type, verdict, risk, reason, runner_up, runner_up_reason, arm_type",
    "waves": "snapshot, plan_id, uid, move_group, wave",
}


def test_assess_prints_one_document_with_ids_counts_and_coverage(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, document = assessed

    assert set(document) == {"snapshot_id", "plan_id", "reports", "counts", "coverage", "metric_gaps", "flow_log_gaps"}
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}", document["snapshot_id"])
    assert document["counts"]["AWS::EC2::Instance"] > 10
    assert set(document["coverage"]) <= {"ok", "empty", "partial", "denied", "throttled", "failed", "not_attempted"}
    assert sum(document["counts"].values()) == run.query("select count(*) as n from inventory")[0]["n"]


@pytest.mark.parametrize(("dataset", "columns"), CONTRACT.items())
def test_scripts_can_select_every_column_unquoted(assessed: tuple[Cli, dict[str, Any]], dataset: str, columns: str) -> None:
    run, document = assessed

    rows = run.query(f"select {columns} from {dataset} limit 3")

    assert rows, f"{dataset} is empty"
    assert list(rows[0]) == columns.split(", ")
    assert {row["snapshot"] for row in rows} == {document["snapshot_id"]}


def test_every_instance_has_a_pattern_and_a_size(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, document = assessed

    counts = "select count(*) as n from {} where uid in (select uid from inventory where type = 'AWS::EC2::Instance')"
    assert [run.query(counts.format(name))[0]["n"] for name in ("patterns", "sizing")] == [document["counts"]["AWS::EC2::Instance"]] * 2
    idle = run.query("select i.name from patterns as p join inventory as i on p.uid = i.uid where p.pattern = 'idle' order by all")
    assert "old-crm" in [row["name"] for row in idle]


def test_what_the_emulator_was_seeded_with_is_what_was_found(assessed: tuple[Cli, dict[str, Any]], seeded: SeedSummary) -> None:
    _, document = assessed

    expected = Counter(seeded.expected_by_type) + Counter({"AWS::IAM::Role": 2})  # under which S3 replicates, of the landing zone

    assert {type_: document["counts"].get(type_) for type_ in expected} == dict(expected)


def test_terminated_instances_are_no_resources(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, _ = assessed

    assert run.query("select count(*) as n from inventory where state in ('terminated', 'shutting-down')") == [{"n": 0}]


def test_every_relation_starts_at_a_resource(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, _ = assessed

    assert run.query("select count(*) as n from relations where source_uid not in (select uid from inventory)") == [{"n": 0}]


def test_what_a_workload_needs_moves_no_later_than_it_does(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, _ = assessed
    from cloudmigrate.aws.catalogue import RELATION_ROLES
    from cloudmigrate.domain.resources import RelationRole

    ordering = [kind for kind, role in RELATION_ROLES.items() if role is not RelationRole.SETTING]
    kinds = ", ".join(f"'{kind}'" for kind in ordering)
    late = run.query(
        "select r.kind, s.wave as source_wave, t.wave as target_wave from relations as r "
        "join waves as s on r.source_uid = s.uid join waves as t on r.target_uid = t.uid "
        f"where r.kind in ({kinds}) and t.wave > s.wave"
    )

    assert late == []
    assert run.query("select min(wave) as first, count(*) = count(distinct uid) as once from waves") == [{"first": 1, "once": True}]


def test_each_resource_has_a_wave_or_a_reason(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, _ = assessed

    assert run.query(
        "select count(*) as n from inventory where uid not in (select uid from waves) and uid not in (select uid from unplanned)"
    ) == [{"n": 0}]


def test_the_report_lies_in_the_lake_and_in_the_emulators_s3(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, document = assessed

    local = [place for place in document["reports"] if "://" not in place]
    published = [place for place in document["reports"] if place.startswith("s3://")]

    assert [Path(place).name for place in local] == ["readiness.html", "report.json", "graph.html", "readiness.pdf", "index.html"]
    assert Path(local[0]).read_text().startswith("<!doctype html>")
    assert [place.rsplit("/", 1)[1] for place in published] == [Path(place).name for place in local]
    head = json.loads((Path(local[0]).parent / "audit-head.json").read_text())["head"]
    assert re.fullmatch(r"\d+:[0-9a-f]{64}", head)
    run("audit", "verify", "--exported", Path(local[0]).parent / "audit-head.json")


def test_no_planted_secret_is_anywhere(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, document = assessed

    dump = run("query", "select * from inventory", "--format", "json").stdout
    report = "".join(Path(place).read_text() for place in document["reports"] if "://" not in place and not place.endswith(".pdf"))
    files = [path.read_bytes() for path in run.folder.rglob("*") if path.is_file() and path.suffix in (".db", ".json", ".yaml", ".log")]

    for secret in PLANTED_SECRETS:
        assert secret not in dump
        assert secret not in report
        assert not any(secret.encode() in content for content in files)


def test_hostile_names_are_kept_as_text(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, document = assessed

    found = run.query("select name from inventory where name like '%<script>%'")
    report = Path(document["reports"][0]).read_text()

    assert found
    assert all(row["name"] not in report for row in found)


def test_checks_are_stored(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, _ = assessed

    assert run.query("select count(*) > 10 as many, bool_and(passed) as all_critical_passed from quality where severity = 'critical'") == [
        {"many": True, "all_critical_passed": True}
    ]


def test_metrics_have_their_window_and_utilisation_its_shares(assessed: tuple[Cli, dict[str, Any]]) -> None:
    run, _ = assessed

    [row] = run.query(
        "select count(*) > 20 as many, min(coverage_share) >= 0 and max(coverage_share) <= 1 as shares, "
        "bool_and(p50 <= p95 and p95 <= p99 and p99 <= p995) as ordered from utilisation"
    )

    assert row == {"many": True, "shares": True, "ordered": True}
    assert run.query("select count(*) = count(distinct (uid, metric, stat, observed_at)) as once from metrics") == [{"once": True}]
