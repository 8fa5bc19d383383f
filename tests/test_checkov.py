"""What checkov finds, by a stand-in that answers as it does: in the code, in the source as code, and where it fails."""

import json
import os
import sys
from pathlib import Path

import pytest

from cloudmigrate import checkov, settings
from cloudmigrate.domain.iac.findings import Finding, findings_delta
from cloudmigrate.errors import UsageError
from cloudmigrate.errors.publishing import ScannerError
from reports.iac.security import security_page

A, B, C = (Finding(f"CKV_AWS_{n}", f"module.shop.aws_sqs_queue.{n}", "Ensure <b>it</b> | is so") for n in (1, 2, 3))
REPORT = {
    "check_type": "terraform",
    "results": {
        "failed_checks": [{"check_id": one.check, "resource": one.resource, "check_name": one.asks, "severity": None} for one in (A, B)],
        "parsing_errors": [],
    },
    "summary": {"passed": 4, "failed": 2, "skipped": 0, "parsing_errors": 0},
}


def stand_in(folder: Path, body: str) -> Path:
    """An executable that runs *body*."""
    path = folder / "checkov"
    path.write_text(f"#!{sys.executable}\nimport json, os, sys\n{body}\n")
    path.chmod(0o755)
    return path


def answering(folder: Path, report: object) -> Path:
    return stand_in(folder, f"print({json.dumps(report)!r})")


def test_failed_checks_are_findings(tmp_path: Path) -> None:
    assert checkov.findings(answering(tmp_path, REPORT), tmp_path) == {A, B}


def test_it_is_asked_for_terraform_without_network_and_sees_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "BC_API_KEY", "PRISMA_API_URL", "CLOUDMIGRATE_GIT_TOKEN"):
        monkeypatch.setenv(name, "planted")
    told = tmp_path / "told.json"
    body = f"open({str(told)!r}, 'w').write(json.dumps([sys.argv[1:], dict(os.environ)]))\nprint({json.dumps(REPORT)!r})"
    checkov.findings(stand_in(tmp_path, body), tmp_path)
    words, environment = json.loads(told.read_text())
    assert words[:2] == ["-d", str(tmp_path)]
    assert {"--skip-download", "terraform"} <= set(words)
    assert "planted" not in environment.values()
    assert environment["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("sys.exit('no module named bc')", r"it ended with exit code 1: no module named bc\. Next: python -m venv"),
        (r"sys.stderr.write('\x1b[31mbad\x07\n\n  line 2\n'); sys.exit(2)", r"exit code 2:  \[31mbad  line 2\. Next"),
        ("sys.exit(3)", r"exit code 3: it said nothing\. Next"),
        ("print('not found')", r"its answer is no report of checkov \(JSONDecodeError\): not found"),
        ("print('[1]')", r"no report of checkov \(AttributeError\)"),
        ("print(json.dumps({'passed': 0, 'failed': 0}))", "it checked nothing"),
        (
            "print(json.dumps({'results': {'failed_checks': [], 'parsing_errors': ['/x/main.tf']}, 'summary': {'passed': 3}}))",
            r"could not read 1 file, the first main\.tf",
        ),
    ],
)
def test_what_it_did_not_look_at_is_not_clean(tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(ScannerError, match=says):
        checkov.findings(stand_in(tmp_path, body), tmp_path)


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScannerError, match=r"^ask for its version with .*/checkov: No such file or directory\. Next: "):
        checkov.version(tmp_path / "checkov")


def test_the_setting_names_a_program(tmp_path: Path) -> None:
    there = answering(tmp_path, REPORT)
    assert settings.current({"CLOUDMIGRATE_CHECKOV": str(there)}).checkov == there
    with pytest.raises(UsageError, match=r"CLOUDMIGRATE_CHECKOV=.* must be a program that can be executed"):
        settings.current({"CLOUDMIGRATE_CHECKOV": str(tmp_path / "none")})


def test_the_page_tells_what_is_new_one_by_one_and_counts_the_rest() -> None:
    page = security_page(findings_delta("checkov 3.3.30", {A, B}, {B, C}))
    assert "| 1 new | no | yes |\n| 1 kept | yes | yes |\n| 1 gone | yes | no |" in page
    escaped = r"Ensure \<b\>it\</b\> \| is so"
    assert rf"| CKV\_AWS\_1 | {escaped} | module.shop.aws\_sqs\_queue.1 |" in page
    assert rf"| CKV\_AWS\_2 | {escaped} | 1 |" in page
    assert rf"| CKV\_AWS\_3 | {escaped} | 1 |" in page


def test_a_page_without_new_findings_says_so() -> None:
    assert "Nothing that the source does not have." in security_page(findings_delta("checkov 3", {A}, {A, B}))
