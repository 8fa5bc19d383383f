"""What a plan retires: what a person decided so, with what hangs on it; and why others of which a person decided so stay out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cloudmigrate.domain.constraints import Exclusion, Retirement
from cloudmigrate.domain.move_groups import PlanItem
from cloudmigrate.domain.strategies import Strategy

SERVER, VOLUME, DATABASE = "AWS::EC2::Instance", "AWS::EC2::Volume", "AWS::RDS::DBInstance"
TYPES = frozenset({SERVER, VOLUME, DATABASE})  # of which a wave can retire one: those of the itinerary
ALONG = frozenset({VOLUME})  # of what moves on its own, goes with the server on which it hangs, undecided


def retirements(
    decided: Iterable[Retirement], items: Sequence[PlanItem], parts: Iterable[tuple[str, str]], causes: Mapping[str, Exclusion]
) -> tuple[dict[str, Retirement], list[Exclusion]]:
    """uid -> the decision by which a wave retires it; and the decisions that no wave carries out, as exclusions with their reason.

    A piece (*parts*: pairs of uids) is retired whole or not at all. Nothing is retired of which nobody decided so, but the volumes of a
    retired server. *causes*: what stays already, by an exclusion or because it is retained.
    """
    by_uid = {one.uid: one for one in decided}
    known = {item.uid: item for item in items}
    beside: defaultdict[str, list[str]] = defaultdict(list)
    if by_uid:
        for a, b in parts:
            beside[a].append(b)
            beside[b].append(a)
    retired: dict[str, Retirement] = {}
    staying: list[Exclusion] = []
    for uid, one in by_uid.items():
        if uid in retired:
            continue
        piece = [known[other] for other in _piece(uid, beside) if other in known]
        why = _hinders(uid, piece, by_uid, causes)
        if why is not None:
            staying.append(Exclusion(uid, one.reason, one.by, Strategy.RETIRE, why))
            continue
        servers = [item.uid for item in piece if item.type == SERVER and item.uid in by_uid]
        retired |= {item.uid: by_uid.get(item.uid) or by_uid[(servers or [uid])[0]] for item in piece if item.moves}
    return retired, staying


def _piece(uid: str, beside: Mapping[str, Sequence[str]]) -> list[str]:
    """All that is of one piece with it, itself included; sorted."""
    found, stack = {uid}, [uid]
    while stack:
        for other in beside.get(stack.pop(), ()):
            if other not in found:
                found.add(other)
                stack.append(other)
    return sorted(found)


def _hinders(uid: str, piece: Sequence[PlanItem], decided: Mapping[str, Retirement], causes: Mapping[str, Exclusion]) -> str | None:
    """Why no wave retires it; None: one does."""
    own = next((item for item in piece if item.uid == uid), None)
    if own is None:
        return "it is not in the inventory"
    if uid in causes:
        return f"of one piece with {causes[uid].uid}, which stays"
    if own.type not in TYPES:
        return f"no wave retires an {own.type}"
    if not own.moves:
        return own.why_not or "it has no wave"
    return next((why for item in piece if (why := _other_hinders(item, piece, decided))), None)


def _other_hinders(item: PlanItem, piece: Sequence[PlanItem], decided: Mapping[str, Retirement]) -> str:
    """Why the piece cannot be retired with *item* in it; empty: it can."""
    if not item.moves:  # it stays out, and its piece with it, only where a person decided something of it
        return f"of one piece with {item.uid}, which has no wave" if item.uid in decided else ""
    if item.uid in decided:
        return "" if item.type in TYPES else f"of one piece with {item.uid}, and no wave retires an {item.type}"
    if item.type in ALONG and any(one.type == SERVER and one.uid in decided for one in piece):
        return ""
    return f"of one piece with {item.uid}, of which nobody decided so"


def with_retired(items: Iterable[PlanItem], retired: Mapping[str, Retirement]) -> list[PlanItem]:
    """*items* of which those *retired* are retired by their wave."""
    return [replace(item, retires=True, strategy=Strategy.RETIRE) if item.uid in retired else item for item in items]
