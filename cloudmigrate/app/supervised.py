"""Run a command that ends together with the process that started it, even one killed with SIGKILL.

Run as ``python -m cloudmigrate.app.supervised COMMAND ...`` with a pipe as stdin: its closing ends the command.
"""

import os
import signal
import subprocess
import sys
import threading

GRACE_S = 10


def main() -> None:
    """Run the command named by the arguments; exit as it does."""
    # Ctrl-C is the parent's to handle: it closes our stdin. A handler, as the child would inherit that it is ignored: Prefect's worker
    # ends itself by it, and would go on until it is killed.
    signal.signal(signal.SIGINT, lambda *_: None)
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_end_with_parent, args=(child,), daemon=True).start()
    sys.exit(child.wait())


def _end_with_parent(child: subprocess.Popen[bytes]) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    # The whole group: a worker's flow runs are processes of their own.
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
