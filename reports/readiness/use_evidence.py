"""The SQL behind the figures on use, sizes, money and strategies; of the form that `evidence` describes."""
# ruff: noqa: S608  # constants of this module alone

# Now and afterwards, of a group.
_BOTH = (
    "max(monthly_cost_usd) filter (where scenario = 'as_is') as now_usd, "
    "max(monthly_cost_usd) filter (where scenario = '{then}') as after_usd, "
    "bool_or(at_least) filter (where scenario = '{then}') as after_is_at_least"
)

_OF = "term = 'on_demand' and level = "

_COMMITS = (
    "select region, pool, term, p10_units, held_units, commit_units, monthly_saving_usd, reason from {plan} "
    "where commit_units > 0 order by monthly_saving_usd desc, region, pool, term"
)

USE_QUERIES: dict[str, str] = {
    "patterns": "select pattern, count(*) as resources from patterns group by pattern order by resources desc, pattern",
    "pattern_rows": (
        "select uid, pattern, rule, confidence, metric, level_mean_pct, high_pct, peak_pct, duty_cycle, autocorrelation_day, "
        "autocorrelation_week, trend, network_mb_a_day, reason from patterns order by pattern, level_mean_pct desc, uid"
    ),
    "weeks": (
        "select p.uid, p.hour_of_week, p.mean from utilisation_profile p join (select uid from utilisation "
        "where metric = 'CPUUtilization' order by p95 desc, uid limit 6) using (uid) where p.metric = 'CPUUtilization' order by all"
    ),
    "sizes": "select verdict, count(*) as sizes from sizing group by verdict order by verdict",
    "size_changes": (
        "select uid, profile, current_type, target_type, risk, cpu_short_minutes, cpu_measured_minutes, memory_short_minutes, "
        "network_short_minutes, iops_short_minutes, credits_short_minutes, runner_up, runner_up_reason, reason from sizing "
        "where verdict in ('smaller', 'larger') order by verdict desc, profile, uid"
    ),
    "costs": (
        "select scenario, monthly_cost_usd, low_usd, high_usd, at_least, resources, partly, unpriced from cost_sums "
        "where level = 'estate' and term = 'on_demand' order by scenario"
    ),
    "costs_after": (
        "select case when t.scenario <> 'recommended' then 'rehost' else coalesce(t.strategy, 'made anew') end as strategy, "
        "t.monthly_cost_usd is not null and (t.status = 'priced' or t.status = n.status and t.reason is not distinct from n.reason) "
        "as compared, count(*) as resources, sum(n.monthly_cost_usd) as now_usd, sum(t.monthly_cost_usd) as after_usd "
        "from term_costs n join term_costs t using (uid) where n.scenario = 'as_is' and n.term = 'on_demand' "
        "and t.scenario = '{then}' and t.term = 'on_demand' and coalesce(n.monthly_cost_usd, t.monthly_cost_usd) is not null "
        "group by all order by all"
    ),
    "cost_terms": (
        "select term, monthly_cost_usd, committed_usd, at_least from cost_sums where level = 'estate' and scenario = 'as_is' order by term"
    ),
    "cost_services": f"select name as service, {_BOTH} from cost_sums where {_OF}'service' group by name order by now_usd desc, name",
    "cost_workloads": f"select name as workload, {_BOTH} from cost_sums where {_OF}'workload' group by name order by now_usd desc, name",
    "cost_waves": f"select cast(name as integer) as wave, {_BOTH} from cost_sums where {_OF}'wave' group by name order by wave",
    "cost_rows": (
        "select uid, scenario, monthly_cost_usd, low_usd, high_usd, status, price_version, sampled_on, reason, components "
        "from costs where term = 'on_demand' order by uid, scenario"
    ),
    "unpriced": (
        "select c.reason, i.type, count(*) as resources from costs c join inventory i using (uid) where c.scenario = 'as_is' "
        "and c.term = 'on_demand' and c.status <> 'priced' group by all order by resources desc"
    ),
    "price_lists": (
        "select price_version, count(*) as prices, count(*) filter (where origin = 'sample') as samples, min(sampled_on) as sampled_on "
        "from prices group by price_version order by price_version"
    ),
    "baseline": "select service, verdict, billed_usd, estimated_usd, error_pct, limit_pct, priced_lines, lines, reason "
    "from baseline order by service",
    "commits": _COMMITS.format(plan="commitment_plan"),
    "commits_after": _COMMITS.format(plan="commitment_plan_recommended"),
    "cash_curve": (
        "select month, item, sum(low_usd) as low_usd, sum(likely_usd) as likely_usd, sum(high_usd) as high_usd from cash_curve "
        "group by month, item order by month, item"
    ),
    "risk_matrix": (
        "with n as (select target_uid as uid, count(distinct source_uid) as others from dependencies group by target_uid) "
        "select r.level, case when coalesce(n.others, 0) = 0 then 'none' when n.others <= 2 then '1 or 2' when n.others <= 9 "
        "then '3 to 9' else '10 or more' end as needed_by, count(*) as resources from risks r left join n using (uid) "
        "group by all order by all"
    ),
    "strategies": (
        "select strategy, count(*) as resources, count(*) filter (where confidence >= 0.8) as sure from recommendations "
        "where level = 'resource' group by strategy order by resources desc, strategy"
    ),
    "strategy_rows": (
        "select uid, strategy, recommended, rule, confidence, confidence_parts, reasons, runner_up, alternatives, override "
        "from recommendations where level = 'resource' order by confidence desc, uid"
    ),
    "questions": "select uid, level, open_question from recommendations where open_question is not null order by uid",
}
