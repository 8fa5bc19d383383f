"""Resources that move as one: joined by PART relations and by folding."""

from collections import defaultdict
from collections.abc import Iterable, Sequence


class Pieces:
    """Which piece each resource is of; a piece is named by its smallest uid."""

    def __init__(self, uids: Iterable[str], pairs: Iterable[tuple[str, str]]) -> None:
        self._above = {uid: uid for uid in uids}
        for a, b in pairs:
            if a in self._above and b in self._above:
                low, high = sorted((self.of(a), self.of(b)))
                self._above[high] = low
        self._members: dict[str, list[str]] = defaultdict(list)
        for uid in sorted(self._above):
            self._members[self.of(uid)].append(uid)

    def of(self, uid: str) -> str:
        """The name of its piece."""
        way = []
        while self._above[uid] != uid:
            way.append(uid)
            uid = self._above[uid]
        for one in way:
            self._above[one] = uid
        return uid

    def members(self, piece: str) -> Sequence[str]:
        """The resources of a piece, sorted."""
        return self._members[piece]

    def joined(self) -> Iterable[Sequence[str]]:
        """The pieces of several resources, in order of their names."""
        return (members for _, members in sorted(self._members.items()) if len(members) > 1)
