"""A lake of a few resources, prices and measurements, for tests of cost; and shortcuts to rows of the datasets."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cloudmigrate.lake.datasets import BY_NAME
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.views import Selection, Views
from tests.pattern_lake import resource

FRANKFURT, OREGON = "eu-central-1", "us-west-2"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
VERSIONS = {"AmazonEC2": "AmazonEC2/1", "AmazonRDS": "AmazonRDS/1"}
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def row_of(dataset: str, **values: Any) -> dict[str, Any]:
    """A row of that dataset; what is not stated is null."""
    return {**dict.fromkeys(BY_NAME[dataset].schema.names), **values}


def price(service: str, family: str, usage_type: str, amount: str, unit: str = "Hrs", **values: Any) -> dict[str, Any]:
    """A row of `prices`: on demand unless *values* says otherwise; the sku is told by what is priced."""
    region = values.pop("region", FRANKFURT)
    operation, tier = values.pop("operation", ""), values.get("begin_range", 0.0)
    sku = values.pop("sku", f"{service}/{region}/{usage_type}/{operation}/{values.get('tenancy', '')}")
    term = values.pop("term", "on_demand")
    stated = {
        "price_version": f"{service}/20261120000000/{region}",
        "service": service,
        "region": region,
        "sku": sku,
        "rate_code": f"{sku}.{term}-{values.get('lease_years')}-{values.get('purchase_option')}.{unit}-{tier}",
        "product_family": family,
        "usage_type": usage_type,
        "operation": operation,
        "term": term,
        "unit": unit,
        "currency": "USD",
        "price": Decimal(amount),
        "upfront": Decimal(0),
        "begin_range": 0.0,
        "origin": "price_list",
    }
    return row_of("prices", **{**stated, **values})


def machine(kind: str, amount: str, operation: str = "RunInstances", **values: Any) -> dict[str, Any]:
    """The price of an EC2 instance's hour."""
    stated = {
        "instance_type": kind,
        "tenancy": "Shared",
        "license_model": "No License required",
        "capacity_status": "Used",
        "market_option": "OnDemand",
    }
    return price("AmazonEC2", "Compute Instance", f"BoxUsage:{kind}", amount, operation=operation, **{**stated, **values})


def database(
    kind: str, amount: str, operation: str = "CreateDBInstance:0014", deployment: str = "Single-AZ", **values: Any
) -> dict[str, Any]:
    """The price of an RDS instance's hour."""
    prefixes = {"Multi-AZ": "Multi-AZUsage", "Multi-AZ (readable standbys)": "Multi-AZClusterUsage"}
    prefix = prefixes.get(deployment, "InstanceUsage")
    stated = {"operation": operation, "instance_type": kind, "deployment_option": deployment}
    return price("AmazonRDS", "Database Instance", f"{prefix}:{kind}", amount, **{**stated, **values})


def disk(kind: str, amount: str, **values: Any) -> dict[str, Any]:
    """The price of a gigabyte of an EBS volume."""
    return price("AmazonEC2", "Storage", f"EBS:VolumeUsage.{kind}", amount, "GB-Mo", volume_type=kind, **values)


def thing(uid: str, type_: str, region: str = FRANKFURT, state: str = "running", **spec: Any) -> dict[str, Any]:
    """A row of `inventory`."""
    return {**resource(uid, type_, spec), "region": region, "state": state}


def used(uid: str, metric: str, mean: float, *, share: float = 1.0, period_s: int = 300) -> dict[str, list[dict[str, Any]]]:
    """The rows of `utilisation` and `metric_coverage` that say so."""
    numbers = dict.fromkeys(("mean", "p50", "p95", "p99", "p995", "max"), mean)
    told = row_of("utilisation", uid=uid, metric=metric, stat="Sum", unit="count", samples=100, coverage_share=share, stddev=0.0, **numbers)
    asked = row_of(
        "metric_coverage",
        uid=uid,
        account_id="1",
        region=FRANKFURT,
        type="t",
        metric=metric,
        stat="Sum",
        period_s=period_s,
        status="ok",
        points=100,
    )
    return {"utilisation": [told], "metric_coverage": [asked]}


def strategy(uid: str, word: str, **values: Any) -> dict[str, Any]:
    """The row of `recommendations` of a resource that says so."""
    stated = {"level": "resource", "strategy": word, "recommended": word, "rule": f"{word}-rule", "confidence": 0.9, "features": {}}
    stated |= {"confidence_parts": {}, "reasons": ["because"], "alternatives": [], "runner_up": "retain", "effort_hours": 1.0}
    return row_of("recommendations", **{"uid": uid, **stated, **values})


def together(*parts: Rows) -> dict[str, list[Mapping[str, Any]]]:
    """The rows of several mappings, by dataset."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for part in parts:
        for name, rows in part.items():
            found.setdefault(name, []).extend(rows)
    return found


@contextmanager
def lake_views(rows: Rows, **options: Any) -> Iterator[Views]:
    """Views over these rows by dataset."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake.open(Path(folder))
        paths = {name: (lake.write(name, some, snapshot_id="s", part="p").path,) for name, some in rows.items() if some}
        with Views(lake, Selection("s", paths, plan_id=options.pop("plan_id", None)), threads=2, **options) as views:
            yield views


def written(views: Views, dataset: str, path: str) -> list[dict[str, Any]]:
    """The rows of a part just written."""
    with Views(views.lake, Selection("s", {dataset: (path,)})) as after:
        return after.rows(dataset)


def lines_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The components of a row of `costs`, by the line's name."""
    components = row["components"] if isinstance(row["components"], list) else json.loads(row["components"])
    return {one["line"]: one for one in components}
