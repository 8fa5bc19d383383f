"""Bills in the lake, the present estate's estimate by the bill's services, and what came of holding one against the other."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal

from cloudmigrate.domain.baseline import BillLine, Compared, Estimated, Gate, Match, gaps, gate
from cloudmigrate.domain.bill_services import SERVICE_OF_PREFIX
from cloudmigrate.lake.cost_datasets import BASELINE, BILL_LINES
from cloudmigrate.lake.lake import Lake, Part
from cloudmigrate.lake.views import Views


def write_bill(lake: Lake, lines: Iterable[BillLine], *, snapshot_id: str, part: str) -> Part:
    """Publish a bill's lines as one part. Raises LakeError."""
    return lake.write(BILL_LINES, (asdict(one) for one in lines), snapshot_id=snapshot_id, part=part)


def bill_of(views: Views) -> list[BillLine]:
    """The bill that the snapshot sees."""
    return [BillLine(**row) for row in views.rows("bill_lines")]


def estimates(views: Views) -> list[Estimated]:
    """What our lines of each service come to in a month, as is and on demand."""
    views.register("bill_services", ({"prefix": prefix, "service": service} for prefix, service in SERVICE_OF_PREFIX.items()))
    return [Estimated(**row) for row in views.run("baseline_estimates")]


def gate_of(views: Views) -> Gate:
    """Whether forecasts of the snapshot may be shown, by the comparison that was published with it."""
    rows = views.rows("baseline")
    compared = [
        Compared(row["service"], Match(row["verdict"]), row["billed_usd"], row["estimated_usd"], row["error_pct"], row["reason"])
        for row in rows
    ]
    limit_pct = Decimal(f"{rows[0]['limit_pct']:g}") if rows else Decimal(0)
    return gate(compared, limit_pct=limit_pct, not_told=() if rows else gaps(bill_of(views)))


def write_baseline(views: Views, compared: Sequence[Compared], *, limit_pct: Decimal, part: str) -> Part:
    """Publish what came of the comparison as one part. Raises LakeError."""
    rows = ({**asdict(one), "verdict": str(one.verdict), "limit_pct": float(limit_pct)} for one in compared)
    return views.lake.write(BASELINE, rows, snapshot_id=views.selection.snapshot_id, part=part)
