"""Which end of a conversation is the server: the evidence for it, strongest first, and what it is worth.

A flow log record says who sent, not who asked. Sources of the rules: TCP flags, Amazon VPC User Guide, "Flow log records"
(``tcp-flags``: SYN 2, SYN-ACK 18, as a sum over the capture window); service ports, IANA "Service Name and Transport Protocol Port
Number Registry" and the vendors' defaults; dynamic ports, RFC 6335 (49152 up) and Linux's ``ip_local_port_range`` (32768 up).
"""

from enum import StrEnum

SYN, ACK_SYN = 2, 18
DYNAMIC_FROM = 32_768  # Linux takes 32768 to 60999 for clients, Windows and the registry 49152 up


class DirectionRule(StrEnum):
    """How the server's end was told."""

    SYN = "syn"  # who opened the connection was seen
    KNOWN = "known"  # only one port is a well-known service's
    LISTENS = "listens"  # many ports talk with this one, or it was seen listening in other conversations
    RANGE = "range"  # only one port is outside the range that clients take theirs from
    GUESS = "guess"  # nothing of this: the lower port, or none


# 0..1: that the direction is right. Weights of ours, in the order of what could go wrong with each rule.
CONFIDENCE = {
    DirectionRule.SYN: 1.0,
    DirectionRule.KNOWN: 0.95,
    DirectionRule.LISTENS: 0.9,
    DirectionRule.RANGE: 0.85,
    DirectionRule.GUESS: 0.5,
}
STRENGTH = {rule: number for number, rule in enumerate(DirectionRule)}  # 0 is the strongest

_REGISTERED = """
20 21 22 23 25 49 53 67 69 80 88 110 111 119 123 135 137 138 139 143 161 162 179 389 443 445 464 465 500 514 515 543 544 554 587 623
631 636 853 873 990 993 995 1080 1194 1352 1414 1433 1434 1494 1521 1522 1645 1646 1701 1723 1812 1813 1883 2049 2181 2375 2376 2379
2380 2483 2484 2598 3000 3128 3260 3268 3269 3306 3389 3690 4369 4500 4505 4506 4848 5000 5044 5050 5060 5061 5222 5432 5433 5439 5601
5665 5666 5671 5672 5701 5900 5984 5985 5986 6000 6379 6380 6443 6514 6667 7000 7001 7077 7199 7474 7687 8000 8005 8008 8009 8020 8042
8080 8081 8086 8088 8089 8090 8125 8140 8161 8182 8200 8300 8301 8302 8443 8500 8600 8883 8888 9000 9001 9042 9050 9090 9091 9092 9093
9094 9096 9098 9100 9142 9160 9200 9300 9418 9443 9555 9870 9996 10050 10051 10250 10255 11211 11311 15672 16379 18080 19999 20000
25565 25672 26379 27017 27018 27019 28015 30000 31090
"""
KNOWN_PORTS: frozenset[int] = frozenset({int(port) for port in _REGISTERED.split()} | set(range(1, 1024)) | {50_051})
PORTLESS = frozenset({1, 2, 47, 50, 51, 58, 89, 112})  # ICMP, IGMP, GRE, ESP, AH, ICMPv6, OSPF, VRRP: no ports, or none of a service
