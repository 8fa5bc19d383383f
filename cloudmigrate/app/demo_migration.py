"""`cloudmigrate demo --migrate`: two waves of the demo's plan carried out on the emulator, the first with a failure on the way."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cloudmigrate.app.output import say
from cloudmigrate.domain.steps import Gate
from cloudmigrate.errors import CloudMigrateError, WaveFailedError

if TYPE_CHECKING:
    from cloudmigrate.ledger.records import PlanRow
    from cloudmigrate.workspace import Workspace

REQUESTER, APPROVER = "olga", "ana"
KEYS = "keys"
WAVES = (1, 2)
SHOWN_STEPS = 6
ROUNDS_AT_MOST = 12  # of answers to one wave; each opens a gate or confirms what is by hand
# What the emulator has no answer to; each with the reason that stands in the estate file.
WAIVED = ("permissions", "quotas", "licences")


def prepare_migration(folder: Path, url: str) -> None:
    """Make the demo's people and their keys, the networks in the target region, and the sections of the estate file that name them."""
    from cloudmigrate import log
    from cloudmigrate.app.private_keys import make_key
    from cloudmigrate.aws.sessions import AwsSessions
    from cloudmigrate.estate_file import load_estate
    from cloudmigrate.simulate.demo import migration_yaml
    from cloudmigrate.simulate.landing_zone import prepare_landing_zone
    from cloudmigrate.workspace import utc_now

    keys = folder / KEYS
    shutil.rmtree(keys, ignore_errors=True)  # of an earlier demo, whose people are gone
    public = {name: make_key(keys, name, None) for name in (REQUESTER, APPROVER)}
    path = folder / "estate.yaml"
    estate = load_estate(path)
    sessions = AwsSessions(estate.accounts, correlation_id=log.new_correlation_id(), loopback_only=True)
    places = [(account.id, region) for account in estate.accounts for region in account.regions]
    mapped = prepare_landing_zone(sessions, places)
    text = migration_yaml(public, mapped, waived=WAIVED, by=APPROVER, expires=utc_now().date() + timedelta(days=30))
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
    os.environ["CLOUDMIGRATE_KEYS"] = str(keys)
