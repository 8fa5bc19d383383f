"""The record behind each row of the catalogue: how one resource type is listed, described and related."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.domain.resources import RelationRole

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One further API call per item (or per batch of items) that fills in what the listing leaves out.

    ``params`` maps request members to JMESPath expressions over the item. The result of ``path`` over the
    response is stored in the item under ``into``. ``absent_codes`` are error codes that mean "there is none".
    """

    operation: str
    params: Mapping[str, str]
    path: str
    into: str
    absent_codes: tuple[str, ...] = ()
    action: str | None = None  # IAM action, where it is not service:Operation
    batch: int = 1  # above 1: params take lists; `batch_key` on the answer joins back to `batch_on` on the item
    batch_on: str | None = None
    batch_key: str | None = None
    secret: bool = False  # needs a redaction before it is kept
    constant: Mapping[str, Any] = field(default_factory=dict)
    service: str | None = None  # boto3 client, where it is not the row's
    region_path: str | None = None  # JMESPath over the item: the region to ask (S3 buckets)


@dataclass(frozen=True, slots=True)
class Parent:
    """Another listing whose every item is a request of this one (a zone's records, a cluster's services)."""

    operation: str
    path: str
    params: Mapping[str, str]  # request members of the child call <- JMESPath over the parent item
    single_page: bool = False
    action: str | None = None
    into: str = "Parent"  # the parent's item is kept in the child's spec under this key
    batch: int = 1  # above 1: the child call takes a list of that many parents' values
    constant: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RelationRule:
    """Where a spec names another resource.

    ``path`` (JMESPath over the spec) gives one value or a list; ``by`` says how a value finds its target:
    ``arn`` (it is the uid), ``id`` (the target type's own id in the same account and region), ``name`` (its name),
    ``dns`` (a host name that some resource answers to), ``endpoint`` (a url or text that mentions one).
    """

    kind: str
    path: str
    target: str | tuple[str, ...]  # target type(s)
    by: str = "id"
    role: RelationRole = RelationRole.NEEDS
    reverse: bool = False  # the named resource needs this one


@dataclass(frozen=True, slots=True)
class Metric:
    """One CloudWatch metric of a type: what to ask and in which unit the answer is."""

    name: str
    unit: str  # percent, bytes, count, seconds, milliseconds, bytes_per_second, count_per_second
    stats: tuple[str, ...] = ("Average", "Maximum")
    namespace: str | None = None  # where it is not the type's
    period_s: int | None = None  # where it is not the estate's (S3 storage is daily)
    extra_dimensions: tuple[tuple[str, str], ...] = ()
    capacity_pct: bool = False  # 0..100 of a capacity: idle share and checks apply


@dataclass(frozen=True, slots=True)
class MetricSource:
    """Under which namespace and dimensions CloudWatch keeps a type's metrics."""

    namespace: str
    dimensions: Mapping[str, str]  # dimension name <- JMESPath over the spec
    metrics: tuple[Metric, ...]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One row of the catalogue: everything CloudMigrate knows about listing one type."""

    type: str
    service: str  # boto3 client name
    operation: str
    path: str  # JMESPath over a page: the items
    id: str  # JMESPath over the item: the service's own id
    arn: str  # a format over {partition} {region} {account} {id}, or "=" and a JMESPath over the item
    role: str  # compute, data, integration, network, identity, artifact: what it is in a migration
    moves: bool  # whether a plan gives it a wave of its own
    name: str | None = None  # JMESPath: the service's own name, used when there is no Name tag
    state: str | None = None  # JMESPath; None: "active"
    created: str | None = None
    tags: str | None = "Tags"  # JMESPath to [{Key, Value}] or {key: value}; None: has none
    gone_states: frozenset[str] = frozenset()
    params: Mapping[str, Any] = field(default_factory=dict)
    single_page: bool = False
    is_global: bool = False
    action: str | None = None  # IAM action of the listing, where it is not service:Operation
    parent: Parent | None = None
    calls: tuple[Call, ...] = ()
    stateful: bool | str = False  # or a JMESPath over the spec
    storage: str | None = None  # JMESPath over the spec
    storage_unit_bytes: int = 1
    private_ips: str | None = None
    relations: tuple[RelationRule, ...] = ()
    metric_source: MetricSource | None = None
    redact: Callable[[Item], Item] | None = None
    keep: str | None = None  # JMESPath predicate over the item; false: not a resource (default VPC endpoints services, AWS-owned keys)
    dns_names: tuple[str, ...] = ()  # JMESPaths over the spec: host names this resource answers to
    max_params: int | None = None
    page_size: int | None = None
