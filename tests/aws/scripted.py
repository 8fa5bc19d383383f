"""An endpoint that answers as a test says: for what no emulator can be brought to do (repeat a token, answer HTML, expire keys)."""

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True)
class Reply:
    """What to send: a status, a body, and whether to break the connection off."""

    body: str | bytes = ""
    status: int = 200
    content_type: str = "text/xml"
    reset: bool = False  # no answer: the connection is reset
    declared_length: int | None = None  # above the body's own length: the body ends too early
    headers: tuple[tuple[str, str], ...] = ()  # further ones


@dataclass(frozen=True)
class Asked:
    """One request that arrived."""

    operation: str  # Action of query services, target of JSON services, else method and path
    params: dict[str, Any]
    headers: dict[str, str]


Answer = Reply | Callable[[Asked], Reply]


@dataclass
class ScriptedAws:
    """Answers by operation: one answer for ever, or a list whose last answer stays."""

    url: str = ""
    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, operation: str) -> int:
        """How often an operation was called, retries included."""
        return sum(one.operation == operation for one in self.asked)

    def reply(self, asked: Asked) -> Reply:
        with self.lock:
            self.asked.append(asked)
            answer = self.answers.get(asked.operation, Reply("<html>not scripted</html>", 500, "text/html"))
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return answer if isinstance(answer, Reply) else answer(asked)


def xml(operation: str, inner: str) -> Reply:
    """An answer of a query or EC2 service."""
    return Reply(f"<{operation}Response><{operation}Result>{inner}</{operation}Result>{inner}</{operation}Response>")


def ec2_error(code: str, message: str = "no", status: int = 403) -> Reply:
    return Reply(
        f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>1</RequestID></Response>",
        status,
    )


def query_error(code: str, message: str = "no", status: int = 403) -> Reply:
    return Reply(
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>", status
    )


def json_reply(document: Any) -> Reply:
    return Reply(json.dumps(document), content_type="application/x-amz-json-1.1")


def json_error(code: str, message: str = "no", status: int = 400) -> Reply:
    return Reply(json.dumps({"__type": code, "message": message}), status, "application/x-amz-json-1.1")


HTML_500 = Reply("<!doctype html>\n<title>500 Internal Server Error</title>", 500, "text/html; charset=utf-8")


def caller_identity(account_id: str) -> Reply:
    return xml("GetCallerIdentity", f"<Arn>arn:aws:iam::{account_id}:user/ann</Arn><UserId>A</UserId><Account>{account_id}</Account>")


def assumed_role(account_id: str, *, expires_at: str = "2099-01-01T00:00:00Z", key: str = "ASIA1") -> Reply:
    return xml(
        "AssumeRole",
        f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        f"<Expiration>{expires_at}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId>"
        f"<Arn>arn:aws:sts::{account_id}:assumed-role/scan/b</Arn></AssumedRoleUser>",
    )


@contextlib.contextmanager
def scripted_aws(answers: dict[str, Answer | list[Answer]]) -> Iterator[ScriptedAws]:
    """A running endpoint."""
    script = ScriptedAws(answers=dict(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            target = self.headers.get("X-Amz-Target", "")
            if target:
                operation, params = target.rpartition(".")[2], json.loads(body or b"{}")
            elif b"Action=" in body:
                params = {key: values[0] for key, values in parse_qs(body.decode()).items()}
                operation = params["Action"]
            else:
                operation, params = f"{self.command} {self.path}", {}
            self._send(script.reply(Asked(operation, params, dict(self.headers))))

        do_GET = do_PUT = do_HEAD = do_POST  # noqa: N815 - names that http.server asks for

        def _send(self, reply: Reply) -> None:
            if reply.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
                return
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(reply.declared_length or len(body)))
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if reply.declared_length:
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
            pass

        def finish(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                super().finish()

        def handle(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)  # it ends within this many seconds
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
