"""Compiled code is kept as machine code: found again, never half, made anew where it is of other sources, and of use to nobody else."""

import ipaddress
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudmigrate.lake import flow_native
from cloudmigrate.lake.flow_native import Native, native

LINE_ENDS = 32 * b"\n"


@pytest.fixture(scope="module")
def code() -> Native:
    found = native()
    if found is None:
        pytest.skip("numba is not installed")
    return found


@pytest.fixture
def folder(tmp_path: Path, code: Native, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for what is kept, in which it is already."""
    kept = flow_native._kept(flow_native._name(binding()))
    assert kept is not None
    monkeypatch.setattr(flow_native, "FOLDERS", (tmp_path / "kept",))
    flow_native._keep("code.zip", kept)
    return tmp_path / "kept"


def binding():  # type: ignore[no-untyped-def]
    from llvmlite import binding as found

    return found


def numbers(code: Native) -> list[int]:
    return code.addresses_of(np.frombuffer(b"10.0.0.1no255.255.255.255", np.uint8), np.array([0, 8, 10, 25], np.int32)).tolist()


def test_what_was_kept_works_in_a_process_that_never_loads_numba(code: Native) -> None:
    script = """
import sys, numpy as np
from cloudmigrate.lake.flow_native import native
found = native().addresses_of(np.frombuffer(b"10.0.0.1", np.uint8), np.array([0, 8], np.int32))
print(found.tolist(), "numba" in sys.modules)
import numba
print(numba.njit(lambda one: [one, one])(3))  # and numba still works beside it
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120).stdout
    assert told.split("\n")[:2] == ["[167772161] False", "[3, 3]"]


def test_addresses_as_numbers(code: Native) -> None:
    assert numbers(code) == [10 * 2**24 + 1, -1, 2**32 - 1]


PIECES = ["0", "1", "9", "10", "01", "255", "256", "1000", "", ".", "..", "a", ":", "f", "A", "g", "eni-0", "eni-", "0123456789abcdef"]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
            st.lists(st.sampled_from(PIECES), min_size=4, max_size=4).map(".".join),
            st.ip_addresses(v=4).map(str),
            st.integers(0, 2**64 - 1).map("eni-0{:016x}".format),
        ),
        max_size=8,
    )
)
def test_words_that_lie_beside_each_other_are_told_as_the_standard_library_does(code: Native, words: list[str]) -> None:
    bounds = np.cumsum([0, *map(len, words)]).astype(np.int32)
    text = np.frombuffer("".join(words).encode() or b"\0", np.uint8)
    assert code.addresses_of(text, bounds).tolist() == [as_address(one) for one in words]
    assert code.interfaces_of(text, bounds).tolist() == [as_interface(one) for one in words]


def as_address(word: str) -> int:
    try:
        return int(ipaddress.IPv4Address(word))
    except ValueError:
        return -1


def as_interface(word: str) -> int:
    number = int(word[5:], 16) if re.fullmatch("eni-0[0-9a-f]{16}", word) else 0
    return number if number >= 2**32 else 0


def test_kept_code_is_found_again(folder: Path) -> None:
    kept = flow_native._kept("code.zip")
    assert kept is not None
    assert numbers(flow_native._loaded(binding(), kept)) == [167_772_161, -1, 4_294_967_295]
    assert [one.name for one in folder.iterdir()] == ["code.zip"]  # no draft is left


@pytest.mark.parametrize("harm", ["cut", "empty", "lacking"])
def test_a_kept_file_that_is_not_whole_is_none(folder: Path, harm: str) -> None:
    path = folder / "code.zip"
    if harm == "lacking":
        with zipfile.ZipFile(path) as file:
            told = file.read(flow_native.TOLD)
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(flow_native.TOLD, told)
    else:
        path.write_bytes(path.read_bytes()[:5000] if harm == "cut" else b"")
    assert flow_native._kept("code.zip") is None


def test_other_sources_have_another_name(tmp_path: Path, code: Native, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in flow_native.SOURCES:
        (tmp_path / f"{source}.py").write_bytes((flow_native.HERE / f"{source}.py").read_bytes())
    before = flow_native._name(binding())
    monkeypatch.setattr(flow_native, "HERE", tmp_path)
    assert flow_native._name(binding()) == before
    with (tmp_path / "flow_words.py").open("a") as file:
        file.write("# changed\n")
    assert flow_native._name(binding()) != before


def test_where_nothing_can_be_kept_nothing_is(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = flow_native._kept("code.zip")
    assert kept is not None
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(flow_native, "FOLDERS", (tmp_path / "file" / "below",))
    flow_native._keep("code.zip", kept)
    assert flow_native._kept("code.zip") is None


@pytest.mark.parametrize("wrong", [np.zeros(4, np.int64), np.zeros((4, 2), np.int32)[:, 0]], ids=["kind", "stride"])
def test_an_array_of_another_kind_never_reaches_compiled_code(code: Native, wrong: np.ndarray) -> None:
    with pytest.raises(TypeError, match="compiled code"):
        code.addresses_of(np.frombuffer(LINE_ENDS, np.uint8), wrong)
