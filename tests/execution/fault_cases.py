"""All kill cases of all itineraries, with a report as JUnit XML. Run as ``python -m tests.execution.fault_cases --xml faults.xml``.

The last line is ``fault cases: N, failed: F``; the exit code is 1 where F is not 0.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from xml.etree import ElementTree

from cloudmigrate.domain.steps import Gate, Step
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.simulate.emulator import Emulator
from tests.conftest import aws_environment
from tests.execution import small_buckets, small_estate, small_retired
from tests.execution.end_matrix import EndMatrix, end_cases
from tests.execution.kill_matrix import Case, MadeEstate, Matrix, WorldOf, aws_world, before_gates, cases, ledger_in
from tests.execution.small_estate import OTHER


@dataclass(frozen=True)
class Itinerary:
    """How an estate is made, and which of its steps are killed: those that no other itinerary has; () means all."""

    make: Callable[[], MadeEstate]
    acts: tuple[str, ...] = ()
    world_of: WorldOf = aws_world
    closed: frozenset[Gate] = frozenset()  # what lies behind these gates cannot be undone
    ends: bool = False  # the cases of what lies behind them, each on an estate of its own

    def matrix(self, emulator: Emulator, ledger: Ledger) -> Matrix | EndMatrix:
        """What runs its cases."""
        if self.ends:
            return EndMatrix(self.make, emulator, ledger, self.world_of, self.closed)
        estate = self.make()
        return Matrix(estate, ledger, estate.steps(), world_of=self.world_of, closed=self.closed)

    def chosen(self, steps: Sequence[Step]) -> list[Case]:
        """The cases of it."""
        if self.ends:
            return list(end_cases(steps, self.closed))
        return list(cases([one for one in before_gates(steps, self.closed) if not self.acts or one.act in self.acts]))


NO_RETURN = frozenset({Gate.NO_RETURN})
ITINERARIES: Mapping[str, Itinerary] = {
    "ec2-rehost/region": Itinerary(small_estate.make),
    "ec2-rehost/account": Itinerary(
        partial(small_estate.make, OTHER), ("ec2.share_image", "ec2.share_snapshot", "ec2.copy_image", "ec2.run_instance")
    ),
    "ec2-rehost/crash-consistent": Itinerary(
        partial(small_estate.make, consistency="crash"), ("ec2.create_image", "ec2.stop_source", "ec2.await_stopped")
    ),
    "s3-replicate/region": Itinerary(
        small_buckets.make,
        (
            "s3.check_name",
            "s3.create_bucket",
            "s3.set_policy",
            "s3.enable_versioning",
            "s3.read_replication",
            "s3.add_replication_rule",
            "s3.create_job",
            "s3.await_job",
            "s3.compare_manifests",
        ),
        small_buckets.with_manifests,
    ),
    "s3-replicate/account-and-rules": Itinerary(
        partial(small_buckets.make, OTHER, has_rules=True), ("s3.create_bucket", "s3.add_replication_rule"), small_buckets.with_manifests
    ),
    "s3-replicate/end": Itinerary(
        partial(small_buckets.make, clean_up=True), (), small_buckets.with_manifests, frozenset({Gate.CLEAN_UP}), ends=True
    ),
    "retire/ec2": Itinerary(small_retired.server, world_of=small_retired.later, closed=NO_RETURN),
    "retire/rds": Itinerary(small_retired.database, world_of=small_retired.later, closed=NO_RETURN),
    "retire/volume": Itinerary(small_retired.volume, world_of=small_retired.later, closed=NO_RETURN),
    "retire/ec2-end": Itinerary(small_retired.server, world_of=small_retired.later, closed=NO_RETURN, ends=True),
    "retire/rds-end": Itinerary(small_retired.database, world_of=small_retired.later, closed=NO_RETURN, ends=True),
    "retire/volume-end": Itinerary(small_retired.volume, world_of=small_retired.later, closed=NO_RETURN, ends=True),
}
PER_EMULATOR = 40  # moto keeps what is terminated, and slows down with it
AT_ONCE = 2


@dataclass(frozen=True)
class Outcome:
    """What became of one case."""

    itinerary: str
    case: str
    seconds: float
    wrong: str | None


def outcomes(itinerary: str, every: int, first: int) -> list[Outcome]:
    """Of every so many-th case of an itinerary, from the given one on."""
    own, found, position, count = ITINERARIES[itinerary], list[Outcome](), first, first + 1
    while position < count:
        with tempfile.TemporaryDirectory() as folder, Emulator() as emulator, aws_environment(emulator.environment()):
            ledger = ledger_in(Path(folder))
            matrix = own.matrix(emulator, ledger)
            chosen = own.chosen(matrix.steps)
            count = len(chosen)
            for case in chosen[position : position + PER_EMULATOR * every : every]:
                began = time.monotonic()
                wrong = matrix.fails(case)
                found.append(Outcome(itinerary, case.name, time.monotonic() - began, wrong))
                position += every
                if wrong:
                    break  # what it left would be held against the next one
            ledger.close()
    return found


def junit(found: list[Outcome]) -> ElementTree.ElementTree:
    """The outcomes as JUnit has them."""
    failed = sum(one.wrong is not None for one in found)
    suite = ElementTree.Element("testsuite", name="faults", tests=str(len(found)), failures=str(failed))
    for one in found:
        case = ElementTree.SubElement(suite, "testcase", classname=one.itinerary, name=one.case, time=f"{one.seconds:.3f}")
        if one.wrong is not None:
            ElementTree.SubElement(case, "failure", message=one.wrong[:500]).text = one.wrong
    return ElementTree.ElementTree(suite)


def names(arguments: argparse.Namespace) -> list[str]:
    """The itineraries that were asked for."""
    return [arguments.only] if arguments.only else list(ITINERARIES)


def main(argv: list[str] | None = None) -> int:
    """Run them; 1 if one failed."""
    parser = argparse.ArgumentParser(prog="tests.execution.fault_cases", description=__doc__)
    parser.add_argument("--xml", type=Path, default=Path("faults.xml"))
    parser.add_argument("--only", choices=sorted(ITINERARIES), help="One itinerary.")
    parser.add_argument("--every", type=int, default=1, help="Only every so many-th case.")
    parser.add_argument("--first", type=int, default=0, help="From this case on.")
    arguments = parser.parse_args(argv)
    found: list[Outcome] = []
    asked = [
        (name, arguments.every * AT_ONCE, arguments.first + arguments.every * lane) for name in names(arguments) for lane in range(AT_ONCE)
    ]
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(outcomes, *one) for one in asked]):
            found += future.result()
            for one in found[-len(future.result()) :]:
                if one.wrong:
                    sys.stdout.write(f"FAILED {one.itinerary}: {one.case}: {one.wrong}\n")
            sys.stdout.write(f"{len(found)} cases\n")
            sys.stdout.flush()
    found.sort(key=lambda one: (one.itinerary, one.case))
    junit(found).write(arguments.xml, encoding="utf-8", xml_declaration=True)
    failed = sum(one.wrong is not None for one in found)
    sys.stdout.write(f"fault cases: {len(found)}, failed: {failed}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
