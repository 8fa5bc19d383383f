"""The one line that each measure ends in, and what it promises."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """What a measure is to reach at full scale; None: no such promise."""

    ratio_at_least: float | None = None
    ratio_at_most: float | None = None
    peak_mb_at_most: float | None = None

    def missed_by(self, ratio: float, peak_mb: float) -> list[str]:
        """Each promise that was not kept, in words."""
        found = []
        if self.ratio_at_least is not None and ratio < self.ratio_at_least:
            found.append(f"ratio at least {self.ratio_at_least:g}")
        if self.ratio_at_most is not None and ratio > self.ratio_at_most:
            found.append(f"ratio at most {self.ratio_at_most:g}")
        if self.peak_mb_at_most is not None and peak_mb > self.peak_mb_at_most:
            found.append(f"peak at most {self.peak_mb_at_most:g} MB")
        return found


def line(
    name: str, ours_s: float, peer: str, peer_s: float, *, ratio: float, peak_mb: float, target: Target | None = None, remark: str = ""
) -> str:
    """``bench NAME: ours S s, PEER S s, ratio R, peak N MB``, then the remark, then what was missed of *target*."""
    text = f"bench {name}: ours {ours_s:.1f} s, {peer} {peer_s:.1f} s, ratio {ratio:.2f}, peak {peak_mb:.0f} MB"
    if remark:
        text += f" ({remark})"
    missed = target.missed_by(ratio, peak_mb) if target else []
    return f"{text} missed: {', '.join(missed)}" if missed else text


def skipped(name: str, why: str) -> str:
    """The line of a measure whose peer is not there."""
    return f"bench {name}: skipped, {why}"
