"""Whether a network ACL lets packets through: entries in order, the first that matches decides, and nothing is remembered.

Stateless, so answers need an entry of their own, towards the port that the client opened (VPC User Guide, "Network ACLs" and
"Ephemeral ports"). An entry's ports are those that the packet goes to.
"""

from cloudmigrate.domain.group_rules import Packets, covers, covers_ports
from cloudmigrate.domain.network import ALL_PROTOCOLS, WITH_PORTS, AclEntry, NetworkAcl, Span
from cloudmigrate.domain.verdict import NO, UNKNOWN, YES, Check, Verdict, all_of

_Ports = list[tuple[int, int]]


def acl_check(acl: NetworkAcl, addresses: Span, packets: Packets, service: str = "") -> Check:
    """Whether *acl* lets *packets* out to *addresses* (egress), or in from them."""
    protocol = packets.protocol
    left: _Ports = [packets.ports]  # of which ports no entry has decided for all the addresses
    allowing: list[str] = []
    denying: list[str] = []
    for entry in acl.entries:
        if entry.is_egress is not packets.is_egress or not left:
            continue
        matches = all_of((covers(entry.addresses, addresses, service), _matches_protocol(entry, protocol)))
        if matches is NO:
            continue
        named = (entry.from_port, entry.to_port) if protocol in WITH_PORTS and entry.protocol != ALL_PROTOCOLS else (-1, -1)
        touched, rest = _cut(left, named)
        if not touched:
            continue
        (allowing if entry.allows else denying).append(entry.entry_id)
        if matches is YES:
            left = rest
    if left:
        denying.append(f"{acl.acl_id}/{packets.direction}/*")  # what no entry names is denied
    return _answer(allowing, denying)


def _answer(allowing: list[str], denying: list[str]) -> Check:
    if not denying:
        return Check(YES, tuple(allowing))
    if not allowing:
        return Check(NO, why=f"{denying[0]} denies it")
    return Check(UNKNOWN, (), tuple(allowing), f"{denying[0]} denies a part of what {allowing[0]} allows")


def _matches_protocol(entry: AclEntry, protocol: int) -> Verdict:
    """Whether the entry is for the protocol; of a type of ICMP only maybe. Ports are looked at apart."""
    if entry.protocol == ALL_PROTOCOLS:
        return YES
    if entry.protocol != protocol:
        return NO
    return YES if protocol in WITH_PORTS else covers_ports(protocol, (entry.from_port, entry.to_port), (0, 0))


def _cut(left: _Ports, named: tuple[int, int]) -> tuple[bool, _Ports]:
    """Whether any port of *left* is among those *named*, (-1, -1) for all, and what is left without them."""
    if named == (-1, -1):
        return bool(left), []
    rest: _Ports = []
    touched = False
    for first, last in left:
        if named[1] < first or last < named[0] or named[0] > named[1]:
            rest.append((first, last))
            continue
        touched = True
        if first < named[0]:
            rest.append((first, named[0] - 1))
        if named[1] < last:
            rest.append((named[1] + 1, last))
    return touched, rest
