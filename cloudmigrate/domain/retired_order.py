"""The order of what is retired: it waits for what needs it, and needs nothing itself. On arrays of node numbers.

``a -> b`` says that a needs b, so b moves no later than a. Where b is retired the need is turned: b is stopped no sooner than a has
moved or been retired. Where a is retired and b is not the need says nothing of order. So what is retired is needed by nothing that moves,
and is in no circle with it.
"""

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudmigrate.domain.condensation import Flags, Numbers


def turned_needs(
    unit_of: "Numbers", needs: "Numbers", ordering: "Numbers", *, moves: "Flags", retires: "Flags"
) -> tuple["Numbers", "Numbers"]:
    """The needs by which groups are ordered, and those at what is retired of what stays: pairs (needs, is needed).

    *needs* are all of them, *ordering* those without shared services that are held out: what is retired waits for these too. Units of
    one piece count as one. Who reaches it through things that stay is waited for like one that needs it directly.
    """
    import numpy as np

    units = int(unit_of.max(initial=-1)) + 1
    gone, going = np.zeros(units, dtype=np.bool_), np.zeros(units, dtype=np.bool_)
    gone[unit_of[retires]] = True
    going[unit_of[moves]] = True
    source, target = unit_of[ordering[:, 0]], unit_of[ordering[:, 1]]
    plain = ordering[(source == target) | ~(gone[source] | gone[target])]
    source, target = unit_of[needs[:, 0]], unit_of[needs[:, 1]]
    clients = needs[gone[target] & (source != target)]
    is_going = going[unit_of[clients[:, 0]]]
    stranded = clients[~is_going]
    found = [plain, clients[is_going][:, ::-1]]
    if len(stranded):
        found.append(_through(unit_of, ordering, stranded, going))
    return np.concatenate(found), stranded


def _through(unit_of: "Numbers", ordering: "Numbers", stranded: "Numbers", going: "Flags") -> "Numbers":
    """What is retired with each that moves and reaches it through things that stay."""
    import numpy as np

    above: defaultdict[int, list[int]] = defaultdict(list)  # unit that stays -> nodes that need it
    for source, target in ordering[~going[unit_of[ordering[:, 1]]]].tolist():
        above[int(unit_of[target])].append(source)
    found: list[tuple[int, int]] = []
    starts: defaultdict[int, set[int]] = defaultdict(set)  # node that is retired -> units that stay and need it
    for source, target in stranded.tolist():
        starts[target].add(int(unit_of[source]))
    for retired, seen in starts.items():
        stack = list(seen)
        while stack:
            for node in above.get(stack.pop(), ()):
                unit = int(unit_of[node])
                if going[unit]:
                    found.append((retired, node))
                elif unit not in seen:
                    seen.add(unit)
                    stack.append(unit)
    return np.array([(retired, node) for retired, node in found if unit_of[retired] != unit_of[node]], dtype=np.int64).reshape(-1, 2)
