"""How long the graph page takes to open in a headless Chromium, by the page's own clock: from the start of loading to its first drawing.

    .venv/bin/python -m tests.bench.bench_graph_page [--scale 1] [--repeat 3]

The page of 5,000 nodes and 20,000 edges at full scale; layout and file are made beforehand and timed apart. Skipped where no browser is.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from reports.graph import render_graph
from tests.bench.lines import skipped
from tests.reports.browser import browser, find_chromium
from tests.reports.sample_graph import sample_graph

NODES, EDGES = 5_000, 20_000
OPEN_S_AT_MOST = 5.0
READY = "document.documentElement.dataset.graph === 'ready'"
READY_MS = "performance.getEntriesByName('graph-ready')[0].startTime"


def main(argv: list[str] | None = None) -> None:
    """Make the page, open it several times, print the line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="share of 5,000 nodes and 20,000 edges")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args(argv)
    chromium = find_chromium()
    if chromium is None:
        print(skipped("graph-page", "there is no Chromium or Chrome"))
        return
    nodes, edges = max(int(NODES * arguments.scale), 20), max(int(EDGES * arguments.scale), 40)
    view = sample_graph(nodes, edges)
    begun_s = time.perf_counter()
    text = render_graph(view)
    made_s = time.perf_counter() - begun_s
    with tempfile.TemporaryDirectory(prefix="cloudmigrate-bench-") as folder:
        path = Path(folder) / "graph.html"
        path.write_text(text, encoding="utf-8")
        opened_s = [_opened_s(chromium, path) for _ in range(arguments.repeat)]
    middle_s = statistics.median(opened_s)
    line = f"bench graph-page: made {made_s:.1f} s, opened {middle_s:.1f} s, file {len(text.encode()) / 2**20:.1f} MB"
    missed = f" missed: opened in at most {OPEN_S_AT_MOST:g} s" if arguments.scale >= 1 and middle_s > OPEN_S_AT_MOST else ""
    print(f"{line} ({nodes} nodes, {edges} edges){missed}")


def _opened_s(chromium: str, path: Path) -> float:
    """Seconds from the start of loading to the first drawing, in a browser with nothing in its caches."""
    with browser(chromium) as page:
        page.open(path)
        page.until(READY, timeout_s=120)
        return float(page.run(READY_MS)) / 1000


if __name__ == "__main__":
    main()
