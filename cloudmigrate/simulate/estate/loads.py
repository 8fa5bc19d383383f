"""How busy the demo estate's resources are. What is not named here has no data at all, as in real estates."""

from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """How use changes over time."""

    DIURNAL = "diurnal"  # customers: days and evenings, less at weekends
    OFFICE = "office"  # working hours
    STEADY = "steady"
    BURSTY = "bursty"  # nearly nothing, and twice a day everything
    BATCH = "batch"  # at night
    IDLE = "idle"
    GROWING = "growing"


@dataclass(frozen=True, slots=True)
class Load:
    """The use of one thing (its key; ``group/2`` for the second instance of an Auto Scaling group)."""

    key: str
    shape: Shape
    peak: float = 0.7  # of the measured maximum, 0..1
    agent: bool = False  # memory and disk are measured too
    gap: bool = False  # two days without data


LOADS: tuple[Load, ...] = (
    # The web shop
    Load("shop-web-group/1", Shape.DIURNAL, 0.62, agent=True),
    Load("shop-web-group/2", Shape.DIURNAL, 0.60, agent=True),
    Load("shop-web-group/3", Shape.DIURNAL, 0.64, agent=True),
    Load("shop-app-1", Shape.DIURNAL, 0.55, agent=True),
    Load("shop-app-2", Shape.DIURNAL, 0.52, agent=True),
    Load("shop-search-1", Shape.DIURNAL, 0.35),
    Load("shop-alb", Shape.DIURNAL, 0.8),
    Load("shop-internal", Shape.DIURNAL, 0.7),
    Load("shop-legacy-elb", Shape.IDLE),
    Load("shop-nat", Shape.DIURNAL, 0.4),
    Load("shop-db", Shape.DIURNAL, 0.66),
    Load("shop-db-replica", Shape.DIURNAL, 0.3),
    Load("shop-fragments", Shape.DIURNAL, 0.45),
    Load("acme-shop-assets", Shape.GROWING, 0.5),
    Load("acme-shop-uploads", Shape.GROWING, 0.2),
    Load("orders", Shape.DIURNAL, 0.5),
    Load("order-events", Shape.DIURNAL, 0.5),
    Load("order-worker", Shape.DIURNAL, 0.5),
    Load("thumbnails", Shape.BURSTY, 0.6),
    Load("pricing", Shape.DIURNAL, 0.6),
    Load("catalogue", Shape.DIURNAL, 0.65),
    Load("pricing-api", Shape.DIURNAL, 0.6),
    Load("catalogue-api", Shape.DIURNAL, 0.65),
    # ERP
    Load("erp-app-1", Shape.OFFICE, 0.5, agent=True),
    Load("erp-app-2", Shape.OFFICE, 0.48, agent=True),
    Load("erp-app-3", Shape.OFFICE, 0.45, gap=True),
    Load("erp-app-1-data", Shape.OFFICE, 0.5),
    Load("erp-app-2-data", Shape.OFFICE, 0.5),
    Load("erp-files", Shape.OFFICE, 0.15),
    Load("erp-licence", Shape.IDLE),
    Load("erp-report", Shape.BATCH, 0.9),
    Load("erp-nlb", Shape.OFFICE, 0.5),
    Load("erp-db", Shape.OFFICE, 0.6),
    Load("erp-old-data", Shape.IDLE, 0),
    # Shared services
    Load("bastion-1", Shape.BURSTY, 0.2),
    Load("dns-1", Shape.STEADY, 0.06),
    Load("dns-2", Shape.STEADY, 0.05),
    Load("directory-1", Shape.OFFICE, 0.25),
    Load("monitoring-1", Shape.GROWING, 0.9, agent=True),
    Load("old-crm", Shape.IDLE),
    Load("acme-old-backups", Shape.STEADY, 0.3),
    # America
    Load("us-web-1", Shape.DIURNAL, 0.3),
    Load("us-web-2", Shape.DIURNAL, 0.28),
    Load("pilot-2019", Shape.IDLE),
    Load("us-alb", Shape.DIURNAL, 0.2),
    Load("us-db", Shape.DIURNAL, 0.2),
    # Analytics
    *(Load(f"batch-{number}", Shape.BATCH, 0.97, agent=number < 3) for number in range(1, 5)),
    Load("notebook", Shape.BURSTY, 0.8),
    Load("shared-files", Shape.BATCH, 0.8),
    Load("lake-jobs", Shape.BATCH, 0.3),
    Load("acme-lake-raw", Shape.GROWING, 1.0),
    Load("acme-lake-curated", Shape.GROWING, 0.6),
    Load("warehouse", Shape.GROWING, 0.6),
    Load("warehouse-writer", Shape.BATCH, 0.8),
    # Partner API
    Load("partners", Shape.DIURNAL, 0.1),
    Load("partner-orders", Shape.DIURNAL, 0.5),
    Load("partner-orders-api", Shape.DIURNAL, 0.5),
    Load("partner-status", Shape.STEADY, 0.2),
    Load("partner-rest", Shape.DIURNAL, 0.5),
    Load("partner-http", Shape.STEADY, 0.2),
    Load("partner-jobs", Shape.BURSTY, 0.7),
    Load("partner-worker", Shape.BURSTY, 0.7),
    Load("partner-alb", Shape.DIURNAL, 0.3),
)
