"""What a wave needs of others: nothing moves before what it depends on has moved."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any


def unmet_needs(groups: Sequence[Mapping[str, Any]], wave: int, migrated: Collection[str]) -> list[tuple[str, str, int]]:
    """(group, what it needs, the wave of that) of the wave's groups whose needs lie in other waves and are not *migrated* yet.

    *groups* are those of the plan's document. Needs within the wave are the order of its own steps.
    """
    waves = {str(one["id"]): int(one["wave"]) for one in groups if one["wave"] is not None}
    return sorted(
        (str(one["id"]), need, waves[need])
        for one in groups
        if one["wave"] == wave
        for need in one["needs"]
        if waves.get(need, wave) != wave and need not in migrated
    )


def built_on(groups: Sequence[Mapping[str, Any]], going_back: Collection[str], begun: Collection[str]) -> list[tuple[str, str]]:
    """(group, the one that it needs) of groups that are *begun* and need one that goes back, and do not go back themselves."""
    return sorted(
        (str(one["id"]), need)
        for one in groups
        if one["id"] in begun and one["id"] not in going_back
        for need in one["needs"]
        if need in going_back
    )
