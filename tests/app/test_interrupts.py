"""Ctrl-C ends the work even where the first one was swallowed, and never disturbs what is ending already."""

import contextlib
import signal
import subprocess
import sys
import threading
import time

import pytest

from cloudmigrate.app.interrupts import insistent_ctrl_c


def wait(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.01)


def swallow_one_and_go_on() -> None:
    with insistent_ctrl_c(grace_s=0.05):
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        wait(5)


def test_an_interrupt_that_was_swallowed_comes_again() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        swallow_one_and_go_on()
    assert signal.getsignal(signal.SIGINT) is before


def end_slowly(ended: list[str]) -> None:
    with insistent_ctrl_c(grace_s=0.05):
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            wait(0.4)
            ended.append("whole")


def test_what_ends_because_of_it_is_left_in_peace() -> None:
    ended: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        end_slowly(ended)
    assert ended == ["whole"]
    wait(0.2)  # nothing comes after the block


def test_another_thread_changes_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def inside() -> None:
        with insistent_ctrl_c():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_supervised_command_can_be_interrupted_though_its_supervisor_is_not() -> None:
    """Prefect's worker ends itself by SIGINT: where that is ignored it goes on until it is killed."""
    asks = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    command = [sys.executable, "-m", "cloudmigrate.app.supervised", sys.executable, "-c", asks]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.read() == "True\n"
