"""What stays: nothing is done, and that is on record."""

from cloudmigrate.domain.itineraries.building import Builder, Place
from cloudmigrate.domain.steps import Step


def retain(builder: Builder, at: Place, *, why: str) -> Step:
    """The one step of a resource that stays where it is, or that moves as a part of another."""
    return builder.add("by_hand.retain", {"text": why}, at)
