"""The small estate discovered, in a lake and a ledger, with a plan of one wave: what a wave is run from."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from cloudmigrate.aws.catalogue import ROWS
from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.network_rules import NETWORK_RULE_TYPES
from cloudmigrate.aws.relations import relations_of
from cloudmigrate.domain.estate import Account, Estate, Scope
from cloudmigrate.domain.preflight.drift import ALSO
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.ledger.records import PlanRow
from cloudmigrate.workspace import Workspace
from tasks.migrating import plan_named
from tasks.planning import publish_plan
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET, SmallEstate
from tests.planned_estate import dependency, take_snapshot
from tests.signers import public_key

# What the emulator cannot answer: it has no Service Quotas of EC2 and EBS, no policy simulation, no recovery points of AWS Backup.
BLIND = (CheckName.PERMISSIONS, CheckName.QUOTAS, CheckName.BACKUPS)
WAIVERS = [{"check": one.value, "by": "ana", "reason": "the emulator has none", "expires": str(date(2099, 1, 1))} for one in BLIND]


def plan_small(small: SmallEstate, folder: Path, people: Sequence[str] = ("ana", "ben"), **more: Any) -> tuple[Workspace, PlanRow]:
    """The workspace and the plan; the estate file is *folder*/estate.yaml, with *people* who may approve."""
    account = Account(id=ACCOUNT, regions=(SOURCE, TARGET))
    scope = Scope(types=tuple({*NETWORK_RULE_TYPES, *ALSO}))
    found = discover_region(small.sessions, account, SOURCE, ROWS, scope, regions_in_scope=frozenset({SOURCE}), max_workers=2)
    text = {
        "estate": "acme",
        "lake": str(folder / "lake"),
        "ledger": f"sqlite:///{folder}/ledger.db",
        "accounts": [{"id": ACCOUNT, "regions": [SOURCE, TARGET]}],
        "targets": small.policy.model_dump(mode="json", exclude_unset=True),
        "people": [{"name": name, "roles": ["approver"], "key": public_key(name)} for name in people],
        "execution": {"waivers": WAIVERS},
        **more,
    }
    (folder / "estate.yaml").write_text(json.dumps(text))  # JSON is YAML
    workspace = Workspace.open(Estate.model_validate(text))
    rows = [{**asdict(one), "private_ips": list(one.private_ips)} for one in found.resources]
    relations = [(one.source_uid, one.target_uid, one.kind) for one in relations_of(found.resources)]
    talks = dependency(small.uids["web"], small.uids["db"], port=5432)
    snapshot_id = take_snapshot(workspace, rows, relations, coverage=[asdict(one) for one in found.coverage], dependencies=[talks])
    publish_plan.fn(workspace.estate, workspace.estate.planning, snapshot_id=snapshot_id, run_id="made")
    return workspace, plan_named(workspace, None)
