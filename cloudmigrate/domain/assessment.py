"""What an assessment gives back to the person or script that asked for it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cloudmigrate.domain.estate import Account, Estate, Scope
from cloudmigrate.domain.preflight.causes import without_who
from cloudmigrate.domain.resources import CoverageStatus
from cloudmigrate.domain.wave_words import listed
from cloudmigrate.errors import UsageError

GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Assessment:
    """Ids and counts of one finished assessment; the data itself stays in the lake."""

    snapshot_id: str
    plan_id: str | None
    reports: tuple[str, ...]
    counts: Mapping[str, int]  # resources by type
    coverage: Mapping[str, int]  # (account, region, type) rows by status
    metric_gaps: int | None = None  # metrics and bills that were denied, throttled or failed; None: none were asked for
    flow_log_gaps: int | None = None  # places of flow logs that could not be read wholly; None: there are none, traffic is not measured

    @property
    def has_gaps(self) -> bool:
        """Whether anything in scope was denied, throttled, failed, seen in part or not attempted; metrics and flow logs count too.

        An estate without flow logs has no gap by that: it is told beside it.
        """
        return bool(self.metric_gaps or self.flow_log_gaps) or any(
            count and CoverageStatus(status).is_gap for status, count in self.coverage.items()
        )

    def document(self) -> dict[str, Any]:
        """The contract for scripts: one JSON-ready object."""
        return asdict(self)


def scan_units(estate: Estate, scope: Scope) -> tuple[tuple[Account, str], ...]:
    """Every (account, region) to look at; the region "global" stands for an account's global services.

    Raises UsageError where the scope names a region that the estate does not have.
    """
    known = {region for account in estate.accounts for region in account.regions}
    unknown = sorted(set(scope.regions) - known - {GLOBAL})
    if unknown:
        raise UsageError(
            f"--regions {', '.join(unknown)}: not in the estate, which has {', '.join(sorted(known))}. Next: name one of these."
        )
    wanted = set(scope.regions) or known
    units: list[tuple[Account, str]] = []
    for account in estate.accounts:
        # Buckets are listed globally and belong to regions, so the global part is read for any choice of regions.
        units.append((account, GLOBAL))
        units += [(account, region) for region in account.regions if region in wanted]
    return tuple(units)


def regions_in_scope(account: Account, scope: Scope) -> frozenset[str]:
    """The regions of *account* whose resources count."""
    return frozenset(region for region in account.regions if not scope.regions or region in scope.regions)


def scope_text(scope: Scope) -> str | None:
    """What a scope leaves of an estate, in words; None: all of it."""
    parts = []
    if scope.types:
        parts.append(f"types {', '.join(scope.types)}")
    if scope.regions:
        parts.append(f"regions {', '.join(scope.regions)}")
    if scope.tags:
        parts.append(f"resources tagged {' and '.join(scope.tags)}")
    return "; ".join(parts) or None


def snapshot_reasons(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """One line for each cause of why nothing was seen, with the places that it concerns, for the error that ends the run."""
    places: dict[str, dict[str, None]] = {}
    for row in rows:
        what = without_who(row.get("detail") or row.get("error_code") or row["status"])
        places.setdefault(f"{row['status']}: {what}", {})[f"{row['account_id']} {row['region']}"] = None
    return tuple(
        f"{'account' if len(found) == 1 else f'{len(found)} places, account'} {listed(found)}: {cause}" for cause, found in places.items()
    )
