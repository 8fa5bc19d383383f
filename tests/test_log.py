"""Logs: one shape in a pipe and one on a terminal, one correlation id throughout, never a secret."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import structlog

from cloudmigrate import log
from cloudmigrate.settings import Settings

SECRETS = {
    "password": "hunter2",
    "url": "postgresql://ana:hunter2@db/x",
    "nested": [{"SecretAccessKey": "hunter2", "text": "password=hunter2"}],
}


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Put the process's logging back."""
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in (log.OURS, *log.QUIET))]
    before = [(one, one.handlers[:], one.level, one.propagate) for one in loggers]
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    for one, handlers, level, propagate in before:
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


def events(captured: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    out, err = captured.readouterr()
    assert out == "", "logs never go to stdout"
    return [json.loads(line) for line in err.splitlines()]


def test_a_pipe_gets_one_json_object_per_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Settings())
    log.get_logger("tasks.discovery").info("discovered", account="111111111111", resources=3, note="two\nlines \u2028 and é")

    (event,) = events(capsys)
    at = event.pop("timestamp")
    assert at.endswith("Z")
    assert event == {
        "event": "discovered",
        "level": "info",
        "logger": "cloudmigrate.tasks.discovery",
        "account": "111111111111",
        "resources": 3,
        "note": "two\nlines \u2028 and é",
    }


def test_a_terminal_gets_readable_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    log.configure(Settings())
    log.get_logger("x").warning("slow", seconds=3)
    assert "\x1b[" in terminal.getvalue()
    assert "slow" in terminal.getvalue()

    log.configure(Settings(colour=False))
    terminal.truncate(0)
    log.get_logger("x").warning("slow", seconds=3)
    assert "\x1b[" not in terminal.getvalue()
    assert "seconds=3" in terminal.getvalue()


def test_a_hostile_value_cannot_move_the_cursor_or_fake_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Settings(log_format="console"))
    log.get_logger("x").info("tag", value="\x1b[2Jgone\r\nfake [error] line", nested={"\x07k": ["\x9b"]})
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert not any(ord(one) < 32 and one != "\n" for one in err)
    assert "\x9b" not in err


def test_levels_hold(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Settings(log_level="WARNING"))
    logger = log.get_logger("x")
    logger.info("no")
    logger.warning("yes")
    assert [event["event"] for event in events(capsys)] == ["yes"]


def test_configuring_twice_does_not_log_twice(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        log.configure(Settings())
    log.get_logger("x").info("once")
    logging.getLogger("some.library").warning("once")
    assert len(events(capsys)) == 2


def test_libraries_speak_through_us_and_quietly(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Settings(log_level="DEBUG"))
    logging.getLogger("botocore.endpoint").debug("Sending http request: %s", {"Authorization": "hunter2"})
    logging.getLogger("botocore.credentials").info("Found credentials in environment variables.")
    logging.getLogger("urllib3.connectionpool").warning("Retrying %s", "https://ana:hunter2@h/x")

    found = events(capsys)
    assert [(event["logger"], event["level"]) for event in found] == [
        ("botocore.credentials", "info"),
        ("urllib3.connectionpool", "warning"),
    ]
    assert found[1]["event"] == "Retrying https://ana:***@h/x"

    log.configure(Settings())
    logging.getLogger("botocore.credentials").info("quiet")
    assert events(capsys) == []


def test_secrets_are_masked_in_values_messages_and_exceptions(capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("json", "console"):
        log.configure(Settings(log_format=form))
        logger = log.get_logger("x")
        with log.bound(session_token="hunter2"):
            logger.info("password=hunter2", **SECRETS)
        try:
            raise ValueError("connect postgresql://ana:hunter2@db/x")
        except ValueError:
            logger.exception("failed")
            logging.getLogger("library").exception("token=%s", "hunter2")
        logger.info("formatted %s", {"password": "hunter2"})
        err = capsys.readouterr().err
        assert "hunter2" not in err
        assert err.count("***") >= 8
        assert "ValueError: connect postgresql://ana:***@db/x" in err.replace("\\n", "\n")


def test_one_correlation_id_is_on_every_event(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Settings())
    assert log.correlation_id() is None
    made = log.new_correlation_id()
    assert log.correlation_id() == made
    assert len(made) == 16

    log.get_logger("x").info("a")
    logging.getLogger("library").warning("b")
    with log.bound("f00d", account="111111111111"):
        log.get_logger("x").info("c")
    log.get_logger("x").info("d")

    found = events(capsys)
    assert [event["correlation_id"] for event in found] == [made, made, "f00d", made]
    assert [event.get("account") for event in found] == [None, None, "111111111111", None]


def test_worker_threads_carry_the_context(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Settings())
    made = log.new_correlation_id()

    def work(number: int) -> None:
        with log.bound(number=number):
            log.get_logger("x").info("worked")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(log.carried(work), range(20)))
        list(pool.map(work, range(1)))

    found = events(capsys)
    assert [event.get("correlation_id") for event in found] == [made] * 20 + [None], "without carrying there is none"
    assert sorted(event["number"] for event in found[:20]) == list(range(20))


def test_ids_differ() -> None:
    assert len({log.new_correlation_id() for _ in range(100)}) == 100
    assert len(log.short_id()) == 6


def test_handlers_that_send_elsewhere_get_masked_records(capsys: pytest.CaptureFixture[str]) -> None:
    """Prefect's own handlers put records into its database."""
    sent: list[str] = []

    class Sender(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            sent.append(self.format(record))

    logger = logging.getLogger("prefect.flow_runs")
    logger.handlers = [Sender()]
    logger.propagate = False
    log.configure(Settings())
    try:
        raise ValueError("token=hunter2")
    except ValueError:
        logger.exception("failed with %s", "password=hunter2")

    assert len(sent) == 1
    assert "hunter2" not in sent[0]
    assert "ValueError: token=***" in sent[0]
    assert [event["event"] for event in events(capsys)] == ["failed with password=***"]


def test_what_cannot_be_written_as_json_is_told_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(Settings())
    log.get_logger("x").info("odd", value=object, keys={(1, 2): {3}}, surrogate="\ud800", raw=b"\xff")
    (event,) = events(capsys)
    assert event["keys"] == {"(1, 2)": [3]}
    assert event["raw"] == "\\xff"


def test_prefect_cannot_take_the_logs_over() -> None:
    """Importing Prefect sets the root logger up anew; configuring again after it leaves one voice, ours."""
    script = (
        "from cloudmigrate import log, settings\n"
        "import logging\n"
        "log.configure(settings.current())\n"
        "import prefect\n"
        "log.get_logger('a').info('one')\n"
        "log.configure(settings.current())\n"
        "log.get_logger('a').info('two')\n"
        "logging.getLogger('prefect.flow_runs').warning('three password=hunter2')\n"
        "logging.getLogger('prefect.flow_runs').info('quiet')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == ["one", "two", "three password=***"]


def test_structlog_is_imported_with_the_first_line_that_bears_the_id_made_before() -> None:
    code = (
        "import logging, sys; from cloudmigrate import log, settings; log.configure(settings.Settings(log_format='json'));"
        "made = log.new_correlation_id(); print('structlog' in sys.modules, made == log.correlation_id(), made);"
        "logging.getLogger('cloudmigrate.x').warning('said')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded, same, made = done.stdout.split()
    assert (loaded, same) == ("False", "True")
    told = json.loads(done.stderr)
    assert (told["event"], told["correlation_id"], told["level"]) == ("said", made, "warning")
