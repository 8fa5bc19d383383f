"""The process of our own Prefect server: loopback only, on a free or given port, ended together with its parent.

Run as ``python -m cloudmigrate.app.prefect_server``. It prints its API's address as one line once it listens. Prefect's
own temporary server outlives a parent killed with SIGKILL; this one does not, and it starts beside other work.
"""

import argparse
import contextlib
import os
import socket
import sys
import threading
from typing import Any

from cloudmigrate.app.prefect_database import NewDatabase, new_database

LOOPBACK = "127.0.0.1"


def main() -> None:
    """Serve until stdin closes, which it does when the parent ends in whatever way."""
    parser = argparse.ArgumentParser(prog="cloudmigrate.app.prefect_server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one.")
    parser.add_argument("--ui", action="store_true", help="Serve the UI, and run the scheduler and other services.")
    arguments = parser.parse_args()
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, arguments.port))
    except OSError as error:
        sys.exit(f"port {arguments.port}: {error.strerror}")
    api_url = f"http://{LOOPBACK}:{listener.getsockname()[1]}/api"
    os.environ["PREFECT_API_URL"] = api_url
    os.environ["PREFECT_SERVER_UI_API_URL"] = api_url
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    if not arguments.ui:
        os.environ["PREFECT_UI_ENABLED"] = "0"
        os.environ["PREFECT__SERVER_EPHEMERAL"] = "1"
    os.environ["PREFECT__SERVER_FINAL"] = "1"
    _serve(listener, api_url)


def _serve(listener: socket.socket, api_url: str) -> None:
    import uvicorn
    from prefect.server.api.server import create_app

    new = _new_database()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if new is not None:
                new.keep()
            print(api_url, flush=True)

    with _settings_for(copied=new is not None and new.place()):
        server = Server(uvicorn.Config(create_app(), log_level="error", lifespan="on", timeout_graceful_shutdown=3))
        threading.Thread(target=_stop_with_parent, args=(server,), daemon=True).start()
        server.run(sockets=[listener])


def _new_database() -> NewDatabase | None:
    """The SQLite file that this server would have to make; None where there is one, or where it is to use another database."""
    from prefect import __version__
    from prefect.settings import get_current_settings

    found = get_current_settings()
    url = found.server.database.connection_url
    return new_database(url.get_secret_value() if url else "", found.home, __version__)


def _settings_for(*, copied: bool) -> contextlib.AbstractContextManager[Any]:
    """What a server needs to know of a database that was copied: it has Prefect's kinds of blocks, but the memo of that is not its own."""
    from prefect.settings import PREFECT_API_BLOCKS_REGISTER_ON_START, PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION, temporary_settings

    if not copied:
        return contextlib.nullcontext()
    return temporary_settings({PREFECT_API_BLOCKS_REGISTER_ON_START: False, PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION: False})


def _stop_with_parent(server: Any) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    server.should_exit = True
    # A graceful stop waits for open connections, whose other end may be gone for good.
    threading.Timer(5.0, os._exit, (0,)).start()


if __name__ == "__main__":
    main()
