"""What AWS would have charged for the demo estate in the last two whole months: reckoned from its tables and from the price book.

Nothing here comes from CloudMigrate's own estimates. Usage is that of the simulated metrics, at the rate of their two weeks. It differs
from list prices as real bills do: reserved servers are paid for already, functions have a monthly allowance that is free, and a snapshot is
as large as what was ever written. What the price book has no figure for is on no bill of the demo's: see `Bill.unpriced`.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from cloudmigrate.simulate.emulator import post
from cloudmigrate.simulate.estate import PLACES
from cloudmigrate.simulate.estate.loads import LOADS, Load
from cloudmigrate.simulate.estate.parts import EUROPE, OWN
from cloudmigrate.simulate.gauges import GAUGES, GIB
from cloudmigrate.simulate.metrics import Subject, series_of
from cloudmigrate.simulate.price_book import price_lists
from cloudmigrate.simulate.things import REFERENCE, Params, Place, Thing

QUEUE = "/moto-api/static/ce/cost-and-usage-results"
MONTHS = 2
COMPUTE, OTHER = "Amazon Elastic Compute Cloud - Compute", "EC2 - Other"  # as Cost Explorer splits EC2
# The service of a price list -> what Cost Explorer calls it.
CALLED: Mapping[str, str] = {
    "AmazonRDS": "Amazon Relational Database Service",
    "AmazonS3": "Amazon Simple Storage Service",
    "AWSLambda": "AWS Lambda",
    "AmazonElastiCache": "Amazon ElastiCache",
    "AWSELB": "Amazon Elastic Load Balancing",
    "AmazonVPC": "Amazon Virtual Private Cloud",
    "AmazonApiGateway": "Amazon API Gateway",
    "AmazonDynamoDB": "Amazon DynamoDB",
    "AmazonECS": "Amazon Elastic Container Service",
    "AmazonEKS": "Amazon Elastic Container Service for Kubernetes",
    "awskms": "AWS Key Management Service",
    "AWSQueueService": "Amazon Simple Queue Service",
    "AmazonSNS": "Amazon Simple Notification Service",
}
PREFIXES: Mapping[str, str] = {"eu-central-1": "EUC1-", "us-west-2": "USW2-"}
WINDOWS_IMAGE = "ami-0a1b2c3d4e5f60003"
ROOT_GB, ROOT_TYPE = 8, "gp2"  # of a server whose template names no volume
WRITTEN = Decimal("0.7")  # share of a volume that was ever written, and so is in its snapshot
RESERVED = {(OWN, EUROPE, "BoxUsage:m5.large", "RunInstances"): 3}  # paid all upfront (see estate/commitments.py): hours of them are free
# Free every month, whoever asks, for all accounts of an organisation together (pricing pages of AWS Lambda, Amazon SQS and Amazon SNS).
ALLOWANCE = {
    ("AWSLambda", "Request"): Decimal(1_000_000),
    ("AWSLambda", "Lambda-GB-Second"): Decimal(400_000),
    ("AWSQueueService", "Requests-Tier1"): Decimal(1_000_000),
    ("AmazonSNS", "Requests-Tier1"): Decimal(1_000_000),
}
REQUESTS_A_MESSAGE = 3  # sent, received and deleted
ENGINES = {"mysql": "0002", "postgres": "0014", "aurora-postgresql": "0021"}  # operation codes of RDS
CACHES = {"redis": "0002", "memcached": "0001"}


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that is billed: how much of a usage type in an hour, or once a month."""

    service: str  # of the price list
    usage_type: str  # without the region's prefix
    operation: str = ""
    per_hour: Decimal = Decimal(0)
    per_month: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Bill:
    """What each account was charged for each service in each month, exact; and what has no figure in the book."""

    amounts: Mapping[tuple[str, date], Mapping[str, Decimal]]  # (account, first of month) -> service -> USD
    unpriced: tuple[tuple[str, str], ...] = ()  # service and usage type
    ends: Mapping[date, date] = field(default_factory=dict)  # first of month -> first of the next


def seed_bill(url: str, now: datetime, seed: int = 7) -> Bill:
    """Have the emulator at *url* answer to Cost Explorer's callers. Raises EmulatorError."""
    bill = reckoned(now, seed)
    for account_id in sorted({account for account, _ in bill.amounts}):
        post(f"{url}{QUEUE}", json.dumps({"account_id": account_id, "results": [answer_of(bill, account_id)]}).encode())
    return bill


def answer_of(bill: Bill, account_id: str) -> dict[str, object]:
    """What GetCostAndUsage says of one account, by month and service."""
    periods = []
    for (account, start), services in sorted(bill.amounts.items()):
        if account != account_id:
            continue
        charged = {name: {"UnblendedCost": {"Amount": f"{amount:f}", "Unit": "USD"}} for name, amount in sorted(services.items())}
        groups = [{"Keys": [name], "Metrics": metrics} for name, metrics in charged.items()]
        span = {"Start": start.isoformat(), "End": bill.ends[start].isoformat()}
        periods.append({"TimePeriod": span, "Total": {}, "Groups": groups, "Estimated": False})
    return {"ResultsByTime": periods, "GroupDefinitions": [{"Type": "DIMENSION", "Key": "SERVICE"}], "DimensionValueAttributes": []}


def reckoned(now: datetime, seed: int = 7, places: Sequence[Place] = PLACES) -> Bill:
    """The bill of the whole months before *now*, for an estate that was all the time as it is."""
    amounts: dict[tuple[str, date], dict[str, Decimal]] = {}
    unpriced: set[tuple[str, str]] = set()
    ends: dict[date, date] = {}
    sums: defaultdict[tuple[str, str, str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for place in places:
        for use in uses(place, now, seed):
            total = sums[place.account_id, place.region, use.service, use.usage_type, use.operation]
            total[0], total[1] = total[0] + use.per_hour, total[1] + use.per_month
    for start, end in months_before(now.date()):
        ends[start] = end
        hours = Decimal((end - start).days * 24)
        left = dict(ALLOWANCE)
        for (account, region, service, usage_type, operation), (per_hour, per_month) in sorted(sums.items()):
            price = price_of(service, region, usage_type, operation)
            if price is None:
                unpriced.add((service, usage_type))
                continue
            paid = min(per_hour, Decimal(RESERVED.get((account, region, usage_type, operation), 0)))
            quantity = (per_hour - paid) * hours + per_month
            free = min(left.get((service, usage_type), Decimal(0)), quantity)
            if free:
                left[service, usage_type] -= free
            name = CALLED.get(service) or (COMPUTE if usage_type.startswith("BoxUsage") else OTHER)
            month = amounts.setdefault((account, start), {})
            month[name] = month.get(name, Decimal(0)) + ((quantity - free) * price).quantize(Decimal("1e-10"))
    return Bill(amounts, tuple(sorted(unpriced)), ends)


def months_before(day: date, count: int = MONTHS) -> Iterator[tuple[date, date]]:
    """First days of the last *count* whole months before *day*, each with that of the next, the last month first."""
    end = day.replace(day=1)
    for _ in range(count):
        start = (end - timedelta(days=1)).replace(day=1)
        yield start, end
        end = start


@cache
def _first_prices() -> Mapping[tuple[str, str, str, str], Decimal]:
    """What is paid in the first range that is not free; a range of a list that is free is an allowance."""
    found: dict[tuple[str, str, str, str], Decimal] = {}
    for (service, region), listed in price_lists().items():
        for product in listed.products:
            for rate in product.rates:
                if rate.term == "OnDemand" and rate.price:
                    found.setdefault((service, region, product.attributes["usagetype"], product.attributes["operation"]), rate.price)
    return found


def price_of(service: str, region: str, usage_type: str, operation: str) -> Decimal | None:
    """What the book says that one unit costs on demand in the first range that is not free; None where it says nothing."""
    return _first_prices().get((service, region, f"{PREFIXES[region]}{usage_type.format(region=region)}", operation))


def uses(place: Place, now: datetime, seed: int) -> Iterator[Use]:
    """Everything of one place that is billed."""
    things = {step.key: step for step in place.steps if isinstance(step, Thing) and step.key not in place.ended}
    loads = {one.key: one for one in LOADS}
    in_use = {_key(one.params["AllocationId"]) for one in things.values() if one.type == "AWS::EC2::NatGateway"}
    for thing in things.values():
        yield from RULES.get(thing.type, _nothing)(thing, things)
        if thing.type == "AWS::EC2::EIP":
            kind = "InUseAddress" if thing.key in in_use else "IdleAddress"
            yield Use("AmazonVPC", f"PublicIPv4:{kind}", per_hour=Decimal(1))
        if thing.type in MEASURED and thing.key in loads:
            yield from MEASURED[thing.type](Usage(thing, loads[thing.key], now, seed))


class Usage:
    """The simulated metrics of one thing, each as its five-minute points."""

    def __init__(self, thing: Thing, load: Load, now: datetime, seed: int) -> None:
        self.params = thing.params
        kind = f"{thing.type}/{thing.params.get('Type')}"
        subject = Subject(kind if kind in GAUGES else thing.type, "x", _Named(thing.params))
        self._series = {one.key.name: one for one in series_of(load, subject, now, seed)}

    def total(self, name: str) -> Decimal:
        """Of a counter, how much of it in an hour."""
        one = self._series[name]
        points = one.mean.astype(float)
        return Decimal(str(float(points.sum()) * one.samples / (len(points) * one.period_s / 3600)))

    def mean(self, name: str) -> float:
        """Of a state, its mean."""
        return float(self._series[name].mean.astype(float).mean())

    def product(self, counter: str, each: str) -> Decimal:
        """How much of *each* of what *counter* counts, in an hour."""
        one, other = self._series[counter], self._series[each]
        points = one.mean.astype(float) * other.mean.astype(float)
        return Decimal(str(float(points.sum()) * one.samples / (len(points) * one.period_s / 3600)))


class _Named(dict[str, object]):
    """Parameters, where one that only the emulator knows is a text."""

    def __missing__(self, key: str) -> str:
        return key


def _key(reference: str) -> str:
    found = REFERENCE.search(reference)
    return found[2] if found else ""


def _nothing(_: Thing, __: Mapping[str, Thing]) -> Iterator[Use]:
    return iter(())


def _server(params: Params) -> Iterator[Use]:
    operation = "RunInstances:0002" if params["ImageId"] == WINDOWS_IMAGE else "RunInstances"
    yield Use("AmazonEC2", f"BoxUsage:{params['InstanceType']}", operation, per_hour=Decimal(1))
    disks = [one["Ebs"] for one in params.get("BlockDeviceMappings", ()) if "Ebs" in one]
    for disk in disks or [{"VolumeSize": ROOT_GB, "VolumeType": ROOT_TYPE}]:
        yield from _disk(disk["VolumeSize"], disk.get("VolumeType", ROOT_TYPE), disk.get("Iops"))


def _disk(size_gb: int, kind: str, iops: int | None) -> Iterator[Use]:
    yield Use("AmazonEC2", f"EBS:VolumeUsage.{kind}", per_month=Decimal(size_gb))
    if kind == "io2":
        yield Use("AmazonEC2", "EBS:VolumeP-IOPS.io2", per_month=Decimal(iops or 0))


def _instance(thing: Thing, _: Mapping[str, Thing]) -> Iterator[Use]:
    yield from _server(thing.params)


def _group(thing: Thing, things: Mapping[str, Thing]) -> Iterator[Use]:
    template = things[_key(thing.params["LaunchTemplate"]["LaunchTemplateId"])]
    for _ in range(int(thing.params["DesiredCapacity"])):
        yield from _server(template.params["LaunchTemplateData"])


def _volume(thing: Thing, _: Mapping[str, Thing]) -> Iterator[Use]:
    yield from _disk(thing.params["Size"], thing.params["VolumeType"], thing.params.get("Iops"))


def _snapshot(thing: Thing, things: Mapping[str, Thing]) -> Iterator[Use]:
    volume = things[_key(thing.params["VolumeId"])]
    yield Use("AmazonEC2", "EBS:SnapshotUsage", per_month=volume.params["Size"] * WRITTEN)


def _database(thing: Thing, things: Mapping[str, Thing]) -> Iterator[Use]:
    source = things.get(_key(str(thing.params.get("SourceDBInstanceIdentifier", ""))))  # the emulator copies what a replica does not say
    params = {**(source.params if source else {}), **thing.params}
    size = params["DBInstanceClass"].replace("xlarge", "xl")
    prefix = "Multi-AZUsage" if params.get("MultiAZ") else "InstanceUsage"
    operation = f"CreateDBInstance:{ENGINES.get(params['Engine'], params['Engine'])}"
    yield Use("AmazonRDS", f"{prefix}:{size}", operation, per_hour=Decimal(1))


def _balancer(thing: Thing, _: Mapping[str, Thing]) -> Iterator[Use]:
    kind = str(thing.params.get("Type", "")).capitalize()  # a classic one has none
    yield Use("AWSELB", "LoadBalancerUsage", f"LoadBalancing:{kind}".rstrip(":"), per_hour=Decimal(1))


def _hourly(service: str, usage_type: str, operation: str = "") -> "Rule":
    return lambda _, __: iter((Use(service, usage_type, operation, per_hour=Decimal(1)),))


def _endpoint(thing: Thing, _: Mapping[str, Thing]) -> Iterator[Use]:
    yield Use("AmazonVPC", "VpcEndpoint-Hours", "VpcEndpoint", per_hour=Decimal(len(thing.params.get("SubnetIds", ()))))


def _cache(thing: Thing, _: Mapping[str, Thing]) -> Iterator[Use]:
    operation = f"CreateCacheCluster:{CACHES[thing.params['Engine']]}"
    yield Use("AmazonElastiCache", f"NodeUsage:{thing.params['CacheNodeType']}", operation, per_hour=Decimal(thing.params["NumCacheNodes"]))


def _service(thing: Thing, things: Mapping[str, Thing]) -> Iterator[Use]:
    """Tasks of Fargate by the size that their definition asks for; its first 20 GB of storage are free."""
    if thing.params.get("launchType") != "FARGATE":
        return
    task, count = things[_key(thing.params["taskDefinition"])].params, Decimal(thing.params["desiredCount"])
    yield Use("AmazonECS", "Fargate-vCPU-Hours:perCPU", per_hour=count * Decimal(task["cpu"]) / 1024)
    yield Use("AmazonECS", "Fargate-GB-Hours", per_hour=count * Decimal(task["memory"]) / 1024)


def _encryption_key(_: Thing, __: Mapping[str, Thing]) -> Iterator[Use]:
    yield Use("awskms", "{region}-KMS-Keys", per_month=Decimal(1))


Rule = Callable[[Thing, Mapping[str, Thing]], Iterator[Use]]
RULES: Mapping[str, Rule] = {
    "AWS::EC2::Instance": _instance,
    "AWS::AutoScaling::AutoScalingGroup": _group,
    "AWS::EC2::Volume": _volume,
    "AWS::EC2::Snapshot": _snapshot,
    "AWS::EC2::NatGateway": _hourly("AmazonEC2", "NatGateway-Hours", "NatGateway"),
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::EC2::TransitGatewayAttachment": _hourly("AmazonVPC", "TransitGateway-Hours", "TransitGatewayVPC"),
    "AWS::RDS::DBInstance": _database,
    "AWS::ElastiCache::CacheCluster": _cache,
    "AWS::ElasticLoadBalancing::LoadBalancer": _balancer,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancer,
    "AWS::ECS::Service": _service,
    "AWS::EKS::Cluster": _hourly("AmazonEKS", "AmazonEKS-Hours:perCluster", "CreateOperation"),
    "AWS::KMS::Key": _encryption_key,
}


def _nat(used: Usage) -> Iterator[Use]:
    both = used.total("BytesOutToDestination") + used.total("BytesInFromDestination")
    yield Use("AmazonEC2", "NatGateway-Bytes", "NatGateway", per_hour=both / Decimal(GIB))


def _bucket(used: Usage) -> Iterator[Use]:
    yield Use("AmazonS3", "TimedStorage-ByteHrs", per_month=Decimal(str(used.mean("BucketSizeBytes") / GIB)))


def _function(used: Usage) -> Iterator[Use]:
    yield Use("AWSLambda", "Request", per_hour=used.total("Invocations"))
    gigabytes = Decimal(used.params["MemorySize"]) / 1024
    yield Use("AWSLambda", "Lambda-GB-Second", per_hour=used.product("Invocations", "Duration") / 1000 * gigabytes)


def _rest(used: Usage) -> Iterator[Use]:
    yield Use("AmazonApiGateway", "ApiGatewayRequest", "ApiGatewayRequest", per_hour=used.total("Count"))


def _http(used: Usage) -> Iterator[Use]:
    yield Use("AmazonApiGateway", "ApiGatewayHttpRequest", "ApiGatewayHttpApi", per_hour=used.total("Count"))


def _table(used: Usage) -> Iterator[Use]:
    for name, metric in (("Read", "ConsumedReadCapacityUnits"), ("Write", "ConsumedWriteCapacityUnits")):
        yield Use("AmazonDynamoDB", f"{name}RequestUnits", "PayPerRequestThroughput", per_hour=used.total(metric))


def _queue(used: Usage) -> Iterator[Use]:
    yield Use("AWSQueueService", "Requests-Tier1", per_hour=used.total("NumberOfMessagesSent") * REQUESTS_A_MESSAGE)


def _topic(used: Usage) -> Iterator[Use]:
    yield Use("AmazonSNS", "Requests-Tier1", per_hour=used.total("NumberOfMessagesPublished"))


MEASURED: Mapping[str, Callable[[Usage], Iterator[Use]]] = {
    "AWS::EC2::NatGateway": _nat,
    "AWS::S3::Bucket": _bucket,
    "AWS::Lambda::Function": _function,
    "AWS::ApiGateway::RestApi": _rest,
    "AWS::ApiGatewayV2::Api": _http,
    "AWS::DynamoDB::Table": _table,
    "AWS::SQS::Queue": _queue,
    "AWS::SNS::Topic": _topic,
}
