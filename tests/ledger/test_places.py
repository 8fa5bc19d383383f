"""Waves that run at once share accounts, regions, API families and source databases; who dies gives its places back."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloudmigrate.domain.steps import Step
from cloudmigrate.errors.stores import LedgerError
from cloudmigrate.execution.waves import Limits, run_wave
from cloudmigrate.ledger.journal import WaveHold
from cloudmigrate.ledger.ledger import Ledger
from cloudmigrate.ledger.places import LEASE
from cloudmigrate.ledger.wave_journal import WaveJournal, WavePlaces
from tests.execution.model import ModelJournal, ModelWorld, carrier, chain

ONE = {"account 1": 1}
TWO = {"account 1": 2, "name db": 1}


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 28, 19, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def held(ledger_url: str, clock: Clock) -> Any:
    """A ledger, and the holds of two waves."""
    with Ledger.open(ledger_url, clock=clock) as ledger:
        yield ledger, taken(ledger, 1), taken(ledger, 2)


def taken(ledger: Ledger, wave: int) -> WaveHold:
    return ledger.take_wave("plan-1", wave, estate="shop", holder="ann")


def test_a_place_is_one_step_s_until_it_ends_whichever_wave_asks(held: tuple[Ledger, WaveHold, WaveHold]) -> None:
    ledger, first, second = held
    assert ledger.exchange_places(first, [], {"a": ONE, "b": ONE}) == {"a"}
    assert ledger.exchange_places(second, [], {"c": ONE}) == frozenset()
    assert ledger.exchange_places(first, ["a"], {}) == frozenset()
    assert ledger.exchange_places(second, [], {"c": ONE}) == {"c"}
    assert ledger.exchange_places(first, [], {"b": ONE, "d": {"account 2": 1}}) == {"d"}


def test_a_step_gets_all_of_its_places_or_none(held: tuple[Ledger, WaveHold, WaveHold]) -> None:
    ledger, first, second = held
    assert ledger.exchange_places(first, [], {"a": TWO}) == {"a"}
    assert ledger.exchange_places(second, [], {"b": TWO, "c": {"account 1": 2}}) == {"c"}, "b took no place of the account"
    assert ledger.exchange_places(second, ["c"], {"b": TWO}) == frozenset()
    assert ledger.exchange_places(first, ["a"], {}) == frozenset()
    assert ledger.exchange_places(second, [], {"b": TWO}) == {"b"}


def test_who_dies_has_its_places_until_the_lease_is_over_and_who_lives_keeps_them(
    held: tuple[Ledger, WaveHold, WaveHold], clock: Clock
) -> None:
    ledger, first, second = held
    assert ledger.exchange_places(first, [], {"a": ONE}) == {"a"}
    clock.now += LEASE - timedelta(seconds=1)
    ledger.exchange_places(first, [], {})  # it lives
    clock.now += LEASE - timedelta(seconds=1)
    assert ledger.exchange_places(second, [], {"b": ONE}) == frozenset()
    clock.now += timedelta(seconds=2)
    assert ledger.exchange_places(second, [], {"b": ONE}) == {"b"}


def test_who_takes_a_wave_over_has_the_places_of_the_dead_one_free_at_once(held: tuple[Ledger, WaveHold, WaveHold]) -> None:
    ledger, first, _ = held
    assert ledger.exchange_places(first, [], {"a": ONE}) == {"a"}
    assert ledger.exchange_places(taken(ledger, 1), [], {"a": ONE}) == {"a"}


def test_places_that_cannot_be_kept_end_no_wave_and_those_that_cannot_be_taken_do(held: tuple[Ledger, WaveHold, WaveHold]) -> None:
    ledger, first, second = held
    places = WavePlaces(ledger, first)
    assert places.exchange([], {"a": ONE}) == {"a"}
    broken = WavePlaces(Away(ledger), first)  # type: ignore[arg-type]
    assert broken.exchange(["a"], {}) == ()
    with pytest.raises(LedgerError):
        broken.exchange([], {"b": ONE})
    broken.ledger = ledger
    assert broken.exchange([], {"b": ONE}) == {"b"}, "what ended meanwhile is given back now"
    assert ledger.exchange_places(second, [], {"c": ONE}) == frozenset()


@dataclass
class Away:
    """A ledger that does not answer."""

    ledger: Ledger

    def exchange_places(self, *_: Any) -> Any:
        raise LedgerError("take places", "ledger.db", "it is away", "wait")


@dataclass
class Counting(ModelWorld):
    """A world that both waves act in, which counts what is done at once."""

    now: int = 0
    most: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)
    pause: threading.Event = field(default_factory=threading.Event)

    def act(self, step: Step, params: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        with self.guard:
            self.now += 1
            self.most = max(self.most, self.now)
        self.pause.wait(0.02)  # both waves get to start what they may
        with self.guard:
            self.now -= 1
        return super().act(step, params, key)


def test_two_waves_that_run_at_once_keep_one_limit(ledger_url: str) -> None:
    world, ends = Counting(), {}

    def run(wave: int) -> None:
        with Ledger.open(ledger_url) as ledger:
            hold = taken(ledger, wave)
            steps = [step for name in "abc" for step in chain(f"{name}{wave}", "copy", "start")]
            own = replace(carrier(world, WaveJournal(ledger, hold), wave), places=WavePlaces(ledger, hold))  # type: ignore[arg-type]
            ends[wave] = run_wave(steps, own, is_open=lambda _: True, limits=Limits(per_account=2))

    Ledger.open(ledger_url).close()
    threads = [threading.Thread(target=run, args=(wave,)) for wave in (1, 2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert [ends[wave].is_whole for wave in (1, 2)] == [True, True]
    assert world.most <= 2
    assert len(world.left()) == 12


@dataclass
class Full:
    """Another wave has all places of account 1."""

    asked: list[list[str]] = field(default_factory=list)
    most: int = 3

    def exchange(self, ended: Any, wanted: Mapping[str, Mapping[str, int]]) -> list[str]:
        self.asked.append(list(wanted))
        is_free = len(self.asked) > self.most
        return [step_id for step_id, names in wanted.items() if is_free or "account 1" not in names]


def test_a_step_that_another_wave_holds_up_holds_up_none_of_other_accounts() -> None:
    here, there = ([replace(one, account_id=account) for name in "abc" for one in chain(f"{name}{account}", "copy")] for account in "12")
    world, full, journal = ModelWorld(), Full(), ModelJournal()
    own = replace(carrier(world, journal), places=full)
    assert run_wave([*here, *there], own, is_open=lambda _: True, limits=Limits(at_once=2)).is_whole
    assert full.asked[:2] == [["a1/copy", "b1/copy"], ["a2/copy", "b2/copy"]]
    assert len(world.left()) == 6
