"""A fault-injecting proxy (microburst) in front of an emulator: throttles, 5xx, resets, truncated bodies, latency."""

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cloudmigrate.simulate.emulator import environment_for

READY_TIMEOUT_S = 60
# It loads a service's model at that service's first call, which takes seconds; a rule's own call must not wait for that.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class FaultProxy:
    """An endpoint that passes calls on to an emulator and breaks those that a rule names.

    Services are named by botocore's ids (``cloudwatch``, ``elbv2``). SQS queue urls lead past the proxy.
    """

    url: str
    _fired_before: int = 0  # the proxy counts from its start

    def rules(self, *rules: dict[str, Any]) -> None:
        """Replace all rules, such as ``{"service": "ec2", "operation": "DescribeVpcs", "times": 2, "error": {"code": "Throttling"}}``."""
        self._call("rules", list(rules))
        self._fired_before = len(self._all_fired())

    def fired(self) -> list[dict[str, Any]]:
        """What was broken since the rules were set, oldest first."""
        return self._all_fired()[self._fired_before :]

    def _all_fired(self) -> list[dict[str, Any]]:
        answer = self._call("fired")
        found = answer if isinstance(answer, list) else answer.get("fired", answer.get("entries", []))
        return list(found)

    def environment(self) -> dict[str, str]:
        """Variables that point botocore at the proxy."""
        return environment_for(self.url)

    def _call(self, what: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_microburst/{what}", data=data, headers={"Content-Type": "application/json"})
        with contextlib.closing(OPENER.open(request, timeout=READY_TIMEOUT_S)) as answer:
            return json.loads(answer.read() or b"null")


@contextlib.contextmanager
def fault_proxy(upstream: str, *, warm: tuple[str, ...] = ("ec2",)) -> Iterator[FaultProxy]:
    """The proxy in front of *upstream*, warmed up for these services, with no rules set; it stays up for the next test that asks."""
    running = _running.get(upstream)
    if running is None:
        running = _running[upstream] = _start(upstream)
    for service in warm:
        if service not in running.warmed:
            _warm_up(running.proxy, service)
            running.warmed.add(service)
    running.proxy.rules()
    try:
        yield running.proxy
    finally:
        running.proxy.rules()


@dataclass(frozen=True)
class _Running:
    proxy: FaultProxy
    process: subprocess.Popen[bytes]
    warmed: set[str] = field(default_factory=set)


_running: dict[str, _Running] = {}  # upstream -> this process's proxy; each takes seconds to come up


def stop_proxies() -> None:
    """End what `fault_proxy` started."""
    while _running:
        process = _running.popitem()[1].process
        process.terminate()
        process.wait(READY_TIMEOUT_S)


def _start(upstream: str) -> _Running:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "microburst", "-u", upstream, "-p", str(port), "--host", "127.0.0.1"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    proxy = FaultProxy(f"http://127.0.0.1:{port}")
    try:
        _wait_until_ready(proxy, process)
    except BaseException:
        process.kill()
        raise
    return _Running(proxy, process)


def _wait_until_ready(proxy: FaultProxy, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            proxy._call("health")
            return
        assert process.poll() is None, f"microburst ended with code {process.returncode}"
        time.sleep(0.1)
    raise AssertionError("microburst did not come up")


def _warm_up(proxy: FaultProxy, service: str) -> None:
    import boto3
    from botocore.config import Config

    client = boto3.client(
        service,
        endpoint_url=proxy.url,
        region_name="us-west-2",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(read_timeout=READY_TIMEOUT_S, retries={"total_max_attempts": 1}),
    )
    listing = {
        "ec2": "describe_vpcs",
        "rds": "describe_db_instances",
        "s3": "list_buckets",
        "lambda": "list_functions",
        "cloudwatch": "list_metrics",
        "sts": "get_caller_identity",
        "sns": "list_topics",
        "sqs": "list_queues",
        "dynamodb": "list_tables",
        "elbv2": "describe_load_balancers",
        "iam": "list_roles",
        "kms": "list_keys",
        "logs": "describe_log_groups",
    }[service]
    getattr(client, listing)()
