"""EC2 rehost on an emulator on which images take their time: what goes along, what stays nowhere, and what a refused check leaves."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.domain.steps import Gate, step_document
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.ports import Patience
from cloudmigrate.execution.waves import GroupEnd, Limits, roll_back, run_wave
from cloudmigrate.simulate.emulator import Emulator, post
from cloudmigrate.simulate.moto_images import PENDING_PATH
from tests.execution import small_estate
from tests.execution.model import PLAN_HASH, ModelJournal
from tests.execution.small_estate import ACCOUNT, HOSTILE, START_SCRIPT, TARGET, SmallEstate

LIMITS = Limits(at_once=1)


@pytest.fixture
def estate(clean_emulator: Emulator) -> Iterator[SmallEstate]:
    made = small_estate.make()
    post(clean_emulator.url + PENDING_PATH, b"2")
    yield made
    post(clean_emulator.url + PENDING_PATH, b"0")


def carrier(estate: SmallEstate, journal: ModelJournal) -> Carrier:
    world = AwsWorld(estate.sessions, pause_factor=0)
    return Carrier(PLAN_HASH, 1, world, journal, Patience(tries=3, looks=2), sleep=lambda _: None)


def test_tags_address_and_start_script_go_along_and_the_script_stays_in_no_record(estate: SmallEstate) -> None:
    before, steps, journal = estate.state(), estate.steps(), ModelJournal()
    end = run_wave(steps, carrier(estate, journal), is_open=lambda _: True, limits=LIMITS)
    assert end.failures == {}
    ec2 = estate.sessions.client(ACCOUNT, "ec2", TARGET)
    (web,) = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [HOSTILE]}])["Reservations"][0]["Instances"]
    tags = {one["Key"]: one["Value"] for one in web["Tags"]}
    (launch,) = [one.step_id for one in steps if one.act == "ec2.run_instance" and one.uid == estate.uids["web"]]
    assert tags.pop("cloudmigrate:key").startswith("cm")
    assert tags == {"Name": HOSTILE, "cloudmigrate:plan": "plan-1", "cloudmigrate:wave": "1", "cloudmigrate:step": launch}
    assert web["PrivateIpAddress"].endswith(".77")
    script = ec2.describe_instance_attribute(InstanceId=web["InstanceId"], Attribute="userData")["UserData"]["Value"]
    assert base64.b64decode(script).decode() == START_SCRIPT
    records = repr(journal.entries) + repr([step_document(one) for one in steps])
    assert not any(secret in records for secret in ("hunter2", script))
    roll_back(steps, carrier(estate, journal))
    assert estate.state() == before


def test_nothing_stops_before_caches_have_forgotten_where_a_name_led_to(estate: SmallEstate) -> None:
    dns = estate.sessions.client(ACCOUNT, "route53", TARGET)
    (record,) = [one for one in dns.list_resource_record_sets(HostedZoneId=estate.zone_id)["ResourceRecordSets"] if "shop" in one["Name"]]
    changes = [{"Action": "UPSERT", "ResourceRecordSet": record | {"TTL": 86400}}]
    dns.change_resource_record_sets(HostedZoneId=estate.zone_id, ChangeBatch={"Changes": changes})
    before, steps, journal = estate.state(), estate.steps(), ModelJournal()
    end = run_wave(steps, carrier(estate, journal), is_open=lambda _: True, limits=LIMITS)
    (web,) = {one.group for one in steps if one.uid == estate.uids["web"]}
    assert (end.groups[web], end.failures) == (GroupEnd.WAITING, {})
    assert end.waiting_until is not None
    assert timedelta(hours=23) < end.waiting_until - datetime.now(UTC) <= timedelta(seconds=86460)
    stops = {one.step_id for one in steps if one.act == "ec2.stop_source" and one.group == web}
    assert not stops & journal.standings().keys()
    later = carrier(estate, journal)
    later = replace(later, world=AwsWorld(estate.sessions, pause_factor=0, now=lambda: datetime.now(UTC) + timedelta(days=2)))
    assert run_wave(steps, later, is_open=lambda _: True, limits=LIMITS).is_whole
    roll_back(steps, carrier(estate, journal))
    assert estate.state() == before


def test_a_key_pair_that_the_target_lacks_stops_the_wave_before_the_source_does(estate: SmallEstate) -> None:
    before, journal = estate.state(), ModelJournal()
    estate.policy = estate.policy.model_copy(update={"key_pairs": {"ops": "nobody's"}})
    end = run_wave(estate.steps(), carrier(estate, journal), is_open=lambda _: True, limits=LIMITS)
    assert end.groups["db-group"] is GroupEnd.ROLLED_BACK
    assert [told for told in end.failures.values() if "nobody's" in told and "targets.key_pairs" in told]
    assert not [one for one in journal.entries if "stop_source" in one.step_id]
    assert estate.state() == before


def test_a_server_is_launched_with_all_its_interfaces_and_goes_back_with_them(clean_emulator: Emulator) -> None:
    estate = small_estate.make(has_inner=True)
    before, steps, journal = estate.state(), estate.steps(), ModelJournal()
    open_gates = [gate for gate in Gate if gate is not Gate.BY_HAND]
    end = run_wave(steps, carrier(estate, journal), is_open=lambda gate: gate in open_gates, limits=LIMITS)
    assert end.failures == {}
    ec2 = estate.sessions.client(ACCOUNT, "ec2", TARGET)
    (web,) = ec2.describe_instances(Filters=[{"Name": "tag:Name", "Values": [HOSTILE]}])["Reservations"][0]["Instances"]
    own, inner = sorted(web["NetworkInterfaces"], key=lambda one: int(one["Attachment"]["DeviceIndex"]))
    (told,) = [one for one in estate.resources if one.uid == estate.uids["web"]]
    _, source = sorted(told.spec["NetworkInterfaces"], key=lambda one: int(one["Attachment"]["DeviceIndex"]))
    assert own["PrivateIpAddress"].endswith(".77")
    assert (inner["SubnetId"], inner["Description"]) == (estate.policy.subnets[source["SubnetId"]], "towards the inside")
    assert [one["GroupName"] for one in inner["Groups"]] == ["inner"]
    assert (own["SourceDestCheck"], inner["SourceDestCheck"]) == (True, False)
    (address,) = ec2.describe_addresses()["Addresses"]
    assert address["NetworkInterfaceId"] == own["NetworkInterfaceId"]
    (hand,) = [one for one in steps if one.act == "by_hand.confirm"]
    assert f"lead the routes that name {source['NetworkInterfaceId']} to the interface at place 1" in hand.says
    roll_back(steps, carrier(estate, journal))
    assert estate.state() == before
