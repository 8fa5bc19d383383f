"""Until when a version of an engine or runtime has its maker's standard support: a dated table with its sources.

After that day a service patches no more, charges for extended support, or upgrades by force. The table goes stale; each product says
when it was read. A version that is not in it is not known to be supported, and counts as not measured.
"""

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Product:
    """One engine or family of runtimes and the day on which standard support ends, by version."""

    name: str
    source: str  # the page that states the dates
    read_on: date
    ends: tuple[tuple[str, date], ...]  # version (as many of its parts as tell releases apart) -> last day of standard support


def _days(text: str) -> tuple[tuple[str, date], ...]:
    """Pairs of "version day" lines."""
    return tuple((version, date.fromisoformat(day)) for version, day in (line.split() for line in text.strip().splitlines()))


POSTGRESQL = Product(
    "RDS for PostgreSQL",
    "https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html",
    date(2025, 3, 1),
    _days(
        "9.6 2022-04-30\n10 2023-04-30\n11 2024-02-29\n12 2025-02-28\n13 2026-02-28\n14 2027-02-28\n"
        "15 2028-02-29\n16 2029-02-28\n17 2030-02-28"
    ),
)
MYSQL = Product(
    "RDS for MySQL",
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html",
    date(2025, 3, 1),
    _days("5.6 2022-03-01\n5.7 2024-02-29\n8.0 2026-07-31\n8.4 2029-07-31"),
)
MARIADB = Product(
    "RDS for MariaDB",
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MariaDB.Concepts.VersionMgmt.html",
    date(2026, 4, 4),
    _days("10.3 2023-10-23\n10.4 2025-02-28\n10.5 2026-02-28\n10.6 2026-08-31\n10.11 2028-02-29\n11.4 2029-05-31\n11.8 2030-06-30"),
)
SQL_SERVER = Product(
    "Microsoft SQL Server (end of extended support)",
    "https://learn.microsoft.com/en-us/sql/sql-server/end-of-support/sql-server-end-of-support-overview",
    date(2025, 3, 1),
    _days("11 2022-07-12\n12 2024-07-09\n13 2026-07-14\n14 2027-10-12\n15 2030-01-08\n16 2033-01-11"),
)
REDIS = Product(
    "ElastiCache for Redis OSS",
    "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html",
    date(2026, 2, 23),
    _days("2 2023-01-13\n3 2023-07-31\n4 2026-01-31\n5 2026-01-31\n6 2027-01-31"),
)
KUBERNETES = Product(
    "EKS",
    "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
    date(2026, 4, 24),
    _days(
        "1.21 2023-02-16\n1.22 2023-06-04\n1.23 2023-10-11\n1.24 2024-01-31\n1.25 2024-05-01\n1.26 2024-06-11\n1.27 2024-07-24\n"
        "1.28 2024-11-26\n1.29 2025-03-23\n1.30 2025-07-23\n1.31 2025-11-26\n1.32 2026-03-23\n1.33 2026-07-29\n1.34 2026-12-02\n"
        "1.35 2027-03-27"
    ),
)
LAMBDA = Product(
    "Lambda runtimes",
    "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
    date(2026, 2, 11),
    _days(
        "nodejs12.x 2023-03-31\nnodejs14.x 2023-12-04\nnodejs16.x 2024-06-12\nnodejs18.x 2025-09-01\nnodejs20.x 2026-04-30\n"
        "nodejs22.x 2027-04-30\nnodejs24.x 2028-04-30\npython2.7 2021-07-15\npython3.6 2022-07-18\npython3.7 2023-12-04\n"
        "python3.8 2024-10-14\npython3.9 2025-12-15\npython3.10 2026-06-30\npython3.11 2026-06-30\npython3.12 2028-10-31\n"
        "python3.13 2029-06-30\npython3.14 2029-06-30\njava8 2024-01-08\njava8.al2 2026-06-30\njava11 2026-06-30\njava17 2026-06-30\n"
        "java21 2029-06-30\njava25 2029-06-30\nruby2.7 2023-12-07\nruby3.2 2026-03-31\nruby3.3 2027-03-31\nruby3.4 2028-03-31\n"
        "dotnetcore3.1 2023-04-03\ndotnet6 2024-12-20\ndotnet8 2026-11-10\ndotnet10 2028-11-14\ngo1.x 2024-01-08\nprovided 2024-01-08\n"
        "provided.al2 2026-06-30\nprovided.al2023 2029-06-30"
    ),
)
# By the engine as the service names it; a prefix, since editions follow it (sqlserver-se).
ENGINES: tuple[tuple[str, Product], ...] = (
    ("postgres", POSTGRESQL),
    ("mysql", MYSQL),
    ("mariadb", MARIADB),
    ("sqlserver", SQL_SERVER),
    ("redis", REDIS),
    ("kubernetes", KUBERNETES),
)


def support_ends(engine: str | None, version: str | None, runtime: str | None) -> date | None:
    """The last day of standard support of a Lambda *runtime*, or of an *engine*'s *version*; None where the table does not say."""
    if runtime:
        return dict(LAMBDA.ends).get(runtime.strip().lower())
    if not engine or not version:
        return None
    name = engine.strip().lower()
    product = next((product for prefix, product in ENGINES if name.startswith(prefix)), None)
    parts = re.findall(r"\d+", version)[:2]
    if product is None or not parts:
        return None
    ends = dict(product.ends)
    return ends.get(".".join(parts)) or ends.get(parts[0])
