"""What a person wrote or named cannot be read as what it is meant to be: estate files, lists of workloads, bills, SQL."""

from collections.abc import Sequence

from cloudmigrate.errors import UsageError


class EstateFileError(UsageError):
    """The estate file cannot be used; every problem is named with its line and field."""

    def __init__(self, source: str, problems: Sequence[str], next_action: str = "mend the lines above, then run again.") -> None:
        self.source = source
        self.problems = tuple(problems)
        self.next_action = next_action
        listing = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{source} is not a valid estate file:\n{listing}\nNext: {next_action}")


class WorkloadFileError(UsageError):
    """The file that maps resources to workloads cannot be used; every problem is named with its line."""

    def __init__(self, source: str, problems: Sequence[str], next_action: str = "mend the lines above, then run again.") -> None:
        self.source = source
        self.problems = tuple(problems)
        self.next_action = next_action
        listing = "\n".join(f"  {problem}" for problem in self.problems[:50])
        more = f"\n  and {len(self.problems) - 50} more" if len(self.problems) > 50 else ""
        super().__init__(f"{source} is not a valid list of workloads:\n{listing}{more}\nNext: {next_action}")


class BillFileError(UsageError):
    """The export of a bill cannot be used: it is none, or lacks what a comparison needs."""

    def __init__(self, source: str, problem: str) -> None:
        self.source = source
        self.problem = problem
        super().__init__(
            f"{source} cannot be read as a bill: {problem}. Next: name a FOCUS or CUR export (CSV or Parquet) under costs.bill."
        )


class QueryError(UsageError):
    """A user's SQL was refused by DuckDB; the message is DuckDB's own."""
