"""Accounts are entered as the right identity, refusals say what to do, and clients are shared."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from cloudmigrate import __version__
from cloudmigrate.aws.answers import is_loopback
from cloudmigrate.aws.sessions import AwsSessions, CallPolicy
from cloudmigrate.domain.estate import Account
from cloudmigrate.errors.sources import AccountAccessError, LoopbackOnlyError
from cloudmigrate.simulate.emulator import Emulator, environment_for
from tests.aws.conftest import OWN, own_account, sessions_of
from tests.aws.scripted import Reply, ScriptedAws, assumed_role, caller_identity, query_error, scripted_aws, xml
from tests.conftest import aws_environment

OTHER = "222222222222"
ROLE = f"arn:aws:iam::{OTHER}:role/MigrationScan"
Script = Callable[..., ScriptedAws]


def by_role(external_id: str | None = None) -> Account:
    return Account(id=OTHER, role_arn=ROLE, external_id=external_id, regions=("us-west-2",))


def test_callers_account_and_an_assumed_role_are_apart(clean_emulator: Emulator) -> None:
    sessions = sessions_of(own_account(), by_role())
    assert sessions.identity(OWN).account_id == OWN
    assert sessions.identity(OTHER).arn == f"arn:aws:sts::{OTHER}:assumed-role/MigrationScan/cloudmigrate-run-1"
    assert sessions.identity(OTHER).partition == "aws"
    sessions.client(OTHER, "sqs", "us-west-2").create_queue(QueueName="theirs")
    assert "QueueUrls" not in sessions.client(OWN, "sqs", "us-west-2").list_queues()
    assert len(sessions.client(OTHER, "sqs", "us-west-2").list_queues()["QueueUrls"]) == 1


def test_one_client_per_account_service_and_region_also_among_threads(clean_emulator: Emulator) -> None:
    sessions = sessions_of(own_account())
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(sessions.client(OWN, "ec2", "us-west-2"))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 8
    assert len({id(one) for one in found}) == 1
    assert sessions.client(OWN, "ec2", "eu-west-1") is not found[0]


def test_global_services_are_asked_in_the_partitions_home_region(clean_emulator: Emulator) -> None:
    assert sessions_of(own_account()).client(OWN, "iam", "global").meta.region_name in ("us-east-1", "aws-global")
    assert sessions_of(own_account()).client(OWN, "route53", "global") is not None


def test_gov_cloud_has_another_home_region(script: Script) -> None:
    script({"GetCallerIdentity": xml("GetCallerIdentity", f"<Arn>arn:aws-us-gov:iam::{OWN}:user/a</Arn><Account>{OWN}</Account>")})
    sessions = sessions_of(own_account("us-gov-east-1"))
    assert sessions.identity(OWN).partition == "aws-us-gov"
    assert sessions.client(OWN, "s3", "global").meta.region_name == "us-gov-west-1"


def test_released_clients_are_made_anew(clean_emulator: Emulator) -> None:
    sessions = sessions_of(own_account())
    before = sessions.client(OWN, "sqs", "us-west-2")
    other_region = sessions.client(OWN, "sqs", "eu-west-1")
    sessions.release(OWN, "us-west-2")
    assert sessions.client(OWN, "sqs", "us-west-2") is not before
    assert sessions.client(OWN, "sqs", "eu-west-1") is other_region
    assert before.list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200  # whoever still holds it may go on


def test_wrong_account_names_both_and_the_way_out(script: Script) -> None:
    script({"GetCallerIdentity": caller_identity("999999999999")})
    with pytest.raises(AccountAccessError) as caught:
        sessions_of(own_account()).identity(OWN)
    assert caught.value.error_code == "WrongAccount"
    assert "999999999999" in str(caught.value)
    assert OWN in str(caught.value)
    assert "role_arn" in caught.value.next_action


def test_role_that_cannot_be_assumed(script: Script) -> None:
    message = f"User: arn:aws:iam::{OWN}:user/ann is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    running = script({"AssumeRole": query_error("AccessDenied", message)})
    with pytest.raises(AccountAccessError) as caught:
        sessions_of(own_account(), by_role("shared-secret")).client(OTHER, "ec2", "us-west-2")
    assert caught.value.account_id == OTHER
    assert caught.value.error_code == "AccessDenied"
    assert caught.value.missing_action == "sts:AssumeRole"
    assert ROLE in str(caught.value)
    assert "trust policy" in caught.value.next_action
    assert "shared-secret" not in str(caught.value)
    assert running.asked[-1].params["ExternalId"] == "shared-secret"


def test_expired_callers_keys(script: Script) -> None:
    script({"GetCallerIdentity": query_error("ExpiredToken", "The security token included in the request is expired")})
    with pytest.raises(AccountAccessError, match="renew the credentials") as caught:
        sessions_of(own_account()).identity(OWN)
    assert caught.value.error_code == "ExpiredToken"


def test_no_credentials_at_all(script: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script({})
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    with pytest.raises(AccountAccessError, match="AWS_PROFILE"):
        sessions_of(own_account()).identity(OWN)


def test_a_role_is_assumed_again_before_its_keys_end(script: Script) -> None:
    in_a_minute = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    running = script(
        {
            "AssumeRole": [assumed_role(OTHER, expires_at=in_a_minute, key="ASIAOLD"), assumed_role(OTHER, key="ASIANEW")],
            "DescribeVpcs": xml("DescribeVpcs", "<vpcSet/>"),
        }
    )
    sessions_of(by_role()).client(OTHER, "ec2", "us-west-2").describe_vpcs()
    assert running.count("AssumeRole") == 2
    assert "ASIANEW" in running.asked[-1].headers["Authorization"]


def test_keys_as_values_keep_quiet(script: Script) -> None:
    script({"AssumeRole": assumed_role(OTHER)})
    keys = sessions_of(by_role()).credentials(OTHER)
    assert (keys.access_key, keys.secret_key, keys.token) == ("ASIA1", "s", "t")
    assert repr(keys) == "Credentials(access_key='ASIA1')"


def test_the_run_can_be_found_in_cloudtrail(script: Script) -> None:
    running = script({"AssumeRole": assumed_role(OTHER), "DescribeVpcs": xml("DescribeVpcs", "<vpcSet/>")})
    sessions = AwsSessions([by_role()], correlation_id="run 7/ü" + "x" * 80, loopback_only=True)
    sessions.client(OTHER, "ec2", "us-west-2").describe_vpcs()
    name = next(one.params["RoleSessionName"] for one in running.asked if one.operation == "AssumeRole")
    assert name == "cloudmigrate-run-7--" + "x" * 44
    assert len(name) == 64
    assert f"cloudmigrate/{__version__} run/run-7--xxx" in running.asked[-1].headers["User-Agent"]


def test_nothing_leaves_the_machine_where_that_is_forbidden() -> None:
    with aws_environment(environment_for("https://ec2.example.com")), pytest.raises(LoopbackOnlyError, match=r"ec2\.example\.com"):
        sessions_of(own_account()).identity(OWN)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:5000/x", True),
        ("http://localhost:5000", True),
        ("http://bucket.localhost", True),
        ("http://[::1]:80", True),
        ("https://sts.amazonaws.com", False),
        ("https://127.0.0.1.example.com.evil", False),
        ("http://localhost.example.com", False),
    ],
)
def test_what_is_this_machine(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


def test_service_endpoints_of_their_own_are_honoured(script: Script) -> None:
    main = script({})
    ec2_script = {"DescribeVpcs": xml("DescribeVpcs", "<vpcSet/>")}
    with scripted_aws(ec2_script) as ec2_only, aws_environment({"AWS_ENDPOINT_URL_EC2": ec2_only.url}):
        sessions_of(own_account()).client(OWN, "ec2", "us-west-2").describe_vpcs()
        assert ec2_only.count("DescribeVpcs") == 1
    assert main.count("DescribeVpcs") == 0


def test_buckets_on_loopback_are_addressed_by_path(script: Script) -> None:
    running = script({"GET /photos?policy": Reply('{"Version": "2012-10-17"}', content_type="application/json")})
    with aws_environment(environment_for(running.url.replace("127.0.0.1", "localhost"))):
        policy = sessions_of(own_account()).client(OWN, "s3", "us-west-2").get_bucket_policy(Bucket="photos")
    assert policy["Policy"] == '{"Version": "2012-10-17"}'


def test_an_error_of_the_service_passes_through(script: Script) -> None:
    script({"DescribeVpcs": query_error("UnauthorizedOperation")})
    with pytest.raises(ClientError):
        sessions_of(own_account()).client(OWN, "ec2", "us-west-2").describe_vpcs()


def test_a_refused_account_is_not_asked_for_again(script: Script) -> None:
    """Every unit of the account hears the same reason, and STS is called for the first only."""
    running = script({"AssumeRole": query_error("AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: x")})
    sessions = sessions_of(Account(id="222222222222", role_arn="arn:aws:iam::222222222222:role/scan", regions=("us-west-2",)))
    heard = []
    for _ in range(3):
        with pytest.raises(AccountAccessError) as refused:
            sessions.client("222222222222", "ec2", "us-west-2")
        heard.append((str(refused.value), refused.value.missing_action))
    assert len(set(heard)) == 1
    assert running.count("AssumeRole") == 1


@pytest.mark.parametrize(
    "fault", [query_error("Throttling", "Rate exceeded", 400), query_error("InternalFailure", "no", 500), Reply(reset=True)]
)
def test_who_tries_again_by_himself_is_not_shut_out_by_what_passes(script: Script, fault: Reply) -> None:
    running = script({"AssumeRole": [fault, assumed_role("222222222222")]})
    account = Account(id="222222222222", role_arn="arn:aws:iam::222222222222:role/migrate", regions=("us-west-2",))
    sessions = sessions_of(account, policy=CallPolicy(attempts=1))
    with pytest.raises(AccountAccessError):
        sessions.identity(account.id)
    assert sessions.identity(account.id).account_id == account.id
    assert running.count("AssumeRole") == 2


def test_sts_is_waited_for_less_than_others_and_never_more() -> None:
    patient = CallPolicy().for_sts()
    assert (patient.attempts, patient.connect_timeout_s, patient.read_timeout_s) == (4, 5, 10)
    hasty = CallPolicy(attempts=2, connect_timeout_s=1, read_timeout_s=3).for_sts()
    assert (hasty.attempts, hasty.connect_timeout_s, hasty.read_timeout_s) == (2, 1, 3)


def test_a_throttling_sts_is_given_up_after_four_calls(script: Script) -> None:
    running = script({"GetCallerIdentity": query_error("Throttling", "Rate exceeded", 400)})
    with pytest.raises(AccountAccessError):
        sessions_of(own_account(), policy=CallPolicy()).identity(OWN)
    assert running.count("GetCallerIdentity") == 4
