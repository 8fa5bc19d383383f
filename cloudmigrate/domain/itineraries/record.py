"""The record of an itinerary: which resources it moves, what keeps it from one, and the steps that it makes of it. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cloudmigrate.domain.iac.distinct_names import Names
from cloudmigrate.domain.itineraries.building import Builder, Place
from cloudmigrate.domain.itineraries.security_groups import Clone
from cloudmigrate.domain.resources import Resource
from cloudmigrate.domain.steps import Step
from cloudmigrate.domain.strategies import Strategy
from cloudmigrate.domain.target_policy import TargetPolicy


@dataclass(frozen=True, slots=True)
class Bears:
    """The security groups that a resource bears, and the VPC that they are of."""

    group_ids: tuple[str, ...] = ()
    vpc_id: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One resource, where it goes to, and what is known beside it."""

    source: Resource
    target: Place
    policy: TargetPolicy
    inventory: Mapping[str, Resource]  # by uid: what the plan names, and what hangs on it
    clones: Mapping[str, Clone] = field(default_factory=dict)  # by id of the source's group: those that the target gets
    names: Names = field(default_factory=Names)  # of the target, where they are others than the sources'

    @property
    def at_source(self) -> Place:
        """Where it is."""
        return Place(self.source.account_id, self.source.region)


def nothing_hinders(move: Move) -> str:
    """Empty: the itinerary moves every resource of its types."""
    return ""


def nothing_lacks(move: Move) -> Iterable[str]:
    """Nothing: the estate file need not say more than where to."""
    return ()


def nothing_borne(move: Move) -> Bears:
    """No security group: nothing has to be cloned for it."""
    return Bears()


@dataclass(frozen=True, slots=True)
class Itinerary:
    """One way of moving resources of some types."""

    name: str
    types: Collection[str]
    strategies: Collection[Strategy]
    steps: Callable[[Builder, Move], Step]  # adds the steps; gives the last, after which the resource is whole at the target
    hinders: Callable[[Move], str] = nothing_hinders  # why a person has to move it; empty: nothing does
    lacks: Callable[[Move], Iterable[str]] = nothing_lacks  # what the estate file has to say first, each with the field to add it to
    bears: Callable[[Move], Bears] = nothing_borne  # security groups that the target needs too, mapped or cloned
    clean_up: Callable[[Builder, Move, Sequence[Step]], None] | None = None  # the source's end, where the policy asks for it
    ends_source: bool = False  # the source's end is what the strategy says, whatever the policy does
