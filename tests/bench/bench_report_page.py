"""How long the readiness report takes to open in a headless Chromium, by the page's own clock: to its first drawing, and till it is loaded.

    .venv/bin/python -m tests.bench.bench_report_page [--scale 1] [--repeat 3]

A report of 10,000 resources with everything told, at full scale. Loaded means that all its scripts have run: tables can be searched and
paged from then on. Each opening is in a browser with nothing in its caches. Skipped where no browser is.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from reports.graph import graph_part
from reports.graph.limit import limited
from reports.readiness.html import render_html
from tasks.reporting import EDGES_EMBEDDED_AT_MOST, NODES_EMBEDDED_AT_MOST
from tests.bench.lines import skipped
from tests.reports.browser import browser, find_chromium
from tests.reports.sample_evidence import graph_of
from tests.reports.sample_use import full_report

RESOURCES = 10_000
LOADED_S_AT_MOST = 3.0
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
DRAWN = "(performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)[0] || 0)"


def main(argv: list[str] | None = None) -> None:
    """Make the report, open it several times, print the line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="share of 10,000 resources")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args(argv)
    chromium = find_chromium()
    if chromium is None:
        print(skipped("report-page", "there is no Chromium or Chrome"))
        return
    resources = max(int(RESOURCES * arguments.scale), 50)
    view = full_report(resources)
    graph = limited(graph_of(view), nodes_at_most=NODES_EMBEDDED_AT_MOST, edges_at_most=EDGES_EMBEDDED_AT_MOST)
    text = render_html(view, graph_part(graph))
    with tempfile.TemporaryDirectory(prefix="cloudmigrate-bench-") as folder:
        path = Path(folder) / "readiness.html"
        path.write_text(text, encoding="utf-8")
        opened = [_opened_s(chromium, path) for _ in range(arguments.repeat)]
    drawn_s, loaded_s = (statistics.median(some) for some in zip(*opened, strict=True))
    line = f"bench report-page: first drawn {drawn_s:.1f} s, loaded {loaded_s:.1f} s, file {len(text.encode()) / 1e6:.1f} MB"
    missed = f" missed: loaded in at most {LOADED_S_AT_MOST:g} s" if arguments.scale >= 1 and loaded_s > LOADED_S_AT_MOST else ""
    print(f"{line} ({resources} resources){missed}")


def _opened_s(chromium: str, path: Path) -> tuple[float, float]:
    """Seconds from the start of loading to the first drawing, and to the end of loading."""
    with browser(chromium) as page:
        page.open(path, timeout_s=120)
        page.until(f"{DRAWN} > 0 && {LOADED} > 0", timeout_s=120)
        return float(page.run(DRAWN)) / 1000, float(page.run(LOADED)) / 1000


if __name__ == "__main__":
    main()
