"""What is known of a resource that bears on its strategy; what is missing stays missing, and is never taken for "no"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cache

from cloudmigrate.domain.load_metrics import LOADS_BY_TYPE, SubjectKind
from cloudmigrate.domain.risk_factors import PIECES, SERVICES
from cloudmigrate.domain.strategies import Strategy


class Kind(StrEnum):
    """What a resource is, as far as strategies differ."""

    SERVER = "server"
    DATABASE = "database"
    CACHE = "cache"
    VOLUME = "volume"
    FUNCTION = "function"
    CLUSTER = "cluster"
    CONTAINER = "container"
    BUCKET = "bucket"
    PIECE = "piece"  # belongs to another resource, and follows it
    OTHER = "other"


_KINDS: dict[str, Kind] = {
    "AWS::EC2::Instance": Kind.SERVER,
    "AWS::EC2::Volume": Kind.VOLUME,
    "AWS::ECS::Service": Kind.CONTAINER,
    "AWS::EKS::Cluster": Kind.CLUSTER,
    "AWS::ElastiCache::CacheCluster": Kind.CACHE,
    "AWS::ElastiCache::ReplicationGroup": Kind.CACHE,
    "AWS::Lambda::Function": Kind.FUNCTION,
    "AWS::RDS::DBCluster": Kind.DATABASE,
    "AWS::RDS::DBInstance": Kind.DATABASE,
    "AWS::S3::Bucket": Kind.BUCKET,
}
PRICED_KINDS = frozenset({Kind.SERVER, Kind.DATABASE, Kind.CACHE, Kind.VOLUME, Kind.CONTAINER, Kind.BUCKET})
VERSIONED_KINDS = frozenset({Kind.DATABASE, Kind.CACHE, Kind.FUNCTION, Kind.CLUSTER})
LICENSED_KINDS = frozenset({Kind.SERVER, Kind.DATABASE})


@cache
def kind_of(type_: str) -> Kind:
    """The kind of a type of resource."""
    return _KINDS.get(type_) or (Kind.PIECE if type_ in PIECES else Kind.OTHER)


@cache
def has_load(type_: str) -> bool:
    """Whether a load of the type can be measured."""
    return type_ in LOADS_BY_TYPE


@cache
def has_proof(type_: str) -> bool:
    """Whether something besides its load, network or connections, can show that nobody uses one of the type."""
    loads = LOADS_BY_TYPE.get(type_)
    return loads is not None and bool(loads.connections if loads.kind is SubjectKind.DATABASE else loads.network)


@cache
def talks(type_: str) -> bool:
    """Whether flow logs can show who calls one of the type: not of pieces, nor of what is reached by AWS's own names."""
    return type_ not in PIECES and type_ not in SERVICES


@dataclass(frozen=True, slots=True)
class Cost:
    """Dollars a month on demand, with the least and most that assumed quantities allow."""

    usd: Decimal
    low_usd: Decimal
    high_usd: Decimal
    is_whole: bool = True  # every line of it is priced


@dataclass(frozen=True, slots=True)
class Windows:
    """How much time was asked for, whatever came back."""

    metric_hours: float
    flow_log_days: int


@dataclass(frozen=True, slots=True)
class StrategyFacts:
    """What is known of one resource; None: not measured."""

    uid: str
    type: str
    workload: str | None = None
    is_read: bool = True  # its type was read whole where it lies, with all details
    unread_statements: str | None = None  # a type that may state a need of it and was not read whole
    # use
    pattern: str | None = None  # as in the dataset patterns; None: never classified
    pattern_reason: str | None = None
    hours: int = 0  # with data of its load
    proof_hours: int = 0  # with data of its network, or connections
    peak_pct: float | None = None
    peak_measured: bool = False  # over Maximum, not over means
    network_mb_a_day_max: float | None = None
    connections_max: float | None = None
    duty_cycle: float | None = None
    # neighbours
    callers: int = 0  # others that need it, by traffic or configuration
    named_callers: tuple[str, ...] = ()  # some of them
    logged_days: int | None = None  # fully, in the window of flow logs
    is_shared: bool | None = None  # a shared service that is held out; None: dependencies were never mapped
    # what it is
    stateful: bool | None = None
    attached: bool | None = None
    was_used: bool | None = None  # of an unattached volume: whether anything was read or written in the window
    licence: str | None = None
    placement: str | None = None
    volume_type: str | None = None
    product: str | None = None  # by tag or port
    product_evidence: str | None = None
    support: str | None = None  # engine and version, or runtime
    days_since_support: float | None = None  # negative until it ends; minus infinity: no end announced
    compliance: str = "none"
    compliance_tag: str | None = None
    told: Strategy | None = None
    # size and money
    sizing: str | None = None  # verdict
    current_type: str | None = None
    target_type: str | None = None
    costs: Mapping[str, Cost] = field(default_factory=dict)  # by scenario

    @property
    def kind(self) -> Kind:
        """What it is, as far as strategies differ."""
        return kind_of(self.type)
