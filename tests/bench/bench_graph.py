"""Groups, risk and waves of a large dependency graph: seconds, peak memory, how they grow, and against bare scipy.

    .venv/bin/python -m tests.bench.bench_graph [--scale 1] [--repeat 3]

At scale 1: 1,000, 10,000 and 100,000 nodes with five edges each, power law and circles, through the functions that planning and risk call,
from records to waves; and groups and layers alone on arrays, there and for 1,000,000 nodes, against the same done barely with
scipy.sparse.csgraph on the same arrays, with equal answers proven. Each size in a process of its own.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.child import answered
from tests.bench.lines import Target, line
from tests.bench.needs_graph import edges_of, types_of, uid_of
from tests.bench.peak import peak_mb

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from cloudmigrate.domain.condensation import Condensed

    Numbers = npt.NDArray[np.int64]

ROOT = Path(__file__).parent.parent.parent
FULL = 100_000
SIZES = (1_000, 10_000, FULL)
ARRAYS_ONLY = 1_000_000
ALL_WITHIN_S = 5.0
BARE = Target(ratio_at_most=3)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
STAGES = ("risk", "groups", "waves")


def main(argv: list[str] | None = None) -> int:
    """Run every size; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full sizes")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each side on arrays; the fastest counts")
    parser.add_argument("--nodes", type=int, help="run this one size here and print what it gave as JSON")
    parser.add_argument("--arrays-only", action="store_true")
    options = parser.parse_args(argv)
    if options.nodes is not None:
        print(json.dumps(measured(options.nodes, options.repeat, arrays_only=options.arrays_only)))
        return 0
    found = [in_a_process(max(50, int(size * options.scale)), options.repeat, arrays_only=False) for size in SIZES]
    found.append(in_a_process(max(50, int(ARRAYS_ONLY * options.scale)), options.repeat, arrays_only=True))
    for one in found:
        print(grown(one), flush=True)
    whole = found[len(SIZES) - 1]
    print(records_line(whole, full=options.scale >= 1), flush=True)
    remark = f"{whole['ours_s'] * 1000:.0f} ms against {whole['bare_s'] * 1000:.0f} ms; scipy alone {whole['bare_peak_mb']:.0f} MB"
    target = BARE if options.scale >= 1 else None
    numbers = {"ratio": whole["ours_s"] / whole["bare_s"], "peak_mb": whole["arrays_peak_mb"]}
    print(line("graph-vs-scipy", whole["ours_s"], "scipy", whole["bare_s"], **numbers, target=target, remark=remark), flush=True)
    return 0


def grown(one: dict[str, Any]) -> str:
    """What one size took, for the eye: how it grows."""
    text = f"graph of {one['nodes']:,} nodes, {one['edges']:,} edges: {one['knots']:,} groups ({one['largest']:,} in the largest), "
    text += f"{one['layers']} layers; groups and layers on arrays {one['ours_s']:.3f} s, scipy {one['bare_s']:.3f} s"
    if "seconds" in one:
        parts = ", ".join(f"{name} {one['seconds'][name]:.2f} s" for name in STAGES)
        text += f"; from records {parts} ({one['cpu_s']:.2f} s of processor in all), {one['waves']:,} waves"
    return f"{text}; peak {one['peak_mb']:.0f} MB"


def records_line(one: dict[str, Any], *, full: bool) -> str:
    """The line of the whole way from records to waves."""
    total = sum(one["seconds"].values())
    parts = ", ".join(f"{name} {one['seconds'][name]:.1f} s" for name in STAGES)
    missed = f" missed: at most {ALL_WITHIN_S:g} s" if full and total > ALL_WITHIN_S else ""
    return f"bench graph-{one['nodes']}: {parts}, total {total:.1f} s, peak {one['peak_mb']:.0f} MB{missed}"


def in_a_process(nodes: int, repeat: int, *, arrays_only: bool) -> dict[str, Any]:
    """What one size gave, measured in a process of its own. Bare scipy's memory in another."""
    options = ["--nodes", str(nodes), "--repeat", str(repeat), *(["--arrays-only"] if arrays_only else [])]
    return answered("graph", *options)


def measured(nodes: int, repeat: int, *, arrays_only: bool) -> dict[str, Any]:
    """Seconds and memory of one size, and what came out."""
    import numpy as np

    edges = edges_of(nodes)
    bare_s, (count, bare_layers) = fastest(lambda: bare(nodes, edges), repeat)
    bare_peak_mb = peak_mb()
    ours_s, condensed = fastest(lambda: ours(nodes, edges), repeat)
    arrays_peak_mb = peak_mb()
    same(condensed, count, bare_layers)
    found = {
        "nodes": nodes,
        "edges": len(edges),
        "ours_s": ours_s,
        "bare_s": bare_s,
        "bare_peak_mb": bare_peak_mb,
        "arrays_peak_mb": arrays_peak_mb,
        "knots": count,
        "largest": int(np.bincount(condensed.knot_of).max()),
        "layers": int(condensed.layers.max()),
    }
    if not arrays_only:
        found["seconds"], found["cpu_s"], found["waves"], groups = from_records(nodes, edges)
        assert groups == count, (groups, count)
    return found | {"peak_mb": peak_mb()}


def fastest(run: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """The seconds of the fastest of some runs, and what they gave; imports are in none of them."""
    best, found = math.inf, run()
    for _ in range(repeat):
        started_s = time.perf_counter()
        found = run()
        best = min(best, time.perf_counter() - started_s)
    return best, found


def ours(nodes: int, edges: "Numbers") -> "Condensed":
    """What `move_groups` does with its arrays."""
    import numpy as np

    from cloudmigrate.domain.condensation import condense

    return condense(nodes, np.zeros((0, 2), dtype=np.int64), edges, np.ones(nodes, dtype=np.bool_))


def bare(nodes: int, edges: "Numbers") -> tuple[int, "Numbers"]:
    """Strongly connected components, their condensation and layers as one would write them down with scipy: groups, layer of each node."""
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    graph = csr_array((np.ones(len(edges), dtype=np.int8), (edges[:, 0], edges[:, 1])), shape=(nodes, nodes))
    count, label = connected_components(graph, directed=True, connection="strong")
    ends = label.astype(np.int64)[edges]
    keys = np.unique(ends[ends[:, 0] != ends[:, 1]] @ np.array([count, 1]))
    source, target = np.divmod(keys, count)
    needed_by = csr_array((np.ones(len(keys), dtype=np.int8), (target, source)), shape=(count, count))
    waiting = np.bincount(source, minlength=count)
    layer = np.ones(count, dtype=np.int64)
    ready = np.flatnonzero(waiting == 0)
    while len(ready):
        rows = needed_by[ready]
        np.maximum.at(layer, rows.indices, np.repeat(layer[ready], np.diff(rows.indptr)) + 1)
        np.subtract.at(waiting, rows.indices, 1)
        ready = np.unique(rows.indices[waiting[rows.indices] == 0])
    return int(count), layer[label]


def same(condensed: "Condensed", count: int, layers: "Numbers") -> None:
    """Nothing, where both ways found as many groups and every node on the same layer."""
    import numpy as np

    assert int(condensed.knot_of.max()) + 1 == count, "as many groups"
    assert np.array_equal(condensed.layers[condensed.knot_of], layers), "the same layers"


def from_records(nodes: int, edges: "Numbers") -> tuple[dict[str, float], float, int, int]:
    """Seconds of risk, groups and waves through the functions that the tasks call, and of the processor in all; waves and groups.

    The processor's seconds tell how much of the others was waiting for other work on the machine.
    """
    from cloudmigrate.domain.drafting import obey, prepare
    from cloudmigrate.domain.move_groups import PlanItem
    from cloudmigrate.domain.plan_input import Evidence, Exchange, PlanInput
    from cloudmigrate.domain.risk import assess_risks
    from cloudmigrate.domain.risk_policy import RiskPolicy
    from cloudmigrate.domain.wave_policy import WavePolicy

    types, uids = types_of(nodes), [uid_of(node) for node in range(nodes)]
    # Sorted as the lake gives them (plan_exchanges.sql); the uids of *uid_of* sort as the nodes do.
    exchanges = [Exchange(uids[source], uids[target], 6, 443, float(1 + source % 1000)) for source, target in sorted(edges.tolist())]
    facts = facts_of(nodes, edges, uids, types)
    seconds: dict[str, float] = {}
    clock = time.perf_counter

    started_s, started_cpu_s = clock(), time.process_time()
    levels = assess_risks(facts, RiskPolicy(), as_of=NOW).levels
    seconds["risk"] = clock() - started_s
    cpu_s = time.process_time() - started_cpu_s

    items = [PlanItem(uid, type_, moves=True, risk_level=levels[uid].value) for uid, type_ in zip(uids, types, strict=True)]
    found = PlanInput(items, (), {}, exchanges=exchanges, evidence=Evidence(traffic=True, risks=True))
    started_s, started_cpu_s = clock(), time.process_time()
    prepared = prepare(found, WavePolicy())
    seconds["groups"] = clock() - started_s

    started_s = clock()
    ordered, _, _ = obey(prepared)
    seconds["waves"] = clock() - started_s
    cpu_s += time.process_time() - started_cpu_s
    return seconds, cpu_s, max(ordered.waves), len(prepared.grouping.groups)


def facts_of(nodes: int, edges: "Numbers", uids: list[str], types: list[str]) -> list[Any]:
    """What risk is told of each node: its degrees, and something of everything else."""
    import numpy as np

    from cloudmigrate.domain.risk_facts import Degree, ResourceFacts

    needed_by, needs = (np.bincount(edges[:, side], minlength=nodes).tolist() for side in (1, 0))
    return [
        ResourceFacts(
            uids[node],
            types[node],
            stateful=node % 3 == 0,
            storage_bytes=node * 2**22 if node % 2 else None,
            inbound=Degree(needed_by[node], needed_by[node], needed_by[node] * 0.9),
            outbound=Degree(needs[node], needs[node], needs[node] * 0.9),
            fully_logged_days=14,
            monthly_seen_probability=14 / 30,
            public_address=node % 50 == 0,
            open_rules=node % 4,
            engine="mysql" if types[node] == "AWS::RDS::DBInstance" else None,
            engine_version="8.0.36",
            created_at=NOW - timedelta(days=node % 3000),
            criticality=("low", "high", None)[node % 3],
            cpu_p99_pct=float(node % 100),
            writes_p99_per_s=float(node % 7000),
        )
        for node in range(nodes)
    ]


if __name__ == "__main__":
    sys.exit(main())
