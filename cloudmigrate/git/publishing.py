"""Files published as a commit on a branch of their own: no force, no commit where nothing changed, a stop where somebody else wrote."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cloudmigrate.domain.repository_policy import RepositoryPolicy
from cloudmigrate.errors.publishing import PublishConflictError, RepositoryError
from cloudmigrate.git.commands import Credentials, Git

HERE = "refs/heads/ours"
THERE = "refs/remotes/there/branch"
MARK = "CloudMigrate-Content"
LONGEST_DIFF = 20_000


@dataclass(frozen=True, slots=True)
class Published:
    """What the branch of a plan holds."""

    branch: str
    commit: str
    content_sha256: str
    is_new: bool  # False: it held just this already


@dataclass(frozen=True, slots=True)
class Held:
    """What a branch holds now, in the light of what was published."""

    commit: str | None  # None: there is no such branch
    diff: str  # of our folder since then; empty: nobody changed it


def publish(
    policy: RepositoryPolicy,
    branch: str,
    files: Mapping[str, bytes],
    message: str,
    *,
    credentials: Credentials | None = None,
    known_commit: str | None = None,
    loopback_only: bool = False,
) -> Published:
    """The branch with exactly these files in our folder. *known_commit*: the commit that was published to it last.

    Raises PublishConflictError where somebody else committed to our folder or pushes at the same time; RepositoryError, LoopbackOnlyError.
    """
    content = content_hash(files)
    with _repository(policy, credentials, loopback_only) as git:
        tip = _fetch(git, branch)
        parent = tip or _default_tip(git)
        tree = _tree(git, policy, parent, files)
        if tip is not None:
            if tree == git.run("compare", "rev-parse", f"{tip}^{{tree}}").strip():  # also where we were killed before it was on record
                return Published(branch, tip, content, is_new=False)
            _refuse_edited(git, policy, branch, tip, known_commit)
        commit = _commit(git, policy, tree, parent, f"{message.rstrip()}\n\n{MARK}: {content}\n")
        _push(git, branch, commit, tip)
        return Published(branch, commit, content, is_new=True)


def held_since(
    policy: RepositoryPolicy, branch: str, published: str, *, credentials: Credentials | None = None, loopback_only: bool = False
) -> Held:
    """What the branch holds now, and how our folder differs from commit *published*. Raises RepositoryError, LoopbackOnlyError."""
    with _repository(policy, credentials, loopback_only) as git:
        tip = _fetch(git, branch)
        if tip is None or tip == published:
            return Held(tip, "")
        if not _has(git, published):
            return Held(tip, f"commit {published} is no longer in the history of {branch}: somebody rewrote it")
        return Held(tip, _diff(git, policy, published, tip))


def content_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the names and contents of files."""
    found = hashlib.sha256()
    for name, data in sorted(files.items()):
        found.update(f"{len(name.encode())}:{name}:{len(data)}:".encode())
        found.update(data)
    return found.hexdigest()


@contextmanager
def _repository(policy: RepositoryPolicy, credentials: Credentials | None, loopback_only: bool) -> Iterator[Git]:  # noqa: FBT001
    """An empty repository beside the remote, for the time of one task."""
    if policy.remote is None:
        raise RepositoryError("open", "(none)", "the estate file names no repository", "add repository.remote to the estate file")
    settings = {"user.name": policy.author_name, "user.email": policy.author_email, "commit.gpgSign": "false"}
    if policy.signing_key:
        settings |= {"gpg.format": "ssh", "user.signingKey": policy.signing_key, "commit.gpgSign": "true"}
    remote = policy.remote if "://" in policy.remote or ":" in policy.remote.split("/", 1)[0] else str(Path(policy.remote).resolve())
    with tempfile.TemporaryDirectory(prefix="cloudmigrate-git-") as folder:
        git = Git(Path(folder), remote, credentials, loopback_only, settings)
        git.check_place()
        git.run("make a repository", "init", "--quiet", "--bare")
        yield git


def _fetch(git: Git, branch: str) -> str | None:
    """The commit at the tip of the remote's branch; None where it has none."""
    listed = git.run("list branches", "ls-remote", "--heads", "--", git.remote, f"refs/heads/{branch}")
    if not any(line.endswith(f"\trefs/heads/{branch}") for line in listed.splitlines()):
        return None
    git.run("fetch", "fetch", "--quiet", "--no-tags", "--", git.remote, f"+refs/heads/{branch}:{THERE}")
    return git.run("read the branch", "rev-parse", THERE).strip()


def _default_tip(git: Git) -> str | None:
    """The commit that the remote's HEAD leads to; None in an empty repository."""
    listed = git.run("list branches", "ls-remote", "--", git.remote, "HEAD")
    if not listed.strip():
        return None
    git.run("fetch", "fetch", "--quiet", "--no-tags", "--depth=1", "--", git.remote, f"+HEAD:{THERE}")
    return git.run("read the branch", "rev-parse", THERE).strip()


def _refuse_edited(git: Git, policy: RepositoryPolicy, branch: str, tip: str, known: str | None) -> None:
    if tip == known:
        return
    if known is None:
        why = "it is there already, and nothing on record says that it was published from here"
        raise PublishConflictError(git.remote, branch, why, "")
    if not _has(git, known):
        raise PublishConflictError(git.remote, branch, f"its history no longer has commit {known}, which was published last", "")
    diff = _diff(git, policy, known, tip)
    if diff:
        raise PublishConflictError(git.remote, branch, f"somebody changed {policy.folder} since commit {known} was published", diff)


def _has(git: Git, commit: str) -> bool:
    """Whether the history of the branch has that commit."""
    known = git.run("look into the history", "rev-list", THERE).split()
    return commit in known


def _diff(git: Git, policy: RepositoryPolicy, before: str, after: str) -> str:
    """How our folder differs between two commits, as a unified diff."""
    told = git.run("compare", "diff", "--no-color", "--no-ext-diff", "--no-textconv", before, after, "--", policy.folder)
    return told if len(told) <= LONGEST_DIFF else f"{told[:LONGEST_DIFF]}\n... and more"


def _tree(git: Git, policy: RepositoryPolicy, parent: str | None, files: Mapping[str, bytes]) -> str:
    """The tree of *parent* with our folder holding exactly these files."""
    lines = []
    if parent is None:
        git.run("read the tree", "read-tree", "--empty")
    else:
        git.run("read the tree", "read-tree", parent)
        held = git.run("list our folder", "ls-tree", "-r", "-z", "--name-only", parent, "--", policy.folder)
        lines += [f"0 {'0' * len(parent)}\t{path}\0" for path in held.split("\0") if path]
    for name, data in sorted(files.items()):
        path = PurePosixPath(policy.folder, name)
        if path.is_absolute() or ".." in path.parts or ".git" in {part.lower() for part in path.parts} or "\n" in name:
            raise RepositoryError("write the tree", git.remote, f"{name!r} is no name of a file within it", "report it: this is a defect")
        blob = git.run("write a file", "hash-object", "-w", "--stdin", "--no-filters", data=data).strip()
        lines.append(f"100644 {blob}\t{path}\0")
    git.run("write the tree", "update-index", "-z", "--add", "--index-info", data="".join(lines).encode("utf-8", "surrogateescape"))
    return git.run("write the tree", "write-tree").strip()


def _commit(git: Git, policy: RepositoryPolicy, tree: str, parent: str | None, message: str) -> str:
    parents = ("-p", parent) if parent else ()
    signed = ("-S",) if policy.signing_key else ()
    return git.run("commit", "commit-tree", *parents, *signed, "-F", "-", tree, data=message.encode("utf-8", "replace")).strip()


def _push(git: Git, branch: str, commit: str, tip: str | None) -> None:
    """Put the commit at the tip, if the tip is still what it was. Raises PublishConflictError where it is not."""
    try:
        git.run("push", "push", "--quiet", "--", git.remote, f"{commit}:refs/heads/{branch}")
    except RepositoryError as error:
        if any(word in error.reason for word in ("[rejected]", "fetch first", "non-fast-forward", "cannot lock ref", "already exists")):
            was = f"at {tip}" if tip else "not there"
            why = f"somebody pushed to it at the same time (it was {was})"
            raise PublishConflictError(git.remote, branch, why, "") from error
        raise
