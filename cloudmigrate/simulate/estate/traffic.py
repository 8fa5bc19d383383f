"""Who talks to whom in the demo estate, as tables: what configuration says, what only traffic shows, and what was turned away."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

TCP, UDP = 6, 17


class Rhythm(StrEnum):
    """When two talk, most often first; UTC."""

    CONTINUOUS = "continuous"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    IRREGULAR = "irregular"  # every third day
    MONTH_END = "month_end"  # on the last day of a month
    ONCE = "once"  # five days ago


@dataclass(frozen=True, slots=True)
class Stranger:
    """Addresses that are no resource of the estate: the uid by which traffic names them, and the AWS service that they are of."""

    key: str
    network: str
    uid: str
    service: str = "-"


# Outside addresses are of the networks for documentation and benchmarks (RFC 5737, RFC 2544), but for Amazon's own.
STRANGERS: tuple[Stranger, ...] = (
    Stranger("customers", "203.0.113.128/26", "external:203.0.113.0/24"),
    Stranger("berlin", "198.51.100.16/29", "external:198.51.100.0/24"),  # by the prefix list "offices"
    Stranger("branches", "10.90.4.0/29", "external:10.90.0.0/16"),  # behind the VPN: a route says so
    Stranger("head-office", "10.90.0.20/32", "external:10.90.0.0/16"),
    Stranger("payments", "192.0.2.10/32", "external:192.0.2.0/24"),
    Stranger("packages", "198.18.40.7/32", "external:198.18.40.0/24"),
    Stranger("scanners", "198.18.7.0/26", "external:198.18.7.0/24"),
    Stranger("s3", "52.219.170.66/32", "external:S3", service="S3"),
    Stranger("dynamodb", "3.122.9.144/32", "external:DYNAMODB", service="DYNAMODB"),
    Stranger("print-server", "10.99.3.7/32", "unknown:10.99.3.7"),  # nobody knows where that is
)


@dataclass(frozen=True, slots=True)
class Talk:
    """One dependency as traffic shows it: keys of things, services with interfaces, or strangers."""

    client: str
    server: str
    port: int
    rhythm: Rhythm
    kib: float = 24  # of one conversation, both ways
    protocol: int = TCP
    at_hour: int = 2  # of what is not hourly or more
    weekday: int = 6  # of what is weekly; Monday is 0
    until_days_ago: int = 0  # 0: to this day
    through: str = ""  # the NAT gateway between
    rejected: bool = False


WEB = ("shop-web-group/1", "shop-web-group/2", "shop-web-group/3")
APP = ("shop-app-1", "shop-app-2")
ERP_APP = ("erp-app-1", "erp-app-2", "erp-app-3")
BATCH = ("batch-1", "batch-2", "batch-3", "batch-4")


def _shop() -> Iterator[Talk]:
    """The web shop, as its configuration says; but its classic load balancer is configured and never used."""
    yield Talk("customers", "shop-alb", 443, Rhythm.CONTINUOUS, kib=400)
    for web in WEB:
        yield Talk("shop-alb", web, 8080, Rhythm.CONTINUOUS, kib=380)
        yield Talk(web, "shop-internal", 9000, Rhythm.CONTINUOUS, kib=120)
    for app in APP:
        yield Talk("shop-internal", app, 9000, Rhythm.CONTINUOUS, kib=180)
        yield Talk(app, "shop-db", 5432, Rhythm.CONTINUOUS, kib=900)
        yield Talk(app, "shop-db-replica", 5432, Rhythm.HOURLY, kib=2_000)
        yield Talk(app, "shop-sessions-001", 6379, Rhythm.CONTINUOUS, kib=40)
        yield Talk(app, "shop-fragments", 11211, Rhythm.HOURLY, kib=300)
        yield Talk(app, "shop-search-1", 9200, Rhythm.CONTINUOUS, kib=250)
        yield Talk(app, "shop-secrets", 443, Rhythm.HOURLY, kib=8)
        yield Talk(app, "payments", 443, Rhythm.HOURLY, kib=60, through="shop-nat")
        yield Talk(app, "s3", 443, Rhythm.HOURLY, kib=1_500)
    yield Talk("shop-db-replica", "shop-db", 5432, Rhythm.CONTINUOUS, kib=700)
    yield Talk("order-worker", "shop-db", 5432, Rhythm.HOURLY, kib=90)
    yield Talk("order-worker", "dynamodb", 443, Rhythm.HOURLY, kib=30, through="shop-nat")


def _erp() -> Iterator[Talk]:
    """The ERP system."""
    yield Talk("branches", "erp-nlb", 3200, Rhythm.CONTINUOUS, kib=140)
    for app in ERP_APP:
        yield Talk("erp-nlb", app, 3200, Rhythm.CONTINUOUS, kib=130)
        yield Talk(app, "erp-db", 1433, Rhythm.CONTINUOUS, kib=600)
        yield Talk(app, "erp-files", 445, Rhythm.HOURLY, kib=800)
        yield Talk(app, "erp-licence", 27000, Rhythm.DAILY, kib=4, at_hour=5)
    yield Talk("erp-report", "erp-db", 1433, Rhythm.DAILY, kib=90_000, at_hour=1)
    yield Talk("erp-files", "print-server", 515, Rhythm.DAILY, kib=500, at_hour=6)


def _undocumented() -> Iterator[Talk]:
    """What no configuration tells."""
    yield Talk("erp-report", "shop-db-replica", 5432, Rhythm.DAILY, kib=40_000)  # nightly, over the peering
    yield Talk("batch-1", "erp-db", 1433, Rhythm.WEEKLY, kib=250_000, at_hour=4)  # on Sundays, from the other account
    yield Talk("erp-report", "head-office", 443, Rhythm.MONTH_END, kib=9_000, at_hour=22)  # if the window has the end of a month
    # Two workloads that need each other, which nothing but traffic shows.
    yield Talk("shop-search-1", "erp-files", 445, Rhythm.HOURLY, kib=1_200)
    yield Talk("erp-files", "shop-search-1", 9200, Rhythm.DAILY, kib=6_000, at_hour=3)
    # The rule that let this in was taken away since.
    yield Talk("old-crm", "shop-db", 5432, Rhythm.DAILY, kib=300, at_hour=9, until_days_ago=6)
    yield Talk("pilot-2019", "us-db", 3306, Rhythm.ONCE, kib=40)
    # Its machine is gone: today nobody has the address.
    yield Talk("decommissioned-jenkins", "shop-app-1", 9000, Rhythm.DAILY, kib=50, at_hour=7, until_days_ago=8)


def _america() -> Iterator[Talk]:
    yield Talk("customers", "us-alb", 80, Rhythm.HOURLY, kib=200)
    for web in ("us-web-1", "us-web-2"):
        yield Talk("us-alb", web, 443, Rhythm.HOURLY, kib=190)
        yield Talk(web, "us-db", 3306, Rhythm.HOURLY, kib=260)


def _analytics() -> Iterator[Talk]:
    for batch in BATCH:
        yield Talk(batch, "shared-files", 2049, Rhythm.DAILY, kib=60_000, at_hour=1)
        yield Talk(batch, "warehouse-writer", 5432, Rhythm.DAILY, kib=30_000, at_hour=3)
        yield Talk(batch, "s3", 443, Rhythm.DAILY, kib=200_000, at_hour=1)
    yield Talk("notebook", "warehouse-writer", 5432, Rhythm.IRREGULAR, kib=2_000, at_hour=14)


def _rehearsal() -> Iterator[Talk]:
    """The test shop, whose addresses are those of the real one."""
    yield Talk("rehearsal-web", "rehearsal-app-1", 9000, Rhythm.HOURLY, kib=30)
    yield Talk("rehearsal-app-1", "rehearsal-db", 5432, Rhythm.HOURLY, kib=60)


LINUX = (*WEB, *APP, "shop-search-1", "old-crm", "hostile")
WINDOWS = (*ERP_APP, "erp-files", "erp-licence", "erp-report")


def _shared_services() -> Iterator[Talk]:
    """What nearly every server needs, and what nearly every server is needed by."""
    for number, host in enumerate((*LINUX, *WINDOWS)):
        yield Talk(host, f"dns-{1 + number % 2}", 53, Rhythm.HOURLY, kib=2, protocol=UDP)
        yield Talk(host, "time-1", 123, Rhythm.HOURLY, kib=0.2, protocol=UDP)
        yield Talk("monitoring-1", host, 9100, Rhythm.HOURLY, kib=90)
    for host in (*WINDOWS, "bastion-1", "proxy-1"):
        yield Talk(host, "directory-1", 389, Rhythm.HOURLY, kib=6)
        yield Talk(host, "directory-1", 88, Rhythm.DAILY, kib=3, at_hour=6)
    yield Talk("berlin", "bastion-1", 22, Rhythm.DAILY, kib=900, at_hour=8)
    for host in LINUX:
        yield Talk("bastion-1", host, 22, Rhythm.IRREGULAR, kib=60, at_hour=8)
        yield Talk(host, "proxy-1", 3128, Rhythm.DAILY, kib=700, at_hour=4)
    yield Talk("proxy-1", "packages", 443, Rhythm.DAILY, kib=5_000, at_hour=4, through="shop-nat")


def _turned_away() -> Iterator[Talk]:
    """Attempts that rules rejected."""
    for server, port in (("bastion-1", 22), ("bastion-1", 3389), ("shop-alb", 23), ("shop-nat", 8080)):
        yield Talk("scanners", server, port, Rhythm.HOURLY, kib=0.06, rejected=True)


TALKS: tuple[Talk, ...] = (
    *_shop(),
    *_erp(),
    *_undocumented(),
    *_america(),
    *_analytics(),
    *_rehearsal(),
    *_shared_services(),
    *_turned_away(),
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Hours of a day for which an interface's records were lost: the log says so and has nothing else of them."""

    key: str
    days_ago: int
    hours: tuple[int, int]  # first, last


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that is no record, in an object of a flow log (key)."""

    flow_log: str
    days_ago: int
    text: str


SKIPPED: tuple[Skipped, ...] = (Skipped("erp-app-3", 4, (9, 12)),)
BROKEN: tuple[BrokenLine, ...] = (BrokenLine("erp-flow-log", 3, "2 123456789012 eni-0 10.20.10.4 10.20.1"),)
