"""The report's sentences, made from its numbers: correct plurals, units, no hype."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from reports.readiness.plan_view import Plan
from reports.readiness.view import ReadinessView, Seen, Totals, Trust

NARROW_SPACE = "\u202f"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BINARY_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_UNIT_WORDS = {"percent": "%", "bytes_per_second": "B/s", "count_per_second": "1/s", "milliseconds": "ms", "seconds": "s", "count": ""}


def number(value: float, *, digits: int = 3) -> str:
    """*value* for a person: whole numbers with thousands separators, others to *digits* significant digits."""
    if value == int(value) or abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    text = f"{value:.{digits}g}"
    return text if "e" not in text else f"{value:.1e}"


def count(amount: int, one: str, many: str | None = None) -> str:
    """*amount* with its noun: "no volumes", "1 volume", "2 volumes"."""
    noun = one if amount == 1 else many or f"{one}s"
    return f"{'no' if amount == 0 else format(amount, ',')} {noun}"


def agree(amount: int, one: str, many: str) -> str:
    """The form of a verb or pronoun that goes with *amount*."""
    return one if amount == 1 else many


def listing(items: Sequence[str], *, at_most: int = 4) -> str:
    """*items* as English: "a", "a and b", "a, b and 3 more"."""
    if len(items) > at_most:
        return f"{', '.join(items[: at_most - 1])} and {len(items) - at_most + 1:,} more"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "none"


def size(size_bytes: float) -> str:
    """Bytes in the binary unit that AWS bills by, three significant digits."""
    power = 0
    while size_bytes >= 1024 and power < len(_BINARY_UNITS) - 1:
        size_bytes /= 1024
        power += 1
    return f"{number(size_bytes)} {_BINARY_UNITS[power]}"


def quantity(value: float, unit: str) -> str:
    """A measured *value* with its unit."""
    if unit == "bytes":
        return size(value)
    if unit == "bytes_per_second":
        return f"{size(value)}/s"
    sign = _UNIT_WORDS.get(unit, unit)
    return f"{number(value)}{NARROW_SPACE}{sign}".strip()


def share(part: float) -> str:
    """0..1 as per cent; never rounded to 0 or 100 when it is not."""
    if 0 < part < 0.01:
        return f"under 1{NARROW_SPACE}%"
    if 0.99 < part < 1:
        return f"over 99{NARROW_SPACE}%"
    return f"{part * 100:.0f}{NARROW_SPACE}%"


def pct(part: float) -> str:
    """``share`` for a table's cell."""
    return share(part).replace("under", "<").replace("over", ">")


def instant(at: datetime) -> str:
    """Such as "22 Nov 2026, 20:30 UTC"."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def day(at: datetime) -> str:
    """Such as "22 Nov 2026"."""
    return f"{at.day} {at:%b %Y}"


def hour_of_week(hour: int) -> str:
    """Such as "Mon 14:00" for hour 14 of a week that starts on Monday."""
    return f"{_DAYS[hour // 24]} {hour % 24:02d}:00"


def days(amount: float) -> str:
    """A span of days, rounded to what it can carry."""
    return "no data" if amount <= 0 else "under 1 day" if amount < 0.95 else count(round(amount), "day")


def seen(what: Seen) -> str:
    """ "3 of 3" or "2 of 3"."""
    return f"{what.seen:,} of {what.total:,}"


def not_seen_note(what: Seen) -> str:
    """What is missing of the whole, or that nothing is."""
    if what.total == 0:
        return "none in scope"
    parts = [f"{what.partly:,} partly seen"] * bool(what.partly) + [f"{what.not_seen:,} not seen"] * bool(what.not_seen)
    return ", ".join(parts) or "all in full"


def verdict_sentence(trust: Trust) -> str:
    """Whether the reader can trust what follows, in one sentence."""
    if trust.look_ups == 0:
        return "Nothing was looked at, so nothing in this report describes the estate."
    gap = trust.gap_look_ups
    checks = trust.failed_critical_checks
    if gap == trust.look_ups:
        return "Nothing at all could be seen; this report describes nothing yet."
    if trust.scope:
        checks_text = f" {critical_checks_sentence(checks)}" if checks else ""
        seen_text = "all of that was seen" if gap == 0 else f"{gap:,} of {count(trust.look_ups, 'look-up')} of that could not be completed"
        return f"This report is on a part of the estate only: {trust.scope}; {seen_text}.{checks_text}"
    if gap == 0:
        text = (
            f"Everything in scope was seen: {count(trust.look_ups, 'look-up')} of a resource type in an account and region, none refused."
        )
    else:
        text = (
            f"{gap:,} of {count(trust.look_ups, 'look-up')} ({share(gap / trust.look_ups)}) could not be completed; "
            "what they would have shown is missing from every figure below."
        )
    return f"{text} {critical_checks_sentence(checks)}" if checks else text


def coverage_sentence(view: ReadinessView) -> str:
    """How the look-ups ended."""
    if not view.coverage:
        return "Nothing was looked at."
    tally = Counter(row.status for row in view.coverage)
    answered = tally["ok"] + tally["empty"]
    text = f"{answered:,} of {count(len(view.coverage), 'look-up')} were answered: {tally['ok']:,} with resources, {tally['empty']:,} empty"
    missing = [f"{amount:,} {status.replace('_', ' ')}" for status, amount in tally.most_common() if status not in ("ok", "empty")]
    return f"{text}; {listing(missing, at_most=6)}." if missing else f"{text}."


def critical_checks_sentence(failed: int) -> str:
    """That critical checks failed."""
    return f"{count(failed, 'critical data check').capitalize()} failed: do not decide on this report."


def found_sentence(totals: Totals) -> str:
    """What there is."""
    if totals.resources == 0:
        return "No resources were found in what could be seen."
    where = (
        f"{count(totals.accounts, 'account')} and {count(totals.regions, 'region')}"
        if totals.regions
        else count(totals.accounts, "account")
    )
    return f"{count(totals.resources, 'resource')} of {count(totals.types, 'type')} in {where}."


def inventory_sentence(view: ReadinessView) -> str:
    """How many resources the table holds, and how many of them have a place in the plan."""
    total = len(view.resources)
    if total == 0:
        return "No resource was found in what could be seen."
    if view.plan is None:
        return f"{count(total, 'resource')}; no plan gives them an order yet."
    planned = sum(row.wave is not None for row in view.resources)
    return f"{count(total, 'resource')}: {planned:,} in a wave, {total - planned:,} without one."


def storage_sentence(totals: Totals) -> str:
    """How much data there is to move."""
    if totals.stateful == 0:
        return "None of them holds data that must be moved."
    copies = f"; snapshots and images add {size(totals.copies_bytes)} of copies" if totals.copies_bytes else ""
    if not totals.storage_bytes:
        held = "; how much is not known"
    elif totals.unsized:
        held = f": {size(totals.storage_bytes)}, with {totals.unsized:,} of unknown size"
    else:
        held = f": {size(totals.storage_bytes)}"
    subject = "1 of them holds" if totals.stateful == 1 else f"{totals.stateful:,} of them hold"
    return f"{subject} data that must be moved{held}{copies}."


def quality_sentence(trust: Trust) -> str:
    """How the data checks went."""
    if trust.checks == 0:
        return "No data checks were run on this snapshot."
    failed = trust.failed_critical_checks + trust.failed_warning_checks
    if failed == 0:
        return "The one data check passed." if trust.checks == 1 else f"All {trust.checks:,} data checks passed."
    warnings = trust.failed_warning_checks
    kinds = [f"{trust.failed_critical_checks:,} critical"] * bool(trust.failed_critical_checks)
    kinds += [f"{warnings:,} {'warning' if warnings == 1 else 'warnings'}"] * bool(warnings)
    return f"{failed:,} of {count(trust.checks, 'data check')} did not pass ({listing(kinds)})."


def measured_sentence(view: ReadinessView) -> str:
    """How much of the estate was measured, and over how long."""
    asked = sum(row.asked for row in view.measured)
    if asked == 0:
        return "No metrics were read for this snapshot, so nothing can be said about how busy it is."
    with_data = sum(row.with_data for row in view.measured)
    if with_data == 0:
        return f"CloudWatch had no data for {count(asked, 'resource')} that were asked for."
    text = f"CloudWatch has data for {with_data:,} of {count(asked, 'resource')} with metrics, over {days(view.metrics_window.days)}"
    return f"{text}."


def idle_sentence(view: ReadinessView) -> str:
    """How many of the measured machines did next to nothing."""
    measured = sum(1 for row in view.usage if row.metric == "CPUUtilization")
    idle = sum(1 for row in view.idle if row.metric == "CPUUtilization")
    limit = f"{number(view.idle_cpu_p95_below_pct)}{NARROW_SPACE}%"
    if measured == 0:
        return "None of them reports its use of CPU."
    if idle == 0:
        return f"None of {count(measured, 'resource')} with CPU data stayed below {limit} for 95{NARROW_SPACE}% of the time."
    subject = "The only resource with CPU data" if measured == 1 else f"{idle:,} of {measured:,} resources with CPU data"
    owners = "its owner whether it is" if idle == 1 else "their owners whether they are"
    return f"{subject} stayed below {limit} for 95{NARROW_SPACE}% of the time: ask {owners} still needed."


def relations_sentence(view: ReadinessView) -> str:
    """How entangled the estate is."""
    total = sum(row.relations for row in view.kinds)
    if total == 0:
        return "Configuration states no relation between the resources found."
    unresolved = sum(row.unresolved for row in view.kinds)
    text = f"Configuration states {count(total, 'relation')} of {count(len(view.kinds), 'kind')}"
    if unresolved:
        points = "points" if unresolved == 1 else "point"
        return f"{text}; {unresolved:,} {points} at something that is not in the inventory."
    return f"{text}; every one ends at a resource that was found."


def waves_sentence(plan: Plan | None) -> str:
    """The order of the move in one sentence."""
    if plan is None:
        return "No plan has been made of this snapshot yet; `cloudmigrate plan` makes one."
    if not plan.waves:
        return "The plan has no waves: nothing that was found moves on its own."
    planned = sum(wave.resources for wave in plan.waves)
    groups = sum(len(wave.groups) for wave in plan.waves)
    verb = "moves" if planned == 1 else "move"
    text = f"{count(planned, 'resource')} in {count(groups, 'move group')} {verb} in {count(len(plan.waves), 'wave')}"
    cyclic = sum(group.cyclic for group in plan.groups)
    if cyclic == 0:
        return f"{text}; what a group needs moves no later than it does."
    return f"{text}; {count(cyclic, 'group')} {'is' if cyclic == 1 else 'are'} bound in a cycle and cannot be split."


def no_wave_sentence(plan: Plan) -> str:
    """What has no wave."""
    total = sum(row.resources for row in plan.no_wave)
    if total == 0:
        return "Every resource of the inventory has a wave."
    has, own = ("has", "its") if total == 1 else ("have", "their")
    reasons = "reason" if len(plan.no_wave) == 1 else "reasons"
    return f"{count(total, 'resource')} {has} no wave of {own} own, for the {reasons} below."


def group_names(groups: Iterable[tuple[str, str | None, Sequence[str]]]) -> dict[str, str]:
    """What a person would call each group, given its id, its label and its members' names.

    A group of one is called by its member, others by their label; where several share a label (the pieces of one workload), by the
    first member, with the label behind it.
    """
    rows = list(groups)
    times = Counter(label for _, label, members in rows if label and len(members) > 1)
    found = {}
    for one, label, members in rows:
        first = members[0] if members else one
        named = first if len(members) < 2 else f"{first} and {len(members) - 1:,} more"
        if label is None or len(members) < 2:
            found[one] = named
        else:
            found[one] = label if times[label] == 1 else f"{named} ({label})"
    return found
