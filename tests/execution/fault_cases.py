"""All kill cases of all itineraries, with a report as JUnit XML. Run as ``python -m tests.execution.fault_cases --xml faults.xml``.

The last line is ``fault cases: N, failed: F``; the exit code is 1 where F is not 0.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from cloudmigrate.simulate.emulator import Emulator
from tests.conftest import aws_environment
from tests.execution import small_estate
from tests.execution.kill_matrix import Matrix, cases, ledger_in
from tests.execution.small_estate import ACCOUNT, OTHER

# Name of the itinerary -> how its estate is made: into which account, and what the policy says.
ITINERARIES: dict[str, tuple[str, dict[str, Any]]] = {
    "ec2-rehost/region": (ACCOUNT, {}),
    "ec2-rehost/account": (OTHER, {}),
    "ec2-rehost/region, image made while it runs": (ACCOUNT, {"consistency": "crash"}),
}
PER_EMULATOR = 60  # moto keeps what is terminated, and slows down with it


@dataclass(frozen=True)
class Outcome:
    """What became of one case."""

    itinerary: str
    case: str
    seconds: float
    wrong: str | None


def outcomes(folder: Path, itinerary: str, every: int, first: int) -> Iterator[Outcome]:
    """Every so many-th case of an itinerary."""
    account, policy = ITINERARIES[itinerary]
    position, count = first, first + 1
    while position < count:
        with Emulator() as emulator, aws_environment(emulator.environment()):
            estate, ledger = small_estate.make(account, **policy), ledger_in(folder)
            matrix = Matrix(estate, ledger, estate.steps(), label=f"{itinerary}/{position}")
            chosen = list(cases(matrix.steps))
            count = len(chosen)
            for case in chosen[position : position + PER_EMULATOR * every : every]:
                began = time.monotonic()
                wrong = matrix.fails(case)
                yield Outcome(itinerary, case.name, time.monotonic() - began, wrong)
                position += every
                if wrong:
                    break  # what it left would be held against the next one
            ledger.close()


def junit(found: list[Outcome]) -> ElementTree.ElementTree:
    """The outcomes as JUnit has them."""
    failed = sum(one.wrong is not None for one in found)
    suite = ElementTree.Element("testsuite", name="faults", tests=str(len(found)), failures=str(failed))
    for one in found:
        case = ElementTree.SubElement(suite, "testcase", classname=one.itinerary, name=one.case, time=f"{one.seconds:.3f}")
        if one.wrong is not None:
            ElementTree.SubElement(case, "failure", message=one.wrong[:500]).text = one.wrong
    return ElementTree.ElementTree(suite)


def main(argv: list[str] | None = None) -> int:
    """Run them; 1 if one failed."""
    parser = argparse.ArgumentParser(prog="tests.execution.fault_cases", description=__doc__)
    parser.add_argument("--xml", type=Path, default=Path("faults.xml"))
    parser.add_argument("--only", choices=sorted(ITINERARIES), help="One itinerary.")
    parser.add_argument("--every", type=int, default=1, help="Only every so many-th case.")
    parser.add_argument("--first", type=int, default=0, help="From this case on.")
    arguments = parser.parse_args(argv)
    found: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        for itinerary in [arguments.only] if arguments.only else ITINERARIES:
            for one in outcomes(Path(folder), itinerary, arguments.every, arguments.first):
                found.append(one)
                if one.wrong:
                    sys.stdout.write(f"FAILED {one.itinerary}: {one.case}: {one.wrong}\n")
                elif len(found) % 50 == 0:
                    sys.stdout.write(f"{len(found)} cases\n")
                sys.stdout.flush()
    junit(found).write(arguments.xml, encoding="utf-8", xml_declaration=True)
    failed = sum(one.wrong is not None for one in found)
    sys.stdout.write(f"fault cases: {len(found)}, failed: {failed}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
