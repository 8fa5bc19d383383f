"""A wave while it runs, in the Prefect UI: a bar, and a table of its workloads that is made anew as lines enter the journal."""

import contextvars
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from uuid import UUID

import httpx
from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact
from prefect.exceptions import PrefectException
from prefect.logging import get_run_logger

from cloudmigrate.domain.journal import Entry, StepState, standings
from cloudmigrate.domain.steps import Step, step_of
from cloudmigrate.domain.wave_status import GroupStatus, group_statuses
from cloudmigrate.errors import CloudMigrateError
from cloudmigrate.masking import masked_text
from tasks.artifacts import as_cells
from tasks.plan_reading import read_document
from tasks.wave_reading import moves_of
from tasks.wave_runs import Asked

APART_S = 5.0  # between one state of the artifacts and the next: each is a row in Prefect's database
ROWS_AT_MOST = 200
UNSHOWN = (CloudMigrateError, PrefectException, httpx.HTTPError, RuntimeError)  # of the lake, of Prefect, of the way to its server
LOUD = (StepState.FAILED, StepState.UNDO_FAILED)


@dataclass
class Progress:
    """Hears of every line of the journal, from whichever thread; shows it where people watch."""

    asked: Asked
    clock: Callable[[], float] = time.monotonic
    _context: contextvars.Context = field(default_factory=contextvars.copy_context)
    _logger: Any = field(default_factory=get_run_logger)
    _lock: Lock = field(default_factory=Lock)
    _bar: UUID | None = None
    _shown_at: float = float("-inf")

    def heard(self, step: Step, entry: Entry) -> None:
        """Log the line, and show the wave as it is now if it was not shown a moment ago."""
        told = masked_text(f"{entry.state.value}: {step.says} ({step.step_id}){f': {entry.error}' if entry.error else ''}")
        (self._logger.error if entry.state in LOUD else self._logger.info)(told)
        with self._lock:
            if self.clock() - self._shown_at < APART_S:
                return
            self._shown_at = self.clock()
            self._context.copy().run(self._shown)

    def show(self) -> None:
        """Show the wave as it is now."""
        with self._lock:
            self._context.copy().run(self._shown)

    def _shown(self) -> None:
        """Show it where that can be done: a picture that fails stops no step, and no way back."""
        try:
            self._show()
        except UNSHOWN as error:
            self._logger.warning(masked_text(f"the wave cannot be shown now, and goes on: {error}"))

    def _show(self) -> None:
        rows, share = workload_rows(self.asked)
        if not rows:
            return
        place = f"{self.asked.workspace.estate.estate}-{self.asked.wave}"
        words = f"Wave {self.asked.wave} of {self.asked.plan.plan_id}"
        if self._bar is None:
            self._bar = create_progress_artifact(share, key=f"wave-progress-{place}", description=words)  # type: ignore[assignment]
        elif self._bar is not None:
            update_progress_artifact(self._bar, share)
        create_table_artifact(
            [as_cells(one) for one in rows[:ROWS_AT_MOST]],
            key=f"wave-{place}",
            description=f"{words}: its workloads; `cloudmigrate status` has all.",
        )


def workload_rows(asked: Asked) -> tuple[list[dict[str, Any]], float]:
    """A row for each move group of a begun wave, with its workloads and how far it is, and how much of the wave is done, percent."""
    ledger, plan = asked.workspace.ledger, asked.plan
    start = ledger.wave_start(plan.plan_id, asked.wave)
    if start is None:
        return [], 0.0
    known = standings(ledger.step_entries(plan.plan_id, asked.wave))
    steps = [step_of(one) for one in start.steps]
    statuses = group_statuses(steps, known)
    groups = {str(one["id"]): one for one in read_document(asked.workspace, plan)["groups"]}
    done, all_steps = sum(one.done for one in statuses), sum(one.steps for one in statuses)
    own: dict[str, list[Step]] = {}
    for step in steps:
        own.setdefault(step.group, []).append(step)
    rows = [_row(one, groups.get(one.group, {}), moves_of(own[one.group])) for one in statuses]
    return rows, round(100 * done / max(1, all_steps), 1)


def _row(status: GroupStatus, group: Mapping[str, Any], moves: str) -> dict[str, Any]:
    workloads: Sequence[str] = group.get("workloads") or [str(group.get("label") or status.group)]
    errors = "; ".join((status.errors or {}).values())
    return {
        "workloads": masked_text(", ".join(workloads)),
        "moves": masked_text(moves),  # a workload may have several groups
        "state": status.state.value,
        "done": f"{status.done} of {status.steps}",
        "undone": status.undone,
        "now": ", ".join(status.now),
        "what failed": masked_text(errors),
    }
