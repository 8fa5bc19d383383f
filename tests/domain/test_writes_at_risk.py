"""What users may have written to since cutover: from the first step that leads them there, or from a group's end."""

from cloudmigrate.domain.journal import Entry, StepState, standings
from cloudmigrate.domain.steps import Step
from cloudmigrate.domain.writes_at_risk import writes_at_risk

LAUNCH = Step("launch", "ec2.run_instance", "g", "arn:web", "1" * 12, "eu-west-1")
POINT = Step("point", "dns.point_record", "g", "arn:web", "1" * 12, "eu-central-1", needs=("launch",))
KEEP = Step("keep", "ec2.keep_volumes", "g", "arn:web", "1" * 12, "eu-west-1", needs=("point",))
OTHER = Step("other", "ec2.run_instance", "h", "arn:job", "1" * 12, "eu-west-1")
STEPS = [LAUNCH, POINT, KEEP, OTHER]


def told(*done: str, groups: tuple[str, ...] = ("g", "h")) -> list[tuple[str, str, object]]:
    lines = [entry for name in done for entry in (Entry(name, StepState.INTENT), Entry(name, StepState.DONE, {"instance_id": f"i-{name}"}))]
    return [(one.group, one.since_step, one.holds["instance_id"]) for one in writes_at_risk(STEPS, standings(lines), groups)]


def test_a_target_that_nobody_is_led_to_yet_holds_no_writes() -> None:
    assert told("launch") == []


def test_from_the_step_that_leads_users_there_it_does() -> None:
    assert told("launch", "point") == [("g", "point", "i-launch")]
    assert told("launch", "point", "keep") == [("g", "point", "i-launch")]


def test_where_nothing_leads_there_the_groups_end_counts() -> None:
    assert told("other") == [("h", "other", "i-other")]
    assert told("other", groups=("g",)) == []
