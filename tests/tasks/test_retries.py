"""Tasks are tried again only where the same again may succeed."""

import asyncio

import pytest
from prefect import Task
from prefect.states import exception_to_failed_state

from cloudmigrate.errors import UsageError
from cloudmigrate.errors.sources import NothingSeenError
from cloudmigrate.errors.stores import DataQualityError, LakeError, LedgerError
from tasks import analysis, discovery, metrics, planning, quality, reporting
from tasks.estate import retryable


@pytest.mark.parametrize(
    ("error", "again"),
    [
        pytest.param(LakeError("write", "s3://b/x", "timeout", "again", transient=True), True, id="lake-out-of-reach"),
        pytest.param(LakeError("write", "/lake", "disk full", "free space"), False, id="lake-full"),
        pytest.param(LedgerError("commit", "postgresql://", "stopping", "again", transient=True), True, id="ledger-restarts"),
        pytest.param(LedgerError("commit", "postgresql://", "no such user", "mend it"), False, id="ledger-refuses"),
        pytest.param(ConnectionResetError(), True, id="connection-reset"),
        pytest.param(UsageError("wrong"), False, id="wrong-input"),
        pytest.param(NothingSeenError("acme", []), False, id="nothing-seen"),
        pytest.param(DataQualityError("s", ["x"]), False, id="bad-data"),
        pytest.param(KeyError("x"), False, id="fault-of-ours"),
    ],
)
def test_what_is_tried_again(error: Exception, again: bool) -> None:
    state = asyncio.run(exception_to_failed_state(error))

    assert retryable(None, None, state) is again


def test_every_retrying_task_asks_whether_it_helps_and_backs_off() -> None:
    modules = (analysis, discovery, metrics, planning, quality, reporting)
    tasks = {value.name: value for module in modules for value in vars(module).values() if isinstance(value, Task) and value.retries}

    assert len(tasks) >= 7
    for name, one in tasks.items():
        delays = one.retry_delay_seconds
        assert one.retry_condition_fn is retryable, name
        assert isinstance(delays, list), name
        assert delays[-1] >= 5 * delays[0], name
