"""Resources that move as one: joined by PART relations and by folding."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence


class Pieces:
    """Which piece each resource is of; a piece is named by its smallest uid."""

    def __init__(self, uids: Iterable[str], pairs: Iterable[tuple[str, str]]) -> None:
        self._above = {uid: uid for uid in uids}
        self._beside: dict[str, set[str]] = defaultdict(set)
        for a, b in pairs:
            if a in self._above and b in self._above and a != b:
                self._beside[a].add(b)
                self._beside[b].add(a)
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

    def nearest(self, seeds: Iterable[str]) -> dict[str, str]:
        """For each resource that is of one piece with some of *seeds* the nearest of them; of equally near ones the first by uid."""
        found = {uid: uid for uid in sorted(seeds)}
        queue = deque(found)
        while queue:
            here = queue.popleft()
            for uid in sorted(self._beside[here]):
                if uid not in found:
                    found[uid] = found[here]
                    queue.append(uid)
        return found
