"""Views to render in tests and to look at: a believable estate of any size, the same for the same arguments.

`python -m tests.reports.sample_views OUT.html [RESOURCES]` writes one to look at.
"""

import math
import random
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reports.readiness import coverage, idle, render_html
from reports.readiness import plan_view as p
from reports.readiness import view as v

ACCOUNTS = ("111111111111", "222222222222", "333333333333")
REGIONS = ("eu-central-1", "us-west-2")
SNAPSHOT_ID = "20261122T203000Z-3f9a1c"
SNAPSHOT_AT = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
GIB = 1024**3

# type, service, arn middle, share of the estate, stateful, typical GiB, metrics (name, unit, top)
_KINDS = (
    ("AWS::EC2::Instance", "ec2", "instance/i-0", 26, False, 0, (("CPUUtilization", "percent", 100), ("NetworkIn", "bytes", 4e8))),
    ("AWS::EC2::Volume", "ec2", "volume/vol-0", 26, True, 100, (("VolumeReadOps", "count", 9000),)),
    ("AWS::EC2::NetworkInterface", "ec2", "network-interface/eni-0", 10, False, 0, ()),
    ("AWS::EC2::SecurityGroup", "ec2", "security-group/sg-0", 8, False, 0, ()),
    ("AWS::EC2::Snapshot", "ec2", "snapshot/snap-0", 5, True, 100, ()),
    ("AWS::RDS::DBInstance", "rds", "db:", 4, True, 400, (("CPUUtilization", "percent", 100), ("DatabaseConnections", "count", 300))),
    ("AWS::Lambda::Function", "lambda", "function:", 9, False, 0, (("Invocations", "count", 5000), ("Duration", "milliseconds", 900))),
    ("AWS::S3::Bucket", "s3", "", 5, True, 900, (("BucketSizeBytes", "bytes", 9e12),)),
    ("AWS::SQS::Queue", "sqs", "", 3, True, 0, (("NumberOfMessagesSent", "count", 1e5),)),
    ("AWS::DynamoDB::Table", "dynamodb", "table/", 2, True, 20, (("ConsumedReadCapacityUnits", "count", 4e4),)),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "elbv2", "loadbalancer/app/", 2, False, 0, (("RequestCount", "count", 9e5),)),
)
_WORKLOADS = ("billing", "orders", "search", "auth", "catalogue", "reporting", "mail", "warehouse", "portal", "ledger")
_PARTS = ("web", "api", "worker", "db", "cache", "jobs", "edge")


def sample_view(resources: int = 260, *, seed: int = 7, gaps: bool = True) -> v.ReadinessView:
    """An estate of that many resources in three accounts, one of which could not be entered if *gaps*."""
    rng = random.Random(seed)
    rows = tuple(_resource(rng, number) for number in range(resources))
    rows = tuple(sorted(rows, key=lambda row: (row.account_id, row.region, row.type, row.name, row.uid)))
    plan, rows = _plan(rng, rows)
    usage, profiles = _usage(rng, rows)
    relations = _relations(rng, rows)
    looked = _coverage(rows, gaps=gaps)
    checks = _checks(resources, warn=gaps)
    kinds: dict[str, list[v.RelationRow]] = {}
    for row in relations:
        kinds.setdefault(row.kind, []).append(row)
    found = {row.uid for row in rows}
    needed: dict[str, set[str]] = {}
    for row in relations:
        if row.target_uid in found:
            needed.setdefault(row.target_uid, set()).add(row.source_uid)
    most = sorted(needed.items(), key=lambda item: (-len(item[1]), item[0]))[:15]
    return v.ReadinessView(
        estate_name="acme",
        snapshot_id=SNAPSHOT_ID,
        snapshot_at=SNAPSHOT_AT,
        trust=v.Trust(
            accounts=coverage.tally(looked, lambda row: row.account_id),
            regions=coverage.tally([row for row in looked if row.region != "global"], lambda row: (row.account_id, row.region)),
            services=coverage.tally(looked, lambda row: row.service),
            look_ups=len(looked),
            gap_look_ups=sum(row.status not in ("ok", "empty") for row in looked),
            checks=len(checks),
            failed_critical_checks=0,
            failed_warning_checks=sum(not row.passed for row in checks),
        ),
        gaps=coverage.gaps(looked),
        totals=_totals(rows),
        by_type=_by_type(rows),
        by_place=_by_place(rows),
        coverage=looked,
        checks=checks,
        resources=rows,
        metrics_window=v.MetricsWindow(
            first_at=SNAPSHOT_AT - timedelta(days=14),
            last_at=SNAPSHOT_AT,
            asked_from_at=SNAPSHOT_AT - timedelta(days=14),
            asked_to_at=SNAPSHOT_AT,
        ),
        measured=_measured(rows, usage),
        usage=usage,
        profiles=profiles,
        idle=idle.idle_rows(usage, cpu_p95_below_pct=5.0),
        idle_cpu_p95_below_pct=5.0,
        relations=relations,
        kinds=tuple(
            v.KindRow(
                kind,
                "setting" if kind == "in_group" else "part" if kind == "attached_to" else "needs",
                len(hit),
                len({row.source_uid for row in hit}),
                len({row.target_uid for row in hit}),
                sum(row.target_uid not in found for row in hit),
            )
            for kind, hit in sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))
        ),
        settings_kinds=("in_group",),
        most_needed=tuple(v.NeededRow(uid, len(sources)) for uid, sources in most),
        plan=plan,
    )


def empty_view() -> v.ReadinessView:
    """An estate of which nothing is known."""
    nothing = v.Seen()
    return replace(
        sample_view(0),
        trust=v.Trust(nothing, nothing, nothing, 0, 0, 0, 0, 0),
        gaps=(),
        coverage=(),
        checks=(),
        plan=None,
        measured=(),
        metrics_window=v.MetricsWindow(),
    )


def resource(uid: str = "arn:aws:sqs:eu-central-1:111111111111:jobs", **changes: object) -> v.ResourceRow:
    """One plain resource, with *changes*."""
    row = v.ResourceRow(
        uid=uid,
        account_id="111111111111",
        region="eu-central-1",
        type="AWS::SQS::Queue",
        name="jobs",
        state="active",
        stateful=False,
        storage_bytes=None,
        created_at=None,
        tags=(),
        move_group=None,
        wave=None,
        no_wave_reason=None,
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def _resource(rng: random.Random, number: int) -> v.ResourceRow:
    kind, service, middle, _, stateful, gib, _ = rng.choices(_KINDS, weights=[row[3] for row in _KINDS])[0]
    account = rng.choice(ACCOUNTS[:2])
    region = rng.choice(REGIONS)
    name = f"{rng.choice(_WORKLOADS)}-{rng.choice(_PARTS)}-{number:05d}"
    digits = f"{rng.getrandbits(64):016x}"
    tail = f"{middle}{digits}" if middle.endswith("-0") else f"{middle}{name}"
    uid = f"arn:aws:{service}:{region}:{account}:{tail}" if kind != "AWS::S3::Bucket" else f"arn:aws:s3:::{name}"
    size = int(gib * GIB * rng.lognormvariate(0, 0.8)) if gib else None
    tags = (("app", name.split("-", maxsplit=1)[0]), ("env", rng.choice(("prod", "test"))), ("owner", f"team-{rng.randrange(9)}"))
    created = SNAPSHOT_AT - timedelta(days=rng.randrange(2000))
    return v.ResourceRow(
        uid, account, region, kind, name, "running" if service == "ec2" else "active", stateful, size, created, tags, None, None, None
    )


def _plan(rng: random.Random, rows: tuple[v.ResourceRow, ...]) -> tuple[p.Plan, tuple[v.ResourceRow, ...]]:
    moving = [row for row in rows if "SecurityGroup" not in row.type and "Snapshot" not in row.type]
    rng.shuffle(moving)
    sized: list[list[v.ResourceRow]] = []
    while moving:
        take = rng.choice((1, 1, 1, 2, 3, 3, 5, 9))
        sized.append(moving[:take])
        moving = moving[take:]
    per_wave = max(1, math.ceil(len(rows) / 6)) if len(rows) < 1000 else 50
    groups, waves, wave, filled = [], [], 1, 0
    for number, members in enumerate(sized):
        if filled and filled + len(members) > per_wave:
            wave, filled = wave + 1, 0
        filled += len(members)
        earlier = [group.id for group in groups if group.wave < wave]
        needs = tuple(sorted(rng.sample(earlier, k=min(len(earlier), rng.choice((0, 1, 2))))))
        uids = tuple(sorted(row.uid for row in members))
        cyclic = len(members) == 9 and number % 3 == 0
        groups.append(p.MoveGroup(f"g-{number:04d}", wave, uids, cyclic, uids[:3] if cyclic else (), needs))
    place = {uid: group for group in groups for uid in group.members}
    by_uid = {row.uid: row for row in rows}
    wave_of = {group.id: group.wave for group in groups}
    for one in range(1, wave + 1 if groups else 1):
        inside = [group for group in groups if group.wave == one]
        members = [by_uid[uid] for group in inside for uid in group.members]
        types: dict[str, int] = {}
        for row in members:
            types[row.type] = types.get(row.type, 0) + 1
        waves.append(
            p.Wave(
                wave=one,
                reason=f"layer {one}: needs only what moves by wave {one - 1}" if one > 1 else "layer 1: needs nothing else that moves",
                groups=tuple(group.id for group in inside),
                resources=len(members),
                stateful=sum(row.stateful for row in members),
                storage_bytes=sum(row.storage_bytes or 0 for row in members),
                needs_waves=tuple(sorted({wave_of[need] for group in inside for need in group.needs} - {one})),
                types=tuple(sorted(types.items(), key=lambda item: (-item[1], item[0]))),
            )
        )
    reason = "a security group is prepared in the target, not moved"
    copies = "a snapshot is a copy; its source moves"
    placed = tuple(
        replace(row, move_group=place[row.uid].id, wave=place[row.uid].wave)
        if row.uid in place
        else replace(row, no_wave_reason=reason if "SecurityGroup" in row.type else copies)
        for row in rows
    )
    left: dict[tuple[str, str], int] = {}
    for row in placed:
        if row.no_wave_reason:
            left[row.no_wave_reason, row.type] = left.get((row.no_wave_reason, row.type), 0) + 1
    ordered = tuple(sorted(groups, key=lambda group: (group.wave, -len(group.members), group.id)))
    no_wave = tuple(p.NoWaveRow(why, kind, amount) for (why, kind), amount in sorted(left.items()))
    policy = (("max_resources_per_wave", str(per_wave)),)
    return p.Plan("plan-20261122T203412Z-8c41d0aa", "8c41d0aa" * 8, policy, ordered, tuple(waves), no_wave), placed


def _usage(rng: random.Random, rows: tuple[v.ResourceRow, ...]) -> tuple[tuple[v.UsageRow, ...], tuple[v.ProfileRow, ...]]:
    metrics = {kind: found for kind, *_, found in _KINDS}
    usage, profiles = [], []
    for row in rows:
        if rng.random() < 0.12:  # stopped: CloudWatch has nothing
            continue
        busy = rng.choice((0.01, 0.05, 0.15, 0.3, 0.6, 0.9))
        for at, (metric, unit, top) in enumerate(metrics[row.type]):
            means = tuple(_hour(rng, busy, top, hour) for hour in range(168))
            ordered = sorted(means)
            peak = max(range(168), key=lambda hour: means[hour])
            p95, p99 = ordered[159], ordered[166]
            high = min(float(top), p99 * 1.3)
            idle_share = sum(value < 5 for value in means) / 168 if unit == "percent" else None
            covered = rng.choice((1.0, 1.0, 0.998, 0.71))
            usage.append(
                v.UsageRow(
                    row.uid,
                    metric,
                    "Average",
                    unit,
                    int(4032 * covered),
                    covered,
                    sum(means) / 168,
                    ordered[84],
                    p95,
                    p99,
                    p99,
                    high,
                    idle_share,
                    peak,
                    means[peak],
                )
            )
            if at == 0 and "Volume" not in row.type and "Bucket" not in row.type:
                profiles.append(v.ProfileRow(row.uid, metric, unit, means))
    return tuple(usage), tuple(profiles)


def _hour(rng: random.Random, busy: float, top: float, hour: int) -> float:
    working = 1.0 if hour // 24 < 5 and 7 <= hour % 24 < 18 else 0.35
    return min(top, top * busy * working * rng.uniform(0.7, 1.2))


def _relations(rng: random.Random, rows: tuple[v.ResourceRow, ...]) -> tuple[v.RelationRow, ...]:
    groups = [row.uid for row in rows if "SecurityGroup" in row.type] or [row.uid for row in rows[:1]]
    data = [row.uid for row in rows if row.stateful]
    found = []
    for row in rows:
        if "Instance" in row.type or "Function" in row.type:
            found.append(v.RelationRow(row.uid, rng.choice(groups), "in_group"))
            found += [v.RelationRow(row.uid, uid, "reads_from") for uid in rng.sample(data, k=min(2, len(data)))]
        if "Interface" in row.type:
            found.append(v.RelationRow(row.uid, rng.choice(rows).uid, "attached_to"))
        if rng.random() < 0.02:
            found.append(v.RelationRow(row.uid, f"arn:aws:iam::999999999999:role/partner-{rng.randrange(90)}", "assumes"))
    return tuple(sorted(set(found), key=lambda row: (row.source_uid, row.kind, row.target_uid)))


def _coverage(rows: tuple[v.ResourceRow, ...], *, gaps: bool) -> tuple[v.CoverageRow, ...]:
    amount: dict[tuple[str, str, str], int] = {}
    for row in rows:
        amount[row.account_id, row.region, row.type] = amount.get((row.account_id, row.region, row.type), 0) + 1
    looked = []
    extra = (("AWS::EFS::FileSystem", "efs"), ("AWS::EKS::Cluster", "eks"), ("AWS::ECS::Cluster", "ecs"), ("AWS::ECS::Service", "ecs"))
    kinds = [(kind, service) for kind, service, *_ in _KINDS] + list(extra)
    for account in ACCOUNTS:
        for region in (*REGIONS, "global"):
            for kind, service in kinds if region != "global" else [("AWS::IAM::Role", "iam"), ("AWS::Route53::HostedZone", "route53")]:
                hit = amount.get((account, region, kind), 0)
                row = v.CoverageRow(account, region, service, kind, "ok" if hit else "empty", None, None, None, hit)
                looked.append(_spoiled(row) if gaps else row)
    return tuple(sorted(looked, key=lambda row: (row.account_id, row.region, row.service, row.type)))


def _spoiled(row: v.CoverageRow) -> v.CoverageRow:
    if row.account_id == ACCOUNTS[2]:
        return replace(
            row,
            status="denied",
            error_code="AccessDenied",
            missing_action="sts:AssumeRole",
            detail="the role's trust policy refuses the caller",
            resources=0,
        )
    if row.service == "ecs" and row.account_id == ACCOUNTS[1]:
        action = "ecs:ListClusters" if row.type.endswith("Cluster") else "ecs:ListServices"
        return replace(row, status="denied", error_code="AccessDeniedException", missing_action=action)
    if row.type == "AWS::S3::Bucket" and row.region == "us-west-2":
        return replace(
            row,
            status="partial",
            error_code="AccessDenied",
            missing_action="s3:GetLifecycleConfiguration",
            detail="listed, details refused",
        )
    if row.service == "dynamodb" and row.account_id == ACCOUNTS[0] and row.region == "us-west-2":
        return replace(row, status="throttled", error_code="ThrottlingException", resources=0)
    if row.service == "eks" and row.account_id == ACCOUNTS[0]:
        return replace(row, status="failed", error_code="500", detail="not implemented by endpoint")
    return row


def _checks(resources: int, *, warn: bool) -> tuple[v.CheckRow, ...]:
    unresolved = 6 if warn else 0
    rows = [
        v.CheckRow(
            "relations",
            "targets_resolve",
            "warning",
            not warn,
            900,
            unresolved,
            "arn:aws:iam::999999999999:role/partner-7" if warn else None,
            None,
        ),
        v.CheckRow("inventory", "uid_not_null", "critical", True, resources, 0, None, None),
        v.CheckRow("inventory", "uid_unique", "critical", True, resources, 0, None, None),
        v.CheckRow("coverage", "status_known", "critical", True, 93, 0, None, None),
        v.CheckRow("metrics", "percent_in_range", "critical", True, 120_000, 0, None, None),
    ]
    return tuple(rows)


def _totals(rows: tuple[v.ResourceRow, ...]) -> v.Totals:
    copies = sum(row.storage_bytes or 0 for row in rows if row.type == "AWS::EC2::Snapshot")
    return v.Totals(
        resources=len(rows),
        types=len({row.type for row in rows}),
        accounts=len({row.account_id for row in rows}),
        regions=len({row.region for row in rows}),
        stateful=sum(row.stateful for row in rows),
        storage_bytes=sum(row.storage_bytes or 0 for row in rows) - copies,
        copies_bytes=copies,
    )


def _by_type(rows: tuple[v.ResourceRow, ...]) -> tuple[v.TypeCount, ...]:
    found: dict[str, list[v.ResourceRow]] = {}
    for row in rows:
        found.setdefault(row.type, []).append(row)
    counted = [
        v.TypeCount(kind, len(hit), sum(row.stateful for row in hit), sum(row.storage_bytes or 0 for row in hit))
        for kind, hit in found.items()
    ]
    return tuple(sorted(counted, key=lambda row: (-row.resources, row.type)))


def _by_place(rows: tuple[v.ResourceRow, ...]) -> tuple[v.PlaceCount, ...]:
    found: dict[tuple[str, str], list[v.ResourceRow]] = {}
    for row in rows:
        found.setdefault((row.account_id, row.region), []).append(row)
    return tuple(
        v.PlaceCount(*place, len(hit), sum(row.stateful for row in hit), sum(row.storage_bytes or 0 for row in hit))
        for place, hit in sorted(found.items())
    )


def _measured(rows: tuple[v.ResourceRow, ...], usage: tuple[v.UsageRow, ...]) -> tuple[v.MeasuredRow, ...]:
    metrics = {kind: found for kind, *_, found in _KINDS}
    with_data = {row.uid for row in usage}
    result = []
    for kind in sorted({row.type for row in rows if metrics[row.type]}):
        asked = [row for row in rows if row.type == kind]
        good = sum(row.uid in with_data for row in asked)
        result.append(v.MeasuredRow(kind, len(asked), good, len(asked) - good, 0))
    return tuple(result)


if __name__ == "__main__":
    amount = int(sys.argv[2]) if len(sys.argv) > 2 else 260
    Path(sys.argv[1]).write_text(render_html(sample_view(amount) if amount else empty_view()), encoding="utf-8")
