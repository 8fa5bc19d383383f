"""The SQL behind the figures on traffic, dependencies, rules, risk and workloads; the same rules as `evidence`'s."""

DEPENDENCY_QUERIES: dict[str, str] = {
    "flow_logs": (
        "select source, account_id, region, status, objects, read_objects, read_at, attempted_at, missing_action from flow_log_sources "
        "order by status in ('ok', 'empty'), source"
    ),
    "logged_days": (
        "select count(distinct day) as days, count(distinct interface_id) as interfaces, "
        "count(*) filter (where fully_logged) as fully_logged_interface_days, "
        "sum(skipped_hours) / nullif(sum(skipped_hours + logged_hours), 0) as skipped_share from flow_log_coverage"
    ),
    "chances": (
        "select weekly_seen_probability, monthly_seen_probability, count(*) as resources from observation "
        "group by all order by weekly_seen_probability desc, monthly_seen_probability desc"
    ),
    "dependencies": (
        "select kind, count(*) as dependencies, sum(bytes) as bytes, "
        "count(*) filter (where observed and not allowed) as not_allowed_now from dependencies group by kind order by kind"
    ),
    "shut": (
        "select source_uid, target_uid, protocol, port, bytes, last_seen from dependencies where observed and not allowed "
        "order by bytes desc, source_uid, target_uid"
    ),
    "talkers": (
        "select source_uid, target_uid, protocol, port, bytes, days_seen, confidence from dependencies where observed "
        "order by bytes desc, source_uid, target_uid limit 15"
    ),
    "far_ends": (
        "with ends as (select source_uid as uid, bytes from dependencies union all select target_uid, bytes from dependencies) "
        "select e.uid, count(*) as dependencies, sum(e.bytes) as bytes from ends e anti join inventory i on e.uid = i.uid "
        "group by e.uid order by dependencies desc, bytes desc, e.uid"
    ),
    "shared": "select uid, service, ports, peers, held_out, reason from shared_services order by peers desc, uid",
    "rules": (
        "select finding, count(*) as rules, count(*) filter (where open_to_world and direction = 'ingress') as let_world_in, "
        "count(*) filter (where open_to_world and direction <> 'ingress') as let_out_to_world from rule_findings "
        "group by finding order by finding"
    ),
    "open_rules": (
        "select group_uid, rule_id, direction, protocol, from_port, to_port, peer, finding, bearers from rule_findings "
        "where open_to_world order by direction desc, finding, group_uid, rule_id"
    ),
    "unused_rules": (
        "select group_uid, rule_id, direction, protocol, from_port, to_port, peer, bearers from rule_findings "
        "where finding = 'unused' order by group_uid, rule_id"
    ),
    "risk_levels": (
        "select level, count(*) as resources, count(*) filter (where len(not_measured) = 0) as wholly_measured from risks "
        "group by level order by level"
    ),
    "risks": "select uid, level, points, upper_points, not_measured from risks order by upper_points desc, points desc, uid limit 15",
    "unmeasured": (
        "select factor, source, count(*) as resources, sum(upper_points - points) as points_hidden_at_most from risk_factors "
        "where upper_points > points group by factor, source order by points_hidden_at_most desc, factor"
    ),
    "workloads": (
        "select w.workload, count(*) as resources, list(distinct w.source) as sources, min(w.confidence) as confidence, "
        "any_value(r.level) as risk from workloads w left join workload_risks r on w.workload = r.workload "
        "group by w.workload order by resources desc, w.workload"
    ),
    "crossings": (
        "select a.wave as source_wave, b.wave as target_wave, count(*) as edges, sum(d.bytes) as bytes from dependencies d "
        "join waves a on d.source_uid = a.uid join waves b on d.target_uid = b.uid where d.observed and a.wave <> b.wave "
        # What is retired exchanges with what moved before it only.
        "and not (coalesce(a.retires, false) and (coalesce(b.retires, false) or a.wave < b.wave)) "
        "and not (coalesce(b.retires, false) and b.wave < a.wave) "
        "group by all order by bytes desc, source_wave, target_wave"
    ),
    "inside_groups": (
        "select a.move_group, d.source_uid, d.target_uid, d.protocol, d.port, d.bytes from dependencies d "
        "join waves a on d.source_uid = a.uid join waves b on d.target_uid = b.uid where a.move_group = b.move_group "
        "order by a.move_group, d.bytes desc, d.source_uid, d.target_uid"
    ),
    "needed_rules": (
        "select move_group, direction, protocol, port, peer, edges, bytes, confidence from needed_rules "
        "order by move_group, direction, protocol, port, peer"
    ),
}
