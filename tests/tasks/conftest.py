"""Fixtures of the tasks: a small estate whose flow logs lie in a folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudmigrate.workspace import Workspace
from tests.mapped_estate import mapped_estate, put_usual_logs


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """The ledger and lake of an estate with the usual flow logs, not mapped yet."""
    put_usual_logs(tmp_path)
    opened = Workspace.open(mapped_estate(tmp_path))
    yield opened
    opened.ledger.close()
