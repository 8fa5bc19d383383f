"""All benchmarks, one after another, each in processes of its own.

    .venv/bin/python -m tests.bench [--scale 1] [--polars-python P] [--c7n-python P]      (what `make bench` calls)

Each measure ends in one line, `bench NAME: ours S s, PEER S s, ratio R, peak N MB`; a peer that is not installed gives a line that says
so. For discovery the ratio says how many times as fast ours is; for utilisation and graphs it is our time by theirs. At full scale a
line whose target is missed ends with `missed:` and the target. Where both sides run equally often the fastest run of each counts, as
other work on the machine only ever adds; of discovery against boto3, which runs once, the median of ours. The fan-out of
flow logs runs once. The exit code is 1 when a benchmark breaks, not when a target is missed.
"""

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping

from tests.bench.child import ROOT, TOGETHER


def main(argv: list[str] | None = None) -> int:
    """Run all benchmarks; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", default="1", help="share of the full size: 10 accounts of 4 regions, 10,000 resources")
    parser.add_argument("--repeat", default="3", help="runs of each side; of boto3, which takes minutes, only one")
    parser.add_argument("--latency-ms", default="50", help="added to every API call")
    parser.add_argument("--polars-python", default=".venv-polars/bin/python")
    parser.add_argument("--c7n-python", default=".venv-c7n/bin/python")
    parser.add_argument("--flowlogs-python", default=".venv-flowlogs/bin/python")
    parser.add_argument("--together", action="store_true", help="all in one process, to see that they run: their figures say nothing then")
    parser.add_argument("--without", nargs="*", default=(), help="benchmarks to leave out, such as flow_log_fanout")
    parser.add_argument("--only", nargs="*", help="benchmarks to run, instead of all")
    arguments = parser.parse_args(argv)
    sizes = ("--scale", arguments.scale)
    runs = {
        "discovery": (*sizes, "--repeat", arguments.repeat, "--latency-ms", arguments.latency_ms, "--c7n-python", arguments.c7n_python),
        "utilisation": (*sizes, "--repeat", arguments.repeat, "--polars-python", arguments.polars_python),
        "patterns": (*sizes, "--repeat", arguments.repeat),
        "estate": sizes,
        "flow_logs": (*sizes, "--repeat", arguments.repeat, "--flowlogs-python", arguments.flowlogs_python),
        "flow_log_fanout": sizes,
        "prices": (*sizes, "--repeat", arguments.repeat, "--polars-python", arguments.polars_python),
        "costs": (*sizes, "--repeat", arguments.repeat),
        "graph": (*sizes, "--repeat", arguments.repeat),
        "what_if": (*sizes, "--repeat", arguments.repeat),
        "graph_page": (*sizes, "--repeat", arguments.repeat),
        "report_page": (*sizes, "--repeat", arguments.repeat),
        "recommendations": sizes,
        "iac": sizes,
        "runbooks": sizes,
    }
    wanted = {name: runs[name] for name in arguments.only or runs if name not in arguments.without}
    if arguments.together:
        _run_together(wanted)
        return 0
    broken = [name for name, options in wanted.items() if not _ran(name, options)]
    for name in broken:
        print(f"bench {name}: broken, see above", flush=True)
    return 1 if broken else 0


def _ran(name: str, options: tuple[str, ...]) -> bool:
    """Whether the benchmark came to its end; its lines pass through."""
    started_s = time.perf_counter()
    command = [sys.executable, "-m", f"tests.bench.bench_{name}", *options]
    ended = subprocess.run(command, cwd=ROOT, check=False)
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{name}: took {time.perf_counter() - started_s:.0f} s in all{load}", flush=True)
    return ended.returncode == 0


def _run_together(runs: Mapping[str, tuple[str, ...]]) -> None:
    """All of them in this process; one that breaks ends it."""
    with tempfile.TemporaryDirectory(prefix="cloudmigrate-bench-") as folder:
        os.environ |= {TOGETHER: "1", "PREFECT_HOME": folder, "DO_NOT_TRACK": "1"}
        for name, options in runs.items():
            importlib.import_module(f"tests.bench.bench_{name}").main([*options])


if __name__ == "__main__":
    sys.exit(main())
