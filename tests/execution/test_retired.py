"""What is retired: its steps, the days that it stands still, callers that revive it, and its end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jmespath
import pytest

from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.explaining import explain
from cloudmigrate.domain.itineraries.compile import compile_wave
from cloudmigrate.domain.itineraries.retire import DATABASE, SERVER, VOLUME
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Gate, Reversal, Step
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.target_policy import TargetPolicy
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.ports import Patience
from cloudmigrate.execution.waves import GroupEnd, Limits, WaveEnd, run_wave
from cloudmigrate.simulate.emulator import Emulator
from tests.execution import small_retired
from tests.execution.end_matrix import EndMatrix
from tests.execution.kill_matrix import Case, Matrix, Point, ledger_in
from tests.execution.model import PLAN_HASH, ModelJournal
from tests.execution.small_estate import ACCOUNT, SOURCE
from tests.execution.small_retired import LOG_GROUP, SmallRetired

CLOSED = frozenset({Gate.NO_RETURN})
PLACE = ("aws", "111111111111", "eu-central-1")


def compiled(source: Resource, *others: Resource, **policy: Any) -> list[Step]:
    plan = {"plan_id": "plan-1", "groups": [{"id": "g", "members": [source.uid], "needs": [], "wave": 1}]}
    return compile_wave(plan, [source, *others], TargetPolicy.model_validate(policy), 1, {source.uid: Strategy.RETIRE})


def resource(kind: str, uid: str, state: str = "", **spec: Any) -> Resource:
    return Resource(uid, *PLACE, kind, "old", state, {}, spec, stateful=True, private_ips=("10.0.0.5",))


def server(state: str = "running", **more: Any) -> Resource:
    disks = [{"DeviceName": f"/dev/sd{one}", "Ebs": {"VolumeId": f"vol-{one}", "DeleteOnTermination": one == "a"}} for one in "ab"]
    return resource(SERVER, "arn:i-1", state, **{"InstanceId": "i-1", "VpcId": "vpc-1", "BlockDeviceMappings": disks, **more})


def test_a_server_stops_is_kept_in_an_image_rests_and_goes_with_the_volumes_that_would_outlive_it() -> None:
    log = resource("AWS::EC2::FlowLog", "arn:fl-1", ResourceId="vpc-1", LogGroupName="/vpc/flow")
    other = resource("AWS::EC2::FlowLog", "arn:fl-2", ResourceId="vpc-2", LogGroupName="/vpc/other")
    steps = compiled(server(), log, other)
    assert [(one.act, one.gate, one.reversal) for one in steps] == [
        ("ec2.check_source", Gate.EXECUTION, Reversal.NOTHING),
        ("ec2.stop_source", Gate.CUTOVER, Reversal.UNDO),
        ("ec2.await_stopped", None, Reversal.NOTHING),
        ("ec2.create_image", None, Reversal.UNDO),
        ("retire.await_last_image", None, Reversal.NOTHING),
        ("retire.mark", None, Reversal.UNDO),
        ("retire.rest_server", None, Reversal.NOTHING),
        ("ec2.terminate_source", Gate.NO_RETURN, Reversal.NO_RETURN),
        ("retire.await_terminated", None, Reversal.NOTHING),
        ("retire.delete_volume", Gate.NO_RETURN, Reversal.NO_RETURN),
    ]
    rest = steps[6]
    assert (rest.params["days"], rest.params["log_groups"], rest.params["private_ips"]) == (14, ["/vpc/flow"], ["10.0.0.5"])
    assert steps[-1].params["volume_id"] == "vol-b"
    assert "only a start shows" in compiled(server(), retire_after_days=30)[6].says
    assert [one.act for one in compiled(server("stopped"))][:2] == ["ec2.create_image", "retire.await_last_image"]


def test_what_depends_on_its_group_does_not_wait_for_the_days_of_its_rest() -> None:
    moved = resource("AWS::EFS::FileSystem", "arn:fs-1")
    groups = [
        {"id": "a", "members": ["arn:i-1"], "needs": [], "wave": 1},
        {"id": "b", "members": [moved.uid], "needs": ["a"], "wave": 1},
    ]
    steps = compile_wave({"plan_id": "p", "groups": groups}, [server(), moved], TargetPolicy(), 1, {"arn:i-1": Strategy.RETIRE})
    (waiting,) = [one for one in steps if one.group == "b"]
    assert waiting.needs == (next(one.step_id for one in steps if one.act == "retire.mark"),)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (server(RootDeviceType="instance-store"), "instance store"),
        (server("terminated"), "it is terminated"),
        (resource(DATABASE, "arn:db", "available", DBInstanceIdentifier="db", Engine="aurora-mysql"), "cluster"),
        (resource(DATABASE, "arn:db", "available", DBInstanceIdentifier="db", ReadReplicaSourceDBInstanceIdentifier="x"), "read replica"),
        (resource(DATABASE, "arn:db", "available", DBInstanceIdentifier="db", DeletionProtection=True), "deletion protection"),
        (resource(DATABASE, "arn:db", "stopped", DBInstanceIdentifier="db"), "it is stopped"),
        (resource(VOLUME, "arn:vol", "in-use", VolumeId="vol-1", Attachments=[{"InstanceId": "i-1"}]), "attached to i-1"),
        (resource("AWS::EFS::FileSystem", "arn:fs"), "the plan says retire"),
    ],
)
def test_what_this_does_not_retire_a_person_does(source: Resource, why: str) -> None:
    (step,) = compiled(source)
    assert (step.act, why in step.params["text"]) == ("by_hand.confirm", True)


def test_a_volume_that_somebody_attached_is_told_as_called() -> None:
    rest = BY_NAME["retire.rest_volume"].rests
    assert rest is not None
    now = datetime(2026, 3, 1, tzinfo=UTC)
    (look,) = rest({"volume_id": "vol-1", "days": 14, "since": now.isoformat()}).contacts(now, now)
    found = [jmespath.search(look.finds["contact"], {"Volumes": [{"State": state}]}) for state in ("available", "in-use")]
    assert found == [None, "somebody attached it, it is in-use"]


def test_the_dry_run_says_that_a_rest_lasts_for_days() -> None:
    explained = {one.step.act: one.likely for one in explain(compiled(server(), retire_after_days=30), plan_hash=PLAN_HASH, wave=1)}
    assert explained["retire.rest_server"] == timedelta(days=30)


def run(estate: SmallRetired, journal: ModelJournal, days: float, closed: frozenset[Gate] = frozenset()) -> WaveEnd:
    world = AwsWorld(estate.sessions, pause_factor=0, now=lambda: datetime.now(UTC) + timedelta(days=days))
    carrier = Carrier(PLAN_HASH, 1, world, journal, Patience(tries=2, looks=2), sleep=lambda _: None)
    return run_wave(estate.steps(), carrier, is_open=lambda gate: gate not in closed, limits=Limits(at_once=1))


@pytest.mark.usefixtures("clean_emulator")
def test_a_server_rests_for_its_days_without_holding_the_wave_and_then_waits_for_the_gate() -> None:
    estate, journal = small_retired.server(), ModelJournal()
    end = run(estate, journal, days=0)
    assert end.groups == {"old": GroupEnd.WAITING}
    assert end.waiting_until is not None
    assert timedelta(days=13, hours=23) < end.waiting_until - datetime.now(UTC) <= timedelta(days=14)
    assert estate.state()["servers"] == [("stopped", True)]
    assert run(estate, journal, days=13.9).waiting_until == end.waiting_until
    assert run(estate, journal, days=14.1, closed=CLOSED).waiting_for == (Gate.NO_RETURN,)
    assert run(estate, journal, days=14.1).is_whole
    state = estate.state()
    assert (state["servers"], state["volumes"], state["images"], state["snapshots"]) == ([], [], [(2, "available")], [20, 100])


def _starts(estate: SmallRetired) -> None:
    ec2 = estate.sessions.client(ACCOUNT, "ec2", SOURCE)
    ec2.start_instances(InstanceIds=[estate.uid.rpartition("/")[2]])


def _calls(estate: SmallRetired) -> None:
    (address,) = next(one.private_ips for one in estate.resources if one.uid == estate.uid)
    logs = estate.sessions.client(ACCOUNT, "logs", SOURCE)
    at = int((datetime.now(UTC) + timedelta(minutes=90)).timestamp() * 1000)
    lines = [
        f"2 {ACCOUNT} eni-0 10.9.9.9 {address}9 40000 443 6 1 60 1 2 ACCEPT OK",
        f"2 {ACCOUNT} eni-0 10.9.9.9 {address} 40000 443 6 1 60 1 2 REJECT OK",
    ]
    events = [{"timestamp": at + number, "message": line} for number, line in enumerate(lines)]
    logs.put_log_events(logGroupName=LOG_GROUP, logStreamName="eni-0", logEvents=events)


def _connects(estate: SmallRetired) -> None:
    dimensions = [{"Name": "DBInstanceIdentifier", "Value": estate.uid.rpartition(":")[2]}]
    point = {
        "MetricName": "DatabaseConnections",
        "Dimensions": dimensions,
        "Value": 3.0,
        "Timestamp": datetime.now(UTC) + timedelta(days=1),
    }
    estate.sessions.client(ACCOUNT, "cloudwatch", SOURCE).put_metric_data(Namespace="AWS/RDS", MetricData=[point])


@pytest.mark.usefixtures("clean_emulator")
@pytest.mark.parametrize(
    ("make", "contact", "told"),
    [
        pytest.param(small_retired.server, _starts, "somebody started it", id="started"),
        pytest.param(small_retired.server, _calls, "REJECT OK", id="sent-to"),
        pytest.param(small_retired.database, _connects, "it had connections: 3.0", id="connected"),
    ],
)
def test_the_first_contact_revives_it(make: Callable[[], SmallRetired], contact: Callable[[SmallRetired], None], told: str) -> None:
    estate, journal = make(), ModelJournal()
    before = estate.state()
    assert run(estate, journal, days=0).groups == {"old": GroupEnd.WAITING}
    contact(estate)
    end = run(estate, journal, days=2)
    (said,) = end.failures.values()
    assert told in said
    assert end.groups == {"old": GroupEnd.ROLLED_BACK}
    assert estate.state() == before


@pytest.mark.usefixtures("clean_emulator")
def test_killed_while_a_database_stops_it_stands_still_or_runs_as_before(tmp_path: Path) -> None:
    estate, ledger = small_retired.database(), ledger_in(tmp_path)
    matrix = Matrix(estate, ledger, estate.steps(), world_of=small_retired.later, closed=CLOSED)
    assert matrix.whole["databases"] == [("stopped", True)]
    assert matrix.whole["database snapshots"] == [("available", True)]
    stop = next(one.step_id for one in matrix.steps if one.act == "retire.stop_database")
    for case in (
        Case(stop, Point.AFTER_CALL, "resume"),
        Case(stop, Point.AFTER_INTENT, "roll back"),
        Case(stop, Point.AFTER_UNDO_CALL, "roll back"),
    ):
        assert matrix.fails(case) is None
    ledger.close()


def test_killed_while_it_is_deleted_it_is_gone_and_no_rollback_pretends_otherwise(clean_emulator: Emulator, tmp_path: Path) -> None:
    ledger = ledger_in(tmp_path)
    matrix = EndMatrix(small_retired.volume, clean_emulator, ledger, small_retired.later, CLOSED)
    assert (matrix.whole["volumes"], matrix.whole["snapshots"]) == ([], [50])
    gone = matrix.steps[-1].step_id
    for case in (Case(gone, Point.BEFORE_INTENT, "roll back"), Case(gone, Point.AFTER_CALL, "roll back")):
        assert matrix.fails(case) is None
    ledger.close()
