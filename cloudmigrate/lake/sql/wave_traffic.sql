-- wave_traffic: one row per pair of waves whose resources exchange: the gigabytes of a month, both directions.
-- in:  waves (view; one plan), traffic (view), $hours (of a month)
-- out: one, other (waves, the smaller first), gb (2^30 bytes). What is retired is where it was until its wave, then nowhere: it exchanges
--      with what moved before it, not with what moves after it or is retired as well
select
    least(a.wave, b.wave) as one,
    greatest(a.wave, b.wave) as other,
    cast(sum(t.bytes / greatest(t.days_logged, t.days_seen, 1)) * $hours / 24 / 1073741824 as decimal(20, 6)) as gb
from traffic as t
inner join waves as a on t.source_uid = a.uid
inner join waves as b on t.target_uid = b.uid and a.wave <> b.wave
where
    t.action = 'ACCEPT'
    and not (coalesce(a.retires, false) and (coalesce(b.retires, false) or a.wave < b.wave))
    and not (coalesce(b.retires, false) and b.wave < a.wave)
group by all
order by one, other
