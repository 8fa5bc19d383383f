"""The arguments and options that commands share, and the exit codes."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from cloudmigrate.app.output import Format

DONE, FAILED, BAD_USAGE, GAPS, WAITING, INTERRUPTED = 0, 1, 2, 3, 4, 130

EstateArgument = Annotated[Path, Parameter(help="The estate file.")]
EstateOption = Annotated[Path, Parameter(name=["--estate", "-e"], help="The estate file.")]
SnapshotOption = Annotated[str | None, Parameter(help="Snapshot id; the newest by default.")]
PlanOption = Annotated[str | None, Parameter(name="--plan", help="Plan id; the snapshot's newest by default.")]
PlanArgument = Annotated[str | None, Parameter(name="plan", help="The plan's id; the newest of the newest snapshot by default.")]
TypesOption = Annotated[list[str], Parameter(help="Only these types, such as AWS::EC2::Instance.", consume_multiple=True, negative="")]
RegionsOption = Annotated[list[str], Parameter(help="Only these regions of the estate.", consume_multiple=True, negative="")]
TagOption = Annotated[
    list[str], Parameter(name=["--tag"], help="Only resources with this tag, key=value; repeat for several.", negative="")
]
FormatOption = Annotated[Format, Parameter(name=["--format", "-f"], help="How rows are printed.")]
A_WAVE = Number(gte=1, lte=1_000_000)  # more does not fit into a ledger's column, and no plan has it
WaveOption = Annotated[int, Parameter(help="The wave's number.", validator=A_WAVE)]
JsonOption = Annotated[bool, Parameter(name="--json", help="Print one JSON document on stdout.", negative="")]
DEFAULT_ESTATE = Path("estate.yaml")
