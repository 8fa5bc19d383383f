"""Graphs to render in tests and to look at: workloads of a few tiers, shared services, ends outside; the same for the same arguments.

`python -m tests.reports.sample_graph OUT.html [RESOURCES] [EDGES]` writes one to look at.
"""

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.resources import Relation, RelationRole
from cloudmigrate.domain.waves import plan_waves
from reports.graph import render_graph
from reports.graph import view as v

SNAPSHOT_AT = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
FROM_AT = SNAPSHOT_AT - timedelta(days=14)
ACCOUNTS = ("111111111111", "222222222222", "333333333333", "444444444444")
_WORKLOADS = ("billing", "orders", "search", "auth", "catalogue", "reporting", "mail", "warehouse", "portal", "ledger", "pricing", "stock")
# tier, type, arn middle, port it serves, how many of it in a workload, tiers it needs
_TIERS = (
    ("db", "AWS::RDS::DBInstance", "rds", "db:", 5432, 1, ()),
    ("cache", "AWS::ElastiCache::CacheCluster", "elasticache", "cluster:", 6379, 1, ()),
    ("queue", "AWS::SQS::Queue", "sqs", "", 443, 1, ()),
    ("jobs", "AWS::EC2::Instance", "ec2", "instance/i-0", 8443, 2, ("db", "queue")),
    ("api", "AWS::EC2::Instance", "ec2", "instance/i-0", 8080, 3, ("db", "cache", "queue")),
    ("web", "AWS::EC2::Instance", "ec2", "instance/i-0", 443, 3, ("api",)),
    ("edge", "AWS::ElasticLoadBalancingV2::LoadBalancer", "elasticloadbalancing", "loadbalancer/app/", 443, 1, ("web",)),
)
_SHARED = (("dns", 53, 17), ("directory", 389, 6), ("monitoring", 9090, 6))
_OUTSIDE = (
    "external:s3",
    "external:dynamodb",
    "external:203.0.113.0/24",
    "external:198.51.100.7/32",
    "external:10.200.0.0/16",
    "unknown:10.9.8.7",
)
_WHY = ("what it needs moves no later",)
_LEVELS = ((25, "low"), (50, "medium"), (75, "high"), (1000, "critical"))


def sample_graph(resources: int = 300, edges: int | None = None, *, seed: int = 11) -> v.GraphView:
    """About that many resources; with *edges*, extra traffic between workloads until there are exactly that many."""
    rng = random.Random(seed)
    nodes, tiers = _resources(rng, resources)
    found = {(row.source_uid, row.target_uid, row.port): row for row in _edges(rng, nodes, tiers)}
    uids = [node.uid for node in nodes]
    while edges is not None and len(found) < edges:
        later, earlier = sorted(rng.sample(range(len(uids)), 2), reverse=True)
        if later - earlier < 400:
            row = _edge(rng, uids[later], uids[earlier], rng.choice((443, 8080, 5432, 9092, 22)))
            found.setdefault((row.source_uid, row.target_uid, row.port), row)
    rows = tuple(found.values())[: edges or len(found)]
    moving = [PlanItem(node.uid, node.type, moves=node.stays_reason is None, why_not=node.stays_reason) for node in nodes]
    held = {node.uid for node in nodes if node.workload is None}
    needs = [Relation(row.source_uid, row.target_uid, "needs") for row in rows if not {row.source_uid, row.target_uid} & held]
    plan = plan_waves(moving, needs, {"needs": RelationRole.NEEDS}, max_resources_per_wave=50)
    group_of = {uid: group.id for group in plan.groups for uid in group.members}
    wave_of = {group: wave.wave for wave in plan.waves for group in wave.groups}
    placed = tuple(_placed(node, group_of.get(node.uid), wave_of.get(group_of.get(node.uid, ""))) for node in nodes)
    return v.GraphView(
        title="acme",
        snapshot_id="20261122T203000Z-3f9a1c",
        snapshot_at=SNAPSHOT_AT,
        plan_id="plan-20261122T204500Z-0a1b2c3d",
        nodes=placed,
        edges=rows,
        groups=tuple(v.GroupRow(g.id, wave_of[g.id], cyclic=g.cyclic, reasons=_WHY) for g in plan.groups),
        waves=tuple(v.WaveRow(w.wave, f"{SNAPSHOT_AT + timedelta(weeks=2 * w.wave):%d %b %Y}") for w in plan.waves),
        shared=tuple(
            v.SharedRow(node.uid, node.name.split("-")[0], 120, held_out=True, reason="many peers on one well-known port")
            for node in nodes
            if node.uid in held and node.stays_reason is None
        ),
        traffic_from_at=FROM_AT,
        traffic_to_at=SNAPSHOT_AT,
    )


def _placed(node: v.NodeRow, group: str | None, wave: int | None) -> v.NodeRow:
    from dataclasses import replace

    return replace(node, move_group=group, wave=wave)


def _resources(rng: random.Random, amount: int) -> tuple[list[v.NodeRow], dict[tuple[int, str], list[str]]]:
    nodes = [_node(rng, f"{name}-{at}", "AWS::EC2::Instance", "ec2", "instance/i-0", None) for name, _, _ in _SHARED for at in (1, 2)]
    nodes.append(
        _node(
            rng,
            "mainframe-link",
            "AWS::DirectConnect::Connection",
            "directconnect",
            "dxcon/",
            None,
            stays="prepared, not moved",
        )
    )
    tiers: dict[tuple[int, str], list[str]] = {}
    number = 0
    while len(nodes) < amount:
        workload = f"{_WORKLOADS[number % len(_WORKLOADS)]}{'' if number < len(_WORKLOADS) else f'-{number // len(_WORKLOADS) + 1}'}"
        for tier, kind, service, middle, _, copies, _ in _TIERS:
            if tier in ("cache", "queue", "jobs") and rng.random() < 0.4:
                continue
            for at in range(rng.randint(1, copies)):
                node = _node(rng, f"{workload}-{tier}-{at + 1}", kind, service, middle, workload)
                nodes.append(node)
                tiers.setdefault((number, tier), []).append(node.uid)
        number += 1
    return nodes[:amount], tiers


def _node(
    rng: random.Random, name: str, kind: str, service: str, middle: str, workload: str | None, *, stays: str | None = None
) -> v.NodeRow:
    account = ACCOUNTS[rng.randrange(len(ACCOUNTS)) if workload is None else sum(map(ord, workload)) % len(ACCOUNTS)]
    tail = f"{rng.getrandbits(64):016x}" if middle.endswith("-0") else name
    points = round(rng.triangular(2, 95, 22), 1)
    upper = round(points + rng.choice((0, 0, 4, 12)), 1)
    return v.NodeRow(
        uid=f"arn:aws:{service}:eu-central-1:{account}:{middle}{tail}",
        name=name,
        type=kind,
        account_id=account,
        region="eu-central-1",
        workload=workload,
        stays_reason=stays,
        risk_level=next(level for below, level in _LEVELS if upper < below),
        risk_points=points,
        risk_upper_points=upper,
        storage_bytes=rng.randrange(10**9, 10**12) if "RDS" in kind else None,
    )


def _edges(rng: random.Random, nodes: list[v.NodeRow], tiers: dict[tuple[int, str], list[str]]) -> Iterator[v.EdgeRow]:
    kept = {node.uid for node in nodes}
    inside = {key: [uid for uid in uids if uid in kept] for key, uids in tiers.items()}
    shared = {port: [node.uid for node in nodes if node.name.startswith(name)] for name, port, _ in _SHARED}
    workloads = max((number for number, _ in inside), default=-1) + 1
    for (number, tier), uids in inside.items():
        needs = next(row[6] for row in _TIERS if row[0] == tier)
        for uid in uids:
            for other in needs:
                port = next(row[4] for row in _TIERS if row[0] == other)
                for target in inside.get((number, other), ()):
                    if rng.random() < 0.8:
                        yield _edge(rng, uid, target, port)
            for _, port, protocol in _SHARED:
                if tier in ("web", "api", "jobs") and rng.random() < 0.5:
                    yield _edge(rng, uid, rng.choice(shared[port]), port, protocol=protocol)
            if rng.random() < 0.08:
                yield _edge(rng, uid, rng.choice(_OUTSIDE), 443)
        if tier == "edge" and uids:
            yield _edge(rng, "external:0.0.0.0/0", uids[0], 443)
            if rng.random() < 0.2:  # an api that calls back: a circle between two tiers
                yield from (_edge(rng, api, uids[0], 443) for api in inside.get((number, "api"), ())[:1])
        if tier == "api" and number and uids:
            for _ in range(rng.randint(0, 2)):
                other_number = rng.randrange(max(0, number - 6), number)
                targets = inside.get((other_number, rng.choice(("edge", "api", "db"))), ())
                yield from (_edge(rng, uids[0], target, 8080) for target in targets[:1])
    if workloads > 1:
        yield _edge(rng, inside[0, "db"][0], next(n.uid for n in nodes if n.stays_reason), 1521)


def _edge(rng: random.Random, source: str, target: str, port: int, *, protocol: int = 6) -> v.EdgeRow:
    kind = rng.choices(("traffic", "both", "config"), weights=(5, 3, 1))[0]
    seen = kind != "config"
    first = FROM_AT + timedelta(minutes=rng.randrange(3 * 1440))
    return v.EdgeRow(
        source_uid=source,
        target_uid=target,
        kind=kind,
        protocol=protocol if seen else None,
        port=port if seen else None,
        bytes=int(10 ** rng.uniform(3, 11)) if seen else 0,
        packets=rng.randrange(10, 10**6) if seen else 0,
        flows=rng.randrange(2, 10**5) if seen else 0,
        confidence=round(rng.uniform(0.55, 0.99), 2) if seen else 1.0,
        observed=seen,
        configured=kind != "traffic",
        allowed=rng.choices((True, False, None), weights=(20, 1, 2))[0],
        first_seen=first if seen else None,
        last_seen=SNAPSHOT_AT - timedelta(minutes=rng.randrange(1440)) if seen else None,
        resolution=rng.choice(("resolved", "resolved", "assumed")) if seen else None,
        direction=rng.choice(("syn", "known", "listens", "guess")) if seen else None,
        periodicity=rng.choice(("continuous", "daily", "irregular", "weekly")) if seen else None,
        days_seen=rng.randint(1, 14) if seen else None,
        days_logged=14 if seen else None,
        statements=("target-group", "environment-variable")[: rng.randint(1, 2)] if kind != "traffic" else (),
        via=(f"arn:aws:elasticloadbalancing:eu-central-1:{ACCOUNTS[0]}:targetgroup/tg-{port}/0123456789abcdef",) if kind == "both" else (),
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render_graph(sample_graph(*(int(text) for text in sys.argv[2:]))), encoding="utf-8")
