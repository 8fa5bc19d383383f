"""Hypothesis strategies: estates with environments, risks, traffic and decisions, and policies tight enough to be felt."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from cloudmigrate.domain.constraints import Constraints, Exclusion, Pin, Retirement
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.plan_input import Evidence, Exchange, PlanInput
from cloudmigrate.domain.resources import Relation
from cloudmigrate.domain.wave_policy import FreezeWindow, WavePolicy
from tests.domain.graphs import ROLES

SNAPSHOT = "20261122T203000Z-3f9a1c"
NOW = datetime(2026, 11, 22, 21, 15, tzinfo=UTC)
FIRST_ON = date(2027, 1, 2)
TYPES = ("AWS::EC2::Instance", "AWS::RDS::DBInstance", "AWS::SQS::Queue", "AWS::EKS::Cluster")  # 4, 16, 2 and 40 hours; two are servers


@st.composite
def inputs(draw: st.DrawFn, most: int = 12, *, retiring: bool = False) -> PlanInput:
    """Up to *most* resources with all that planning may know of them; needs are dense enough for circles.

    Where *retiring*, people decided to retire some, and there are volumes.
    """
    uids = [f"arn:aws:ec2:::r/{number:02}" for number in range(draw(st.integers(1, most)))]
    items = [
        PlanItem(
            uid,
            draw(st.sampled_from((*TYPES, "AWS::EC2::Volume") if retiring else TYPES)),
            draw(st.integers(0, 4)) > 0,
            "stays",
            environment=draw(st.sampled_from(["dev", "test", "prod", None])),
            risk_level=draw(st.sampled_from(["low", "high", "critical", None])),
        )
        for uid in uids
    ]
    some = st.sampled_from(uids)
    # Mostly from later to earlier, so that there are chains and not one circle.
    pairs = st.tuples(some, some).map(
        lambda ends: ends if ends[0] != ends[1] and ord(ends[0][-1]) % 7 == 0 else tuple(sorted(ends, reverse=True))
    )
    relations = [
        Relation(a, b, draw(st.sampled_from(["needs", "needs", "part", "setting"]))) for a, b in draw(st.lists(pairs, max_size=most))
    ]
    exchanges = [Exchange(a, b, 6, 443, draw(st.integers(1, 10**6)) * 1.0) for a, b in draw(st.lists(pairs, max_size=most)) if a != b]
    constraints = Constraints(
        pins=tuple(Pin(uid, draw(st.integers(1, 4)), "", f"p{at}") for at, uid in enumerate(sorted(draw(st.sets(some, max_size=4))))),
        excluded=tuple(Exclusion(uid, "retired", "ann") for uid in sorted(draw(st.sets(some, max_size=1)))),
    )
    if retiring:
        told = sorted(draw(st.sets(some, max_size=5)) - {one.uid for one in constraints.excluded})
        constraints = replace(constraints, retired=tuple(Retirement(uid, "not used", "bob") for uid in told))
    shared = dict.fromkeys(draw(st.sets(some, max_size=1)), "dns")
    return PlanInput(items, relations, ROLES, exchanges, shared=shared, constraints=constraints, evidence=Evidence(True, True, True))


@st.composite
def policies(draw: st.DrawFn) -> WavePolicy:
    """Limits of a few resources, servers and hours; some with dates and freeze windows."""
    dated = draw(st.booleans())
    windows = []
    for _ in range(draw(st.integers(0, 2)) if dated else 0):
        from_on = FIRST_ON + timedelta(days=draw(st.integers(0, 40)))
        to_on = from_on + timedelta(days=draw(st.integers(0, 20)))
        windows.append(
            FreezeWindow(from_on=from_on, to_on=to_on, reason="close", environments=draw(st.sampled_from([(), ("prod",), ("dev", "test")])))
        )
    return WavePolicy(
        max_resources_per_wave=draw(st.none() | st.integers(1, 4)),
        max_servers_per_wave=draw(st.none() | st.integers(1, 3)),
        max_effort_hours_per_wave=draw(st.none() | st.sampled_from([8.0, 20.0, 60.0])),
        pilot_waves=draw(st.integers(0, 3)),
        pilot_max_servers=draw(st.integers(1, 2)),
        separate_layers=draw(st.booleans()),
        first_wave_on=FIRST_ON if dated else None,
        days_between_waves=7,
        freeze_windows=tuple(windows),
    )
