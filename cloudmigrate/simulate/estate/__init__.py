"""The demo estate "acme": two accounts in two regions, as tables."""

from cloudmigrate.simulate.estate import america, analytics, commitments, erp, links, partners, rehearsal, shared, shop
from cloudmigrate.simulate.estate.flow_logs import flow_logs_of
from cloudmigrate.simulate.estate.interfaces import interfaces_of
from cloudmigrate.simulate.estate.parts import DATA, EUROPE, OREGON, OWN
from cloudmigrate.simulate.things import Act, Place, Thing


def _place(account_id: str, region: str, *steps: Thing | Act, ended: frozenset[str] = frozenset()) -> Place:
    """A place with what AWS would have made along with its things, and its flow logs."""
    return Place(account_id, region, (*steps, *interfaces_of(account_id, region), *flow_logs_of(account_id, region)), ended)


PLACES: tuple[Place, ...] = (
    _place(OWN, EUROPE, *shared.STEPS, *shop.STEPS, *erp.STEPS, *rehearsal.STEPS, *commitments.STEPS, ended=shared.ENDED),
    _place(OWN, OREGON, *america.STEPS),
    _place(DATA, EUROPE, *analytics.STEPS),
    _place(DATA, OREGON, *partners.STEPS),
    Place(OWN, EUROPE, links.STEPS),  # what needs both accounts
)
