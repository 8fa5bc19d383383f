"""Data of the page made small: smaller, and exactly itself again."""

import json
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import reports.readiness
from reports.readiness.pack import pack

UNPACK_JS = Path(reports.readiness.__file__).parent / "static" / "unpack.js"


def restored(packed: Any) -> Any:
    """What unpack.js restores, told in Python a second time."""
    if isinstance(packed, dict):
        if "$texts" in packed:
            forms, form, values = (packed["$texts"][name] for name in ("forms", "form", "values"))
            gaps = iter(values.split(" "))
            return [forms[one][0] + "".join(next(gaps) + piece for piece in forms[one][1:]) for one in form]
        if "$numbers" in packed:
            return [None if one == "" else float(one) for one in packed["$numbers"].split(",")]
        if "$levels" in packed:
            return ["".join(".01234"[int(sign, 36) // 6] + ".01234"[int(sign, 36) % 6] for sign in one) for one in packed["$levels"]]
        return {key: restored(value) for key, value in packed.items()}
    return packed


def test_texts_that_differ_in_numbers_only_are_one_form() -> None:
    column = [f"{at} calls a day, last on 0{at % 9}" for at in range(32)]
    found = pack(column)["$texts"]
    assert found["forms"] == [["", " calls a day, last on ", ""]]
    assert found["values"].startswith("0 00 1 01 2 02 ")


def test_an_arn_keeps_what_it_shares_whole() -> None:
    column = [f"arn:aws:ec2:eu-central-1:111111111111:volume/vol-0a{at:02}" for at in range(32)]
    found = pack(column)["$texts"]
    assert found["forms"] == [["arn:aws:ec2:eu-central-1:111111111111:volume/vol-", ""]]
    assert found["values"].split()[:2] == ["0a00", "0a01"]


def test_gaps_in_numbers_cost_one_sign_each() -> None:
    assert pack([None, 1, 0.25, None] * 8) == {"$numbers": ",".join([",1,0.25,"] * 8)}


def test_short_and_mixed_columns_stay() -> None:
    data = {"a": ["x1"] * 31, "b": [1, "one"] * 40, "c": [1.5] * 40}
    assert pack(data) == data


texts = st.text(max_size=8) | st.text(alphabet="09af./: $", max_size=8)
numbers = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
weeks = st.text(alphabet=".01234", min_size=4, max_size=4)


@settings(deadline=None, max_examples=40)
@given(st.one_of(*(st.lists(one, min_size=1, max_size=8) for one in (texts, numbers, weeks))))
def test_nothing_is_lost(column: list[Any]) -> None:
    data = {"column": column * 32}
    assert restored(json.loads(json.dumps(pack(data)))) == data


@pytest.mark.skipif(which("node") is None, reason="no node")
def test_the_page_restores_the_same() -> None:
    data = {
        "texts": [f"name-{at}, 1.5 of {at}…\n$1" for at in range(40)],
        "numbers": [None, 1, -0.5, 1e-7] * 10,
        "levels": [".01234" * 28] * 32,
        "short": [1],
    }
    script = f"{UNPACK_JS.read_text()}\nprocess.stdout.write(JSON.stringify(unpack({json.dumps(pack(data))})));"
    found = subprocess.run(["node", "-e", script], check=True, capture_output=True, text=True)
    assert json.loads(found.stdout) == data
