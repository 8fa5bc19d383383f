"""The report's sentences on money: USD a month of 730 hours, always with its range, and with what is not in it."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from cloudmigrate.domain.baseline import NO_BILL
from reports.readiness.cost_view import Amount, BaselineRow, CommitRow, Costs, GroupCost, Outlook, PriceListRow
from reports.readiness.plan_words import day_of
from reports.readiness.words import agree, count, listing

RUN = "`cloudmigrate prices refresh` reads prices, `cloudmigrate metrics` then estimates with them."
_CENTS_BELOW = 100


def usd(amount: Decimal | None) -> str:
    """Whole dollars, below 100 cents too; a dash where nothing is priced."""
    if not amount:
        return "–" if amount is None else "0"
    places = Decimal("0.01") if abs(amount) < _CENTS_BELOW else Decimal(1)
    return f"{amount.quantize(places, rounding=ROUND_HALF_EVEN):,}".replace("-", "\u2212")


def money(amount: Decimal | None) -> str:
    """With the currency."""
    return "not priced" if amount is None else f"{usd(amount)} USD"


def between(amount: Amount) -> str:
    """The range alone, such as "900 to 1,200"; empty where both ends are the likely amount."""
    if amount.low_usd is None or amount.high_usd is None:
        return ""
    low, high = usd(amount.low_usd), usd(amount.high_usd)
    return "" if low == high else f"{low} to {high}"


def ranged(amount: Amount) -> str:
    """Such as "1,000 USD (900 to 1,200)"."""
    span = between(amount)
    return f"{money(amount.monthly_usd)}{f' ({span})' if span else ''}"


def summed(row: GroupCost) -> str:
    """Such as "at least 1,000 USD (900 to 1,200)" for a sum in which something is not known."""
    text = ranged(row.amount)
    return f"at least {text}" if row.at_least and row.amount.monthly_usd is not None else text


def bound(row: GroupCost) -> str:
    """The likely amount alone, with a sign where it is a bound from below."""
    text = usd(row.amount.monthly_usd)
    return f"\u2265\u202f{text}" if row.at_least and row.amount.monthly_usd is not None else text


def change(before: Decimal | None, after: Decimal | None) -> str:
    """The difference with its sign; a dash where one of both is not known."""
    if before is None or after is None:
        return "–"
    text = usd(after - before)
    return f"+{text}" if after > before else text


def costs_sentence(costs: Costs | None) -> str:
    """What the estate costs now."""
    if costs is None or not costs.resources:
        return f"Nothing was priced in this snapshot. {RUN}"
    now = costs.total("as_is")
    if now is None or now.amount.monthly_usd is None:
        return f"No resource of this snapshot could be priced; the reasons are below. {RUN}"
    priced = now.resources - now.unpriced
    return f"At list prices the estate costs {summed(now)} a month: {_priced(now, priced)}."


def _priced(now: GroupCost, priced: int) -> str:
    text = f"{priced:,} of {count(now.resources, 'resource')} {agree(priced, 'has', 'have')} a price"
    return f"{text}, {now.partly:,} of them only in part" if now.partly else text


def gate_sentence(costs: Costs) -> str:
    """Whether the bill was reproduced, and what follows."""
    if not costs.baseline and costs.gate_reason not in ("", NO_BILL):
        return f"{costs.gate_reason[:1].upper()}{costs.gate_reason[1:]}."
    if not costs.baseline:
        return "The estimate was not held against a bill: how near it is to what is paid is not known. `costs` in estate.yaml names one."
    differing = [row for row in costs.baseline if row.verdict == "differs"]
    if not costs.withheld:
        return f"{costs.gate_reason[:1].upper()}{costs.gate_reason[1:]}."
    limit = f"{costs.baseline[0].limit_pct:g}"
    names = listing([f"{row.service}{_error(row)}" for row in differing], at_most=8)
    return f"Forecasts are withheld: the estimate of {names} {agree(len(differing), 'is', 'are')} more than {limit} % from the bill."


def lines_priced(row: BaselineRow) -> str:
    """Such as "2 of 12": how much of a service its estimate speaks for; a dash where nothing is estimated."""
    return "–" if row.lines is None else f"{row.priced_lines:,} of {row.lines:,}"


def _error(row: BaselineRow) -> str:
    return f" ({row.error_pct:+.1f} %)".replace("-", "\u2212") if row.error_pct is not None else ""


def commits_sentence(rows: Sequence[CommitRow]) -> str:
    """What to commit to of what runs now would save, with the best term of each pool; empty where nothing saves."""
    saved = _saved(rows)
    return f"Committing to what ran in nine hours of ten saves {saved}." if saved else ""


def commits_after_sentence(rows: Sequence[CommitRow]) -> str:
    """The same of what is recommended."""
    saved = _saved(rows)
    return f"Once what is recommended is done, committing to what would run in nine hours of ten saves {saved}." if saved else ""


def _saved(rows: Sequence[CommitRow]) -> str:
    """Such as "up to 110 USD a month in 2 pools"."""
    best: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        best[row.region, row.pool] = max(row.monthly_saving_usd, best.get((row.region, row.pool), row.monthly_saving_usd))
    return f"up to {usd(sum(best.values(), Decimal(0)))} USD a month in {count(len(best), 'pool')}" if best else ""


def after_sentence(found: Outlook) -> str:
    """What it would cost afterwards, what that saves where both sides are known, and what is not known."""
    if found.after is None or found.now.amount.monthly_usd is None or found.after.amount.monthly_usd is None:
        return "What it would cost afterwards is not known."
    text = f"{found.how} it would cost {summed(found.after)} a month."
    if found.compared:
        word = "less" if found.saved_usd >= 0 else "more"
        whole = f"the {count(found.compared, 'resource')} that can be compared" if found.not_compared else "all that is priced"
        text += f" {usd(abs(found.saved_usd))} USD {word} for {whole}."
    if found.not_compared:
        are = agree(found.not_compared, "is in it only with what is known of it", "are in it only with what is known of them")
        text += f" {count(found.not_compared, 'resource')}, {usd(found.not_compared_now_usd)} USD now, {are}."
    return text


def samples_sentence(lists: Sequence[PriceListRow]) -> str:
    """Which prices are dated samples, said plainly."""
    total = sum(row.prices for row in lists)
    samples = sum(row.samples for row in lists)
    if not total:
        return "No price list was read."
    if not samples:
        return f"All {count(total, 'price')} of {count(len(lists), 'price list')} were read from AWS; none is a sample."
    oldest = min((row.sampled_on for row in lists if row.sampled_on), default=None)
    dated = f", the oldest of {day_of(oldest)}" if oldest else ""
    share = f"all {count(total, 'price')}" if samples == total else f"{samples:,} of {count(total, 'price')}"
    are = "are dated samples" if samples > 1 else "is a dated sample"
    return f"Not today’s prices: {share} {are}{dated}. Read them from AWS before money is decided on."


def commitment_sentence(costs: Costs) -> str:
    """What the cheapest commitment would save on the estate as it is; empty where none has a price."""
    now = costs.total("as_is")
    terms = [row for row in costs.totals if row.scenario == "as_is" and row.term not in ("on_demand", "spot")]
    terms = [row for row in terms if row.committed_usd and row.amount.monthly_usd is not None]
    if now is None or now.amount.monthly_usd is None or not terms:
        return ""
    best = min(terms, key=lambda row: (row.amount.monthly_usd or Decimal(0), row.term))
    saved = now.amount.monthly_usd - (best.amount.monthly_usd or Decimal(0))
    if saved <= 0:
        return "No reservation or savings plan would make the estate cheaper as it is."
    return f"As it is, {term_words(best.term)} would cost {usd(saved)} USD a month less, were everything committed that has such a price."


def term_words(term: str) -> str:
    """Such as "a 3 year reservation, all upfront" for reserved_3y_all_upfront."""
    if term == "on_demand":
        return "on demand"
    if term == "spot":
        return "spot"
    kind, years, rest = _term_parts(term)
    name = {"reserved": "reservation", "compute_savings_plan": "compute savings plan", "instance_savings_plan": "instance savings plan"}[
        kind
    ]
    return f"a {years} year {name}{f', {rest}' if rest else ''}"


def _term_parts(term: str) -> tuple[str, str, str]:
    kind, _, rest = term.partition("_1y" if "_1y" in term else "_3y")
    return kind, "1" if "_1y" in term else "3", rest.strip("_").replace("_", " ")


def waterfall_sentence(steps: Sequence[tuple[str, Decimal]]) -> str:
    """Which steps change the cost most."""
    moved = sorted(((name, delta) for name, delta in steps if delta and name != "not known in full"), key=lambda one: (one[1], one[0]))
    if not moved:
        return "Nothing that is recommended changes the cost."
    parts = [f"{name} {usd(abs(delta))} USD {'less' if delta < 0 else 'more'}" for name, delta in moved]
    return f"By strategy: {listing(parts, at_most=7)}."
