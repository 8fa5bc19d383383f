"""What one side of a benchmark tells, run in a process of its own: its memory is nobody else's, and it imports what it needs itself.

Only the standard library: peers run in environments of their own.
"""

import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
TOGETHER = "CLOUDMIGRATE_BENCH_TOGETHER"  # set: our own sides run in this process, to see that they run; their figures say nothing


def answered(bench: str, *arguments: str, python: str = sys.executable, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON of the last line that the benchmark prints with these arguments. Raises SystemExit where it fails."""
    changed = environment or {}
    if TOGETHER in os.environ and python == sys.executable:
        text = _told_here(bench, arguments, changed)
    else:
        command = [python, "-m", f"tests.bench.bench_{bench}", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **changed})
        if done.returncode:
            raise SystemExit(f"bench {bench}: {' '.join(arguments)} failed with code {done.returncode}:\n{done.stderr[-2000:]}")
        text = done.stdout
    answer: dict[str, Any] = json.loads(text.splitlines()[-1])
    return answer


def _told_here(bench: str, arguments: tuple[str, ...], changed: Mapping[str, str]) -> str:
    printed = io.StringIO()
    with _environment(changed), contextlib.redirect_stdout(printed):
        importlib.import_module(f"tests.bench.bench_{bench}").main([*arguments])
    return printed.getvalue()


@contextlib.contextmanager
def _environment(changed: Mapping[str, str]) -> Iterator[None]:
    kept = dict(os.environ)
    os.environ.update(changed)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
