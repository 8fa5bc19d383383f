"""The cash curve, worked out by hand; it adds up to the cent, whatever it is made of."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.domain.cash_curve import CashPolicy, Entry, Item, Lease, Span, WaveMoney, WaveTraffic, cash_curve, monthly_totals
from cloudmigrate.domain.money import CENT, total

# 7.3, 14.6 and 29.2 days are 0.24, 0.48 and 0.96 of a month of 730 hours (30.41666... days).
DAYS = Span(Decimal("7.3"), Decimal("14.6"), Decimal("29.2"))
POLICY = CashPolicy(Decimal("0.02"), Decimal("0.05"), double_running_days=DAYS, months_after=1)
FIRST = WaveMoney(1, 0, Span.of(100), Span(Decimal(70), Decimal(80), Decimal(90)), Decimal(500))
SECOND = WaveMoney(2, 2, Span.of(300), Span.of(250), Decimal(0))


def amounts(entries: tuple[Entry, ...]) -> dict[tuple[int, int, str], tuple[str, str, str]]:
    found: dict[tuple[int, int, str], tuple[str, str, str]] = {}
    for one in entries:
        assert (one.month, one.wave, str(one.item)) not in found
        found[one.month, one.wave, str(one.item)] = (str(one.amount.low), str(one.amount.likely), str(one.amount.high))
    return found


def same(amount: str) -> tuple[str, str, str]:
    return (amount, amount, amount)


def test_two_waves_by_hand() -> None:
    """Wave 1 moves in month 0, wave 2 in month 2, and they send each other 120.5 GB a month at 0.02.

    Month 0: wave 1 pays its source (100) and its target beside it (70 x 0.24, 80 x 0.48, 90 x 0.96), copies 500 GB at 0.02 once, 1.2 or
    1.5 times (10, 12, 15), and keeps snapshots of them at 0.05 (25); wave 2 pays its source. Months 1 and 2: wave 1 runs at the target and
    pays 2.41 for what goes between the sites. A lease of 36.50 that wave 1 leaves lasts up to month 2: only months 1 and 2 are lost.
    """
    entries = cash_curve([FIRST, SECOND], [WaveTraffic(1, 2, Decimal("120.5"))], [Lease(1, Decimal("36.50"), 3, True)], POLICY)
    assert amounts(entries) == {
        (0, 1, "source"): same("100.00"),
        (0, 1, "double_running"): ("16.80", "38.40", "86.40"),
        (0, 1, "replication"): ("10.00", "12.00", "15.00"),
        (0, 1, "snapshots"): same("25.00"),
        (0, 2, "source"): same("300.00"),
        (1, 1, "target"): ("70.00", "80.00", "90.00"),
        (1, 1, "snapshots"): ("0", "0", "25.00"),
        (1, 1, "transfer"): same("2.41"),
        (1, 1, "stranded_commitments"): ("0", "36.50", "36.50"),
        (1, 2, "source"): same("300.00"),
        (2, 1, "target"): ("70.00", "80.00", "90.00"),
        (2, 1, "transfer"): same("2.41"),
        (2, 1, "stranded_commitments"): ("0", "36.50", "36.50"),
        (2, 2, "source"): same("300.00"),
        (2, 2, "double_running"): ("60.00", "120.00", "240.00"),
        (3, 1, "target"): ("70.00", "80.00", "90.00"),
        (3, 2, "target"): same("250.00"),
    }
    totals = {month: (str(one.low), str(one.likely), str(one.high)) for month, one in monthly_totals(entries).items()}
    assert totals == {
        0: ("451.80", "475.40", "526.40"),
        1: ("372.41", "418.91", "453.91"),
        2: ("432.41", "538.91", "668.91"),
        3: ("320.00", "330.00", "340.00"),
    }


def test_waves_of_one_month_have_no_traffic_between_sites() -> None:
    third = WaveMoney(3, 0, Span.of(1), Span.of(1), Decimal(0))
    found = cash_curve([FIRST, third], [WaveTraffic(1, 3, Decimal(999))], [], POLICY)
    assert Item.TRANSFER not in {one.item for one in found}


def test_both_sites_never_run_longer_than_a_month_at_once() -> None:
    """The 31st day of a month of 30.4 days costs nothing more."""
    policy = CashPolicy(Decimal(0), Decimal(0), double_running_days=Span.of(31), months_after=0)
    (entry,) = (one for one in cash_curve([FIRST], [], [], policy) if one.item is Item.DOUBLE_RUNNING)
    assert entry.amount == Span(Decimal("70.00"), Decimal("80.00"), Decimal("90.00"))


def test_what_has_no_price_is_told_beside_the_sum() -> None:
    wave = WaveMoney(1, 0, Span.of(100), Span.of(0), Decimal(0), source_open=2)
    assert cash_curve([wave], [], [], POLICY)[0].basis == "the source's month; at least: 2 resources have no whole price"


def test_no_waves_no_curve() -> None:
    assert cash_curve([], [], [], POLICY) == ()


money = st.decimals(min_value=0, max_value=10**7, places=10)
spans = st.tuples(money, money, money).map(lambda three: Span(*sorted(three)))
waves = st.lists(st.tuples(st.integers(0, 6), spans, spans, money), min_size=1, max_size=5).map(
    lambda listed: [WaveMoney(number, *one) for number, one in enumerate(listed, start=1)]
)


@given(waves=waves, gb=money)
def test_every_entry_is_whole_cents_and_totals_are_their_sums(waves: list[WaveMoney], gb: Decimal) -> None:
    traffic = [WaveTraffic(1, len(waves), gb)] if len(waves) > 1 else []
    entries = cash_curve(waves, traffic, [Lease(1, gb, 9, False)], POLICY)
    for one in entries:
        assert one.amount.low <= one.amount.likely <= one.amount.high
        assert all(amount == amount.quantize(CENT) for amount in (one.amount.low, one.amount.likely, one.amount.high))
    assert total(one.likely for one in monthly_totals(entries).values()) == total(one.amount.likely for one in entries)
