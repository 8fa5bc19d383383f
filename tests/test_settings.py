"""The environment: what is read from it and what is refused."""

import ast
import getpass
import os
from pathlib import Path

import pytest

import cloudmigrate
from cloudmigrate.errors import UsageError
from cloudmigrate.settings import VARIABLES, Settings, acting_user, current, expand_secrets, keys_folder, variables_table


def test_an_empty_environment_gives_defaults() -> None:
    assert current({}) == Settings()
    assert current({"CLOUDMIGRATE_WORKERS": "  "}) == Settings(), "an empty variable is as good as none"


@pytest.mark.parametrize(
    ("name", "text", "field", "expected"),
    [
        ("CLOUDMIGRATE_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("CLOUDMIGRATE_LOG_FORMAT", "JSON", "log_format", "json"),
        ("NO_COLOR", "1", "colour", False),
        ("CLOUDMIGRATE_LOOPBACK_ONLY", "1", "loopback_only", True),
        ("CLOUDMIGRATE_LOOPBACK_ONLY", "no", "loopback_only", False),
        ("CLOUDMIGRATE_WORKERS", "64", "workers", 64),
        ("CLOUDMIGRATE_TASKS_PER_ACCOUNT", "2", "tasks_per_account", 2),
        ("CLOUDMIGRATE_MEMORY_LIMIT_MB", "4096", "memory_limit_mb", 4096),
        ("CLOUDMIGRATE_USER", "ana@example.com", "user", "ana@example.com"),
        ("CLOUDMIGRATE_KEYS", "/home/ana/keys", "keys", Path("/home/ana/keys")),
        ("CLOUDMIGRATE_DASK_SCHEDULER", "tcp://10.0.0.5:8786", "dask_scheduler", "tcp://10.0.0.5:8786"),
        ("CLOUDMIGRATE_DASK_WORKERS", "4", "dask_workers", 4),
        ("CLOUDMIGRATE_TEST_DATA", "/", "test_data", Path("/")),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:5000", "s3_endpoint_url", "http://127.0.0.1:5000"),
        ("AWS_ENDPOINT_URL_S3", "https://s3.example", "s3_endpoint_url", "https://s3.example"),
    ],
)
def test_each_variable_sets_its_setting(name: str, text: str, field: str, expected: object) -> None:
    assert getattr(current({name: text}), field) == expected


def test_who_decides_is_the_variable_else_the_login_else_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert acting_user({"CLOUDMIGRATE_USER": "ana"}) == "ana"
    assert acting_user({}) == getpass.getuser()

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert acting_user({}) == f"uid {os.getuid()}"


def test_private_keys_are_in_the_configuration_folder_unless_said_otherwise() -> None:
    assert keys_folder({"CLOUDMIGRATE_KEYS": "/safe", "XDG_CONFIG_HOME": "/etc/xdg"}) == Path("/safe")
    assert keys_folder({"XDG_CONFIG_HOME": "/home/ana/conf"}) == Path("/home/ana/conf/cloudmigrate/keys")
    assert keys_folder({"XDG_CONFIG_HOME": "relative"}) == keys_folder({}) == Path.home() / ".config/cloudmigrate/keys"


def test_the_endpoint_of_s3_goes_before_that_of_all() -> None:
    found = current({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:2", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert found.s3_endpoint_url == "http://127.0.0.1:2"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CLOUDMIGRATE_LOG_LEVEL", "chatty"),
        ("CLOUDMIGRATE_LOG_FORMAT", "xml"),
        ("CLOUDMIGRATE_LOOPBACK_ONLY", "maybe"),
        ("CLOUDMIGRATE_WORKERS", "0"),
        ("CLOUDMIGRATE_WORKERS", "1e3"),
        ("CLOUDMIGRATE_WORKERS", "-4"),
        ("CLOUDMIGRATE_WORKERS", "٣"),
        ("CLOUDMIGRATE_TASKS_PER_ACCOUNT", "257"),
        ("CLOUDMIGRATE_MEMORY_LIMIT_MB", "1 GB"),
        ("CLOUDMIGRATE_DASK_SCHEDULER", "10.0.0.5:8786"),
        ("CLOUDMIGRATE_DASK_WORKERS", "many"),
        ("CLOUDMIGRATE_TEST_DATA", "/nowhere/at/all"),
        ("AWS_ENDPOINT_URL", "127.0.0.1:5000"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:port"),
        ("AWS_ENDPOINT_URL", "http://[::1"),
    ],
)
def test_a_bad_value_is_told_by_its_variable(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=rf"^{name}=.* must be .*\. Next: "):
        current({name: text})


def test_a_secret_is_put_into_the_ledgers_url_encoded() -> None:
    url = expand_secrets("postgresql+psycopg://u:${LEDGER_PASSWORD}@h/d", {"LEDGER_PASSWORD": "a@b/c:d%e f"})
    assert url == "postgresql+psycopg://u:a%40b%2Fc%3Ad%25e%20f@h/d"


def test_a_url_without_references_stays() -> None:
    assert expand_secrets("sqlite:///a$b.db", {}) == "sqlite:///a$b.db"


@pytest.mark.parametrize("environment", [{}, {"LEDGER_PASSWORD": ""}])
def test_an_unset_secret_is_told_by_name(environment: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"the variable LEDGER_PASSWORD is not set\. Next: export LEDGER_PASSWORD=\.\.\."):
        expand_secrets("postgresql+psycopg://u:${LEDGER_PASSWORD}@h/d", environment)


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "HOME", "", "ledger_password", "LEDGER PASSWORD"])
def test_other_variables_are_never_sent_to_a_database(name: str) -> None:
    with pytest.raises(UsageError, match="only variables with LEDGER"):
        expand_secrets(f"postgresql+psycopg://u:${{{name}}}@evil/d", {name: "s3cret"})


def test_the_table_documents_every_variable() -> None:
    table = variables_table()
    assert all(f"| `{variable.name}` |" in table for variable in VARIABLES)
    assert "| `CLOUDMIGRATE_LOOPBACK_ONLY` | 1: refuse every API call that would leave this machine (demo and tests). | 0 |" in table


def test_only_settings_reads_the_environment() -> None:
    """Outside app (which starts other programs) and simulate, no module of the core looks at os.environ or os.getenv."""
    root = Path(cloudmigrate.__file__).parent
    readers = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in ("environ", "getenv")
                and isinstance(node.value, ast.Name)
                and node.value.id == "os"
            ):
                readers.add(str(path.relative_to(root)))
    assert {one for one in readers if not one.startswith(("app/", "simulate/"))} == {"settings.py"}


def test_the_operation_page_has_the_table_of_variables() -> None:
    page = Path(__file__).resolve().parents[1] / "docs" / "operation.md"

    assert variables_table() in page.read_text()
