"""What of an estate's configuration was read whole, so that what it does not state can be taken as not so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from cloudmigrate.aws.catalogue import BY_TYPE, CATALOGUE
from cloudmigrate.aws.rule_entries import is_whole
from cloudmigrate.domain.resources import Coverage, RelationRole

GLOBAL = "global"


class Reading:
    """The coverage of one snapshot, asked per type."""

    def __init__(self, coverage: Iterable[Coverage]) -> None:
        self._whole = is_whole(coverage)

    def is_whole(self, account_id: str, region: str, type_: str) -> bool:
        """Whether all resources of that type in that account and region were read, with all their details."""
        known = BY_TYPE.get(type_)
        return self._whole(account_id, GLOBAL if known is not None and known.is_global else region, type_)

    def unread(self, account_id: str, region: str, type_: str) -> str | None:
        """The first type there that may state a need of one of *type_* and was not read whole; None: all were.

        Of what lies in other accounts and regions nothing is said: references across them are rare, and gaps somewhere are not.
        """
        return next((one for one in stating_types()[type_] if not self.is_whole(account_id, region, one)), None)


@cache
def stating_types() -> Mapping[str, tuple[str, ...]]:
    """type -> the types whose configuration may state that something needs one of it, sorted."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in CATALOGUE:
        for rule in row.relations:
            if rule.role is RelationRole.NEEDS:
                named = (rule.target,) if isinstance(rule.target, str) else rule.target
                for needed in (row.type,) if rule.reverse else named:
                    found[needed].add(row.type)
    return {row.type: tuple(sorted(found[row.type])) for row in CATALOGUE}
