"""The benchmarks still run, at a size that says nothing about speed."""

import re
import subprocess
import sys
from pathlib import Path

from tests.bench.lines import Target, line, skipped

ROOT = Path(__file__).parent.parent.parent
SECONDS = r"\d+\.\d s"
PEER_LINE = re.compile(rf"bench [a-z0-9-]+: ours {SECONDS}, [a-z0-9-]+ {SECONDS}, ratio \d+\.\d\d, peak \d+ MB( \([^)]*\))?")
ESTATE_LINE = re.compile(rf"bench estate-\d+: ([a-z ]+ {SECONDS}, )+total {SECONDS}, peak \d+ MB, report \d+\.\d MB")
GRAPH_LINE = re.compile(rf"bench graph-\d+: ([a-z]+ {SECONDS}, )+total {SECONDS}, peak \d+ MB")
SKIPPED = re.compile(r"bench [a-z0-9-]+: skipped, there is no none \(`make bench` builds it\)")
WHAT_IF = r"whole command \d+\.\d\d s \(\d+\.\d\d s of processor; bare interpreter with DuckDB \d+\.\d\d s\)"
WHAT_IF_LINE = re.compile(rf"bench what-if-\d+: {WHAT_IF}")
ACCURACY_LINE = re.compile(r"bench patterns-accuracy: 0\.\d{3} of \d+ held-out series, 0\.\d{3} of the pattern told worst")
RECORDED = r"\d+ of \d+ as known, diurnal \d of \d that are listed as diurnal and only shift their level"
RECORDED_LINE = re.compile(rf"bench patterns-recorded: ({RECORDED}|skipped, there are no recorded series at .+)")
COSTS_LINE = re.compile(rf"bench costs: \d+ resources, \d+ rows, ours {SECONDS} \(processor {SECONDS}\), peak \d+ MB")
PAGE = rf"made {SECONDS}, opened {SECONDS}, file \d+\.\d MB \(\d+ nodes, \d+ edges\)"
PAGE_LINE = re.compile(rf"bench graph-page: ({PAGE}|skipped, there is no Chromium or Chrome)")
REPORT = rf"first drawn {SECONDS}, loaded {SECONDS}, file \d+\.\d MB \(\d+ resources\)"
REPORT_LINE = re.compile(rf"bench report-page: ({REPORT}|skipped, there is no Chromium or Chrome)")
RECOMMENDED_LINE = re.compile(rf"bench recommendations-\d+: read {SECONDS}, decided {SECONDS} of processor, peak \d+ MB")
IAC_FILES = r"\d+ made of \d+ in waves, \d+ files, \d+\.\d MB"
IAC_LINE = re.compile(rf"bench iac: blueprint {SECONDS}, whole {SECONDS} \({SECONDS} of processor\), peak \d+ MB \({IAC_FILES}\)")
RUNBOOK_PARTS = rf"told {SECONDS}, markdown {SECONDS}, html {SECONDS}, confluence {SECONDS}, whole {SECONDS} \({SECONDS} of processor\)"
RUNBOOKS_MADE = r"\d+ pages of \d+ waves, \d+ steps, \d+ files, \d+\.\d MB"
RUNBOOKS_LINE = re.compile(rf"bench runbooks-\d+: {RUNBOOK_PARTS}, copying the files {SECONDS}, peak \d+ MB \({RUNBOOKS_MADE}\)")
MEASURES = {
    "discovery-vs-sequential": PEER_LINE,
    "discovery-vs-c7n": SKIPPED,
    "utilisation-vs-bare": PEER_LINE,
    "utilisation-vs-pandas": PEER_LINE,
    "utilisation-vs-polars": SKIPPED,
    "patterns": PEER_LINE,
    "patterns-accuracy": ACCURACY_LINE,
    "patterns-recorded": RECORDED_LINE,
    "estate-100": ESTATE_LINE,
    "flow-logs-gz-vs-duckdb": PEER_LINE,
    "flow-logs-gz-vs-flowlogs-reader": SKIPPED,
    "flow-logs-parquet-vs-duckdb": PEER_LINE,
    "flow-logs-ports": PEER_LINE,
    "flow-logs-pairs": PEER_LINE,
    "prices-vs-bare": PEER_LINE,
    "prices-vs-pandas": PEER_LINE,
    "prices-vs-polars": SKIPPED,
    "prices-json-vs-csv": PEER_LINE,
    "costs": COSTS_LINE,
    "graph-100": GRAPH_LINE,
    "graph-vs-scipy": PEER_LINE,
    "what-if-20": WHAT_IF_LINE,
    "graph-page": PAGE_LINE,
    "report-page": REPORT_LINE,
    "recommendations-100": RECOMMENDED_LINE,
    "iac": IAC_LINE,
    "runbooks-20": RUNBOOKS_LINE,
    "runbooks-html": PEER_LINE,
}


def run_benchmarks(*options: str) -> list[str]:
    """The lines of what `make bench` calls, at the smallest size."""
    peers = ("--polars-python", "none", "--c7n-python", "none", "--flowlogs-python", "none")
    command = [sys.executable, "-m", "tests.bench", "--scale", "0.001", "--repeat", "1", "--latency-ms", "1", *peers, *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout.splitlines()


def test_every_benchmark_ends_in_its_line() -> None:
    printed = run_benchmarks("--together", "--without", "flow_log_fanout")  # which starts five Prefect servers, one after another
    found = {text.split()[1].rstrip(":"): text for text in printed if text.startswith("bench ")}
    assert list(found) == list(MEASURES)
    for name, form in MEASURES.items():
        assert form.fullmatch(found[name]), found[name]


def test_a_benchmark_in_processes_of_its_own_tells_how_long_it_took() -> None:
    told, took = run_benchmarks("--only", "graph")[-2:]
    assert PEER_LINE.fullmatch(told), told
    assert re.fullmatch(r"graph: took \d+ s in all, load \d+\.\d", took), took


def test_a_benchmark_that_breaks_is_told_by_the_exit_code() -> None:
    command = [sys.executable, "-m", "tests.bench.bench_estate", "--resources", "100", "--days", "nonsense"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode != 0


def test_a_missed_target_is_named_after_the_line() -> None:
    target = Target(ratio_at_least=10, peak_mb_at_most=1024)
    kept = line("discovery", 10.04, "boto3", 123.46, ratio=12.3, peak_mb=311.6, target=target)
    assert kept == "bench discovery: ours 10.0 s, boto3 123.5 s, ratio 12.30, peak 312 MB"
    missed = line("discovery", 10, "boto3", 90, ratio=9, peak_mb=2000, target=target, remark="boto3 80 MB")
    assert missed == (
        "bench discovery: ours 10.0 s, boto3 90.0 s, ratio 9.00, peak 2000 MB (boto3 80 MB) missed: ratio at least 10, peak at most 1024 MB"
    )
    assert line("u", 1, "bare", 1, ratio=1.3, peak_mb=1, target=Target(ratio_at_most=1.2)).endswith("missed: ratio at most 1.2")
    assert skipped("u-vs-v", "there is no v") == "bench u-vs-v: skipped, there is no v"
