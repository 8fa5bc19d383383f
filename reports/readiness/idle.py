"""Which resources did next to nothing, by rules that the report states."""

from collections.abc import Iterable
from dataclasses import dataclass

from reports.readiness.view import IdleRow, UsageRow

# With less than half of the window measured, silence proves nothing.
COVERAGE_SHARE_AT_LEAST = 0.5


@dataclass(frozen=True, slots=True)
class IdleRule:
    """A metric that never left zero, in words."""

    metric: str
    words: str


NEVER_USED = (
    IdleRule("DatabaseConnections", "no connection"),
    IdleRule("RequestCount", "no request"),
    IdleRule("Invocations", "no invocation"),
    IdleRule("Count", "no call"),
)


def idle_rows(usage: Iterable[UsageRow], *, cpu_p95_below_pct: float) -> tuple[IdleRow, ...]:
    """The resources under the CPU limit for 95 % of the time, or whose traffic stayed at zero; the stillest first."""
    words = {rule.metric: rule.words for rule in NEVER_USED}
    found = []
    for row in usage:
        if row.coverage_share < COVERAGE_SHARE_AT_LEAST:
            continue
        if row.metric == "CPUUtilization" and row.p95 < cpu_p95_below_pct:
            rule = f"CPU p95 below {cpu_p95_below_pct:g} %"
        elif row.metric in words and row.max == 0:
            rule = words[row.metric]
        else:
            continue
        found.append(
            IdleRow(uid=row.uid, rule=rule, metric=row.metric, unit=row.unit, value=row.p95, max=row.max, coverage_share=row.coverage_share)
        )
    return tuple(sorted(found, key=lambda row: (row.metric != "CPUUtilization", row.metric, row.value, row.max, row.uid)))
