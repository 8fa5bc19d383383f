"""The graph's sentences and words, made from its numbers."""

from collections.abc import Sequence

from reports.graph.arrange import Arranged, GroupKind
from reports.graph.view import EdgeRow, GraphView
from reports.readiness.ports import port_text
from reports.readiness.words import agree, count, day, listing

DIRECTIONS = {
    "syn": "TCP flags show who opened it",
    "known": "a well-known service port",
    "listens": "a port that many clients used",
    "range": "only one side's port was ephemeral",
    "guess": "guessed",
}
RESOLUTIONS = {
    "resolved": "both ends known at the time",
    "assumed": "older than the first snapshot; its holder then is assumed",
    "external": "an end outside the estate",
    "unknown": "an address that nothing known held",
}
PERIODICITIES = {
    "continuous": "around the clock",
    "hourly": "hourly",
    "daily": "daily",
    "weekdays": "on weekdays, not at weekends",
    "weekly": "weekly",
    "month_end": "at the end of the month",
    "irregular": "irregular",
    "once": "once",
}


def edge_port(edge: EdgeRow) -> str:
    """Such as "TCP 5432 (postgresql)"; "configuration" where no traffic was seen."""
    return port_text(edge.protocol, edge.port)


def evidence_word(edge: EdgeRow) -> str:
    """How the edge is known: seen, stated or both, and whether rules still let it through."""
    seen = {(True, True): "seen and stated", (True, False): "seen", (False, True): "stated"}.get(
        (edge.observed, edge.configured), "neither"
    )
    return f"{seen}, not allowed now" if edge.observed and edge.allowed is False else seen


def lead_sentence(view: GraphView, arranged: Arranged) -> str:
    """What the graph holds."""
    if not arranged.nodes:
        return "There is nothing to draw: no resource that moves or depends on another is known."
    groups = [group for group in arranged.groups if group.kind is GroupKind.MOVES]
    moving = sum(len(group.members) for group in groups)
    outside = sum(len(group.members) for group in arranged.groups if group.kind is GroupKind.OUTSIDE)
    parts = [f"{count(moving, 'resource')} in {count(len(groups), 'move group')}", count(len(arranged.edges), "dependency", "dependencies")]
    parts += [count(outside, "end outside the estate", "ends outside the estate")] if outside else []
    return f"{listing(parts)}.{_seen_sentence(view, arranged.edges)}"


def left_out_sentences(view: GraphView) -> tuple[str, ...]:
    """What is not in this drawing, and where it is; nothing where all is."""
    parts = [count(view.left_out_nodes, "resource")] * bool(view.left_out_nodes)
    parts += [count(view.left_out_edges, "dependency", "dependencies")] * bool(view.left_out_edges)
    if not parts:
        return ()
    return (f"Left out here: {listing(parts)}, those with the fewest bytes. The file graph.html beside this report holds all.",)


def folded_sentences(view: GraphView) -> tuple[str, ...]:
    """How many resources are plumbing that is not drawn; nothing where none is."""
    folded = sum(row.folded_into is not None for row in view.nodes)
    if not folded:
        return ()
    what = f"{count(folded, 'resource')} {agree(folded, 'is', 'are')} plumbing (interfaces, listeners, target groups and the like)"
    return (f"{what}, folded into what {agree(folded, 'it serves', 'they serve')} and not drawn.",)


def _seen_sentence(view: GraphView, edges: Sequence[EdgeRow]) -> str:
    if not edges:
        return ""
    seen = sum(edge.observed for edge in edges)
    if not seen:
        return " All are stated by configuration; no traffic was read." if view.traffic_from_at is None else " None was seen in traffic."
    stated = len(edges) - seen
    window = f" between {day(view.traffic_from_at)} and {day(view.traffic_to_at)}" if view.traffic_from_at and view.traffic_to_at else ""
    rest = f"; {stated:,} only stated by configuration" if stated else ""
    shut = sum(edge.observed and edge.allowed is False for edge in edges)
    text = f" {seen:,} of them {'was' if seen == 1 else 'were'} seen in traffic{window}{rest}."
    return f"{text} {shut:,} {'is' if shut == 1 else 'are'} not allowed by today's rules any more." if shut else text
