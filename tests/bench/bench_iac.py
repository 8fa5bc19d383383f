"""Infrastructure as code for a plan of 10,000 resources: the estate of the tests, with every type, as often as it takes.

    .venv/bin/python -m tests.bench.bench_iac [--scale 1]

The blueprint is made, then every file of the tree as text: Terraform, CloudFormation, the tables. Reading the lake and writing the
folder are not in it. Nobody else makes such a tree, so there is no peer.
"""

import argparse
import time

from tests.bench.peak import peak_mb
from tests.domain.iac.sample_estate import ELSEWHERE, blueprint_of, copies, sample_rows

RESOURCES = 10_000
CPU_S_AT_MOST, PEAK_MB_AT_MOST = 60, 700  # seconds of processor, as other work on the machine adds none


def main(argv: list[str] | None = None) -> None:
    """Make the estate, make its code, print the line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="share of 10,000 resources in waves")
    wanted = RESOURCES * parser.parse_args(argv).scale
    from reports.iac.tree import iac_tree

    moving = sum(row["group"] is not None for row in sample_rows())
    rows = list(copies(max(1, round(wanted / moving))))
    planned = sum(row["group"] is not None for row in rows)
    begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
    made = blueprint_of(rows, ELSEWHERE)
    made_s = time.perf_counter() - begun_s
    rows.clear()  # as `cloudmigrate iac` lets go of the inventory when the blueprint is made
    tree = iac_tree(made)
    whole_s, cpu_s = time.perf_counter() - begun_s, time.process_time() - begun_cpu_s
    size_mb = sum(map(len, tree.files.values())) / 2**20
    made_of = f"{sum(len(one.resources) for one in made.units)} made of {planned} in waves, {len(tree.files)} files, {size_mb:.1f} MB"
    line = f"bench iac: blueprint {made_s:.1f} s, whole {whole_s:.1f} s ({cpu_s:.1f} s of processor), peak {peak_mb():.0f} MB ({made_of})"
    is_missed = wanted >= RESOURCES and (cpu_s > CPU_S_AT_MOST or peak_mb() > PEAK_MB_AT_MOST)
    print(line + (f" missed: at most {CPU_S_AT_MOST} s of processor and {PEAK_MB_AT_MOST} MB" if is_missed else ""))


if __name__ == "__main__":
    main()
