"""Publishing to Git, against bare repositories on this machine."""

import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudmigrate.domain.repository_policy import RepositoryPolicy
from cloudmigrate.errors.publishing import PublishConflictError, RepositoryError
from cloudmigrate.errors.sources import LoopbackOnlyError
from cloudmigrate.git.commands import Credentials, Git
from cloudmigrate.git.publishing import content_hash, held_since, publish

FILES = {"terraform/waves/01/main.tf": b'module "shop" {}\n', "runbooks/wave-01.md": b"# Wave 1\n"}
BRANCH = "cloudmigrate/plan-1"


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    told = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "protocol.file.allow=always")
    done = subprocess.run(["git", *told, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(autouse=True)
def no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A repository of the team with a file of its own on main."""
    bare = tmp_path / "team.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    work = clone(tmp_path, bare, "first")
    (work / "README.md").write_text("Ours.\n")
    (work / "cloudmigrate").mkdir()
    (work / "cloudmigrate" / "stale.tf").write_text("old\n")
    commit(work, "Begin")
    git(work, "push", "-q", "origin", "HEAD:main")
    return bare


def clone(tmp_path: Path, bare: Path, name: str, branch: str = "main") -> Path:
    git(tmp_path, "clone", "-q", str(bare), name)
    work = tmp_path / name
    if branch != "main":
        git(work, "checkout", "-q", branch)
    return work


def commit(work: Path, message: str) -> None:
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", message)


def policy(remote: Path, **more: str) -> RepositoryPolicy:
    return RepositoryPolicy(remote=str(remote), **more)


def names(bare: Path, branch: str) -> list[str]:
    return git(bare, "ls-tree", "-r", "--name-only", branch).split()


def test_a_branch_holds_the_files_and_nothing_else_is_touched(remote: Path) -> None:
    done = publish(policy(remote), BRANCH, FILES, "Publish plan-1\n\nPlan hash: abc")
    assert done.is_new
    assert names(remote, BRANCH) == ["README.md", "cloudmigrate/runbooks/wave-01.md", "cloudmigrate/terraform/waves/01/main.tf"]
    assert git(remote, "show", f"{BRANCH}:cloudmigrate/terraform/waves/01/main.tf") == 'module "shop" {}\n'
    assert names(remote, "main") == ["README.md", "cloudmigrate/stale.tf"]
    assert git(remote, "log", "--format=%B", "-1", BRANCH).strip() == (
        f"Publish plan-1\n\nPlan hash: abc\n\nCloudMigrate-Content: {content_hash(FILES)}"
    )
    assert git(remote, "log", "--format=%an <%ae>", "-1", BRANCH).strip() == "CloudMigrate <cloudmigrate@localhost>"


def test_the_same_again_makes_no_commit(remote: Path) -> None:
    first = publish(policy(remote), BRANCH, FILES, "Publish")
    again = publish(policy(remote), BRANCH, FILES, "Publish", known_commit=first.commit)
    unrecorded = publish(policy(remote), BRANCH, FILES, "Publish")  # killed after the push, before it was on record
    assert not again.is_new
    assert not unrecorded.is_new
    assert again.commit == unrecorded.commit == first.commit


def test_other_files_of_a_plan_are_a_further_commit(remote: Path) -> None:
    first = publish(policy(remote), BRANCH, FILES, "Publish")
    second = publish(policy(remote), BRANCH, {"a.tf": b"1\n"}, "Publish", known_commit=first.commit)
    assert git(remote, "rev-parse", f"{BRANCH}^").strip() == first.commit
    assert second.is_new
    assert names(remote, BRANCH) == ["README.md", "cloudmigrate/a.tf"]


def test_an_edit_of_somebody_else_stops_it_and_is_shown(remote: Path, tmp_path: Path) -> None:
    first = publish(policy(remote), BRANCH, FILES, "Publish")
    work = clone(tmp_path, remote, "ann", BRANCH)
    (work / "cloudmigrate/terraform/waves/01/main.tf").write_text('module "shop" { count = 2 }\n')
    commit(work, "Two of them")
    git(work, "push", "-q", "origin", BRANCH)
    edited = git(remote, "rev-parse", BRANCH)
    with pytest.raises(PublishConflictError, match="somebody changed cloudmigrate") as caught:
        publish(policy(remote), BRANCH, {"a.tf": b"1\n"}, "Publish", known_commit=first.commit)
    assert '+module "shop" { count = 2 }' in caught.value.diff
    assert git(remote, "rev-parse", BRANCH) == edited
    held = held_since(policy(remote), BRANCH, first.commit)
    assert held.commit == edited.strip()
    assert '-module "shop" {}' in held.diff


def test_what_is_changed_beside_our_folder_is_no_edit(remote: Path, tmp_path: Path) -> None:
    first = publish(policy(remote), BRANCH, FILES, "Publish")
    work = clone(tmp_path, remote, "ann", BRANCH)
    (work / "README.md").write_text("Still ours.\n")
    commit(work, "Say so")
    git(work, "push", "-q", "origin", BRANCH)
    assert held_since(policy(remote), BRANCH, first.commit).diff == ""
    publish(policy(remote), BRANCH, {"a.tf": b"1\n"}, "Publish", known_commit=first.commit)
    assert git(remote, "show", f"{BRANCH}:README.md") == "Still ours.\n"


def test_a_rewritten_history_is_told_and_kept(remote: Path, tmp_path: Path) -> None:
    first = publish(policy(remote), BRANCH, FILES, "Publish")
    work = clone(tmp_path, remote, "ann")
    git(work, "push", "-q", "--force", "origin", f"HEAD:{BRANCH}")
    assert "somebody rewrote it" in held_since(policy(remote), BRANCH, first.commit).diff
    with pytest.raises(PublishConflictError, match="no longer has commit"):
        publish(policy(remote), BRANCH, FILES, "Publish", known_commit=first.commit)
    assert names(remote, BRANCH) == names(remote, "main")


def test_a_branch_that_nobody_published_is_left_alone(remote: Path, tmp_path: Path) -> None:
    work = clone(tmp_path, remote, "ann")
    git(work, "push", "-q", "origin", f"HEAD:{BRANCH}")
    with pytest.raises(PublishConflictError, match="nothing on record"):
        publish(policy(remote), BRANCH, FILES, "Publish")
    assert held_since(policy(remote), "cloudmigrate/none", "0" * 40).commit is None


def test_who_pushes_first_wins_and_the_other_is_told(remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = clone(tmp_path, remote, "ann")
    (work / "mine.txt").write_text("mine\n")
    commit(work, "Mine")
    run = Git.run

    def pushed_before(self: Git, step: str, *arguments: str, **more: object) -> str:
        if step == "push":
            git(work, "push", "-q", "origin", f"HEAD:{BRANCH}")
        return run(self, step, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "run", pushed_before)
    with pytest.raises(PublishConflictError, match="at the same time"):
        publish(policy(remote), BRANCH, FILES, "Publish")
    assert "mine.txt" in names(remote, BRANCH)


def test_an_empty_repository_gets_its_first_commit(tmp_path: Path) -> None:
    bare = tmp_path / "empty.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    publish(policy(bare), BRANCH, FILES, "Publish")
    assert names(bare, BRANCH) == ["cloudmigrate/runbooks/wave-01.md", "cloudmigrate/terraform/waves/01/main.tf"]
    assert git(bare, "rev-list", "--count", BRANCH).strip() == "1"


def test_a_commit_is_signed_where_a_key_is_named(remote: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    publish(policy(remote, signing_key=f"{key}.pub"), BRANCH, FILES, "Publish")
    allowed = tmp_path / "allowed"
    allowed.write_text(f"cloudmigrate@localhost {Path(f'{key}.pub').read_text()}")
    told = git(remote, "-c", f"gpg.ssh.allowedSignersFile={allowed}", "log", "-1", "--format=%G?", BRANCH)
    assert told.strip() == "G"
    with pytest.raises(RepositoryError, match="signing_key"):
        publish(policy(remote, signing_key=str(tmp_path / "none.pub")), "cloudmigrate/other", FILES, "Publish")


def test_hooks_and_settings_of_the_caller_are_not_run(remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    publish(policy(remote), BRANCH, FILES, "Publish")
    assert not (tmp_path / "elsewhere").exists()
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize(
    ("remote", "why"),
    [
        ("--upload-pack=touch /tmp/x", "option or a command"),
        ("ext::sh -c touch% /tmp/x", "option or a command"),
        ("ftp://example.com/x.git", "not used here"),
        ("https://ann:secret@example.com/x.git", "no user and no token"),
        ("https://token@example.com/x.git", "no user and no token"),
        ("a@b:-oProxyCommand=x", "git@host:path"),
    ],
)
def test_what_git_would_take_for_something_else_is_no_remote(remote: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        RepositoryPolicy(remote=remote)


@pytest.mark.parametrize("folder", ["..", "../x", "/etc", "a/../b", ".git", "a/.GIT/b", "a b", ""])
def test_our_folder_is_within_the_repository(folder: str) -> None:
    with pytest.raises(ValueError, match="no folder"):
        RepositoryPolicy(folder=folder)


@pytest.mark.parametrize("name", ["../x.tf", "/etc/x.tf", "a/.git/config", "a\nb"])
def test_no_file_lies_outside_our_folder(remote: Path, name: str) -> None:
    with pytest.raises(RepositoryError, match="no name of a file"):
        publish(policy(remote), BRANCH, {name: b"x"}, "Publish")
    assert "cloudmigrate/plan-1" not in git(remote, "branch")


@pytest.mark.parametrize("remote", ["https://example.com/x.git", "git@example.com:x.git", "ssh://example.com/x.git"])
def test_nothing_leaves_the_machine_where_it_must_not(remote: str) -> None:
    with pytest.raises(LoopbackOnlyError):
        publish(RepositoryPolicy(remote=remote), BRANCH, FILES, "Publish", loopback_only=True)


def test_a_remote_that_is_not_there_is_told() -> None:
    with pytest.raises(RepositoryError, match=r"repository\.remote"):
        publish(RepositoryPolicy(remote="/nowhere/x.git"), BRANCH, FILES, "Publish")


def test_what_git_says_is_told_on_one_line_that_can_be_printed(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match=r"^try in repository /nowhere: git: 'no.\[2.such' is not a git command\.") as failed:
        Git(tmp_path, "/nowhere").run("try", "no\x1b[2\x07such")
    assert str(failed.value).isprintable()


class Asked(http.server.BaseHTTPRequestHandler):
    """Refuses everybody, and says back what it was told."""

    seen: list[str]

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("Authorization", ""))
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.end_headers()
        self.wfile.write(self.headers.get("Authorization", "").encode())

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def refusing() -> Iterator[tuple[str, list[str]]]:
    Asked.seen = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/x.git", Asked.seen
    server.shutdown()
    server.server_close()


def test_a_token_goes_to_its_host_and_into_no_message(refusing: tuple[str, list[str]]) -> None:
    url, seen = refusing
    with pytest.raises(RepositoryError, match="CLOUDMIGRATE_GIT_TOKEN") as caught:
        publish(RepositoryPolicy(remote=url), BRANCH, FILES, "Publish", credentials=Credentials("ann", "s3cr3t-token"), loopback_only=True)
    assert seen[0] == "Basic YW5uOnMzY3IzdC10b2tlbg=="  # ann:s3cr3t-token
    assert "s3cr3t" not in str(caught.value)
    assert "YW5uOnMzY3IzdC10b2tlbg" not in str(caught.value)
