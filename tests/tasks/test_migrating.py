"""The dry run on the emulator: every call told, checks made, AWS asked with DryRun, and no write sent."""

import json
import re
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import parse_qs

import pytest
from botocore.httpsession import URLLib3Session

from cloudmigrate.app.migrate_commands import lines_of
from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.errors.sources import AccountAccessError
from cloudmigrate.simulate.emulator import Emulator
from tasks.migrating import DryRun, rehearsed
from tasks.preflight import Known, judge
from tests.execution import small_functions
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET, SmallEstate, make

HASH = "a" * 64
READS = re.compile(r"^(Describe|Get|List|Simulate|AssumeRole)")


@pytest.fixture
def estate(clean_emulator: Emulator) -> SmallEstate:
    return make()


@pytest.fixture
def sent(estate: SmallEstate, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """(operation or method and path, whether with DryRun) of every request that leaves the process, from now on."""
    seen: list[tuple[str, bool]] = []
    send = URLLib3Session.send

    def recorded(self: Any, request: Any) -> Any:
        body = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
        asked = parse_qs(body) if isinstance(body, str) else {}
        target = request.headers.get("X-Amz-Target", b"")  # of services that speak JSON: ServiceQuotasV20190624.GetServiceQuota
        named = (target.decode() if isinstance(target, bytes) else str(target)).rpartition(".")[2]
        operation = asked["Action"][0] if "Action" in asked else named or f"{request.method} {request.url}"
        seen.append((operation, asked.get("DryRun") == ["true"]))
        return send(self, request)

    monkeypatch.setattr(URLLib3Session, "send", recorded)
    return seen


def writes_in(sent: list[tuple[str, bool]]) -> list[str]:
    """The operations that change something: all but reads, and calls that were sent with DryRun."""
    return [operation for operation, is_dry in sent if not is_dry and not READS.match(operation) and not operation.startswith("GET ")]


def run(estate: SmallEstate) -> DryRun:
    return rehearsed(estate.steps(), plan_id="plan-1", plan_hash=HASH, wave=1, world=AwsWorld(estate.sessions, pause_factor=0))


def test_no_write_leaves_the_process(estate: SmallEstate, sent: list[tuple[str, bool]]) -> None:
    before = estate.state()
    sent.clear()
    found = run(estate)
    assert writes_in(sent) == []
    assert [operation for operation, is_dry in sent if is_dry]  # and some were sent as dry runs
    assert estate.state() == before
    assert found.refused == {}


def test_no_write_leaves_the_process_with_the_preflight_either(estate: SmallEstate, sent: list[tuple[str, bool]]) -> None:
    """Everything that `migrate --dry-run` asks: questions, a new look at the neighbourhood and the target, calls with DryRun."""
    accounts = (Account(id=ACCOUNT, regions=(SOURCE, TARGET)),)
    resources = {one.uid: one for one in estate.resources}
    members = frozenset(estate.uids.values())
    talks = {"source_uid": estate.uids["web"], "target_uid": estate.uids["db"], "protocol": 6, "port": 5432}
    known = Known(resources, (), members, frozenset({(estate.uids["web"], estate.uids["db"])}), (talks,), is_mapped=True)
    before = estate.state()
    sent.clear()
    made = Estate(estate="acme", accounts=accounts, targets=estate.policy)
    found = judge(made, "plan-1", 1, run(estate), known, sessions=estate.sessions, now=datetime.now(UTC))
    assert writes_in(sent) == []
    assert {operation for operation, is_dry in sent if is_dry}
    assert {"GetServiceQuota", "DescribeSubnets", "DescribeRouteTables", "DescribeVolumes", "DescribeInstanceTypeOfferings"} <= {
        operation for operation, _ in sent
    }
    assert estate.state() == before
    assert {one.name for one in found.checks} > {CheckName.DRIFT, CheckName.CONNECTIVITY, CheckName.REHEARSAL}


def test_every_step_is_told_with_its_calls_and_the_way_back(estate: SmallEstate) -> None:
    found = run(estate)
    document = json.loads(json.dumps(found.document()))
    assert [one["step_id"] for one in document["steps"]] == [one.step_id for one in estate.steps()]
    told = {call["operation"] for one in document["steps"] for call in one["calls"] if call["writes"]}
    assert {"CreateImage", "CopyImage", "CreateSecurityGroup", "RunInstances", "StopInstances", "ChangeResourceRecordSets"} <= told
    undone = [call["operation"] for one in document["rollback"] for call in one["calls"]]
    assert undone.index("TerminateInstances") < undone.index("DeregisterImage")
    assert "StartInstances" in undone
    assert document["likely_s"] > 600


def test_a_name_is_read_beforehand_so_that_its_change_is_told_in_full(estate: SmallEstate) -> None:
    changes = [
        call["params"]["ChangeBatch"]["Changes"][0]["ResourceRecordSet"]
        for one in run(estate).document()["steps"]
        for call in one["calls"]
        if call["operation"] == "ChangeResourceRecordSets"
    ]
    assert [one["TTL"] for one in changes] == [60, 60]  # lowered from 3600, then pointed elsewhere


def test_what_is_missing_in_the_target_is_told_beforehand(estate: SmallEstate) -> None:
    estate.sessions.client(estate.target_account, "ec2", "eu-west-1").delete_key_pair(KeyName="ops")
    refused = run(estate).refused
    assert refused
    assert all("check_key_pair" in step_id and "Next: " in why for step_id, why in refused.items())


def test_an_account_that_lets_nobody_in_answers_nothing(estate: SmallEstate, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: AwsSessions, account_id: str, *__: object) -> NoReturn:
        raise AccountAccessError(account_id, "AccessDenied", "its role may not be assumed", "let it be assumed", "sts:AssumeRole")

    monkeypatch.setattr(AwsSessions, "client", closed)
    found = run(estate)
    assert found.refused
    assert found.unclear == set(found.refused), "not assessed: nobody was asked"
    assert not found.said


def test_hostile_names_and_start_scripts_do_not_come_out(estate: SmallEstate) -> None:
    lines = "\n".join(lines_of(run(estate)))
    assert all(one.isprintable() for one in lines.splitlines())
    assert "hunter2" not in lines


def test_a_check_of_what_an_earlier_step_makes_is_not_made_beforehand(clean_emulator: Emulator) -> None:
    made = small_functions.make()
    found = rehearsed(made.steps(), plan_id="plan-1", plan_hash=HASH, wave=1, world=AwsWorld(made.sessions, pause_factor=0))
    assert found.refused == {}, "the target's function is compared when it is there"
    assert [one.act for one in found.steps if one.act == "lambda.check_target"]
    assert [step_id for step_id, said in found.said.items() if said == "holds" and "check" in step_id]
