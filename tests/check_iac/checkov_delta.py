"""What checkov finds in the Terraform that we make of the tests' sample estate and would not find in the source.

    python -m venv .venv-checkov && .venv-checkov/bin/pip install checkov==3.3.30
    python -m tests.check_iac.checkov_delta .venv-checkov/bin/checkov

It tells no severities without network, so any finding that the source would not have fails, but for those named here with a reason.
"""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from reports.iac.security import security_page
from tasks.iac_scanning import scanned
from tests.domain.iac.sample_estate import VARIANTS

VARIANT = "elsewhere"
ACCEPTED: Mapping[str, str] = {}  # check -> why code of ours may fail it where the source's would not


def main() -> int:
    """Print the page; 1 where something is new and not accepted."""
    named = sys.argv[1] if len(sys.argv) > 1 else shutil.which("checkov")
    if named is None or not Path(named).exists():
        print("checkov is not here: its findings were not looked for.")
        return 0
    delta = scanned(VARIANTS[VARIANT](), Path(named).absolute())
    print(security_page(delta))
    return 1 if any(one.check not in ACCEPTED for one in delta.new) else 0


if __name__ == "__main__":
    sys.exit(main())
