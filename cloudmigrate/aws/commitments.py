"""What an account has committed to: reservations of EC2, RDS and ElastiCache, savings plans, and how well each is used."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cloudmigrate.aws.describe import instant
from cloudmigrate.aws.failures import CALL_ERRORS, Failure, failure_of
from cloudmigrate.aws.listing import read_pages
from cloudmigrate.aws.regions import GLOBAL
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.money import NOTHING, exact

Row = dict[str, Any]
Entry = Mapping[str, Any]
USED_OVER_DAYS = 30
TERMS = {365 * 86_400: "1y", 3 * 365 * 86_400: "3y"}  # seconds of a lease, as all four APIs state them
OPTIONS = {"No Upfront": "no_upfront", "Partial Upfront": "partial_upfront", "All Upfront": "all_upfront"}
SAVINGS_CLASSES = {"Compute": "compute", "EC2Instance": "ec2_instance"}
MATCH_BY = ("reservationARN", "leaseId", "subscriptionId")  # of a group of GetReservationUtilization


@dataclass(frozen=True, slots=True)
class CommitmentSource:
    """One API that tells of commitments, or of their use."""

    service: str
    operation: str
    action: str
    is_global: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one question: how many commitments it told of, or why it told none."""

    service: str
    region: str
    found: int
    failure: Failure | None = None


EC2 = CommitmentSource("ec2", "describe_reserved_instances", "ec2:DescribeReservedInstances")
RDS = CommitmentSource("rds", "describe_reserved_db_instances", "rds:DescribeReservedDBInstances")
CACHE = CommitmentSource("elasticache", "describe_reserved_cache_nodes", "elasticache:DescribeReservedCacheNodes")
PLANS = CommitmentSource("savingsplans", "describe_savings_plans", "savingsplans:DescribeSavingsPlans", is_global=True)
RESERVATIONS_USED = CommitmentSource("ce", "get_reservation_utilization", "ce:GetReservationUtilization", is_global=True)
PLANS_USED = CommitmentSource("ce", "get_savings_plans_utilization_details", "ce:GetSavingsPlansUtilizationDetails", is_global=True)
COMMITMENT_SOURCES = (EC2, RDS, CACHE, PLANS, RESERVATIONS_USED, PLANS_USED)


def commitments(sessions: AwsSessions, account_id: str, regions: Sequence[str], today: date) -> tuple[list[Row], list[Asked]]:
    """Rows of the dataset commitments, and what became of each question, those of utilisation included.

    Cost Explorer asks for money by the call: it is asked only where there is something to be used. What it does not tell stays null.
    """
    rows: list[Row] = []
    asked: list[Asked] = []
    for source, region, read in _questions(sessions, account_id, regions):
        some, failure = _answered(source, read)
        rows += some
        asked.append(Asked(source.service, region, len(some), failure))
    for source, ids_of, kinds in _USES:
        some = [row for row in rows if (row["kind"] == "savings_plan") == (source is PLANS_USED)]
        if not some:
            continue
        used, failure = _answered(source, lambda ids_of=ids_of: list(ids_of(sessions, account_id, today)))  # type: ignore[misc]
        asked.append(Asked(f"{source.service} {kinds}", GLOBAL, len(used), failure))
        by_id = dict(used)
        for row in some:
            row["utilisation_pct"] = by_id.get(row["commitment_id"])
    return sorted(rows, key=lambda row: (row["region"], row["kind"], row["commitment_id"])), asked


def _questions(
    sessions: AwsSessions, account_id: str, regions: Sequence[str]
) -> Iterator[tuple[CommitmentSource, str, Callable[[], list[Row]]]]:
    def reservations(source: CommitmentSource, member: str, row_of: Callable[[Entry], Row], region: str) -> Callable[[], list[Row]]:
        def read() -> list[Row]:
            client = sessions.client(account_id, source.service, region)
            place = {"account_id": account_id, "region": region}
            return [_row(**place, **row_of(one)) for one in _paged(client, source, member)]

        return read

    for region in regions:
        yield EC2, region, reservations(EC2, "ReservedInstances", _instance, region)
        yield RDS, region, reservations(RDS, "ReservedDBInstances", _database, region)
        yield CACHE, region, reservations(CACHE, "ReservedCacheNodes", _cache, region)
    yield (
        PLANS,
        GLOBAL,
        lambda: [_plan(account_id, one) for one in _paged(_client(sessions, account_id, PLANS), PLANS, "savingsPlans")],
    )


def _answered(source: CommitmentSource, read: Callable[[], list[Any]]) -> tuple[list[Any], Failure | None]:
    try:
        return read(), None
    except CALL_ERRORS as error:
        return [], failure_of(error, source.action)


def _client(sessions: AwsSessions, account_id: str, source: CommitmentSource) -> Any:
    return sessions.client(account_id, source.service, GLOBAL)


def _paged(client: Any, source: CommitmentSource, member: str, **request: Any) -> Iterator[Entry]:
    """The members of all pages of an operation. Raises PaginationError when a token comes twice."""
    return (one for page in read_pages(client, source.operation, request) for one in page.get(member) or ())


def _row(**told: Any) -> Row:
    """A row with what is told, and null for what is not."""
    empty = dict.fromkeys(
        ("instance_type", "term", "purchase_option", "offering_class", "start_at", "end_at", "hourly_commitment", "recurring_hourly")
    )
    return {**empty, "utilisation_pct": None, "product": None, "instance_family": None, **told}


def _instance(entry: Entry) -> Row:
    zone = entry.get("AvailabilityZone")
    return {
        **_reservation(entry, "ReservedInstancesId", "InstanceCount", "InstanceType", "Amount"),
        "kind": "reserved_instance",
        "scope": zone if zone and entry.get("Scope") != "Region" else str(entry.get("Scope") or "Region"),
        "offering_class": entry.get("OfferingClass"),
        "start_at": instant(entry.get("Start")),
        "end_at": instant(entry.get("End")),
    }


def _database(entry: Entry) -> Row:
    scope = "Multi-AZ" if entry.get("MultiAZ") else "Single-AZ"
    own = _reservation(entry, "ReservedDBInstanceId", "DBInstanceCount", "DBInstanceClass", "RecurringChargeAmount")
    return {**own, "kind": "reserved_db_instance", "scope": scope}


def _cache(entry: Entry) -> Row:
    own = _reservation(entry, "ReservedCacheNodeId", "CacheNodeCount", "CacheNodeType", "RecurringChargeAmount")
    return {**own, "kind": "reserved_cache_node", "scope": "Region"}


def _reservation(entry: Entry, id_: str, count: str, type_: str, amount: str) -> Row:
    """What the three kinds of reservation share."""
    seconds = entry.get("Duration")
    start_at = instant(entry.get("StartTime"))
    charges = [_money(one.get(amount)) for one in entry.get("RecurringCharges") or ()]
    return {
        "commitment_id": str(entry.get(id_) or ""),
        "count": int(entry.get(count) or 1),
        "instance_type": entry.get(type_),
        "term": TERMS.get(int(seconds)) if seconds else None,
        "purchase_option": OPTIONS.get(str(entry.get("OfferingType")), entry.get("OfferingType")),
        "start_at": start_at,
        "end_at": start_at + timedelta(seconds=int(seconds)) if start_at and seconds else None,
        "recurring_hourly": _money(entry.get("UsagePrice")) + sum(charges, NOTHING),
        "upfront": _money(entry.get("FixedPrice")),
        "currency": str(entry.get("CurrencyCode") or "USD"),
        "product": entry.get("ProductDescription"),
        "state": str(entry.get("State") or "unknown"),
    }


def _plan(account_id: str, entry: Entry) -> Row:
    kind, seconds = str(entry.get("savingsPlanType") or ""), entry.get("termDurationInSeconds")
    return _row(
        account_id=account_id,
        region=str(entry.get("region") or GLOBAL),
        commitment_id=str(entry.get("savingsPlanId") or entry.get("savingsPlanArn") or ""),
        kind="savings_plan",
        scope=kind,
        count=1,
        term=TERMS.get(int(seconds)) if seconds else None,
        purchase_option=OPTIONS.get(str(entry.get("paymentOption")), entry.get("paymentOption")),
        offering_class=SAVINGS_CLASSES.get(kind, kind.lower() or None),
        start_at=instant(entry.get("start")),
        end_at=instant(entry.get("end")),
        hourly_commitment=_money(entry.get("commitment")),
        upfront=_money(entry.get("upfrontPaymentAmount")),
        currency=str(entry.get("currency") or "USD"),
        product=", ".join(entry.get("productTypes") or ()) or None,
        instance_family=entry.get("ec2InstanceFamily"),
        state=str(entry.get("state") or "unknown"),
    )


def _reservations_used(sessions: AwsSessions, account_id: str, today: date) -> Iterator[tuple[str, float]]:
    """Reservation id -> percent, over the last 30 days."""
    group = [{"Type": "DIMENSION", "Key": "SUBSCRIPTION_ID"}]
    client = _client(sessions, account_id, RESERVATIONS_USED)
    for span in _paged(client, RESERVATIONS_USED, "UtilizationsByTime", TimePeriod=_period(today), GroupBy=group):
        for one in span.get("Groups") or ():
            used = _percent(one)
            attributes = one.get("Attributes") or {}
            ids = {str(attributes.get(name) or "").rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in MATCH_BY} | {
                str(one.get("Value") or "")
            }
            if used is not None:
                yield from ((own, used) for own in sorted(ids - {""}))


def _plans_used(sessions: AwsSessions, account_id: str, today: date) -> Iterator[tuple[str, float]]:
    """Savings plan id -> percent, over the last 30 days."""
    client = _client(sessions, account_id, PLANS_USED)
    for one in _paged(client, PLANS_USED, "SavingsPlansUtilizationDetails", TimePeriod=_period(today)):
        used = _percent(one)
        if used is not None:
            yield str(one.get("SavingsPlanArn") or "").rsplit("/", 1)[-1], used


_USES = ((RESERVATIONS_USED, _reservations_used, "reservations"), (PLANS_USED, _plans_used, "savings plans"))


def _percent(entry: Entry) -> float | None:
    found = exact(str((entry.get("Utilization") or {}).get("UtilizationPercentage") or ""))
    return float(found) if found is not None else None


def _period(today: date) -> dict[str, str]:
    """Whole days up to yesterday: Cost Explorer's end is exclusive, and today is not known yet."""
    return {"Start": str(today - timedelta(days=USED_OVER_DAYS)), "End": str(today)}


def _money(value: Any) -> Decimal:
    """An amount of an answer. EC2 and RDS state doubles: their shortest text is what the service wrote."""
    return (exact(str(value)) if value is not None else None) or NOTHING
