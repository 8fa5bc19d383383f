"""One git command in a repository of our own: what it may reach, whose settings it sees, and what its failure means."""

import base64
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cloudmigrate import settings
from cloudmigrate.errors.publishing import RepositoryError
from cloudmigrate.errors.sources import LoopbackOnlyError
from cloudmigrate.printable import one_line

TIMEOUT_S = 300.0  # for one command: a clone of a large repository over a slow line
LONGEST_TOLD = 2_000
REACH = "see whether the repository can be reached from here, then run again"
PROTOCOLS = "file:https:http:ssh"  # never ext, which runs a command


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks a remote, where it is asked over https."""

    user: str
    token: str


@dataclass(frozen=True, slots=True)
class Git:
    """Git commands in one folder against one remote."""

    folder: Path
    remote: str
    credentials: Credentials | None = None
    loopback_only: bool = False
    settings: Mapping[str, str] = ()  # type: ignore[assignment]  # git's own settings for these commands

    def run(self, step: str, *arguments: str, data: bytes | None = None, fails: tuple[int, ...] = ()) -> str:
        """What the command printed. *fails*: exit codes that are an answer too; then it is empty. Raises RepositoryError."""
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self.folder,
                env=self._environment(),
                input=data,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except FileNotFoundError:
            raise self._error(step, "there is no git on this machine", "install git, or put it on PATH") from None
        except subprocess.TimeoutExpired:
            why = f"no answer within {TIMEOUT_S:.0f} s"
            raise self._error(step, why, REACH) from None
        if done.returncode in fails:
            return ""
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip() or f"git ended with exit code {done.returncode}"
            raise self._error(step, self._told(said), _next(said))
        return done.stdout.decode("utf-8", "surrogateescape")

    def check_place(self) -> None:
        """Nothing, if the remote may be reached. Raises LoopbackOnlyError where it is elsewhere and must not be."""
        if self.loopback_only and not _is_here(self.remote):
            raise LoopbackOnlyError(self.remote)

    def _environment(self) -> dict[str, str]:
        kept = settings.for_git()
        own = {
            "core.hooksPath": os.devnull,
            "core.autocrlf": "false",
            "core.quotePath": "false",
            "gc.auto": "0",
            "advice.detachedHead": "false",
            "protocol.ext.allow": "never",
            **dict(self.settings),
        }
        if self.credentials is not None and self.remote.startswith(("https://", "http://")):
            # In the environment, not among the arguments: those can be read by everyone on the machine.
            both = base64.b64encode(f"{self.credentials.user}:{self.credentials.token}".encode()).decode("ascii")
            parts = urlsplit(self.remote)
            own[f"http.{parts.scheme}://{parts.netloc}/.extraHeader"] = f"Authorization: Basic {both}"
            own["credential.helper"] = ""
        given = {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": PROTOCOLS, "LC_ALL": "C", "GIT_CONFIG_COUNT": str(len(own))}
        for number, (name, value) in enumerate(own.items()):
            given |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        return kept | {"GIT_SSH_COMMAND": kept.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")} | given

    def _told(self, said: str) -> str:
        """What git said, without the token, whichever way it is written."""
        if self.credentials is not None:
            both = base64.b64encode(f"{self.credentials.user}:{self.credentials.token}".encode()).decode("ascii")
            for one in (self.credentials.token, both):
                said = said.replace(one, "***")
        lines = "; ".join(line.strip() for line in said.splitlines() if line.strip())
        return one_line(lines[:LONGEST_TOLD], instead=" ")

    def _error(self, step: str, reason: str, next_action: str) -> RepositoryError:
        return RepositoryError(step, self.remote, reason, next_action, transient=next_action == REACH)


def _is_here(remote: str) -> bool:
    if "://" in remote:
        parts = urlsplit(remote)
        return parts.scheme == "file" or parts.hostname in settings.LOOPBACK_HOSTS
    return ":" not in remote.split("/", 1)[0]  # a path; host:path is another machine


def _next(said: str) -> str:
    """What a person does about it."""
    told = said.lower()
    if any(word in told for word in ("authentication", "could not read username", "permission denied", "403", "401", "access denied")):
        return "give a token that may push (CLOUDMIGRATE_GIT_TOKEN or repository.token_block), or an SSH key"
    if any(word in told for word in ("could not resolve", "could not connect", "unable to access", "connection", "timed out")):
        return REACH
    if any(word in told for word in ("does not appear to be a git repository", "not found", "does not exist")):
        return "see `repository.remote` in the estate file"
    if "no space left" in told:
        return "free disk space, then run again"
    if "sign" in told:
        return "see `repository.signing_key`: its private key must be at hand"
    return "mend what git says, then run again"
