"""The record behind each row of the catalogue: how one resource type is listed, described and related.

How a row is read, in this order: list ``path`` of ``operation`` (paged unless ``single_page``), once per item of
``parent`` if there is one (kept under ``Parent``); make the ``calls`` in their order; drop what is in ``gone_states``,
fails ``keep`` or lies outside the regions in scope; then ``redact``. What is left is the resource's ``spec``.

Every expression is JMESPath with the functions of `cloudmigrate.aws.expressions` (``part``, ``split``, ``chunks``, ``from_json``):
evaluate with `cloudmigrate.aws.expressions.evaluate`, never with plain jmespath. Items are always mappings: where an API lists bare
strings, ``path`` wraps them (``clusterArns[].{clusterArn: @}``). Tags always come out as ``[{Key, Value}]`` or ``{key: value}``.
Instants may be datetimes, ISO text, or epoch seconds as a number or text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.domain.resources import RelationRole

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One further API call per item (or per batch of items) that fills in what the listing leaves out.

    ``params`` maps request members to JMESPath expressions over the item (as filled in by the calls before this one).
    The result of ``path`` over the response is stored in the item under ``into``; ``into="@"`` merges a mapping into the
    item itself. ``absent_codes`` are error codes that mean "there is none" (nothing is stored, no gap). Where botocore
    can page the operation, all pages are read and the lists of ``path`` are joined.

    With ``batch`` above 1 one request serves many items: the member of ``params`` whose expression is ``batch_on`` takes
    the list of the items' values, items are grouped so that the other members are equal within a request, ``path`` gives
    a list of answers, and the answer whose ``batch_key`` equals the item's ``batch_on`` is the item's.

    With ``each`` the call is made once per element of that list: ``params`` see the item with the element under ``Each``,
    and ``into`` gets ``[{"Key": element, "Value": result of path}]``.
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
    when: str | None = None  # JMESPath predicate over the item; false: the call is not made, and that is no gap
    each: str | None = None  # JMESPath over the item: a list, one request per element
    gone_codes: tuple[str, ...] = ()  # error codes that mean the item was deleted since it was listed: it is dropped, no gap
    locates: bool = False  # says which region the item lies in: made first, then items out of scope are dropped


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
    ``dns`` (a host name that some resource answers to), ``endpoint`` (a url or text that mentions one), ``ip`` (a private
    address), ``hash`` (a redacted variable whose value is the name of a resource, see `cloudmigrate.aws.redact`),
    ``image`` (a container image in ECR), ``member`` (a stack's resource: its type and physical id).
    """

    kind: str
    path: str
    target: str | tuple[str, ...]  # target type(s)
    by: str = "id"
    role: RelationRole = RelationRole.NEEDS
    reverse: bool = False  # the named resource needs this one
    via: tuple[str, str] | None = None  # (type, JMESPath over its spec): the value names that type, whose path names the target by ARN
    source: str | None = None  # JMESPath over the spec: ARN of the resource that needs the target, where it is not this one
    keep_unresolved: bool = True  # false: dropped when the inventory lacks the target (public images, deleted snapshots)


@dataclass(frozen=True, slots=True)
class Metric:
    """One CloudWatch metric of a type: what to ask and in which unit the answer is."""

    name: str
    unit: str  # percent, bytes, count, seconds, milliseconds, bytes_per_second, count_per_second
    stats: tuple[str, ...] = ("Average", "Maximum")
    namespace: str | None = None  # where it is not the type's
    period_s: int | None = None  # where it is not the estate's (S3 storage is daily)
    extra_dimensions: tuple[tuple[str, str], ...] = ()
    when: str | None = None  # JMESPath predicate over the spec: which resources of the type have it
    capacity_pct: bool = False  # 0..100 of a capacity: idle share and checks apply
    published_as: str | None = None  # CloudWatch's own name, where several rows have one and differ in a dimension
    dimension_paths: tuple[tuple[str, str], ...] = ()  # further dimensions <- JMESPath over the spec
    when_listed: bool = False  # asked only where ListMetrics shows it, as a question is charged also where there is no answer

    @property
    def cloudwatch_name(self) -> str:
        """The name that CloudWatch knows it by."""
        return self.published_as or self.name


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
    gone_states: frozenset[str] = frozenset()  # in lower case: what is in one of them is no resource any more
    params: Mapping[str, Any] = field(default_factory=dict)
    single_page: bool = False
    is_global: bool = False
    owner: str | None = None  # JMESPath over the item: the owning account; shared items of other accounts are left to these
    own_region: str | None = None  # JMESPath over the item: where it lies, if a global listing tells (S3); None: where it was listed
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
    dns_names: tuple[str, ...] = ()  # JMESPaths over the spec, or formats starting "{id}" over {id} {region}: names it answers to
    aliases: str | None = None  # JMESPath over the spec: further names that others may use for it (KMS aliases)
    page_size: int | None = None
