"""Waves: move groups in the order in which they can move, packed up to a size."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from cloudmigrate.domain.move_groups import MoveGroup, PlanItem, Unplanned, move_groups
from cloudmigrate.domain.resources import Relation, RelationRole


@dataclass(frozen=True, slots=True)
class Wave:
    """Move groups scheduled for the same event."""

    wave: int  # from 1
    layer: int
    groups: tuple[str, ...]  # ids
    resources: int  # count
    reason: str


@dataclass(frozen=True, slots=True)
class WavePlan:
    """Every item: in one wave through its group, or in ``unplanned`` with its reason."""

    groups: tuple[MoveGroup, ...]
    waves: tuple[Wave, ...]
    unplanned: tuple[Unplanned, ...]


def plan_waves(
    items: Iterable[PlanItem],
    relations: Iterable[Relation],
    roles: Mapping[str, RelationRole],
    *,
    max_resources_per_wave: int | None = None,
) -> WavePlan:
    """The waves of *items*: what a group needs moves in an earlier wave, groups that need nothing move first.

    *roles* says what each kind of relation means (see ``move_groups``). Without a limit a wave is a layer of the graph.
    Raises ValueError on a uid given twice or a limit below 1.
    """
    grouping = move_groups(items, relations, roles)
    return WavePlan(grouping.groups, assign_waves(grouping.groups, max_resources_per_wave=max_resources_per_wave), grouping.unplanned)


def assign_waves(groups: Iterable[MoveGroup], *, max_resources_per_wave: int | None) -> tuple[Wave, ...]:
    """Waves in the order of cutover, layer by layer, each layer cut into waves of at most that many resources.

    A group is never split: one that is larger than the limit gets a wave to itself. Within a layer groups go in the order of
    their smallest uid, so that neighbours (same service, region and account, as ARNs sort) tend to share a wave.
    """
    if max_resources_per_wave is not None and max_resources_per_wave < 1:
        raise ValueError(f"a wave must hold at least 1 resource, not {max_resources_per_wave}")
    ordered = sorted(groups, key=lambda group: (group.layer, group.members))
    layers = ordered[-1].layer if ordered else 0
    waves: list[Wave] = []
    for layer, inside in groupby(ordered, key=lambda group: group.layer):
        packs = list(_packed(inside, max_resources_per_wave))
        for part, pack in enumerate(packs, start=1):
            size = sum(len(group.members) for group in pack)
            reason = _reason(layer, layers, part, len(packs), waves[-part].wave if layer > 1 else 0)
            if max_resources_per_wave is not None and size > max_resources_per_wave:
                reason += f"; one group of {size} resources, larger than the limit of {max_resources_per_wave}, is not split"
            waves.append(Wave(len(waves) + 1, layer, tuple(group.id for group in pack), size, reason))
    return tuple(waves)


def _packed(groups: Iterable[MoveGroup], limit: int | None) -> Iterator[Sequence[MoveGroup]]:
    """Runs of *groups*, in order, of at most *limit* resources each; a larger group stands alone."""
    pack: list[MoveGroup] = []
    size = 0
    for group in groups:
        if pack and limit is not None and size + len(group.members) > limit:
            yield pack
            pack, size = [], 0
        pack.append(group)
        size += len(group.members)
    if pack:
        yield pack


def _reason(layer: int, layers: int, part: int, parts: int, last_below: int) -> str:
    """Why a wave is where it is, for people."""
    split = f", part {part} of {parts}" if parts > 1 else ""
    below = "needs nothing else that moves" if layer == 1 else f"needs only what moves by wave {last_below}"
    return f"layer {layer} of {layers}{split}: {below}"
