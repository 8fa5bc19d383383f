"""A tree of code in a folder: whole or not at all, and nothing that we did not write is lost."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from cloudmigrate.errors import CloudMigrateError, UsageError
from reports.iac.tree import INDEX, Tree
from tasks.iac_folder import write_folder


def tree(**files: str) -> Tree:
    data = {name.replace("_", "/"): text.encode() for name, text in files.items()}
    index = {"made_by": "cloudmigrate iac", "files": {path: hashlib.sha256(one).hexdigest() for path, one in data.items()}}
    return Tree({**data, INDEX: json.dumps(index).encode()}, index)


def held(folder: Path) -> dict[str, str]:
    return {one.relative_to(folder).as_posix(): one.read_text() for one in folder.rglob("*") if one.is_file() and one.name != INDEX}


def test_a_folder_of_ours_is_replaced_with_nothing_of_before_left_and_nothing_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    write_folder(tree(a_b="1", c="2"), out)
    assert held(out) == {"a/b": "1", "c": "2"}

    write_folder(tree(c="3"), out)

    assert held(out) == {"c": "3"}
    assert [one.name for one in out.parent.iterdir()] == ["out"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    write_folder(tree(a="1"), tmp_path)
    assert held(tmp_path) == {"a": "1"}


@pytest.mark.parametrize("index", [None, "{}", "[]", "no json", '{"made_by": "another", "files": {}}'])
def test_a_folder_of_others_is_left_as_it_is(tmp_path: Path, index: str | None) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    if index is not None:
        (tmp_path / INDEX).write_text(index)

    with pytest.raises(UsageError, match="is not empty, and `cloudmigrate iac` did not write it"):
        write_folder(tree(a="1"), tmp_path)

    assert held(tmp_path) == {"mine.txt": "mine"}


def test_a_state_file_within_a_tree_of_ours_is_not_lost(tmp_path: Path) -> None:
    write_folder(tree(a_main="1"), tmp_path)
    (tmp_path / "a" / "terraform.tfstate").write_text("{}")

    with pytest.raises(UsageError, match=r"holds a/terraform\.tfstate, which `cloudmigrate iac` did not write"):
        write_folder(tree(a_main="2"), tmp_path)

    assert held(tmp_path) == {"a/main": "1", "a/terraform.tfstate": "{}"}


def test_an_edit_within_a_tree_of_ours_is_not_lost(tmp_path: Path) -> None:
    write_folder(tree(a="1"), tmp_path)
    (tmp_path / "a").write_text("edited")

    with pytest.raises(UsageError, match="holds a, which was changed since"):
        write_folder(tree(a="2"), tmp_path)

    assert held(tmp_path) == {"a": "edited"}


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(UsageError, match="is not a folder"):
        write_folder(tree(a="1"), tmp_path / "link")
    assert not list((tmp_path / "real").iterdir())


def test_a_disk_that_refuses_leaves_the_old_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    write_folder(tree(a="1"), out)

    def refused(*_: object) -> int:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "write_bytes", refused)
    with pytest.raises(CloudMigrateError, match=f"write {out}: No space left on device"):
        write_folder(tree(a="2"), out)

    assert held(out) == {"a": "1"}
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
