"""What cfn-lint says of every template, and Terraform of every wave: `fmt -check`, `init -backend=false` and `validate`.

    python -m tests.check_iac [--tree DIR] [--grpc-python PYTHON] [--mirror DIR]

Without --tree the code is made of the tests' sample estate: templates in every variant, Terraform for its own place and for another with
hostile names. The AWS provider comes from a mirror of providers (`terraform providers mirror DIR`) where --mirror or
CLOUDMIGRATE_PROVIDER_MIRROR names one. Else a stand-in answers in its place, which knows the names, types and bounds of the provider's
schema that the tests hold; it needs a Python with grpcio.
What cannot be run is said, and is no failure.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from reports.iac.tree import iac_tree
from tests.domain.iac.linted import errors
from tests.domain.iac.provider_schema import tables
from tests.domain.iac.sample_estate import VARIANTS

SAMPLED = ("same-place", "hostile")
HOSTS = ("registry.terraform.io", "registry.opentofu.org")
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def main() -> int:
    """Say what was found; 1 where cfn-lint finds an error or Terraform refuses something."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--tree", type=Path, help="folder that `cloudmigrate iac` wrote; else the sample estate's code is made")
    parser.add_argument("--grpc-python", type=Path, help="Python with grpcio, for the stand-in of the provider")
    parser.add_argument("--mirror", type=Path, default=os.environ.get("CLOUDMIGRATE_PROVIDER_MIRROR"), help="mirror of providers")
    given = parser.parse_args()
    wrong = _lint(_templates_of(given.tree) if given.tree else _sample_templates())
    binary = shutil.which("terraform") or shutil.which("tofu")
    if binary is None:
        print("Neither terraform nor tofu is on PATH: fmt and validate were not run. `make test` holds the code to the provider's schema.")
        return 1 if wrong else 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        trees = [_copied(given.tree, folder)] if given.tree else list(_sample_trees(folder))
        provider = _provider(folder, given.mirror, given.grpc_python)
        wrong += sum(_check(tree, binary, folder / "rc", provider) for tree in trees)
    return 1 if wrong else 0


def _lint(templates: Iterable[tuple[str, str]]) -> int:
    """How many errors cfn-lint finds; what, is printed. *templates*: what each is called, and its text."""
    read = wrong = 0
    for name, text in templates:
        read += 1
        for one in errors(text):
            wrong += 1
            print(f"{name}: {one}")
    print(f"cfn-lint finds {wrong} errors in {read} templates")
    return wrong


def _templates_of(tree: Path) -> Iterator[tuple[str, str]]:
    """Those of a tree that `cloudmigrate iac` wrote."""
    for path in sorted((tree / "cloudformation").rglob("*.yaml")):
        yield str(path.relative_to(tree)), path.read_text(encoding="utf-8")


def _sample_templates() -> Iterator[tuple[str, str]]:
    for name, made in VARIANTS.items():
        for path, data in iac_tree(made()).files.items():
            if path.endswith(".yaml"):
                yield f"{name}: {path}", data.decode()


def _copied(tree: Path, folder: Path) -> Path:
    """A copy of what somebody made: nothing of Terraform's is left in theirs."""
    return Path(
        shutil.copytree(tree / "terraform", folder / tree.absolute().name / "terraform", ignore=shutil.ignore_patterns(".terraform*"))
    )


def _sample_trees(folder: Path) -> Iterator[Path]:
    for name in SAMPLED:
        for path, data in iac_tree(VARIANTS[name]()).files.items():
            if path.endswith(".tf"):
                target = folder / "trees" / name / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        yield folder / "trees" / name / "terraform"


def _provider(folder: Path, mirror: Path | None, python: Path | None) -> str | None:
    """Configure where the provider comes from, and say which it is; None where there is none."""
    told: str | None = f"the provider of {mirror}"
    if mirror is None:
        told = _stand_in(folder, python)
        mirror = folder / "mirror"
    (folder / "rc").write_text(
        f'disable_checkpoint = true\nprovider_installation {{\n  filesystem_mirror {{\n    path = "{mirror.absolute()}"\n  }}\n}}\n',
        encoding="utf-8",
    )
    return told


def _stand_in(folder: Path, python: Path | None) -> str | None:
    if python is None or subprocess.run([python, "-c", "import grpc"], check=False, capture_output=True).returncode:
        print("validate is skipped: no mirror of providers is named, and no Python with grpcio for the stand-in.")
        return None
    here = Path(__file__).resolve().parent
    schema = here.parent / "domain" / "iac" / "aws_provider_schema.json"
    version = tables()["provider"].split()[-1]  # type: ignore[attr-defined]
    script = f'#!/bin/sh\nexec "{python.absolute()}" "{here / "stand_in_provider.py"}" "{schema}"\n'
    machine = f"{platform.system().lower()}_{MACHINES.get(platform.machine(), platform.machine())}"
    for host in HOSTS:
        program = folder / "mirror" / host / "hashicorp" / "aws" / version / machine / f"terraform-provider-aws_v{version}"
        program.parent.mkdir(parents=True)
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)
    return f"a stand-in with the schema of hashicorp/aws {version}: names, types and bounds, no values"


def _check(tree: Path, binary: str, rc: Path, provider: str | None) -> int:
    """How much of a tree is refused; what, is printed."""
    title = tree.parent.name
    done = _run(binary, rc, tree, "fmt", "-check", "-recursive", "-diff")
    print(f"{title}: fmt {'leaves every file as it is' if done.returncode == 0 else 'would change files'}")
    if done.returncode:
        print(done.stdout, done.stderr)
    refused = int(done.returncode != 0)
    if provider is None:
        return refused
    for wave in sorted((tree / "waves").iterdir()):
        for words in (("init", "-backend=false", "-input=false"), ("validate",)):
            done = _run(binary, rc, wave, *words, "-no-color")
            if done.returncode:
                print(f"{title}: {words[0]} of {wave.name} fails:\n{done.stdout}{done.stderr}")
                refused += 1
                break
        else:
            print(f"{title}: wave {wave.name} is valid, by {provider}")
    return refused


def _run(binary: str, rc: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "TF_CLI_CONFIG_FILE": str(rc), "CHECKPOINT_DISABLE": "1", "TF_DISABLE_PLUGIN_TLS": "1", "TF_IN_AUTOMATION": "1"}
    return subprocess.run([binary, *words], cwd=folder, env=env, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
