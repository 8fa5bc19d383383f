"""What stands in the ribbon: how far the report can be trusted, from the view."""

from dataclasses import dataclass

from markupsafe import Markup

from reports.readiness import charts, words
from reports.readiness.dependency_view import FlowLogs
from reports.readiness.view import ReadinessView, Seen


@dataclass(frozen=True, slots=True)
class TrustItem:
    """One item of the ribbon."""

    label: str
    value: str
    note: str
    tone: str  # good, gap or plain
    chart: Markup


def trust_items(view: ReadinessView) -> tuple[TrustItem, ...]:
    """The ribbon, most important first."""
    trust = view.trust
    days = view.metrics_window.days
    failed = trust.failed_critical_checks + trust.failed_warning_checks
    asked = sum(row.asked for row in view.measured)
    with_data = sum(row.with_data for row in view.measured)
    refused = sum(row.refused for row in view.measured)
    return (
        _seen_item("Accounts seen in full", trust.accounts),
        _seen_item("Account regions seen in full", trust.regions),
        _seen_item("Services seen in full", trust.services),
        TrustItem(
            "Metrics",
            words.days(days) if asked else "not read",
            f"{with_data:,} of {words.count(asked, 'resource')} with data" if asked else "no utilisation in this report",
            "good" if asked and with_data == asked else "gap" if refused or not with_data else "plain",
            charts.parts_bar((("seen", with_data), ("not-seen", asked - with_data))),
        ),
        _flow_log_item(view.flow_logs),
        _chance_item(view.flow_logs),
        _price_item(view),
        _bill_item(view),
        TrustItem(
            "Data checks passed",
            f"{trust.checks - failed:,} of {trust.checks:,}" if trust.checks else "not run",
            _checks_note(view),
            "good" if trust.checks and not failed else "gap",
            charts.parts_bar(
                (("seen", trust.checks - failed), ("partly", trust.failed_warning_checks), ("not-seen", trust.failed_critical_checks))
            ),
        ),
    )


def _seen_item(label: str, seen: Seen) -> TrustItem:
    parts = (("seen", seen.seen), ("partly", seen.partly), ("not-seen", seen.not_seen))
    return TrustItem(
        label, words.seen(seen), words.not_seen_note(seen), "good" if 0 < seen.total == seen.seen else "gap", charts.parts_bar(parts)
    )


def _flow_log_item(logs: FlowLogs | None) -> TrustItem:
    """Days with flow logs, places that could not be read, and how much AWS skipped."""
    if logs is None or not logs.days:
        note = "not looked for" if logs is None else "no place named or found" if not logs.places else "no place gave a record"
        return TrustItem("Flow logs", "not read", note, "gap", charts.parts_bar(()))
    good = sum(row.status == "ok" for row in logs.places)
    empty = sum(row.status == "empty" for row in logs.places)
    stale = sum(row.seen_until_at is not None for row in logs.places)
    bad = len(logs.places) - good - empty - stale
    places = words.count(len(logs.places), "place")
    parts = [f"{bad:,} of {places} not read in full"] * bool(bad)
    parts += [f"newest data of {stale:,} of {places} not seen"] * bool(stale)
    parts += [f"{empty:,} empty"] * bool(empty) + [f"{words.pct(logs.skipped_share)} skipped"] * bool(logs.skipped_share)
    note = ", ".join(parts) or f"{words.agree(good, 'its one place', f'all {good} places')} read in full"
    chart = charts.parts_bar((("seen", good), ("partly", empty + stale), ("not-seen", bad)))
    return TrustItem("Flow logs", words.count(logs.days, "day"), note, "gap" if bad or stale else "plain" if parts else "good", chart)


def _chance_item(logs: FlowLogs | None) -> TrustItem:
    """At how many resources a weekly and a monthly dependency are certain to have been seen."""
    chances = logs.chances if logs and logs.days else ()
    label = "Weekly traffic surely seen"
    if not chances:
        return TrustItem(label, "nowhere", "nor monthly; silence proves nothing", "gap", charts.parts_bar(()))
    weekly = sum(row.weekly_seen_probability >= 1 for row in chances)
    monthly = sum(row.monthly_seen_probability >= 1 for row in chances)
    never = sum(row.fully_logged_days == 0 for row in chances)
    note = f"monthly at {monthly or 'none'}" + (f"; {never:,} never logged" if never else "")
    chart = charts.parts_bar((("seen", weekly), ("partly", len(chances) - weekly - never), ("not-seen", never)))
    return TrustItem(
        label, f"{weekly:,} of {len(chances):,}", note, "gap" if never else "plain" if monthly < len(chances) else "good", chart
    )


def _price_item(view: ReadinessView) -> TrustItem:
    """Of when prices are, and how many are dated samples."""
    lists = view.costs.price_lists if view.costs else ()
    prices, samples = sum(row.prices for row in lists), sum(row.samples for row in lists)
    if not prices:
        return TrustItem("Prices", "not read", "so nothing is priced", "gap", charts.parts_bar(()))
    oldest = min((row.sampled_on for row in lists if row.sampled_on), default=None)
    note = f"{samples:,} of {prices:,} are dated samples{f', the oldest of {oldest.day} {oldest:%b %Y}' if oldest else ''}"
    chart = charts.parts_bar((("seen", prices - samples), ("partly", samples)))
    return TrustItem("Prices", f"{prices:,}", note if samples else "read from AWS", "gap" if samples else "good", chart)


def _bill_item(view: ReadinessView) -> TrustItem:
    """Whether the present bill was reproduced, and how nearly."""
    rows = view.costs.baseline if view.costs else ()
    if not rows:
        return TrustItem("Bill reproduced", "not checked", "no bill to hold against", "gap", charts.parts_bar(()))
    good, bad, partly = (sum(row.verdict == verdict for row in rows) for verdict in ("matches", "differs", "partly"))
    worst = max((abs(row.error_pct) for row in rows if row.error_pct is not None), default=0.0)
    note = (
        f"{bad:,} off by more than {rows[0].limit_pct:g}{words.NARROW_SPACE}%"
        if bad
        else f"none off by more than {worst:.1f}{words.NARROW_SPACE}%{f'; {partly:,} mostly without prices' if partly else ''}"
    )
    chart = charts.parts_bar((("seen", good), ("partly", len(rows) - good - bad), ("not-seen", bad)))
    return TrustItem("Bill reproduced", f"{good:,} of {words.count(len(rows), 'service')}", note, "gap" if bad else "good", chart)


def _checks_note(view: ReadinessView) -> str:
    trust = view.trust
    if not trust.checks:
        return "no data checks were run"
    parts = [f"{trust.failed_critical_checks:,} critical"] * bool(trust.failed_critical_checks)
    parts += [words.count(trust.failed_warning_checks, "warning")] * bool(trust.failed_warning_checks)
    return ", ".join(parts) or "all passed"
