"""Shared services: the few resources that everybody talks with, told by port and by how many they serve, and held out of grouping.

DNS, directory and the like tie a whole estate into one move group if they count as dependencies like any other. A service is told by
the ports that it is served on, or reaches out to, never by the number of clients alone: a database or an application with hundreds of
clients is a dependency, not plumbing of the estate. Ports as registered with IANA and as the named products' manuals give them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cloudmigrate.domain.decisions import HELD_OUT, PUT_BACK, Decision, DecisionKind

INBOUND, OUTBOUND = "inbound", "outbound"
TCP, UDP = 6, 17
BOTH = (TCP, UDP)
OTHER = "other"  # held out by a person, told by nothing


@dataclass(frozen=True, slots=True)
class ServicePorts:
    """On which ports a shared service is served (inbound), or by which ports of others it is known (outbound)."""

    service: str
    direction: str
    ports: tuple[int, ...]
    protocols: tuple[int, ...] = (TCP,)


# Where a resource is several things for equally many, the first of these names it: a domain controller serves DNS and time too.
SERVICES: tuple[ServicePorts, ...] = (
    ServicePorts("directory", INBOUND, (88, 389, 464, 636, 3268, 3269), BOTH),  # Kerberos, LDAP, Active Directory's global catalogue
    ServicePorts("dns", INBOUND, (53, 853), BOTH),
    ServicePorts("ntp", INBOUND, (123,), (UDP,)),
    # Agents that are asked: Prometheus exporters for Linux and Windows, Zabbix, Nagios NRPE and NSClient++, SNMP.
    ServicePorts("monitoring", OUTBOUND, (9100, 9182, 10050, 5666, 12489)),
    ServicePorts("monitoring", OUTBOUND, (161,), (UDP,)),
    # Servers that agents report to: Zabbix, OpenTelemetry, Prometheus' push gateway, StatsD.
    ServicePorts("monitoring", INBOUND, (10051, 4317, 4318, 9091)),
    ServicePorts("monitoring", INBOUND, (8125,), (UDP,)),
    # Syslog, syslog over TLS, Beats, GELF, Fluentd, Splunk's forwarders, Wazuh.
    ServicePorts("logging", INBOUND, (514, 6514, 5044, 12201, 24224, 9997, 1514), BOTH),
    ServicePorts("proxy", INBOUND, (3128, 1080)),  # Squid, SOCKS; 8080 is every other application's port
    ServicePorts("bastion", OUTBOUND, (22, 3389, 5985, 5986)),  # SSH, RDP, WinRM: operators' way in, or a configuration tool
)


@dataclass(frozen=True, slots=True)
class SharedPolicy:
    """How many peers make a service shared; the figures are judgements, not measurements."""

    share_of_estate: float = 0.1  # of the resources that talk at all
    at_least: int = 5  # peers, however small the estate
    at_most: int = 25  # peers that are enough, however large it is: a VPC may have a DNS of its own
    share_of_peers: float = 0.5  # of its own peers, on the service's ports: what it mostly is

    def enough(self, talkers: int) -> float:
        """How many peers are enough in an estate of so many resources that talk."""
        return min(max(self.at_least, self.share_of_estate * talkers), self.at_most)


USUAL = SharedPolicy()


@dataclass(frozen=True, slots=True)
class ServicePeers:
    """How many peers a resource has on the ports of one service: a row of ``service_peers``."""

    uid: str
    service: str
    direction: str
    peers: int
    ports: tuple[int, ...]
    all_peers: int  # on any port
    talkers: int  # resources of the estate that talk at all

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "ServicePeers":
        """The record of a row."""
        return cls(**{**row, "ports": tuple(row["ports"])})


@dataclass(frozen=True, slots=True)
class SharedService:
    """A resource that serves many, and whether it is held out of grouping; a row of the dataset `shared_services`."""

    uid: str
    service: str
    peers: int
    ports: tuple[int, ...]
    held_out: bool
    reason: str

    def row(self) -> dict[str, Any]:
        """Its row."""
        return asdict(self)


def service_ports() -> Iterator[dict[str, Any]]:
    """The table of services, one row per (service, direction, protocol, port)."""
    for one in SERVICES:
        for protocol in one.protocols:
            for port in one.ports:
                yield {"service": one.service, "direction": one.direction, "protocol": protocol, "port": port}


def shared_services(
    found: Iterable[ServicePeers],
    decisions: Iterable[Decision] = (),
    *,
    known: Iterable[str] = (),
    homes: Mapping[str, str] | None = None,
    policy: SharedPolicy = USUAL,
) -> tuple[SharedService, ...]:
    """The shared services of an estate, sorted by uid: those detected, and those that a person holds out.

    A decision holds whatever was detected; one on a folded resource is on what it is folded into (*homes*), one on a resource that is
    not among *known* says nothing of this snapshot.
    """
    by_uid: dict[str, list[ServicePeers]] = defaultdict(list)
    for one in found:
        if one.peers >= policy.enough(one.talkers) and one.peers >= policy.share_of_peers * one.all_peers:
            by_uid[one.uid].append(one)
    services = {uid: _detected(roles) for uid, roles in by_uid.items()}
    there = set(known) | services.keys()
    for decision in decisions:
        uid = (homes or {}).get(decision.subject, decision.subject)
        if decision.kind is DecisionKind.SHARED and uid in there:
            decided = _decided(uid, services.get(uid), decision)
            if decided is not None:
                services[uid] = decided
    return tuple(services[uid] for uid in sorted(services))


def _detected(roles: Sequence[ServicePeers]) -> SharedService:
    order = {one.service: number for number, one in reversed(list(enumerate(SERVICES)))}
    first, *others = sorted(roles, key=lambda one: (-one.peers, order[one.service], one.direction))
    ports = ", ".join(map(str, first.ports))
    does = "serves" if first.direction == INBOUND else "reaches out to"
    reason = f"{does} {first.peers} of {first.talkers - 1} other resources on port {ports}; talks with {first.all_peers} on any port"
    also = sorted({one.service for one in others} - {first.service})
    return SharedService(
        uid=first.uid,
        service=first.service,
        peers=first.peers,
        ports=tuple(sorted({port for one in roles for port in one.ports})),
        held_out=True,
        reason=reason + (f"; also {', '.join(also)}" if also else ""),
    )


def _decided(uid: str, detected: SharedService | None, decision: Decision) -> SharedService | None:
    """The service as a person decided; None where what was put back is no shared service anyway."""
    said = f"{decision.decided_by} decided: {decision.value}" + (f" ({decision.reason})" if decision.reason else "")
    if detected is not None:
        return SharedService(
            uid, detected.service, detected.peers, detected.ports, decision.value != PUT_BACK, f"{said}; {detected.reason}"
        )
    if decision.value == HELD_OUT:
        return SharedService(uid, OTHER, 0, (), held_out=True, reason=said)
    return None
