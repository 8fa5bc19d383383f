"""Something on this machine that answers as Confluence's content API does: pages by title, versions, content properties, faults."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN, USER = "t0ken-of-the-test", "ana@example.com"


@dataclass
class Fault:
    """What is answered in the place of the next calls of a method."""

    method: str
    status: int
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"message": "as the test wants"}'
    does_it_first: bool = False  # the call is done, and its answer is lost
    after_s: float = 0.0
    path: str = ""  # only of paths that hold it


@dataclass
class StandIn:
    """The space, and what it was asked."""

    prefix: str = "/wiki"
    spaces: tuple[str, ...] = ("OPS",)
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    properties: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    url: str = ""

    def page(self, title: str) -> dict[str, Any]:
        return next(one for one in self.pages.values() if one["title"] == title)

    def add(self, title: str, body: str = "<p/>") -> str:
        page_id = str(1000 + len(self.pages))
        self.pages[page_id] = {"id": page_id, "type": "page", "title": title, "version": {"number": 1}, "body": body, "ancestors": []}
        return page_id

    def writes(self) -> list[str]:
        return [f"{method} {path}" for method, path in self.calls if method != "GET"]

    # --- answers ---

    def answer(self, method: str, path: str, query: dict[str, str], document: Any) -> tuple[int, Any]:
        parts = path.strip("/").split("/") if path.strip("/") else []
        if not parts:
            return self._find(query) if method == "GET" else self._create(document)
        if parts[0] not in self.pages:
            return 404, {"message": f"No content found with id {parts[0]}"}
        if len(parts) == 1:
            return self._update(parts[0], document)
        key = (parts[0], parts[2] if len(parts) > 2 else document["key"])
        return self._property(method, key, document)

    def _find(self, query: dict[str, str]) -> tuple[int, Any]:
        if query["spaceKey"] not in self.spaces:
            return 404, {"message": f"No space with key : {query['spaceKey']}"}
        return 200, {"results": [one for one in self.pages.values() if one["title"] == query["title"]], "size": 1}

    def _create(self, document: Any) -> tuple[int, Any]:
        if any(one["title"] == document["title"] for one in self.pages.values()):
            return 400, {"message": f"A page with this title already exists: {document['title']}"}
        page_id = self.add(document["title"], document["body"]["storage"]["value"])
        self.pages[page_id]["ancestors"] = document.get("ancestors", [])
        return 200, self.pages[page_id]

    def _update(self, page_id: str, document: Any) -> tuple[int, Any]:
        page = self.pages[page_id]
        if document["version"]["number"] != page["version"]["number"] + 1:
            return 409, {"message": "Version must be incremented on update."}
        page |= {"title": document["title"], "body": document["body"]["storage"]["value"], "version": dict(document["version"])}
        page["ancestors"] = document.get("ancestors", [])
        return 200, page

    def _property(self, method: str, key: tuple[str, str], document: Any) -> tuple[int, Any]:
        if method == "GET":
            return (200, self.properties[key]) if key in self.properties else (404, {"message": "no property"})
        before = self.properties.get(key, {"version": {"number": 0}})["version"]["number"]
        if document["version"]["number"] != before + 1:
            return 409, {"message": "Version conflict"}
        self.properties[key] = {"key": key[1], "value": document["value"], "version": document["version"]}
        return 200, self.properties[key]


@contextmanager
def confluence_stand_in(prefix: str = "/wiki") -> Iterator[StandIn]:
    """A stand-in, answering until the block ends."""
    state = StandIn(prefix)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            document = json.loads(self.rfile.read(length)) if length else None
            path = parts.path.removeprefix(f"{prefix}/rest/api/content")
            state.calls.append((self.command, path))
            fault = next((one for one in state.faults if one.times and one.method == self.command and one.path in path), None)
            if fault:
                fault.times -= 1
            status, answer = 200, None
            if not fault or fault.does_it_first:
                status, answer = self._checked(parts.path, path, parts.query, document)
            if fault:
                time.sleep(fault.after_s)
                self._send(fault.status, fault.body, fault.headers)
            else:
                self._send(status, json.dumps(answer).encode(), {})

        def _checked(self, whole: str, path: str, query: str, document: Any) -> tuple[int, Any]:
            basic = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
            if self.headers.get("Authorization") not in (f"Bearer {TOKEN}", f"Basic {basic}"):
                return 401, {"message": "Unauthorized"}
            if whole == path:
                return 404, {"message": "no such resource"}
            return state.answer(self.command, path, {name: values[0] for name, values in parse_qs(query).items()}, document)

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:  # who asked has gone
                return

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - names of the library

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}{prefix}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
