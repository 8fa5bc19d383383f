"""For each figure of the report, the SQL that reproduces it against the lake.

The statements are constants without double quotes, dollars or backticks, so that they can be shown inside a double-quoted shell word.
"""

import re

from reports.readiness.cost_page import SIZED, scenario_after
from reports.readiness.dependency_evidence import DEPENDENCY_QUERIES
from reports.readiness.use_evidence import USE_QUERIES
from reports.readiness.view import ReadinessView

_COPIES = "'AWS::EC2::Snapshot', 'AWS::EC2::Image', 'AWS::RDS::DBSnapshot', 'AWS::RDS::DBClusterSnapshot'"
# What configuration does not state is taken from measurements.
_SIZE = "coalesce(i.storage_bytes, cast(round(u.bytes) as bigint))"
_SIZED = (
    "inventory i left join (select uid, sum(max) as bytes from utilisation "
    "where metric = 'VolumeBytesUsed' or metric like 'BucketSizeBytes%' group by uid) u on i.uid = u.uid"
)

QUERIES: dict[str, str] = {
    "coverage": "select status, count(*) as look_ups from coverage group by status order by status",
    "gaps": (
        "select account_id, missing_action, status, error_code, count(*) as look_ups, list(distinct region) as regions "
        "from coverage where status not in ('ok', 'empty') group by all order by look_ups desc"
    ),
    "matrix": (
        "select account_id, region, service, status, count(*) as types, sum(resources) as resources from coverage group by all order by all"
    ),
    "look_ups": "select * from coverage order by status in ('ok', 'empty'), account_id, region, service, type",
    "checks": "select dataset, check_name, severity, passed, failed_rows from quality order by passed, severity, dataset, check_name",
    "resources": "select count(*) as resources, count(distinct type) as types, count(distinct account_id) as accounts from inventory",
    "by_type": (
        "select type, count(*) as resources, count(*) filter (where stateful) as stateful, sum({size}) as storage_bytes "
        "from {sized} group by type order by resources desc, type"
    ),
    "by_place": (
        "select account_id, region, count(*) as resources, sum({size}) as storage_bytes "
        "from {sized} group by all order by account_id, region"
    ),
    "storage": (
        "select count(*) filter (where stateful) as stateful, "
        "sum({size}) filter (where type not in ({copies})) as storage_bytes from {sized}"
    ),
    "inventory": (
        "select uid, account_id, region, type, name, state, stateful, storage_bytes, tags "
        "from inventory order by account_id, region, type, name"
    ),
    "metric_days": "select min(first_at) as first_at, max(last_at) as last_at from utilisation",
    "measured": (
        "select type, count(distinct uid) as asked, count(distinct uid) filter (where status = 'ok' and points > 0) as with_data "
        "from metric_coverage group by type order by type"
    ),
    "cpu": "select uid, p50, p95, max, coverage_share from utilisation where metric = 'CPUUtilization' order by p95 desc",
    "idle": (
        "select uid, metric, p95, max, coverage_share from utilisation where coverage_share >= 0.5 "
        "and (metric = 'CPUUtilization' and p95 < {cpu} "
        "or metric in ('DatabaseConnections', 'RequestCount', 'Invocations', 'Count') and max = 0) order by metric, p95, uid"
    ),
    "utilisation": "select * from utilisation order by uid, metric",
    "relations": "select kind, count(*) as relations from relations group by kind order by relations desc, kind",
    "unresolved": "select r.* from relations r anti join inventory i on r.target_uid = i.uid order by all",
    "most_needed": (
        "select target_uid, count(distinct source_uid) as dependents from relations where kind not in ({left_out}) "
        "group by target_uid order by dependents desc, target_uid"
    ),
    "waves": "select wave, count(distinct move_group) as move_groups, count(*) as resources from waves group by wave order by wave",
    "move_groups": "select move_group, wave, count(*) as members from waves group by all order by members desc, move_group",
    "no_wave": (
        "select u.reason, i.type, count(*) as resources from unplanned u join inventory i using (uid) "
        "group by all order by resources desc, reason, type"
    ),
    **DEPENDENCY_QUERIES,
    **USE_QUERIES,
}


_OF_A_PLAN = frozenset({"waves", "move_groups", "no_wave", "crossings", "inside_groups", "needed_rules", "cost_waves", "cash_curve"})
_PLAIN_WORD = re.compile(r"[\w-]+")


def statement(figure: str, view: ReadinessView) -> str:
    """The SQL that reproduces *figure* of this report; raises KeyError for an unknown one."""
    left_out = ", ".join(f"'{kind}'" for kind in view.settings_kinds if _PLAIN_WORD.fullmatch(kind))
    limit = f"{view.idle_cpu_p95_below_pct:g}"
    then = scenario_after(view.costs) if view.costs else SIZED
    return QUERIES[figure].format(cpu=limit, left_out=left_out or "''", size=_SIZE, sized=_SIZED, copies=_COPIES, then=then)


def command(figure: str, view: ReadinessView) -> str:
    """The command line that reproduces *figure*; raises KeyError for an unknown one."""
    plan = f" --plan {view.plan.plan_id}" if view.plan is not None and figure in _OF_A_PLAN else ""
    return f'cloudmigrate query "{statement(figure, view)}" --snapshot {view.snapshot_id}{plan}'
