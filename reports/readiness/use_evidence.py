"""The SQL behind the figures on use, sizes, money and strategies; of the form that `evidence` describes."""

from collections.abc import Mapping

# Parts that several statements share.
_SHARED = {
    # A scenario that leaves out what the present cost holds is no estimate of it.
    "pivot": (
        "with n as (select uid, status, reason from costs where scenario = 'as_is' and term = 'on_demand'), "
        "s as (select k.* from costs k join n using (uid) where k.term = 'on_demand' "
        "and (k.status = 'priced' or k.status = n.status and k.reason = n.reason)), "
        "c as (select uid, max(monthly_cost_usd) filter (where scenario = 'as_is') as as_is, "
        "max(monthly_cost_usd) filter (where scenario = 'rehost') as rehost, "
        "max(monthly_cost_usd) filter (where scenario = 'rehost_rightsized') as rehost_rightsized, "
        "max(monthly_cost_usd) filter (where scenario = 'replatform') as replatform, "
        "max(monthly_cost_usd) filter (where scenario = 'retire') as retire "
        "from s group by uid)"
    ),
    "sums": "sum(c.monthly_cost_usd) as monthly_cost_usd, sum(c.low_usd) as low_usd, sum(c.high_usd) as high_usd",
}
_AFTER = (
    "coalesce(case {strategy} when 'retire' then c.retire when 'rehost' then coalesce(c.rehost_rightsized, c.rehost) "
    "when 'relocate' then c.rehost when 'replatform' then c.replatform when 'retain' then c.as_is end, c.as_is)"
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
    "costs": "select c.scenario, {sums}, count(*) as resources from costs c where c.term = 'on_demand' group by c.scenario order by all",
    "costs_after": (
        "{pivot} select {strategy} as strategy, count(*) as resources, sum(c.as_is) as now_usd, sum({after}) as after_usd "
        "from c {recommended}where c.as_is is not null group by all order by all"
    ),
    "cost_terms": (
        "select term, sum(monthly_cost_usd) as committed_usd, count(*) as resources from costs where scenario = 'as_is' "
        "group by term order by term"
    ),
    "cost_services": (
        "{pivot} select split_part(i.type, '::', 2) as service, sum(c.as_is) as now_usd, sum({after}) as after_usd "
        "from c join inventory i using (uid) {recommended}where c.as_is is not null group by all order by now_usd desc, service"
    ),
    "cost_workloads": (
        "{pivot} select w.workload, sum(c.as_is) as now_usd, sum({after}) as after_usd "
        "from c join workloads w using (uid) {recommended}where c.as_is is not null group by all order by now_usd desc, w.workload"
    ),
    "cost_waves": (
        "{pivot} select w.wave, sum(c.as_is) as now_usd, sum({after}) as after_usd "
        "from c join waves w using (uid) {recommended}where c.as_is is not null group by all order by w.wave"
    ),
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
    "baseline": "select service, verdict, billed_usd, estimated_usd, error_pct, limit_pct, reason from baseline order by service",
    "commits": (
        "select region, pool, term, p10_units, held_units, commit_units, monthly_saving_usd, reason from commitment_plan "
        "where commit_units > 0 order by monthly_saving_usd desc, region, pool, term"
    ),
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


def after_parts(*, recommended: bool) -> Mapping[str, str]:
    """What the statements share, and for `costs_after` whose strategy counts."""
    strategy = "coalesce(r.strategy, 'rehost')" if recommended else "'rehost'"
    joined = "left join recommendations r on c.uid = r.uid and r.level = 'resource' " if recommended else ""
    return {**_SHARED, "strategy": strategy, "recommended": joined, "after": _AFTER.format(strategy=strategy)}
