-- plan_evidence: what there is to plan from besides configuration.
-- grain: one row
-- out: yes or no for each: whether flow logs of interfaces that serve a known resource were read, risks assessed, workloads told
select
    (select count(uid) > 0 from flow_log_coverage) as traffic,
    (select count(*) > 0 from risks) as risks,
    (select count(*) > 0 from workloads) as workloads
