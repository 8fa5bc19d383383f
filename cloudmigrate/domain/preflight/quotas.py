"""Service quotas: what the wave needs, beside what is in use now, against what AWS allows."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from cloudmigrate.domain.preflight.instance_types import type_question, types_asked
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import Answers, Kind, Question, Unseen, WaveFacts, any_unseen, failed, passed, unknown, unseen
from cloudmigrate.domain.preflight.quota_table import ADDED_BY, Need, Quota, vcpu_quota
from cloudmigrate.domain.preflight.record import Check

NAME = CheckName.QUOTAS
NO_SUCH = frozenset({"NoSuchResourceException"})
PAGED = frozenset({"DescribeInstances", "DescribeSecurityGroups", "DescribeNetworkInterfaces", "DescribeSnapshots", "DescribeVolumes"})
PAGED_TOO = frozenset({"DescribeDBInstances", "DescribeDBClusters"})
Place = tuple[str, str]


def _needs(wave: WaveFacts) -> dict[Place, list[Need]]:
    """(account, region) -> what the wave's calls take there, vCPUs apart."""
    found: dict[Place, list[Need]] = defaultdict(list)
    for one in wave.explained:
        for made in one.calls:
            added = ADDED_BY.get((made.call.service, made.call.operation)) if made.call is not None and made.writes else None
            if added is not None and made.call is not None:
                found[made.account_id, made.region] += added(wave, one, made.call)
    return found


def _vcpu_types(wave: WaveFacts) -> dict[Place, list[str]]:
    """(account, region) -> the type of each instance that is launched there."""
    found: dict[Place, list[str]] = defaultdict(list)
    for account_id, region, instance_type, _ in types_asked(wave):
        found[account_id, region].append(instance_type)
    return found


def _limit(place: Place, quota: Quota) -> tuple[Question, Question]:
    """The quota as it stands for the account, and AWS's default for it."""
    asked = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    return (
        Question(*place, "service-quotas", "GetServiceQuota", asked, "Quota.Value", NO_SUCH),
        Question(*place, "service-quotas", "GetAWSDefaultServiceQuota", asked, "Quota.Value", NO_SUCH),
    )


def _used(place: Place, quota: Quota) -> Question:
    pages = quota.operation in PAGED | PAGED_TOO
    return Question(*place, quota.used_of, quota.operation, dict(quota.params or {}), quota.reads, pages=pages)


def _quotas(wave: WaveFacts) -> Iterator[tuple[Place, Quota]]:
    for place, needs in _needs(wave).items():
        yield from ((place, need.quota) for need in needs)
    for place, types in _vcpu_types(wave).items():
        yield from ((place, quota) for one in types if (quota := vcpu_quota(one)) is not None)


def _asks(wave: WaveFacts) -> Iterator[Question]:
    for place, quota in _quotas(wave):
        if quota.code:
            yield from _limit(place, quota)
        if quota.operation:
            yield _used(place, quota)
    for place, types in _vcpu_types(wave).items():
        yield from (type_question(place, one) for one in types)


def _judges(wave: WaveFacts, answers: Answers) -> Iterator[Check]:
    for place, needs in _needs(wave).items():
        sums: dict[tuple[str, str], list[Need]] = defaultdict(list)
        for need in needs:
            sums[need.quota.title, need.of_each].append(need)
        for (_, of_each), same in sums.items():
            amounts = [one.amount for one in same]
            total = None if None in amounts else sum(one for one in amounts if one is not None)
            yield _judged(place, same[0].quota, of_each, need=total, used=_in_use(place, same[0].quota, answers), answers=answers)
    for place, types in _vcpu_types(wave).items():
        yield from _vcpus(place, types, answers)


def _in_use(place: Place, quota: Quota, answers: Answers) -> Any:
    """How much is in use now; Unseen where nobody knows."""
    if not quota.operation:
        return 0
    found = answers[_used(place, quota)]
    if isinstance(found, Unseen):
        return found
    used = sum(one if isinstance(one, int | float) else 1 for one in found or ())
    return used / 1024 if quota.unit == "TiB" else used


def _vcpus(place: Place, types: list[str], answers: Answers) -> Iterator[Check]:
    grouped: dict[Quota, list[str]] = defaultdict(list)
    for one in types:
        quota = vcpu_quota(one)
        if quota is None:
            yield unknown(NAME, one, place, f"which quota {one} counts to is not known", "look at the EC2 quotas of the region")
        else:
            grouped[quota].append(one)
    for quota, same in grouped.items():
        told = [answers[type_question(place, one)] for one in same]
        if any_unseen(*told):
            yield unseen(NAME, quota.title, place, *told)
            continue
        counts = [(one or {}).get("VCpuInfo", {}).get("DefaultVCpus") for one in told]
        total = None if None in counts else float(sum(counts))
        yield _judged(place, quota, "", need=total, used=_vcpus_in_use(place, quota, answers), answers=answers)


def _vcpus_in_use(place: Place, quota: Quota, answers: Answers) -> Any:
    """vCPUs of the running instances that count to this quota; None where one of them does not tell its own."""
    found = answers[_used(place, quota)]
    if isinstance(found, Unseen):
        return found
    own = [one for one in found or () if (of := vcpu_quota(str(one[0]))) is not None and of.code == quota.code]
    if any(not isinstance(part, int) for one in own for part in one[1:]):
        return None
    return sum(one[1] * one[2] for one in own)


def _judged(place: Place, quota: Quota, of_each: str, *, need: float | None, used: Any, answers: Answers) -> Check:
    subject = f"{quota.title}: {of_each}" if of_each else quota.title
    own, default = (answers[one] for one in _limit(place, quota)) if quota.code else (None, quota.documented)
    limit = default if own is None else own  # a new account may have less than the default: that counts only where it is told to hold
    if any_unseen(used, limit):
        return unseen(NAME, subject, place, used, limit)
    if not isinstance(limit, int | float):
        return unknown(NAME, subject, place, f"Service Quotas knows no {quota.code} here", "look for the quota in the console")
    if need is None or used is None:
        what = "what the wave needs" if need is None else "what is in use"
        return unknown(NAME, subject, place, f"{what} cannot be told; the quota is {limit:g} {quota.unit}", "count it by hand")
    whose = "the quota" if isinstance(own, int | float) else "AWS's default"
    told = f"the wave needs {need:g} {quota.unit}, {used:g} in use, {whose} is {limit:g}"
    if used + need > limit:
        lacking = used + need - limit
        code = f" ({quota.service} {quota.code})" if quota.code else " (AWS Support)"
        advice = f"ask for {lacking:g} {quota.unit} more{code}, or make the wave smaller"
        return failed(NAME, subject, place, told, advice, bends=quota.bends)
    return passed(NAME, subject, place, told)


QUOTAS = Kind(NAME, _asks, _judges)
