"""Names of move groups: the same for the same members in every run, and safe in file names."""

import hashlib
import re
from collections.abc import Sequence

_SLUG_LENGTH = 40
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
_HASH_LENGTH = 10


def group_id(members: Sequence[str]) -> str:
    """A name for exactly these members, the same in every run: the tail of the smallest uid and a hash of all.

    Letters, digits, dots and hyphens only: uids may hold text from strangers, and the id ends in file names and reports.
    """
    first, *others = members if len(members) == 1 else sorted(members)
    tail = first.rstrip(":/").rpartition("/")[2].rpartition(":")[2]
    slug = _NOT_IN_A_SLUG.sub("-", tail.lower()).strip("-")[:_SLUG_LENGTH].rstrip("-") or "group"
    told = "\n".join([first, *others]) if others else first
    digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{slug}-{digest[:_HASH_LENGTH]}"
