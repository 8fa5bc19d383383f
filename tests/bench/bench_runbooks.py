"""Runbooks of a plan of 10,000 resources: every wave and workload, told from lake and ledger, as Markdown, HTML and Confluence pages.

    .venv/bin/python -m tests.bench.bench_runbooks [--scale 1]

What `cloudmigrate runbook` does: the plan, the inventory and the ledger are read, the steps of every wave are made, every page is told
and written in the three forms. Its HTML is held against markdown-it, which renders the same pages from their Markdown (some of them,
extrapolated by their bytes), and the files against a copy of them.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.child import answered
from tests.bench.lines import line
from tests.bench.peak import peak_mb
from tests.planned_estate import ACCOUNT, REGION, resource, server, take_snapshot, write_estate

RESOURCES = 10_000
CPU_S_AT_MOST, PEAK_MB_AT_MOST = 60, 700  # seconds of processor, as other work on the machine adds none
FORMS = ("markdown", "html", "confluence")
YAML = f"""\
estate: acme
lake: ./lake
ledger: sqlite:///ledger.db
accounts: [{{id: "{ACCOUNT}", regions: [{REGION}]}}]
planning: {{max_resources_per_wave: 200, pilot_waves: 0, first_wave_on: 2027-01-16}}
targets:
  region: eu-west-1
  vpcs: {{vpc-1: vpc-2}}
  subnets: {{subnet-1: subnet-2}}
  security_groups: {{sg-1: sg-2}}
  bucket_suffix: -new
  replication_role: replication
  databases: {{subnet_groups: {{private: inner}}}}
"""
PEER_PAGES = 10  # the peer renders one of so many
SERVERS = 5  # of the ten resources of a workload


def workload(number: int) -> list[dict[str, Any]]:
    """Five servers, a database, a bucket, and three things that a person moves."""
    name = f"shop-{number:04}"
    own = [(server(f"{name}-{at}"), _server_spec(f"{name}-{at}")) for at in range(SERVERS)]
    rows = [resource(uid, stateful=True, spec=spec) for uid, spec in own]
    where = f"{REGION}:{ACCOUNT}"
    database = _database_spec(name)
    rows.append(
        resource(f"arn:aws:rds:{where}:db:{name}", "AWS::RDS::DBInstance", name=name, stateful=True, spec=database, state="available")
    )
    rows.append(resource(f"arn:aws:s3:::{name}", "AWS::S3::Bucket", name=name, stateful=True))
    rows += [
        resource(f"arn:aws:{service}:{where}:{name}", type_, name=name)
        for service, type_ in (("sqs", "AWS::SQS::Queue"), ("sns", "AWS::SNS::Topic"), ("dynamodb", "AWS::DynamoDB::Table"))
    ]
    return rows


def _server_spec(name: str) -> dict[str, Any]:
    return {
        "InstanceId": name,
        "InstanceType": "t3.micro",
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "PrivateIpAddress": "10.0.0.5",
        "SecurityGroups": [{"GroupId": "sg-1"}],
        "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeId": f"vol-{name}", "DeleteOnTermination": True}}],
    }


def _database_spec(name: str) -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": "db.t3.medium",
        "Engine": "postgres",
        "EngineVersion": "16.4",
        "AllocatedStorage": 100,
        "StorageType": "gp2",
        "Endpoint": {"Address": f"{name}.x.{REGION}.rds.amazonaws.com", "Port": 5432},
        "BackupRetentionPeriod": 7,
        "DBSubnetGroup": {"DBSubnetGroupName": "private", "VpcId": "vpc-1"},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
        "DBParameterGroups": [{"DBParameterGroupName": "default.postgres16"}],
        "OptionGroupMemberships": [{"OptionGroupName": "default:postgres-16"}],
    }


def make_plan(folder: Path, number: int) -> None:
    """An estate of so many workloads in *folder*, discovered and planned."""
    from cloudmigrate.estate_file import load_estate
    from cloudmigrate.workspace import Workspace
    from tasks.planning import publish_plan

    workspace = Workspace.open(load_estate(write_estate(folder, YAML)))
    made = [workload(at) for at in range(number)]
    rows = [row for some in made for row in some]
    relations = [(first["uid"], other["uid"], "uses") for first, *others in made for other in others]
    tagged = {"source": "tag", "reason": "tag", "confidence": 1.0}
    workloads = [{"uid": row["uid"], "workload": f"shop-{at:04}", **tagged} for at, some in enumerate(made) for row in some]
    snapshot_id = take_snapshot(workspace, rows, relations, workloads=workloads)
    publish_plan.fn(workspace.estate, workspace.estate.planning, snapshot_id=snapshot_id, run_id="bench")
    workspace.ledger.close()


def run_ours(folder: Path) -> dict[str, Any]:
    """Seconds of each part of `cloudmigrate runbook`, and how much came of it. Raises SystemExit where a wave's steps cannot be told."""
    from cloudmigrate.domain.runbooks.blocks import Steps
    from cloudmigrate.estate_file import load_estate
    from cloudmigrate.workspace import Workspace
    from reports.runbooks import Form
    from tasks.migrating import plan_named
    from tasks.runbook_reading import read_runbooks
    from tasks.runbooks import Folder, files_of

    workspace = Workspace.open(load_estate(folder / "estate.yaml"))
    clock, begun_cpu_s = _Clock(), time.process_time()
    found = read_runbooks(workspace, plan_named(workspace, None))
    clock.lap("told")
    if found.untold:
        raise SystemExit(f"bench runbooks: {next(iter(found.untold.values()))}")
    target = Folder(str(folder / "out"))
    for name in FORMS:
        target.write(files_of(found.documents, [Form(name)]))
        clock.lap(name)
    steps = sum(len(block.rows) for pages in found.waves.values() for block in pages[0].blocks if isinstance(block, Steps))
    workspace.ledger.close()
    cpu_s = time.process_time() - begun_cpu_s
    return {
        "seconds": clock.laps,
        "cpu_s": cpu_s,
        "peak_mb": peak_mb(),
        "pages": len(found.documents),
        "steps": steps,
        "waves": len(found.waves),
    }


class _Clock:
    """Seconds between marks."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last_s = time.perf_counter()

    def lap(self, name: str) -> None:
        """What went since the last mark is of that name."""
        now_s = time.perf_counter()
        self.laps[name], self._last_s = now_s - self._last_s, now_s


def run_markdown_it(folder: Path) -> dict[str, Any]:
    """Seconds for which markdown-it would render all pages from their Markdown: taken of every tenth, by its bytes."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable("table")
    paths = sorted((folder / "out").rglob("*.md"))
    texts = [path.read_text(encoding="utf-8") for path in paths[:: PEER_PAGES if len(paths) > PEER_PAGES else 1]]
    begun_s = time.perf_counter()
    for text in texts:
        reader.render(text)
    seconds = time.perf_counter() - begun_s
    share = sum(len(text.encode()) for text in texts) / sum(path.stat().st_size for path in paths)
    return {"seconds": seconds / share, "peak_mb": peak_mb(), "share": share}


def run_copy(folder: Path) -> dict[str, Any]:
    """Seconds for which the same files are copied to another folder, and how much they are."""
    begun_s = time.perf_counter()
    shutil.copytree(folder / "out", folder / "copy", copy_function=shutil.copyfile)
    seconds = time.perf_counter() - begun_s
    sizes = [one.stat().st_size for one in (folder / "copy").rglob("*") if one.is_file()]
    shutil.rmtree(folder / "copy")
    return {"seconds": seconds, "files": len(sizes), "mb": sum(sizes) / 2**20}


SIDES = {"ours": run_ours, "markdown-it": run_markdown_it, "copy": run_copy}


def main(argv: list[str] | None = None) -> None:
    """Make the plan, run each side in a process of its own, print the lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="share of 10,000 resources")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.side:
        print(json.dumps(SIDES[arguments.side](arguments.folder)))
        return
    number = max(round(RESOURCES * arguments.scale / 10), 2)
    with tempfile.TemporaryDirectory(prefix="cloudmigrate-bench-") as name:
        make_plan(Path(name), number)
        found = {side: answered("runbooks", "--side", side, "--folder", name) for side in SIDES}
    for text in lines_of(found["ours"], found["markdown-it"], found["copy"], resources=number * 10, is_full=arguments.scale >= 1):
        print(text, flush=True)


def lines_of(ours: dict[str, Any], peer: dict[str, Any], copy: dict[str, Any], *, resources: int, is_full: bool) -> Iterator[str]:
    """The line of the whole, and that of HTML against the peer."""
    seconds: dict[str, float] = ours["seconds"]
    whole_s, peak = sum(seconds.values()), ours["peak_mb"]
    made = f"{ours['pages']} pages of {ours['waves']} waves, {ours['steps']} steps, {copy['files']} files, {copy['mb']:.1f} MB"
    parts = ", ".join(f"{name} {seconds[name]:.1f} s" for name in ("told", *FORMS))
    is_missed = is_full and (ours["cpu_s"] > CPU_S_AT_MOST or peak > PEAK_MB_AT_MOST)
    missed = f" missed: at most {CPU_S_AT_MOST} s of processor and {PEAK_MB_AT_MOST} MB" if is_missed else ""
    text = f"bench runbooks-{resources}: {parts}, whole {whole_s:.1f} s ({ours['cpu_s']:.1f} s of processor), "
    text += f"copying the files {copy['seconds']:.1f} s, peak {peak:.0f} MB"
    yield f"{text} ({made}){missed}"
    html_s, peer_s = seconds["html"], peer["seconds"]
    remark = f"markdown-it extrapolated from {peer['share']:.0%} of the bytes, with {peer['peak_mb']:.0f} MB"
    yield line("runbooks-html", html_s, "markdown-it", peer_s, ratio=html_s / peer_s, peak_mb=peak, remark=remark)


if __name__ == "__main__":
    main()
