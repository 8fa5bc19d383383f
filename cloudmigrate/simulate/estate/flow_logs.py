"""The demo estate's VPC flow logs: where each delivers, in which format; one VPC has none, as in real estates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from cloudmigrate.domain.flow_log_format import DEFAULT_COLUMNS
from cloudmigrate.simulate.estate.parts import ANALYTICS, DATA, EUROPE, OREGON, OWN, SHARED, bucket
from cloudmigrate.simulate.things import Act, Thing

DELIVERY_ROLE = f"arn:aws:iam::{OWN}:role/flow-log-delivery"
US_GROUP, US_KEPT = "/acme/us/flow-logs", timedelta(days=7)  # older events are gone: not enough to have seen what comes monthly
# Who set these up wanted to know who opens connections, and what lies behind NAT and endpoints.
TELLING = (
    *("version", "vpc-id", "subnet-id", "instance-id", "interface-id", "account-id", "type", "srcaddr", "dstaddr", "srcport", "dstport"),
    *("pkt-srcaddr", "pkt-dstaddr", "protocol", "bytes", "packets", "start", "end", "action", "tcp-flags", "log-status"),
    *("pkt-src-aws-service", "pkt-dst-aws-service", "flow-direction"),
)


class Delivery(StrEnum):
    """What a flow log is delivered as."""

    TEXT = "text"  # gzip objects in S3
    PARQUET = "parquet"  # objects in S3, in Hive-compatible folders
    EVENTS = "events"  # of a log group


@dataclass(frozen=True, slots=True)
class FlowLog:
    """The flow log of one VPC (key); *to* is a bucket or a log group."""

    key: str
    vpc: str
    account_id: str
    region: str
    delivery: Delivery
    to: str
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    kept: timedelta | None = None  # None: for longer than anybody looks back

    def thing(self) -> Thing:
        """What creates the flow log."""
        params: dict[str, Any] = {"ResourceIds": [f"${{{self.vpc}}}"], "ResourceType": "VPC", "TrafficType": "ALL"}
        if self.columns != DEFAULT_COLUMNS:
            params["LogFormat"] = " ".join(f"${{{name}}}" for name in self.columns).replace("${", "$${")
        match self.delivery:
            case Delivery.EVENTS:
                params |= {
                    "LogDestinationType": "cloud-watch-logs",
                    "LogGroupName": self.to,
                    "DeliverLogsPermissionArn": DELIVERY_ROLE,
                }
            case Delivery.PARQUET:
                options = {"FileFormat": "parquet", "HiveCompatiblePartitions": True, "PerHourPartition": False}
                params |= {"LogDestinationType": "s3", "LogDestination": f"arn:aws:s3:::{self.to}", "DestinationOptions": options}
            case Delivery.TEXT:
                params |= {"LogDestinationType": "s3", "LogDestination": f"arn:aws:s3:::{self.to}"}
        return Thing(self.key, "AWS::EC2::FlowLog", params, SHARED)


FLOW_LOGS: tuple[FlowLog, ...] = (
    FlowLog("shop-flow-log", "shop-vpc", OWN, EUROPE, Delivery.TEXT, "acme-flow-logs", TELLING),
    FlowLog("erp-flow-log", "erp-vpc", OWN, EUROPE, Delivery.TEXT, "acme-flow-logs"),
    FlowLog("rehearsal-flow-log", "rehearsal-vpc", OWN, EUROPE, Delivery.TEXT, "acme-flow-logs"),
    FlowLog("us-flow-log", "us-vpc", OWN, OREGON, Delivery.EVENTS, US_GROUP, kept=US_KEPT),
    FlowLog("analytics-flow-log", "analytics-vpc", DATA, EUROPE, Delivery.PARQUET, "acme-data-flow-logs", TELLING),
)
_BEFORE: Mapping[tuple[str, str], tuple[Thing | Act, ...]] = {
    (OWN, OREGON): (
        Act("logs", "create_log_group", {"logGroupName": US_GROUP}),
        Act("logs", "put_retention_policy", {"logGroupName": US_GROUP, "retentionInDays": US_KEPT.days}),
    ),
    (DATA, EUROPE): bucket("acme-data-flow-logs", EUROPE, ANALYTICS),
}


def flow_logs_of(account_id: str, region: str) -> tuple[Thing | Act, ...]:
    """What creates the flow logs of an account and region, and what they deliver to."""
    made = (one.thing() for one in FLOW_LOGS if (one.account_id, one.region) == (account_id, region))
    return (*_BEFORE.get((account_id, region), ()), *made)
