"""The sentences on use, sizes, money and strategies: plurals, what is missing, no hype."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from reports.readiness import cost_words, strategy_words, use_words
from reports.readiness.cash_page import cash_sentence, month_label
from reports.readiness.cost_view import Amount, BaselineRow, CashRow, CommitRow, Costs, GroupCost, Outlook, PriceListRow, ResourceCost
from reports.readiness.strategy_view import AlternativeRow, Strategies, StrategyRow
from reports.readiness.use_view import DimensionRow, PatternRow, SizingRow


def pattern(word: str, rule: str = "model") -> PatternRow:
    return PatternRow("u", word, rule, "because", "CPUUtilization")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(None, f"Patterns of use were not told in this snapshot. {use_words.RUN}", id="nobody-looked"),
        pytest.param([], "No server, database or cache was found, so there is no pattern of use to tell.", id="nothing-there"),
        pytest.param([pattern("steady")], "Of 1 resource with a load 1 is steady.", id="one"),
        pytest.param(
            [pattern("batch"), pattern("idle"), pattern("batch"), pattern("insufficient_data")],
            "Of 4 resources with a load 2 are batch and 1 is idle; for 1 too little was measured.",
            id="several",
        ),
        pytest.param(
            [pattern("insufficient_data")] * 2,
            "None of 2 resources with a load was measured well enough to say what it does all day.",
            id="none-known",
        ),
    ],
)
def test_patterns_sentence(rows: list[PatternRow] | None, expected: str) -> None:
    assert use_words.patterns_sentence(rows) == expected


def test_what_only_looks_idle_is_told_apart() -> None:
    looks = pattern("insufficient_data", "looks-idle-unproved")
    assert use_words.idle_patterns_sentence([pattern("idle"), looks, looks]) == (
        "1 resource is idle by a rule of AWS; 2 more look idle, but their network was not measured."
    )
    assert use_words.idle_patterns_sentence([looks]) == "1 resource looks idle, but its network was not measured."
    assert use_words.idle_patterns_sentence([pattern("steady")]) == ""


def sized(verdict: str, *dimensions: DimensionRow, target: str | None = "m5.large") -> SizingRow:
    return SizingRow("u", "compute-optimizer", "m5.xlarge", verdict, "because", target, dimensions=dimensions)


def test_sizes_sentence() -> None:
    rows = [sized("smaller"), sized("smaller"), sized("larger"), sized("keep"), sized("insufficient_data")]
    assert use_words.sizes_sentence(rows) == "Of 5 sizes 2 could be smaller, 1 is too small and 1 fits its use; 1 could not be judged."
    assert use_words.sizes_sentence([sized("insufficient_data")]) == "Of 1 size none could be judged; the reasons are below."


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(sized("smaller"), "Nothing was replayed.", id="nothing"),
        pytest.param(
            sized("smaller", DimensionRow("cpu", short_minutes=37, measured_minutes=43_200)),
            "On m5.large: CPU short 37 of 43,200 minutes.",
            id="short",
        ),
        pytest.param(
            sized(
                "smaller",
                DimensionRow("memory", short_minutes=0, measured_minutes=20_160),
                DimensionRow("cpu", short_minutes=5, measured_minutes=43_200),
                DimensionRow("network", short_minutes=0, measured_minutes=43_200),
                DimensionRow("iops"),
            ),
            "On m5.large: CPU short 5 of 43,200 minutes; memory and network never short in 20,160 minutes.",
            id="some-short",
        ),
        pytest.param(
            sized("keep", DimensionRow("cpu", short_minutes=0, measured_minutes=1), target=None),
            "On m5.xlarge: CPU never short in 1 minute.",
            id="present-size",
        ),
    ],
)
def test_replay_sentence(row: SizingRow, expected: str) -> None:
    assert use_words.replay_sentence(row) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (None, "–"),
        ("0", "0"),
        ("0.004", "0.00"),
        ("12.345", "12.34"),
        ("99.999", "100.00"),
        ("100.5", "100"),
        ("1234567.5", "1,234,568"),
        ("-80.1", "\u221280.10"),
    ],
)
def test_usd(amount: str | None, expected: str) -> None:
    assert cost_words.usd(None if amount is None else Decimal(amount)) == expected


def amount(likely: str, low: str | None = None, high: str | None = None) -> Amount:
    return Amount(Decimal(likely), Decimal(low or likely), Decimal(high or likely))


def costs(now: Amount, *, unpriced: int = 0, partly: int = 0) -> Costs:
    total = GroupCost("estate", "as_is", "on_demand", now, 10, partly, unpriced)
    return Costs((total,), (), (), (), (ResourceCost("u", None, ()),), (), ())


def test_costs_sentence_has_its_range_and_what_is_missing() -> None:
    assert cost_words.costs_sentence(costs(amount("1000", "900", "1200"), unpriced=3, partly=1)) == (
        "At list prices the estate costs at least 1,000 USD (900 to 1,200) a month: 7 of 10 resources have a price, 1 of them only in part."
    )
    assert cost_words.costs_sentence(None).startswith("Nothing was priced in this snapshot.")
    assert cost_words.costs_sentence(costs(Amount(), unpriced=10)).startswith("No resource of this snapshot could be priced")


def test_after_sentence() -> None:
    now = GroupCost("estate", "as_is", "on_demand", amount("1000"), 10, 0, 0)
    after = GroupCost("estate", "recommended", "on_demand", amount("700", "600", "800"), 10, 0, 1)
    assert cost_words.after_sentence(Outlook(now, after, "As recommended", Decimal(100), 9, 1, Decimal(200))) == (
        "As recommended it would cost at least 700 USD (600 to 800) a month. 100 USD less for the 9 resources that can be compared. "
        "1 resource, 200 USD now, is in it only with what is known of it."
    )
    dearer = GroupCost("estate", "rehost_rightsized", "on_demand", amount("1020"), 10, 0, 0)
    assert cost_words.after_sentence(Outlook(now, dearer, "Moved", Decimal(-20), 10, 0, Decimal(0))) == (
        "Moved it would cost 1,020 USD a month. 20.00 USD more for all that is priced."
    )
    assert cost_words.after_sentence(Outlook(now, None, "Moved", Decimal(0), 0, 10, Decimal(1000))).endswith("is not known.")


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        pytest.param([], "No price list was read.", id="none"),
        pytest.param([PriceListRow("v", "s", "r", 5, 0)], "All 5 prices of 1 price list were read from AWS; none is a sample.", id="real"),
        pytest.param(
            [PriceListRow("v", "s", "r", 5, 2, date(2026, 11, 12)), PriceListRow("w", "s", "r", 5, 0)],
            "Not today’s prices: 2 of 10 prices are dated samples, the oldest of 12 Nov 2026. "
            "Read them from AWS before money is decided on.",
            id="samples",
        ),
    ],
)
def test_samples_are_said_plainly(lists: list[PriceListRow], expected: str) -> None:
    assert cost_words.samples_sentence(lists) == expected


def test_the_gate_names_the_services_that_do_not_match() -> None:
    row = BaselineRow("AmazonEC2", "differs", Decimal(100), Decimal(140), 40.0, 10.0, "told")
    withheld = replace(costs(amount("140")), baseline=(row,), withheld=True, gate_reason="forecasts are withheld")
    assert (
        cost_words.gate_sentence(withheld) == "Forecasts are withheld: the estimate of AmazonEC2 (+40.0 %) is more than 10 % from the bill."
    )
    assert "not held against a bill" in cost_words.gate_sentence(costs(amount("140")))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("on_demand", "on demand"),
        ("spot", "spot"),
        ("reserved_3y_all_upfront", "a 3 year reservation, all upfront"),
        ("compute_savings_plan_1y", "a 1 year compute savings plan"),
        ("instance_savings_plan_3y", "a 3 year instance savings plan"),
    ],
)
def test_term_words(term: str, expected: str) -> None:
    assert cost_words.term_words(term) == expected


def test_the_terms_of_a_pool_exclude_one_another() -> None:
    def row(pool: str, term: str, saving: str) -> CommitRow:
        return CommitRow("eu", pool, term, Decimal(4), Decimal(0), Decimal(4), Decimal(saving), "p10")

    rows = [
        row("m5", "reserved_1y_no_upfront", "50"),
        row("m5", "reserved_3y_all_upfront", "90"),
        row("r5", "reserved_1y_no_upfront", "20"),
    ]
    assert cost_words.commits_sentence(rows) == "Committing to what ran in nine hours of ten saves up to 110 USD a month in 2 pools."
    assert cost_words.commits_after_sentence(rows[2:]) == (
        "Once what is recommended is done, committing to what would run in nine hours of ten saves up to 20.00 USD a month in 1 pool."
    )
    assert cost_words.commits_after_sentence([]) == ""


def test_cash_sentence_counts_what_the_migration_adds() -> None:
    def row(month: int, item: str, usd: str) -> CashRow:
        return CashRow(month, 1, item, "basis", Decimal(usd), Decimal(usd), Decimal(usd) * 2)

    rows = [row(0, "source", "500"), row(0, "replication", "30"), row(1, "double_running", "120"), row(1, "target", "400")]
    assert (
        cash_sentence(rows, 2) == "Over 2 months the migration itself costs 150 USD (150 to 300): running twice 120 and replication 30.00."
    )
    assert cash_sentence(rows[:1], 1) == "Over 1 month the migration itself costs nothing beyond what runs."


def test_month_label() -> None:
    assert [month_label(at, date(2026, 11, 28)) for at in (0, 1, 2)] == ["Nov 2026", "Dec 2026", "Jan 2027"]
    assert month_label(0, None) == "month 1"


def strategy(word: str, confidence: float, **changes: object) -> StrategyRow:
    return replace(StrategyRow("u", word, word, "rule", confidence, ("because",)), **changes)  # type: ignore[arg-type]


def test_strategies_sentences() -> None:
    rows = (strategy("rehost", 0.9), strategy("rehost", 0.4), strategy("retire", 0.6, decided_by="a.person"))
    assert strategy_words.strategies_sentence(Strategies(rows, ())) == "3 resources: rehost 2 and retire 1."
    assert strategy_words.confidence_sentence(rows) == (
        "Confidence is at least 80\u202f% for 1 of 3 recommendations, and under 50\u202f% for 1. "
        "It says how firmly the data at hand carry the choice, not how well the move will go."
    )
    assert strategy_words.overrides_sentence(rows) == "1 strategy was decided by a person."
    assert strategy_words.questions_sentence(rows[:1]) == "1 question is open and waits for a person."
    assert strategy_words.questions_sentence(rows) == "3 questions are open and wait for a person."
    assert strategy_words.strategies_sentence(None).startswith("Nothing was recommended in this snapshot.")


def test_why_not_names_the_nearest() -> None:
    row = strategy("rehost", 0.9, alternatives=(AlternativeRow("retire", "3 others need it"), AlternativeRow("retain", "nothing holds it")))
    assert strategy_words.why_not(row) == "not retire: 3 others need it"
    assert strategy_words.why_not(strategy("rehost", 0.9)) == ""
