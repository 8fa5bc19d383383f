-- sizing_replay: one row per resource and size that its series is run against and that would have been too small for it at some time.
-- in:  sizing_points (see sizing_use.sql), sizes (pair_no; uid; cpu_pct: of the present size, at which this one is full; memory_pct likewise;
--      memory_free_bytes: free on the present size, under which this one is full; network, iops and throughput as _baseline and _peak),
--      $since (the lookback's start), $burst_minutes (a day, over a baseline)
-- out: pair_no, and per dimension of cpu, memory, network, iops, throughput the minutes that it would have been short (a period counts
--      wholly). Over a peak is short at once; over a baseline only what goes on for longer than $burst_minutes a day.
-- The join keeps only the points over a limit: of most sizes there is none.
with days as (
    select
        s.pair_no,
        epoch_us(p.observed_at) // 86400000000 as day_no,
        sum(case when coalesce(p.cpu_peak, p.cpu) > s.cpu_pct then p.period_s end) as cpu,
        sum(case when p.memory_pct > s.memory_pct or p.memory_free_bytes < s.memory_free_bytes then p.period_s end) as memory,
        sum(case when p.network_gbps > s.network_baseline then p.period_s end) as network_over,
        sum(case when p.network_gbps > s.network_peak then p.period_s end) as network,
        sum(case when p.iops > s.iops_baseline then p.period_s end) as iops_over,
        sum(case when p.iops > s.iops_peak then p.period_s end) as iops,
        sum(case when p.throughput_mbps > s.throughput_baseline then p.period_s end) as throughput_over,
        sum(case when p.throughput_mbps > s.throughput_peak then p.period_s end) as throughput
    from sizing_points as p
    inner join sizes as s
        on
            p.uid = s.uid
            and (
                coalesce(p.cpu_peak, p.cpu) > s.cpu_pct
                or p.memory_pct > s.memory_pct
                or p.memory_free_bytes < s.memory_free_bytes
                or p.network_gbps > least(s.network_baseline, s.network_peak)
                or p.iops > least(s.iops_baseline, s.iops_peak)
                or p.throughput_mbps > least(s.throughput_baseline, s.throughput_peak)
            )
    where p.observed_at >= $since
    group by all
)

select
    pair_no,
    coalesce(sum(cpu), 0) / 60 as cpu,
    coalesce(sum(memory), 0) / 60 as memory,
    coalesce(sum(greatest(coalesce(network_over, 0) - 60 * $burst_minutes, coalesce(network, 0))), 0) / 60 as network,
    coalesce(sum(greatest(coalesce(iops_over, 0) - 60 * $burst_minutes, coalesce(iops, 0))), 0) / 60 as iops,
    coalesce(sum(greatest(coalesce(throughput_over, 0) - 60 * $burst_minutes, coalesce(throughput, 0))), 0) / 60 as throughput
from days
group by pair_no
