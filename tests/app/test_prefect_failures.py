"""Prefect's server that fails while a flow runs: what ended the flow is told, or what to do about the server."""

import httpx
import pytest

from cloudmigrate.app.local_prefect import PrefectFailedError
from cloudmigrate.app.running import told_if_failed
from cloudmigrate.errors.stores import LedgerError

REFUSED = httpx.HTTPStatusError("Server error '500'", request=httpx.Request("POST", "http://127.0.0.1"), response=httpx.Response(500))


def test_what_ended_the_flow_is_told_where_its_end_could_not_be_recorded_either() -> None:
    full = LedgerError("record intent of step web/1", "ledger.db", "the disk is full", "free space")

    @told_if_failed()
    def flow() -> None:
        try:
            raise full
        except LedgerError:
            raise REFUSED  # noqa: B904 - as Prefect does, within its handling of what ended the flow

    with pytest.raises(LedgerError, match="record intent of step web/1"):
        flow()


@pytest.mark.parametrize("error", [REFUSED, httpx.ConnectError("")])
def test_a_server_that_failed_by_itself_is_told_with_what_to_do(error: httpx.HTTPError) -> None:
    with pytest.raises(PrefectFailedError, match=r"Prefect's server failed: \S.*Next: .*`cloudmigrate status`"), told_if_failed():
        raise error
