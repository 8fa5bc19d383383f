"""The graph's sentences and words, made from its numbers."""

from collections.abc import Sequence
from datetime import date

from reports.graph.arrange import Arranged, GroupKind
from reports.graph.view import EdgeRow, GraphView
from reports.readiness.words import count, day, listing

_PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 47: "GRE", 50: "ESP", 58: "ICMPv6"}
# What usually listens there: IANA's registry, and the defaults of the products.
_SERVICES = {
    20: "ftp data",
    21: "ftp",
    22: "ssh",
    25: "smtp",
    53: "dns",
    67: "dhcp",
    80: "http",
    88: "kerberos",
    111: "rpcbind",
    123: "ntp",
    135: "ms rpc",
    139: "netbios",
    161: "snmp",
    389: "ldap",
    443: "https",
    445: "smb",
    465: "smtps",
    514: "syslog",
    587: "smtp",
    636: "ldaps",
    873: "rsync",
    1433: "sql server",
    1521: "oracle",
    2049: "nfs",
    2181: "zookeeper",
    3128: "proxy",
    3268: "global catalogue",
    3306: "mysql",
    3389: "rdp",
    5432: "postgresql",
    5439: "redshift",
    5671: "amqps",
    5672: "amqp",
    5985: "winrm",
    5986: "winrm",
    6379: "redis",
    8080: "http",
    8443: "https",
    9042: "cassandra",
    9092: "kafka",
    9094: "kafka",
    9200: "elasticsearch",
    11211: "memcached",
    27017: "mongodb",
}
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
    "weekly": "weekly",
    "month_end": "at the end of the month",
    "irregular": "irregular",
    "once": "once",
}


def protocol(number: int | None) -> str:
    """The name of IANA's protocol *number*; empty where only configuration states the edge."""
    return "" if number is None else _PROTOCOLS.get(number, f"IP {number}")


def service(port: int | None) -> str:
    """What usually listens on *port*; empty where nothing is usual."""
    return _SERVICES.get(port or 0, "")


def port_text(edge: EdgeRow) -> str:
    """Such as "TCP 5432 (postgresql)"; "configuration" where no traffic was seen."""
    if edge.protocol is None:
        return "configuration"
    usual = service(edge.port) if edge.protocol in (6, 17) else ""
    number = f" {edge.port}" if edge.port else ""
    return f"{protocol(edge.protocol)}{number}{f' ({usual})' if usual else ''}"


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


def when_text(starts_on: str | None, ends_on: str | None, *, pilot: bool = False) -> str | None:
    """The days of a wave (ISO dates), such as "1 Dec 2026" or "1 Dec to 3 Dec 2026, pilot"; None for a plan without a calendar."""
    if starts_on is None:
        return "pilot" if pilot else None
    first = date.fromisoformat(starts_on)
    last = date.fromisoformat(ends_on) if ends_on else first
    year = "" if first.year == last.year else f" {first.year}"
    text = f"{first.day} {first:%b}{year} to {last.day} {last:%b %Y}" if last > first else f"{first.day} {first:%b %Y}"
    return f"{text}, pilot" if pilot else text
