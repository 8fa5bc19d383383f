"""Shared fixtures: local AWS emulators, fake credentials, and a guard that keeps every test on this machine."""

import contextlib
import functools
import gc
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

from cloudmigrate.errors.sources import LoopbackOnlyError
from cloudmigrate.simulate.emulator import EMULATOR_UNSETS, Emulator, environment_for
from tests.faults import stop_proxies

if TYPE_CHECKING:
    from cloudmigrate.simulate.seed import SeedSummary

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK_NAMES = frozenset({"localhost", "::1", "0.0.0.0", "::", ""})
# Laws that name no number of their own are tried on so many examples; `--hypothesis-profile nightly` tries more.
settings.register_profile("usual", max_examples=30, deadline=None)
settings.register_profile("nightly", max_examples=500, deadline=None)
settings.load_profile("usual")
NOWHERE = "http://127.0.0.1:9"  # the discard port: a test that forgot to name its emulator is refused at once


def is_loopback(host: str | None) -> bool:
    """Whether *host*, a name or an address, is this machine."""
    name = (host or "").strip("[]").lower()
    return name in LOOPBACK_NAMES or name.endswith(".localhost") or name.startswith(("127.", "::ffff:127."))


@contextlib.contextmanager
def aws_environment(values: Mapping[str, str]) -> Iterator[None]:
    """These variables for the length of the block, without the profile and session variables that would outrank them."""
    with mock.patch.dict(os.environ, values):
        for name in EMULATOR_UNSETS:
            os.environ.pop(name, None)
        yield


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give all tests that look at the demo's estate to one worker, which seeds it once: it costs more than most of them."""
    for item in items:
        if "demo_emulator" in getattr(item, "fixturenames", ()) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group("demo"))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep what collecting left, which lives as long as the worker, out of every later look for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def models_read_once() -> Iterator[None]:
    """botocore's model files are parsed once for all tests, not once for the sessions of each."""
    from botocore.loaders import JSONFileLoader

    read = functools.lru_cache(maxsize=64)(JSONFileLoader().load_file)
    with mock.patch.object(JSONFileLoader, "load_file", lambda _, file_path: read(file_path)):
        yield


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    """Fail whatever leaves this machine: every botocore request, and every socket of the test process."""
    import botocore.httpsession

    send = botocore.httpsession.URLLib3Session.send
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded_send(self: Any, request: Any) -> Any:
        if not is_loopback(urlsplit(request.url).hostname):
            raise LoopbackOnlyError(request.url)
        return send(self, request)

    def refuse_far(one: socket.socket, address: Any) -> None:
        if one.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(str(address[0])):
            raise LoopbackOnlyError(f"{address[0]}:{address[1]}")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        refuse_far(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        refuse_far(self, address)
        return connect_ex(self, address)

    with (
        mock.patch.object(botocore.httpsession.URLLib3Session, "send", guarded_send),
        mock.patch.object(socket.socket, "connect", guarded_connect),
        mock.patch.object(socket.socket, "connect_ex", guarded_connect_ex),
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def fake_credentials() -> Iterator[None]:
    """Keys that are nobody's, and an endpoint that refuses, for the whole session; child processes inherit them."""
    with aws_environment(environment_for(NOWHERE) | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}):
        yield


@pytest.fixture(scope="session", autouse=True)
def proxies_end() -> Iterator[None]:
    """Proxies that tests started end with the session."""
    yield
    stop_proxies()


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """This worker's emulator; what is in it is anyone's. Prefer `clean_emulator`."""
    with Emulator() as running:
        yield running


@pytest.fixture
def clean_emulator(emulator: Emulator) -> Iterator[Emulator]:
    """An empty emulator that botocore's variables point at."""
    emulator.reset()
    with aws_environment(emulator.environment()):
        yield emulator


@dataclass(frozen=True)
class DemoEmulator:
    """An emulator that holds the demo estate. Read only: every test of the worker shares it."""

    emulator: Emulator
    summary: "SeedSummary"
    now: datetime  # the instant up to which it has metrics

    @property
    def url(self) -> str:
        return self.emulator.url

    def environment(self) -> dict[str, str]:
        return self.emulator.environment()


@pytest.fixture(scope="session")
def demo_emulator() -> Iterator[DemoEmulator]:
    """This worker's emulator with the demo estate in it; enter `aws_environment(demo_emulator.environment())` to use it."""
    from cloudmigrate.simulate.seed import seed

    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)  # as the demo is seeded
    with Emulator() as running:
        yield DemoEmulator(running, seed(running.url, now), now)


@pytest.fixture
def demo(demo_emulator: DemoEmulator) -> Iterator[DemoEmulator]:
    """The demo estate, with botocore's variables pointing at it."""
    with aws_environment(demo_emulator.environment()):
        yield demo_emulator


@pytest.fixture(scope="session")
def third_party_data() -> Path:
    """The folder of samples that the project did not write (CLOUDMIGRATE_TEST_DATA, else ../shared/data); skips where absent."""
    folder = Path(os.environ.get("CLOUDMIGRATE_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"third-party samples are not at {folder}; set CLOUDMIGRATE_TEST_DATA to their folder")
    return folder
