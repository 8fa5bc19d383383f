"""What people's tags say that bears on a strategy: tables of keys and words, to be replaced by a team's own. All in lower case."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from cloudmigrate.domain.strategies import Strategy

# A strategy that is stated outright.
TOLD_TAGS = ("migration-strategy", "migration:strategy", "strategy", "7r")
# A rule that keeps data or machines where they are: any value but those of NO.
BOUND_TAGS = ("data-residency", "residency", "legal-hold", "do-not-migrate", "export-control")
# Under which regime it is audited; any value but those of NO.
REGULATED_TAGS = ("compliance", "regulation", "regulated")
NO = frozenset({"", "no", "none", "false", "0", "n/a", "any"})
# What runs on it.
PRODUCT_TAGS = ("product", "application", "software", "app", "engine")
# Products that are sold as a service by whoever makes them (their own product pages): evidence enough to ask for an offer.
SOLD_AS_SERVICE = frozenset(
    {"bitbucket", "confluence", "exchange", "gitlab", "jira", "salesforce", "servicenow", "sharepoint", "tableau", "workday", "zendesk"}
)
HYPERVISOR_TAGS = ("hypervisor", "platform", "virtualisation", "virtualization")
VMWARE_WORDS = frozenset({"vmware", "vsphere", "esxi", "vmc", "vmware cloud on aws"})


@dataclass(frozen=True, slots=True)
class TagWords:
    """All that a resource's tags say."""

    told: Strategy | None
    compliance: str
    compliance_tag: str | None
    product: str | None
    on_vmware: bool


@lru_cache(maxsize=10_000)
def words_of_tags(tags: tuple[tuple[str, str], ...]) -> TagWords:
    """What pairs of key and value say; many resources bear the same."""
    found = dict(tags)
    return TagWords(told_strategy(found), *compliance_of(found), product_of_tags(found), runs_vmware(found))


def _plain(tags: Mapping[str, str]) -> dict[str, str]:
    return {key.strip().lower().replace("_", "-"): value.strip().lower() for key, value in sorted(tags.items())}


def told_strategy(tags: Mapping[str, str]) -> Strategy | None:
    """The strategy that a tag states; None where none does, or in no word that we know."""
    found = _plain(tags)
    words = [found[key] for key in TOLD_TAGS if key in found]
    return next((Strategy(word) for word in words if word in set(Strategy)), None)


def compliance_of(tags: Mapping[str, str]) -> tuple[str, str | None]:
    """(none, regulated or bound; the tag that says so): bound keeps it where it is."""
    found = _plain(tags)
    for word, keys in (("bound", BOUND_TAGS), ("regulated", REGULATED_TAGS)):
        for key in keys:
            if found.get(key, "") not in NO:
                return word, f"{key}={found[key]}"
    return "none", None


def product_of_tags(tags: Mapping[str, str]) -> str | None:
    """The product that a tag names and that is sold as a service, or an engine with a managed form; None otherwise."""
    found = _plain(tags)
    words = [found[key] for key in PRODUCT_TAGS if key in found]
    return next((word for word in words if word in SOLD_AS_SERVICE or word in MANAGED_WORDS), None)


def runs_vmware(tags: Mapping[str, str]) -> bool:
    """Whether a tag names VMware as what it runs on."""
    found = _plain(tags)
    return any(found.get(key) in VMWARE_WORDS for key in HYPERVISOR_TAGS)


# Port on which a self-managed product answers (IANA's registry of ports) -> what it is, and the service that manages it (service pages).
MANAGED_PORTS: dict[int, tuple[str, str]] = {
    1433: ("Microsoft SQL Server", "RDS for SQL Server"),
    1521: ("Oracle Database", "RDS for Oracle"),
    3306: ("MySQL or MariaDB", "RDS or Aurora MySQL"),
    5432: ("PostgreSQL", "RDS or Aurora PostgreSQL"),
    6379: ("Redis or Valkey", "ElastiCache"),
    11211: ("Memcached", "ElastiCache"),
    27017: ("MongoDB", "DocumentDB"),
    9042: ("Cassandra", "Keyspaces"),
}
MANAGED_WORDS: dict[str, tuple[str, str]] = {
    "mssql": MANAGED_PORTS[1433],
    "sqlserver": MANAGED_PORTS[1433],
    "oracle": MANAGED_PORTS[1521],
    "mysql": MANAGED_PORTS[3306],
    "mariadb": MANAGED_PORTS[3306],
    "postgres": MANAGED_PORTS[5432],
    "postgresql": MANAGED_PORTS[5432],
    "redis": MANAGED_PORTS[6379],
    "valkey": MANAGED_PORTS[6379],
    "memcached": MANAGED_PORTS[11211],
    "mongodb": MANAGED_PORTS[27017],
    "cassandra": MANAGED_PORTS[9042],
}
