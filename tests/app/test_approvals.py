"""`cloudmigrate people`, `approve`, `reject`, `approvals`, `audit`: run in this process, each with keys in a folder of its own."""

import io
import json
import pickle
import re
import sqlite3
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloudmigrate.app.cli import app
from cloudmigrate.app.cli import exit_code as code_of
from cloudmigrate.app.private_keys import PrivateKey, make_key, new_passphrase, open_key
from cloudmigrate.approving import Undertaking, record_answer, request_approval
from cloudmigrate.domain.approvals import ApprovalRequest, answer_of
from cloudmigrate.domain.gates import GateState
from cloudmigrate.domain.steps import Gate
from cloudmigrate.errors import CloudMigrateError
from cloudmigrate.estate_file import load_estate
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import PartRow

PLAN, STEPS, PREFLIGHT = "a" * 64, "b" * 64, "c" * 64
LEAST = "estate: acme\naccounts: [{id: '123456789012', regions: [us-west-2]}]\n"
CUTOVER = ("plan-1", "--wave", "1", "--gate", "cutover")


class Shell:
    """Runs commands as `run` does, in this process; keeps what the last one said."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.err = ""

    def __call__(self, *arguments: str, code: int = 0) -> str:
        try:
            found = app(list(arguments), exit_on_error=False, result_action="return_value")
        except CloudMigrateError as error:
            found = code_of(error)
        out, self.err = self._capsys.readouterr()
        assert found == code, f"{found}: {out}{self.err}"
        return str(out)

    def add(self, name: str, *roles: str) -> str:
        return self("people", "add", name, *(word for role in roles for word in ("--role", role)))


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    estate = tmp_path / "estates"
    estate.mkdir()
    (estate / ".git").mkdir()
    (estate / "estate.yaml").write_text(LEAST)
    monkeypatch.chdir(estate)
    monkeypatch.setenv("CLOUDMIGRATE_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("CLOUDMIGRATE_USER", "ana")
    monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody to ask
    return Shell(estate, capsys)


@pytest.fixture
def asked(shell: Shell) -> Iterator[ApprovalRequest]:
    """An estate with ana and ben, a published plan, and olga's request for the cutover of its first wave."""
    people = shell.add("ana", "approver") + shell.add("ben", "approver", "operator")
    (shell.folder / "estate.yaml").write_text(f"{LEAST}people:\n{people}")
    estate = load_estate(shell.folder / "estate.yaml")
    with Ledger.open(estate.ledger) as ledger:
        ledger.begin_run("r1", "discover-estate", "acme")
        ledger.begin_snapshot("s1", "acme", "r1")
        ledger.commit_snapshot("s1", [PartRow("inventory", "i", 1, 1)])
        ledger.publish_plan("plan-1", "s1", PLAN, "plans/plan-1.json", [])
        what = Undertaking("plan-1", PLAN, 1, STEPS, PREFLIGHT)
        yield request_approval(estate, ledger, what, Gate.CUTOVER, requested_by="olga", now=datetime.now(UTC))


def test_a_key_is_made_for_its_owner_alone(shell: Shell, tmp_path: Path) -> None:
    line = shell.add("ana@example.com", "approver", "operator")
    path = tmp_path / "keys" / "ana@example.com.pem"
    assert re.fullmatch(r'  - \{name: "ana@example.com", roles: \[approver, operator\], key: "ed25519:[\w+/]{43}="\}\n', line)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    (shell.folder / "estate.yaml").write_text(f"{LEAST}people:\n{line}")
    assert load_estate(shell.folder / "estate.yaml").people[0].key == open_key(tmp_path / "keys", "ana@example.com").public


def test_a_key_is_never_overwritten(shell: Shell) -> None:
    shell.add("ana", "approver")
    shell("people", "add", "ana", "--role", "approver", code=1)
    assert "there is one already. Next: to replace it, rename it first" in shell.err


@pytest.mark.parametrize("name", ["../ana", "Ana", "a/b", "", "a b"])
def test_a_name_that_is_no_name_makes_no_file(shell: Shell, tmp_path: Path, name: str) -> None:
    shell("people", "add", name, "--role", "approver", code=2)
    assert not (tmp_path / "keys").exists()


def test_keys_are_kept_out_of_the_repository_and_the_lake(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDMIGRATE_KEYS", str(shell.folder / "keys"))
    shell("people", "add", "ana", "--role", "approver", code=2)
    assert "lies in the repository of the estate file" in shell.err
    (shell.folder / "estate.yaml").write_text(f"{LEAST}lake: {tmp_path}/lake\n")
    monkeypatch.setenv("CLOUDMIGRATE_KEYS", str(tmp_path / "lake" / "keys"))
    shell("people", "add", "ana", "--role", "approver", code=2)
    assert "lies in the lake" in shell.err


def test_a_passphrase_hides_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    public = make_key(tmp_path, "ana", b"correct horse")
    asked: list[str] = []

    def give(text: str) -> Callable[[str], str]:
        return lambda prompt: asked.append(prompt) or text  # type: ignore[func-returns-value]

    monkeypatch.setattr("getpass.getpass", give("correct horse"))
    assert open_key(tmp_path, "ana").public == public
    monkeypatch.setattr("getpass.getpass", give("wrong horse"))
    with pytest.raises(CloudMigrateError, match="the passphrase is not the one") as raised:
        open_key(tmp_path, "ana")
    assert asked == ["Passphrase of ana.pem: "] * 2
    assert "horse" not in str(raised.value)


def test_a_passphrase_is_asked_for_twice_where_somebody_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert new_passphrase() is None, "nobody is there"
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    typed = iter(["correct horse", "correct horse", "correct horse", "corect horse", ""])
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))
    make_key(tmp_path, "ana", new_passphrase())
    assert (tmp_path / "ana.pem").read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    with pytest.raises(CloudMigrateError, match="the two passphrases differ"):
        new_passphrase()
    assert new_passphrase() is None, "left empty"


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path, "ana", None)
    (tmp_path / "ana.pem").chmod(0o640)
    with pytest.raises(CloudMigrateError, match=r"others may read it\. Next: chmod 600"):
        open_key(tmp_path, "ana")


def test_a_file_that_is_no_key_is_told_without_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "ana.pem").write_text("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    (tmp_path / "ana.pem").chmod(0o600)
    with pytest.raises(CloudMigrateError, match="it holds no private key") as raised:
        open_key(tmp_path, "ana")
    assert "c2VjcmV0" not in str(raised.value)


def test_a_private_key_is_never_told(tmp_path: Path) -> None:
    make_key(tmp_path, "ana", None)
    key = open_key(tmp_path, "ana")
    assert repr(key) == f"PrivateKey({key.public})"
    assert isinstance(key, PrivateKey)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(key)


def test_approving_opens_the_gate_and_leaves_no_secret(shell: Shell, asked: ApprovalRequest, tmp_path: Path) -> None:
    assert shell("approve", *CUTOVER, "--reason", "CHG-7") == ""
    assert f"  steps {STEPS}\n" in shell.err
    assert "Gate cutover of wave 1 of plan plan-1 is open: approved by ana." in shell.err
    (row,) = json.loads(shell("approvals", "--format", "json"))
    assert (row["state"], row["requested_by"]) == ("open", "olga")
    assert re.fullmatch(r"ana: approve at [\d -]+:\d\d \(CHG-7\)", row["answers"])
    secret = (tmp_path / "keys" / "ana.pem").read_text().splitlines()[1]
    kept = (shell.folder / "ledger.db").read_bytes() + (shell.folder / "ledger.db-wal").read_bytes()
    assert secret.encode() not in kept
    assert b"CHG-7" in kept, "what is looked at is where it is kept"


def test_what_waits_is_listed_with_whom_it_waits_for(shell: Shell, asked: ApprovalRequest) -> None:
    (row,) = json.loads(shell("approvals", "--waiting", "--format", "json"))
    assert row["standing"] == "waiting for 1 more approval, by any of ana, ben"
    shell("approve", *CUTOVER)
    assert json.loads(shell("approvals", "--waiting", "--format", "json")) == []
    assert json.loads(shell("approvals", "plan-2", "--format", "json")) == []


def test_rejecting_closes_it_and_no_approval_is_taken_after(shell: Shell, asked: ApprovalRequest) -> None:
    shell("reject", *CUTOVER, "--reason", "not on a Friday", "--as", "ben")
    assert "is rejected by ben" in shell.err
    assert "Next: nothing goes on; mend what was wrong, then `cloudmigrate resume plan-1 --wave 1` asks anew." in shell.err
    shell("approve", *CUTOVER, code=2)
    assert "gate cutover of wave 1 of plan plan-1 is rejected by ben. Next: " in shell.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param((*CUTOVER, "--as", "mallory"), "'mallory' is not among the people", id="stranger"),
        pytest.param(("plan-1", "--wave", "1", "--gate", "clean_up"), "nobody has asked for gate clean_up", id="other-gate"),
        pytest.param(
            ("plan-2", "--wave", "1", "--gate", "cutover"), "nobody has asked for gate cutover of wave 1 of plan plan-2", id="plan"
        ),
        pytest.param(("plan-1", "--wave", "1", "--gate", "by_hand"), "`cloudmigrate confirm PLAN STEP --wave N`", id="by-hand"),
        pytest.param((*CUTOVER, "--reason", "a\x07b"), "reason is longer than 2000 characters or holds control", id="bell"),
    ],
)
def test_a_slip_of_the_pen_signs_nothing(shell: Shell, asked: ApprovalRequest, arguments: tuple[str, ...], told: str) -> None:
    shell("approve", *arguments, code=2)
    assert told in shell.err
    assert "Next: " in shell.err
    assert json.loads(shell("approvals", "--format", "json"))[0]["answers"] == ""


def test_who_may_not_answer_is_told_who_may(shell: Shell, asked: ApprovalRequest, tmp_path: Path) -> None:
    text = (shell.folder / "estate.yaml").read_text()
    (shell.folder / "estate.yaml").write_text(text.replace('"ana", roles: [approver]', '"ana", roles: [viewer]'))
    shell("approve", *CUTOVER, code=2)
    assert "ana may not answer at gate cutover. Next: ask one of: ben." in shell.err
    (shell.folder / "estate.yaml").write_text(text.replace('"ana"', '"olga"'))
    make_key(tmp_path / "keys", "olga", None)
    shell("approve", *CUTOVER, "--as", "olga", code=2)
    assert "olga asked for it, and may not approve it" in shell.err


def test_another_key_than_the_estate_files_is_told(shell: Shell, asked: ApprovalRequest, tmp_path: Path) -> None:
    assert "ana: your private key fits the estate file" in shell("people", "check")
    (tmp_path / "keys" / "ana.pem").unlink()
    make_key(tmp_path / "keys", "ana", None)
    shell("approve", *CUTOVER, code=2)
    assert "your private key of ana is not the one of the estate file" in shell.err
    shell("people", "check", code=1)
    assert "your key of ana is not the one in estate.yaml" in shell.err


def test_people_are_listed_with_what_they_may(shell: Shell, asked: ApprovalRequest) -> None:
    rows = json.loads(shell("people", "list", "--format", "json"))
    everywhere = "execution, cutover, no_return, clean_up"
    assert [(row["name"], row["roles"], row["may_answer"], row["key_is_here"]) for row in rows] == [
        ("ana", "approver", everywhere, "yes"),
        ("ben", "approver, operator", everywhere, "yes"),
    ]


def test_a_printed_answer_is_signed_and_not_yet_recorded(shell: Shell, asked: ApprovalRequest) -> None:
    given = answer_of(shell("approve", *CUTOVER, "--print"))
    estate = load_estate(shell.folder / "estate.yaml")
    with Ledger.open(estate.ledger) as ledger:
        assert ledger.approvals("acme").answers == ()
        assert record_answer(estate, ledger, given, datetime.now(UTC)).state is GateState.OPEN


def test_the_audit_is_exported_and_holds_the_ledger_to_it(shell: Shell, asked: ApprovalRequest, tmp_path: Path) -> None:
    shell("approve", *CUTOVER)
    out = tmp_path / "audit.jsonl"
    shell("audit", "export", "--out", str(out))
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["event", "event", "request", "answer", "head"]
    assert lines == [json.loads(line) for line in shell("audit", "export").splitlines()]
    head = shell("audit", "verify", "--exported", str(out)).strip()
    assert head == lines[-1]["head"]
    assert "holds the 1 head that approvals signed" in shell.err
    out.write_text("{}\n")
    shell("audit", "verify", "--exported", str(out), code=2)
    assert "its last line holds no head" in shell.err


def test_verifying_tells_of_an_answer_that_was_edited(shell: Shell, asked: ApprovalRequest) -> None:
    shell("approve", *CUTOVER)
    with sqlite3.connect(shell.folder / "ledger.db") as database:
        database.execute("drop trigger approval_answers_keep_update")
        database.execute("update approval_answers set reason = 'all is well'")
    shell("audit", "verify", code=1)
    assert "answer of ana (approve) to plan-1/1/cutover" in shell.err
    assert "one of them was changed" in shell.err
