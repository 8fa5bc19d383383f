"""What AWS offers by a presigned url, offered by the emulator itself: packages of functions and layers, layers of images."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

PATH = "/_simulate/blobs/"
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
_offered: dict[str, bytes] = {}


def offered(response: Any, data: bytes) -> str:
    """A url of the emulator, as the caller of *response* reaches it, that gives the data."""
    digits = hashlib.sha256(data).hexdigest()
    _offered[digits] = data
    headers = {name.lower(): value for name, value in response.headers.items()}
    return f"http://{headers['host']}{PATH}{digits}?X-Amz-Signature=secret"


def with_blobs(app: WsgiApp) -> WsgiApp:
    """*app* that also gives what was offered."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if not path.startswith(PATH):
            return app(environ, start_response)
        data = _offered.get(path.removeprefix(PATH))
        status = "200 OK" if data is not None else "403 Forbidden"
        start_response(status, [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(data or b"")))])
        return [data or b""]

    return answer
