"""The report's sentences on patterns of use and on sizes."""

from collections import Counter
from collections.abc import Sequence

from reports.readiness.use_view import DimensionRow, PatternRow, SizingRow
from reports.readiness.words import NARROW_SPACE, agree, count, listing, number, pct

MEANINGS = {
    "idle": "a rule of AWS says so, and its network (of a database, its connections) was measured",
    "batch": "near idle, and at work in up to a quarter of the hours, in a rhythm of days or weeks",
    "bursty": "low, and at times without a rhythm much more",
    "diurnal": "a swing over the day that repeats",
    "growing": "a trend upwards of at least 15 % of the level a week",
    "declining": "a trend downwards of at least 15 % of the level a week",
    "steady": "about the same all the time",
    "insufficient_data": "too little was measured to tell; the reason says what is missing",
}
DIMENSION_WORDS = {
    "cpu": "CPU",
    "memory": "memory",
    "network": "network",
    "iops": "disk operations",
    "throughput": "disk throughput",
    "credits": "CPU credits",
}
VERDICTS = {"smaller": "could be smaller", "larger": "too small", "keep": "fits", "insufficient_data": "not known"}
RUN = "`cloudmigrate metrics` reads what is measured and analyses it."


def plain(word: str) -> str:
    """A word of the data as people write it."""
    return word.replace("_", " ")


def patterns_sentence(rows: Sequence[PatternRow] | None) -> str:
    """How many resources have which pattern."""
    if rows is None:
        return f"Patterns of use were not told in this snapshot. {RUN}"
    if not rows:
        return "No server, database or cache was found, so there is no pattern of use to tell."
    tally = Counter(row.pattern for row in rows)
    unknown = tally.pop("insufficient_data", 0)
    total = count(len(rows), "resource")
    if not tally:
        return f"None of {total} with a load was measured well enough to say what it does all day."
    parts = [f"{amount:,} {agree(amount, 'is', 'are')} {word}" for word, amount in sorted(tally.items(), key=lambda one: (-one[1], one[0]))]
    rest = f"; for {unknown:,} too little was measured" if unknown else ""
    return f"Of {total} with a load {listing(parts, at_most=8)}{rest}."


def idle_patterns_sentence(rows: Sequence[PatternRow]) -> str:
    """What is idle by a rule of AWS, and what only looks so; empty where neither."""
    idle = sum(row.pattern == "idle" for row in rows)
    looks = sum(row.rule == "looks-idle-unproved" for row in rows)
    parts = [f"{count(idle, 'resource').capitalize()} {agree(idle, 'is', 'are')} idle by a rule of AWS"] * bool(idle)
    if looks:
        subject = f"{looks:,} more" if idle else count(looks, "resource").capitalize()
        parts.append(f"{subject} {agree(looks, 'looks', 'look')} idle, but {agree(looks, 'its', 'their')} network was not measured")
    return f"{'; '.join(parts)}." if parts else ""


def pattern_numbers(row: PatternRow) -> str:
    """The features behind a verdict, in a line; those that are not known are left out."""
    found = [
        ("mean", _points(row.level_mean_pct)),
        ("p95", _points(row.high_pct)),
        ("peak", _points(row.peak_pct)),
        ("busy", pct(row.duty_cycle) if row.duty_cycle is not None else ""),
        ("days alike", _signed(row.autocorrelation_day)),
        ("weeks alike", _signed(row.autocorrelation_week)),
        ("trend", f"{row.trend:+.1f} points a week" if row.trend is not None else ""),
        ("network", f"{number(row.network_mb_a_day)} MB a day" if row.network_mb_a_day is not None else ""),
    ]
    return ", ".join(f"{name} {text}" for name, text in found if text)


def _points(value: float | None) -> str:
    return "" if value is None else f"{number(round(value, 1))}{NARROW_SPACE}%"


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def sizes_sentence(rows: Sequence[SizingRow] | None) -> str:
    """How many sizes could be smaller, are too small, fit, or are not known."""
    if rows is None:
        return f"Sizes were not compared with use in this snapshot. {RUN}"
    if not rows:
        return "Nothing that has a size was found."
    tally = Counter(row.verdict for row in rows)
    total = count(len(rows), "size")
    known = [
        (tally["smaller"], "could be smaller", "could be smaller"),
        (tally["larger"], "is too small", "are too small"),
        (tally["keep"], "fits its use", "fit their use"),
    ]
    parts = [f"{amount:,} {agree(amount, one, many)}" for amount, one, many in known if amount]
    unknown = tally["insufficient_data"]
    if not parts:
        return f"Of {total} none could be judged; the reasons are below."
    return f"Of {total} {listing(parts)}{f'; {unknown:,} could not be judged' if unknown else ''}."


def size_change(row: SizingRow) -> str:
    """Such as "m5.xlarge to m5.large"; the present size alone where there is no other."""
    return f"{row.current_type} to {row.target_type}" if row.target_type and row.target_type != row.current_type else row.current_type


def replay_sentence(row: SizingRow) -> str:
    """How the recorded use would have gone on the size: "CPU short 37 of 43,200 minutes; memory never short in 43,200"."""
    measured = [one for one in row.dimensions if one.measured_minutes]
    if not measured:
        return "Nothing was replayed."
    size = row.target_type or row.current_type
    short = sorted((one for one in measured if one.short_minutes), key=lambda one: -(one.short_minutes or 0))
    never = [one for one in measured if not one.short_minutes]
    parts = [_short(one) for one in short]
    if never:
        names = listing([DIMENSION_WORDS[one.dimension] for one in never], at_most=6)
        least = min(round(one.measured_minutes or 0) for one in never)
        parts.append(f"{names} never short in {count(least, 'minute')}")
    text = "; ".join(parts)
    return f"On {size}: {text}."


def _short(row: DimensionRow) -> str:
    short, measured = round(row.short_minutes or 0), round(row.measured_minutes or 0)
    return f"{DIMENSION_WORDS[row.dimension]} short {short:,} of {count(measured, 'minute')}"


def risk_text(risk: int | None) -> str:
    """The risk of a size, 0 to 4, with its word."""
    return "–" if risk is None else f"{risk} ({('none', 'very low', 'low', 'medium', 'high')[risk]})"
