"""The small estate as a wave of a plan of an estate with two approvers, with a ledger of its own: what a wave is carried out from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloudmigrate.aws.acting import AwsWorld
from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.domain.roles import AnswerKind
from cloudmigrate.domain.steps import Gate
from cloudmigrate.execution.ports import Patience
from cloudmigrate.execution.waves import WaveEnd
from cloudmigrate.lake.lake import Lake
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.records import PlanRow
from cloudmigrate.workspace import Workspace
from tasks.executing import Means, WaveOutcome, carry_out, take_back
from tasks.wave_gates import Waiting, ask
from tasks.wave_preparing import PreparedWave
from tests.execution import small_estate
from tests.execution.small_estate import ACCOUNT, SOURCE, TARGET, SmallEstate
from tests.signers import answer, person

PLAN_HASH, PREFLIGHT = "a" * 64, "c" * 64
PLAN = PlanRow("plan-1", "s1", PLAN_HASH, "plans/plan-1.json", datetime(2026, 11, 28, tzinfo=UTC), None)
PEOPLE = (person("ana"), person("ben"))


@dataclass
class Shop:
    """The small estate, as a wave of a plan of an estate with two approvers."""

    made: SmallEstate
    workspace: Workspace
    prepared: PreparedWave
    estate: Estate

    def goes_on(self, prepared: PreparedWave | None = None) -> WaveOutcome:
        return carry_out(prepared or self.prepared, PREFLIGHT, reopen=lambda: self.estate, means=self.means())

    def means(self) -> Means:
        return Means(AwsWorld(self.made.sessions, pause_factor=0), patience=Patience(tries=3, looks=2, pause_s=0, look_pause_s=0))

    def say(self, waiting: Waiting, name: str, kind: AnswerKind = AnswerKind.APPROVE) -> None:
        head = self.workspace.ledger.audit_head()
        for request, _ in waiting.requests:
            said = answer(request, name, kind, answered_at=datetime.now(UTC), head_seq=head.seq, head_hash=head.hash)
            self.workspace.ledger.answer_approval(said, self.estate.people)


@contextmanager
def opened(folder: Path, make: Callable[[], Any] = small_estate.make) -> Iterator[Shop]:
    """The shop, its ledger in *folder*. The emulator is empty, and botocore's variables point at it. *make*: what it moves."""
    made = make()
    estate = Estate(estate="acme", accounts=(Account(id=ACCOUNT, regions=(SOURCE, TARGET)),), people=PEOPLE)
    with Ledger.open(f"sqlite:///{folder}/ledger.db") as ledger:
        workspace = Workspace(estate, ledger, Lake.open(str(folder / "lake")))
        yield Shop(made, workspace, PreparedWave(workspace, PLAN, 1, tuple(made.steps()), None), estate)


def resumed(shop: Shop) -> PreparedWave:
    """As a new process finds it."""
    start = shop.workspace.ledger.wave_start("plan-1", 1)
    begun = any(one.state is not None for one in shop.workspace.ledger.step_entries("plan-1", 1))
    return replace(shop.prepared, start=start if begun else None)


def started(shop: Shop) -> PreparedWave:
    return replace(shop.prepared, start=shop.workspace.ledger.wave_start("plan-1", 1))


def back(shop: Shop, **how: Any) -> WaveEnd:
    return take_back(shop.workspace, PLAN, 1, **how)


def approved(shop: Shop) -> None:
    """Both gates opened beforehand."""
    for gate in (Gate.EXECUTION, Gate.CUTOVER):
        shop.say(ask(shop.prepared, PREFLIGHT, [gate], estate=shop.estate), "ana")
