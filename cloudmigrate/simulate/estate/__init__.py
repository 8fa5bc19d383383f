"""The demo estate "acme": two accounts in two regions, as tables."""

from cloudmigrate.simulate.estate import america, analytics, erp, partners, shared, shop
from cloudmigrate.simulate.estate.parts import DATA, EUROPE, OREGON, OWN
from cloudmigrate.simulate.things import Place

PLACES: tuple[Place, ...] = (
    Place(OWN, EUROPE, (*shared.STEPS, *shop.STEPS, *erp.STEPS), ended=shared.ENDED),
    Place(OWN, OREGON, america.STEPS),
    Place(DATA, EUROPE, analytics.STEPS),
    Place(DATA, OREGON, partners.STEPS),
)
