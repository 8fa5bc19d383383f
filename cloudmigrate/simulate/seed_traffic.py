"""Write two weeks of flow logs into the emulator: for each flow log of the estate, as it is delivered."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloudmigrate.simulate.delivery import TEXT_S, StoredFile, day_edges, event_calls, lines, parquet_file, text_file
from cloudmigrate.simulate.estate import PLACES
from cloudmigrate.simulate.estate.flow_logs import FLOW_LOGS, Delivery, FlowLog
from cloudmigrate.simulate.estate.traffic import BROKEN
from cloudmigrate.simulate.traffic import Expected, Interface, Network, Records, Traffic, grouped, stretches, window_of

Client = Callable[[str, str, str], Any]  # account, region, service
UPLOADS = 4


@dataclass(frozen=True, slots=True)
class SeededTraffic:
    """What was logged, and what must be read back of it."""

    objects: int
    records: int
    expected: tuple[Expected, ...]


def seed_traffic(client: Client, names: Mapping[str, str], now: datetime, seed: int) -> SeededTraffic:
    """Deliver the flow logs of the two weeks before *now*; *names* are ids and attributes in the emulator by ``key:attribute``."""
    first_s, end_s = window_of(now)
    places = dict.fromkeys((one.account_id, one.region) for one in FLOW_LOGS)
    held = [one for place in places for one in _interfaces(client(*place, "ec2"), names, *place)]
    log_of = {names[f"{one.vpc}:id"]: one for one in FLOW_LOGS}
    logged = {one.id: _oldest_s(log_of[one.vpc_id], now) for one in held if one.vpc_id in log_of}
    gone = {key: names[f"{key}:ip"] for place in PLACES for key in place.ended}
    traffic = Traffic(Network(grouped(held), logged, gone), now, seed)
    of_log: dict[str, list[Records]] = defaultdict(list)
    vpc_of = {one.id: one.vpc_id for one in held}
    for one in traffic.records():
        of_log[log_of[vpc_of[one.interface_id]].key].append(one)
    objects = sum(_deliver(client, log, names[f"{log.key}:id"], of_log[log.key], (first_s, end_s)) for log in FLOW_LOGS)
    return SeededTraffic(objects, sum(len(one.start_s) for some in of_log.values() for one in some), traffic.expected())


def _oldest_s(log: FlowLog, now: datetime) -> int:
    """From when a flow log has records, seconds since 1970."""
    return max(window_of(now)[0], int((now - log.kept).timestamp()) if log.kept else 0)


def _interfaces(ec2: Any, names: Mapping[str, str], account_id: str, region: str) -> Iterator[Interface]:
    """The interfaces of a place with the keys of what they serve: an instance, the service that the tables made it for, or one that
    its description names."""
    keys = {value: name.removesuffix(":id") for name, value in names.items() if name.endswith(":id")}
    for one in ec2.describe_network_interfaces()["NetworkInterfaces"]:
        instance_id = (one.get("Attachment") or {}).get("InstanceId", "")
        told = (instance_id, one["NetworkInterfaceId"], *one.get("Description", "").replace("(", "").replace(")", "").split())
        key = next((keys[word] for word in told if word in keys), "")
        yield Interface(
            id=one["NetworkInterfaceId"],
            address=one["PrivateIpAddress"],
            key=key.partition("@")[0],
            vpc_id=one["VpcId"],
            subnet_id=one["SubnetId"],
            instance_id=instance_id,
            account_id=account_id,
        )


def _deliver(client: Client, log: FlowLog, flow_log_id: str, records: Sequence[Records], span: tuple[int, int]) -> int:
    """Deliver the records of one flow log; the number of objects or calls."""
    match log.delivery:
        case Delivery.TEXT:
            return _put(client(log.account_id, log.region, "s3"), log.to, _text_files(log, flow_log_id, records, span))
        case Delivery.PARQUET:
            return _put(client(log.account_id, log.region, "s3"), log.to, _parquet_files(log, flow_log_id, records, span))
        case Delivery.EVENTS:
            return _put_events(client(log.account_id, log.region, "logs"), log, records)


def _text_files(log: FlowLog, flow_log_id: str, records: Sequence[Records], span: tuple[int, int]) -> Iterator[StoredFile]:
    edges = day_edges(*span, TEXT_S)
    found: dict[int, list[str]] = defaultdict(list)
    for one in records:
        text = lines(log.columns, one)
        for number, which in stretches(one.start_s, edges):
            found[number] += text[which]
    for broken in BROKEN:
        if broken.flow_log == log.key:
            found[(span[1] - span[0]) // TEXT_S - 4 * broken.days_ago].append(broken.text)
    for number, body in sorted(found.items()):
        yield text_file(log, flow_log_id, int(edges[number]), body)


def _parquet_files(log: FlowLog, flow_log_id: str, records: Sequence[Records], span: tuple[int, int]) -> Iterator[StoredFile]:
    edges = day_edges(*span)
    found: dict[int, list[Records]] = defaultdict(list)
    for one in records:
        for number, which in stretches(one.start_s, edges):
            found[number].append(one.part(which))
    for number, some in sorted(found.items()):
        yield parquet_file(log, flow_log_id, int(edges[number]), some)


def _put(s3: Any, bucket: str, files: Iterable[StoredFile]) -> int:
    with ThreadPoolExecutor(UPLOADS) as pool:
        return len(list(pool.map(lambda one: s3.put_object(Bucket=bucket, Key=one.key, Body=one.body), files)))


def _put_events(logs: Any, log: FlowLog, records: Sequence[Records]) -> int:
    of_interface: dict[str, list[Records]] = defaultdict(list)
    for one in records:
        of_interface[one.interface_id].append(one)
    for interface_id in sorted(of_interface):
        logs.create_log_stream(logGroupName=log.to, logStreamName=f"{interface_id}-all")
    calls = list(event_calls(log, of_interface))
    for stream, events in calls:
        logs.put_log_events(logGroupName=log.to, logStreamName=stream, logEvents=events)
    return len(calls)
