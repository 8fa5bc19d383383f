"""How much ran in each hour, from metrics: committed_use, and the plan that comes of it."""

from decimal import Decimal
from typing import Any

import numpy as np

from cloudmigrate.domain.cost_policy import CostPolicy
from cloudmigrate.lake.committed_use import commitments_of, write_recommended_commitments
from cloudmigrate.lake.costs import prepare_lines
from cloudmigrate.lake.views import Selection, Views
from tests.cost_lake import FRANKFURT, OREGON, machine, row_of, strategy, thing
from tests.pattern_lake import series_views, window

DAY = 24
LEASE = {"term": "reserved", "lease_years": 1, "purchase_option": "no_upfront", "offering_class": "standard"}
ALWAYS, BY_DAY = [10.0] * DAY, [10.0] * 12 + [np.nan] * 12


def plan(
    series: dict[str, list[float]], kinds: dict[str, str], plans: Any = (), **more: list[dict[str, Any]]
) -> dict[tuple[str, str], Any]:
    """The plan for servers with an hourly CPU series, by pool and term."""
    things = [thing(uid, "AWS::EC2::Instance", InstanceType=kind, PlatformDetails="Linux/UNIX") for uid, kind in kinds.items()]
    prices = [machine("m5.large", "0.12"), machine("m5.xlarge", "0.24"), machine("c5.large", "0.1")]
    prices += [machine("m5.large", "0.08", **LEASE), machine("m5.xlarge", "0.16", **LEASE)]
    prices += [plan_rate(kind, amount) for kind, amount in plans]
    columns = {uid: {"CPUUtilization|Average": values} for uid, values in series.items()}
    rows: dict[str, Any] = {"inventory": things, "prices": prices, **more}
    with series_views(columns, period_s=3600, days=1, datasets=rows) as views:
        prepare_lines(views, CostPolicy())
        return {(one.pool, one.term): one for one in commitments_of(views, window(1))}


def test_a_family_is_one_pool_and_only_what_always_runs_is_committed() -> None:
    """A large (4 units) and an xlarge (8) always, another large by day: 16 in 12 hours, 12 in 12: p10 is 12.

    A large costs 0.12 an hour on demand and 0.08 reserved: 0.03 and 0.02 a unit; 12 units save 0.12 an hour, 87.60 a month.
    """
    found = plan({"a": ALWAYS, "b": ALWAYS, "c": BY_DAY}, {"a": "m5.large", "b": "m5.xlarge", "c": "m5.large"})
    one = found["ec2:m5:linux", "reserved_1y_no_upfront"]
    assert (one.hours, one.p10_units, one.commit_units, one.monthly_saving_usd) == (24, 12, 12, Decimal("87.6"))


def test_what_is_held_is_deducted() -> None:
    held = row_of(
        "commitments", account_id="1", region="eu-central-1", commitment_id="r", kind="reserved_instance", scope="Region", count=2
    )
    held |= {"instance_type": "m5.large", "state": "active", "currency": "USD", "upfront": Decimal(0)}
    found = plan({"a": ALWAYS, "b": ALWAYS}, {"a": "m5.large", "b": "m5.xlarge"}, commitments=[held])
    one = found["ec2:m5:linux", "reserved_1y_no_upfront"]
    assert (one.p10_units, one.held_units, one.commit_units) == (12, 8, 4)


def plan_rate(kind: str, amount: str) -> dict[str, Any]:
    """What a Compute plan of three years, all paid at once, asks for an hour of a type."""
    stated = {"term": "savings_plan", "lease_years": 3, "purchase_option": "all_upfront", "offering_class": "compute"}
    return {**machine(kind, amount), **stated, "product_family": "ComputeSavingsPlans", "rate_code": f"P.{kind}", "tenancy": None}


def test_what_savings_plans_cover_is_deducted_at_the_rate_of_their_own_payment_option() -> None:
    """held_plan_rates: 0.06 for a large is 0.015 a unit. A plan of 0.075 an hour covers 5 of 12 units; 7 are left."""
    held = row_of("commitments", account_id="1", region="global", commitment_id="sp", kind="savings_plan", scope="Compute", count=1)
    held |= {"state": "active", "currency": "USD", "upfront": Decimal(0), "hourly_commitment": Decimal("0.075"), "term": "3y"}
    held |= {"purchase_option": "all_upfront", "offering_class": "compute"}
    found = plan({"a": ALWAYS, "b": ALWAYS}, {"a": "m5.large", "b": "m5.xlarge"}, commitments=[held], plans=[("m5.large", "0.06")])
    one = found["ec2:m5:linux", "reserved_1y_no_upfront"]
    assert (one.p10_units, one.plan_units, one.commit_units) == (12, 5, 7)
    untold = plan({"a": ALWAYS}, {"a": "m5.large"}, commitments=[held])["ec2:m5:linux", "reserved_1y_no_upfront"]
    assert (untold.plan_units, untold.commit_units) == (0, 4)
    assert "whose rate for it is not known" in untold.reason


def test_what_has_no_offer_or_runs_by_day_is_not_committed_to() -> None:
    found = plan({"a": BY_DAY, "c": ALWAYS}, {"a": "m5.large", "c": "c5.large"})
    assert [pool for pool, _ in found] == ["ec2:m5:linux"]
    assert found["ec2:m5:linux", "reserved_1y_no_upfront"].commit_units == 0


def cost(uid: str, scenario: str) -> dict[str, Any]:
    """A row of `costs`: what is said of a resource's scenario is that it has a whole price."""
    stated = {"term": "on_demand", "region": "r", "status": "priced", "components": "[]", "monthly_cost_usd": Decimal(1)}
    return row_of("costs", uid=uid, scenario=scenario, **stated)


def recommended(words: dict[str, str]) -> dict[tuple[str, str, str], Any]:
    """The plan of what is recommended, all in Oregon, by region, pool and term: a server for each strategy, each an m5.xlarge till now."""
    things = [thing(uid, "AWS::EC2::Instance", InstanceType="m5.xlarge", PlatformDetails="Linux/UNIX") for uid in words]
    amounts = {"m5.large": ("0.12", "0.08", "0.10"), "m5.xlarge": ("0.24", "0.16", "0.20"), "m6g.xlarge": ("0.20", "0.12", "0.16")}
    prices = []
    for kind, (at_home, leased, there) in amounts.items():
        prices += [machine(kind, at_home), machine(kind, leased, **LEASE), machine(kind, there, region=OREGON)]
        prices.append(machine(kind, str(Decimal(there) / 2), region=OREGON, **LEASE))
    sized = row_of("sizing", profile="p", current_type="m5.xlarge", target_type="m5.large", verdict="smaller", reason="it would do")
    held = row_of("commitments", account_id="1", region=OREGON, commitment_id="r", kind="reserved_instance", scope="Region", count=1)
    rows: dict[str, Any] = {
        "inventory": things,
        "prices": prices,
        "sizing": [sized | {"uid": uid} for uid in words],
        "costs": [cost(uid, scenario) for uid in words for scenario in ("as_is", "rehost", "rehost_rightsized", "replatform", "retire")],
        "recommendations": [strategy(uid, word) for uid, word in words.items()],
        "commitments": [held | {"instance_type": "m6g.large", "state": "active", "currency": "USD", "upfront": Decimal(0)}],
    }
    with series_views({uid: {"CPUUtilization|Average": ALWAYS} for uid in words}, period_s=3600, days=1, datasets=rows) as views:
        part = write_recommended_commitments(views, CostPolicy(target_region=OREGON, sizing_profile="p"), window(1))
        with Views(views.lake, Selection("s", {part.dataset: (part.path,)})) as written:
            return {(row["region"], row["pool"], row["term"]): row for row in written.rows(part.dataset)}


def test_what_is_recommended_is_committed_to_at_its_type_and_place_and_nothing_that_is_retired() -> None:
    """Four xlarges (8 units each) till now; one stays as it is, one becomes a large (4), one an m6g.xlarge (8), one is switched off.

    In Oregon an m5's unit is 0.025 on demand and 0.0125 reserved: 4 units save 0.05 an hour, 36.50 a month. An m6g's is 0.02 and 0.01:
    of 8, 4 are held; 4 save 0.04 an hour, 29.20 a month. At home 0.03 and 0.02: 8 save 0.08, 58.40 a month.
    """
    found = recommended({"a": "retain", "b": "rehost", "c": "replatform", "d": "retire"})
    told = {
        place[:2]: (row["p10_units"], row["held_units"], row["commit_units"], row["monthly_saving_usd"]) for place, row in found.items()
    }
    assert told == {
        (FRANKFURT, "ec2:m5:linux"): (8, 0, 8, Decimal("58.4")),
        (OREGON, "ec2:m5:linux"): (4, 0, 4, Decimal("36.5")),
        (OREGON, "ec2:m6g:linux"): (8, 4, 4, Decimal("29.2")),
    }


def test_another_strategy_is_another_plan_and_what_nobody_knows_the_cost_of_is_in_none() -> None:
    """The one that stayed is retired by a person, the one that was retired is moved: 4 units more in Oregon, none at home."""
    found = recommended({"a": "retire", "b": "rehost", "c": "refactor", "d": "rehost"})
    assert {place[:2]: row["commit_units"] for place, row in found.items()} == {(OREGON, "ec2:m5:linux"): 8}
