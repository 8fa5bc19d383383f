"""Protocols and ports as people call them."""

from cloudmigrate.domain.protocols import protocol_name

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


def protocol(number: int | None) -> str:
    """The name of IANA's protocol *number*; empty where only configuration states the edge."""
    return "" if number is None else protocol_name(number)


def service(port: int | None) -> str:
    """What usually listens on *port*; empty where nothing is usual."""
    return _SERVICES.get(port or 0, "")


def port_text(number: int | None, port: int | None) -> str:
    """Such as "TCP 5432 (postgresql)" for protocol *number*; "configuration" where no traffic was seen."""
    if number is None:
        return "configuration"
    usual = service(port) if number in (6, 17) else ""
    return f"{protocol(number)}{f' {port}' if port else ''}{f' ({usual})' if usual else ''}"
