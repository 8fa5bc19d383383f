"""Where an estate's flow logs lie: as its file says, else as the flow logs themselves do; places within others are told apart."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from cloudmigrate.domain.addresses import InterfaceHolder
from cloudmigrate.domain.estate import LOG_GROUP_URL, Estate
from cloudmigrate.domain.flow_log_format import columns_of_format
from cloudmigrate.domain.resources import Resource

# Amazon VPC User Guide, "Flow log files": plain, and Hive-compatible.
KEY_REGION = re.compile(r"/(?:vpcflowlogs/|aws-region=)([a-z]{2,4}(?:-[a-z]+)+-\d)(?:/|$)")
PLAIN, HIVE = "{account}/vpcflowlogs/{region}", "aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}"
S3, LOGS = "s3://", "logs://"


@dataclass(frozen=True, slots=True)
class FlowLogPlace:
    """One place where flow logs lie."""

    url: str  # s3://bucket/prefix/, logs://region/group, a local path, or the ARN of a delivery stream, which cannot be read
    account_id: str
    region: str
    found_by: str  # "estate file" or "DescribeFlowLogs"
    columns: tuple[str, ...] | None = None  # of its LogFormat, where one is known
    shared_by: tuple[str, ...] = ()  # flow logs that may write the same records into this one log group; nothing tells these apart

    @property
    def is_s3(self) -> bool:
        """Whether objects in S3 hold it."""
        return self.url.startswith(S3)

    @property
    def is_log_group(self) -> bool:
        """Whether a log group of CloudWatch Logs holds it."""
        return self.url.startswith(LOGS)

    @property
    def is_stream(self) -> bool:
        """Whether it is a delivery stream, which passes records on and holds none."""
        return self.url.startswith("arn:")

    @property
    def is_local(self) -> bool:
        """Whether files of this machine hold it."""
        return not (self.is_s3 or self.is_log_group or self.is_stream)

    @property
    def group(self) -> str:
        """The log group's name."""
        return self.url.removeprefix(LOGS).partition("/")[2]

    def identity(self, key: str) -> str:
        """What tells an object from all others, whichever place it was found by; *key* is as `StoredObject` has it."""
        if self.is_s3:
            return f"{S3}{self.url.removeprefix(S3).partition('/')[0]}/{key}"
        return f"{self.account_id}|{self.url}|{key}" if self.is_log_group else os.path.realpath(key)

    def holds(self, identity: str) -> bool:
        """Whether an object's identity lies in this place."""
        if self.is_s3:
            return identity.startswith(self.url)
        if self.is_log_group:
            return identity.startswith(f"{self.account_id}|{self.url}|")
        root = os.path.realpath(self.url)
        return identity == root or identity.startswith(root.rstrip(os.sep) + os.sep)


def within(place: FlowLogPlace, others: Iterable[FlowLogPlace]) -> tuple[FlowLogPlace, ...]:
    """Those of *others* that lie inside *place*: what they hold is theirs to read."""
    mine = _root(place)
    return tuple(one for one in others if not one.is_log_group and _root(one) != mine and place.holds(_root(one)))


def overlapping(place: FlowLogPlace, others: Iterable[FlowLogPlace]) -> tuple[FlowLogPlace, ...]:
    """Those of *others* that lie inside *place* or hold it: an object may lie in both."""
    return tuple(one for one in others if one != place and (within(place, [one]) or within(one, [place])))


def flow_log_places(estate: Estate, flow_logs: Iterable[Resource]) -> tuple[FlowLogPlace, ...]:
    """The places that the estate file names; where it names none, those that the inventory's flow logs deliver to. Each once."""
    places: dict[tuple[str, str], FlowLogPlace] = {}
    known = list(flow_logs)
    for one in _stated(estate) or _described(known):
        places.setdefault((_root(one), one.account_id if one.is_log_group else ""), one)
    return tuple(replace(one, shared_by=_sharing(one, known)) if one.is_log_group else one for one in places.values())


def refusing(flow_logs: Iterable[Resource]) -> frozenset[str]:
    """The ids of those that log rejected traffic alone: that they are silent says nothing of what was accepted."""
    return frozenset(str(one.spec.get("FlowLogId")) for one in flow_logs if one.spec.get("TrafficType") == "REJECT")


def refused_interfaces(flow_logs: Iterable[Resource], interfaces: Iterable[InterfaceHolder]) -> Iterator[str]:
    """The ids of those *interfaces* that flow logs cover, by themselves, their subnet or VPC, of which none logs accepted traffic."""
    types: defaultdict[str, set[object]] = defaultdict(set)
    for one in flow_logs:
        types[str(one.spec.get("ResourceId"))].add(one.spec.get("TrafficType"))
    for each in interfaces:
        covering = (types.get(covered, set()) for covered in (each.interface_id, each.subnet_id, each.vpc_id))
        if set().union(*covering) == {"REJECT"}:
            yield each.interface_id


def _sharing(place: FlowLogPlace, flow_logs: Iterable[Resource]) -> tuple[str, ...]:
    """Those that deliver to the place's log group and of which two may cover one interface, such as a VPC's and its subnet's."""
    inside = [
        one for one in flow_logs if one.account_id == place.account_id and f"{LOGS}{one.region}/{one.spec.get('LogGroupName')}" == place.url
    ]
    return tuple(sorted({one.name for pair in combinations(inside, 2) if _may_overlap(*pair) for one in pair}))


def _may_overlap(one: Resource, other: Resource) -> bool:
    """Not where one logs what is accepted and the other what is rejected, and not where they are of two VPCs, subnets or interfaces."""
    if {one.spec.get("TrafficType"), other.spec.get("TrafficType")} == {"ACCEPT", "REJECT"}:
        return False
    ids = [str(each.spec.get("ResourceId") or "") for each in (one, other)]
    return ids[0] == ids[1] or ids[0].partition("-")[0] != ids[1].partition("-")[0]


def _stated(estate: Estate) -> list[FlowLogPlace]:
    places = []
    for source in estate.flow_log_sources():
        found = LOG_GROUP_URL.search(source.url) or KEY_REGION.search(source.url)
        account_id = source.account or estate.accounts[0].id
        region = found.group(1) if found else estate.account(account_id).regions[0]
        places.append(FlowLogPlace(source.url, account_id, region, "estate file", columns_of_format(source.format or "")))
    return places


def _described(flow_logs: Iterable[Resource]) -> list[FlowLogPlace]:
    places: dict[tuple[str, str, str], FlowLogPlace] = {}
    for one in flow_logs:
        spec = one.spec
        columns = columns_of_format(str(spec.get("LogFormat") or ""))
        if spec.get("LogDestinationType") == "s3":
            bucket, _, prefix = str(spec.get("LogDestination") or "").split(":::", 1)[-1].partition("/")
            inside = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
            folder = HIVE if (spec.get("DestinationOptions") or {}).get("HiveCompatiblePartitions") else PLAIN
            url = f"{S3}{bucket}/{inside}AWSLogs/{folder.format(account=one.account_id, region=one.region)}/"
        elif spec.get("LogDestinationType") in ("cloud-watch-logs", None) and spec.get("LogGroupName"):
            url = f"{LOGS}{one.region}/{spec['LogGroupName']}"
        elif str(spec.get("LogDestination") or "").startswith("arn:"):
            url = str(spec["LogDestination"])  # a delivery stream: named as a gap
        else:
            continue
        place = FlowLogPlace(url, one.account_id, one.region, "DescribeFlowLogs", columns)
        known = places.get((url, one.account_id, one.region))
        # Flow logs of several formats may share a place: then only the files' own headers can tell.
        same = known is None or known.columns == columns
        places[url, one.account_id, one.region] = place if same else replace(place, columns=None)
    return [places[key] for key in sorted(places)]


def _root(place: FlowLogPlace) -> str:
    return os.path.realpath(place.url) if not place.is_s3 and not place.is_log_group else place.url
