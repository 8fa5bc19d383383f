"""The report's sentences on traffic, dependencies, rules, risk and workloads, made from its numbers."""

from collections import Counter
from collections.abc import Sequence

from reports.readiness.dependency_view import EdgeRow, FlowLogs, MemberRow, NeededRuleRow, RiskRow, RuleRow, SeenChance, SharedRow
from reports.readiness.text import visible
from reports.readiness.view import CoverageRow, ReadinessView
from reports.readiness.words import agree, count, day, instant, listing, number, quantity, relations_sentence, share

LEVELS = ("critical", "high", "medium", "low")
SOURCES = {
    "decision": "a person's decision",
    "mapping": "the mapping file",
    "tag": "a tag",
    "stack": "a CloudFormation stack",
    "auto_scaling_group": "an Auto Scaling group",
    "ecs_service": "an ECS service",
    "traffic": "who talks to whom",
}
FINDINGS = {
    "used": "seen in use",
    "unused": "never used",
    "not_measured": "not measured",
    "no_bearer": "on nothing that was found",
}
CHANCE_ASSUMPTION = (
    "Assumed: one occurrence a period, at a time that nobody knows; then it was seen with probability fully logged days / 7, or / 30, "
    "at most 1. Days with skipped data do not count."
)


def flow_logs_sentence(logs: FlowLogs | None) -> str:
    """What was read of flow logs, and what is wrong with it."""
    nothing = "so nothing here comes from traffic"
    if logs is None:
        return f"Flow logs were not looked for in this snapshot, {nothing}; `cloudmigrate dependencies` reads them."
    places = count(len(logs.places), "place")
    if not logs.places:
        return f"The estate names no flow logs and its inventory has none that could be read, {nothing}."
    if not logs.days:
        return f"Not one record was read from {places} of flow logs, {nothing}.{_attempt_sentence(logs)}"
    counting = [row for row in logs.places if row.counts]
    in_part = sum(row.is_gap and row.seen_until_at is None for row in counting)
    told = f"{len(counting):,} of {places}{f', {in_part:,} of them in part' if in_part else ''}"
    seen = f"{count(logs.records, 'record')} at {count(logs.interfaces, 'interface')}"
    text = f"Flow logs of {count(logs.days, 'day')} were read from {told}: {seen}.{_attempt_sentence(logs)}"
    if logs.skipped_share:
        text += f" AWS skipped data in {share(logs.skipped_share)} of the hours (SKIPDATA)."
    if logs.unreadable_objects:
        text += f" {logs.unreadable_objects:,} of {count(logs.objects, 'object')} could not be read."
    if logs.broken_lines:
        text += f" {count(logs.broken_lines, 'line').capitalize()} {agree(logs.broken_lines, 'was', 'were')} no record."
    shared = sum(row.status == "ok" and bool(row.detail) for row in logs.places)
    if shared:
        text += f" In {count(shared, 'log group')} several flow logs may have written the same records, whose bytes then count twice."
    return text


def _attempt_sentence(logs: FlowLogs) -> str:
    """How the last attempt to read the places ended, where it did not see all, and until when they are known; with a space before it."""
    failed = [row for row in logs.places if row.is_gap and row.attempted_at]
    at = max((row.attempted_at for row in failed if row.attempted_at), default=None)
    if at is None:
        return ""
    codes = sorted({row.error_code for row in failed if row.error_code})
    why = f" ({listing(codes, at_most=3)})" if codes else ""
    text = f" The last attempt, on {instant(at)}, did not succeed at {len(failed):,} of {count(len(logs.places), 'place')}{why}"
    until = sorted({row.seen_until_at for row in failed if row.seen_until_at})
    if until:
        known = sum(row.seen_until_at is not None for row in failed)
        where = "there" if known == len(failed) else f"at {known:,} of them"
        then = f"{instant(until[0])}{'' if len(until) == 1 else ' or later'}"
        text += f": all that lay {where} on {then} was read, what came since may be missing"
    return f"{text}."


def chance_sentence(chances: Sequence[SeenChance]) -> str:
    """At how many resources a rare dependency would have been seen."""
    if not chances:
        return "No resource with an address is known, so nothing can be concluded from silence."
    total = len(chances)
    weekly = _of(sum(row.weekly_seen_probability >= 1 for row in chances), total)
    monthly = sum(row.monthly_seen_probability >= 1 for row in chances)
    never = sum(row.fully_logged_days == 0 for row in chances)
    text = f"What happens once a week is certain to have been seen at {weekly} with an address, once a month at {monthly or 'none'}."
    if never:
        have, its = agree(never, "has", "have"), agree(never, "its", "their")
        text += f" {never:,} {have} no fully logged day: {its} silence says nothing."
    return f"{text} Of what has no address, such as buckets and queues, flow logs show nothing: there the probability is 0."


def _of(part: int, total: int) -> str:
    resources = count(total, "resource")
    return f"all {resources}" if part == total > 1 else f"{part:,} of {resources}" if part else f"none of {resources}"


def dependencies_sentence(view: ReadinessView) -> str:
    """How many dependencies there are, by how they are known."""
    edges = view.dependencies
    if edges is None:
        return relations_sentence(view)
    if not edges:
        return "No dependency between resources is known."
    both = sum(row.observed and row.configured for row in edges)
    seen = sum(row.observed and not row.configured for row in edges)
    stated = len(edges) - both - seen
    total = count(len(edges), "dependency", "dependencies")
    if both + seen == 0:
        logged = view.flow_logs is not None and view.flow_logs.days > 0
        why = "none was seen in traffic" if logged else "no flow logs were read, so traffic that configuration does not name is missing"
        return f"{total}, {agree(len(edges), '', 'all ')}stated by configuration; {why}."
    parts = [f"{both:,} seen in traffic and stated by configuration"] * bool(both)
    parts += [f"{seen:,} only seen"] * bool(seen) + [f"{stated:,} only stated"] * bool(stated)
    return f"{total}: {listing(parts)}."


def shut_sentence(edges: Sequence[EdgeRow]) -> str:
    """What was seen but is not let through any more; empty where nothing was seen, or not all of it was judged."""
    shut = sum(is_shut(row) for row in edges)
    judged = sum(row.observed and row.allowed is not None for row in edges)
    seen = sum(row.observed for row in edges)
    if shut:
        verbs = agree(shut, "was seen but is", "were seen but are")
        return f"{shut:,} {verbs} not allowed by today's rules any more: find out what changed before the rules are copied."
    if seen and not judged:
        return "Whether today's rules still let them through could not be told for any."
    return "All that was seen is still allowed by today's rules." if seen and judged == seen else ""


def is_shut(row: EdgeRow) -> bool:
    """Seen in traffic, but today's rules and routes do not let it through."""
    return row.observed and row.allowed is False


def unseen_places(coverage: Sequence[CoverageRow], type_: str) -> int:
    """In how many accounts and regions resources of that type may exist that were not listed."""
    return sum(row.type == type_ and row.status not in ("ok", "empty", "partial") for row in coverage)


def rules_sentence(rules: Sequence[RuleRow] | None, coverage: Sequence[CoverageRow] = ()) -> str:
    """How many security group rules were used, and where they could not be looked at."""
    unseen = unseen_places(coverage, "AWS::EC2::SecurityGroup")
    where = count(unseen, "account region")
    if rules is None:
        return "Security group rules were not compared with traffic in this snapshot."
    if not rules:
        return (
            f"Security groups could not be looked at in {where}, and no rule is known." if unseen else "No security group rule was found."
        )
    tally = Counter(row.finding for row in rules)
    parts = []
    for finding, label in FINDINGS.items():
        if tally[finding]:
            verb = agree(tally[finding], "is", "are") if finding == "no_bearer" else agree(tally[finding], "was", "were")
            parts.append(f"{tally[finding]:,} {verb} {label}")
    text = f"Of {count(len(rules), 'security group rule')} {listing(parts)}."
    return f"{text} In {where} they could not be looked at." if unseen else text


def open_sentence(rules: Sequence[RuleRow]) -> str:
    """How many rules let the whole world in, and how many let everything out."""
    wide = [row for row in rules if row.open_to_world]
    inward = [row for row in wide if row.direction == "ingress"]
    outward = len(wide) - len(inward)
    text = f"{count(len(inward), 'rule').capitalize()} {agree(len(inward), 'lets', 'let')} the whole world in"
    unused = sum(row.finding == "unused" for row in inward)
    if unused:
        text += f" ({unused:,} of them {agree(unused, 'was', 'were')} never used)"
    return f"{text}; {outward:,} {agree(outward, 'lets', 'let')} traffic out to all of it." if outward else f"{text}."


def risk_sentence(risks: Sequence[RiskRow] | None) -> str:
    """How many resources are at which risk, and how much of that is for want of measurements."""
    if risks is None:
        return "Risk was not scored in this snapshot."
    if not risks:
        return "No resource that can migrate was found, so there is no risk to score."
    tally = Counter(row.level for row in risks)
    high = [level for level in ("critical", "high") if tally[level]]
    parts = [f"{tally[level]:,} {agree(tally[level], 'is', 'are')} at {level}" for level in high]
    resources = count(len(risks), "resource")
    text = f"Of {resources} {listing(parts)} risk." if parts else f"None of {resources} is at high or critical risk."
    blind = sum(bool(row.not_measured) for row in risks)
    if not blind:
        return text
    (factor, most), *others = Counter(factor for row in risks for factor in row.not_measured).most_common()
    name = visible(factor).replace("_", " ")
    what = f"something was not measured, most often {name} ({most:,})" if others else f"{name} was not measured"
    return f"{text} For {blind:,} of the {len(risks):,} {what}; that counts at its maximum."


def workloads_sentence(view: ReadinessView) -> str:
    """How many resources belong to a workload."""
    if view.workloads is None:
        return "Workloads were not proposed in this snapshot."
    resources = count(len(view.resources), "resource")
    inside = len({row.uid for row in view.members} & {row.uid for row in view.resources})
    if not view.workloads:
        return f"None of {resources} belongs to a workload."
    return f"{inside:,} of {resources} {agree(inside, 'belongs', 'belong')} to {count(len(view.workloads), 'workload')}."


def sources_sentence(members: Sequence[MemberRow]) -> str:
    """Where workloads come from, the commonest source first; empty without any."""
    tally = Counter(row.source for row in members)
    commonest = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{amount:,} by {SOURCES.get(source, source)}" for source, amount in commonest]
    return f"Told by: {listing(parts, at_most=8)}." if parts else ""


def shared_sentence(shared: Sequence[SharedRow] | None, logs: FlowLogs | None) -> str:
    """How many resources serve so many that they are held out of grouping."""
    if shared is None:
        return "Shared services were not looked for in this snapshot."
    if not shared and (logs is None or not logs.days):
        return "Shared services are told by their traffic, and none was read."
    if not shared:
        return "No resource was found that serves so many that it would bind everything into one group."
    held = sum(row.held_out for row in shared)
    back = len(shared) - held
    text = "No shared service is held out of grouping"
    if held:
        serves, it, are = (agree(held, *forms) for forms in (("serves", "serve"), ("it", "they"), ("is", "are")))
        who = count(held, "resource")
        text = f"{who} {serves} so many others that {it} would bind them all into one group, and {are} held out of grouping"
    return f"{text}; {back:,} {agree(back, 'was', 'were')} put back by a person." if back else f"{text}."


def needed_sentence(rules: Sequence[NeededRuleRow]) -> str:
    """How many rules how many groups need."""
    groups = len({row.move_group for row in rules})
    if not groups:
        return "No traffic of a move group was seen, so no rule can be derived from it."
    need = f"{count(groups, 'move group').capitalize()} {agree(groups, 'needs', 'need')} {count(len(rules), 'rule')}"
    return f"{need} by what was seen; what was not seen is not in them."


def points(known: float, upper: float) -> str:
    """Known points, and the upper end where it differs."""
    low, high = round(known, 1), round(upper, 1)
    return f"{number(low)} to {number(high)}" if high > low else number(low)


def scored(known: float, upper: float) -> str:
    """The same with its noun: "1 point", "0 to 1 points"."""
    told = points(known, upper)
    return f"{told} {'point' if told == '1' else 'points'}"


def factor_number(value: float | None, unit: str | None) -> str:
    """What a factor's points come from, with its unit where that is a short one; the evidence says the rest."""
    if value is None:
        return "not measured"
    if unit == "yes or no":
        return "yes" if value else "no"
    return quantity(value, unit) if unit in ("bytes", "percent") else number(round(value, 2))


def window(logs: FlowLogs | None) -> str:
    """The days that were logged, such as "8 Nov 2026 to 21 Nov 2026"; empty without any."""
    if logs is None or logs.first_day_at is None or logs.last_day_at is None:
        return ""
    return f"{day(logs.first_day_at)} to {day(logs.last_day_at)}"
