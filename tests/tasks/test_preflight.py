"""A preflight on the emulator: real verdicts where it answers, not assessed where it cannot, and nothing written."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.app.cli_options import DONE, FAILED
from cloudmigrate.app.migrate_commands import migrate
from cloudmigrate.app.preflight_commands import preflight, row_of, rows_of, show
from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.aws.catalogue import ROWS
from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.network_rules import NETWORK_RULE_TYPES
from cloudmigrate.aws.relations import relations_of
from cloudmigrate.domain.estate import Account, Estate, Scope
from cloudmigrate.domain.execution_policy import ExecutionPolicy, Waiver
from cloudmigrate.domain.preflight.drift import ALSO
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.record import Check, CheckState, Preflight, judged
from cloudmigrate.domain.steps import steps_hash
from cloudmigrate.ledger.records import PlanRow
from cloudmigrate.simulate.emulator import Emulator
from cloudmigrate.workspace import Workspace
from tasks.migrating import plan_named, rehearsed, wave_steps
from tasks.planning import publish_plan
from tasks.preflight import Known, judge, record, run_preflight
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET, SmallEstate, make
from tests.planned_estate import dependency, take_snapshot
from tests.signers import public_key

NOW = datetime.now(UTC)
HASH = "a" * 64
# What the emulator cannot answer: it has no Service Quotas of EC2 and EBS, no policy simulation, no recovery points of AWS Backup.
BLIND = {CheckName.PERMISSIONS, CheckName.QUOTAS, CheckName.BACKUPS}


@dataclass
class Case:
    """The small estate, what its plan's snapshot knows, and its preflight."""

    small: SmallEstate
    estate: Estate
    known: Known

    def run(self, **execution: Any) -> Preflight:
        steps = self.small.steps()
        rehearsal = rehearsed(steps, plan_id="plan-1", plan_hash=HASH, wave=1, world=AwsWorld(self.small.sessions, pause_factor=0))
        estate = self.estate.model_copy(update={"execution": ExecutionPolicy.model_validate(execution)})
        return judge(estate, "plan-1", 1, rehearsal, self.known, sessions=self.small.sessions, now=datetime.now(UTC))

    def client(self, region: str = SOURCE) -> Any:
        return self.small.sessions.client(ACCOUNT, "ec2", region)


def waiver(check: CheckName, **told: Any) -> Waiver:
    return Waiver.model_validate({"check": check, "by": "ana", "reason": "the emulator has none", "expires": date(2099, 1, 1)} | told)


def of(found: Preflight, name: CheckName, state: CheckState | None = None) -> list[Check]:
    return [one for one in found.checks if one.name is name and state in (None, one.state)]


@pytest.fixture
def case(clean_emulator: Emulator) -> Case:
    small = make()
    account = Account(id=ACCOUNT, regions=(SOURCE, TARGET))
    scope = Scope(types=tuple({*NETWORK_RULE_TYPES, *ALSO}))
    found = discover_region(small.sessions, account, SOURCE, ROWS, scope, regions_in_scope=frozenset({SOURCE}), max_workers=2)
    web, db = small.uids["web"], small.uids["db"]
    talks = {"source_uid": web, "target_uid": db, "protocol": 6, "port": 5432}
    resources = {one.uid: one for one in found.resources}
    known = Known(resources, found.coverage, frozenset({web, db}), frozenset({(web, db)}), (talks,), is_mapped=True)
    return Case(small, Estate(estate="acme", accounts=(account,), targets=small.policy), known)


def test_only_what_the_emulator_cannot_answer_blocks_and_waivers_lift_it(case: Case) -> None:
    found = case.run()
    assert {one.name for one in found.blocking} == BLIND
    assert {one.state for one in found.blocking} == {CheckState.NOT_ASSESSED}
    assert all(one.advice for one in found.blocking)
    assert {one.name for one in found.checks} == set(CheckName) - {CheckName.KEYS}, "no copy is encrypted anew"
    waived = case.run(waivers=[waiver(one) for one in sorted(BLIND)])
    assert not waived.blocks
    assert len(waived.used) == 3
    assert waived.preflight_hash != found.preflight_hash
    assert case.run().preflight_hash == found.preflight_hash


def test_a_fresh_snapshot_is_a_backup(case: Case) -> None:
    for volume in case.client().describe_volumes()["Volumes"]:
        case.client().create_snapshot(VolumeId=volume["VolumeId"])
    assert [one.state for one in of(case.run(), CheckName.BACKUPS)] == [CheckState.PASS] * 3


def test_what_changed_since_the_plan_is_told(case: Case) -> None:
    ec2 = case.client()
    groups = {one["GroupName"]: one["GroupId"] for one in ec2.describe_security_groups()["SecurityGroups"]}
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=groups["web"], IpPermissions=[ssh])
    volume = next(one for one in ec2.describe_volumes()["Volumes"] if one["Size"] == 50)
    ec2.modify_volume(VolumeId=volume["VolumeId"], Size=80)
    instance_id = case.small.uids["web"].rpartition("/")[2]
    ec2.create_tags(Resources=[instance_id], Tags=[{"Key": "seen", "Value": "yes"}])
    failures = {one.subject.rpartition("/")[2]: one.evidence for one in of(case.run(), CheckName.DRIFT, CheckState.FAIL)}
    assert failures.keys() == {groups["web"], volume["VolumeId"]}
    assert "spec.Size was 50, is 80" in failures[volume["VolumeId"]]
    assert "IpPermissions" in failures[groups["web"]]


def test_what_is_wrong_with_the_target_is_told(case: Case) -> None:
    there = case.client(TARGET)
    (subnet_id,) = case.small.policy.subnets.values()
    vpc_id = there.describe_subnets(SubnetIds=[subnet_id])["Subnets"][0]["VpcId"]
    there.create_security_group(GroupName="web", Description="another", VpcId=vpc_id)
    there.create_network_interface(SubnetId=subnet_id, PrivateIpAddress=str(case.small.policy.overrides[0].private_ip))
    there.delete_key_pair(KeyName="ops")
    found = case.run()
    assert sorted(one.subject.partition(" ")[0] for one in of(found, CheckName.COLLISIONS, CheckState.FAIL)) == ["address", "security"]
    assert {one.subject.rpartition("-")[2] for one in of(found, CheckName.REHEARSAL, CheckState.FAIL)} == {"check_key_pair"}


def test_a_wave_in_a_quiet_time_is_stopped(case: Case) -> None:
    quiet = {"from": NOW.isoformat(), "until": NOW.replace(year=NOW.year + 1).isoformat(), "reason": "year-end"}
    assert [one.state for one in of(case.run(freeze_windows=[quiet]), CheckName.FREEZE)] == [CheckState.FAIL]


def test_an_account_that_the_estate_does_not_know_is_not_assessed(case: Case) -> None:
    other = make_other(case)
    found = other.run()
    assert of(found, CheckName.PERMISSIONS, CheckState.PASS) == []
    gaps = [one for one in of(found, CheckName.DRIFT) if one.state is CheckState.NOT_ASSESSED]
    assert gaps
    assert all("not in the estate file" in one.evidence for one in gaps)


def make_other(case: Case) -> Case:
    """The same, but the estate file has lost the account."""
    elsewhere = Account(id="999999999999", regions=(SOURCE,), role_arn="arn:aws:iam::999999999999:role/M")
    return replace(case, estate=case.estate.model_copy(update={"accounts": (elsewhere,)}))


def test_the_table_tells_what_blocks_first_and_what_lets_nothing_pass(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    found = case.run(waivers=[waiver(CheckName.QUOTAS), waiver(CheckName.DNS)])
    show(found)
    told = capsys.readouterr()
    assert found.preflight_hash in told.out
    assert "waiver of dns by ana (the emulator has none) lets nothing pass: nothing that it names blocks." in told.err
    rows = [row_of(found, one) for one in found.in_order()]
    assert rows[0]["state"] == "not_assessed"
    waived = [row for row in rows if row["check"] == "quotas" and row["state"] == "not_assessed"]
    assert all(row["advice"] == "waived by ana until 2099-01-01: the emulator has none" for row in waived)
    assert all(one.isprintable() for one in told.out.splitlines())


def test_what_one_cause_left_unanswered_is_one_line_and_waivers_stay_apart() -> None:
    account, no = "123456789012", "Unable to locate credentials (NoCredentialsError)"
    names = (CheckName.LANDING, CheckName.KEYS, CheckName.QUOTAS, CheckName.LANDING)
    checks = [Check(name, f"s{at}", account, "us-east-1", CheckState.NOT_ASSESSED, no, "give some") for at, name in enumerate(names)]
    passed = Check(CheckName.FREEZE, "", "", "", CheckState.PASS, "no freeze")
    found = judged("plan-a", 1, [*checks, passed], [waiver(CheckName.QUOTAS)], date(2026, 11, 1))
    rows = [(row["check"], row["subject"], row["evidence"], row["advice"]) for row in rows_of(found)]
    assert rows == [
        ("landing and keys", "3 subjects: s0, s3 and s1", f"3 checks: {no}", "give some"),
        ("quotas", "s2", no, "waived by ana until 2099-01-01: the emulator has none"),
        ("freeze", "", "no freeze", ""),
    ]


@pytest.fixture
def planned(case: Case, tmp_path: Path) -> tuple[Workspace, PlanRow]:
    """The same estate in a lake and a ledger, with a plan of one wave."""
    places = {"lake": str(tmp_path / "lake"), "ledger": f"sqlite:///{tmp_path}/ledger.db"}
    workspace = Workspace.open(case.estate.model_copy(update=places))
    rows = [{**asdict(one), "private_ips": list(one.private_ips)} for one in case.known.resources.values()]
    coverage = [asdict(one) for one in case.known.coverage]
    talks = dependency(case.small.uids["web"], case.small.uids["db"], port=5432)
    relations = [(one.source_uid, one.target_uid, one.kind) for one in relations_of(case.known.resources.values())]
    snapshot_id = take_snapshot(workspace, rows, relations, coverage=coverage, dependencies=[talks])
    publish_plan.fn(workspace.estate, workspace.estate.planning, snapshot_id=snapshot_id, run_id="made")
    return workspace, plan_named(workspace, None)


def test_a_plan_out_of_the_lake_is_checked_and_recorded(case: Case, planned: tuple[Workspace, PlanRow]) -> None:
    workspace, plan = planned
    steps = wave_steps(workspace, plan, 1)
    found = run_preflight(workspace, plan, 1, steps, case.small.sessions, now=NOW)
    assert {one.name for one in found.blocking} == BLIND, "nothing has changed between scan and preflight"
    kept = record(workspace, plan, steps, found, checked_by="ana", checked_at=NOW)
    assert kept == workspace.ledger.newest_preflight(plan.plan_id, 1) == workspace.ledger.preflight(found.preflight_hash)
    assert (kept.steps_hash, kept.checked_by) == (steps_hash(steps), "ana")
    assert kept.document["blocks"] is True
    assert json.loads(json.dumps(found.document())) == kept.document
    event = workspace.ledger.audit_events()[-1]
    assert (event.action, event.detail["hash"], event.detail["plan_hash"]) == ("preflight.checked", found.preflight_hash, plan.content_hash)
    workspace.ledger.close()


def test_the_commands_check_record_and_say_what_blocks(
    case: Case, planned: tuple[Workspace, PlanRow], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, plan = planned
    people = [{"name": "ana", "roles": ["approver"], "key": public_key("ana")}]
    waivers = [json.loads(waiver(one).model_dump_json()) for one in sorted(BLIND)]
    text = workspace.estate.model_dump(mode="json", by_alias=True, exclude_unset=True) | {"people": people}
    path = tmp_path / "estate.yaml"

    path.write_text(json.dumps(text))
    assert preflight(plan.plan_id, wave=1, estate=path, as_json=True) == FAILED
    told = json.loads(capsys.readouterr().out)
    assert {one["check"] for one in told["checks"] if one["state"] != "pass"} == {one.value for one in BLIND}
    kept = workspace.ledger.newest_preflight(plan.plan_id, 1)
    assert kept is not None
    assert kept.preflight_hash == told["preflight_hash"]

    path.write_text(json.dumps(text | {"execution": {"waivers": waivers}}))
    assert preflight(None, wave=1, estate=path) == DONE
    assert "nothing keeps wave 1 from being begun" in capsys.readouterr().err
    newest = workspace.ledger.newest_preflight(plan.plan_id, 1)
    assert newest is not None
    assert migrate(plan.plan_id, wave=1, dry_run=True, estate=path, as_json=True) == DONE
    rehearsed_too = json.loads(capsys.readouterr().out)["preflight"]
    assert rehearsed_too["preflight_hash"] == newest.preflight_hash != kept.preflight_hash
    assert [one["by"] for one in rehearsed_too["waived_by"]] == ["ana"] * 3
    workspace.ledger.close()
