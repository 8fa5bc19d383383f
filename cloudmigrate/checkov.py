"""checkov, by its own executable: what it finds in a folder of Terraform. The only place that starts it.

It is no dependency: it pins much, and stands in an environment of its own. It is started without network and without an account, and
tells no severities then.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from cloudmigrate import settings
from cloudmigrate.domain.counting import counted
from cloudmigrate.domain.iac.findings import Finding
from cloudmigrate.errors.publishing import ScannerError
from cloudmigrate.printable import one_line

TIMEOUT_S = 1_800.0  # thousands of modules take minutes
LONGEST_TOLD = 500
INSTALL = "python -m venv .venv-checkov && .venv-checkov/bin/pip install checkov, then name .venv-checkov/bin/checkov"


def version(executable: Path) -> str:
    """Its version. Raises ScannerError where there is no checkov."""
    return f"checkov {_run(executable, 'ask for its version', '--version').strip()}"


def findings(executable: Path, folder: Path) -> frozenset[Finding]:
    """Every failed check under *folder*. Raises ScannerError, also where it could not read a file: what was not read is not clean."""
    words = ("-d", str(folder), "--framework", "terraform", "--skip-download", "--compact", "--quiet", "--soft-fail", "-o", "json")
    said = _run(executable, f"check {folder}", *words)
    try:
        told: dict[str, Any] = json.loads(said)
        unread: list[str] = told.get("results", {}).get("parsing_errors", [])
        failed = [Finding(one["check_id"], one["resource"], one["check_name"]) for one in told.get("results", {}).get("failed_checks", [])]
        passed = told["summary"]["passed"] if "summary" in told else told["passed"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"its answer is no report of checkov ({type(error).__name__}): {_short(said)}"
        raise ScannerError(str(executable), f"check {folder}", reason, INSTALL) from error
    if unread:
        reason = f"it could not read {counted(len(unread), 'file')}, the first {Path(unread[0]).name}"
        raise ScannerError(str(executable), f"check {folder}", reason, "use a newer checkov, or go on without it")
    if not failed and not passed:
        raise ScannerError(str(executable), f"check {folder}", "it checked nothing", "use another version of checkov, or go on without it")
    return frozenset(failed)


def _run(executable: Path, step: str, *words: str) -> str:
    try:
        done = subprocess.run(
            [executable, *words],
            env=settings.for_checkov(),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except OSError as error:
        raise ScannerError(str(executable), step, error.strerror or type(error).__name__, INSTALL) from error
    except subprocess.TimeoutExpired:
        raise ScannerError(str(executable), step, f"no end within {TIMEOUT_S:.0f} s", "go on without it") from None
    if done.returncode:
        reason = f"it ended with exit code {done.returncode}: {_short(done.stderr or done.stdout)}"
        raise ScannerError(str(executable), step, reason, INSTALL)
    return done.stdout


def _short(said: str) -> str:
    return one_line(" ".join(said.split())[-LONGEST_TOLD:], instead=" ") or "it said nothing"
