"""The class of a database's or cache's instances: as the estate file says, as its use needs, or as at the source."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.source import Source, transformed
from cloudmigrate.domain.iac.values import Leaf
from cloudmigrate.domain.strategies import Strategy

RESIZES = frozenset({"smaller", "larger"})
X86_ONLY = ("oracle", "sqlserver", "db2", "custom-")  # engines that run on no other processor
CHEAPER = "cheaper-managed"  # the row of the table of strategies that proposes another class


def chosen_class(source: Source, member: str, override: str | None = None, mapped: Mapping[str, str] | None = None) -> Leaf | None:
    """The class that the target gets, and who says so; None where the source has none.

    What a person says goes first. A replatformed one gets the class for the other processor; any other the size that its use needs.
    """
    current = source.copied(member)
    told = (mapped or {}).get(str(source.spec.get(member, "")))
    if override is not None:
        return Leaf(override, transformed(member, "targets.databases.overrides"))
    if told is not None:
        return Leaf(told, transformed(member, "targets.databases.instance_classes"))
    row = source.sizing
    arm, needed = row.get("arm_type"), row.get("target_type")
    if source.strategy is Strategy.REPLATFORM and source.row in ("", CHEAPER) and arm and not _is_x86_only(source):
        return Leaf(str(arm), transformed(member, f"replatformed to another processor: {row.get('arm_effort') or row.get('reason') or ''}"))
    if source.is_rightsized and row.get("verdict") in RESIZES and needed:
        return Leaf(str(needed), transformed(member, f"rightsized: {row.get('reason') or row['verdict']}"))
    return current


def _is_x86_only(source: Source) -> bool:
    return str(source.spec.get("Engine", "")).startswith(X86_ONLY)
