"""The estate file that points CloudMigrate at the demo estate, and the file of its workloads."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from cloudmigrate.simulate.estate.parts import DATA, DATA_ROLE, EUROPE, OREGON, OWN
from cloudmigrate.simulate.landing_zone import ARTIFACTS, KEY_ALIAS, REPLICATION_ROLE, TARGET_REGION

REPORTS = "s3://acme-migration-reports/readiness"
WINDOW = timedelta(days=14)
WORKLOADS_FILE = "workloads.csv"
# What is known to a person and not to the tags, by ids that are the same in every demo.
WORKLOADS: tuple[tuple[str, str], ...] = (
    (f"arn:aws:sqs:{EUROPE}:{OWN}:mail", "shop"),  # bears no tag
    ("arn:aws:s3:::acme-old-backups", "archive"),  # nor does this
    (f"arn:aws:lambda:{EUROPE}:{OWN}:function:erp-export", "interfaces"),  # its tag says erp
)
LEAD = timedelta(days=28)  # before the first wave
SATURDAY = 5

TEMPLATE = """\
# The demo estate "acme": two simulated accounts in a local AWS emulator.
estate: acme
lake: {lake}
ledger: {ledger}
reports: [{reports}]  # in the emulator
accounts:
  - id: "{own}"
    regions: [{europe}, {oregon}]
  - id: "{data}"
    role_arn: {role}
    regions: [{europe}, {oregon}]
metrics: {{days: {days}, period_s: 300}}
traffic: {{days: {days}}}
costs: {{bill: cost_explorer, target_region: {target}}}
"""
PLANNING = """\
workloads: {workloads}
planning:
  first_wave_on: {first}
  freeze_windows:
    - {{from: {frozen_from}, to: {frozen_to}, reason: stock-taking, environments: [prod]}}
"""


def demo_estate_yaml(root: str | Path = ".", *, window: timedelta = WINDOW, reports: str = REPORTS, today: date | None = None) -> str:
    """The text of the demo's estate.yaml: lake and ledger under *root*, metrics and traffic of the last *window*, reports to *reports* too.

    Where *today* is given, waves have dates from the first Saturday that is at least four weeks later, and workloads.csv beside it counts.
    """
    text = TEMPLATE.format(
        lake=json.dumps(f"{root}/lake"),  # a JSON string is a YAML string, whatever is in it
        ledger=json.dumps(f"sqlite:///{root}/ledger.db"),
        reports=json.dumps(reports),
        own=OWN,
        data=DATA,
        role=DATA_ROLE,
        europe=EUROPE,
        oregon=OREGON,
        days=window.days,
        target=TARGET_REGION,
    )
    if today is None:
        return text
    soonest = today + LEAD
    first = soonest + timedelta(days=(SATURDAY - soonest.weekday()) % 7)
    return text + PLANNING.format(
        workloads=json.dumps(f"{root}/{WORKLOADS_FILE}"),
        first=first,
        frozen_from=first + timedelta(days=26),
        frozen_to=first + timedelta(days=40),
    )


def without_emulator(text: str) -> str:
    """The demo's estate.yaml as its emulator leaves it: reports are published beside the lake alone, so that they can be made again."""
    gone = "# The emulator is gone, and with it the further place of reports, so that they are published beside the lake alone: "
    return "".join(gone + line if line.startswith("reports:") else line for line in text.splitlines(keepends=True))


MIGRATION = """
# Where things move to: for each network one of the same shape in another region, with what functions and containers name.
targets:
  region: {region}
  artifact_bucket: {artifacts}
  bucket_suffix: -{region}
  replication_role: {replication_role}
  vpcs: {vpcs}
  subnets: {subnets}
  security_groups: {security_groups}
  target_groups: {target_groups}
  event_sources: {event_sources}
  kms_key: {kms_key}
  databases: {{subnet_groups: {subnet_groups}, parameter_groups: {parameter_groups}}}

# Two people, whose keys are in the folder keys beside this file; real ones stay with their people.
people:
{people}

# What the emulator cannot answer, and nobody need answer for in a demo.
execution:
  waivers:
{waivers}
"""
# check -> why the emulator has no answer; a real estate has.
WAIVED = {
    "permissions": "the emulator simulates no policies",
    "quotas": "the emulator knows no service quotas",
    "backups": "the emulator keeps no backups",
    "connectivity": "the emulator routes no packets, and the networks of the two regions are not joined",
}


def migration_yaml(
    public_keys: Mapping[str, str], mapped: Mapping[str, Mapping[str, str]], *, operator: str, approver: str, expires: date
) -> str:
    """The sections of the demo's estate.yaml by which its waves can be carried out: targets, people, and named, expiring waivers."""
    roles = {operator: "operator", approver: "approver"}
    people = [f"  - {{name: {name}, roles: [{roles[name]}], key: {json.dumps(key)}}}" for name, key in public_keys.items()]
    waivers = [f"    - {{check: {name}, by: {approver}, reason: {json.dumps(why)}, expires: {expires}}}" for name, why in WAIVED.items()]
    return MIGRATION.format(
        region=TARGET_REGION,
        artifacts=ARTIFACTS,
        replication_role=REPLICATION_ROLE,
        **{name: json.dumps(found) for name, found in mapped.items()},
        kms_key=KEY_ALIAS,
        people="\n".join(people),
        waivers="\n".join(waivers),
    )


def demo_workloads_csv() -> str:
    """The text of the demo's workloads.csv."""
    return "".join(f"{uid},{workload}\n" for uid, workload in (("uid", "workload"), *WORKLOADS))
