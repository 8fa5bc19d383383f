"""The Git repository that code and runbooks are published to: the estate file's section `repository`."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

_SCP = re.compile(r"^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^-][^:\s]*$")  # git@host:path
_FOLDER = re.compile(r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$")
_BRANCH = re.compile(r"^(?!-)(?!.*\.\.)(?!.*/\.)(?!.*\.lock(/|$))[A-Za-z0-9._/-]*$")  # git-check-ref-format, its safe part
SCHEMES = ("https", "http", "ssh", "file")


class RepositoryPolicy(BaseModel):
    """The section `repository`. It holds no secret: a token comes from the environment or from a Prefect Secret block."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    remote: Annotated[
        str | None,
        Field(max_length=2048, description="https://..., ssh://..., git@host:path, or a path; empty: nothing is published."),
    ] = None
    folder: Annotated[str, Field(max_length=200, description="Folder of the repository that is ours; nothing else in it is touched.")] = (
        "cloudmigrate"
    )
    branch_prefix: Annotated[str, Field(max_length=100, description="Begins the name of each plan's branch.")] = "cloudmigrate/"
    author_name: Annotated[str, Field(min_length=1, max_length=200, description="Who commits.")] = "CloudMigrate"
    author_email: Annotated[str, Field(min_length=3, max_length=200, description="Their address.")] = "cloudmigrate@localhost"
    signing_key: Annotated[
        str | None, Field(max_length=2048, description="SSH public key, or its file, that commits are signed with; empty: not signed.")
    ] = None
    user: Annotated[str, Field(max_length=200, pattern=r"^[^\s:]*$", description="User that the token belongs to, as the host asks.")] = (
        "x-access-token"
    )
    token_block: Annotated[
        str | None, Field(max_length=100, description="Prefect Secret block that holds the token; else CLOUDMIGRATE_GIT_TOKEN.")
    ] = None

    @field_validator("remote")
    @classmethod
    def _is_no_command(cls, remote: str | None) -> str | None:
        if remote is None:
            return None
        if remote.startswith("-") or "::" in remote or not remote.isprintable():
            raise ValueError(f"{remote!r} is no repository: git would take it for an option or a command")
        if "://" in remote:
            parts = urlsplit(remote)
            if parts.scheme not in SCHEMES:
                raise ValueError(f"{parts.scheme}:// is not used here; write https://, ssh://, file:// or a path")
            if parts.password is not None or (parts.username and parts.scheme in ("http", "https")):
                raise ValueError("a repository's url holds no user and no token; see token_block and CLOUDMIGRATE_GIT_TOKEN")
        elif "@" in remote.split("/", 1)[0] and not _SCP.match(remote):
            raise ValueError(f"{remote!r} is no repository: write git@host:path")
        return remote

    @field_validator("folder")
    @classmethod
    def _is_within(cls, folder: str) -> str:
        if not _FOLDER.match(folder) or {".", "..", ".git"} & set(folder.lower().split("/")):
            raise ValueError(f"{folder!r} is no folder within a repository")
        return folder

    @field_validator("branch_prefix")
    @classmethod
    def _begins_a_branch(cls, prefix: str) -> str:
        if not _BRANCH.match(prefix) or prefix.startswith("/") or "//" in prefix:
            raise ValueError(f"{prefix!r} cannot begin the name of a branch")
        return prefix

    @field_validator("author_name", "author_email")
    @classmethod
    def _fits_a_line(cls, text: str) -> str:
        if not text.isprintable() or set("<>") & set(text) or not text.strip():
            raise ValueError("a name of a commit's author is on one line, without < and >")
        return text

    def branch(self, plan_id: str) -> str:
        """The branch of a plan."""
        return f"{self.branch_prefix}{plan_id}"
