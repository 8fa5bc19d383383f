"""The evidence of each factor as a sentence, with its number, for people: what was seen, and what was not."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.effort import complexity_of
from cloudmigrate.domain.end_of_life import NO_END, product_of, support_ends
from cloudmigrate.domain.risk_factors import CLASSES, CRITICALITY_TAGS, CRITICALITY_WORDS, DAY_S, GIB
from cloudmigrate.domain.risk_facts import Degree, ResourceFacts


def sentence(factor: str, one: ResourceFacts, *, as_of: datetime) -> str:
    """Why *one* has its points in that factor, on the day of *as_of*."""
    return SENTENCES[factor](one, as_of.astimezone(UTC))


def _inbound(one: ResourceFacts, _: datetime) -> str:
    said = _side(one.inbound, "other needs it", "others need it", "nothing is known to need it")
    missing = [] if one.traffic_was_read else ["flow logs do not cover it"]
    missing += [f"{one.inbound_unread} could not be read whole"] if one.inbound_unread else []
    return said + (f"; there may be more, as {' and '.join(missing)}" if missing else "")


def _outbound(one: ResourceFacts, _: datetime) -> str:
    degree = one.outbound
    said = _side(degree, "other is needed by it", "others are needed by it", "it is not known to need anything")
    if one.outbound_is_known:
        return said
    missing = "its own configuration could not be read whole" if one.outbound_unread else "flow logs do not cover it"
    return f"{said}; there may be more, as {missing}"


def _side(degree: Degree, single: str, several: str, none: str) -> str:
    if not degree.others:
        return none
    return f"{counted(degree.others, single, several)}, {degree.observed:,} of them seen in traffic (weighted {degree.weight:g})"


def _missing_evidence(one: ResourceFacts, _: datetime) -> str:
    if one.monthly_seen_probability is None:
        return "no flow logs of it were read, so nothing that happens only now and then can be ruled out"
    days = counted(one.fully_logged_days or 0, "fully logged day", "fully logged days")
    return f"what happens once a month would have been seen with probability {one.monthly_seen_probability:.2f} ({days})"


def _data_volume(one: ResourceFacts, _: datetime) -> str:
    return "its size was not read" if one.storage_bytes is None else f"{one.storage_bytes / GIB:,.1f} GiB to carry over"


def _statefulness(one: ResourceFacts, _: datetime) -> str:
    if one.stateful is None:
        return "whether it holds data was not read"
    return "holds data that must not diverge during the move" if one.stateful else "holds no data that the move must keep in step"


def _downtime_tolerance(one: ResourceFacts, _: datetime) -> str:
    word = (one.criticality or "").strip().lower()
    if word not in CRITICALITY_WORDS:
        return f"no tag says how critical it is ({', '.join(CRITICALITY_TAGS)})"
    return f'tagged "{word}": class {CRITICALITY_WORDS[word]} of 3'


def _target_complexity(one: ResourceFacts, _: datetime) -> str:
    number = complexity_of(one.type, one.strategy)
    if number is None:
        return f"the table has no type {one.type}"
    decided = f", which a person decided to {one.strategy}" if one.strategy else ""
    return f"{one.type}{decided}, class {number} of 5: {CLASSES.get(number, 'it stays, so nothing is made')}"


# What lets everybody in where there is no address of its own that rules could guard, in words: open, and not.
_LETS_IN = {
    "AWS::S3::Bucket": (
        "its policy or ACL lets everybody in, and no block of public access keeps them out",
        "neither policy nor ACL lets everybody in, or public access is blocked",
    ),
    "AWS::SNS::Topic": ("its policy lets everybody in", "its policy lets in nobody but whom it names"),
    "AWS::SQS::Queue": ("its policy lets everybody in", "its policy lets in nobody but whom it names"),
    "AWS::Lambda::Function": ("its policy or url lets everybody call it", "neither its policy nor a url lets everybody call it"),
    "AWS::DynamoDB::Table": ("it is open to everybody", "reached with the account's own credentials only"),
}


def _exposure(one: ResourceFacts, _: datetime) -> str:
    if one.type in _LETS_IN:
        opened, closed = _LETS_IN[one.type]
        return "whether it lets everybody in was not read" if one.public_address is None else opened if one.public_address else closed
    address = {None: "whether it has a public address was not read", True: "a public address", False: "no public address"}
    if one.open_rules is None:
        rules = "what may reach it was not read"
    else:
        rules = counted(one.open_rules, "rule open to the world", "rules open to the world")
    return f"{address[one.public_address]}; {rules}"


def _peak_load(one: ResourceFacts, _: datetime) -> str:
    return "its CPU was not measured" if one.cpu_p99_pct is None else f"99 of 100 CPU readings were at or under {one.cpu_p99_pct:.1f} %"


def _change_rate(one: ResourceFacts, _: datetime) -> str:
    if one.writes_p99_per_s is None:
        return "its writes were not measured"
    return f"99 of 100 readings were at or under {one.writes_p99_per_s:,.1f} writes a second"


def _age(one: ResourceFacts, as_of: datetime) -> str:
    if one.created_at is None:
        return "the service does not tell when it was created"
    days = counted(int((as_of - one.created_at).total_seconds() // DAY_S), "day", "days")
    day = f"{one.created_at.astimezone(UTC):%Y-%m-%d}"
    return f"{days} old at least: it was there on {day}" if one.may_be_older else f"{days} old: created on {day}"


def _end_of_life(one: ResourceFacts, as_of: datetime) -> str:
    what = one.runtime or " ".join(filter(None, (one.engine, one.engine_version)))
    if not what:
        return "its engine or runtime was not read"
    if one.runtime is None and one.engine_version is None:
        return f"which version of {what} it runs was not read"
    product, end = product_of(one.engine, one.runtime), support_ends(one.engine, one.engine_version, one.runtime)
    if product is None or end is None:
        return f"the table of support dates has no {what}"
    told = f"({product.name}, read on {product.read_on})"
    if end == NO_END:
        return f"{what}: in standard support, no end announced {told}"
    return f"{what}: standard support {'ended' if end < as_of.date() else 'ends'} on {end} {told}"


SENTENCES: Mapping[str, Callable[[ResourceFacts, datetime], str]] = {
    "inbound_dependencies": _inbound,
    "outbound_dependencies": _outbound,
    "missing_evidence": _missing_evidence,
    "data_volume": _data_volume,
    "statefulness": _statefulness,
    "downtime_tolerance": _downtime_tolerance,
    "target_complexity": _target_complexity,
    "exposure": _exposure,
    "peak_load": _peak_load,
    "change_rate": _change_rate,
    "age": _age,
    "end_of_life": _end_of_life,
}
