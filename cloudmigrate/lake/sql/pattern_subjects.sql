-- pattern_subjects: one row per resource of some types, with what became of reading one metric.
-- in:  $type (CloudFormation type), $metric
-- out: uid, status (ok, no_data, denied, throttled, failed; the worst of its statistics; null where it was not asked for)
select
    i.uid,
    max_by(c.status, case c.status when 'ok' then 0 when 'no_data' then 1 else 2 end) as status
from inventory as i
left join metric_coverage as c on i.uid = c.uid and c.metric = $metric
where i.type = $type
group by i.uid
order by i.uid
