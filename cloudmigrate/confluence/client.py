"""Confluence's content API (Cloud v1 and Data Center, which are the same here), one call at a time: waited for, tried again, explained."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from cloudmigrate.confluence.pages import MARK, NO_MARK, Found, Mark, Wanted, found_of, mark_document, mark_of, page_document
from cloudmigrate.errors.publishing import ConfluenceConflictError, ConfluenceError, ConfluenceUnclearError
from cloudmigrate.errors.sources import LoopbackOnlyError
from cloudmigrate.masking import masked_text
from cloudmigrate.settings import LOOPBACK_HOSTS

T = TypeVar("T")
TAKEN = "already exists"  # in the answer to a page whose title another one has, which is made at the same time
SHOWN_AT_MOST = 300  # characters of an answer in an error


@dataclass(frozen=True, slots=True)
class Access:
    """Where Confluence is, and as whom. The token shows in no text of it."""

    url: str
    token: str = field(repr=False)
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call is waited for, and how often it is tried again."""

    timeout_s: float = 60.0
    reads: int = 3  # tries of a call that only reads, where the server fails
    waits: int = 5  # times that one call is put off by 429
    longest_wait_s: float = 120.0  # of one of them, whatever Retry-After says
    usual_wait_s: float = 5.0  # where it says nothing that is understood
    sleep: Callable[[float], None] = time.sleep


class Confluence:
    """The pages of one space. Every method raises ConfluenceError, naming the space, the page and the step."""

    def __init__(self, access: Access, space: str, *, patience: Patience | None = None, loopback_only: bool = False) -> None:
        if loopback_only and urlsplit(access.url).hostname not in LOOPBACK_HOSTS:
            raise LoopbackOnlyError(access.url)
        self.space = space
        self._patience = patience or Patience()
        self._host = urlsplit(access.url).netloc
        self._root = f"{access.url}/rest/api/content"
        headers = {"Accept": "application/json", "X-Atlassian-Token": "no-check"}
        auth = None
        if access.user:
            auth = httpx.BasicAuth(access.user, access.token)
        else:
            headers["Authorization"] = f"Bearer {access.token}"
        # A redirect is not followed: it would carry the token to whom nobody named.
        self._http = httpx.Client(headers=headers, auth=auth, timeout=self._patience.timeout_s, follow_redirects=False)

    def __enter__(self) -> "Confluence":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def find(self, title: str) -> Found | None:
        """The page of that title."""
        asked = {"spaceKey": self.space, "title": title, "type": "page", "expand": "version", "limit": "2"}
        answer = self._call("find the page", title, "GET", "", params=asked)
        found = answer.get("results")
        if not isinstance(found, list):
            raise self._error("find the page", title, "the answer has no list of results", "check that confluence.url is a Confluence")
        return self._read("find the page", title, found_of, found[0]) if found else None

    def create(self, wanted: Wanted) -> Found:
        """The page, made anew."""
        answer = self._call("create the page", wanted.title, "POST", "", body=page_document(wanted, self.space))
        return self._read("create the page", wanted.title, found_of, answer)

    def update(self, found: Found, wanted: Wanted) -> Found:
        """The page in its next version. Raises ConfluenceConflictError where somebody else wrote that one."""
        document = page_document(wanted, self.space, found.version + 1)
        answer = self._call("update the page", wanted.title, "PUT", f"/{found.page_id}", body=document)
        return self._read("update the page", wanted.title, found_of, answer)

    def mark(self, found: Found, title: str) -> Mark:
        """What we wrote of it last; NO_MARK where it is none of ours."""
        answer = self._call("read what was published", title, "GET", f"/{found.page_id}/property/{MARK}", absent=True)
        return self._read("read what was published", title, mark_of, answer) if answer else NO_MARK

    def set_mark(self, found: Found, title: str, mark: Mark) -> None:
        """Note what we wrote."""
        method, path = ("POST", f"/{found.page_id}/property") if mark.version == 1 else ("PUT", f"/{found.page_id}/property/{MARK}")
        self._call("note what was published", title, method, path, body=mark_document(mark))

    # --- one call ---

    def _call(
        self,
        step: str,
        title: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        absent: bool = False,
    ) -> Mapping[str, Any]:
        """The answer's JSON; empty where it is *absent* and may be."""
        tries, waits = 0, 0
        while True:
            try:
                answer = self._http.request(method, self._root + path, params=params, json=body)
            except httpx.TransportError as error:
                tries += 1
                unclear: ConfluenceError = self._unclear(step, title, f"no answer of {self._host} ({type(error).__name__})")
            else:
                if answer.status_code == httpx.codes.TOO_MANY_REQUESTS and waits < self._patience.waits:
                    waits += 1
                    self._patience.sleep(self._wait(answer))
                    continue
                if answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    return self._answered(step, title, answer, absent=absent)
                tries += 1
                unclear = self._unclear(step, title, f"{self._host} answered {answer.status_code}")
            # Whether a write was done nobody knows: who asked for it looks first.
            if method != "GET" or tries >= self._patience.reads:
                raise unclear
            self._patience.sleep(2.0**tries)

    def _wait(self, answer: httpx.Response) -> float:
        text = answer.headers.get("Retry-After", "").strip()
        asked = float(text) if text.isdigit() and len(text) < 7 else self._patience.usual_wait_s
        return min(asked, self._patience.longest_wait_s)

    def _answered(self, step: str, title: str, answer: httpx.Response, *, absent: bool) -> Mapping[str, Any]:
        code = answer.status_code
        if code == httpx.codes.NOT_FOUND and absent:
            return {}
        if code == httpx.codes.CONFLICT or (code == httpx.codes.BAD_REQUEST and TAKEN in self._told(answer)):
            raise ConfluenceConflictError(self.space, title, step, self._told(answer), "run it again")
        if not answer.is_success:
            raise self._error(step, title, f"{code}: {self._told(answer)}", _advice(code))
        try:
            document = answer.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise self._error(
                step, title, "the answer is no JSON", "check that confluence.url is a Confluence, without a log-in page before it"
            )
        return document

    def _told(self, answer: httpx.Response) -> str:
        """What the server said, without secrets and not for pages."""
        try:
            document = answer.json()
            said = str(document.get("message") or "") if isinstance(document, dict) else ""
        except ValueError:
            said = ""
        return masked_text(" ".join(said.split())[:SHOWN_AT_MOST]) or answer.reason_phrase or "no reason given"

    def _read(self, step: str, title: str, read: Callable[[Mapping[str, Any]], T], document: Any) -> T:
        try:
            return read(document)
        except (KeyError, TypeError, ValueError) as error:
            raise self._error(step, title, f"the answer lacks {error}", "check that confluence.url is a Confluence") from error

    def _error(self, step: str, title: str, reason: str, advice: str) -> ConfluenceError:
        return ConfluenceError(self.space, title, step, reason, advice)

    def _unclear(self, step: str, title: str, reason: str) -> ConfluenceUnclearError:
        return ConfluenceUnclearError(self.space, title, step, reason, "look whether Confluence is well, then run it again")


# status -> what to do about it
ADVICE = {
    400: "the page was refused as it is: report this with the message",
    401: "the token is not accepted: renew it, and give confluence.user with one of Confluence Cloud, none with one of Data Center",
    403: "let the token's owner view the space, add pages and edit them",
    404: "check the key of the space and confluence.url (Cloud: ending in /wiki), and that the token's owner may see both",
    413: "the page is larger than Confluence takes: publish wave by wave, or raise its limit",
    429: "Confluence asks for patience: run it again later",
}


def _advice(code: int) -> str:
    return ADVICE.get(code, "check confluence.url; an answer that redirects is not followed")
