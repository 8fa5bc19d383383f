"""Container services moved on the emulator: images byte for byte, secrets in no record, and never both sides at once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.domain.itineraries.compile import TargetError
from cloudmigrate.domain.steps import Gate, step_document
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.ports import Patience
from cloudmigrate.execution.waves import GroupEnd, Limits, roll_back, run_wave
from cloudmigrate.simulate.emulator import Emulator, post
from cloudmigrate.simulate.moto_images import PENDING_PATH
from tests.execution import small_services
from tests.execution.kill_matrix import Case, Matrix, Point, ledger_in
from tests.execution.model import PLAN_HASH, ModelJournal
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET
from tests.execution.small_services import SECRET, SmallServices

LIMITS = Limits(at_once=1)
ONE_IMAGE = ["ecr.read_image", "ecr.read_repository", "ecr.create_repository", "ecr.copy_image"]
CHANGE_SET = ["cloudformation.create_change_set", "cloudformation.await_change_set"]
STACK = ["cloudformation.execute_change_set", "cloudformation.await_stack"]
OF_CLUSTER = ["ecs.check_cluster", *CHANGE_SET, *STACK]
READY = ["ecs.read_source", "ecs.await_cluster", "ecs.check_name", *ONE_IMAGE, *ONE_IMAGE, *CHANGE_SET]
STOPPED, RUNS = ["ecs.stop_source", "ecs.await_stopped"], [*STACK, "ecs.await_stable", "ecs.await_targets"]


@pytest.fixture
def estate(clean_emulator: Emulator) -> Iterator[SmallServices]:
    made = small_services.make()
    post(clean_emulator.url + PENDING_PATH, b"2")
    yield made
    post(clean_emulator.url + PENDING_PATH, b"0")


def carrier(estate: SmallServices, journal: ModelJournal) -> Carrier:
    world = AwsWorld(estate.sessions, pause_factor=0)
    return Carrier(PLAN_HASH, 1, world, journal, Patience(tries=3, looks=2), sleep=lambda _: None)


def test_a_service_goes_with_images_secrets_and_cluster_and_comes_back(estate: SmallServices) -> None:
    before, steps, journal = estate.state(), estate.steps(), ModelJournal()
    # Worked out by hand: the cluster, then the service with two images of ECR; the task definition is a part of it.
    assert [one.act for one in steps] == [*OF_CLUSTER, *READY, *STOPPED, *RUNS, "by_hand.retain"]
    assert [one.act for one in steps if one.gate is Gate.CUTOVER] == ["ecs.stop_source"]
    end = run_wave(steps, carrier(estate, journal), is_open=lambda _: True, limits=LIMITS)
    assert end.failures == {}
    after = estate.state()
    assert (after[SOURCE]["services"], after[TARGET]["services"]) == (
        [("shop", "web", 0, 0, "FARGATE")],
        [("shop", "web", 3, 3, "FARGATE")],
    )
    assert after["healthy"] == 3
    here, there = (after["repositories"][f"{region} team/agent"] for region in (SOURCE, TARGET))
    assert [digest for digest, _ in here] == [digest for digest, _ in there]  # the index and both its platforms
    (task,) = after[TARGET]["tasks"]
    expected = before[SOURCE]["tasks"][0].replace("api-aB1", "api-cD2").replace(SOURCE, TARGET).replace("/shop/web", "/target/web")
    ecr = estate.sessions.client(ACCOUNT, "ecr", SOURCE)
    for repository, tag in (("team/web", "v1"), ("team/agent", "v2")):
        (image,) = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])["imageDetails"]
        expected = expected.replace(f"{repository}:{tag}", f"{repository}@{image['imageDigest']}")
    assert task == expected
    records = repr(journal.entries) + repr([step_document(one) for one in steps])
    assert not any(secret in records for secret in (SECRET, "hunter2"))
    roll_back(steps, carrier(estate, journal))
    assert estate.state() == before


def test_an_image_of_which_one_platform_was_copied_is_taken_back(estate: SmallServices) -> None:
    ecr = estate.sessions.client(ACCOUNT, "ecr", SOURCE)
    ecr.batch_delete_image(repositoryName="team/agent", imageIds=[{"imageTag": "of-arm64"}])  # the second of its platforms
    before, steps, journal = estate.state(), estate.steps(), ModelJournal()
    end = run_wave(steps, carrier(estate, journal), is_open=lambda _: True, limits=LIMITS)
    (failure,) = end.failures.values()
    assert "the source has no image sha256:" in failure
    assert (end.undo_failures, estate.state()) == ({}, before)


def test_an_image_that_is_gone_stops_it_before_the_source_does(estate: SmallServices) -> None:
    ecr = estate.sessions.client(ACCOUNT, "ecr", SOURCE)
    ecr.batch_delete_image(repositoryName="team/web", imageIds=[{"imageTag": "v1"}])
    before, journal = estate.state(), ModelJournal()
    end = run_wave(estate.steps(), carrier(estate, journal), is_open=lambda _: True, limits=LIMITS)
    assert end.groups == {"shop-group": GroupEnd.ROLLED_BACK}
    assert not [one for one in journal.entries if "stop_source" in one.step_id]
    assert estate.state() == before


def test_a_repository_that_was_there_before_stays_with_what_was_in_it(estate: SmallServices) -> None:
    ecr = estate.sessions.client(ACCOUNT, "ecr", TARGET)
    ecr.create_repository(repositoryName="team/web")
    before, journal = estate.state(), ModelJournal()
    run_wave(estate.steps(), carrier(estate, journal), is_open=lambda _: True, limits=LIMITS)
    roll_back(estate.steps(), carrier(estate, journal))
    assert estate.state() == before
    assert before["repositories"][f"{TARGET} team/web"] == []


@pytest.mark.usefixtures("clean_emulator")
def test_where_copies_are_consistent_after_a_crash_the_target_runs_before_the_source_stops() -> None:
    steps = small_services.make(consistency="crash").steps()
    assert [one.act for one in steps] == [*OF_CLUSTER, *READY, *RUNS, *STOPPED, "by_hand.retain"]


def test_killed_anywhere_it_is_whole_or_as_before(clean_emulator: Emulator, tmp_path: Path) -> None:
    estate, ledger = small_services.make(), ledger_in(tmp_path)
    matrix = Matrix(estate, ledger, estate.steps())
    ids = {one.act: one.step_id for one in matrix.steps}
    sample = [
        Case(ids["ecr.copy_image"], Point.AFTER_CALL, "resume"),
        Case(ids["cloudformation.execute_change_set"], Point.AFTER_CALL, "roll back"),
    ]
    assert {one.name: wrong for one in sample if (wrong := matrix.fails(one))} == {}
    ledger.close()


@pytest.mark.usefixtures("clean_emulator")
def test_what_this_does_not_move_is_a_step_by_hand_with_its_reason() -> None:
    estate = small_services.make()
    with pytest.raises(TargetError, match=r"it runs on servers of cluster shop \(add a cluster"):
        replaced(estate, launchType="EC2").steps()
    for spec, why in (
        ({"schedulingStrategy": "DAEMON"}, "no number to scale to 0"),
        ({"deploymentController": {"type": "CODE_DEPLOY"}}, "something other than ECS deploys it"),
        ({"serviceRegistries": [{"registryArn": "arn:aws:servicediscovery:x"}]}, "service discovery"),
        ({"capacityProviderStrategy": [{"capacityProvider": "ours"}]}, "on the capacity of ours"),
    ):
        (step,) = [one for one in replaced(estate, **spec).steps() if one.uid == estate.uids["service"]]
        assert (step.act, step.gate, why in step.says) == ("by_hand.confirm", Gate.BY_HAND, True)


def replaced(estate: SmallServices, **spec: object) -> SmallServices:
    """The estate with another service in its inventory."""
    service = estate.uids["service"]
    known = [replace(one, spec={**one.spec, **spec}) if one.uid == service else one for one in estate.resources]
    return replace(estate, resources=known)
