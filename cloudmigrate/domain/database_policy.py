"""How databases move: the part `databases` of the estate file's section `targets`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Source: RDS API reference, CreateDBInstance: 1 to 63 letters, digits and hyphens; a letter first, no hyphen last, no two together.
_Database = Annotated[str, Field(pattern=r"^[A-Za-z](-?[A-Za-z0-9]){0,62}$", max_length=63)]
_Setting = Annotated[str, Field(min_length=1, max_length=255)]
_InstanceClass = Annotated[str, Field(pattern=r"^db\.[a-z0-9.-]+$")]
_Key = Annotated[str, Field(min_length=1, max_length=2048, pattern=r"^[\w:/-]+$")]
_Secret = Annotated[str, Field(pattern=r"^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$")]
_Role = Annotated[str, Field(pattern=r"^arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+$")]
_Subnet = Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")]
_Group = Annotated[str, Field(pattern=r"^sg-[0-9a-f]+$")]
_Schema = Annotated[str, Field(min_length=1, max_length=128)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatabaseWay(StrEnum):
    """How the data comes to the target."""

    SNAPSHOT = "snapshot"  # closed, a last snapshot, copied, restored
    REPLICA = "replica"  # a replica in the target region, promoted at cutover
    DMS = "dms"  # rows copied and followed by the Database Migration Service, into a database that is there


class Replication(_Strict):
    """What the Database Migration Service is made of, for all databases that move by it."""

    instance_class: Annotated[str, Field(pattern=r"^dms\.[a-z0-9.-]+$", description="Of the replication instance.")] = "dms.t3.medium"
    storage_gib: Annotated[int, Field(ge=5, le=6144, description="Of the replication instance: logs and changes that wait.")] = 50
    subnets: Annotated[tuple[_Subnet, ...], Field(description="Of the target, in two zones at least.")] = ()
    security_groups: Annotated[tuple[_Group, ...], Field(description="Of the target: they let the replication instance out.")] = ()
    secrets_role: Annotated[_Role | None, Field(description="Role by which the service reads the secrets of the endpoints.")] = None


class Endpoints(_Strict):
    """Between what the Database Migration Service copies. Secrets hold user, password, host and port; nothing else ever does."""

    target: Annotated[_Database, Field(description="The database of the target that the rows go to; it is there, with its tables.")]
    source_secret: Annotated[_Secret, Field(description="ARN of the secret of the source's endpoint, in the target's region.")]
    target_secret: Annotated[_Secret, Field(description="ARN of the secret of the target's endpoint, in the target's region.")]
    source_database: Annotated[_Setting | None, Field(description="Name of the database within the source; empty: the first one.")] = None
    target_database: Annotated[_Setting | None, Field(description="Likewise of the target; empty: as in the source.")] = None
    schemas: Annotated[tuple[_Schema, ...], Field(min_length=1, description="Schemas whose tables are copied; % is all.")] = ("%",)
    ssl_mode: Annotated[Literal["none", "require"], Field(description="require: connections of both endpoints are encrypted.")] = "require"


class DatabaseOverride(_Strict):
    """What one database gets that the rules would not give it."""

    uid: Annotated[str, Field(min_length=1)]
    way: DatabaseWay | None = None
    name: Annotated[_Database | None, Field(description="Its name in the target; empty: as at the source.")] = None
    instance_class: _InstanceClass | None = None
    subnet_group: _Setting | None = None
    parameter_group: _Setting | None = None
    endpoints: Annotated[Endpoints | None, Field(description="Of the way dms.")] = None


class DatabasePolicy(_Strict):
    """The part `databases`. Empty: each goes by snapshot, and lacks what its subnet and parameter groups are in the target."""

    way: Annotated[DatabaseWay, Field(description="snapshot, replica or dms, where nothing else is said of a database.")] = (
        DatabaseWay.SNAPSHOT
    )
    subnet_groups: Annotated[Mapping[_Setting, _Setting], Field(description="Source DB subnet group: that of the target.")] = {}
    parameter_groups: Annotated[
        Mapping[_Setting, _Setting], Field(description="Source parameter group: that of the target. Those of AWS (default.*) need none.")
    ] = {}
    option_groups: Annotated[Mapping[_Setting, _Setting], Field(description="Source option group: that of the target.")] = {}
    instance_classes: Annotated[Mapping[_InstanceClass, _InstanceClass], Field(description="Source class: target class.")] = {}
    share_key: Annotated[
        _Key | None,
        Field(description="Key of the source's account in the target's region that the target's account may use: for shared snapshots."),
    ] = None
    lag_limit_s: Annotated[int, Field(ge=1, le=3600, description="How far behind a replica or DMS may be when cutover begins.")] = 30
    keep_snapshots: Annotated[bool, Field(description="Whether a rollback keeps the copied snapshot.")] = False
    replication: Replication = Replication()
    overrides: Annotated[tuple[DatabaseOverride, ...], Field(description="What single databases get: [{uid, way, name, ...}].")] = ()

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> "DatabasePolicy":
        uids = [one.uid for one in self.overrides]
        twice = sorted({one for one in uids if uids.count(one) > 1})
        if twice:
            raise ValueError(f"database {twice[0]} is given twice")
        return self

    def override(self, uid: str) -> DatabaseOverride:
        """What is said of one database."""
        return next((one for one in self.overrides if one.uid == uid), DatabaseOverride(uid=uid))

    def way_of(self, uid: str) -> DatabaseWay:
        """How one database moves."""
        return self.override(uid).way or self.way
