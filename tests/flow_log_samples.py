"""Flow logs as text for tests: a small world of hosts, and the records that its conversations leave at both ends."""

import gzip
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cloudmigrate.domain.addresses import InterfaceHolder

HEADER = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
VPC, ACCOUNT, REGION = "vpc-1", "111111111111", "eu-central-1"


@dataclass(frozen=True)
class Host:
    """One machine with one interface."""

    name: str
    address: str
    vpc_id: str = VPC
    interface: str | None = None

    @property
    def interface_id(self) -> str:
        """Its interface."""
        return self.interface or f"eni-{self.name}"

    @property
    def uid(self) -> str:
        """Its ARN."""
        return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-{self.name}"

    def holder(self, attached_at: datetime | None = None) -> InterfaceHolder:
        """Its interface as the inventory tells it."""
        return InterfaceHolder(
            self.interface_id, ACCOUNT, REGION, self.vpc_id, "subnet-1", (self.address,), (), self.uid, "instance", attached_at
        )


def record(
    eni: str,
    src: tuple[str, int],
    dst: tuple[str, int],
    *,
    at: int,
    octets: int = 1000,
    packets: int = 10,
    action: str = "ACCEPT",
    protocol: int = 6,
) -> str:
    """One v2 record."""
    return f"2 {ACCOUNT} {eni} {src[0]} {dst[0]} {src[1]} {dst[1]} {protocol} {packets} {octets} {at} {at + 60} {action} OK"


def conversation(
    client: Host, server: Host, port: int, *, at: datetime, ephemeral: int = 40_000, there: int = 1000, back: int = 5000, protocol: int = 6
) -> list[str]:
    """The four records of a conversation that both ends' interfaces logged: request and reply, at the client's and at the server's."""
    start = int(at.timestamp())
    request, reply = (client.address, ephemeral), (server.address, port)
    return [
        text
        for eni in (client.interface_id, server.interface_id)
        for text in (
            record(eni, request, reply, at=start, octets=there, protocol=protocol),
            record(eni, reply, request, at=start, octets=back, protocol=protocol),
        )
    ]


def noisy(edges: Iterable[tuple[Host, Host, int]], *, days: int, start: datetime, dropped: float = 0.2, seed: int = 7) -> Iterator[str]:
    """Records of *edges* over some days: several conversations an hour, halves in any order, some dropped, scanners and pings between."""
    chance = random.Random(seed)
    all_edges = list(edges)
    hosts = sorted({host for client, server, _ in all_edges for host in (client, server)}, key=lambda host: host.name)
    for hour in range(days * 24):
        at = int(start.timestamp()) + hour * 3600
        lines: list[str] = []
        for client, server, port in all_edges:
            for _ in range(3):
                then = datetime.fromtimestamp(at + chance.randrange(3500), UTC)
                lines += conversation(client, server, port, at=then, ephemeral=chance.randrange(32_768, 61_000))
        lines = [line for line in lines if chance.random() >= dropped]
        victim = chance.choice(hosts)
        scanner = f"203.0.113.{chance.randrange(1, 250)}"
        lines.append(
            record(victim.interface_id, (scanner, chance.randrange(1024, 65_000)), (victim.address, 22), at=at, action="REJECT", octets=40)
        )
        chance.shuffle(lines)
        yield from lines


def packed(lines: Iterable[str]) -> bytes:
    """The lines under a header, as a gzip object."""
    return gzip.compress("\n".join((HEADER, *lines, "")).encode())
