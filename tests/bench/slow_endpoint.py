"""An AWS endpoint that is far away and never busy: it answers like the emulator behind it, each call a fixed time later.

    python tests/bench/slow_endpoint.py --upstream http://127.0.0.1:PORT --latency-ms 50

An answer is fetched from the emulator once and then told from memory: moto takes several milliseconds of processor time a call and would
otherwise be what a benchmark of callers measures. The first line on stdout is the port. `GET /_slow/stats` tells and clears the
counts; `POST /_slow/latency/MS` sets the delay. It ends when its stdin closes.
"""

import argparse
import asyncio
import http.client
import json
import re
import sys
import threading
from collections import Counter
from urllib.parse import urlsplit

# Who asks what is in the credential (key id, region, service); the rest changes every second.
CREDENTIAL = re.compile(rb"Credential=([^/,\s]+)/\d+/([^/,\s]+/[^/,\s]+)")
CHANGING = (
    b"authorization",
    b"x-amz-date",
    b"x-amz-security-token",
    b"amz-sdk-",
    b"user-agent",
    b"host",
    b"connection",
    b"accept-encoding",
)
HOP_BY_HOP = ("content-length", "transfer-encoding", "connection")


class Answers:
    """What the emulator said to each different request so far."""

    def __init__(self, upstream: str, latency_s: float) -> None:
        self.upstream = urlsplit(upstream)
        self.latency_s = latency_s
        self.known: dict[tuple[bytes, ...], bytes] = {}
        self.counts: Counter[str] = Counter()
        self.at_once = self.most_at_once = 0

    async def answer(self, line: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
        credential = next((CREDENTIAL.search(value) for name, value in headers if name.lower() == b"authorization"), None)
        who = b"/".join(credential.groups()) if credential else b""
        if line.split(b" ")[1].startswith(b"/_slow/"):
            return self._own(line)
        self.counts["calls"] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            steady = [name + value for name, value in headers if not name.lower().startswith(CHANGING)]
            key = (line, who, body, *sorted(steady))
            if key not in self.known:
                self.counts["fetched"] += 1
                self.known[key] = await asyncio.to_thread(self._fetch, line, headers, body)
            await asyncio.sleep(self.latency_s)
            return self.known[key]
        finally:
            self.at_once -= 1

    def _own(self, line: bytes) -> bytes:
        path = line.split(b" ")[1].decode()
        if path.startswith("/_slow/latency/"):
            self.latency_s = float(path.rsplit("/", 1)[1]) / 1000
        told = json.dumps({**self.counts, "most_at_once": self.most_at_once}).encode()
        self.counts.clear()
        self.most_at_once = 0
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(told) + told

    def _fetch(self, line: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> bytes:
        method, path, _ = line.decode().split(" ")
        connection = http.client.HTTPConnection(self.upstream.hostname or "", self.upstream.port, timeout=120)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            if name.lower() != b"accept-encoding":
                connection.putheader(name.decode(), value)
        connection.endheaders(body or None)
        found = connection.getresponse()
        content = found.read()
        connection.close()
        kept = [(name, value) for name, value in found.getheaders() if name.lower() not in HOP_BY_HOP]
        size = found.getheader("content-length") if method == "HEAD" else str(len(content))
        head = "".join(f"{name}: {value}\r\n" for name, value in kept) + f"Content-Length: {size or 0}\r\n"
        return f"HTTP/1.1 {found.status} {found.reason}\r\n{head}\r\n".encode("latin-1") + content


async def serve_one(answers: Answers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one kept-alive connection."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            line, *rest = head[:-4].split(b"\r\n")
            headers = [(name, value.strip()) for name, _, value in (one.partition(b":") for one in rest)]
            length = next((int(value) for name, value in headers if name.lower() == b"content-length"), 0)
            body = await reader.readexactly(length) if length else b""
            writer.write(await answers.answer(line, headers, body))
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        pass
    finally:
        writer.close()


async def serve(answers: Answers) -> None:
    server = await asyncio.start_server(lambda reader, writer: serve_one(answers, reader, writer), "127.0.0.1", 0, limit=2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(ended.set)), daemon=True).start()
    await ended.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--latency-ms", type=float, default=0)
    arguments = parser.parse_args()
    asyncio.run(serve(Answers(arguments.upstream, arguments.latency_ms / 1000)))
