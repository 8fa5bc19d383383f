"""All kill cases and all broken calls of all itineraries, with a report as JUnit XML.

Run as ``python -m tests.execution.fault_cases --xml faults.xml``.
The last line is ``fault cases: N, failed: F``; the exit code is 1 where F is not 0.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.steps import Gate, Step
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.simulate.emulator import Emulator, environment_for, post
from tests.call_faults import call_faults
from tests.conftest import aws_environment
from tests.execution import small_buckets, small_databases, small_estate, small_functions, small_retired, small_services
from tests.execution.end_matrix import EndMatrix, end_cases
from tests.execution.fault_matrix import FaultMatrix, broken_calls, together
from tests.execution.kill_matrix import Case, MadeEstate, Matrix, WorldOf, aws_world, before_gates, cases, ledger_in
from tests.execution.kill_matrix import together as deaths_together
from tests.execution.small_estate import OTHER


@dataclass(frozen=True)
class Itinerary:
    """How an estate is made, and which of its steps are killed and broken: those that no other itinerary has; () means all."""

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

    def killed(self, steps: Sequence[Step]) -> list[Case]:
        """The kill cases of it."""
        return list(end_cases(steps, self.closed) if self.ends else cases(self.own(before_gates(steps, self.closed))))

    def own(self, steps: Sequence[Step]) -> list[Step]:
        """The steps whose cases are its own."""
        return [one for one in steps if not self.acts or one.act in self.acts]


NO_RETURN, BY_HAND = frozenset({Gate.NO_RETURN}), frozenset({Gate.BY_HAND})
ITINERARIES: Mapping[str, Itinerary] = {
    "ec2-rehost/region": Itinerary(small_estate.make),
    "ec2-rehost/account": Itinerary(
        partial(small_estate.make, OTHER), ("ec2.share_image", "ec2.share_snapshot", "ec2.copy_image", "ec2.run_instance")
    ),
    "ec2-rehost/crash-consistent": Itinerary(
        partial(small_estate.make, consistency="crash"), ("ec2.create_image", "ec2.stop_source", "ec2.await_stopped")
    ),
    "ec2-rehost/interfaces": Itinerary(
        partial(small_estate.make, has_inner=True),
        ("ec2.run_instance", "ec2.await_running", "ec2.let_forward", "ec2.associate_address"),
        closed=frozenset({Gate.BY_HAND}),
    ),
    "rds-snapshot/region": Itinerary(small_databases.make),
    "rds-snapshot/account": Itinerary(
        partial(small_databases.make, OTHER), ("rds.copy_snapshot", "rds.await_snapshot", "rds.share_snapshot", "rds.restore_instance")
    ),
    "rds-replica": Itinerary(
        partial(small_databases.make, way="replica"),
        ("rds.create_replica", "rds.await_lag", "rds.promote", "rds.await_promoted", "rds.create_snapshot", "rds.settle_instance"),
    ),
    "rds-dms": Itinerary(
        partial(small_databases.make, way="dms"), ("rds.check_target", *(one for one in sorted(BY_NAME) if one.startswith("dms.")))
    ),
    "aurora-snapshot": Itinerary(
        small_databases.make_cluster,
        ("rds.create_member", "rds.reboot_instance", *(one for one in sorted(BY_NAME) if one.startswith("rds.") and "cluster" in one)),
    ),
    "lambda/region": Itinerary(small_functions.make, closed=BY_HAND),
    "lambda/image": Itinerary(
        partial(small_functions.make, is_image=True),
        ("lambda.read_image", "ecr.create_repository", "ecr.copy_image", "lambda.check_target"),
        closed=BY_HAND,
    ),
    "ecs/region": Itinerary(small_services.make),
    "ecs/target-first": Itinerary(
        partial(small_services.make, consistency="crash"), ("cloudformation.execute_change_set", "ecs.stop_source", "ecs.await_stable")
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
SEED = "/moto-api/seed?a=42"  # of ids: cases have the same names each time
PER_EMULATOR = 40  # moto keeps what is terminated, and slows down with it
AT_ONCE = 3  # lanes; a core each is too few: where an answer is lost they wait


@dataclass(frozen=True)
class Outcome:
    """What became of one case."""

    itinerary: str
    case: str
    seconds: float
    wrong: str | None


@dataclass(frozen=True)
class Lane:
    """A part of the cases of one kind and itinerary: every so many-th, from the given one on."""

    kind: str
    itinerary: str
    every: int
    first: int
    each_step: bool
    alone: bool  # each case in a run of its own

    def outcomes(self) -> list[Outcome]:
        """What became of them. Where a run of several cases fails, each of them is tried alone."""
        found, runs = list[Outcome](), deque[tuple[int, ...]]()
        is_begun = False
        while runs or not is_begun:
            with KINDS[self.kind](ITINERARIES[self.itinerary], self.each_step) as (chosen, together, fails):
                of_runs = [(at,) for at in range(len(chosen))] if self.alone else together
                runs = runs if is_begun else deque(of_runs[self.first :: self.every])
                is_begun = True
                for _ in range(min(len(runs), PER_EMULATOR)):
                    run = runs.popleft()
                    began = time.monotonic()
                    try:
                        wrong = fails(*(chosen[at] for at in run))
                    except Exception as error:  # noqa: BLE001 - a defect fails its case and ends no other
                        wrong = f"it ended by {type(error).__name__}: {error}"
                    seconds = (time.monotonic() - began) / len(run)
                    if wrong and len(run) > 1:
                        runs.extendleft((at,) for at in reversed(run))
                    else:
                        found += [Outcome(self.itinerary, chosen[at].name, seconds, wrong) for at in run]
                    if wrong:
                        sys.stdout.write(f"FAILED {self.itinerary}: {'; '.join(chosen[at].name for at in run)}: {wrong}\n")
                        sys.stdout.flush()
                        break  # what it left would be held against the next one
        return found


Cases = tuple[
    Sequence[Any], Sequence[tuple[int, ...]], Callable[..., str | None]
]  # cases, those of one run by their places, what tries them


@contextlib.contextmanager
def killed(itinerary: Itinerary, each_step: bool) -> Iterator[Cases]:
    """The kill cases of an itinerary, and what tries one."""
    with tempfile.TemporaryDirectory() as folder, Emulator() as emulator, aws_environment(emulator.environment()):
        post(f"{emulator.url}{SEED}")
        ledger = ledger_in(Path(folder))
        matrix = itinerary.matrix(emulator, ledger)
        chosen = itinerary.killed(matrix.steps)
        yield chosen, [(at,) for at in range(len(chosen))] if itinerary.ends else deaths_together(chosen), matrix.fails
        ledger.close()


@contextlib.contextmanager
def broken(itinerary: Itinerary, each_step: bool) -> Iterator[Cases]:
    """The broken calls of an itinerary, and what tries some of them in one run; none behind the point of no return."""
    if itinerary.ends:
        yield [], [], lambda *_: None
        return
    with tempfile.TemporaryDirectory() as folder, Emulator() as emulator, aws_environment(emulator.environment()):
        post(f"{emulator.url}{SEED}")
        estate, ledger = itinerary.make(), ledger_in(Path(folder))
        with call_faults(emulator.url) as faults, aws_environment(environment_for(faults.url)):
            matrix = FaultMatrix(estate, ledger, estate.steps(), faults, world_of=itinerary.world_of, closed=itinerary.closed)
            chosen = list(broken_calls(matrix.passed, itinerary.own(matrix.steps), each_step=each_step))
            yield chosen, together(chosen), matrix.fails
        ledger.close()


KINDS = {"kill": killed, "break": broken}


def junit(found: list[Outcome]) -> ElementTree.ElementTree:
    """The outcomes as JUnit has them."""
    failed = sum(one.wrong is not None for one in found)
    suite = ElementTree.Element("testsuite", name="faults", tests=str(len(found)), failures=str(failed))
    for one in found:
        case = ElementTree.SubElement(suite, "testcase", classname=one.itinerary, name=one.case, time=f"{one.seconds:.3f}")
        if one.wrong is not None:
            ElementTree.SubElement(case, "failure", message=one.wrong[:500]).text = one.wrong
    return ElementTree.ElementTree(suite)


def lanes(arguments: argparse.Namespace) -> list[Lane]:
    """What was asked for: a lane for each kind and itinerary, as many as run at once where it is one itinerary."""
    kinds = [arguments.kind] if arguments.kind else list(KINDS)
    names = [arguments.only] if arguments.only else list(ITINERARIES)
    every, first = arguments.every, arguments.first
    parts = AT_ONCE if arguments.only else 1
    return [
        Lane(kind, name, every * parts, first + every * number, arguments.each_step, arguments.alone)
        for name in names
        for kind in kinds
        for number in range(parts)
    ]


def main(argv: list[str] | None = None) -> int:
    """Run them; 1 if one failed."""
    parser = argparse.ArgumentParser(prog="tests.execution.fault_cases", description=__doc__)
    parser.add_argument("--xml", type=Path, default=Path("faults.xml"))
    parser.add_argument("--only", choices=sorted(ITINERARIES), help="One itinerary.")
    parser.add_argument("--kind", choices=sorted(KINDS), help="Only deaths of the process, or only broken calls.")
    parser.add_argument("--each-step", action="store_true", help="Break each call of each step, and not each call of each act once.")
    parser.add_argument("--alone", action="store_true", help="A run for each case: hours.")
    parser.add_argument("--every", type=int, default=1, help="Only every so many-th run.")
    parser.add_argument("--first", type=int, default=0, help="From this run on.")
    arguments = parser.parse_args(argv)
    found: list[Outcome] = []
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(one.outcomes) for one in lanes(arguments)]):
            found += future.result()
            sys.stdout.write(f"{len(found)} cases\n")
            sys.stdout.flush()
    found.sort(key=lambda one: (one.itinerary, one.case))
    junit(found).write(arguments.xml, encoding="utf-8", xml_declaration=True)
    failed = sum(one.wrong is not None for one in found)
    sys.stdout.write(f"fault cases: {len(found)}, failed: {failed}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
