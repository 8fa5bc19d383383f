"""Subnets, VPCs, groups, instance types, keys and licences of the target."""

from typing import Any

import pytest

from cloudmigrate.domain.preflight.instance_types import INSTANCE_TYPES
from cloudmigrate.domain.preflight.keys import KEYS
from cloudmigrate.domain.preflight.landing import LANDING, is_usable
from cloudmigrate.domain.preflight.licences import LICENCES
from tests.domain.preflight.samples import ACCOUNT, DENIED, HERE, OTHER, WEB, by_subject, checks, facts, server, states, steps, volumes

SUBNET = {
    "SubnetId": "subnet-1",
    "VpcId": "vpc-1",
    "State": "available",
    "AvailableIpAddressCount": 1,
    "CidrBlock": "10.0.0.0/28",
    "AvailabilityZone": "eu-west-1a",
}
THERE: dict[str, Any] = {
    "DescribeSubnets": SUBNET,
    "DescribeVpcs": {"CidrBlock": "10.0.0.0/16", "State": "available"},
    "DescribeSecurityGroups": "vpc-1",
}


def test_a_target_that_is_there_with_room_passes() -> None:
    assert states(checks(LANDING, facts(), THERE)) == {"subnet-1": "pass", "vpc-1": "pass", WEB: "pass"}


@pytest.mark.parametrize(
    ("told", "subject", "state", "evidence"),
    [
        pytest.param({"DescribeSubnets": None}, "subnet-1", "fail", "there is no subnet subnet-1", id="no subnet"),
        pytest.param(
            {"DescribeSubnets": SUBNET | {"AvailableIpAddressCount": 0}}, "subnet-1", "fail", "0 addresses free in 10.0.0.0/28", id="full"
        ),
        pytest.param({"DescribeSubnets": SUBNET | {"State": "pending"}}, "subnet-1", "fail", "it is pending", id="not ready"),
        pytest.param({"DescribeVpcs": None}, "vpc-1", "fail", "there is no VPC vpc-1", id="no VPC"),
        pytest.param({"DescribeSecurityGroups": None}, WEB, "fail", "sg-9 of nowhere", id="no group"),
        pytest.param({"DescribeSecurityGroups": "vpc-2"}, WEB, "fail", "subnet-1 is of vpc-1, but sg-9 of vpc-2", id="another VPC's group"),
        pytest.param({"DescribeSubnets": SUBNET | {"VpcId": "vpc-7"}}, WEB, "fail", "a cloned group of vpc-1", id="clone elsewhere"),
        pytest.param({"DescribeSubnets": DENIED}, "subnet-1", "not_assessed", "AccessDenied", id="subnet denied"),
        pytest.param({"DescribeVpcs": DENIED}, "vpc-1", "not_assessed", "AccessDenied", id="VPC denied"),
        pytest.param({"DescribeSecurityGroups": DENIED}, WEB, "not_assessed", "AccessDenied", id="group denied"),
    ],
)
def test_what_is_wrong_with_the_target_is_told(told: dict[str, Any], subject: str, state: str, evidence: str) -> None:
    found = by_subject(checks(LANDING, facts(), THERE | told))[subject]
    assert found.state.value == state
    assert evidence in found.evidence
    assert found.advice


def test_servers_of_one_subnet_are_counted_together() -> None:
    twice = [*steps(), *[one for one in steps(launch={"group_ids": ["sg-9"]}) if one.step_id == "launch"]]
    found = by_subject(list({one.subject: one for one in checks(LANDING, facts(twice), THERE)}.values()))
    assert "1 addresses free in 10.0.0.0/28, 2 needed" in found["subnet-1"].evidence


def test_the_first_four_addresses_and_the_last_are_not_to_be_had() -> None:
    usable = [number for number in range(16) if is_usable(f"10.0.0.{number}", "10.0.0.0/28")]
    assert usable == list(range(4, 15))
    assert not is_usable("10.0.1.5", "10.0.0.0/28")
    assert not is_usable("10.0.0", "10.0.0.0/28")


T3 = {
    "ProcessorInfo": {"SupportedArchitectures": ["x86_64"]},
    "SupportedVirtualizationTypes": ["hvm"],
    "SupportedBootModes": ["legacy-bios", "uefi"],
    "NetworkInfo": {"EnaSupport": "required"},
}
OFFERED: dict[str, Any] = {
    "DescribeInstanceTypes": T3,
    "DescribeInstanceTypeOfferings": ["eu-west-1a", "eu-west-1b"],
    "DescribeSubnets": SUBNET,
}


@pytest.mark.parametrize(
    ("told", "spec", "state", "evidence"),
    [
        pytest.param({}, {}, "pass", "t3.large is offered in eu-west-1a", id="fits"),
        pytest.param({"DescribeInstanceTypeOfferings": []}, {}, "fail", "not offered in eu-west-1", id="not in the region"),
        pytest.param({"DescribeInstanceTypes": None}, {}, "fail", "not offered in eu-west-1", id="no such type"),
        pytest.param({"DescribeInstanceTypeOfferings": ["eu-west-1b"]}, {}, "fail", "but in eu-west-1b", id="not in the zone"),
        pytest.param({}, {"Architecture": "arm64"}, "fail", "architecture is arm64, t3.large takes x86_64", id="another processor"),
        pytest.param({}, {"VirtualizationType": "paravirtual"}, "fail", "virtualization is paravirtual", id="paravirtual"),
        pytest.param({}, {"EnaSupport": False}, "fail", "needs the ENA driver", id="no ENA"),
        pytest.param({}, {"BootMode": "uefi-preferred"}, "pass", "takes x86_64", id="boots either way"),
        pytest.param(
            {"DescribeInstanceTypes": T3 | {"SupportedBootModes": ["legacy-bios"]}}, {"BootMode": "uefi"}, "fail", "uefi", id="uefi"
        ),
        pytest.param({}, {"Architecture": None}, "not_assessed", "architecture is not told", id="nobody knows"),
        pytest.param({"DescribeInstanceTypes": DENIED}, {}, "not_assessed", "AccessDenied", id="denied"),
        pytest.param({"DescribeSubnets": None}, {}, "not_assessed", "zone of subnet subnet-1 is not known", id="no subnet"),
    ],
)
def test_the_type_must_be_there_and_start_the_image(told: dict[str, Any], spec: dict[str, Any], state: str, evidence: str) -> None:
    (found,) = checks(INSTANCE_TYPES, facts(held=[server(**spec), *volumes()]), OFFERED | told)
    assert (found.subject, found.state.value) == (WEB, state)
    assert evidence in found.evidence


KEY = {"Arn": "arn:key", "KeyState": "Enabled", "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "KeyManager": "CUSTOMER"}


@pytest.mark.parametrize(
    ("told", "state", "evidence"),
    [
        pytest.param(KEY, "pass", "arn:key is Enabled", id="enabled"),
        pytest.param(None, "fail", "there is no key alias/target", id="none"),
        pytest.param(KEY | {"KeyState": "PendingDeletion"}, "fail", "PendingDeletion", id="going"),
        pytest.param(KEY | {"KeyUsage": "SIGN_VERIFY", "KeySpec": "RSA_2048"}, "fail", "SIGN_VERIFY", id="another use"),
        pytest.param(DENIED, "not_assessed", "AccessDenied", id="denied"),
    ],
)
def test_the_key_of_copies_must_encrypt(told: Any, state: str, evidence: str) -> None:
    (found,) = checks(KEYS, facts(steps(key="alias/target")), {"DescribeKey": told})
    assert (found.subject, found.state.value, found.region) == ("alias/target", state, "eu-west-1")
    assert evidence in found.evidence


@pytest.mark.parametrize(
    ("own", "seen", "state", "evidence"),
    [
        pytest.param(KEY, KEY, "pass", f"account {OTHER} sees it", id="shared"),
        pytest.param(
            KEY | {"KeyManager": "AWS"}, DENIED, "fail", "AWS's default key, which account 222222222222 can never use", id="aws/ebs"
        ),
        pytest.param(KEY | {"KeyState": "Disabled"}, KEY, "fail", "Disabled", id="disabled"),
        pytest.param(None, DENIED, "fail", "cannot be read", id="gone"),
        pytest.param(KEY, DENIED, "not_assessed", "could not describe", id="not shared, or not seen"),
        pytest.param(DENIED, KEY, "not_assessed", "AccessDenied", id="denied"),
    ],
)
def test_a_key_of_the_source_must_be_usable_by_the_account_that_copies(own: Any, seen: Any, state: str, evidence: str) -> None:
    encrypted = volumes(Encrypted=True, KmsKeyId=f"arn:aws:kms:{HERE}:{ACCOUNT}:key/1")
    told = {"DescribeKey": lambda question: own if question.account_id == ACCOUNT else seen}
    (found,) = checks(KEYS, facts(steps(account_id=OTHER), held=[server(), *encrypted]), told)
    assert (found.state.value, found.account_id, found.region) == (state, ACCOUNT, HERE)
    assert evidence in found.evidence


def test_within_one_account_the_source_key_is_no_question() -> None:
    encrypted = volumes(Encrypted=True, KmsKeyId=f"arn:aws:kms:{HERE}:{ACCOUNT}:key/1")
    assert checks(KEYS, facts(held=[server(), *encrypted]), {}) == []


@pytest.mark.parametrize(
    ("spec", "image", "state", "bends", "evidence"),
    [
        pytest.param({}, {"ProductCodes": []}, "pass", False, "no product codes", id="free"),
        pytest.param({}, None, "pass", False, "the image that it was started from is gone", id="image gone"),
        pytest.param({"ProductCodes": [{"ProductCodeId": "abc"}]}, None, "fail", False, "product codes abc", id="marketplace"),
        pytest.param({}, {"ProductCodes": [{"ProductCodeId": "abc"}]}, "fail", False, "product codes abc", id="marketplace image"),
        pytest.param({"Placement": {"Tenancy": "host"}}, None, "fail", True, "dedicated hardware (host)", id="dedicated"),
        pytest.param({"Licenses": [{"LicenseConfigurationArn": "arn:lic"}]}, None, "fail", True, "arn:lic", id="license manager"),
        pytest.param({}, DENIED, "not_assessed", False, "AccessDenied", id="denied"),
        pytest.param({"ProductCodes": [{"ProductCodeId": "abc"}]}, DENIED, "fail", False, "abc", id="what is known is enough"),
    ],
)
def test_licences_that_keep_a_server_where_it_is(
    spec: dict[str, Any],
    image: Any,
    state: str,
    bends: bool,
    evidence: str,
) -> None:
    (found,) = checks(LICENCES, facts(held=[server(**spec), *volumes()]), {"DescribeImages": image})
    assert (found.subject, found.state.value, found.bends) == (WEB, state, bends)
    assert evidence in found.evidence
