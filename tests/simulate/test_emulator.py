"""The emulator starts on its own port, keeps accounts apart, and ends with whoever started it."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request

import boto3
import pytest

from cloudmigrate.errors.sources import LoopbackOnlyError
from cloudmigrate.simulate.emulator import Emulator, EmulatorError


def _answers(url: str) -> bool:
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{url}/moto-api/", timeout=5).close()
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


def test_boto3_with_no_arguments_reaches_the_emulator(clean_emulator: Emulator) -> None:
    assert boto3.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_an_assumed_role_leads_into_an_account_of_its_own(clean_emulator: Emulator) -> None:
    boto3.client("sqs").create_queue(QueueName="mine")
    keys = boto3.client("sts").assume_role(RoleArn="arn:aws:iam::222222222222:role/Scan", RoleSessionName="test")["Credentials"]
    other = boto3.client(
        "sqs",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    assert "QueueUrls" not in other.list_queues()
    assert len(boto3.client("sqs").list_queues()["QueueUrls"]) == 1


def test_built_in_images_have_no_snapshots_that_look_like_ours(clean_emulator: Emulator) -> None:
    ec2 = boto3.client("ec2")
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    assert len(ec2.describe_images()["Images"]) == 3


def test_reset_forgets(clean_emulator: Emulator) -> None:
    boto3.client("sqs").create_queue(QueueName="gone")
    clean_emulator.reset()
    assert "QueueUrls" not in boto3.client("sqs").list_queues()


def test_two_emulators_have_two_ports_and_nothing_answers_after_the_block() -> None:
    with Emulator() as one, Emulator() as two:
        urls = one.url, two.url
        assert urls[0] != urls[1]
        assert all(map(_answers, urls))
    assert not any(map(_answers, urls))
    with pytest.raises(EmulatorError, match="not running"):
        _ = one.url


def test_the_server_ends_when_its_parent_is_killed() -> None:
    program = """
        import sys, time
        from cloudmigrate.simulate.emulator import Emulator
        emulator = Emulator().start()
        print(emulator.url, emulator.pid, flush=True)
        time.sleep(600)
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    url, server_pid = parent.stdout.readline().split()
    assert _answers(url)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _answers(url):
        time.sleep(0.1)
    assert not _answers(url), f"process {server_pid} outlives its parent"


def test_a_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(EmulatorError, match="ended without a word"):
        Emulator().start()


class TestOnlyLoopback:
    """The guard of the whole test session works."""

    def test_botocore_is_stopped_before_it_leaves(self) -> None:
        client = boto3.client("ec2", endpoint_url="https://ec2.us-west-2.amazonaws.com", region_name="us-west-2")
        with pytest.raises(LoopbackOnlyError, match=r"ec2\.us-west-2\.amazonaws\.com"):
            client.describe_vpcs()

    def test_a_socket_is_stopped_before_it_leaves(self) -> None:
        with socket.socket() as one, pytest.raises(LoopbackOnlyError, match=r"192\.0\.2\.1:443"):
            one.connect(("192.0.2.1", 443))

    def test_connect_ex_is_stopped_too(self) -> None:
        with socket.socket() as one, pytest.raises(LoopbackOnlyError, match=r"192\.0\.2\.1:443"):
            one.connect_ex(("192.0.2.1", 443))

    def test_a_test_that_names_no_emulator_reaches_nothing(self) -> None:
        assert os.environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
        assert "AWS_PROFILE" not in os.environ


class TestWhatMotoLacks:
    """Calls and effects that the demo needs and moto leaves out (see `moto_fixes`)."""

    def test_a_vpc_takes_its_acls_along(self, clean_emulator: Emulator) -> None:
        ec2 = boto3.client("ec2")
        vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        within = [{"Name": "vpc-id", "Values": [vpc_id]}]
        assert len(ec2.describe_network_acls(Filters=within)["NetworkAcls"]) == 1
        ec2.delete_vpc(VpcId=vpc_id)
        assert ec2.describe_network_acls(Filters=within)["NetworkAcls"] == []

    def test_instance_profiles_have_tags(self, clean_emulator: Emulator) -> None:
        iam = boto3.client("iam")
        iam.create_instance_profile(InstanceProfileName="web", Tags=[{"Key": "App", "Value": "shop"}])
        assert iam.list_instance_profile_tags(InstanceProfileName="web")["Tags"] == [{"Key": "App", "Value": "shop"}]

    def test_apis_list_their_authorizers(self, clean_emulator: Emulator) -> None:
        apis = boto3.client("apigatewayv2")
        api_id = apis.create_api(Name="x", ProtocolType="HTTP")["ApiId"]
        assert apis.get_authorizers(ApiId=api_id)["Items"] == []
        apis.create_authorizer(ApiId=api_id, AuthorizerType="JWT", Name="people", IdentitySource=["$request.header.Authorization"])
        assert [one["Name"] for one in apis.get_authorizers(ApiId=api_id)["Items"]] == ["people"]
