"""Every itinerary beside that of servers, whose security groups are shared; the first that fits a resource and its strategy is taken."""

from cloudmigrate.domain.itineraries import buckets, retire
from cloudmigrate.domain.itineraries.dns_records import DNS_RECORDS
from cloudmigrate.domain.itineraries.record import Itinerary
from cloudmigrate.domain.strategies import Strategy

ITINERARIES: tuple[Itinerary, ...] = (
    DNS_RECORDS,
    retire.ITINERARY,
    buckets.ITINERARY,
)


def itinerary_for(type_name: str, strategy: Strategy) -> Itinerary | None:
    """The itinerary that moves resources of that type in that way; None where a person does."""
    return next((one for one in ITINERARIES if type_name in one.types and strategy in one.strategies), None)
