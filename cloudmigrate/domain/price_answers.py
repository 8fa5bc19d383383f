"""What a refresh of prices asks, and what became of each question: kept from run to run, so that a gap shows and nothing is read twice."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from cloudmigrate.domain.resources import CoverageStatus

PREFIX = "prices|"  # of the names of the ledger's marks
PRICES, SPOT_PRICES, INSTANCE_TYPES, COMMITMENTS = "prices", "spot_prices", "instance_types", "commitments"
COVERAGE_COLUMNS = (
    *("dataset", "service", "account_id", "region", "status", "rows", "checked_at", "currency", "price_version", "published_at"),
    *("error_code", "missing_action", "detail"),
)
NOT_COMPARED = frozenset({"checked_at"})  # asking again is no news


@dataclass(frozen=True, slots=True)
class PriceUnit:
    """What one task refreshes: a price list, a region's spot prices or instance types, or all commitments of an account."""

    dataset: str
    service: str  # of a price list its service code, else who is asked
    account_id: str  # whose credentials ask; empty: the estate has none that may
    region: str
    regions: tuple[str, ...] = ()  # only of commitments: where to look for reservations

    @property
    def question(self) -> "PriceAnswer":
        """The question that nobody has answered yet."""
        return PriceAnswer(self.dataset, self.service, self.account_id, self.region)


@dataclass(frozen=True, slots=True)
class PriceAnswer:
    """What became of one question. The facts of what is held (version, rows, ...) outlast a later refusal."""

    dataset: str
    service: str
    account_id: str
    region: str
    status: CoverageStatus = CoverageStatus.NOT_ATTEMPTED
    checked_at: datetime | None = None
    error_code: str | None = None
    missing_action: str | None = None
    detail: str | None = None
    currency: str | None = None
    price_version: str | None = None
    published_at: datetime | None = None  # of spot prices, the end of their window
    rows: int = 0
    series: str | None = None
    digest: str | None = None  # of what was answered, where it has no version
    held_status: CoverageStatus = CoverageStatus.OK  # of what is held: partial where rows were left out
    held_detail: str | None = None

    @property
    def source(self) -> str:
        """The name of the ledger's mark: commitments are an account's own, all else is the same whoever asks."""
        return f"{PREFIX}{self.dataset}|{self.service}|{self.account_id if self.dataset == COMMITMENTS else '-'}|{self.region}"

    def refused(self, *, status: CoverageStatus, error_code: str, detail: str, missing_action: str | None = None) -> "PriceAnswer":
        """The answer once asking has failed: what is held stays."""
        return replace(self, status=status, error_code=error_code, missing_action=missing_action, detail=detail)

    def well(self) -> "PriceAnswer":
        """The answer where what is held is what holds."""
        return replace(self, status=self.held_status, error_code=None, missing_action=None, detail=self.held_detail)

    def says_more_than(self, known: "PriceAnswer | None") -> bool:
        """Whether anything but the time of asking differs from what was known."""
        return known is None or any(
            getattr(self, one.name) != getattr(known, one.name) for one in fields(self) if one.name not in NOT_COMPARED
        )

    def row(self) -> dict[str, Any]:
        """The row of the dataset price_coverage."""
        return {name: getattr(self, name) for name in COVERAGE_COLUMNS} | {"status": str(self.status)}

    def value(self) -> dict[str, Any]:
        """The answer as JSON values."""
        told = asdict(self)
        return told | {name: told[name].isoformat() if told[name] else None for name in ("checked_at", "published_at")}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "PriceAnswer":
        """The answer behind the JSON values that `value` gave; members of another version of the program are left out."""
        told = {one.name: value[one.name] for one in fields(cls) if one.name in value}
        for name in ("checked_at", "published_at"):
            told[name] = datetime.fromisoformat(told[name]) if told.get(name) else None
        for name in ("status", "held_status"):
            told[name] = CoverageStatus(told.get(name, CoverageStatus.OK))
        return cls(**told)
