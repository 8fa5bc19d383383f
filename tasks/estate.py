"""Opening what a run is about: the estate by name or file, its workspace, and the run's row in the ledger."""

import contextlib
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudmigrate import log, settings
from cloudmigrate.domain.estate import Estate
from cloudmigrate.errors import CloudMigrateError, UsageError
from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.estate_file import load_estate
from cloudmigrate.workspace import Workspace

if TYPE_CHECKING:
    from cloudmigrate.aws.sessions import AwsSessions

logger = log.get_logger(__name__)
WAIT_S = 0.5  # before it is asked again whether the other run has ended
_making_sessions = threading.Lock()
_sessions: dict[str, "AwsSessions"] = {}
_run: ContextVar[str | None] = ContextVar("run_id", default=None)


def open_estate(reference: str) -> Estate:
    """The estate in that file, else the saved block of that name. Raises EstateFileError, UsageError."""
    from cloudmigrate.aws.regions import check_regions

    if reference.endswith((".yaml", ".yml")) or Path(reference).is_file():
        return load_estate(Path(reference), check_regions=check_regions)
    from blocks.estate import load_block

    return load_block(reference)


def open_estate_file(reference: str) -> Estate:
    """The estate in that file. Raises EstateFileError, and UsageError for a saved block: who may approve stands in the file alone."""
    if not reference.endswith((".yaml", ".yml")) and not Path(reference).is_file():
        raise UsageError(
            f"{reference!r} is no estate file: people and their keys are taken from the reviewed file alone, never from a saved block. "
            "Next: give the path of the estate file on the worker as `estate`."
        )
    return open_estate(reference)


def estate_label(reference: str) -> str:
    """The estate's own name for run names; of a file or a saved block that cannot be read (the flow will say why) the reference's."""
    is_file = reference.endswith((".yaml", ".yml"))
    try:
        return (load_estate(Path(reference)) if is_file else open_estate(reference)).estate
    except UsageError:
        return Path(reference).stem if is_file else reference


def aws_sessions(estate: Estate, run_id: str) -> "AwsSessions":
    """The run's sessions: one client per account, service and region, shared by all its tasks."""
    from cloudmigrate.aws.catalogue import CATALOGUE
    from cloudmigrate.aws.commitments import COMMITMENT_SOURCES
    from cloudmigrate.aws.cost_explorer import BILL_OPERATION
    from cloudmigrate.aws.flow_log_groups import GROUP_OPERATIONS
    from cloudmigrate.aws.flow_log_objects import OBJECT_OPERATIONS
    from cloudmigrate.aws.instance_types import TYPES_OPERATION
    from cloudmigrate.aws.models import operations_of
    from cloudmigrate.aws.price_list import PRICE_OPERATIONS
    from cloudmigrate.aws.sessions import AwsSessions
    from cloudmigrate.aws.spot import SPOT_OPERATION

    further: dict[str, set[str]] = {}
    known = [
        ("s3", OBJECT_OPERATIONS),
        ("logs", GROUP_OPERATIONS),
        ("pricing", PRICE_OPERATIONS),
        ("ce", (BILL_OPERATION,)),
        ("ec2", (SPOT_OPERATION, TYPES_OPERATION)),
    ]
    for service, operations in (*known, *((one.service, (one.operation,)) for one in COMMITMENT_SOURCES)):
        further.setdefault(service, set()).update(operations)
    with _making_sessions:
        if run_id not in _sessions:
            _sessions.clear()  # of an earlier run in this process: its credentials and connections are of no more use
            _sessions[run_id] = AwsSessions(
                estate.accounts,
                correlation_id=run_id,
                loopback_only=settings.current().loopback_only,
                operations=operations_of(CATALOGUE, further=further),
            )
        return _sessions[run_id]


@contextlib.contextmanager
def recorded_run(workspace: Workspace, flow: str, parameters: dict[str, Any]) -> Iterator[str]:
    """The run's id, which is also its correlation id; its start and end are in the ledger.

    A flow within a flow belongs to the outer one's run.
    """
    log.ensure_configured(settings.current())
    outer = _run.get()
    if outer is not None:
        yield outer
        return
    run_id = log.correlation_id() or log.new_correlation_id()
    ledger = workspace.ledger
    ledger.begin_run(run_id, flow=flow, estate=workspace.estate.estate, parameters=parameters)
    token = _run.set(run_id)
    try:
        with log.bound(run_id):
            yield run_id
    except CloudMigrateError as error:
        _end_failed(workspace, run_id, str(error))
        raise
    except BaseException as error:
        _end_failed(workspace, run_id, f"{type(error).__name__}: {error}")
        raise
    else:
        ledger.finish_run(run_id)
    finally:
        _run.reset(token)


def _end_failed(workspace: Workspace, run_id: str, told: str) -> None:
    """Record that the run failed, if the ledger takes it: where it does not, what ended the run is told all the same."""
    try:
        workspace.ledger.finish_run(run_id, error=told)
    except LedgerError as error:
        logger.warning(f"that run {run_id} failed is not on record: {error}")


@contextlib.contextmanager
def alone(workspace: Workspace, doing: str) -> Iterator[None]:
    """Let one run at a time do this to the estate: what two read at once would count twice. Waits for the other, and says so."""
    name = f"{doing} {workspace.estate.estate}"
    waits = False
    while True:
        with workspace.ledger.hold(name) as is_ours:
            if is_ours:
                yield
                return
        if not waits:
            logger.warning(f"another run is to {doing} too: this one waits for its end", estate=workspace.estate.estate)
            waits = True
        time.sleep(WAIT_S)


def retryable(_task: Any, _run_of_task: Any, state: Any) -> bool:
    """Whether another try may help: never after wrong input, a refusal or a failed data check."""
    match state.result(raise_on_failure=False):
        case CloudMigrateError() as error:
            return getattr(error, "transient", False)
        case OSError():
            return True
        case _:
            return False
