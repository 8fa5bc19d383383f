"""What is printed for people: lines stay lines, and nothing that strangers name drives the terminal."""

import pytest

from cloudmigrate.app.cli import exit_code, run
from cloudmigrate.app.output import printable_lines
from cloudmigrate.app.wave_commands import told_if_interrupted
from cloudmigrate.errors import CloudMigrateError

HOSTILE = "web\x1b[2J\N{RIGHT-TO-LEFT OVERRIDE}evil\r\x07"


def test_lines_stay_and_control_characters_and_marks_go() -> None:
    assert (
        printable_lines(f"a\n{HOSTILE}\n\N{LATIN SMALL LETTER E WITH ACUTE} $(reboot)")
        == "a\nweb\ufffd[2J\ufffdevil\ufffd\ufffd\n\xe9 $(reboot)"
    )


def test_an_error_that_repeats_a_hostile_name_is_told_without_its_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(CloudMigrateError(f"step of {HOSTILE} failed.\nNext: mend it.")) == 1
    assert capsys.readouterr().err == "error: step of web\ufffd[2J\ufffdevil\ufffd\ufffd failed.\nNext: mend it.\n"


def test_an_interrupted_wave_says_how_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt) as raised, told_if_interrupted("plan-1", 2):
        raise KeyboardInterrupt
    assert exit_code(raised.value) == 130
    told = capsys.readouterr().err
    assert "each step that was begun is on record" in told
    assert "cloudmigrate resume plan-1 --wave 2" in told
    assert exit_code(KeyboardInterrupt()) == 130
    assert "nothing half-written is visible" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999"])
@pytest.mark.parametrize("command", [["migrate"], ["status"], ["resume"], ["preflight"], ["approve", "plan-1", "--gate", "cutover"]])
def test_a_wave_that_none_can_be_is_bad_usage(command: list[str], number: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command, "--wave", number]) == 2
    assert "Traceback" not in capsys.readouterr().err
