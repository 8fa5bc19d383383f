"""What sums take of each resource (term_costs) and the sums themselves (cost_sums), by hand; every list of sums says the same."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.lake.views import Views
from tests.cost_lake import lake_views, row_of, strategy, thing

RESERVED = "reserved_1y_no_upfront"
SERVER, QUEUE = "AWS::EC2::Instance", "AWS::SQS::Queue"


def cost(uid: str, scenario: str, amount: str | None, term: str = "on_demand", status: str | None = None, **values: Any) -> dict[str, Any]:
    value = None if amount is None else Decimal(amount)
    stated = {"uid": uid, "scenario": scenario, "term": term, "region": "r", "components": "[]"}
    stated |= {"status": status or ("unpriced" if amount is None else "priced"), "monthly_cost_usd": value}
    return row_of("costs", **{**stated, "low_usd": value, "high_usd": value and value * 2, **values})


def scenarios(uid: str, as_is: str, rehost: str, sized: str, replatform: str) -> list[dict[str, Any]]:
    amounts = {"as_is": as_is, "rehost": rehost, "rehost_rightsized": sized, "replatform": replatform, "retire": "0"}
    return [cost(uid, scenario, amount) for scenario, amount in amounts.items()]


# One resource for each strategy, each at 100 now, 110 moved, 60 sized, 50 on another platform; and three that are not so simple.
EACH = [row for one in Strategy for row in scenarios(one.value, "100", "110", "60", "50")]
OTHERS = [
    *[cost("anew", name, "7") for name in ("as_is", "rehost")],  # no strategy: it only prepares the ground
    *[cost("large", name, amount) for name, amount in (("as_is", "100"), ("rehost", "120"))],
    cost("large", "rehost_rightsized", "5", status="partly", reason="compute: no price of x9.large"),
    *[cost("queue", name, None, reason="queue: no rule") for name in ("as_is", "rehost", "rehost_rightsized", "replatform")],
    cost("rehost", "as_is", "70", term=RESERVED),
    cost("rehost", "rehost_rightsized", "40", term=RESERVED),
]
STRATEGIES = [*(strategy(one.value, one.value) for one in Strategy), strategy("large", "rehost"), strategy("queue", "rehost")]
UIDS = [*(one.value for one in Strategy), "anew", "large", "queue"]
ROWS = {
    "costs": [*EACH, *OTHERS],
    "recommendations": STRATEGIES,
    "inventory": [thing(uid, QUEUE if uid == "queue" else SERVER) for uid in UIDS],
    "workloads": [
        row_of("workloads", uid=uid, workload="mail" if uid == "queue" else "shop", source="tag", reason="r", confidence=1.0)
        for uid in UIDS
    ],
    "waves": [row_of("waves", plan_id="p", uid=uid, move_group="g", wave=1 if uid in ("rehost", "refactor") else 2) for uid in UIDS],
}


@pytest.fixture(scope="module")
def views() -> Iterator[Views]:
    with lake_views(ROWS) as opened:
        yield opened


def taken(views: Views, scenario: str, term: str = "on_demand") -> dict[str, tuple[str, str, Any]]:
    rows = views.query(f"select * from term_costs where scenario = '{scenario}' and term = '{term}'").rows
    return {row["uid"]: (row["of_scenario"], row["of_term"], row["monthly_cost_usd"]) for row in rows}


def test_every_strategy_has_its_cost_or_none_that_is_known(views: Views) -> None:
    """Never 0 for what nobody knows."""
    found = taken(views, "recommended")
    assert found == {
        "retire": ("retire", "on_demand", 0),
        "retain": ("as_is", "on_demand", 100),
        "rehost": ("rehost_rightsized", "on_demand", 60),
        "replatform": ("replatform", "on_demand", 50),
        "relocate": (None, "on_demand", None),
        "repurchase": (None, "on_demand", None),
        "refactor": (None, "on_demand", None),
        "anew": ("rehost", "on_demand", 7),
        "large": ("rehost", "on_demand", 120),  # at its present size, as the one that it needs has no whole price
        "queue": ("rehost_rightsized", "on_demand", None),
    }
    reasons = views.query("select uid, reason from term_costs where scenario = 'recommended' and status <> 'priced'").rows
    assert {row["uid"] for row in reasons if row["reason"].startswith(f"{row['uid']}: what")} == {"relocate", "repurchase", "refactor"}


def test_a_term_counts_where_there_is_one(views: Views) -> None:
    assert taken(views, "recommended", RESERVED)["rehost"] == ("rehost_rightsized", RESERVED, 40)
    assert taken(views, "recommended", RESERVED)["retain"] == ("as_is", "on_demand", 100)
    assert taken(views, "rehost", RESERVED) == {}  # nothing has that term in this scenario


def test_sums_are_of_what_is_known_and_say_so(views: Views) -> None:
    """Now 7 x 100 + 7 + 100; as recommended 0 + 100 + 60 + 50 + 7 + 120, of which four are not known."""
    rows = {(row["scenario"], row["term"]): row for row in views.run("readiness_costs")}
    now, after = rows["as_is", "on_demand"], rows["recommended", "on_demand"]
    assert (now["monthly_cost_usd"], now["high_usd"], now["resources"], now["partly"], now["unpriced"]) == (807, 1614, 10, 0, 1)
    assert (after["monthly_cost_usd"], after["high_usd"], after["partly"], after["unpriced"], after["at_least"]) == (337, 674, 0, 4, True)
    assert (rows["recommended", RESERVED]["monthly_cost_usd"], rows["recommended", RESERVED]["committed_usd"]) == (317, 40)
    assert (rows["rehost_rightsized", "on_demand"]["partly"], rows["rehost_rightsized", "on_demand"]["monthly_cost_usd"]) == (1, 425)


def test_what_is_partly_priced_at_a_term_is_told_by_the_row_that_counts() -> None:
    """On demand b lacks a line; at the term it lacks none. a is the other way round."""
    rows = [cost("a", "as_is", "10"), cost("a", "as_is", "6", term=RESERVED, status="partly")]
    rows += [cost("b", "as_is", "3", status="partly"), cost("b", "as_is", "5", term=RESERVED), cost("c", "as_is", "1")]
    with lake_views({"costs": rows}) as views:
        found = {row["term"]: row for row in views.run("readiness_costs")}
    assert [(found[term]["monthly_cost_usd"], found[term]["partly"], found[term]["at_least"]) for term in ("on_demand", RESERVED)] == [
        (14, 1, True),
        (12, 1, True),
    ]


def test_every_list_of_sums_says_the_same(views: Views) -> None:
    """Of the estate, its services, workloads and waves; only the list for Prefect rounds, to cents."""
    estate = {(row["scenario"], row["term"]): row for row in views.run("readiness_costs")}
    assert {
        key: (row["monthly"], row["high"], row["partly"], row["unpriced"], row["at_least"])
        for key, row in ((key_of(row), row) for row in views.run("artifact_costs", forecasts=True))
    } == {key: (row["monthly_cost_usd"], row["high_usd"], row["partly"], row["unpriced"], row["at_least"]) for key, row in estate.items()}
    for name in ("costs_by_workload", "costs_by_wave", "readiness_service_costs"):
        sums: dict[str, Decimal] = {}
        for row in views.run(name):
            if row.get("term", "on_demand") == "on_demand":
                sums[row["scenario"]] = sums.get(row["scenario"], Decimal(0)) + (row["monthly_cost_usd"] or 0)
        assert sums == {scenario: row["monthly_cost_usd"] for (scenario, term), row in estate.items() if term == "on_demand"}, name


def key_of(row: dict[str, Any]) -> tuple[str, str]:
    return row["scenario"], row["term"]


def test_withheld_forecasts_leave_what_it_costs_now(views: Views) -> None:
    assert [key_of(row) for row in views.run("artifact_costs", forecasts=False)] == [("as_is", "on_demand")]


def test_without_recommendations_nothing_is_recommended() -> None:
    with lake_views({"costs": EACH}) as views:
        assert {row["scenario"] for row in views.query("select scenario from cost_sums").rows} == {
            *("as_is", "rehost", "rehost_rightsized", "replatform", "retire")
        }
