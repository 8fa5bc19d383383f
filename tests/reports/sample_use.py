"""What part 3 adds to a sample report: patterns, sizes, costs and strategies; the same for the same view.

`python -m tests.reports.sample_use OUT.html|OUT.pdf [RESOURCES]` writes a whole report to look at.
"""

import math
import random
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from reports.graph import graph_part
from reports.readiness import cost_view as c
from reports.readiness import render_html, render_pdf
from reports.readiness import strategy_view as s
from reports.readiness import use_view as u
from reports.readiness import view as v
from tests.reports.sample_evidence import graph_of, sample_report
from tests.reports.sample_views import SNAPSHOT_AT

SAMPLED_ON = date(2026, 11, 12)
_PATTERNS = ("steady", "diurnal", "bursty", "batch", "idle", "growing", "declining", "insufficient_data")
_SIZES = ("m5.large", "m5.xlarge", "m5.2xlarge", "r5.xlarge", "c5.2xlarge", "t3.medium")
_SMALLER = {"m5.xlarge": "m5.large", "m5.2xlarge": "m5.xlarge", "r5.xlarge": "r5.large", "c5.2xlarge": "c5.xlarge"}
_LOADED = ("AWS::EC2::Instance", "AWS::RDS::DBInstance", "AWS::Lambda::Function", "AWS::DynamoDB::Table")
_SIZED = ("AWS::EC2::Instance", "AWS::RDS::DBInstance")
_PRICED = {"AWS::EC2::Instance": 140.16, "AWS::RDS::DBInstance": 262.8, "AWS::EC2::Volume": 8.7, "AWS::S3::Bucket": 23.4}
_PRICED |= {
    "AWS::DynamoDB::Table": 12.0,
    "AWS::Lambda::Function": 3.2,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": 19.7,
    "AWS::SQS::Queue": 0.4,
}


def full_report(resources: int = 260, *, seed: int = 11) -> v.ReadinessView:
    """A report with everything in it that the product can say."""
    view = sample_report(resources)
    rng = random.Random(seed)
    patterns = tuple(_pattern(rng, row) for row in view.resources if row.type in _LOADED)
    strategies = _strategies(rng, view, {row.uid: row.pattern for row in patterns})
    return replace(
        view,
        patterns=tuple(sorted(patterns, key=lambda row: (_PATTERNS.index(row.pattern), row.uid))),
        pattern_examples=_examples(rng, patterns),
        sizes=tuple(_size(rng, row) for row in view.resources if row.type in _SIZED),
        costs=_costs(rng, view),
        strategies=strategies,
    )


def _pattern(rng: random.Random, row: v.ResourceRow) -> u.PatternRow:
    word = rng.choices(_PATTERNS, weights=(20, 25, 12, 10, 8, 4, 3, 6))[0]
    if word == "insufficient_data":
        rule = rng.choice(("too-few-hours", "looks-idle-unproved"))
        return u.PatternRow(row.uid, word, rule, "31 hours of data, 96 are needed", "CPUUtilization", hours=31)
    level = rng.uniform(0.4, 3) if word == "idle" else rng.uniform(4, 60)
    return u.PatternRow(
        uid=row.uid,
        pattern=word,
        rule="compute-optimizer-idle" if word == "idle" else "periodic-low-duty" if word == "batch" else "model",
        reason=f"mean {level:.2f} %, p95 {level * 1.6:.2f} %, days alike {level / 70:.2f}, busy in {level * 3:.0f} of 336 hours",
        metric="CPUUtilization",
        rules_met=("compute-optimizer-idle",) if word == "idle" else (),
        confidence=1.0 if word == "idle" else rng.uniform(0.55, 1),
        age_days=14.0,
        hours=336,
        level_mean_pct=level,
        floor_pct=level / 3,
        high_pct=min(100.0, level * 1.6),
        peak_pct=min(100.0, level * 2.1),
        spread=level / 4,
        spikes=3.0,
        autocorrelation_day=rng.uniform(-0.1, 0.95),
        autocorrelation_week=rng.uniform(0, 0.9),
        daily_share=0.7,
        daily_swing_pct=level / 2,
        trend=rng.uniform(-2, 2),
        trend_fit=0.3,
        duty_cycle=rng.random(),
        network_mb_a_day=rng.uniform(1, 900),
    )


def _examples(rng: random.Random, rows: tuple[u.PatternRow, ...]) -> tuple[u.SeriesRow, ...]:
    first: dict[str, u.PatternRow] = {}
    for row in rows:
        if row.confidence is not None:
            first.setdefault(row.pattern, row)
    start = SNAPSHOT_AT.replace(minute=0) - timedelta(days=14)
    return tuple(
        u.SeriesRow(row.uid, row.metric, "percent", start, tuple(_load(rng, row.pattern, hour) for hour in range(336)))
        for row in first.values()
    )


def _load(rng: random.Random, pattern: str, hour: int) -> float | None:
    if 200 <= hour < 206:
        return None
    noise = rng.uniform(0, 3)
    shape = {
        "steady": 30.0,
        "diurnal": 25 + 20 * math.sin((hour - 8) / 24 * 2 * math.pi),
        "bursty": 4 + (60 if rng.random() < 0.04 else 0),
        "batch": 62.0 if 1 <= hour % 24 < 4 else 1.0,
        "idle": 0.6,
        "growing": 10 + hour / 8,
        "declining": 55 - hour / 8,
    }
    return max(0.0, shape[pattern] + (noise if pattern != "idle" else noise / 6))


def _size(rng: random.Random, row: v.ResourceRow) -> u.SizingRow:
    now = rng.choice(_SIZES)
    to = _SMALLER.get(now)
    if rng.random() < 0.2:
        return u.SizingRow(row.uid, "compute-optimizer", now, "insufficient_data", "21 of 30 hours of data")
    if to is None or rng.random() < 0.4:
        return u.SizingRow(
            row.uid, "compute-optimizer", now, "keep", "p99.5 of the CPU fits with 20 % headroom", now, 0, dimensions=_replay(0)
        )
    short = rng.choice((0, 0, 12, 37))
    return u.SizingRow(
        uid=row.uid,
        profile="compute-optimizer",
        current_type=now,
        verdict="smaller",
        reason="p99.5 of the CPU is 0.9 of 4 vCPUs",
        target_type=to,
        risk=2 if short else 0,
        runner_up=now,
        runner_up_reason="larger than use needs",
        arm_type="m6g.large",
        arm_effort="build for arm64",
        dimensions=_replay(short),
    )


def _replay(short: int) -> tuple[u.DimensionRow, ...]:
    return (
        u.DimensionRow("cpu", 0.9, 4, 2, short, 43_200, 2 if short else 0),
        u.DimensionRow("memory", 3e9, 1.6e10, 8e9, 0, 43_200, 0),
        u.DimensionRow("network", 0.1, 1.25, 0.75, 0, 43_200, 0),
    )


def _money(amount: float) -> Decimal:
    return Decimal(f"{amount:.4f}")


def _amount(likely: float) -> c.Amount:
    return c.Amount(_money(likely), _money(likely * 0.93), _money(likely * 1.12))


def _costs(rng: random.Random, view: v.ReadinessView) -> c.Costs:
    rows = []
    for row in view.resources:
        if row.type not in _PRICED:
            rows.append(c.ResourceCost(row.uid, None, (c.ScenarioCost("as_is", c.Amount(), "unpriced", "no rule for this type"),)))
            continue
        base = _PRICED[row.type] * rng.uniform(0.5, 6)
        factors = {
            "as_is": 1.0,
            "rehost": 1.02,
            "rehost_rightsized": rng.uniform(0.45, 1.02),
            "replatform": rng.uniform(0.6, 1.1),
            "retire": 0.0,
        }
        scenarios = tuple(c.ScenarioCost(name, _amount(base * part)) for name, part in factors.items())
        rows.append(c.ResourceCost(row.uid, SAMPLED_ON, scenarios))
    workload = {row.uid: row.workload for row in view.members}
    wave = {row.uid: str(row.wave) for row in view.resources if row.wave}
    service = {row.uid: row.type.split("::")[1] for row in view.resources}
    now = _grouped(rows, {row.uid: "estate" for row in rows})
    terms = [replace(one, term=term, amount=_scaled(one.amount, part), committed_usd=_scaled(one.amount, part / 2).monthly_usd)
             for one in now for term, part in (("reserved_1y_no_upfront", 0.78), ("compute_savings_plan_3y", 0.62))]  # fmt: skip
    lists = (
        c.PriceListRow("AmazonEC2/20261112/eu-central-1", "AmazonEC2", "eu-central-1", 4_210, 4_210, SAMPLED_ON, ("catalogue v6",)),
        c.PriceListRow("AmazonS3/20261120120000/eu-central-1", "AmazonS3", "eu-central-1", 310, 0),
    )
    unpriced = (
        c.UnpricedRow("network-interface: no rule for this type", 26, (("AWS::EC2::NetworkInterface", 26),)),
        c.UnpricedRow("snapshot: its size is not known", 15, (("AWS::EC2::Snapshot", 15),)),
    )
    return c.Costs(
        totals=(*now, *terms),
        services=_dearest(_grouped(rows, service)),
        workloads=_dearest(_grouped(rows, workload)),
        waves=tuple(sorted(_grouped(rows, wave), key=lambda one: (int(one.name), one.scenario))),
        resources=tuple(sorted(rows, key=lambda row: (-(row.now.amount.monthly_usd or 0), row.uid))),
        unpriced=unpriced,
        price_lists=lists,
        baseline=(
            c.BaselineRow("AmazonEC2", "matches", _money(28_900), _money(27_872), -3.6, 10.0, "billed at 28900.00 a month"),
            c.BaselineRow("AWSSupport", "not_estimated", _money(900), None, None, 10.0, "no rule of ours prices it"),
        ),
        gate_reason="every service that is estimated is within 10 % of its bill; they are 97 % of the bill",
        commits=(
            c.CommitRow("eu-central-1", "m5 Linux", "reserved_1y_no_upfront", Decimal(42), Decimal(8), Decimal(34), _money(612.5), "p10"),
        ),
        commits_after=(
            c.CommitRow("eu-central-1", "m6g Linux", "reserved_1y_no_upfront", Decimal(20), Decimal(0), Decimal(20), _money(310), "p10"),
        ),
        cash=_cash(),
    )


def _cash() -> tuple[c.CashRow, ...]:
    rows = []
    for month in range(6):
        for item, likely in (("source", 40_000 - 7_000 * month), ("target", 5_500 * month), ("double_running", 2_000 * (month < 5))):
            wave = min(month + 1, 6)
            rows.append(c.CashRow(month, wave, item, "a sample", _money(likely * 0.9), _money(likely), _money(likely * 1.15)))
    return tuple(rows)


def _grouped(rows: list[c.ResourceCost], name_of: dict[str, str]) -> list[c.GroupCost]:
    found: dict[tuple[str, str], list[tuple[c.ResourceCost, c.Amount]]] = {}
    for row in rows:
        if row.uid in name_of:
            for one in row.scenarios:
                found.setdefault((name_of[row.uid], one.scenario), []).append((row, one.amount))
    return [
        c.GroupCost(
            name, scenario, c.ON_DEMAND, _total(one for _, one in hit), len(hit), 0, sum(row.now.status == "unpriced" for row, _ in hit)
        )
        for (name, scenario), hit in found.items()
    ]


def _total(amounts: object) -> c.Amount:
    known = [one for one in amounts if one.monthly_usd is not None]  # type: ignore[attr-defined]
    return c.Amount(*(sum((getattr(one, name) for one in known), Decimal(0)) for name in ("monthly_usd", "low_usd", "high_usd")))


def _scaled(amount: c.Amount, part: float) -> c.Amount:
    factor = Decimal(str(part))
    return c.Amount(*(None if one is None else one * factor for one in (amount.monthly_usd, amount.low_usd, amount.high_usd)))


def _dearest(rows: list[c.GroupCost]) -> tuple[c.GroupCost, ...]:
    now = {row.name: row.amount.monthly_usd or Decimal(0) for row in rows if row.scenario == "as_is"}
    return tuple(sorted(rows, key=lambda row: (-now[row.name], row.name, c.SCENARIOS.index(row.scenario))))


def _strategies(rng: random.Random, view: v.ReadinessView, pattern: dict[str, str]) -> s.Strategies:
    workload = {row.uid: row.workload for row in view.members}
    rows = [_strategy(rng, row, pattern.get(row.uid), workload.get(row.uid)) for row in view.resources if row.type in _PRICED]
    by_workload = [
        s.StrategyRow(
            name,
            "rehost",
            "rehost",
            "most-cautious-member",
            rng.uniform(0.3, 0.95),
            ("8 of 20 resources: rehost",),
            name,
            effort_hours=40.0,
        )
        for name in sorted(set(workload.values()))
    ]
    return s.Strategies(*(tuple(sorted(found, key=lambda row: (-row.confidence, row.uid))) for found in (rows, by_workload)))


def _strategy(rng: random.Random, row: v.ResourceRow, pattern: str | None, workload: str | None) -> s.StrategyRow:
    word = "retire" if pattern == "idle" else rng.choices(("rehost", "replatform", "retain", "refactor"), weights=(60, 25, 6, 2))[0]
    asked = rng.random() < 0.02
    return s.StrategyRow(
        uid=row.uid,
        strategy=word,
        recommended=word,
        rule=f"{word}-first",
        confidence=rng.uniform(0.35, 0.97),
        reasons=(
            f"pattern {pattern or 'not known'}",
            f"{rng.randrange(90)} resources call it, {rng.uniform(1, 900):.1f} MB a day, the last on {rng.randrange(1, 22)} Nov 2026",
            f"its operating system is supported until {rng.randrange(2026, 2034)}-{rng.randrange(1, 13):02d}",
        ),
        workload=workload,
        pattern=pattern,
        runner_up="replatform",
        effort_hours=rng.uniform(1, 12),
        parts=(s.PartRow("completeness", 0.9), s.PartRow("window", 0.8), s.PartRow("margin", 0.7)),
        alternatives=(s.AlternativeRow("replatform", "no managed service of this engine"), s.AlternativeRow("retire", "3 others need it")),
        decided_by="a.person" if rng.random() < 0.01 else None,
        decided_reason="licence" if rng.random() < 0.01 else None,
        open_question="the decision to retain it expired on 1 Nov 2026: still so?" if asked else None,
    )


if __name__ == "__main__":
    shown = full_report(int(sys.argv[2]) if len(sys.argv) > 2 else 260)
    target = Path(sys.argv[1])
    target.write_bytes(render_pdf(shown) if target.suffix == ".pdf" else render_html(shown, graph_part(graph_of(shown))).encode())
