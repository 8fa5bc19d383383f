"""One printable line of any text: what can be printed stays, all else is replaced, one for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmigrate.printable import one_line

ANY_TEXT = st.text(st.characters(codec=None), max_size=40)  # lone surrogates too
CONTROLS = st.sampled_from("\n\r\t\x00\x1b\x7f\x85\u2028\u2029\u200b\u202e\u00a0\ud800")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("shop-db 1", "shop-db 1"),
        ("größe 北京 🚀", "größe 北京 🚀"),
        ("a\nb\r\tc", "a\ufffdb\ufffd\ufffdc"),
        ("\x1b[2Jgone", "\ufffd[2Jgone"),
        ("pay\u202exe.moc", "pay\ufffdxe.moc"),
        ("half \ud800", "half \ufffd"),
        ("", ""),
    ],
)
def test_what_cannot_be_printed_is_replaced(text: str, expected: str) -> None:
    assert one_line(text) == expected


def test_another_replacement_can_be_asked_for() -> None:
    assert one_line("no\nmodule\x07", instead=" ") == "no module "


@given(st.lists(ANY_TEXT | CONTROLS, max_size=8).map("".join), st.sampled_from(["\ufffd", " "]))
def test_it_is_one_printable_line_of_the_same_length(text: str, instead: str) -> None:
    line = one_line(text, instead=instead)
    assert line.isprintable()
    assert len(line.splitlines()) <= 1
    assert len(line) == len(text)
    assert all(new == (old if old.isprintable() else instead) for old, new in zip(text, line, strict=True))
    assert one_line(line, instead=instead) == line
    line.encode("utf-8")  # no lone surrogate is left that no terminal takes


@given(ANY_TEXT.filter(str.isprintable))
def test_what_can_be_printed_stays(text: str) -> None:
    assert one_line(text) == text
