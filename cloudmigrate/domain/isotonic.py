"""Things on a line, moved as little as can be so that none overlaps the next."""

from collections.abc import Sequence


def spread_apart(wishes: Sequence[float], lengths: Sequence[float], room: float) -> list[float]:
    """The start of each thing, in the order given: nearest to its wish (least squares), none overlapping, all within 0 and *room*.

    Where the room is too small for all of them, they stand one after another from 0. Pool adjacent violators (Ayer and others, 1955)
    on the wishes less the length before them; cutting the answer to the room keeps it the nearest (the bounds are the same for all).
    """
    before = 0.0
    pools: list[tuple[float, int]] = []  # mean wish, things in the pool
    starts: list[float] = []
    for wish, length in zip(wishes, lengths, strict=True):
        starts.append(before)
        mean, size = wish - before, 1
        while pools and pools[-1][0] > mean:
            other, many = pools.pop()
            mean, size = (mean * size + other * many) / (size + many), size + many
        pools.append((mean, size))
        before += length
    slack = max(room - before, 0.0)
    levels = [min(max(mean, 0.0), slack) for mean, size in pools for _ in range(size)]
    return [level + start for level, start in zip(levels, starts, strict=True)]
