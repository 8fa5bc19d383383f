"""Until when a place of flow logs is known in full: what the last good reading covered outlives later attempts that fail."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class FullRead:
    """A reading of a place of which nothing was refused; kept as one mark of the ledger."""

    at: datetime
    first_day: date  # of its window
    beside: frozenset[str]  # places that held, or lay in, this one: they may have read objects of it, each only once

    def value(self) -> dict[str, Any]:
        """The reading as JSON values."""
        return {"at": self.at.isoformat(), "first_day": self.first_day.isoformat(), "beside": sorted(self.beside)}

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "FullRead":
        """The reading that `value` gave."""
        return cls(datetime.fromisoformat(value["at"]), date.fromisoformat(value["first_day"]), frozenset(value["beside"]))

    def covers(self, first_day: date, beside: Collection[str]) -> bool:
        """Whether it tells all of a window that begins on *first_day*, up to `at`, given the places that count *beside* it now.

        Not where the window reaches further back, nor where a place is gone that may have read some of this one's objects in its stead.
        """
        return self.first_day <= first_day and self.beside <= frozenset(beside)
