"""Snapshots of databases: made, copied over regions and accounts under another key, shared, waited for."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.rds_kinds import CLUSTER, INSTANCE, Kind, rds_tags
from cloudmigrate.domain.acts.record import Act, Await, Call, Look, Params, Undo, quoted


@dataclass(frozen=True, slots=True)
class SnapshotKind:
    """What differs between a snapshot of an instance and one of a cluster."""

    of: Kind
    word: str
    thing: str
    missing: frozenset[str]
    wrong_state: frozenset[str]
    taken: frozenset[str]

    @property
    def id_name(self) -> str:
        """The parameter that names one."""
        return f"{self.thing}Identifier"

    def look(self, name: Any, **finds: str) -> Look:
        """One of them, and what is read of it."""
        return Look(
            Call("rds", f"Describe{self.thing}s", {self.id_name: name}),
            {output: f"{self.thing}s[0].{path}" for output, path in finds.items()},
            self.missing,
        )

    def made(self, key: str) -> Look:
        """The one that was made under the key, which its name has."""
        return self.look(_name(key), snapshot_id=self.id_name, arn=f"{self.thing}Arn")

    def deleted(self, snapshot_id: Any) -> tuple[Undo, ...]:
        """Gone; what is still being made comes to rest first, for it refuses that."""
        look = self.look(snapshot_id, state="Status")
        rested = Await(
            look,
            frozenset({"available", "failed", "incompatible-restore"}),
            every=timedelta(seconds=30),
            within=timedelta(hours=24),
            or_gone=True,
        )
        delete = Call("rds", f"Delete{self.thing}", {self.id_name: snapshot_id})
        return Undo(look.call, self.missing, gone=rested), Undo(delete, self.missing, self.wrong_state)


OF_INSTANCE = SnapshotKind(
    INSTANCE,
    "snapshot",
    "DBSnapshot",
    frozenset({"DBSnapshotNotFound", "DBSnapshotNotFoundFault"}),
    frozenset({"InvalidDBSnapshotState", "InvalidDBSnapshotStateFault"}),
    frozenset({"DBSnapshotAlreadyExists"}),
)
OF_CLUSTER = SnapshotKind(
    CLUSTER,
    "cluster_snapshot",
    "DBClusterSnapshot",
    frozenset({"DBClusterSnapshotNotFoundFault"}),
    frozenset({"InvalidDBClusterSnapshotStateFault"}),
    frozenset({"DBClusterSnapshotAlreadyExistsFault"}),
)
KINDS = (OF_INSTANCE, OF_CLUSTER)


def _name(key: str) -> str:
    return f"cloudmigrate-{key}"


def _created(kind: SnapshotKind) -> Act:
    def does(params: Params, key: str) -> Call:
        asked = {kind.id_name: _name(key), f"{kind.of.thing}Identifier": params["database_id"], "Tags": rds_tags(params, key)}
        return Call("rds", f"Create{kind.thing}", asked)

    return Act(
        f"rds.create_{kind.word}",
        "make the last snapshot of {database_id}",
        does=does,
        gives={"snapshot_id": f"{kind.thing}.{kind.id_name}", "arn": f"{kind.thing}.{kind.thing}Arn"},
        look=lambda params, key: kind.made(key),
        undoes=lambda params, outputs: kind.deleted(outputs["snapshot_id"]),
        exists=kind.taken,
        not_yet=kind.of.wrong_state,
        further_actions=("rds:AddTagsToResource",),
        likely=timedelta(seconds=10),
        family="rds-snapshots",
    )


def _awaited(kind: SnapshotKind) -> Act:
    def awaits(params: Params) -> Await:
        look = kind.look(params["snapshot_id"], state="Status")
        return Await(look, frozenset({"available"}), frozenset({"failed"}), timedelta(seconds=30), timedelta(hours=24))

    return Act(f"rds.await_{kind.word}", "wait until the snapshot is available", awaits=awaits, likely=timedelta(minutes=30))


def _copied(kind: SnapshotKind) -> Act:
    def does(params: Params, key: str) -> Call:
        asked = {
            f"Source{kind.id_name}": params["arn"],
            f"Target{kind.id_name}": _name(key),
            "Tags": rds_tags(params, key),
            **({"SourceRegion": params["source_region"]} if params.get("source_region") else {}),  # botocore signs the copy for there
            **({"KmsKeyId": params["kms_key_id"]} if params.get("kms_key_id") else {}),
            **({"OptionGroupName": params["option_group"]} if params.get("option_group") else {}),
        }
        return Call("rds", f"Copy{kind.thing}", asked)

    return Act(
        f"rds.copy_{kind.word}",
        "copy the snapshot to {region}",
        does=does,
        gives={"snapshot_id": f"{kind.thing}.{kind.id_name}", "arn": f"{kind.thing}.{kind.thing}Arn"},
        look=lambda params, key: kind.made(key),
        undoes=lambda params, outputs: kind.deleted(outputs["snapshot_id"]),
        exists=kind.taken,
        not_yet=kind.missing | kind.wrong_state,  # what was just shared may not show there yet
        further_actions=("rds:AddTagsToResource", "kms:CreateGrant", "kms:DescribeKey"),
        likely=timedelta(seconds=10),
        family="rds-snapshots",
    )


def _shared(kind: SnapshotKind) -> Act:
    """With another account; only a snapshot under a key of the account's own, or under none, can be."""

    def change(word: str, params: Params) -> Call:
        asked = {kind.id_name: params["snapshot_id"], "AttributeName": "restore", f"ValuesTo{word}": [params["with_account"]]}
        return Call("rds", f"Modify{kind.thing}Attribute", asked)

    def look(params: Params, key: str) -> Look:
        listed = f"{kind.thing}AttributesResult.{kind.thing}Attributes[?AttributeName=='restore'].AttributeValues[]"
        asked = Call("rds", f"Describe{kind.thing}Attributes", {kind.id_name: params["snapshot_id"]})
        return Look(asked, {"with_account": f"{listed} | [?@=={quoted(params['with_account'])}] | [0]"}, kind.missing)

    return Act(
        f"rds.share_{kind.word}",
        "share the snapshot with account {with_account}",
        does=lambda params, key: change("Add", params),
        keeps=("with_account",),
        look=look,
        undoes=lambda params, outputs: (Undo(change("Remove", params), kind.missing, kind.wrong_state),),
        is_repeatable=True,
        not_yet=kind.wrong_state,
        family="rds-snapshots",
    )


ACTS = tuple(make(kind) for kind in KINDS for make in (_created, _awaited, _copied, _shared))
