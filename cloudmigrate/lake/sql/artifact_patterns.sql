-- artifact_patterns: how use goes over time, what may be idle first.
-- grain: one row per (resource that is compute, database or cache)
-- out: level and peak in percent of the CPU, duty and confidence in percent
select
    i.name,
    i.type,
    i.account_id,
    i.region,
    p.pattern,
    p.rule,
    round(100 * p.confidence)::int as confidence_pct,
    round(p.level_mean_pct, 1) as level_pct,
    round(p.peak_pct, 1) as peak_pct,
    round(100 * p.duty_cycle)::int as duty_pct,
    round(p.age_days, 1) as age_days,
    p.reason
from patterns as p
inner join inventory as i on p.uid = i.uid
order by
    case p.pattern when 'idle' then 0 when 'insufficient_data' then 2 else 1 end,
    p.pattern asc,
    p.level_mean_pct desc nulls last,
    i.uid asc
