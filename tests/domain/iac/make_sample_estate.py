"""Writes sample_estate.jsonl: what discovery reads of the demo's estate in the emulator, with the plan's waves, a line for each resource.

    cloudmigrate demo && .venv/bin/python -m tests.domain.iac.make_sample_estate demo/estate.yaml

Of servers only some are kept, with their volumes and interfaces. Types that the emulator does not know are in sample_rows.py.
"""

import json
import sys
from pathlib import Path
from typing import Any

from cloudmigrate.estate_file import load_estate
from cloudmigrate.workspace import Workspace
from tasks.plan_reading import known_plan, read_document

SAMPLES = Path(__file__).with_name("sample_estate.jsonl")
SERVERS = 8
OF_SERVERS = ("AWS::EC2::Volume", "AWS::EC2::NetworkInterface")
COLUMNS = ("uid", "account_id", "region", "type", "name", "state", "tags", "spec", "stateful", "storage_bytes", "private_ips")


def main(estate_file: str) -> None:
    """Read the newest plan and its snapshot, and write the lines."""
    workspace = Workspace.open(load_estate(Path(estate_file)))
    plan = known_plan(workspace, None, None)
    waves = {uid: (group["wave"], group["id"]) for group in read_document(workspace, plan)["groups"] for uid in group["members"]}
    with workspace.views(plan.snapshot_id, plan.plan_id) as views:
        rows = sorted(views.rows("inventory"), key=lambda row: (row["type"], row["uid"]))
        workloads = {row["uid"]: row["workload"] for row in views.rows("workloads")}
    dropped = {row["uid"].rpartition("/")[2] for row in [one for one in rows if one["type"] == "AWS::EC2::Instance"][SERVERS:]}
    with SAMPLES.open("w", encoding="utf-8") as file:
        for row in rows:
            if not _is_of(row, dropped):
                wave, group = waves.get(row["uid"], (None, None))
                told = {name: row[name] for name in COLUMNS} | {"workload": workloads.get(row["uid"]), "wave": wave, "group": group}
                file.write(json.dumps(told, ensure_ascii=True, separators=(",", ":"), sort_keys=True, default=dict) + "\n")


def _is_of(row: dict[str, Any], dropped: set[str]) -> bool:
    """Whether it is one of these servers, or theirs."""
    if row["type"] == "AWS::EC2::Instance":
        return row["uid"].rpartition("/")[2] in dropped
    return row["type"] in OF_SERVERS and any(one in json.dumps(row["spec"]) for one in dropped)


if __name__ == "__main__":
    main(*sys.argv[1:])
