"""Quotas: what the wave needs, counted by hand, beside what is in use."""

from typing import Any

import pytest

from cloudmigrate.domain.preflight.questions import Question
from cloudmigrate.domain.preflight.quota_table import rules_in, vcpu_quota
from cloudmigrate.domain.preflight.quotas import QUOTAS
from tests.domain.preflight.samples import DENIED, WEB, checks, facts, server, states, steps, volumes

STANDARD = "running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"
LIMITS = {
    "L-1216C47A": 8.0,
    "L-0263D0A3": 5.0,
    "L-E79EC296": 2500.0,
    "L-DF5E4CA3": 5000.0,
    "L-0EA8095F": 60.0,
    "L-2AFB9258": 5.0,
    "L-309BACF6": 100_000.0,
    "L-7A658B76": 50.0,
    "L-D18FCD1D": 50.0,
}


def told(limits: dict[str, Any] | None = None, **used: Any) -> dict[str, Any]:
    """The account's quotas and an empty region, but for *used*."""
    known = LIMITS | (limits or {})

    def volumes_of_type(question: Question) -> Any:
        (kind,) = question.params["Filters"][0]["Values"]
        return used.get(kind, [])

    def snapshots(question: Question) -> Any:
        return used.get("pending" if "Filters" in question.params else "snapshots", [])

    return {
        "GetServiceQuota": lambda question: known.get(question.params["QuotaCode"]),
        "GetAWSDefaultServiceQuota": None,
        "DescribeInstances": used.get("instances", []),
        "DescribeInstanceTypes": used.get("types", {"VCpuInfo": {"DefaultVCpus": 2}}),
        "DescribeAddresses": used.get("addresses", []),
        "DescribeSecurityGroups": used.get("groups", []),
        "DescribeNetworkInterfaces": used.get("interfaces", []),
        "DescribeVolumes": volumes_of_type,
        "DescribeSnapshots": snapshots,
    }


def test_what_fits_passes_with_its_figures() -> None:
    found = checks(QUOTAS, facts(), told())
    assert {one.state.value for one in found} == {"pass"}
    there = {one.subject: one.evidence for one in found if one.region == "eu-west-1"}
    assert there == {
        STANDARD: "the wave needs 2 vCPUs, 0 in use, the quota is 8",
        "EC2-VPC elastic IPs": "the wave needs 1 addresses, 0 in use, the quota is 5",
        "VPC security groups per region": "the wave needs 1 groups, 0 in use, the quota is 2500",
        "network interfaces per region": "the wave needs 1 interfaces, 0 in use, the quota is 5000",
        "inbound or outbound rules per security group: inbound rules of <group_id of group>": (
            "the wave needs 1 rules, 0 in use, the quota is 60"
        ),
        f"security groups per network interface: {WEB}": "the wave needs 2 groups, 0 in use, the quota is 5",
        "snapshots per region": "the wave needs 2 snapshots, 0 in use, the quota is 100000",
        "concurrent snapshot copies to a region": "the wave needs 2 copies, 0 in use, AWS's default is 20",
        # 20 GiB and 100 GiB, the gp2 volume as gp3 there
        "storage of General Purpose SSD (gp3) volumes": "the wave needs 0.117188 TiB, 0 in use, the quota is 50",
    }
    assert [one.subject for one in found if one.region == "eu-central-1"] == ["snapshots per region"]


@pytest.mark.parametrize(
    ("limits", "used", "subject", "evidence"),
    [
        pytest.param(
            {},
            {"instances": [["m5.large", 1, 2], ["t3.xlarge", 2, 2], ["t3.micro", 1, 1], ["p3.2xlarge", 4, 2]]},
            STANDARD,
            "the wave needs 2 vCPUs, 7 in use, the quota is 8",
            id="vCPUs of the same families only",
        ),
        pytest.param({}, {"addresses": ["192.0.2.1"] * 5}, "EC2-VPC elastic IPs", "needs 1 addresses, 5 in use, the quota is 5", id="ips"),
        pytest.param(
            {"L-7A658B76": 1.0},
            {"gp3": [600, 400]},  # 1000 GiB of 1024; the wave's 120 more do not fit
            "storage of General Purpose SSD (gp3) volumes",
            "the wave needs 0.117188 TiB, 0.976562 in use, the quota is 1",
            id="storage",
        ),
        pytest.param({"L-2AFB9258": 1.0}, {}, f"security groups per network interface: {WEB}", "needs 2 groups", id="groups of one server"),
        pytest.param({}, {"pending": ["snap"] * 19}, "concurrent snapshot copies to a region", "2 copies, 19 in use", id="copies"),
    ],
)
def test_what_does_not_fit_fails_and_says_what_to_ask_for(limits: Any, used: Any, subject: str, evidence: str) -> None:
    failures = {one.subject: one for one in checks(QUOTAS, facts(), told(limits, **used)) if one.state.value == "fail"}
    assert list(failures) == [subject]
    assert evidence in failures[subject].evidence
    assert "ask for" in failures[subject].advice


def test_a_quota_that_fits_exactly_passes() -> None:
    found = {one.subject: one for one in checks(QUOTAS, facts(), told(addresses=["192.0.2.1"] * 4)) if one.region == "eu-west-1"}
    assert found["EC2-VPC elastic IPs"].state.value == "pass"


def test_a_quota_that_nobody_tells_is_not_assessed() -> None:
    wave = facts(steps()[2:3])
    assert states(checks(QUOTAS, wave, told() | {"GetServiceQuota": DENIED})) == {"EC2-VPC elastic IPs": "not_assessed"}
    assert states(checks(QUOTAS, wave, told() | {"GetServiceQuota": DENIED, "GetAWSDefaultServiceQuota": 5.0})) == {
        "EC2-VPC elastic IPs": "not_assessed"
    }, "a new account may have less than the default"
    assert states(checks(QUOTAS, wave, told() | {"DescribeAddresses": DENIED})) == {"EC2-VPC elastic IPs": "not_assessed"}
    assert states(checks(QUOTAS, wave, told({"L-0263D0A3": None}))) == {"EC2-VPC elastic IPs": "not_assessed"}


def test_the_default_counts_where_the_account_has_no_value_of_its_own() -> None:
    (found,) = checks(QUOTAS, facts(steps()[2:3]), told({"L-0263D0A3": None}) | {"GetAWSDefaultServiceQuota": 5.0})
    assert found.evidence == "the wave needs 1 addresses, 0 in use, AWS's default is 5"


def test_what_cannot_be_counted_is_not_assessed() -> None:
    found = {one.subject: one for one in checks(QUOTAS, facts(), told(instances=[["t3.large", None, None]]))}
    assert found[STANDARD].state.value == "not_assessed"
    unseen = {one.subject: one for one in checks(QUOTAS, facts(held=[server()]), told()) if one.region == "eu-west-1"}
    assert unseen["snapshots per region"].state.value == "not_assessed", "its volumes are not in the snapshot"
    sizeless = {one.subject: one for one in checks(QUOTAS, facts(held=[server(), *volumes(Size=None)]), told())}
    assert sizeless["storage of General Purpose SSD (gp3) volumes"].state.value == "not_assessed"
    odd = {one.subject: one for one in checks(QUOTAS, facts(steps(launch={"instance_type": "q9.large"})), told())}
    assert odd["q9.large"].state.value == "not_assessed"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("t3.micro", "L-1216C47A"),
        ("im4gn.large", "L-1216C47A"),
        ("is4gen.large", "L-1216C47A"),
        ("inf2.xlarge", "L-1945791B"),
        ("i3.large", "L-1216C47A"),
        ("p4d.24xlarge", "L-417A185B"),
        ("g5.xlarge", "L-DB2E81BA"),
        ("vt1.3xlarge", "L-DB2E81BA"),
        ("dl1.24xlarge", "L-6E869C2A"),
        ("d3.xlarge", "L-1216C47A"),
        ("hpc6a.48xlarge", "L-F7808C92"),
        ("h1.2xlarge", "L-1216C47A"),
        ("x2idn.16xlarge", "L-7295265B"),
        ("trn1.2xlarge", "L-2C3B7624"),
        ("u-6tb1.metal", "L-43DA4232"),
        ("u7i-12tb.224xlarge", "L-43DA4232"),
        ("f1.2xlarge", "L-74FC7D96"),
    ],
)
def test_each_family_counts_to_its_quota(kind: str, code: str) -> None:
    quota = vcpu_quota(kind)
    assert quota is not None
    assert quota.code == code


def test_rules_are_counted_for_each_family_of_addresses_apart() -> None:
    both = {"IpRanges": [{}, {}], "Ipv6Ranges": [{}], "UserIdGroupPairs": [{}], "PrefixListIds": [{}]}
    assert rules_in([both]) == 4, "IPv4: 2 ranges, 1 group, 1 list; IPv6: 1 range, 1 group, 1 list"
    assert rules_in([]) == 0
