"""What part 2 adds to a sample report: flow logs, dependencies, rules, risk, workloads and a dated plan; the same for the same view.

`python -m tests.reports.sample_evidence OUT.html [RESOURCES]` writes a report with its graph to look at.
"""

import random
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from reports.graph import graph_part
from reports.graph import view as g
from reports.readiness import dependency_view as d
from reports.readiness import plan_view as p
from reports.readiness import render_html
from reports.readiness import view as v
from tests.reports.sample_views import SNAPSHOT_AT, sample_view

FIRST_ON = date(2026, 12, 1)
FACTORS = (
    ("inbound_dependencies", 15.0, "dependencies"),
    ("outbound_dependencies", 10.0, "dependencies"),
    ("missing_evidence", 5.0, "probability"),
    ("data_volume", 12.0, "bytes"),
    ("statefulness", 8.0, "yes or no"),
    ("exposure", 10.0, "class"),
    ("peak_load", 5.0, "percent"),
)


def sample_report(resources: int = 260, *, seed: int = 5) -> v.ReadinessView:
    """A report with everything in it."""
    view = sample_view(resources)
    rng = random.Random(seed)
    edges = _edges(rng, view.resources)
    members = _members(view.resources)
    wave_of = {row.uid: row.wave for row in view.resources if row.wave}
    factors, risks = _risks(rng, view.resources)
    level = {row.uid: row.level for row in risks}
    return replace(
        view,
        plan=_dated(rng, view.plan, edges, level) if view.plan else None,
        gaps=(*view.gaps, _gap()),
        flow_logs=_logs(rng, view.resources),
        dependencies=edges,
        shared=_shared(view.resources),
        rules=_rules(rng, view.resources),
        risks=risks,
        risk_factors=factors,
        members=members,
        workloads=_workloads(members, wave_of, level),
        needed_rules=_needed(rng, view.plan) if view.plan else None,
    )


def edge_known_by(kind: str, **changes: object) -> d.EdgeRow:
    """One dependency known by *kind* (traffic, config, both), with *changes*."""
    row = _edge(random.Random(1), "a", "b", 443)
    seen = kind != "config"
    known = replace(row, kind=kind, observed=seen, configured=kind != "traffic", allowed=True if seen else None)
    return replace(known, **changes)  # type: ignore[arg-type]


def graph_of(view: v.ReadinessView) -> g.GraphView:
    """The graph of the same rows."""
    level = {row.uid: row for row in view.risks or ()}
    workload = {row.uid: row.workload for row in view.members}
    ends = {uid for row in view.dependencies or () for uid in (row.source_uid, row.target_uid)}
    nodes = tuple(
        g.NodeRow(
            row.uid,
            row.name,
            row.type,
            row.account_id,
            row.region,
            workload.get(row.uid),
            row.move_group,
            row.wave,
            row.no_wave_reason,
            level[row.uid].level if row.uid in level else None,
            level[row.uid].points if row.uid in level else None,
            level[row.uid].upper_points if row.uid in level else None,
            row.storage_bytes,
        )
        for row in view.resources
        if row.wave or row.uid in ends
    )
    groups = tuple(g.GroupRow(one.id, one.wave, one.label, one.cyclic, one.reasons) for one in (view.plan.groups if view.plan else ()))
    waves = tuple(
        g.WaveRow(one.wave, f"{one.starts_on:%d %b %Y}" if one.starts_on else None) for one in (view.plan.waves if view.plan else ())
    )
    plan_id = view.plan.plan_id if view.plan else None
    edges, shared = view.dependencies or (), view.shared or ()
    return g.GraphView(view.estate_name, view.snapshot_id, view.snapshot_at, plan_id, nodes, edges, groups, waves, shared)


def _edges(rng: random.Random, rows: tuple[v.ResourceRow, ...]) -> tuple[d.EdgeRow, ...]:
    moving = [row.uid for row in rows if row.wave]
    found: dict[tuple[str, str, int], d.EdgeRow] = {}
    outside = ("external:s3", "external:203.0.113.0/24", "external:10.200.0.0/16", "unknown:10.9.8.7", "unknown:10.9.8.8")
    for at, uid in enumerate(moving):
        for _ in range(rng.choice((0, 1, 1, 2, 4))):
            target = rng.choice(outside) if rng.random() < 0.05 else moving[max(0, at - rng.randrange(1, 60))]
            port = rng.choice((443, 5432, 6379, 8080, 53))
            if target != uid:
                found.setdefault((uid, target, port), _edge(rng, uid, target, port))
    return tuple(sorted(found.values(), key=lambda row: (-row.bytes, row.source_uid, row.target_uid, row.port or 0)))


def _edge(rng: random.Random, source: str, target: str, port: int) -> d.EdgeRow:
    kind = rng.choices(("traffic", "both", "config"), weights=(5, 3, 2))[0]
    seen = kind != "config"
    return d.EdgeRow(
        source,
        target,
        kind,
        6 if seen else None,
        port if seen else None,
        int(10 ** rng.uniform(3, 11)) if seen else 0,
        900 if seen else 0,
        30 if seen else 0,
        round(rng.uniform(0.5, 0.99), 2) if seen else 1.0,
        observed=seen,
        configured=kind != "traffic",
        allowed=rng.choices((True, False, None), weights=(20, 1, 2))[0],
        first_seen=SNAPSHOT_AT - timedelta(days=12) if seen else None,
        last_seen=SNAPSHOT_AT - timedelta(hours=rng.randrange(60)) if seen else None,
        resolution="resolved" if seen else None,
        direction="syn" if seen else None,
        periodicity="daily" if seen else None,
        days_seen=rng.randint(1, 14) if seen else None,
        days_logged=14 if seen else None,
        statements=("target",) if kind != "traffic" else (),
    )


def _gap() -> v.Gap:
    return v.Gap(
        "222222222222", "denied", "AccessDenied", "s3:ListBucket", None, ("us-west-2",), ("flow logs",), (), 1, False,
        "Allow s3:ListBucket for the role that scans this account, then run again.", flow_logs="s3://acme-flow-logs-west/AWSLogs/",
    )  # fmt: skip


def _logs(rng: random.Random, rows: tuple[v.ResourceRow, ...]) -> d.FlowLogs:
    places = (
        d.FlowLogPlace(
            "s3://acme-flow-logs-west/AWSLogs/", "222222222222", "us-west-2", "estate file", "denied", 0, 0, "AccessDenied", "s3:ListBucket"
        ),
        d.FlowLogPlace("s3://acme-flow-logs/AWSLogs/", "111111111111", "eu-central-1", "estate file", "ok", 4032, 288),
    )
    days = [rng.choice((14, 14, 14, 9, 0)) for row in rows if "Instance" in row.type or "Interface" in row.type]
    chances = [
        d.SeenChance(row.uid, fully, 0.004 if fully else 0.0, min(1.0, fully / 7), min(1.0, fully / 30))
        for row, fully in zip([row for row in rows if "Instance" in row.type or "Interface" in row.type], days, strict=True)
    ]
    first = SNAPSHOT_AT.replace(hour=0, minute=0) - timedelta(days=14)
    return d.FlowLogs(places, first, first + timedelta(days=13), 14, 97, 1311, 1190, 0.004, 4032, 2, 12_345_678, 37, tuple(chances))


def _shared(rows: tuple[v.ResourceRow, ...]) -> tuple[d.SharedRow, ...]:
    servers = [row.uid for row in rows if row.type == "AWS::EC2::Instance"][:3]
    kinds = (("dns", (53,)), ("directory", (88, 389)), ("monitoring", (9100,)))
    return tuple(
        d.SharedRow(uid, kind, 140 - 30 * at, at != 2, f"{140 - 30 * at} of 150 resources talk with it on {ports[0]}", ports)
        for at, (uid, (kind, ports)) in enumerate(zip(servers, kinds, strict=False))
    )


def _rules(rng: random.Random, rows: tuple[v.ResourceRow, ...]) -> tuple[d.RuleRow, ...]:
    found = []
    for row in (one for one in rows if "SecurityGroup" in one.type):
        for at in range(rng.randrange(1, 6)):
            port = rng.choice((22, 443, 5432, 8080))
            wide = rng.random() < 0.1
            finding = rng.choice(("used", "used", "unused", "not_measured", "no_bearer"))
            peer = "0.0.0.0/0" if wide else rng.choice(("10.0.0.0/8", row.uid))
            used = SNAPSHOT_AT - timedelta(days=1) if finding == "used" else None
            found.append(
                d.RuleRow(
                    f"sgr-{len(found):05d}", row.uid, "ingress", 6, port, port, peer, finding, wide, 3, at, 10**6, used, "from the office"
                )
            )
    order = ("unused", "not_measured", "used", "no_bearer")
    return tuple(sorted(found, key=lambda one: (not one.open_to_world, order.index(one.finding), one.rule_id)))


def _risks(rng: random.Random, rows: tuple[v.ResourceRow, ...]) -> tuple[tuple[d.FactorRow, ...], tuple[d.RiskRow, ...]]:
    factors: list[d.FactorRow] = []
    risks: list[d.RiskRow] = []
    for row in rows:
        if not row.wave:
            continue
        mine = []
        for factor, most, unit in FACTORS:
            blind = rng.random() < 0.12
            known = 0.0 if blind else float(rng.choice((0, 0, most / 2, most)))
            why = "not measured: it counts at its maximum" if blind else f"{unit}, from what was seen"
            mine.append(d.FactorRow(row.uid, factor, known, most if blind else known, most, why, None if blind else known * 3, unit))
        factors += sorted(mine, key=lambda one: (-one.upper_points, one.factor))
        upper = sum(one.upper_points for one in mine)
        level = "critical" if upper >= 50 else "high" if upper >= 42 else "medium" if upper >= 25 else "low"
        unknown = tuple(one.factor for one in mine if one.upper_points > one.points)
        risks.append(d.RiskRow(row.uid, level, sum(one.points for one in mine), upper, unknown))
    return tuple(factors), tuple(sorted(risks, key=lambda one: (-one.upper_points, -one.points, one.uid)))


def _members(rows: tuple[v.ResourceRow, ...]) -> tuple[d.MemberRow, ...]:
    found = []
    for at, row in enumerate(rows):
        name = dict(row.tags).get("app")
        if row.wave and name and at % 9:
            source = ("tag", "tag", "stack", "traffic", "mapping")[at % 5]
            found.append(d.MemberRow(row.uid, name, source, f"tag app={name}" if source == "tag" else f"as {source} says", 0.9))
    return tuple(sorted(found, key=lambda one: (one.workload, one.uid)))


def _workloads(members: tuple[d.MemberRow, ...], wave_of: dict[str, int], level: dict[str, str]) -> tuple[d.WorkloadRow, ...]:
    names = sorted({row.workload for row in members})
    order = ("low", "medium", "high", "critical")
    found = []
    for name in names:
        inside = [row for row in members if row.workload == name]
        worst = max((level[row.uid] for row in inside if row.uid in level), key=order.index, default=None)
        waves = tuple(sorted({wave_of[row.uid] for row in inside if row.uid in wave_of}))
        sources = tuple(sorted({row.source for row in inside}))
        reasons = tuple(sorted({row.reason for row in inside})[:3])
        found.append(d.WorkloadRow(name, len(inside), sources, reasons, 0.9, waves, worst, 30.0, 44.0, "of its riskiest resource"))
    return tuple(sorted(found, key=lambda row: (-row.resources, row.workload)))


def _needed(rng: random.Random, plan: p.Plan) -> tuple[d.NeededRuleRow, ...]:
    found = []
    for group in plan.groups[:60]:
        for port in sorted({rng.choice((443, 5432, 6379)) for _ in range(3)}):
            peer, kind = rng.choice(((plan.groups[0].id, "move_group"), ("10.0.0.0/16", "cidr"), ("s3", "aws_service")))
            found.append(d.NeededRuleRow(group.id, "egress", 6, port, peer, kind, 2, 10**7, 0.9, SNAPSHOT_AT - timedelta(hours=3)))
    return tuple(found)


def _dated(rng: random.Random, plan: p.Plan, edges: tuple[d.EdgeRow, ...], level: dict[str, str]) -> p.Plan:
    order = ("low", "medium", "high", "critical")
    groups = tuple(
        replace(
            one,
            risk_level=max((level[uid] for uid in one.members if uid in level), key=order.index, default=None),
            servers=len(one.members),
            effort_hours=4.0 * len(one.members),
            reasons=("all it needs moves no later", "low risk first"),
        )
        for one in plan.groups
    )
    waves = []
    for wave in plan.waves:
        inside = [one for one in groups if one.wave == wave.wave]
        tally = {name: sum(one.risk_level == name for one in inside) for name in reversed(order)}
        starts = FIRST_ON + timedelta(days=14 * wave.wave + (14 if wave.wave > 1 else 0))
        waves.append(
            replace(
                wave,
                servers=wave.resources // 3,
                effort_hours=4.0 * wave.resources,
                starts_on=starts,
                ends_on=starts + timedelta(days=1),
                pilot=wave.wave <= 2,
                reasons=(wave.reason, "within 50 resources"),
                risk_levels=tuple((name, amount) for name, amount in tally.items() if amount),
                cross_wave_bytes_per_day=rng.uniform(1e6, 1e10),
            )
        )
    largest = max(groups, key=lambda one: (len(one.members), one.id), default=None)
    if largest is None or len(groups) < 3:
        return replace(plan, groups=groups, waves=tuple(waves))
    half = len(largest.members) // 2
    sides = largest.members[:half], largest.members[half:]
    cut = p.Cut(
        largest.id, len(largest.members), 6, *sides, (p.CutEdge(largest.members[0], largest.members[-1], 6, 5432, 5e4),), 5e4, 20.0, 0.39,
        "the least bytes a second over dependencies that are not critical",
    )  # fmt: skip
    crossings = tuple(p.Crossing(one.id, groups[0].id, one.wave, 1, 10 ** (10 - at / 4), 3) for at, one in enumerate(groups[1:22]))
    return replace(
        plan,
        groups=groups,
        waves=tuple(waves),
        freeze_windows=(p.FreezeWindow(date(2026, 12, 18), date(2027, 1, 4), "year-end close"),),
        pins=(p.Pin(groups[-1].members[0], 1, "the owner asked for it", "ana", ("it needs orders-db, which moves in wave 3",)),),
        excluded=(p.Excluded(groups[-1].members[-1], "goes away in spring", "ben"),),
        crossings=crossings,
        cuts=(cut,),
        held_out=(p.HeldOut(edges[0].target_uid, "dns", 140),) if edges else (),
        notes=("3 groups have no environment, so they are treated like production.",),
    )


if __name__ == "__main__":
    shown = sample_report(*(int(text) for text in sys.argv[2:3]))
    Path(sys.argv[1]).write_text(render_html(shown, graph_part(graph_of(shown))), encoding="utf-8")
