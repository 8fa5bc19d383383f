"""Records of DNS: Route 53 is in every region, so a record stays where it is; what leads to something that moves is pointed, not moved."""

from cloudmigrate.domain.itineraries.building import Builder
from cloudmigrate.domain.itineraries.record import Itinerary, Move
from cloudmigrate.domain.itineraries.retain import retain
from cloudmigrate.domain.steps import Step
from cloudmigrate.domain.strategies import Strategy

RECORD = "AWS::Route53::RecordSet"
OF_THE_ZONE = frozenset({"NS", "SOA"})
LEADS = frozenset({"A", "AAAA", "CNAME"})  # to what may move


def _steps(builder: Builder, move: Move) -> Step:
    return retain(builder, move.at_source, why=_why(move))


def _why(move: Move) -> str:
    """Why the record stays; empty where a person has to look at what it leads to."""
    spec = move.source.spec
    kind, name = str(spec.get("Type", "")), str(spec.get("Name", "")).lower()
    zone_id = str((spec.get("Parent") or {}).get("Id", "")).rpartition("/")[2]
    if kind in OF_THE_ZONE:
        return f"the zone keeps its own {kind} record"
    if kind not in LEADS:
        return f"a record of type {kind} leads to nothing that moves"
    if any((one.fqdn, one.zone_id) == (name, zone_id) for one in move.policy.dns):
        return "the steps of the server that it leads to point it (targets.dns)"
    return ""


def _hinders(move: Move) -> str:
    return "" if _why(move) else "targets.dns does not say where it leads to"


DNS_RECORDS = Itinerary("dns-record", (RECORD,), tuple(Strategy), _steps, _hinders)
