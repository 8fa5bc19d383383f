"""A recommendation in words: why, with its numbers; why not the others; what was not measured. Names and tags are text, never templates."""

import math
from collections.abc import Callable, Mapping
from functools import cache

from cloudmigrate.domain.effort import effort_hours
from cloudmigrate.domain.pattern_features import Pattern
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.strategy_facts import Cost, Kind, StrategyFacts, Windows, talks
from cloudmigrate.domain.strategy_table import OneOf, Row, words_of
from cloudmigrate.domain.strategy_tags import MANAGED_PORTS, MANAGED_WORDS
from cloudmigrate.domain.wave_words import counted

NAMED_AT_MOST = 3
_MANAGED_BY = dict([*MANAGED_PORTS.values(), *((word, service) for word, (_, service) in MANAGED_WORDS.items())])


class _Numbers(dict[str, str]):
    """The numbers of one resource by the names that templates use, each told only when asked for."""

    def __init__(self, one: StrategyFacts, windows: Windows) -> None:
        super().__init__()
        self._of = one, windows

    def __missing__(self, name: str) -> str:
        found = self[name] = _NUMBERS[name](*self._of)
        return found


def numbers_of(one: StrategyFacts, windows: Windows) -> Mapping[str, str]:
    """What a row's reason may name."""
    return _Numbers(one, windows)


def reasons_of(one: StrategyFacts, row: Row, windows: Windows) -> list[str]:
    """Why, first what decided, then what else bears on it, then what would change it."""
    found = [row.reason.format_map(numbers_of(one, windows))]
    found += filter(None, (line(one, row, windows) for line in _FURTHER))
    found.append(f"would change it: {row.change}")
    return found


@cache
def asks_for(row: Row, unmet: int, chosen: Row) -> str:
    """What a row asks for and does not get, whatever the resource has instead."""
    missing = [words_of(condition) for bit, condition in enumerate(row.when) if unmet >> bit & 1]
    return f"only if {' and '.join(missing)}" if missing else f"row {chosen.name} comes first"


def why_not(one: StrategyFacts, row: Row, unmet: int, chosen: Row, windows: Windows) -> str:
    """Why the runner-up, by its nearest row, was not chosen, with what the resource has instead."""
    missing = [condition for bit, condition in enumerate(row.when) if unmet >> bit & 1]
    if not missing:
        return f"row {chosen.name} comes first"
    kinds = next((condition for condition in missing if condition.feature == "kind"), None)
    if isinstance(kinds, OneOf):
        return _other_kind(row.name, kinds, one.kind)
    told = [f"only if {words_of(condition)}, and {_value(one, condition.feature, windows)}" for condition in missing]
    return "; ".join(told)


@cache
def _other_kind(row: str, kinds: OneOf, kind: Kind) -> str:
    return f"{row} is for {' and '.join(sorted(kinds.words))}, and this is of the kind {kind}"


def _value(one: StrategyFacts, feature: str, windows: Windows) -> str:
    return _VALUES[feature](one, windows)


def callers_words(one: StrategyFacts, windows: Windows) -> str:
    """Who needs it, or how far that was looked at."""
    if one.callers:
        named = ", ".join(one.named_callers[:NAMED_AT_MOST])
        more = one.callers - min(len(one.named_callers), NAMED_AT_MOST)
        others = f" and {more} more" if named and more else ""
        return f"{one.callers} other{' needs' if one.callers == 1 else 's need'} it" + (f" ({named}{others})" if named else "")
    if one.is_shared is None:
        return "who needs it was not looked at: dependencies were never mapped"
    if not talks(one.type):
        unread = f", but {one.unread_statements} was not read whole" if one.unread_statements else ""
        return f"no configuration states a need of it{unread}" + (
            "" if one.kind in (Kind.PIECE, Kind.VOLUME) else "; traffic never shows it"
        )
    unread = f"; {one.unread_statements} was not read whole" if one.unread_statements else ""
    days = one.logged_days or 0
    return f"no caller on {days} fully logged day{'' if days == 1 else 's'} of {windows.flow_log_days}{unread}"


def _network_words(one: StrategyFacts, _: Windows) -> str:
    if one.network_mb_a_day_max is None:
        return "its network was not measured"
    return f"its network carries {one.network_mb_a_day_max:.1f} MB on its busiest day"


def _peak_words(one: StrategyFacts, _: Windows) -> str:
    return "its load was not measured" if one.peak_pct is None else f"it peaks at {one.peak_pct:.1f} %"


def _pattern_words(one: StrategyFacts, _: Windows) -> str:
    if one.pattern is None:
        return "its pattern of use was not told"
    return f"its pattern is {one.pattern}" + (f" ({one.pattern_reason})" if one.pattern_reason else "")


def _support_words(one: StrategyFacts, _: Windows) -> str:
    days = one.days_since_support
    if days is None:
        return "until when its version is supported is not known"
    if math.isinf(days):
        return f"{one.support} is supported with no end announced"
    return f"support of {one.support} {f'ended {days:.0f} days ago' if days >= 0 else f'ends in {-days:.0f} days'}"


def _saving_words(one: StrategyFacts, _: Windows) -> str:
    now, then = one.costs.get("rehost"), one.costs.get("replatform")
    if now is None or then is None or not (now.is_whole and then.is_whole):
        return "what replatforming would cost is not known"
    return f"replatforming costs {_usd(then)} a month against {_usd(now)}"


def _product_words(one: StrategyFacts, _: Windows) -> str:
    return one.product_evidence or "neither a tag nor an answering port names a product"


# What a resource has of each feature, as the second half of a sentence.
_VALUES: Mapping[str, Callable[[StrategyFacts, Windows], str]] = {
    "kind": lambda one, _: f"its kind is {one.kind}",
    "pattern": _pattern_words,
    "peak_pct": _peak_words,
    "network_mb_a_day": _network_words,
    "connections": lambda one, _: (
        "connections were not measured" if one.connections_max is None else f"it had {one.connections_max:g} at once"
    ),
    "duty_cycle": lambda one, _: "its load was not measured" if one.duty_cycle is None else f"it is at work in {one.duty_cycle:.0%}",
    "callers": callers_words,
    "shared": lambda one, _: "it is a shared service" if one.is_shared else "it is no shared service",
    "licence": lambda one, _: f"its licence is {one.licence or 'not known'}",
    "placement": lambda one, _: f"its placement is {one.placement or 'not known'}",
    "volume_type": lambda one, _: f"it is {one.volume_type or 'of a type that was not read'}",
    "attachment": lambda one, _: {True: "it is attached", None: "that was not read"}.get(one.attached, "whether it was used is not known"),
    "product": _product_words,
    "compliance": lambda one, _: f"tag {one.compliance_tag}" if one.compliance_tag else "no tag names a rule",
    "told": lambda one, _: f"a tag states {one.told}" if one.told else "no tag states it",
    "days_since_support": _support_words,
    "saving_share": _saving_words,
}


def _usd(cost: Cost) -> str:
    return f"{cost.usd:,.2f} USD"


def _saving(one: StrategyFacts, _: Windows) -> str:
    now, then = one.costs.get("rehost"), one.costs.get("replatform")
    if now is None or then is None or not now.usd:
        return "; what it saves is not known, as it is not priced"
    return f" {now.usd - then.usd:,.2f} USD of {now.usd:,.2f} a month ({1 - then.usd / now.usd:.0%})"


def _callers_note(one: StrategyFacts, windows: Windows) -> str:
    return "" if one.kind is Kind.PIECE else f"; {callers_words(one, windows)}"


_NUMBERS: Mapping[str, Callable[[StrategyFacts, Windows], str]] = {
    "compliance_tag": lambda one, _: one.compliance_tag or "",
    "pattern_reason": lambda one, _: one.pattern_reason or "no reason told",
    "callers": callers_words,
    "callers_note": _callers_note,
    "placement": lambda one, _: one.placement or "not read",
    "product": lambda one, _: one.product or "",
    "product_evidence": lambda one, _: one.product_evidence or "",
    "managed": lambda one, _: _MANAGED_BY.get(one.product or "", "a managed service"),
    "support": lambda one, _: one.support or "",
    "days_since_support": lambda one, _: f"{one.days_since_support or 0:.0f}",
    "saving": _saving,
    "duty": lambda one, _: f"{one.duty_cycle or 0:.0%}",
}


def _cost_line(one: StrategyFacts, row: Row, _: Windows) -> str | None:
    told = []
    for scenario, words in (
        ("as_is", "now"),
        ("rehost", "like for like"),
        ("rehost_rightsized", "rightsized"),
        ("replatform", "replatformed"),
    ):
        cost = one.costs.get(scenario)
        if cost is not None:
            told.append(f"{words} {_usd(cost)}{'' if cost.is_whole else ' (not all of it priced)'}")
    return f"a month on demand: {', '.join(told)}" if told else None


def _size_line(one: StrategyFacts, row: Row, _: Windows) -> str | None:
    if row.strategy is not Strategy.REHOST or one.sizing not in ("smaller", "larger") or one.target_type is None:
        return None
    return f"its use needs {one.target_type}, not {one.current_type}: {_size_money(one)}"


def _size_money(one: StrategyFacts) -> str:
    """What the size that use needs costs more or less than the size that it has, where both are priced."""
    now, then = one.costs.get("rehost"), one.costs.get("rehost_rightsized")
    if now is None or then is None or not (now.is_whole and then.is_whole):
        return "what that costs beside the present size is not known"
    more = then.usd - now.usd
    if more > 0:
        return f"that costs {more:,.2f} USD a month more, {_usd(then)} against {_usd(now)}, and is no saving"
    if more < 0:
        return f"that saves {-more:,.2f} USD a month, {_usd(then)} against {_usd(now)}"
    return f"that costs the same, {_usd(now)} a month"


def _licence_line(one: StrategyFacts, row: Row, _: Windows) -> str | None:
    said = {
        "windows": "Windows: the licence is part of the price, or has to be brought",
        "sql_server": "SQL Server: check licences before the move",
        "oracle": "Oracle: check licences before the move",
        "marketplace": "from a marketplace image: subscribe to it again in the target",
    }
    return said.get(one.licence or "")


def _support_line(one: StrategyFacts, row: Row, windows: Windows) -> str | None:
    days = one.days_since_support
    if row.name == "support-ended" or days is None or days < -365:
        return None
    return _support_words(one, windows)


def _work_line(one: StrategyFacts, row: Row, _: Windows) -> str:
    return f"work: {row.work} ({counted(effort_hours(one.type, row.strategy), 'hour')})"


def _idle_line(one: StrategyFacts, row: Row, windows: Windows) -> str | None:
    """That nobody seems to use it, where it is not to be retired: who should be asked before work goes into it, and why it is kept."""
    if one.pattern != Pattern.IDLE or row.strategy is Strategy.RETIRE:
        return None
    kept = "it is a shared service" if one.is_shared else callers_words(one, windows)
    return (
        f"it is idle ({one.pattern_reason or 'no reason told'}), but is not to be retired: {kept}. Ask its owner before work goes into it"
    )


_FURTHER = (_idle_line, _cost_line, _size_line, _licence_line, _support_line, _work_line)
