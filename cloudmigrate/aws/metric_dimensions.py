"""Which metrics a region has, and under which dimensions agents report theirs: asked once, not guessed per resource."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cloudmigrate.aws.failures import CALL_ERRORS, Failure, failure_of
from cloudmigrate.aws.metrics_plan import AgentDimensions, Dimensions, ListedMetrics
from cloudmigrate.aws.sessions import AwsSessions

ACTION = "cloudwatch:ListMetrics"
ROOT_VOLUMES = frozenset({"/", "C:"})  # of the agent's disk metrics the system volume is taken
VOLUME_DIMENSIONS = frozenset({"path", "instance"})


def agent_dimensions(
    sessions: AwsSessions, account_id: str, region: str, metrics: Mapping[str, Sequence[str]]
) -> tuple[AgentDimensions, Failure | None]:
    """Under which dimensions the agents of a region report *metrics* (names by namespace), and why it could not all be read.

    One paged ListMetrics per metric name, whatever the number of instances. An agent reports under InstanceId and whatever else its
    configuration adds; of several sets the smallest is taken, of disks the system volume.
    """
    found: dict[tuple[str, str, str], Dimensions] = {}
    failure = None
    try:
        for namespace, name, dimensions in _listed(sessions, account_id, region, metrics, Dimensions=[{"Name": "InstanceId"}]):
            _offer(found, namespace, name, dimensions)
    except CALL_ERRORS as error:
        failure = failure_of(error, ACTION)
    return found, failure


def metrics_held(
    sessions: AwsSessions, account_id: str, region: str, metrics: Mapping[str, Sequence[str]]
) -> tuple[ListedMetrics, Failure | None]:
    """Which of *metrics* (names by namespace) CloudWatch has, under which dimensions, and why it could not all be read.

    CloudWatch lists what had a data point in the last two weeks (ListMetrics, API reference).
    """
    found: set[tuple[str, str, Dimensions]] = set()
    failure = None
    try:
        for namespace, name, dimensions in _listed(sessions, account_id, region, metrics):
            found.add((namespace, name, tuple(sorted((one["Name"], one["Value"]) for one in dimensions))))
    except CALL_ERRORS as error:
        failure = failure_of(error, ACTION)
    return frozenset(found), failure


def _listed(
    sessions: AwsSessions, account_id: str, region: str, metrics: Mapping[str, Sequence[str]], **request: Any
) -> Iterator[tuple[str, str, Sequence[Mapping[str, str]]]]:
    pages = sessions.client(account_id, "cloudwatch", region).get_paginator("list_metrics")
    for namespace, names in metrics.items():
        for name in names:
            for page in pages.paginate(Namespace=namespace, MetricName=name, **request):
                yield from ((namespace, name, one.get("Dimensions", [])) for one in page["Metrics"])


def _offer(found: dict[tuple[str, str, str], Dimensions], namespace: str, name: str, dimensions: Sequence[Mapping[str, str]]) -> None:
    offered: Dimensions = tuple((one["Name"], one["Value"]) for one in dimensions)
    by_name = dict(offered)
    volume = [by_name[key] for key in VOLUME_DIMENSIONS if key in by_name]
    if "InstanceId" not in by_name or any(one not in ROOT_VOLUMES for one in volume):
        return
    key = (namespace, name, by_name["InstanceId"])
    if key not in found or (len(offered), offered) < (len(found[key]), found[key]):
        found[key] = offered
