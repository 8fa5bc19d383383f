"""A wave to write runbooks of: a web server in front of a database server, a queue that a person moves, and a server that is retired."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.gates import GateStanding, GateState
from cloudmigrate.domain.itineraries.compile import compile_wave
from cloudmigrate.domain.journal import Entry, StepState, standings
from cloudmigrate.domain.people import Person
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.roles import Role
from cloudmigrate.domain.runbooks.blocks import AuditRow, Block, Document
from cloudmigrate.domain.runbooks.durations import TimedLine
from cloudmigrate.domain.runbooks.facts import CheckFact, RunFacts, WaveFacts
from cloudmigrate.domain.runbooks.pages import runbooks
from cloudmigrate.domain.steps import Gate, Step
from cloudmigrate.domain.target_policy import TargetPolicy
from cloudmigrate.domain.wave_policy import FreezeWindow, WavePolicy
from cloudmigrate.domain.what_if import Rule
from tests.signers import public_key

ACCOUNT, SOURCE, TARGET = "111111111111", "eu-central-1", "eu-west-1"
AS_OF = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEGUN = datetime(2026, 12, 1, 20, tzinfo=UTC)
POLICY = TargetPolicy(region=TARGET, vpcs={"vpc-1": "vpc-2"}, subnets={"subnet-1": "subnet-2"}, security_groups={"sg-1": "sg-2"})


def server(own_id: str, name: str) -> Resource:
    """A server with one disk."""
    spec = {
        "InstanceId": own_id,
        "InstanceType": "t3.micro",
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "PrivateIpAddress": "10.0.0.5",
        "SecurityGroups": [{"GroupId": "sg-1"}],
        "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeId": f"vol-{own_id}", "DeleteOnTermination": True}}],
    }
    uid = f"arn:aws:ec2:{SOURCE}:{ACCOUNT}:instance/{own_id}"
    return Resource(uid, "aws", ACCOUNT, SOURCE, "AWS::EC2::Instance", name, "running", {}, spec, stateful=True)


def thing(type_: str, name: str, **spec: Any) -> Resource:
    """Something else, in the source's region."""
    return Resource(f"arn:aws:x:{SOURCE}:{ACCOUNT}:{name}", "aws", ACCOUNT, SOURCE, type_, name, "", {}, spec, stateful=True)


def group(own_id: str, members: Sequence[Resource], *workloads: str, needs: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    """A move group of wave 3."""
    told = {"label": own_id, "environment": "prod", "risk_level": "low", "needs_unplanned": [], "wave": 3}
    return {"id": own_id, "members": [one.uid for one in members], "needs": list(needs), "workloads": list(workloads)} | told | more


def sample_estate(**more: Any) -> Estate:
    """An estate with three people: an operator and two who approve."""
    people = (
        Person(name="olga", roles=(Role.OPERATOR,), key=public_key("olga")),
        *(Person(name=name, roles=(Role.APPROVER,), key=public_key(name)) for name in ("ana", "ben")),
    )
    freeze = FreezeWindow(from_on=date(2026, 12, 15), to_on=date(2027, 1, 6), reason="year-end close")
    planning = WavePolicy(first_wave_on=date(2026, 12, 1), freeze_windows=(freeze,))
    told: dict[str, Any] = {"people": people, "planning": planning, "targets": POLICY} | more
    return Estate(estate="acme", accounts=(Account(id=ACCOUNT, regions=(SOURCE, TARGET)),), **told)


def sample_facts(web_name: str = "web", queue_name: str = "jobs", workload: str = "shop", **more: Any) -> WaveFacts:
    """Wave 3, not begun: `db` and `web` of one workload, and a queue of another."""
    web, db = server("i-1", web_name), server("i-2", "db")
    queue = thing("AWS::SQS::Queue", queue_name)
    groups = (
        group("db-group", [db], workload),
        group("web-group", [web], workload, needs=["db-group"]),
        group("jobs-group", [queue], label=queue_name),
    )
    resources = {one.uid: one for one in (web, db, queue)}
    steps = compile_wave({"plan_id": "plan-1", "groups": list(groups)}, resources.values(), POLICY, 3)
    told: dict[str, Any] = {
        "estate": sample_estate(),
        "plan_id": "plan-1",
        "plan_hash": "a" * 64,
        "wave": 3,
        "groups": groups,
        "as_of": AS_OF,
        "starts_on": date(2026, 12, 1),
        "ends_on": date(2026, 12, 2),
        "steps": tuple(steps),
        "resources": resources,
        "rules": (Rule("db-group", "ingress", 6, 5432, "web-group", "move_group"), Rule("web-group", "ingress", 6, 443, "x", "range")),
    }
    return WaveFacts(**told | more)


def begun_facts(**more: Any) -> WaveFacts:
    """The same wave when the first two steps of `db` are done, the first in 90 seconds, the second in 20 minutes, and the third began."""
    facts = sample_facts(**more)
    first, second, third = [one for one in facts.steps if one.group == "db-group"][:3]
    minutes = timedelta(minutes=1)
    lines = (
        timed(first, StepState.INTENT, BEGUN),
        timed(first, StepState.DONE, BEGUN + 1.5 * minutes),
        timed(second, StepState.INTENT, BEGUN + 2 * minutes),
        timed(second, StepState.DONE, BEGUN + 22 * minutes),
        timed(third, StepState.INTENT, BEGUN + 23 * minutes),
    )
    outputs = {first.step_id: {"image_id": "ami-1", "instance_id": "i-2"}}
    known = standings(
        Entry(one.step_id, one.state, outputs.get(one.step_id, {"state": "x"}) if one.state is StepState.DONE else {}) for one in lines
    )
    events = tuple(
        AuditRow(7 + at, one.at, f"step.{one.state.value}", one.step_id, "olga@here/1", f"{at}" * 64) for at, one in enumerate(lines)
    )
    gates = {Gate.EXECUTION: GateStanding(GateState.OPEN, approved_by=("ana",)), Gate.CUTOVER: GateStanding(GateState.WAITING)}
    run = RunFacts("olga", BEGUN, lines, known, gates, events)
    checks = (
        CheckFact("quotas", "vCPU", "pass", "10 of 100"),
        CheckFact("backups", "arn:aws:ec2:eu-central-1:111111111111:instance/i-2", "fail", "no backup"),
        CheckFact("permissions", "", "not_assessed", "no answer", waived_by="ana"),
    )
    return sample_facts(**{**more, "run": run, "as_of": lines[-1].at, "checks": checks, "checked_at": BEGUN})


def timed(step: Step, state: StepState, at: datetime, holder: str = "olga@here/1") -> TimedLine:
    """A line of the journal."""
    return TimedLine(step.step_id, state, at, holder)


def pages(facts: WaveFacts) -> tuple[Document, ...]:
    """The wave's page, then those of its workloads."""
    return runbooks(facts)


def of_kind(document: Document, kind: type[Block]) -> list[Any]:
    """The document's blocks of one kind."""
    return [one for one in document.blocks if isinstance(one, kind)]
