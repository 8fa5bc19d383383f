"""A bucket's itinerary: the steps that it has, what keeps it from one, and the objects that no rollback and no clean-up may lose."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.itineraries.buckets import BUCKET
from cloudmigrate.domain.itineraries.compile import TargetError, compile_wave
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Gate, Reversal, Step
from cloudmigrate.domain.target_policy import TargetPolicy
from cloudmigrate.errors.stores import LakeError
from cloudmigrate.execution.carrying import Carrier
from cloudmigrate.execution.ports import Patience
from cloudmigrate.execution.waves import GroupEnd, Limits, WaveEnd, roll_back, run_wave
from cloudmigrate.lake.lake import Lake
from cloudmigrate.simulate.emulator import Emulator
from tasks.manifests import WithManifests
from tests.execution import small_buckets
from tests.execution.kill_matrix import Case, Matrix, Point, ledger_in
from tests.execution.model import PLAN_HASH, ModelJournal
from tests.execution.small_buckets import HOSTILE, NAME, TARGET_NAME, SmallBuckets, with_manifests
from tests.execution.small_estate import ACCOUNT

ONE_BY_ONE = Limits(at_once=1, waiting=0)
SAID: dict[str, Any] = {"region": "eu-west-1", "buckets": {"shop-images": "shop-images-new"}, "replication_role": "service/replicator"}
UID = "arn:aws:s3:::shop-images"


def bucket(**spec: Any) -> Resource:
    return Resource(UID, "aws", "111111111111", "eu-central-1", BUCKET, "shop-images", "", {"App": "shop"}, spec, stateful=True)


def compiled(source: Resource, **more: Any) -> list[Step]:
    plan = {"plan_id": "plan-1", "groups": [{"id": "g", "members": [UID], "needs": [], "wave": 1}]}
    return compile_wave(plan, [source], TargetPolicy.model_validate({**SAID, **more}), 1)


def acts(steps: list[Step]) -> list[str]:
    return [one.act for one in steps]


def named(steps: list[Step], act: str) -> Step:
    return next(one for one in steps if one.act == act)


def test_a_bucket_without_settings_has_these_steps() -> None:
    steps = compiled(bucket(Versioning={"Status": "Enabled"}))
    assert acts(steps) == [
        "iam.check_replication_role",
        "s3.check_payer",
        "s3.check_name",
        "s3.create_bucket",
        "s3.enable_versioning",
        "s3.read_replication",
        "s3.add_replication_rule",
        "s3.create_job",
        "s3.await_job",
        "s3.compare_manifests",
        "s3.compare_manifests",
    ]
    assert [(one.region, one.account_id) for one in steps if one.region == "eu-west-1"] == [("eu-west-1", "111111111111")] * 3
    assert named(steps, "iam.check_replication_role").params["role"] == "replicator"
    assert named(steps, "s3.add_replication_rule").params["rule"] == {
        "ID": "cloudmigrate-shop-images-new",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {"Bucket": "arn:aws:s3:::shop-images-new"},
    }
    assert (steps[-1].gate, steps[-1].params["settled_s"], steps[-1].params["may_have_more"]) == (Gate.CUTOVER, 0, True)


def test_another_account_and_key_are_said_in_the_rule_and_the_encryption() -> None:
    rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "arn:aws:kms:eu-central-1:1:key/old"}}]
    steps = compiled(bucket(EncryptionRules=rules), account="222222222222", kms_key="alias/target")
    rule = named(steps, "s3.add_replication_rule").params["rule"]
    key = "arn:aws:kms:eu-west-1:222222222222:alias/target"
    assert rule["Destination"] == {
        "Bucket": "arn:aws:s3:::shop-images-new",
        "EncryptionConfiguration": {"ReplicaKmsKeyID": key},
        "Account": "222222222222",
        "AccessControlTranslation": {"Owner": "Destination"},
    }
    assert rule["SourceSelectionCriteria"] == {"SseKmsEncryptedObjects": {"Status": "Enabled"}}
    assert named(steps, "s3.set_encryption").params["encryption"]["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": key,
    }
    left = compiled(bucket(EncryptionRules=rules))  # without a key of the target's the source's is not named: it stays in its region
    assert named(left, "s3.set_encryption").params["encryption"]["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms"
    }


def test_a_source_that_never_kept_versions_is_told_so_and_what_writes_to_it_is_pointed_by_a_person() -> None:
    steps = compiled(bucket(), bucket_writers={"shop-images": "the variable BUCKET of service shop"}, clean_up=True)
    (at_source,) = [one for one in steps if one.act == "s3.enable_versioning" and one.region == "eu-central-1"]
    assert "never kept" in at_source.says
    by_hand = named(steps, "by_hand.confirm")
    assert (by_hand.gate, by_hand.params["text"]) == (
        Gate.BY_HAND,
        "point what writes to bucket shop-images at shop-images-new: the variable BUCKET of service shop",
    )
    assert acts(steps)[-4:] == ["by_hand.confirm", "s3.compare_manifests", "s3.empty_source", "s3.delete_source"]
    assert [(one.gate, one.reversal) for one in steps[-2:]] == [(Gate.CLEAN_UP, Reversal.NO_RETURN)] * 2


def policy(*resources: str, principal: str = "*") -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": list(resources)}],
    }


@pytest.mark.parametrize(
    ("spec", "more", "carried"),
    [
        pytest.param({"Policy": policy(UID, f"{UID}/*")}, {}, True, id="names-only-itself"),
        pytest.param({"Policy": policy(f"{UID}-other/*")}, {}, False, id="names-a-bucket-of-a-longer-name"),
        pytest.param({"Policy": policy(UID, principal="arn:aws:iam::111111111111:root")}, {}, True, id="own-account-stays"),
        pytest.param(
            {"Policy": policy(UID, principal="arn:aws:iam::111111111111:root")}, {"account": "222222222222"}, False, id="account-changes"
        ),
        pytest.param({"Policy": policy(UID, principal="arn:aws:x:eu-central-1:1:y")}, {}, False, id="names-the-region"),
    ],
)
def test_a_policy_is_carried_over_only_where_all_of_it_can_be_mapped(
    spec: Mapping[str, Any], more: Mapping[str, Any], carried: bool
) -> None:
    steps = compiled(bucket(**spec), **more)
    if carried:
        text = named(steps, "s3.set_policy").params["policy"]
        assert "shop-images-new" in text
        assert '"arn:aws:s3:::shop-images"' not in text
    else:
        assert "s3.set_policy" not in acts(steps)
        assert "its policy names things of the source" in named(steps, "by_hand.confirm").params["text"]


def test_notifications_are_a_persons() -> None:
    queues = {"QueueConfigurations": [{"QueueArn": "arn:aws:sqs:eu-central-1:1:q"}], "TopicConfigurations": None}
    steps = compiled(bucket(Notification=queues))
    assert "notifications" in named(steps, "by_hand.confirm").params["text"]
    assert "by_hand.confirm" not in acts(compiled(bucket(Notification={"QueueConfigurations": None})))


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"Versioning": {"MFADelete": "Enabled"}}, "MFA delete"),
        ({"ObjectLock": {"ObjectLockEnabled": "Enabled"}}, "object lock"),
        ({"Website": {"IndexDocument": {"Suffix": "index.html"}}}, "website"),
        ({"Replication": {"Role": "r", "Rules": [{"Prefix": "", "Status": "Enabled"}]}}, "old form"),
    ],
)
def test_what_hinders_is_a_step_by_hand_that_says_why(spec: Mapping[str, Any], why: str) -> None:
    (step,) = compiled(bucket(**spec))
    assert (step.act, why in step.params["text"]) == ("by_hand.confirm", True)


@pytest.mark.parametrize(
    ("more", "lack"),
    [
        ({"buckets": {}}, "targets.buckets"),
        ({"buckets": {"shop-images": "shop-images"}}, "cannot move to a bucket of its own name"),
        ({"replication_role": None}, "targets.replication_role"),
        ({"buckets": {}, "bucket_suffix": "-" + "x" * 40}, None),
        ({"buckets": {}, "bucket_suffix": "-s3alias"}, "targets.buckets"),
    ],
)
def test_what_the_estate_file_lacks_is_named_with_its_field(more: Mapping[str, Any], lack: str | None) -> None:
    if lack is None:
        assert named(compiled(bucket(), **more), "s3.create_bucket").params["bucket"] == f"shop-images{more['bucket_suffix']}"
        return
    with pytest.raises(TargetError, match=lack):
        compiled(bucket(), **more)


def test_a_bucket_that_is_replicated_already_keeps_its_role() -> None:
    held = {"Role": "arn:aws:iam::111111111111:role/other", "Rules": [{"ID": "x", "Filter": {}, "Priority": 1}]}
    with pytest.raises(TargetError, match=r"name it in targets\.replication_role"):
        compiled(bucket(Replication=held))
    assert named(compiled(bucket(Replication=held), replication_role="other"), "iam.check_replication_role").params["role"] == "other"


@pytest.mark.parametrize(
    "name", ["ab", "Shop", "a_b", "10.0.0.1", "a..b", "-ab", "ab-", "xn--a", "sthree-a", "a-s3alias", "a--x-s3", "x" * 64]
)
def test_names_that_s3_would_not_take_are_refused_in_the_estate_file(name: str) -> None:
    with pytest.raises(ValidationError, match="no name for a bucket"):
        TargetPolicy.model_validate({"buckets": {"shop": name}})


@pytest.fixture
def estate(clean_emulator: Emulator) -> SmallBuckets:
    return small_buckets.make()


def carrier(estate: SmallBuckets, journal: ModelJournal) -> Carrier:
    world = replace(with_manifests(estate.sessions, BY_NAME), within=small_buckets.AT_ONCE)
    return Carrier(PLAN_HASH, 1, world, journal, Patience(tries=3, looks=2), sleep=lambda _: None)


def run(estate: SmallBuckets, journal: ModelJournal, gates: frozenset[Gate] = frozenset(Gate)) -> WaveEnd:
    return run_wave(estate.steps(), carrier(estate, journal), is_open=lambda gate: gate in gates, limits=ONE_BY_ONE)


def test_it_is_whole_and_what_was_written_after_cutover_is_named_and_never_thrown_away(estate: SmallBuckets) -> None:
    before, journal = estate.state(), ModelJournal()
    assert run(estate, journal).is_whole
    whole = estate.state()["buckets"]
    assert [one[:1] + one[2:] for one in whole[TARGET_NAME]["versions"]] == [
        one[:1] + one[2:] for one in before["buckets"][NAME]["versions"]
    ]
    assert whole[TARGET_NAME]["tags"] == whole[NAME]["tags"] == {"a.png": [{"Key": "kind", "Value": "image"}], HOSTILE: []}
    for setting in ("encryption", "access", "cors", "lifecycle"):
        assert whole[TARGET_NAME][setting] == before["buckets"][NAME][setting]
    estate.target.put_object(Bucket=TARGET_NAME, Key="order.txt", Body=b"new")
    back = roll_back(estate.steps(), carrier(estate, journal))
    (told,) = back.undo_failures.values()
    assert "written after cutover" in told
    assert "'order.txt'" in told
    assert len(estate.state()["buckets"][TARGET_NAME]["versions"]) == 3  # nothing of it was taken away
    estate.source.copy_object(Bucket=NAME, Key="order.txt", CopySource={"Bucket": TARGET_NAME, "Key": "order.txt"})
    estate.target.delete_object(
        Bucket=TARGET_NAME, Key="order.txt", VersionId=estate.target.head_object(Bucket=TARGET_NAME, Key="order.txt")["VersionId"]
    )
    assert not roll_back(estate.steps(), carrier(estate, journal)).undo_failures
    assert list(estate.state()["buckets"]) == [NAME]


def test_what_never_gets_the_same_stops_before_cutover_and_goes_back(estate: SmallBuckets) -> None:
    journal = ModelJournal()
    end = run(estate, journal, frozenset(Gate) - {Gate.CUTOVER})
    assert end.waiting_for == (Gate.CUTOVER,)
    estate.target.put_object_tagging(Bucket=TARGET_NAME, Key="a.png", Tagging={"TagSet": [{"Key": "kind", "Value": "other"}]})
    end = run(estate, journal)
    (told,) = end.failures.values()
    assert "still differ" in told
    assert "different (tags): 'a.png'" in told
    assert end.groups == {"images": GroupEnd.ROLLED_BACK}


def test_a_name_that_is_taken_is_refused_before_anything_is_made(estate: SmallBuckets) -> None:
    estate.target.create_bucket(Bucket=TARGET_NAME, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    before = estate.state()
    end = run(estate, ModelJournal())
    (told,) = end.failures.values()
    assert "targets.buckets" in told
    assert estate.state() == before


def test_a_source_goes_only_when_the_target_was_seen_to_hold_all_of_it(clean_emulator: Emulator) -> None:
    estate = small_buckets.make(clean_up=True)
    journal = ModelJournal()
    assert run(estate, journal, frozenset(Gate) - {Gate.CLEAN_UP}).waiting_for == (Gate.CLEAN_UP,)
    lost = estate.target.list_object_versions(Bucket=TARGET_NAME)["Versions"][0]
    estate.target.delete_object(Bucket=TARGET_NAME, Key=lost["Key"], VersionId=lost["VersionId"])
    kept = estate.source.list_object_versions(Bucket=NAME)["Versions"]
    steps = estate.steps()
    end = run_wave(steps, carrier(estate, journal), is_open=lambda _: True, limits=ONE_BY_ONE, rolls_back=False)
    (told,) = end.failures.values()
    assert "is not seen to hold all" in told
    assert estate.source.list_object_versions(Bucket=NAME)["Versions"] == kept


def test_killed_where_most_is_at_stake_it_is_whole_or_as_before(clean_emulator: Emulator, tmp_path: Any) -> None:
    estate, ledger = small_buckets.make(has_rules=True), ledger_in(tmp_path)
    matrix = Matrix(estate, ledger, estate.steps(), world_of=with_manifests)
    rule = matrix.whole["buckets"][NAME]["replication"]["Rules"]
    assert [(one["ID"], one["Priority"]) for one in rule] == [("backup", 7), (f"cloudmigrate-{TARGET_NAME}", 8)]
    ids = {one.act: one.step_id for one in matrix.steps}
    for case in (
        Case(ids["s3.create_bucket"], Point.AFTER_CALL, "roll back"),
        Case(ids["s3.add_replication_rule"], Point.AFTER_CALL, "resume"),
    ):
        assert matrix.fails(case) is None
    ledger.close()


def test_a_lake_that_is_away_for_a_moment_does_not_take_the_bucket_back(estate: SmallBuckets, monkeypatch: pytest.MonkeyPatch) -> None:
    real, away = WithManifests._compared, [LakeError("write", "s3://lake", "no answer", "try again", transient=True)] * 5

    def compared(*given: Any) -> Any:
        if away:
            raise away.pop()
        return real(*given)

    monkeypatch.setattr(WithManifests, "_compared", compared)
    patient = replace(carrier(estate, ModelJournal()), world=with_manifests(estate.sessions, BY_NAME))
    end = run_wave(estate.steps(), patient, is_open=lambda gate: gate is not Gate.CUTOVER, limits=ONE_BY_ONE)
    assert (end.failures, end.waiting_for, away) == ({}, (Gate.CUTOVER,), [])


def test_a_lake_that_takes_no_evidence_stops_no_other_undo(estate: SmallBuckets, tmp_path: Path) -> None:
    journal = ModelJournal()
    assert run(estate, journal).is_whole
    blind = replace(with_manifests(estate.sessions, BY_NAME), lake=Lake.open(str(tmp_path / "lake")))
    (tmp_path / "lake").write_text("a file where the lake was")
    end = roll_back(estate.steps(), replace(carrier(estate, journal), world=blind))
    ((step_id, told),) = end.undo_failures.items()
    assert step_id.endswith("create_bucket")
    assert f"{tmp_path}/lake" in told
    assert ACCOUNT in told
    assert estate.state()["buckets"][NAME]["replication"] is None, "its rule is gone from the source"
    assert not roll_back(estate.steps(), carrier(estate, journal)).undo_failures
    assert list(estate.state()["buckets"]) == [NAME]


def test_alone_the_cloud_does_not_pretend_to_have_compared(estate: SmallBuckets) -> None:
    from cloudmigrate.aws.acting import AwsWorld

    journal = ModelJournal()
    alone = Carrier(PLAN_HASH, 1, AwsWorld(estate.sessions, pause_factor=0), journal, Patience(tries=1, looks=1), sleep=lambda _: None)
    end = run_wave(estate.steps(), alone, is_open=lambda _: True, limits=ONE_BY_ONE, rolls_back=False)
    (told,) = end.failures.values()
    assert "nothing here does it" in told
    assert ACCOUNT in told
