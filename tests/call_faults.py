"""A proxy that breaks one marked call: before or after the emulator did what it asks, or so that what it made shows late.

`tests.faults` breaks calls by service and operation, however often. Here a client marks its calls (`mark_calls`), so that a test can
name the one that is to be broken, and the emulator may have acted on it.
"""

import contextlib
import http.client
import json
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

MARK = "X-Marked-Call"
SHORT = 5  # characters: a name so short is a part of others
HANG_S = 30.0  # longer than any client of a test waits for an answer
UPSTREAM_TIMEOUT_S = 60
KEY = re.compile(r"\bcm[0-9a-f]{34}\b")  # idempotency keys: names and tags of what a step makes bear them
MADE = re.compile(r"\b[a-z]{1,10}-[0-9a-f]{8,17}\b|\barn:aws[a-z-]*:[^<>\"'\s]+")  # ids and names that an answer gives
READS = re.compile(r"^(Describe|List|Get|Head|BatchGet|Filter|Lookup|Search|Simulate|Test)")
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host", MARK.lower()})
THROTTLES = {"ec2": ("RequestLimitExceeded", 503), "s3": ("SlowDown", 503), "lambda": ("TooManyRequestsException", 429)}
DENIALS = {
    "ec2": "UnauthorizedOperation",
    "json": "AccessDeniedException",
    "rest-json": "AccessDeniedException",
}  # of a service or a protocol


class Fault(StrEnum):
    """What becomes of the call."""

    THROTTLED = "throttled"
    ERROR_BEFORE = "answered 500, not done"
    ERROR_AFTER = "answered 500, but done"
    TIMEOUT = "timed out, but done"
    RESET_BEFORE = "reset, not done"
    RESET_AFTER = "reset, but done"
    DENIED = "denied"  # each time, until the rules change
    TRUNCATED = "half an answer"
    LATE = "what it made shows late"
    LOST_AND_LATE = "timed out, and what it made shows late"


BEFORE = frozenset({Fault.THROTTLED, Fault.ERROR_BEFORE, Fault.RESET_BEFORE, Fault.DENIED})
OF_WHAT_IS_MADE = frozenset({Fault.LATE, Fault.LOST_AND_LATE})


@dataclass(frozen=True)
class MarkedCall:
    """One call as its client marks it: *by* says for what it is made, in the caller's words."""

    by: str
    service: str
    operation: str
    protocol: str
    region: str

    @property
    def is_read(self) -> bool:
        """Whether its operation changes nothing."""
        return READS.match(self.operation) is not None


@dataclass(frozen=True)
class Passed:
    """A call that came by: its place among those that are alike, from 1, and whether it made something that has an id of its own."""

    call: MarkedCall
    nth: int
    makes: bool


def mark_calls(client: Any, says: Callable[[], str]) -> None:
    """Let the client mark every call with what *says* says when it is made."""
    model = client.meta.service_model
    service, protocol, region = str(model.service_name), str(model.resolved_protocol), str(client.meta.region_name)

    def mark(request: Any, operation_name: str, **_: Any) -> None:
        call = {"by": says(), "service": service, "operation": operation_name, "protocol": protocol, "region": region}
        request.headers[MARK] = json.dumps(call)

    client.meta.events.register("request-created", mark, unique_id="marked-call")


@dataclass(frozen=True)
class Break:
    """The nth of a client's like calls, and what becomes of it; what it made stays unseen by so many further calls that name it."""

    call: MarkedCall
    nth: int
    fault: Fault
    late_by: int = 0


@dataclass
class Unseen:
    """What was made and does not show yet."""

    ids: set[str]
    names: set[str]  # which no second thing can take: hidden from what reads alone
    left: int  # calls

    def seen_as(self, call: MarkedCall, asked: str) -> str:
        """The request with names of nothing in the place of what does not show."""
        changed = asked
        for one in sorted(self.ids | (self.names if call.is_read else set())):
            for form, other in {one: unlike(one), quote(one, safe=""): quote(unlike(one), safe="")}.items():
                changed = re.sub(rf"(?<![\w-]){re.escape(form)}(?![\w-])", other, changed)
        self.left -= changed != asked
        return changed


@dataclass
class CallFaults:
    """The proxy's rules and what it saw. Calls without a mark pass."""

    url: str = ""
    passed: list[Passed] = field(default_factory=list)
    struck: set[Break] = field(default_factory=set)
    _breaks: tuple[Break, ...] = ()
    _counts: Counter[MarkedCall] = field(default_factory=Counter)
    _known: set[str] = field(default_factory=set)  # ids that were in any call or answer
    _unseen: list[Unseen] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rules(self, *breaks: Break) -> None:
        """Break these calls and no others, and count from the start."""
        with self._lock:
            self._breaks = breaks
            for kept in (self.passed, self.struck, self._counts, self._unseen):
                kept.clear()

    def strikes(self, call: MarkedCall) -> tuple[Break | None, int]:
        """What becomes of this call, and its number among its like."""
        with self._lock:
            self._counts[call] += 1
            nth = self._counts[call]
            for one in self._breaks:
                if one.call == call and (nth == one.nth or (nth > one.nth and one.fault is Fault.DENIED)):
                    self.struck.add(one)
                    return one, nth
            return None, nth

    def answered(self, call: MarkedCall | None, nth: int, asked: str, told: str, struck: Break | None) -> None:
        """Keep what an answer tells of ids; what a struck call made is hidden from here on."""
        with self._lock:
            named = set(MADE.findall(told))
            made = {one for one in named if one not in self._known and one not in asked}
            self._known |= named | set(MADE.findall(asked))
            if call is not None:
                self.passed.append(Passed(call, nth, bool(made) and not call.is_read))
            if struck is not None and struck.fault in OF_WHAT_IS_MADE:
                tails = {re.split("[:/]", one)[-1] for one in made if one.startswith("arn:")}
                names = {one for one in tails if len(one) > SHORT and one not in made} | set(KEY.findall(asked))
                self._unseen.append(Unseen(made, names, struck.late_by))

    def seen_as(self, call: MarkedCall | None, asked: str) -> str:
        """The request with names of nothing in the place of what does not show yet."""
        with self._lock:
            for one in self._unseen if call is not None else ():
                if one.left > 0 and call is not None:
                    asked = one.seen_as(call, asked)
            return asked


def unlike(name: str) -> str:
    """A name of the same form that is nobody's."""
    start = 2 if KEY.fullmatch(name) else max(name.rfind("/"), name.rfind(":")) + 1 if name.startswith("arn:") else name.find("-") + 1
    return name[:start] + "".join(_UNLIKE.get(one, one) for one in name[start:])


_UNLIKE = dict(zip("0123456789abcdefghijklmnopqrstuvwxyz", "5678901234bcdefahijklmnopqrstuvwxyzg", strict=True))


@contextlib.contextmanager
def call_faults(upstream: str) -> Iterator[CallFaults]:
    """The proxy in front of *upstream*, in this process."""
    faults = CallFaults()
    at = urlsplit(upstream)
    handler = type("Handler", (_Handler,), {"faults": faults, "upstream": (at.hostname, at.port)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    faults.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield faults
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client, with one of its own to the emulator."""

    faults: CallFaults
    upstream: tuple[str, int]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    _onward: http.client.HTTPConnection | None = None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing."""

    def do_ANY(self) -> None:
        """Pass the call on, or break it."""
        body = self._body()
        mark = self.headers.get(MARK)
        call = MarkedCall(**json.loads(mark)) if mark else None
        struck, nth = self.faults.strikes(call) if call else (None, 0)
        fault = struck.fault if struck else None
        if call is not None and fault in BEFORE:
            self._before(call, fault)
            return
        path = self.faults.seen_as(call, self.path)
        asked = body.decode("latin-1")
        seen = self.faults.seen_as(call, asked) if path == self.path else asked
        status, headers, answer = self._pass_on(path, seen.encode("latin-1"))
        self.faults.answered(call, nth, f"{self.path}\n{asked}", answer.decode("latin-1"), struck)
        self._after(call, fault, status, headers, answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_ANY  # noqa: N815 - the base class's names

    def _body(self) -> bytes:
        if self.headers.get("Expect", "").lower() == "100-continue":
            pass  # the base class has answered that already
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(pieces)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _pass_on(self, path: str, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        if self._onward is None:
            self._onward = http.client.HTTPConnection(*self.upstream, timeout=UPSTREAM_TIMEOUT_S)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        host = self.headers.get("Host", "")
        self._onward.request(self.command, path, body, {**kept, "Host": host, "Content-Length": str(len(body))})
        answer = self._onward.getresponse()
        read = answer.read()
        return answer.status, [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP], read

    def _before(self, call: MarkedCall, fault: Fault | None) -> None:
        if fault is Fault.RESET_BEFORE:
            self._reset()
            return
        code, status = "InternalFailure", 500
        if fault is Fault.THROTTLED:
            code, status = THROTTLES.get(call.service, ("ThrottlingException" if "json" in call.protocol else "Throttling", 400))
        elif fault is Fault.DENIED:
            code, status = DENIALS.get(call.service, DENIALS.get(call.protocol, "AccessDenied")), 403
        self._answer(status, *error_document(call, code))

    def _after(self, call: MarkedCall | None, fault: Fault | None, status: int, headers: list[tuple[str, str]], answer: bytes) -> None:
        match fault:
            case Fault.ERROR_AFTER if call is not None:
                self._answer(500, *error_document(call, "InternalFailure"))
            case Fault.TIMEOUT | Fault.LOST_AND_LATE:
                self._hang()
            case Fault.RESET_AFTER:
                self._reset()
            case Fault.TRUNCATED if answer:
                self._answer(status, headers, answer[: len(answer) // 2])
            case Fault.TRUNCATED:  # there is nothing to cut but the answer itself
                self._reset()
            case _:
                self._answer(status, headers, answer)

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _hang(self) -> None:
        self.connection.settimeout(HANG_S)
        with contextlib.suppress(OSError):
            self.connection.recv(1)  # until the client gives up
        self.close_connection = True

    def _reset(self) -> None:
        """End the connection by RST, with no word."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        socket.close(self.connection.detach())

    def finish(self) -> None:
        """Close what is open."""
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        if self._onward is not None:
            self._onward.close()


def error_document(call: MarkedCall, code: str) -> tuple[list[tuple[str, str]], bytes]:
    """Headers and body of an error, as the call's protocol has them."""
    said = "broken for a test"
    if "json" in call.protocol:
        told = json.dumps({"__type": code, "message": said}).encode()
        return [("Content-Type", "application/json"), ("x-amzn-ErrorType", code)], told
    error = f"<Code>{code}</Code><Message>{said}</Message>"
    if call.protocol == "ec2":
        document = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>r</RequestID></Response>"
    elif call.service == "s3":
        document = f"<Error>{error}<RequestId>r</RequestId></Error>"
    else:
        document = f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>r</RequestId></ErrorResponse>"
    return [("Content-Type", "text/xml")], f'<?xml version="1.0" encoding="UTF-8"?>{document}'.encode()
