"""Every itinerary beside that of servers, whose security groups are shared; the first that fits a resource and its strategy is taken."""

from cloudmigrate.domain.itineraries import buckets, retire
from cloudmigrate.domain.itineraries.dns_records import DNS_RECORDS
from cloudmigrate.domain.itineraries.function import FUNCTIONS, MAPPINGS
from cloudmigrate.domain.itineraries.rds import AURORA_CLUSTER, RDS_INSTANCE
from cloudmigrate.domain.itineraries.record import Itinerary
from cloudmigrate.domain.itineraries.service import CLUSTERS, SERVICES, TASKS
from cloudmigrate.domain.strategies import Strategy

ITINERARIES: tuple[Itinerary, ...] = (
    DNS_RECORDS,
    RDS_INSTANCE,
    AURORA_CLUSTER,
    FUNCTIONS,
    MAPPINGS,
    CLUSTERS,
    SERVICES,
    TASKS,
    retire.ITINERARY,
    buckets.ITINERARY,
)


def itinerary_for(type_name: str, strategy: Strategy) -> Itinerary | None:
    """The itinerary that moves resources of that type in that way; None where a person does."""
    return next((one for one in ITINERARIES if type_name in one.types and strategy in one.strategies), None)
