-- plan_evidence: what there is to plan from besides configuration.
-- grain: one row
-- out: yes or no for each: whether an hour of accepted traffic was logged at an interface that serves a known resource, risks assessed, workloads told
select
    (select count(uid) filter (where logged_hours > 0) > 0 from flow_log_coverage) as traffic,
    (select count(*) > 0 from risks) as risks,
    (select count(*) > 0 from workloads) as workloads
