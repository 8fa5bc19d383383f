"""What a run is about, as its name tells."""

from pathlib import Path

import pytest

from cloudmigrate.domain.estate import Account, Estate
from cloudmigrate.errors import UsageError
from tasks.estate import estate_label, open_estate_file

ESTATE = "estate: acme\naccounts: [{id: '111111111111', regions: [us-west-2]}]\n"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        pytest.param(ESTATE, "acme", id="the-estates-own-name"),
        pytest.param("accounts: [", "estate", id="a-broken-file-by-its-own"),
        pytest.param(None, "estate", id="a-missing-file-by-its-own"),
    ],
)
def test_runs_are_named_for_the_estate(tmp_path: Path, text: str | None, label: str) -> None:
    if text is not None:
        (tmp_path / "estate.yaml").write_text(text)

    assert estate_label(str(tmp_path / "estate.yaml")) == label


def test_a_saved_estate_is_named_by_its_own_name_and_one_that_is_not_there_as_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    saved = Estate(estate="acme", accounts=(Account(id="111111111111", regions=("us-west-2",)),))

    def load(name: str) -> Estate:
        if name != "default":
            raise UsageError("there is none")
        return saved

    monkeypatch.setattr("blocks.estate.load_block", load)
    assert [estate_label(name) for name in ("default", "other")] == ["acme", "other"]


def test_a_wave_is_run_by_a_file_and_never_by_a_saved_block() -> None:
    with pytest.raises(UsageError, match="'default' is no estate file: people and their keys are taken from the reviewed file alone"):
        open_estate_file("default")
