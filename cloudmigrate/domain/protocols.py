"""Protocols as people call them."""

_PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 47: "GRE", 50: "ESP", 58: "ICMPv6"}


def protocol_name(number: int) -> str:
    """The name of IANA's protocol *number*."""
    return _PROTOCOLS.get(number, f"IP {number}")
