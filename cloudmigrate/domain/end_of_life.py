"""Until when a version of an engine or runtime has its service's standard support: a dated table with its sources.

After that day a service patches no more, charges for extended support, or upgrades by force. The table goes stale; each product says
when it was read. A version that is not in it is not known to be supported, and counts as not measured.
"""

import re
from dataclasses import dataclass
from datetime import date

# Supported, and no end announced on the day the table was read.
NO_END = date.max


@dataclass(frozen=True, slots=True)
class Product:
    """One engine or family of runtimes and the day on which standard support ends, by version."""

    name: str
    source: str  # the page that states the dates
    read_on: date  # read through endoflife.date's copy of that page
    ends: tuple[tuple[str, date], ...]  # version (as many of its parts as tell releases apart) -> last day of standard support


def _days(text: str) -> tuple[tuple[str, date], ...]:
    """Pairs of "version day" lines; "-" where no end is announced."""
    pairs = (line.split() for line in text.strip().splitlines())
    return tuple((version, NO_END if day == "-" else date.fromisoformat(day)) for version, day in pairs)


READ_ON = date(2026, 8, 22)
RDS = "https://docs.aws.amazon.com/AmazonRDS/latest"
POSTGRESQL = Product(
    "RDS for PostgreSQL",
    f"{RDS}/PostgreSQLReleaseNotes/postgresql-release-calendar.html",
    READ_ON,
    _days(
        "9.6 2022-04-30\n10 2023-04-30\n11 2024-02-29\n12 2025-02-28\n13 2026-02-28\n14 2027-02-28\n"
        "15 2028-02-29\n16 2029-02-28\n17 2030-02-28\n18 2031-02-28"
    ),
)
AURORA_POSTGRESQL = Product(
    "Aurora PostgreSQL",
    f"{RDS}/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html",
    READ_ON,
    _days("11 2024-02-29\n12 2025-02-28\n13 2026-02-28\n14 2027-02-28\n15 2028-02-29\n16 2029-02-28\n17 2030-02-28\n18 2031-02-28"),
)
MYSQL = Product(
    "RDS for MySQL",
    f"{RDS}/UserGuide/MySQL.Concepts.VersionMgmt.html",
    READ_ON,
    _days("5.6 2022-03-01\n5.7 2024-02-29\n8.0 2026-07-31\n8.4 2029-07-31"),
)
AURORA_MYSQL = Product(
    "Aurora MySQL",  # by the MySQL version that leads its own: 5.7.mysql_aurora.2.11.1
    f"{RDS}/AuroraMySQLReleaseNotes/AuroraMySQL.release-calendars.html",
    date(2026, 5, 20),
    _days("5.6 2023-02-28\n5.7 2024-10-31\n8.0 2028-04-30"),
)
# AWS has moved 10.5 and 10.6 twice in 2026 (10.6: July, August, then the end of the year): an older copy shows an earlier day.
MARIADB = Product(
    "RDS for MariaDB",
    f"{RDS}/UserGuide/MariaDB.Concepts.VersionMgmt.html",
    READ_ON,
    _days(
        "10.3 2023-10-23\n10.4 2025-02-28\n10.5 2026-08-31\n10.6 2026-12-31\n10.11 2028-02-29\n11.4 2029-05-31\n"
        "11.8 2028-06-30\n12.3 2029-06-30"
    ),
)
SQL_SERVER = Product(
    "Microsoft SQL Server (end of extended support)",
    "https://learn.microsoft.com/en-us/sql/sql-server/end-of-support/sql-server-end-of-support-overview",
    READ_ON,
    _days("11 2022-07-12\n12 2024-07-09\n13 2026-07-14\n14 2027-10-12\n15 2030-01-08\n16 2033-01-11\n17 2036-01-06"),
)
ELASTICACHE = "https://docs.aws.amazon.com/AmazonElastiCache/latest"
REDIS = Product(
    "ElastiCache for Redis OSS",
    f"{ELASTICACHE}/dg/engine-versions.html",  # versions 2 and 3: red-ug/deprecated-engine-versions.html of the same guide
    READ_ON,
    _days("2 2023-01-13\n3 2023-07-31\n4 2026-01-31\n5 2026-01-31\n6 2027-01-31\n7 -"),
)
VALKEY = Product("ElastiCache for Valkey", f"{ELASTICACHE}/dg/engine-versions.html", date(2026, 4, 29), _days("7 -\n8 -"))
KUBERNETES = Product(
    "EKS",
    "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
    READ_ON,
    _days(
        "1.18 2022-08-15\n1.19 2022-08-01\n1.20 2022-11-01\n1.21 2023-02-16\n1.22 2023-06-04\n1.23 2023-10-11\n1.24 2024-01-31\n"
        "1.25 2024-05-01\n1.26 2024-06-11\n1.27 2024-07-24\n1.28 2024-11-26\n1.29 2025-03-23\n1.30 2025-07-23\n1.31 2025-11-26\n"
        "1.32 2026-03-23\n1.33 2026-07-29\n1.34 2026-12-02\n1.35 2027-03-27\n1.36 2027-08-02"
    ),
)
# The day after which a runtime gets no more security patches ("deprecation date"); functions go on running.
LAMBDA = Product(
    "Lambda runtimes",
    "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
    READ_ON,
    _days(
        "nodejs 2016-08-30\nnodejs4.3 2020-03-05\nnodejs6.10 2019-08-12\nnodejs8.10 2020-03-06\nnodejs10.x 2021-07-30\n"
        "nodejs12.x 2023-03-31\nnodejs14.x 2023-12-04\nnodejs16.x 2024-06-12\nnodejs18.x 2025-09-01\nnodejs20.x 2026-04-30\n"
        "nodejs22.x 2027-04-30\nnodejs24.x 2028-04-30\npython2.7 2021-07-15\npython3.6 2022-07-18\npython3.7 2023-12-04\n"
        "python3.8 2024-10-14\npython3.9 2025-12-15\npython3.10 2026-10-31\npython3.11 2027-06-30\npython3.12 2028-10-31\n"
        "python3.13 2029-06-30\npython3.14 2029-06-30\njava8 2024-01-08\njava8.al2 2027-06-30\njava8.al2023 2029-06-30\n"
        "java11 2027-06-30\njava11.al2023 2029-06-30\njava17 2027-06-30\njava17.al2023 2029-06-30\njava21 2029-06-30\n"
        "java25 2029-06-30\nruby2.5 2021-07-30\nruby2.7 2023-12-07\nruby3.2 2026-03-31\nruby3.3 2027-03-31\nruby3.4 2028-03-31\n"
        "ruby4.0 2029-03-31\ndotnetcore1.0 2019-06-27\ndotnetcore2.0 2019-05-30\ndotnetcore2.1 2022-01-05\n"
        "dotnetcore3.1 2023-04-03\ndotnet6 2024-12-20\ndotnet8 2026-11-10\ndotnet10 2028-11-14\ngo1.x 2024-01-08\n"
        "provided 2024-01-08\nprovided.al2 2026-07-31\nprovided.al2023 2029-06-30"
    ),
)
# By the engine as the service names it; a prefix, since editions follow it (sqlserver-se); the first that fits.
ENGINES: tuple[tuple[str, Product], ...] = (
    ("postgres", POSTGRESQL),
    ("aurora-postgresql", AURORA_POSTGRESQL),
    ("aurora", AURORA_MYSQL),
    ("mysql", MYSQL),
    ("mariadb", MARIADB),
    ("sqlserver", SQL_SERVER),
    ("redis", REDIS),
    ("valkey", VALKEY),
    ("kubernetes", KUBERNETES),
)
_RUNTIMES = dict(LAMBDA.ends)


def product_of(engine: str | None, runtime: str | None) -> Product | None:
    """The row that tells of a Lambda *runtime*, or else of an *engine*."""
    if runtime:
        return LAMBDA
    name = (engine or "").strip().lower()
    return next((product for prefix, product in ENGINES if name.startswith(prefix)), None)


def support_ends(engine: str | None, version: str | None, runtime: str | None) -> date | None:
    """The last day of standard support of a Lambda *runtime*, or of an *engine*'s *version*; None where the table does not say.

    NO_END where it is supported and no end is announced.
    """
    if runtime:
        return _RUNTIMES.get(runtime.strip().lower())
    product = product_of(engine, None)
    parts = re.findall(r"[0-9]+", version or "")[:2]
    if product is None or not parts:
        return None
    ends = dict(product.ends)
    return ends.get(".".join(parts)) or ends.get(parts[0])
