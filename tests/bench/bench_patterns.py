"""Patterns of use against the utilisation query over the same points: features and verdicts are to take at most twice as long.

    .venv/bin/python -m tests.bench.bench_patterns [--scale 1] [--days 14] [--repeat 3]

Both sides are the product's own, each in a process of its own, one after the other in turn; the fastest run of each counts. A second line
gives the model's accuracy on generated series of another seed, rougher than those it was fitted to, and a third the verdicts on recorded
series that others have described (CLOUDMIGRATE_TEST_DATA, else ../shared/data).
"""

import argparse
import importlib
import json
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from tests.bench.bench_utilisation import METRICS, PERIOD_S, START, generate, lake_views, run_ours
from tests.bench.child import answered
from tests.bench.lines import Target, line, skipped
from tests.bench.peak import peak_mb

ROOT = Path(__file__).parent.parent.parent
TEST_DATA = Path(os.environ.get("CLOUDMIGRATE_TEST_DATA") or ROOT.parent / "shared" / "data")
TWICE = Target(ratio_at_most=2.0, peak_mb_at_most=1024)


def run_patterns(folder: Path, days: int, resources: int) -> None:
    """The product's own way: features and verdicts of every resource, written as a part."""
    from cloudmigrate.lake.patterns import write_patterns
    from cloudmigrate.lake.series import Window

    with lake_views(folder, days) as views:
        part = write_patterns(views, window=Window(START, START + timedelta(days=days)))
    if part.rows != resources:
        raise SystemExit(f"bench patterns: {part.rows} verdicts on {resources} resources")


def run_accuracy() -> dict[str, float]:
    """The share of held-out series that got their own word, of all and of the pattern that is told worst."""
    from cloudmigrate.lake.pattern_training import accuracy, confusion
    from cloudmigrate.lake.patterns import stored_forest

    found = confusion(stored_forest())
    patterns = {pattern for pattern, _ in found}
    worst = min(found.get((one, one), 0) / sum(count for (pattern, _), count in found.items() if pattern is one) for one in patterns)
    return {"accuracy": accuracy(found), "worst": worst, "series": sum(found.values())}


def run_recorded(data: Path) -> dict[str, float]:
    """How many recorded series got the word that they are known for, and how many of those listed as diurnal are told to be."""
    from cloudmigrate.domain.pattern_features import Pattern
    from tests.recorded_series import KNOWN, LISTED_AS_DIURNAL, MUCH, recorded_verdict

    right = sum(recorded_verdict(data, name, network).pattern is pattern for (name, network), pattern in KNOWN.items())
    diurnal = sum(recorded_verdict(data, name, MUCH).pattern is Pattern.DIURNAL for name in LISTED_AS_DIURNAL)
    return {"right": right, "known": len(KNOWN), "diurnal": diurnal, "listed": len(LISTED_AS_DIURNAL)}


def measured(side: str, folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """What one side, run in a process of its own, says."""
    shape = ("--folder", str(folder), "--resources", str(arguments.resources), "--days", str(arguments.days))
    return answered("patterns", "--side", side, *shape)


def run_side(arguments: argparse.Namespace) -> None:
    """Run one side here; print its seconds and peak memory as JSON. The time of importing is no time of computing."""
    folder = Path(arguments.folder)
    importlib.import_module({"utilisation": "cloudmigrate.lake.utilisation"}.get(arguments.side, "cloudmigrate.lake.patterns"))
    start, processor = time.perf_counter(), time.process_time()
    found: dict[str, float] = {}
    match arguments.side:
        case "generate":
            generate(folder, arguments.resources, arguments.days)
        case "utilisation":
            run_ours(folder, arguments.days)
        case "patterns":
            run_patterns(folder, arguments.days, arguments.resources)
        case "recorded":
            found = run_recorded(TEST_DATA)
        case _:
            found = run_accuracy()
    print(json.dumps({**found, "seconds": time.perf_counter() - start, "cpu_s": time.process_time() - processor, "peak_mb": peak_mb()}))


def main(argv: list[str] | None = None) -> None:
    """Generate, measure both sides in turn, print a line for the time and one for the accuracy."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="share of 10,000 resources; the target is judged from 1 on")
    parser.add_argument("--resources", type=int, help="their number, instead of a share")
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    arguments.resources = arguments.resources or max(int(10_000 * arguments.scale), 10)
    if arguments.side:
        run_side(arguments)
        return
    points = arguments.resources * arguments.days * 86_400 // PERIOD_S * len(METRICS)
    print(f"patterns: {points / 1e6:.1f} M points, {arguments.resources} resources, {arguments.days} days", flush=True)
    with tempfile.TemporaryDirectory(prefix="cloudmigrate-bench-") as name:
        folder = Path(name)
        measured("generate", folder, arguments)
        runs = [(measured("patterns", folder, arguments), measured("utilisation", folder, arguments)) for _ in range(arguments.repeat)]
        ours, theirs = (min((run[side] for run in runs), key=lambda one: one["seconds"]) for side in (0, 1))
        peak = max(run[0]["peak_mb"] for run in runs)
        remark = f"processor {ours['cpu_s']:.1f} s against {theirs['cpu_s']:.1f} s"
        target = TWICE if arguments.resources >= 10_000 else None
        ratio = ours["seconds"] / theirs["seconds"]
        print(line("patterns", ours["seconds"], "utilisation", theirs["seconds"], ratio=ratio, peak_mb=peak, target=target, remark=remark))
        held = measured("accuracy", folder, arguments)
        text = f"{held['accuracy']:.3f} of {held['series']:.0f} held-out series, {held['worst']:.3f} of the pattern told worst"
        print(f"bench patterns-accuracy: {text}", flush=True)
        if not (TEST_DATA / "cloudwatch-nab").is_dir():
            print(skipped("patterns-recorded", f"there are no recorded series at {TEST_DATA}"), flush=True)
            return
        known = measured("recorded", folder, arguments)
        shifts = f"{known['diurnal']:.0f} of {known['listed']:.0f} that are listed as diurnal and only shift their level"
        print(f"bench patterns-recorded: {known['right']:.0f} of {known['known']:.0f} as known, diurnal {shifts}", flush=True)


if __name__ == "__main__":
    main()
