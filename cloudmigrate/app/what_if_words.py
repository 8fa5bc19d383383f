"""The answer of `plan what-if` for a person: what it comes to first, then what it is made of."""

from collections import Counter
from collections.abc import Sequence

from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.protocols import protocol_name
from cloudmigrate.domain.wave_words import listed, size_words
from cloudmigrate.domain.what_if import Breach, Figures, Moved, Rule, WhatIf

DETAILS_AT_MOST = 10  # of each kind: a workload has hundreds of groups
_A_DAY = " a day"


def what_if_lines(found: WhatIf, *, everything: bool = False) -> list[str]:
    """The answer: its sums, then moves, rules and laws one by one, ten of each or *everything*."""
    lines = [f"plan: {found.plan_id}"]
    if not found.moves:
        return [*lines, "moves: nothing, as all of it is in that wave already", "allowed: yes"]
    lines += [_moving(found.moves), *_allowed(found.breaches), *_changes(found.before, found.after)]
    lines.append(
        f"latency: {found.added_latency_ms:g} ms more a round trip on {_dependencies(found.edges_newly_crossing)} newly between sites, "
        f"{_dependencies(found.edges_no_longer_crossing)} no longer"
        if found.edges_newly_crossing
        else f"latency: no dependency newly between sites, {_dependencies(found.edges_no_longer_crossing)} no longer"
    )
    lines.append(f"rules to open between sites: {len(found.rules_to_open) or 'none'}")
    moves = [_move(one) for one in found.moves]
    lines += _part("each move", moves, everything)
    lines += _part("each rule to open", [_rule(found, one) for one in found.rules_to_open], everything)
    worst_first = sorted(found.breaches, key=lambda one: one.goal)
    return lines + _part("each law broken or goal missed", [one.words for one in worst_first], everything)


def _moving(moves: Sequence[Moved]) -> str:
    to = sorted({one.to_wave for one in moves})
    waves = f"wave{'' if len(to) == 1 else 's'} {listed(map(str, to))}"
    return f"moves: {counted(len(moves), 'group')}, {counted(sum(one.resources for one in moves), 'resource')} to {waves}"


def _allowed(breaches: Sequence[Breach]) -> list[str]:
    """Whether it may be done, and how often which law or goal is broken; the most frequent first."""
    broken, missed = (Counter(one.law for one in breaches if one.goal is goal) for goal in (False, True))
    lines = [f"allowed: no, {counted(broken.total(), 'law')} broken" if broken else "allowed: yes"]
    lines += [f"  law: {law} ({counted(times, 'time')})" for law, times in broken.most_common()]
    return lines + [f"  goal missed, in nobody's way: {goal} ({counted(times, 'time')})" for goal, times in missed.most_common()]


def _changes(before: Figures, after: Figures) -> list[str]:
    carried = before.cross_wave_bytes_per_day, after.cross_wave_bytes_per_day
    old, new, more = (size_words(abs(one)).removesuffix(_A_DAY) for one in (*carried, carried[1] - carried[0]))
    return [
        f"data: {old} -> {new} a day across waves{_difference(carried[1] - carried[0], more)}",
        _changed("dependencies across waves:", "", before.cross_wave_edges, after.cross_wave_edges, ",d"),
        _changed("cost:", " USD a day for transfer", before.transfer_usd_per_day, after.transfer_usd_per_day, ",.4f"),
        _changed("score:", ", lower is better", before.score, after.score, ",.3f"),
    ]


def _changed(title: str, unit: str, old: float, new: float, form: str) -> str:
    return f"{title} {old:{form}} -> {new:{form}}{unit}{_difference(new - old, f'{abs(new - old):{form}}')}"


def _difference(sign: float, size: str) -> str:
    return " (unchanged)" if not sign else f" ({'+' if sign > 0 else '-'}{size})"


def _dependencies(number: int) -> str:
    return counted(number, "dependency", "dependencies")


def _part(title: str, lines: Sequence[str], everything: bool) -> list[str]:
    """The *lines* under their *title*, the first of many, and where the rest is."""
    if not lines:
        return []
    shown = lines if everything else lines[:DETAILS_AT_MOST]
    left = len(lines) - len(shown)
    return ["", f"{title}:", *(f"  {one}" for one in shown), *([f"  and {left:,} more: --json or --all"] if left else [])]


def _move(one: Moved) -> str:
    room = f"wave {one.first}" if one.first == one.last else f"waves {one.first} to {one.last}"
    room = room if one.first <= one.last else "no wave"
    return f"{one.label} from wave {one.from_wave} to {one.to_wave} (its needs leave it {room})"


def _rule(found: WhatIf, rule: Rule) -> str:
    own, peer = found.called.get(rule.move_group, rule.move_group), found.called.get(rule.peer, rule.peer)
    way = f"to {peer}" if rule.direction == "egress" else f"from {peer}"
    return f"{rule.direction} of {own}: {protocol_name(rule.protocol)} {rule.port} {way}"
