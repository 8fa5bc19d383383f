"""What the provider's own answers say that bears on a strategy: licence, host, volume type, whether a volume is attached.

What was not read is None, never "none". Sources: EC2 API reference, Instance (PlatformDetails, ProductCodes, Placement) and Volume; RDS
User Guide, "Licensing models" of Oracle and SQL Server.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Spec = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StrategyDetails:
    """What one resource's spec says; None: it does not say, or it was not read."""

    licence: str | None = None  # none, windows, sql_server, oracle, marketplace
    placement: str | None = None  # shared, dedicated, host, metal
    volume_type: str | None = None
    attached: bool | None = None


def strategy_details(type_: str, spec: Spec) -> StrategyDetails:
    """What a resource's *spec* says."""
    match type_:
        case "AWS::EC2::Instance" if "InstanceId" in spec:
            return StrategyDetails(licence=_server_licence(spec), placement=_placement(spec))
        case "AWS::EC2::Volume" if "VolumeType" in spec:
            return StrategyDetails(volume_type=str(spec["VolumeType"]), attached=bool(spec.get("Attachments")))
        case "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" if spec.get("Engine"):
            return StrategyDetails(licence=_engine_licence(str(spec["Engine"])))
        case _:
            return StrategyDetails()


def _server_licence(spec: Spec) -> str:
    platform = f"{spec.get('Platform') or ''} {spec.get('PlatformDetails') or ''}".lower()
    if "sql server" in platform:
        return "sql_server"
    codes = spec.get("ProductCodes")
    if any(isinstance(one, Mapping) and one.get("ProductCodeType") == "marketplace" for one in (codes if isinstance(codes, list) else [])):
        return "marketplace"
    return "windows" if "windows" in platform else "none"


def _engine_licence(engine: str) -> str:
    return next((word for prefix, word in (("sqlserver", "sql_server"), ("oracle", "oracle")) if engine.startswith(prefix)), "none")


def _placement(spec: Spec) -> str:
    placement = spec.get("Placement")
    told = placement if isinstance(placement, Mapping) else {}
    if told.get("HostId") or told.get("Tenancy") == "host":
        return "host"
    if ".metal" in str(spec.get("InstanceType") or ""):
        return "metal"
    return "dedicated" if told.get("Tenancy") == "dedicated" else "shared"
