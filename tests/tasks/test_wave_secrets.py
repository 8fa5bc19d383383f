"""Secrets of what is moved, and clouds that repeat them in errors: in nothing that a wave tells, shows or keeps."""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.journal import StepState
from cloudmigrate.errors.waves import WaveFailedError
from cloudmigrate.simulate.emulator import Emulator
from tasks import wave_gates, wave_progress
from tasks.executing import carry_out
from tasks.migrating import rehearsed
from tasks.wave_progress import Progress
from tasks.wave_reading import read_wave
from tasks.wave_runs import Asked
from tasks.wave_stages import conclude
from tests.execution import small_functions, small_services
from tests.execution.small_estate import ACCOUNT, TARGET
from tests.tasks.small_shop import PLAN, PREFLIGHT, Shop, approved, opened

SECRETS = (small_functions.SECRET, small_services.SECRET, "hunter2")
ECHO = "Invalid value {} of container: its environment is too long"


@dataclass
class Shown:
    """What comes to Prefect: log records and artifacts."""

    told: list[str] = field(default_factory=list)

    def info(self, text: str) -> None:
        self.told.append(text)

    error = warning = info

    def artifact(self, *given: Any, **named: Any) -> None:
        self.told.append(repr((given, named)))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    found = Shown()
    for name in ("create_progress_artifact", "create_table_artifact", "update_progress_artifact"):
        monkeypatch.setattr(wave_progress, name, found.artifact)
    monkeypatch.setattr(wave_progress, "read_document", lambda *_: {"groups": []})  # its plan's file is not in the lake
    return found


@pytest.fixture(params=[small_functions, small_services])
def shop(request: pytest.FixtureRequest, clean_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("CLOUDMIGRATE_USER", "olga")
    monkeypatch.setattr(wave_gates, "ASK_AGAIN_S", 0.0)
    with opened(tmp_path, request.param.make) as found:
        yield found


def refuses(client: Any, secret: str) -> None:
    """The change set is refused, with what it was given."""

    def asked(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["was_given"] = bool(params.get("Parameters"))  # the stack of the cluster is given nothing

    def answer(http_response: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if not context["was_given"]:
            return
        http_response.status_code = 400
        parsed |= {"Error": {"Code": "InvalidRequest", "Message": ECHO.format(json.dumps(secret))}}

    client.meta.events.register("before-parameter-build.cloudformation.CreateChangeSet", asked)
    client.meta.events.register("after-call.cloudformation.CreateChangeSet", answer)


def fails_later(client: Any, secret: str) -> None:
    """The stack is taken back, and its reason repeats what the change set was given."""

    def answer(parsed: dict[str, Any], **_: Any) -> None:
        stack = parsed.get("Stacks", [{}])[0]
        if stack.get("Parameters") and stack["StackStatus"].startswith("CREATE"):
            stack |= {"StackStatus": "ROLLBACK_COMPLETE", "StackStatusReason": ECHO.format(secret)}

    client.meta.events.register("after-call.cloudformation.DescribeStacks", answer)


@pytest.mark.parametrize("echoes", [refuses, fails_later])
def test_no_secret_is_told_shown_or_kept_though_the_cloud_repeats_it(
    shop: Shop, shown: Shown, tmp_path: Path, caplog: pytest.LogCaptureFixture, echoes: Callable[[Any, str], None]
) -> None:
    place = {"plan_id": PLAN.plan_id, "plan_hash": PLAN.content_hash, "wave": 1}
    dry = rehearsed(shop.prepared.steps, **place, world=shop.means().world)  # type: ignore[arg-type]
    approved(shop)
    secret = small_functions.SECRET if isinstance(shop.made, small_functions.SmallFunctions) else small_services.SECRET
    echoes(shop.made.sessions.client(ACCOUNT, "cloudformation", TARGET), secret)
    asked = Asked(shop.workspace, PLAN, 1, "olga")
    progress = Progress(asked, clock=lambda: 0.0, _logger=shown)

    with caplog.at_level(logging.DEBUG, "cloudmigrate"):
        outcome = carry_out(shop.prepared, PREFLIGHT, reopen=lambda: shop.estate, means=replace(shop.means(), heard=progress.heard))
        progress.show()
    with pytest.raises(WaveFailedError, match="its environment is too long") as failed:
        conclude(asked, outcome)

    reading = read_wave(shop.workspace, PLAN, 1)
    assert reading is not None
    assert StepState.UNDONE in {one.state for one in reading.known.values()}
    with sqlite3.connect(tmp_path / "ledger.db") as ledger:
        kept = "\n".join(ledger.iterdump())
    events = shop.workspace.ledger.audit_events(limit=10_000)
    texts = {"error": str(failed.value), "prefect": "\n".join(shown.told), "log": caplog.text, "ledger": kept}
    texts |= {"audit": repr(events), "status": json.dumps(reading.document()), "dry run": json.dumps(dry.document())}
    assert len(shown.told) > len(reading.lines)
    assert [(name, secret) for name, text in texts.items() for secret in SECRETS if secret in text] == []
