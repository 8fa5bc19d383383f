"""The estate file that points CloudMigrate at the demo estate."""

import json
from datetime import timedelta
from pathlib import Path

from cloudmigrate.simulate.estate.parts import DATA, DATA_ROLE, EUROPE, OREGON, OWN

REPORTS = "s3://acme-migration-reports/readiness"
WINDOW = timedelta(days=14)

TEMPLATE = """\
# The demo estate "acme": two simulated accounts in a local AWS emulator.
estate: acme
lake: {lake}
ledger: {ledger}
reports: [{reports}]
accounts:
  - id: "{own}"
    regions: [{europe}, {oregon}]
  - id: "{data}"
    role_arn: {role}
    regions: [{europe}, {oregon}]
metrics: {{days: {days}, period_s: 300}}
"""


def demo_estate_yaml(root: str | Path = ".", *, window: timedelta = WINDOW, reports: str = REPORTS) -> str:
    """The text of the demo's estate.yaml: lake and ledger under *root*, metrics of the last *window*, reports to *reports* as well."""
    return TEMPLATE.format(
        lake=json.dumps(f"{root}/lake"),  # a JSON string is a YAML string, whatever is in it
        ledger=json.dumps(f"sqlite:///{root}/ledger.db"),
        reports=json.dumps(reports),
        own=OWN,
        data=DATA,
        role=DATA_ROLE,
        europe=EUROPE,
        oregon=OREGON,
        days=window.days,
    )
