"""The report's view of costs and prices, read from the lake; None where nothing was priced."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from cloudmigrate.domain.baseline import Match
from cloudmigrate.lake.baseline import gate_of
from cloudmigrate.lake.views import Views
from reports.readiness import cost_view as c
from tasks.evidence_view import is_made, records_of

_NOW = "as_is"


def costs(views: Views, *, with_plan: bool) -> c.Costs | None:
    """All that the snapshot's estimates say; waves only *with_plan*. Where the bill is not reproduced, nothing but what it costs now."""
    if not is_made(views, "costs"):
        return None
    held = gate_of(views)
    baseline = records_of(c.BaselineRow, views.rows("baseline"))
    cash = records_of(c.CashRow, views.rows("cash_curve")) if with_plan else []
    found = c.Costs(
        totals=tuple(_group(row, "estate") for row in views.run("readiness_costs")),
        services=_dearest(_group(row, row["service"]) for row in views.run("readiness_service_costs")),
        workloads=_dearest(_group(row, row["workload"]) for row in views.run("costs_by_workload") if row["term"] == c.ON_DEMAND),
        waves=tuple(_group(row, str(row["wave"])) for row in views.run("costs_by_wave") if row["term"] == c.ON_DEMAND) if with_plan else (),
        resources=_resources(views.run("readiness_resource_costs")),
        unpriced=_unpriced(views.run("readiness_unpriced")),
        price_lists=tuple(c.PriceListRow(**{**row, "sources": tuple(row["sources"] or ())}) for row in views.run("readiness_price_lists")),
        baseline=tuple(sorted(baseline, key=lambda row: (row.verdict != Match.DIFFERS, -row.billed_usd, row.service))),
        withheld=held.withheld,
        gate_reason=held.reason,
        commits=_commits(views, "commitment_plan"),
        commits_after=_commits(views, "commitment_plan_recommended"),
        cash=tuple(sorted(cash, key=lambda row: (row.month, row.wave, row.item, row.basis))),
    )
    return _without_forecasts(found) if held.withheld else found


def _without_forecasts(found: c.Costs) -> c.Costs:
    """Only what it costs now, on demand: no page, no printed record and no report.json can show what is not there."""

    def now(rows: Iterable[c.GroupCost]) -> tuple[c.GroupCost, ...]:
        return tuple(row for row in rows if (row.scenario, row.term) == (_NOW, c.ON_DEMAND))

    return replace(
        found,
        totals=now(found.totals),
        services=now(found.services),
        workloads=now(found.workloads),
        waves=now(found.waves),
        resources=tuple(replace(row, scenarios=tuple(one for one in row.scenarios if one.scenario == _NOW)) for row in found.resources),
        commits=(),
        commits_after=(),
        cash=(),
    )


def _commits(views: Views, dataset: str) -> tuple[c.CommitRow, ...]:
    """What a commitment plan says to commit to, the largest saving first."""
    found = [row for row in records_of(c.CommitRow, views.rows(dataset)) if row.commit_units > 0]
    return tuple(sorted(found, key=lambda row: (-row.monthly_saving_usd, row.region, row.pool, row.term)))


def _amount(row: Mapping[str, Any]) -> c.Amount:
    return c.Amount(row["monthly_cost_usd"], row["low_usd"], row["high_usd"])


def _group(row: Mapping[str, Any], name: str) -> c.GroupCost:
    return c.GroupCost(
        name=name,
        scenario=row["scenario"],
        term=row.get("term", c.ON_DEMAND),
        amount=_amount(row),
        resources=row["resources"],
        partly=row["partly"],
        unpriced=row["unpriced"],
        committed_usd=row.get("committed_usd"),
    )


def _dearest(rows: Iterable[c.GroupCost]) -> tuple[c.GroupCost, ...]:
    """Groups by what they cost now, the dearest first; the scenarios of a group together."""
    found = list(rows)
    now = {row.name: row.amount.monthly_usd or 0 for row in found if row.scenario == _NOW}
    return tuple(sorted(found, key=lambda row: (-now.get(row.name, 0), row.name, c.SCENARIOS.index(row.scenario))))


def _resources(rows: list[dict[str, Any]]) -> tuple[c.ResourceCost, ...]:
    found = []
    for uid, group in groupby(rows, key=itemgetter("uid")):
        inside = list(group)
        sampled = [row["sampled_on"] for row in inside if row["scenario"] == _NOW]
        scenarios = tuple(c.ScenarioCost(row["scenario"], _amount(row), row["status"], row["reason"], row["strategy"]) for row in inside)
        found.append(c.ResourceCost(uid, sampled[0] if sampled else None, scenarios))
    return tuple(sorted(found, key=lambda row: (-(row.now.amount.monthly_usd or 0), row.uid)))


def _unpriced(rows: Iterable[Mapping[str, Any]]) -> tuple[c.UnpricedRow, ...]:
    types: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in rows:
        types[row["reason"]].append((row["type"], row["resources"]))
    found = [c.UnpricedRow(reason, sum(amount for _, amount in hit), tuple(hit)) for reason, hit in types.items()]
    return tuple(sorted(found, key=lambda row: (-row.resources, row.reason)))
