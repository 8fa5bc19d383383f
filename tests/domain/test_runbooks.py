"""Runbooks as documents: what each page says of a small wave, worked out by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cloudmigrate.domain.explaining import explain
from cloudmigrate.domain.itineraries.compile import compile_wave
from cloudmigrate.domain.journal import StepState
from cloudmigrate.domain.runbooks.blocks import AuditEvents, Checklist, Command, Decision, Gantt, Note, Pairs, Steps, Table, Tick
from cloudmigrate.domain.runbooks.durations import Measured, expected_words, measured, percentile, scheduled
from cloudmigrate.domain.runbooks.integrity_queries import MYSQL, POSTGRES, row_counts
from cloudmigrate.domain.runbooks.words import listed, span
from cloudmigrate.domain.runbooks.workloads import slug_of, workloads_of
from cloudmigrate.domain.steps import Gate, Reversal, Step
from cloudmigrate.domain.strategies import Strategy
from tests.domain.itineraries.test_function_callers import moved
from tests.hostile_estate import WORDS
from tests.runbook_samples import BEGUN, begun_facts, group, of_kind, pages, sample_estate, sample_facts, server, thing, timed

S = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0 * S, "0 s"),
        (45.4 * S, "45 s"),
        (60 * S, "1 min"),
        (61 * S, "1 min 01 s"),
        (3900 * S, "1 h 05 min"),
        (26 * 3600 * S, "1 day 2 h"),
        (7 * 86400 * S, "7 days"),
    ],
)
def test_a_span_in_words(value: timedelta, told: str) -> None:
    assert span(value) == told


def test_a_list_in_words() -> None:
    assert [listed(one, at_most=3) for one in ([], ["a"], ["a", "b"], list("abcd"))] == ["nobody", "a", "a and b", "a, b and 2 more"]


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    """Of ten runs of 1 to 10 s the median is the 5th and the 90th percentile the 9th; of one run both are that run."""
    ten = [n * S for n in (3, 1, 2, 10, 9, 8, 4, 5, 6, 7)]
    assert (percentile(ten, 50), percentile(ten, 90), percentile([4 * S], 90)) == (5 * S, 9 * S, 4 * S)


def test_durations_are_of_acts_that_one_process_began_and_ended() -> None:
    image, stop, hand = (Step(f"g/{act}", act, "g", "u", "1", "r") for act in ("ec2.create_image", "ec2.stop_source", "by_hand.confirm"))
    lines = [
        timed(image, StepState.INTENT, BEGUN),
        timed(image, StepState.DONE, BEGUN + 10 * S),
        timed(image, StepState.UNDOING, BEGUN + 11 * S),
        timed(image, StepState.UNDONE, BEGUN + 99 * S),
        timed(image, StepState.INTENT, BEGUN + 100 * S),
        timed(image, StepState.DONE, BEGUN + 130 * S),
        timed(stop, StepState.INTENT, BEGUN),
        timed(stop, StepState.DONE, BEGUN + 9999 * S, holder="another@there/2"),
        timed(hand, StepState.INTENT, BEGUN),
        timed(hand, StepState.DONE, BEGUN + 5 * S),
    ]
    assert measured([([image, stop, hand], lines)]) == {"ec2.create_image": Measured(2, 10 * S, 30 * S)}


def test_expected_durations_say_where_they_come_from() -> None:
    assert expected_words(20 * 60 * S, None) == "20 min (catalogue's estimate)"
    assert expected_words(20 * 60 * S, Measured(12, 300 * S, 420 * S)) == "5 min, 90 % within 7 min (12 own runs)"


def test_a_step_begins_when_what_it_needs_has_likely_ended() -> None:
    """Check 5 s, stop 1 min, stopped 2 min by the catalogue: the image begins after 185 s; after 155 s where a stop takes 30 s."""
    facts = sample_facts()
    explained = explain(facts.steps, plan_hash=facts.plan_hash, wave=3)
    fourth = facts.steps[3].step_id
    assert scheduled(explained, {})[fourth].starts_after == 185 * S
    assert scheduled(explained, {"ec2.stop_source": Measured(3, 30 * S, 40 * S)})[fourth].starts_after == 155 * S


def test_workloads_that_share_a_group_have_one_runbook_and_a_group_of_none_its_own() -> None:
    one, two, three, four, five = (thing("AWS::SQS::Queue", name) for name in "abcde")
    groups = [
        group("g1", [one], "shop"),
        group("g2", [two], "billing"),
        group("g3", [three], "shop", "billing"),
        group("g4", [four], label="lonely"),
        group("g5", [five], label="lonely"),
    ]
    found = workloads_of(groups)
    assert [(each.title, sorted(each.group_ids)) for each in found] == [
        ("billing and shop", ["g1", "g2", "g3"]),
        ("lonely (g4)", ["g4"]),
        ("lonely (g5)", ["g5"]),
    ]
    assert len({each.name for each in found}) == 3


@pytest.mark.parametrize("word", WORDS)
def test_names_of_pages_are_safe_in_paths_whatever_the_workload_is_called(word: str) -> None:
    slug = slug_of(word, ["g1"])
    assert slug.isascii()
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 10 <= len(slug) <= 49
    assert slug != slug_of(word, ["g2"])


def test_the_pages_of_a_wave() -> None:
    wave, jobs, shop = pages(sample_facts())
    assert [one.title for one in (wave, jobs, shop)] == [
        "Runbook of wave 3 of acme",
        "Runbook of jobs, wave 3 of acme",
        "Runbook of shop, wave 3 of acme",
    ]
    assert (wave.parent, jobs.parent, shop.parent) == ("", "wave-003/wave", "wave-003/wave")
    assert [len(of_kind(one, Steps)[0].rows) for one in (wave, jobs, shop)] == [21, 1, 20]


def test_steps_are_the_engines_own_with_gates_and_times() -> None:
    facts = sample_facts()
    rows = of_kind(pages(facts)[0], Steps)[0].rows
    assert [one.step_id for one in rows] == [one.step_id for one in facts.steps]
    second = rows[1]
    assert (second.says, second.gate, second.calls, second.starts_after) == ("stop the source i-2", "cutover", "ec2 StopInstances", 5 * S)
    assert second.expected == "1 min (catalogue's estimate)"
    by_hand = next(one for one in rows if one.step_id.startswith("jobs"))
    assert (by_hand.gate, by_hand.expected) == ("by hand", "as long as a person takes, not counted")
    # 48 min 55 s a server, the second after the first.
    assert dict(of_kind(pages(facts)[2], Pairs)[0].items)["Likely takes"].startswith("1 h 37 min from")


def test_where_all_is_by_hand_no_time_is_told_and_no_call_claimed() -> None:
    wave, jobs, _ = pages(sample_facts())
    assert dict(of_kind(jobs, Pairs)[0].items)["Likely takes"] == "as long as people take: all of it is by hand"
    assert "by hand, but for 1 step that a person does and confirms." in str(wave.blocks)


def test_decisions_name_who_owns_them() -> None:
    found = {one.name: one for one in of_kind(pages(sample_facts())[2], Decision)}
    assert set(found) == {"execution", "cutover"}
    assert found["cutover"].owners == "1 approval of role approver: ana and ben; not who asked; holds 24 hours"
    assert found["cutover"].before == "2 steps, first db-group/db-2550dda4/02-stop_source"
    assert found["cutover"].command == "cloudmigrate approve plan-1 --wave 3 --gate cutover"
    hand = of_kind(pages(sample_facts())[1], Decision)[1]
    assert hand.command == "cloudmigrate confirm plan-1 jobs-group/jobs-6f86a174/01-confirm --wave 3"


def test_a_begun_wave_is_ticked_with_times_and_audit_events() -> None:
    wave = pages(begun_facts())[0]
    steps = of_kind(wave, Steps)[0]
    assert steps.is_live
    assert [(one.tick, one.actual, [event.seq for event in one.events]) for one in steps.rows[:4]] == [
        (Tick.DONE, "1 min 30 s", [7, 8]),
        (Tick.DONE, "20 min", [9, 10]),
        (Tick.DOING, "", [11]),
        (Tick.OPEN, "", []),
    ]
    assert [one.seq for one in of_kind(wave, AuditEvents)[0].rows] == [7, 8, 9, 10, 11]
    facts = dict(of_kind(wave, Pairs)[0].items)
    assert facts["State"] == "under way: 2 of 21 steps done; begun by olga at 2026-12-01 20:00 UTC"
    assert {one.name: one.standing for one in of_kind(wave, Decision)}["execution"] == "open: approved by ana"


def test_the_preflight_ticks_what_it_saw() -> None:
    items = {one.text.partition(":")[0]: one for one in of_kind(pages(begun_facts())[0], Checklist)[0].items}
    assert (items["Preflight, quotas"].done, items["Preflight, quotas"].detail) == (True, "1 check passed")
    assert not items["Preflight, backups"].done
    assert items["Preflight, backups"].detail.startswith("fail: arn:aws:ec2:eu-central-1:111111111111:instance/i-2: no backup")
    assert (items["Preflight, permissions"].done, items["Preflight, permissions"].detail) == (True, "waived by ana")
    jobs = [one.text for one in of_kind(pages(begun_facts())[1], Checklist)[0].items]
    assert not any("Preflight, backups" in one for one in jobs), "of a workload only what concerns its own resources"


def test_the_way_back_has_every_call_newest_first_and_the_ids_that_are_known() -> None:
    shop = pages(sample_facts())[2]
    back = [one for one in of_kind(shop, Command) if "Takes back" in one.says]
    assert [one.says.partition(",")[0] for one in back[:2]] == [
        "1. Takes back web-group/web-500dd8be/08-run_instance",
        "2. Takes back web-group/web-500dd8be/06-copy_image",
    ]
    assert back[0].text == (
        "aws ec2 terminate-instances --region eu-west-1 --cli-input-json "
        """'{"InstanceIds": ["<instance_id of web-group/web-500dd8be/08-run_instance>"]}'"""
    )
    # What was begun decides: only the stop is there to be taken back, since the check changed nothing and the wait neither.
    begun = [one for one in of_kind(pages(begun_facts())[2], Command) if "Takes back" in one.says]
    assert [one.text for one in begun] == ["""aws ec2 start-instances --region eu-central-1 --cli-input-json '{"InstanceIds": ["i-2"]}'"""]


def test_the_point_of_no_return_is_named_or_said_to_be_none() -> None:
    facts = sample_facts()
    assert any(getattr(one, "text", "").startswith("None: every step has an inverse") for one in pages(facts)[0].blocks)
    last = facts.steps[-1]
    final = Step("web-group/x/11-end", "ec2.terminate_source", "web-group", last.uid, "1", "r", {"instance_id": "i-1"}, (last.step_id,))
    gone = replace(final, reversal=Reversal.NO_RETURN, gate=Gate.NO_RETURN, says="delete the source i-1")
    told = pages(replace(facts, steps=(*facts.steps, gone)))[2]
    assert "shop: web-group/x/11-end: delete the source i-1. Once it was begun, nothing of its move group goes back." in str(told.blocks)
    assert [one.name for one in of_kind(told, Decision)] == ["execution", "cutover", "no return"]


def test_validation_asks_the_target_and_tries_the_ports_that_clients_used() -> None:
    commands = [one.text for one in of_kind(pages(sample_facts())[2], Command)]
    assert "nc -z -v -w 5 '<private_ip of db-group/db-2550dda4/09-await_running>' 5432" in commands
    assert any("https://<private_ip of web-group/web-500dd8be/09-await_running>:443/" in one for one in commands)
    assert not any(one.startswith("nc") and "web-group" in one for one in commands)


def test_databases_and_buckets_are_compared_by_what_they_hold() -> None:
    database, bucket = thing("AWS::RDS::DBInstance", "orders", Engine="aurora-postgresql"), thing("AWS::S3::Bucket", "it's")
    facts = sample_facts()
    groups = (group("g", [database, bucket], "data"),)
    known = {one.uid: one for one in (database, bucket)}
    page = pages(replace(facts, groups=groups, resources=known, steps=(), rules=()))[1]
    commands = [one.text for one in of_kind(page, Command)]
    assert POSTGRES in commands
    assert any(one.startswith("aws s3api list-objects-v2 --region eu-central-1 --bucket 'it'\"'\"'s' --query") for one in commands)
    retired = pages(replace(facts, groups=groups, resources=known, steps=(), rules=(), strategies={bucket.uid: Strategy.RETIRE}))[1]
    assert "it is retired: nobody asks for it" in str(retired.blocks)
    assert not any("s3api" in one.text for one in of_kind(retired, Command))


@pytest.mark.parametrize(("engine", "sql"), [("mysql", MYSQL), ("mariadb", MYSQL), ("postgres", POSTGRES), ("db2-se", None), ("", None)])
def test_the_query_that_counts_rows_goes_by_the_engine(engine: str, sql: str | None) -> None:
    assert row_counts(engine) == sql


def test_messages_have_the_waves_dates_and_only_the_gates_that_it_has() -> None:
    rows = of_kind(pages(sample_facts())[0], Table)[-1].rows
    assert [row[0] for row in rows] == [
        "2026-11-17",
        "2026-11-28",
        "2026-11-30",
        "2026-12-01",
        "before cutover",
        "after cutover",
        "if it goes back",
        "at the end",
    ]
    assert {row[3] for row in rows} == {"olga"}
    undated = of_kind(pages(sample_facts(starts_on=None, ends_on=None))[0], Table)[-1].rows
    assert [row[0] for row in undated[:4]] == ["14 days before", "3 days before", "the day before", "on the day"]


def test_a_wave_whose_steps_cannot_be_told_says_why() -> None:
    wave = pages(sample_facts(steps=(), untold="no target subnet for subnet-1. Next: add it."))[0]
    assert "The steps cannot be told yet: no target subnet for subnet-1. Next: add it." in [one.text for one in of_kind(wave, Note)]
    assert not of_kind(wave, Steps)
    assert dict(of_kind(wave, Pairs)[0].items)["Likely takes"] == "not known yet"


def test_steps_of_some_groups_and_of_a_resource_are_in_the_order_of_the_wave() -> None:
    facts = sample_facts()
    wanted = ["jobs-group", "db-group"]
    assert facts.own(wanted) == [one for one in facts.steps if one.group in wanted]
    assert facts.own(["db-group", "db-group"]) == [one for one in facts.steps if one.group == "db-group"]
    assert facts.own(["of-another-wave"]) == []
    db = next(uid for uid, one in facts.resources.items() if one.name == "db")
    assert facts.steps_on[db] == [one for one in facts.steps if one.uid == db]


def test_the_timeline_has_a_bar_for_each_workload() -> None:
    bars = {one.label: one for one in of_kind(pages(begun_facts())[0], Gantt)[0].bars}
    assert (bars["shop"].starts_after, bars["shop"].cutover_after, bars["shop"].done_share) == (0 * S, 5 * S, 2 / 20)
    assert bars["jobs"].lasts == 0 * S


def test_an_estate_without_people_says_whom_it_lacks() -> None:
    wave = pages(sample_facts(estate=sample_estate(people=())))[0]
    assert "The estate file names nobody" in str(wave.blocks)
    assert "1 approval of role approver: nobody" in str(wave.blocks)


def test_the_same_facts_make_the_same_pages_in_whatever_order_the_inventory_comes() -> None:
    facts = sample_facts()
    turned = replace(facts, resources=dict(reversed(facts.resources.items())))
    assert pages(facts) == pages(turned)
    assert pages(sample_facts()) == pages(sample_facts())


def test_a_server_alone_is_called_by_its_name() -> None:
    lone = server("i-9", "")
    assert workloads_of([group("g9", [lone], label="i-9")])[0].title == "i-9"


def test_a_function_urls_new_address_is_a_persons_on_both_pages_and_something_to_validate() -> None:
    old = "https://abc.lambda-url.eu-central-1.on.aws/"
    one = moved(UrlConfig={"FunctionUrl": old, "AuthType": "NONE", "InvokeMode": "BUFFERED"})
    groups = (group("checkout-group", [one.source], "checkout"),)
    steps = tuple(compile_wave({"plan_id": "plan-1", "groups": list(groups)}, one.inventory.values(), one.policy, 3))
    estate = sample_estate().model_copy(update={"targets": one.policy})
    facts = sample_facts(groups=groups, steps=steps, resources=dict(one.inventory), estate=estate, rules=())
    wave, own = pages(facts)
    told = f"its url changes its address: {old} goes on leading to the source"
    assert [row[1] for table in of_kind(wave, Table) for row in table.rows if told in row[0]] == [steps[-1].step_id]
    assert [told in decision.question for decision in of_kind(own, Decision) if decision.name == "by hand: checkout"] == [True]
    items = [item.text for checks in of_kind(own, Checklist) for item in checks.items]
    assert [one for one in items if f"answers as {old} does" in one]
    assert [one for one in of_kind(own, Command) if "get-function-url-config" in one.text and "eu-west-1" in one.text]
    undo = next(one for one in of_kind(own, Command) if "delete-function-url-config" in one.text)
    assert "checkout" in undo.text
