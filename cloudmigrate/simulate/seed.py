"""Fill a local AWS emulator with the demo estate: resources and flow logs over real HTTP, metrics in bulk."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import boto3
import jmespath
from botocore.config import Config
from botocore.exceptions import ClientError

from cloudmigrate.simulate.emulator import EmulatorError, post
from cloudmigrate.simulate.estate import PLACES
from cloudmigrate.simulate.estate.loads import LOADS
from cloudmigrate.simulate.estate.parts import OWN
from cloudmigrate.simulate.gauges import GAUGES
from cloudmigrate.simulate.makers import MAKERS
from cloudmigrate.simulate.metrics import Subject, series_of
from cloudmigrate.simulate.seed_traffic import SeededTraffic, seed_traffic
from cloudmigrate.simulate.series import UPLOAD_PATH, encode
from cloudmigrate.simulate.things import Act, Place, Thing, expected_counts, resolved

REPORT_IT = "use the moto version of requirements.lock (`make setup`); the demo estate is written for it"


@dataclass(frozen=True, slots=True)
class SeedSummary:
    """What was put into the emulator."""

    expected: Mapping[tuple[str, str], Mapping[str, int]]  # by (account, region): resources by type that discovery must find
    ids: Mapping[str, str]  # key in the tables -> id in the emulator
    traffic: SeededTraffic
    series: int = 0

    @property
    def expected_by_type(self) -> dict[str, int]:
        """Resources of the whole estate by type."""
        total: Counter[str] = Counter()
        for counts in self.expected.values():
            total.update(counts)
        return dict(total)


@dataclass(slots=True)
class _Clients:
    """Clients of one emulator, by account, region and service."""

    url: str
    _session: Any = field(default_factory=boto3.Session)
    _keys: dict[str, dict[str, str]] = field(default_factory=dict)
    _made: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def get(self, account_id: str, region: str, service: str) -> Any:
        made = self._made.get((account_id, region, service))
        if made is None:
            made = self._made[account_id, region, service] = self._make(account_id, region, service)
        return made

    def _make(self, account_id: str, region: str, service: str) -> Any:
        if account_id not in self._keys:
            own = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"}
            self._keys[account_id] = own if account_id == OWN else self._assumed(account_id, own)
        config = Config(max_pool_connections=16, retries={"total_max_attempts": 1}, parameter_validation=False)
        return self._session.client(service, region_name=region, endpoint_url=self.url, config=config, **self._keys[account_id])

    def _assumed(self, account_id: str, own: Mapping[str, str]) -> dict[str, str]:
        sts = self._session.client("sts", region_name="us-west-2", endpoint_url=self.url, **own)
        found = sts.assume_role(RoleArn=f"arn:aws:iam::{account_id}:role/Seed", RoleSessionName="seed")["Credentials"]
        return {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }


def seed(url: str, now: datetime, seed: int = 7) -> SeedSummary:
    """Create the demo estate in the emulator at *url*, with metrics and flow logs of the two weeks before *now*. Raises EmulatorError."""
    clients = _Clients(url)
    post(f"{url}/moto-api/seed?a={seed}")
    # One after the other: ids are drawn from one random sequence, and more threads would not be faster (the server has one lock).
    names: dict[str, str] = {}
    for place in PLACES:
        names |= _fill(clients, place, names)
    ids = {key.removesuffix(":id"): value for key, value in names.items() if key.endswith(":id")}
    series = sum(_measure(url, place, ids, now, seed) for place in PLACES)
    return SeedSummary(expected_counts(PLACES), ids, seed_traffic(clients.get, names, now, seed), series)


def create(url: str, places: Iterable[Place]) -> None:
    """Create only *places*, whatever they hold, in the emulator at *url*. Raises EmulatorError."""
    clients = _Clients(url)
    for place in places:
        _fill(clients, place, {})


def _measure(url: str, place: Place, ids: Mapping[str, str], now: datetime, seed: int) -> int:
    """Upload the metrics of everything in *place* that has a load; the number of series."""
    subjects = _subjects(place, ids)
    found = [one for load in LOADS if load.key in subjects for one in series_of(load, subjects[load.key], now, seed)]
    post(f"{url}{UPLOAD_PATH}", encode(place.account_id, place.region, found))
    return len(found)


def _subjects(place: Place, ids: Mapping[str, str]) -> dict[str, Subject]:
    """What of *place* can have metrics, by key; the instances of an Auto Scaling group as ``group/1``, ``group/2``..."""
    found: dict[str, Subject] = {}
    for step in place.steps:
        if isinstance(step, Act):
            continue
        params = resolved(step.params, lambda key, _: ids[key])
        kind = f"{step.type}/{params['Type']}" if f"{step.type}/{params.get('Type')}" in GAUGES else step.type
        found[step.key] = Subject(kind, ids[step.key], params)
        for number in range(1, int(params.get("DesiredCapacity", 0)) + 1):
            member = f"{step.key}/{number}"
            found[member] = Subject("AWS::EC2::Instance", ids[member], {})
    return found


def _fill(clients: _Clients, place: Place, before: Mapping[str, str]) -> dict[str, str]:
    """Create everything of *place*; every id and attribute by ``key:attribute``. *before* are those of other places."""
    client = partial(clients.get, place.account_id, place.region)
    _remove_default_network(client("ec2"))
    names: dict[str, str] = {}

    def lookup(key: str, attribute: str) -> str:
        known = names if f"{key}:id" in names else before
        if attribute == "path":  # what a load balancer's interfaces are named for
            return known[f"{key}:id"].rpartition("loadbalancer/")[2]
        return known[f"{key}:{attribute}"]

    for step in place.steps:
        params = resolved(step.params, lookup)
        try:
            if isinstance(step, Act):
                getattr(client(step.service), step.operation)(**params)
            else:
                names |= _create(client(MAKERS[step.type].service), step, params)
        except ClientError as error:
            what = step.key if isinstance(step, Thing) else f"{step.service} {step.operation}"
            raise EmulatorError(f"seed {what} in {place.account_id} {place.region}", str(error), REPORT_IT) from error
    for step in place.steps:
        if isinstance(step, Thing) and step.type == "AWS::AutoScaling::AutoScalingGroup":
            members = client("autoscaling").describe_auto_scaling_instances()["AutoScalingInstances"]
            held = [one["InstanceId"] for one in members if one["AutoScalingGroupName"] == names[f"{step.key}:id"]]
            names |= {f"{step.key}/{number}:id": one for number, one in enumerate(sorted(held), 1)}
    if place.ended:
        client("ec2").terminate_instances(InstanceIds=[names[f"{key}:id"] for key in sorted(place.ended)])
    return names


def _create(client: Any, thing: Thing, params: dict[str, Any]) -> dict[str, str]:
    maker = MAKERS[thing.type]
    answer = getattr(client, thing.operation or maker.operation)(**params, **maker.tag_params(thing.key, thing.tags))

    def read(path: str) -> str:
        found = params[path[1:]] if path.startswith("=") else jmespath.search(path, answer)
        return str(found)

    return {f"{thing.key}:{name}": read(path) for name, path in {"id": maker.id, **maker.attributes}.items()}


def _remove_default_network(ec2: Any) -> None:
    """Take away the default VPC, as careful companies do; the estate is then exactly its tables."""
    vpcs = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    for vpc_id in (vpc["VpcId"] for vpc in vpcs):
        for subnet in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        ec2.delete_vpc(VpcId=vpc_id)
