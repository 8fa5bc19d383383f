"""A run of the deployment migrate-wave at a gate: suspended with its form, shown again for a worthless answer, on with a proven one."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE, temporary_settings

import flows.migrate_wave
from cloudmigrate.approving import Undertaking, gate_of, request_approval
from cloudmigrate.domain.approvals import ApprovalAnswer, ApprovalRequest, answer_document
from cloudmigrate.domain.gates import GateState
from cloudmigrate.domain.steps import Gate
from cloudmigrate.estate_file import load_estate
from cloudmigrate.execution.waves import GroupEnd, WaveEnd
from cloudmigrate.workspace import Workspace, utc_now
from flows.migrate_wave import migrate_wave
from tasks.executing import WaveOutcome
from tasks.wave_gates import Waiting
from tasks.wave_runs import Asked
from tests.signers import PLAN, PREFLIGHT, STEPS, answer, public_key

ACCOUNT = "111111111111"


@pytest.fixture
def client(prefect_url: str) -> Iterator[SyncPrefectClient]:
    """The tests' own Prefect server, as this very process sees it."""
    with (
        temporary_settings({PREFECT_API_URL: prefect_url, PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False}),
        get_client(sync_client=True) as opened,
    ):
        yield opened


@dataclass
class Run:
    """A run of the deployment, whose process ends at each gate."""

    client: SyncPrefectClient
    workspace: Workspace
    run_id: UUID

    def runs(self) -> None:
        """Let its process go as far as it goes."""
        found = self.client.read_flow_run(self.run_id)
        with suppress(Pause):  # the process would end here
            run_flow(migrate_wave, flow_run=found, parameters=found.parameters, return_type="state")

    def form(self) -> tuple[dict[str, Any], str]:
        """The fields that the suspended run shows, and what it tells."""
        state = self.client.read_flow_run(self.run_id).state
        assert state is not None
        assert (state.type, state.name) == (StateType.PAUSED, "Suspended")
        keys = state.state_details.run_input_keyset
        assert keys is not None
        schema, told = (json.loads(self.client.read_flow_run_input(self.run_id, keys[name])) for name in ("schema", "description"))
        return schema, told

    def answers(self, said: ApprovalAnswer) -> None:
        document = answer_document(said)
        filled = {"decision": document["decision"], "approver": document["approver"], "signature": json.dumps(document)}
        self.client.resume_flow_run(self.run_id, run_input=filled)

    def request(self) -> ApprovalRequest:
        [found] = self.workspace.ledger.approvals("acme").requests
        return found


@pytest.fixture
def run(client: SyncPrefectClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Run]:
    """A run of plan-1, named or, with the parameter None, taken for the newest."""
    text = {
        "estate": "acme",
        "lake": str(tmp_path / "lake"),
        "ledger": f"sqlite:///{tmp_path}/ledger.db",
        "accounts": [{"id": ACCOUNT, "regions": ["eu-central-1"]}],
        "people": [{"name": name, "roles": ["approver"], "key": public_key(name)} for name in ("ana", "ben")],
    }
    file = tmp_path / "estate.yaml"
    file.write_text(json.dumps(text))  # JSON is YAML
    workspace = Workspace.open(load_estate(file))
    workspace.ledger.begin_run("r1", "discover-estate", "acme")
    workspace.ledger.begin_snapshot("s1", "acme", "r1")
    workspace.ledger.commit_snapshot("s1", [])
    workspace.ledger.publish_plan("plan-1", "s1", PLAN, "plans/plan-1.json", [], datasets=())
    monkeypatch.setattr(flows.migrate_wave, "carry_on", carried_as_far_as_the_gate)
    flow_id = client.create_flow(migrate_wave)
    deployment_id = client.create_deployment(flow_id, "wave", entrypoint="flows/migrate_wave.py:migrate_wave", path=".")
    parameters = {"estate": str(file), "wave": 1, "plan_id": getattr(request, "param", "plan-1"), "requested_by": "olga"}
    made = client.create_flow_run_from_deployment(deployment_id, parameters=parameters)
    yield Run(client, workspace, made.id)
    workspace.ledger.close()


def carried_as_far_as_the_gate(asked: Asked, estate: str) -> WaveOutcome:
    """A wave of one group behind the gate of cutover, by the ledger alone: no cloud."""
    opened, ledger = load_estate(Path(estate)), asked.workspace.ledger
    what = Undertaking(asked.plan.plan_id, PLAN, 1, STEPS, PREFLIGHT)
    standing = gate_of(opened, ledger, what, Gate.CUTOVER, utc_now())
    if standing.state is GateState.OPEN:
        return WaveOutcome(WaveEnd({"g": GroupEnd.MIGRATED}))
    request = request_approval(opened, ledger, what, Gate.CUTOVER, requested_by=asked.by, now=utc_now())
    standing = gate_of(opened, ledger, what, Gate.CUTOVER, utc_now())
    return WaveOutcome(
        WaveEnd({"g": GroupEnd.WAITING}, waiting_for=(Gate.CUTOVER,)), Waiting(((request, standing),), changes=("web/1: type was a, is b",))
    )


def test_a_suspended_run_goes_on_with_a_proven_answer_and_shows_its_form_again_for_any_other(run: Run) -> None:
    run.runs()
    schema, told = run.form()
    assert schema["required"] == ["decision", "approver", "signature"]
    assert schema["properties"]["decision"]["enum"] == ["approve", "reject"]
    assert "Asked by `olga`" in told
    assert "Changed since the wave began: `web/1: type was a, is b`" in told
    assert f"Steps: `{' '.join(['b' * 16] * 4)}`" in told

    head = run.workspace.ledger.audit_head()
    signed: dict[str, Any] = {"answered_at": datetime.now(UTC), "head_seq": head.seq, "head_hash": head.hash}
    run.answers(answer(run.request(), "ben", key="ana", **signed))
    run.runs()
    assert run.form() == (schema, told), "shown again: it was not signed by the key of ben"
    assert run.workspace.ledger.approvals("acme").answers == ()

    run.answers(answer(run.request(), "ana", **signed))
    run.runs()
    state = run.client.read_flow_run(run.run_id).state
    assert state is not None
    assert state.type is StateType.COMPLETED
    assert [one.approver for one in run.workspace.ledger.approvals("acme").answers] == ["ana"]
    assert run.request().gate is Gate.CUTOVER, "it was asked for once"


@pytest.mark.parametrize("run", [None], indirect=True, ids=["newest"])
def test_a_suspended_run_keeps_to_the_plan_that_it_asked_for_when_a_newer_one_comes(run: Run) -> None:
    run.runs()
    head = run.workspace.ledger.audit_head()
    ledger = run.workspace.ledger
    ledger.begin_snapshot("s2", "acme", "r1")
    ledger.commit_snapshot("s2", [])
    ledger.publish_plan("plan-2", "s2", PLAN, "plans/plan-2.json", [], datasets=())

    run.answers(answer(run.request(), "ana", answered_at=datetime.now(UTC), head_seq=head.seq, head_hash=head.hash))
    run.runs()
    state = run.client.read_flow_run(run.run_id).state
    assert state is not None
    assert state.type is StateType.COMPLETED
    assert run.request().plan_id == "plan-1", "the newer plan was not asked for"
