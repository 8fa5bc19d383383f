"""Which strategy fits which resource: one table of ordered rows, the first whose conditions all hold decides.

A row says under which conditions on named features it holds, what it proposes, the reason in words with its numbers, what work it is, and
what would change it. Nothing is decided outside it. Thresholds are judgement unless a row names a source.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from cloudmigrate.domain.patterns import BATCH_DUTY_AT_MOST, IDLE_MB_BELOW, QUIET_PEAK_PCT
from cloudmigrate.domain.strategies import MEANINGS, WORKLOAD_RULES, Strategy
from cloudmigrate.domain.strategy_features import BY_NAME, FEATURES, NumberFeature

NOBODY = 0.5  # between none and one, so that both are as far from it


@dataclass(frozen=True, slots=True)
class AtMost:
    """The feature is at most *limit*; *scale* away from it is as far as can be."""

    feature: str
    limit: float
    scale: float


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The feature is at least *limit*."""

    feature: str
    limit: float
    scale: float


@dataclass(frozen=True, slots=True)
class OneOf:
    """The feature is one of these words."""

    feature: str
    words: frozenset[str]


Condition = AtMost | AtLeast | OneOf


@dataclass(frozen=True, slots=True)
class Row:
    """One rule. *reason* is a template over the numbers of ``strategy_words.numbers_of``."""

    name: str
    strategy: Strategy
    when: tuple[Condition, ...]
    reason: str
    work: str
    change: str  # what would change it
    is_stated: bool = False  # by people: among alternatives of equal distance it is named last


def _is(feature: str, *words: str) -> OneOf:
    return OneOf(feature, frozenset(words))


NOBODY_CALLS = AtMost("callers", NOBODY, NOBODY)
NOT_SHARED = _is("shared", "no")


def _told(strategy: Strategy, *more: Condition) -> Row:
    return Row(
        f"told-{strategy}",
        strategy,
        (_is("told", strategy), *more),
        f'a tag states "{strategy}"',
        "as the strategy takes",
        "another word in the tag, or an override",
        is_stated=True,
    )


TABLE: tuple[Row, ...] = (
    Row(
        "bound",
        Strategy.RETAIN,
        (_is("compliance", "bound"),),
        "the tag {compliance_tag} keeps it where it is",
        "none",
        "lifting the rule that the tag stands for",
    ),
    _told(Strategy.RETAIN),
    _told(Strategy.REFACTOR),
    _told(Strategy.REPURCHASE),
    _told(Strategy.RELOCATE),
    _told(Strategy.REPLATFORM),
    _told(Strategy.REHOST),
    _told(Strategy.RETIRE, NOBODY_CALLS, NOT_SHARED),
    Row(
        "idle-server",
        Strategy.RETIRE,
        (
            _is("kind", "server", "cache"),
            _is("pattern", "idle"),
            AtMost("peak_pct", QUIET_PEAK_PCT, QUIET_PEAK_PCT),
            AtMost("network_mb_a_day", IDLE_MB_BELOW, IDLE_MB_BELOW),
            NOBODY_CALLS,
            NOT_SHARED,
        ),
        "idle ({pattern_reason}), and nobody needs it: {callers}",
        "ask its owner, take a last copy, switch it off",
        "one busy hour, one caller, or an owner who needs it",
    ),
    Row(
        "idle-database",
        Strategy.RETIRE,
        (
            _is("kind", "database"),
            _is("pattern", "idle"),
            AtMost("peak_pct", QUIET_PEAK_PCT, QUIET_PEAK_PCT),
            AtMost("connections", NOBODY, NOBODY),
            NOBODY_CALLS,
            NOT_SHARED,
        ),
        "idle ({pattern_reason}), and nobody needs it: {callers}",
        "ask its owner, take a last snapshot, delete it",
        "one connection, one caller, or an owner who needs it",
    ),
    Row(
        "unused-volume",
        Strategy.RETIRE,
        (_is("kind", "volume"), _is("attachment", "unused"), NOBODY_CALLS),
        "attached to nothing, and nothing was read or written in the window",
        "take a snapshot, delete it",
        "attaching it, or an owner who needs its data",
    ),
    Row(
        "own-host",
        Strategy.RELOCATE,
        (_is("kind", "server"), _is("placement", "dedicated", "host", "metal", "vmware")),
        "it runs on hardware of its own ({placement}), with what is licensed or virtualised there",
        "get hosts or a hypervisor in the target, move what is on them together",
        "shared tenancy, if licence and rules allow it",
    ),
    Row(
        "shared-service",
        Strategy.REHOST,
        (_is("shared", "yes"),),
        "many others use it ({callers}): it moves early and as it is",
        "move it before those that use it",
        "deciding that it is no shared service (`cloudmigrate decide shared`)",
    ),
    Row(
        "sold-as-service",
        Strategy.REPURCHASE,
        (_is("kind", "server"), _is("product", "sold_as_service"), _is("compliance", "none")),
        "{product_evidence}: its maker sells {product} as a service",
        "ask for an offer, carry the data over, end the licence",
        "an offer that costs more, or needs that it does not meet",
    ),
    Row(
        "support-ended",
        Strategy.REPLATFORM,
        (_is("kind", "database", "cache", "function", "cluster"), AtLeast("days_since_support", 0, 365)),
        "standard support of {support} ended {days_since_support} days ago: it moves to a version that is supported",
        "test on the newer version, then move",
        "upgrading it before the move",
    ),
    # gp3 holds 3,000 IOPS at any size and costs less a GB than gp2 (EBS User Guide, "Amazon EBS volume types").
    Row(
        "gp2-to-gp3",
        Strategy.REPLATFORM,
        (_is("kind", "volume"), _is("volume_type", "gp2"), AtLeast("saving_share", 0, 0.1)),
        "gp2, which gp3 replaces without downtime{saving}",
        "modify the volume; no downtime",
        "needs above what gp3 gives at its price",
    ),
    Row(
        "self-managed-database",
        Strategy.REPLATFORM,
        (_is("kind", "server"), _is("product", "managed_elsewhere")),
        "{product_evidence}: {managed} would run it",
        "test on the managed service, replicate, cut over",
        "extensions or access to the machine that the service does not give",
    ),
    Row(
        "scheduled-work",
        Strategy.REPLATFORM,
        (
            _is("kind", "server"),
            _is("pattern", "batch"),
            AtMost("duty_cycle", BATCH_DUTY_AT_MOST, BATCH_DUTY_AT_MOST),
            NOBODY_CALLS,
            _is("licence", "none"),
        ),
        "at work in {duty} of the hours ({pattern_reason}) and called by nobody: a scheduled container does the same",
        "put the work into a container, schedule it",
        "data kept on its disks between runs, or callers",
    ),
    Row(
        "cheaper-server",
        Strategy.REPLATFORM,
        (_is("kind", "server"), AtLeast("saving_share", 0.15, 0.15), _is("licence", "none")),
        "another processor saves{saving}",
        "build for arm64 and test",
        "software that has no build for arm64",
    ),
    Row(
        "cheaper-managed",
        Strategy.REPLATFORM,
        (_is("kind", "database", "cache", "container", "bucket"), AtLeast("saving_share", 0.10, 0.10), _is("licence", "none")),
        "another class of the same service saves{saving}",
        "change the class; for databases a short restart",
        "prices, or use that does not fit the class",
    ),
    Row(
        "as-it-is",
        Strategy.REHOST,
        (),
        "nothing that is known speaks for a change{callers_note}",
        "move it as it is",
        "what the alternatives ask for",
    ),
)


@cache
def words_of(condition: Condition) -> str:
    """The condition in words."""
    match condition:
        case AtMost("callers", _, _):
            return "nobody needs it"
        case AtMost("connections", _, _):
            return "nobody connects"
        case AtMost(feature, limit, _):
            return f"{feature} <= {limit:g}"
        case AtLeast(feature, limit, _):
            return f"{feature} >= {limit:g}"
        case OneOf(feature, words):
            return f"{feature} is {' or '.join(sorted(words))}"


def table_lines() -> Iterator[str]:
    """The tables as Markdown, for docs/recommendations.md."""
    yield "| strategy | means here |"
    yield "|---|---|"
    yield from (f"| `{strategy}` | {meaning} |" for strategy, meaning in MEANINGS.items())
    yield ""
    yield "| row | strategy | holds where | work | what would change it |"
    yield "|---|---|---|---|---|"
    for row in TABLE:
        when = "; ".join(map(words_of, row.when)) or "always"
        yield f"| `{row.name}` | {row.strategy} | {when} | {row.work} | {row.change} |"
    yield ""
    yield "| feature | what | values |"
    yield "|---|---|---|"
    for feature in FEATURES:
        values = feature.unit if isinstance(feature, NumberFeature) else ", ".join(feature.words)
        yield f"| `{feature.name}` | {feature.what} | {values} |"
    yield ""
    yield "| workload's strategy | because |"
    yield "|---|---|"
    yield from (f"| {rule.strategy} | {rule.why} |" for rule in WORKLOAD_RULES)


def check_table() -> None:
    """Nothing, if every condition names a feature of its kind. Raises ValueError: a row that can never be read decides nothing."""
    for row in TABLE:
        for condition in row.when:
            feature = BY_NAME.get(condition.feature)
            numeric = isinstance(feature, NumberFeature)
            known = feature is not None and numeric == isinstance(condition, AtMost | AtLeast)
            if not known or (isinstance(condition, OneOf) and not condition.words <= set(getattr(feature, "words", ()))):
                raise ValueError(f"row {row.name}: {words_of(condition)} is no condition on a known feature. Next: mend the table.")
