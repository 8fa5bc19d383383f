-- sizing_replay: one row per resource and size that its series is run against: minutes that each dimension would have been too small.
-- in:  sizing_points (see sizing_use.sql), sizes (uid, size, cpu_pct: of the present size, at which this one is full; memory_pct likewise;
--      memory_free_bytes: free on the present size, under which this one is full; network, iops and throughput as _baseline and _peak),
--      $since (the lookback's start), $burst_minutes (a day, over a baseline)
-- out: uid, size, and per dimension D of cpu, memory, network, iops, throughput: D_measured and D_short (minutes; a period counts wholly).
--      Over a peak is short at once; over a baseline only what goes on for longer than $burst_minutes a day.
with days as (
    select
        p.uid,
        s.size,
        epoch_us(p.observed_at) // 86400000000 as day_no,
        sum(case when p.cpu is not null then p.period_s end) as cpu_measured,
        sum(case when coalesce(p.cpu_peak, p.cpu) > s.cpu_pct then p.period_s end) as cpu_short,
        sum(case when coalesce(p.memory_pct, p.memory_free_bytes) is not null then p.period_s end) as memory_measured,
        sum(case when p.memory_pct > s.memory_pct or p.memory_free_bytes < s.memory_free_bytes then p.period_s end) as memory_short,
        sum(case when p.network_gbps is not null then p.period_s end) as network_measured,
        sum(case when p.network_gbps > s.network_baseline then p.period_s end) as network_over,
        sum(case when p.network_gbps > s.network_peak then p.period_s end) as network_short,
        sum(case when p.iops is not null then p.period_s end) as iops_measured,
        sum(case when p.iops > s.iops_baseline then p.period_s end) as iops_over,
        sum(case when p.iops > s.iops_peak then p.period_s end) as iops_short,
        sum(case when p.throughput_mbps is not null then p.period_s end) as throughput_measured,
        sum(case when p.throughput_mbps > s.throughput_baseline then p.period_s end) as throughput_over,
        sum(case when p.throughput_mbps > s.throughput_peak then p.period_s end) as throughput_short
    from sizing_points as p
    inner join sizes as s on p.uid = s.uid
    where p.observed_at >= $since
    group by all
)

select
    uid,
    size,
    coalesce(sum(cpu_measured), 0) / 60 as cpu_measured,
    coalesce(sum(cpu_short), 0) / 60 as cpu_short,
    coalesce(sum(memory_measured), 0) / 60 as memory_measured,
    coalesce(sum(memory_short), 0) / 60 as memory_short,
    coalesce(sum(network_measured), 0) / 60 as network_measured,
    coalesce(sum(greatest(coalesce(network_over, 0) - 60 * $burst_minutes, coalesce(network_short, 0))), 0) / 60 as network_short,
    coalesce(sum(iops_measured), 0) / 60 as iops_measured,
    coalesce(sum(greatest(coalesce(iops_over, 0) - 60 * $burst_minutes, coalesce(iops_short, 0))), 0) / 60 as iops_short,
    coalesce(sum(throughput_measured), 0) / 60 as throughput_measured,
    coalesce(sum(greatest(coalesce(throughput_over, 0) - 60 * $burst_minutes, coalesce(throughput_short, 0))), 0) / 60 as throughput_short
from days
group by uid, size
