"""An estate whose prices come from a scripted endpoint, refreshed in this process as the flow refresh-prices does."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.price_answers import PriceAnswer
from cloudmigrate.simulate.emulator import environment_for
from cloudmigrate.workspace import Workspace
from tasks.price_units import units_of
from tasks.prices import refresh_prices_of
from tests.aws.scripted import Asked, Reply, ScriptedAws, caller_identity, ec2_error, json_error, json_reply, query_error, scripted_aws, xml
from tests.conftest import aws_environment
from tests.price_samples import Product, as_csv, instance

ACCOUNT, REGION = "123456789012", "eu-central-1"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ONE_TYPE = (
    "<instanceTypeSet><item><instanceType>m5.large</instanceType><vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo>"
    "<memoryInfo><sizeInMiB>8192</sizeInMiB></memoryInfo></item></instanceTypeSet>"
)
ONE_SPOT_PRICE = (
    "<spotPriceHistorySet><item><instanceType>m5.large</instanceType><productDescription>Linux/UNIX</productDescription>"
    "<spotPrice>0.0400</spotPrice><timestamp>2026-11-01T00:00:00.000Z</timestamp><availabilityZone>eu-central-1a</availabilityZone>"
    "</item></spotPriceHistorySet>"
)


@dataclass
class Prices:
    """The endpoint's price lists: service -> version and products, to be changed by tests; what is not there has no list."""

    lists: dict[str, tuple[str, list[Product]]] = field(default_factory=lambda: {"AmazonEC2": ("20261120000000", [instance("SKU1")])})
    running: ScriptedAws | None = None

    def listed(self, asked: Asked) -> Reply:
        service, region = asked.params["ServiceCode"], asked.params["RegionCode"]
        if service not in self.lists:
            return json_reply({"PriceLists": []})
        arn = f"arn:aws:pricing:::price-list/aws/{service}/USD/{self.lists[service][0]}/{region}"
        return json_reply({"PriceLists": [{"PriceListArn": arn, "RegionCode": region, "CurrencyCode": "USD", "FileFormats": ["csv"]}]})

    def url(self, asked: Asked) -> Reply:
        assert self.running is not None
        service = asked.params["PriceListArn"].split("/")[2]
        self.running.answers[f"GET /{service}.csv"] = Reply(as_csv(self.lists[service][1], service=service), content_type="text/csv")
        return json_reply({"Url": f"{self.running.url}/{service}.csv"})

    def downloads(self) -> int:
        """How many files were fetched."""
        assert self.running is not None
        return sum(one.operation.startswith("GET /Am") for one in self.running.asked)


@contextlib.contextmanager
def price_endpoint(**changes: Any) -> Iterator[Prices]:
    """A running endpoint that botocore's variables point at; the account may not see its commitments."""
    prices = Prices()
    denied = query_error("AccessDenied", "not authorized to perform: rds:DescribeReservedDBInstances")
    answers: dict[str, Any] = {
        "GetCallerIdentity": caller_identity(ACCOUNT),
        "ListPriceLists": prices.listed,
        "GetPriceListFileUrl": prices.url,
        "DescribeInstanceTypes": xml("DescribeInstanceTypes", ONE_TYPE),
        "DescribeSpotPriceHistory": xml("DescribeSpotPriceHistory", ONE_SPOT_PRICE),
        "DescribeReservedInstances": ec2_error("UnauthorizedOperation"),
        "DescribeReservedDBInstances": denied,
        "DescribeReservedCacheNodes": xml("DescribeReservedCacheNodes", "<ReservedCacheNodes/>"),
        "POST /DescribeSavingsPlans": json_reply({"savingsPlans": []}),
        "GetReservationUtilization": json_error("AccessDeniedException"),
    }
    with scripted_aws(answers | changes) as running, aws_environment(environment_for(running.url) | {"CLOUDMIGRATE_LOOPBACK_ONLY": "1"}):
        prices.running = running
        yield prices


def priced_estate(folder: Path) -> Estate:
    places = {"lake": str(folder / "lake"), "ledger": f"sqlite:///{folder}/ledger.db"}
    return Estate(estate="acme", accounts=(Account(id=ACCOUNT, regions=(REGION,)),), **places)  # type: ignore[arg-type]


def refresh_here(workspace: Workspace, run_id: str, *only: str, now: datetime = NOW) -> dict[tuple[str, str, str], PriceAnswer]:
    """What `flows.refresh_prices` does, without Prefect: (dataset, service, region) -> answer."""
    workspace.ledger.begin_run(run_id, flow="refresh-prices", estate=workspace.estate.estate)
    found: list[PriceAnswer] = []
    for unit in units_of(workspace.estate, only=only):
        found += refresh_prices_of.fn(workspace.estate, unit, run_id=run_id, now=now)
    return {(one.dataset, one.service, one.region): one for one in found}
