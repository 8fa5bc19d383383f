"""The report's sentences on the plan's calendar, what runs across sites meanwhile, and what people decided."""

from collections.abc import Sequence
from datetime import date

from reports.readiness.plan_view import Crossing, Cut, FreezeWindow, Plan, Wave
from reports.readiness.words import agree, count, listing, number, size


def day_of(at: date) -> str:
    """Such as "1 Dec 2026"."""
    return f"{at.day} {at:%b %Y}"


def days_of(first: date | None, last: date | None) -> str:
    """Such as "1 Dec 2026", "1 to 3 Dec 2026" or "30 Nov to 2 Dec 2026"; "no date" without one."""
    if first is None:
        return "no date"
    if last is None or last <= first:
        return day_of(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_of(last)}"
    return f"{first.day} {first:%b} to {day_of(last)}" if first.year == last.year else f"{day_of(first)} to {day_of(last)}"


def calendar_sentence(plan: Plan) -> str:
    """From when to when; empty for a plan without dates."""
    dated = [wave for wave in plan.waves if wave.starts_on is not None]
    if not dated:
        return ""
    first = min(wave.starts_on for wave in dated if wave.starts_on)
    last = max(wave.ends_on or wave.starts_on for wave in dated if wave.starts_on)
    text = f"The first wave starts on {day_of(first)}, the last ends on {day_of(last)}"
    if plan.freeze_windows:
        windows = count(len(plan.freeze_windows), "freeze window")
        text += f"; {windows} {agree(len(plan.freeze_windows), 'is', 'are')} kept free"
        if scoped := sorted({name for window in plan.freeze_windows for name in window.environments}):
            text += f" of what is tagged {listing(scoped)}; what has no such tag may move in it"
    return f"{text}."


def pilots_sentence(waves: Sequence[Wave]) -> str:
    """Which waves are pilots; empty where none is."""
    pilots = [str(wave.wave) for wave in waves if wave.pilot]
    if not pilots:
        return ""
    head, are = agree(len(pilots), "Wave", "Waves"), agree(len(pilots), "is a pilot", "are pilots")
    return f"{head} {listing(pilots, at_most=9)} {are}, small on purpose."


# What the settings of a plan mean, in this order; one that is false or 0 says nothing.
_SETTINGS = {
    "max_resources_per_wave": "at most {} resources a wave",
    "max_servers_per_wave": "at most {} servers a wave",
    "max_effort_hours_per_wave": "at most {} hours of work a wave",
    "pilot_waves": "pilots: the first {} waves",
    "pilot_max_servers": "at most {} servers in a pilot",
    "first_wave_on": "wave 1 on {}",
    "days_between_waves": "days from one wave to the next: {}",
    "wave_days": "days of a wave: {}",
    "separate_layers": "what is needed moves in an earlier wave",
    "min_confidence": "dependencies of less confidence than {} do not count",
    "link_latency_ms": "assumed between the sites: {} ms",
    "transfer_usd_per_gb": "assumed price of data between the sites: {} USD per GB",
}


def policy_sentence(policy: Sequence[tuple[str, str]]) -> str:
    """How large waves may be and when they are, as the plan was asked to; empty where it does not say."""
    given = {name: value.removesuffix(".0") for name, value in policy}
    told = [words.format(given.pop(name)) for name, words in _SETTINGS.items() if given.get(name) not in {None, "0", "False"}]
    told += [f"{name.replace('_', ' ')} {value}" for name, value in given.items() if name not in _SETTINGS]
    return f"Asked for: {'; '.join(told)}." if told else ""


def crossings_sentence(crossings: Sequence[Crossing]) -> str:
    """What runs across sites while the waves are under way."""
    if not crossings:
        return "No traffic was seen between move groups of different waves."
    per_day = sum(row.bytes_per_day for row in crossings)
    pairs = count(len(crossings), "pair of move groups", "pairs of move groups")
    amount = f"{size(round(per_day))} a day"
    return f"Between {pairs} of different waves {amount} was seen: it crosses sites from the earlier wave until the later one."


def cuts_sentence(cuts: Sequence[Cut]) -> str:
    """How many groups are too large for a wave."""
    are, they, each = (agree(len(cuts), *forms) for forms in (("is", "are"), ("It moves", "They move"), ("it", "each")))
    too_large = f"{count(len(cuts), 'move group').capitalize()} {are} larger than a wave may be"
    return f"{too_large}. {they} whole; here is where {each} could be cut with the least traffic across."


def cut_cost(cut: Cut) -> str:
    """What the cut would cost while it lasts."""
    parts = [f"{size(round(cut.bytes_per_s))}/s over {count(len(cut.edges), 'dependency', 'dependencies')}"]
    if cut.added_latency_ms is not None:
        parts.append(f"{number(cut.added_latency_ms)} ms more per round trip")
    if cut.transfer_usd_per_day is not None:
        parts.append(f"{cut.transfer_usd_per_day:,.2f} USD a day for transfer")
    return listing(parts)


def decisions_sentence(plan: Plan) -> str:
    """What people decided about the plan; empty where nothing."""
    parts = [f"{count(len(plan.pins), 'resource')} pinned to a wave"] * bool(plan.pins)
    parts += [f"{count(len(plan.excluded), 'resource')} taken out"] * bool(plan.excluded)
    parts += [f"{count(len(plan.retired), 'resource')} retired by a wave"] * bool(plan.retired)
    return f"By people's decisions: {listing(parts)}." if parts else ""


def levels_text(levels: Sequence[tuple[str, int]]) -> str:
    """Such as "1 high, 3 low"; empty where none is known."""
    return ", ".join(f"{amount:,} {level}" for level, amount in levels)


def freeze_text(window: FreezeWindow) -> str:
    """The days and the reason."""
    only = f" (only {listing(window.environments)})" if window.environments else ""
    return f"{days_of(window.first_on, window.last_on)}{f': {window.reason}' if window.reason else ''}{only}"
