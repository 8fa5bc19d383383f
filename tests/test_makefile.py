"""Every target that the Makefile offers can be made from a fresh tree, with all that it needs: nothing is run."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "Makefile").read_text()
OFFERED = re.findall(r"^\.PHONY: (.*)$", TEXT, flags=re.MULTILINE)[0].split()


@pytest.mark.parametrize("target", OFFERED)
def test_a_target_has_rules_for_all_it_needs(target: str, tmp_path: Path) -> None:
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)

    said = subprocess.run(["make", "--dry-run", target], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (said.returncode, said.stderr) == (0, "")
    assert re.search(rf"^{target}:.*  ## ", TEXT, flags=re.MULTILINE)
