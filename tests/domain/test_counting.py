"""Numbers with their nouns."""

import pytest

from cloudmigrate.domain.counting import counted
from cloudmigrate.errors.waves import PreflightBlocksError


@pytest.mark.parametrize(
    ("number", "words", "told"),
    [
        (0, ("step",), "0 steps"),
        (1, ("step",), "1 step"),
        (2_000, ("step",), "2,000 steps"),
        (1, ("dependency", "dependencies"), "1 dependency"),
        (2, ("check keeps", "checks keep"), "2 checks keep"),
    ],
)
def test_a_number_has_the_noun_that_goes_with_it(number: int, words: tuple[str, ...], told: str) -> None:
    assert counted(number, *words) == told


def test_one_check_blocks_and_two_block() -> None:
    assert "not begun: 1 check blocks it." in str(PreflightBlocksError("p", 1, ["a"]))
    assert "not begun: 2 checks block it." in str(PreflightBlocksError("p", 1, ["a", "b"]))
