"""An instance and a cluster of RDS as its API has them: the words for each, and how one is shown, awaited and deleted.

Source: RDS API reference, 2014-10-31.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.record import Await, Call, Look, Params, Undo, quoted, tags_of

FAILING = frozenset(
    {
        "failed",
        "restore-error",
        "incompatible-restore",
        "incompatible-network",
        "incompatible-parameters",
        "incompatible-option-group",
        "inaccessible-encryption-credentials",
        "storage-full",
        "cloning-failed",
        "migration-failed",
    }
)
SETTLED = FAILING | {
    "available",
    "storage-optimization",
    "stopped",
    "inaccessible-encryption-credentials-recoverable",
    "insufficient-capacity",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """An instance or a cluster: how the API calls it, its state and its errors."""

    word: str  # in names of acts
    thing: str  # in names of operations and parameters
    status: str
    missing: frozenset[str]
    wrong_state: frozenset[str]
    taken: frozenset[str]

    @property
    def facts(self) -> str:
        """What source and target have in common. What a cluster of Aurora stores is not told, it has what it needs."""
        return f"Engine, EngineVersion{', to_string(AllocatedStorage)' if self.thing == 'DBInstance' else ''}"

    @property
    def listed(self) -> str:
        """The member of the answer that lists them."""
        return f"{self.thing}s"

    def call(self, verb: str, database_id: Any, **params: Any) -> Call:
        """A call about one of them."""
        return Call("rds", f"{verb}{self.thing}", {f"{self.thing}Identifier": database_id, **params})

    def describe(self, database_id: Any) -> Call:
        """The call that shows one of them."""
        return Call("rds", f"Describe{self.listed}", {f"{self.thing}Identifier": database_id})

    def seen(self, database_id: Any, where: str) -> Look:
        """One of them, where the condition holds."""
        return Look(self.describe(database_id), {"database_id": f"{self.listed}[?{where}].{self.thing}Identifier | [0]"}, self.missing)

    def in_state(self, database_id: Any, *states: str) -> Look:
        """One of them, in one of these states."""
        return self.seen(database_id, " || ".join(f"{self.status}=={quoted(one)}" for one in states))

    def made(self, params: Params, key: str) -> Look:
        """The one of its name that bears the key: a name alone may be somebody else's."""
        return self.seen(params["database_id"], f"TagList[?Key=='cloudmigrate:key' && Value=={quoted(key)}]")

    def awaited(self, database_id: Any, finds: Mapping[str, str]) -> Await:
        """Until it is available; *finds*: what else is read then."""
        found = {"state": f"{self.listed}[0].{self.status}", **finds}
        return Await(
            Look(self.describe(database_id), found, self.missing),
            frozenset({"available"}),
            FAILING,
            timedelta(seconds=30),
            timedelta(hours=24),
            "read its events in the RDS console",
        )

    def state(self, database_id: Any) -> Look:
        """The state of one of them."""
        return Look(self.describe(database_id), {"state": f"{self.listed}[0].{self.status}"}, self.missing)

    def rested(self, database_id: Any) -> Await:
        """Until nothing is being done with it, or it is gone."""
        return Await(self.state(database_id), SETTLED, every=timedelta(seconds=30), within=timedelta(hours=3), or_gone=True)

    def deleted(self, database_id: Any, **params: Any) -> tuple[Undo, ...]:
        """Gone for good. What is being made, changed or deleted refuses it, so that it comes to rest first."""
        gone = Await(self.state(database_id), frozenset(), every=timedelta(seconds=30), within=timedelta(hours=3))
        return (
            Undo(self.describe(database_id), self.missing, gone=self.rested(database_id)),
            Undo(self.call("Delete", database_id, SkipFinalSnapshot=True, **params), self.missing, self.wrong_state, gone),
        )


INSTANCE = Kind(
    "instance",
    "DBInstance",
    "DBInstanceStatus",
    frozenset({"DBInstanceNotFound", "DBInstanceNotFoundFault"}),
    frozenset({"InvalidDBInstanceState", "InvalidDBInstanceStateFault"}),
    frozenset({"DBInstanceAlreadyExists"}),
)
CLUSTER = Kind(
    "cluster",
    "DBCluster",
    "Status",
    frozenset({"DBClusterNotFoundFault"}),
    frozenset({"InvalidDBClusterStateFault", "InvalidDBInstanceState", "InvalidDBInstanceStateFault"}),
    frozenset({"DBClusterAlreadyExistsFault"}),
)
KINDS = (INSTANCE, CLUSTER)


def rds_tags(params: Params, key: str) -> list[dict[str, str]]:
    """The tags of what RDS and DMS create; each keeps keys of its own for itself."""
    return [one for one in tags_of(params, key) if not one["Key"].lower().startswith(("rds:", "dms:"))]
