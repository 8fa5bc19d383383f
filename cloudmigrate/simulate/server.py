"""The emulator's own process: moto's server on a free loopback port, ended together with the process that started it.

Run as ``python -m cloudmigrate.simulate.server``. It prints its port as one line on stdout and then lives until its
stdin closes, its parent is gone or it gets SIGTERM, so that even a parent killed with SIGKILL leaves nothing running.
"""

import argparse
import json
import logging
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cloudmigrate.simulate import ec2_prices, fast_cloudwatch, moto_fixes, moto_images, moto_launches, moto_migrations
from cloudmigrate.simulate.price_endpoint import with_prices
from cloudmigrate.simulate.series import UPLOAD_PATH

LOOPBACK = "127.0.0.1"
WATCH_EVERY_S = 0.5

# moto reads these when it is imported. Three images instead of 1,300 save seconds at the first call of every region;
# nothing here can run a container, so Lambda's code is stored and never run.
MOTO_SETTINGS = {
    "MOTO_AMIS_PATH": str(Path(__file__).with_name("images.json")),
    "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS": "false",
    "MOTO_ACM_VALIDATION_WAIT": "0",
    "TESTS_SKIP_REQUIRES_DOCKER": "true",
}

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


def main(argv: list[str] | None = None) -> None:
    """Serve until the parent ends."""
    parser = argparse.ArgumentParser(prog="cloudmigrate.simulate.server", description=__doc__)
    parser.add_argument("--parent", type=int, required=True, help="Process id to outlive by no more than a second.")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="Added to every answer, milliseconds.")
    arguments = parser.parse_args(argv)
    os.environ.update(MOTO_SETTINGS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: it stops us when it is done
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server = _server(latency_s=arguments.latency_ms / 1000)
    threading.Thread(target=_end_with_parent, args=(arguments.parent,), daemon=True).start()
    print(server.server_address[1], flush=True)  # noqa: T201 - the parent reads the port here
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # moto prints; a full pipe would stop it
    server.serve_forever()


def _server(*, latency_s: float) -> Any:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto_fixes.install()
    moto_migrations.install()
    fast_cloudwatch.install()
    ec2_prices.install()
    app: WsgiApp = _with_switches(_with_uploads(with_prices(DomainDispatcherApplication(create_backend_app))))
    if latency_s > 0:
        app = _delayed(app, latency_s)
    return make_server(LOOPBACK, 0, app, threaded=True, request_handler=MotoRequestHandler)


def _delayed(app: WsgiApp, latency_s: float) -> WsgiApp:
    """*app* that answers each call later, like a network that is far away; waiting costs the server no processor time."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not str(environ.get("PATH_INFO", "")).startswith("/moto-api"):
            time.sleep(latency_s)
        return app(environ, start_response)

    return answer


def _with_uploads(app: WsgiApp) -> WsgiApp:
    """*app* that also takes whole metric series at UPLOAD_PATH: point by point through PutMetricData takes half a minute."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != UPLOAD_PATH:
            return app(environ, start_response)
        count = fast_cloudwatch.upload(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"series": count}).encode()]

    return answer


# What a test or the demo sets while the emulator runs, as a JSON number: path -> where it is kept.
SWITCHES = {moto_images.PENDING_PATH: (moto_images.READY_AFTER, "looks"), moto_launches.CAPACITY_PATH: (moto_launches.REFUSED, "launches")}


def _with_switches(app: WsgiApp) -> WsgiApp:
    """*app* that takes the numbers of SWITCHES at their paths."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        found = SWITCHES.get(str(environ.get("PATH_INFO")))
        if found is None:
            return app(environ, start_response)
        kept, name = found
        kept[name] = int(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]

    return answer


def _end_with_parent(parent_pid: int) -> None:
    """Exit once stdin, a pipe that only the parent writes to, closes, or the parent's id is no longer ours."""
    while True:
        readable, _, _ = select.select([sys.stdin], [], [], WATCH_EVERY_S)
        if (readable and not os.read(sys.stdin.fileno(), 1)) or os.getppid() != parent_pid:
            os._exit(0)


if __name__ == "__main__":
    main()
