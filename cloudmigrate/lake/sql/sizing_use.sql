-- sizing_use: one row per resource with CPU data: what it uses of each dimension of a size.
-- in:  sizing_points (uid, observed_at, period_s, cpu and cpu_peak in percent, memory_pct, memory_free_bytes, network_gbps, iops,
--      throughput_mbps; see lake/sizing.py), $since (the lookback's start), $percentile (0..1),
--      $uid_from (in) and $uid_before (out): the range of uids to work on, which bounds memory
-- out: uid, period_s (the longest), hours (of CPU data), has_maximum (every CPU point has its peak), cpu_pct (of the peaks within periods;
--      of means where there are none), memory_pct, memory_free_bytes (so low that more is free at the percentile), network_gbps, iops and
--      throughput_mbps (of the means of periods): all at the percentile, exact, interpolated; null where nothing was measured; and per
--      dimension of cpu, memory, network, iops, throughput D_measured (minutes; a period counts wholly; null for none); and the extremes
--      that sizing_replay compares: cpu_most, memory_most, memory_free_least, network_most, iops_most, throughput_most
select
    uid,
    max(period_s) as period_s,
    sum(case when cpu is not null then period_s end) / 3600.0 as hours,
    count(case when cpu is not null then cpu_peak end) = count(cpu) as has_maximum,
    quantile_cont(coalesce(cpu_peak, cpu), $percentile) as cpu_pct,
    quantile_cont(memory_pct, $percentile) as memory_pct,
    quantile_cont(memory_free_bytes, 1 - $percentile) as memory_free_bytes,
    quantile_cont(network_gbps, $percentile) as network_gbps,
    quantile_cont(iops, $percentile) as iops,
    quantile_cont(throughput_mbps, $percentile) as throughput_mbps,
    sum(case when cpu is not null then period_s end) / 60 as cpu_measured,
    sum(case when coalesce(memory_pct, memory_free_bytes) is not null then period_s end) / 60 as memory_measured,
    sum(case when network_gbps is not null then period_s end) / 60 as network_measured,
    sum(case when iops is not null then period_s end) / 60 as iops_measured,
    sum(case when throughput_mbps is not null then period_s end) / 60 as throughput_measured,
    max(coalesce(cpu_peak, cpu)) as cpu_most,
    max(memory_pct) as memory_most,
    min(memory_free_bytes) as memory_free_least,
    max(network_gbps) as network_most,
    max(iops) as iops_most,
    max(throughput_mbps) as throughput_most
from sizing_points
where observed_at >= $since and uid >= $uid_from and uid < $uid_before
group by uid
having count(cpu) > 0
