"""A published application's dependencies, told back from the flow logs that they leave: exactly its edges, through noise and loss."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.addresses import intervals
from cloudmigrate.domain.folding import ConfiguredNeed
from cloudmigrate.domain.move_groups import PlanItem, move_groups
from cloudmigrate.domain.resources import Relation, RelationRole
from cloudmigrate.domain.waves import plan_waves
from cloudmigrate.lake.conversations import aggregate
from cloudmigrate.lake.dependencies import write_dependencies
from cloudmigrate.lake.flow_ahead import FlowObject
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.traffic import write_traffic
from cloudmigrate.lake.views import Selection, Views
from tests.flow_log_samples import Host, noisy, packed

DANGLING = "shoppingassistantservice"  # named by the frontend, deployed by nobody
START = datetime(2025, 11, 20, tzinfo=UTC)
SNAPSHOT = "20251120T000000Z-3f9a1c"


@pytest.fixture(scope="module")
def truth(third_party_data: Path) -> Any:
    return json.loads((third_party_data / "graph" / "online-boutique-truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def traffic_part(truth: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, str]:
    """What two days of noisy flow logs say, read in two batches; the dangling service has an address that nothing holds."""
    names = sorted({end for edge in truth["edges"] for end in (edge["src"], edge["dst"])})
    hosts = {name: Host(name, f"10.0.0.{number}") for number, name in enumerate(names, start=10)}
    made_of = [(hosts[edge["src"]], hosts[edge["dst"]], edge["port"]) for edge in truth["edges"]]
    # What is not there logs nothing.
    lines = [line for line in noisy(made_of, days=2, start=START) if f" {hosts[DANGLING].interface_id} " not in line]
    known = [host.holder() for name, host in hosts.items() if name != DANGLING]
    lake = Lake.open(str(tmp_path_factory.mktemp("boutique")))
    parts: dict[str, list[str]] = {"conversations": [], "interface_logs": []}
    for number, some in enumerate((lines[::2], lines[1::2])):  # the halves of a conversation may lie in different batches
        item = FlowObject("test", "key", "etag", 1, lambda some=some: packed(some))  # type: ignore[misc]
        names_of = {"account_id": "111111111111", "region": "eu-central-1", "batch": f"b{number}"}
        for one in aggregate(lake, [item], **names_of, now=START + timedelta(days=3)).parts:
            parts[one.dataset].append(one.path)
    with Views(lake, Selection(SNAPSHOT, {name: tuple(paths) for name, paths in parts.items()})) as views:
        made = write_traffic(views, holders=known, intervals=intervals([(START, known)]), reach=(), outside=(), part="p")
    return lake, next(one.path for one in made if one.dataset == "traffic")


@pytest.fixture(scope="module")
def traffic(traffic_part: tuple[Lake, str]) -> list[dict[str, Any]]:
    lake, path = traffic_part
    with Views(lake, Selection(SNAPSHOT, {"traffic": (path,)})) as views:
        return views.rows("traffic")


@pytest.fixture(scope="module")
def dependencies(truth: Any, traffic_part: tuple[Lake, str]) -> list[dict[str, Any]]:
    """The traffic joined with what the application's own manifests state: an address for each service that a service calls."""
    lake, path = traffic_part
    stated = sorted({(Host(edge["src"], "").uid, Host(edge["dst"], "").uid) for edge in truth["edges"]})
    needs = [ConfiguredNeed(source, target, ("environment",), ()) for source, target in stated]
    with Views(lake, Selection(SNAPSHOT, {"traffic": (path,)})) as views:
        made = write_dependencies(views, needs=needs, homes={}, part="p")
    with Views(lake, Selection(SNAPSHOT, {"dependencies": (made.path,)})) as views:
        return views.rows("dependencies")


def name_of(uid: str) -> str:
    return uid.rsplit("i-", 1)[-1] if uid.startswith("arn:") else uid


def accepted(traffic: list[dict[str, Any]]) -> set[tuple[str, str, int]]:
    return {(name_of(row["source_uid"]), name_of(row["target_uid"]), row["port"]) for row in traffic if row["action"] == "ACCEPT"}


def test_exactly_its_dependencies_come_back(truth: Any, traffic: list[dict[str, Any]]) -> None:
    expected = {(edge["src"], edge["dst"], edge["port"]) for edge in truth["edges"]}
    [dangling] = [edge for edge in expected if edge[1] == DANGLING]
    found = accepted(traffic)

    assert {edge for edge in found if not edge[1].startswith("unknown:")} == expected - {dangling}
    [unresolved] = [row for row in traffic if row["target_uid"].startswith("unknown:")]
    assert (name_of(unresolved["source_uid"]), unresolved["port"], unresolved["resolution"]) == ("frontend", 80, "unknown")


def test_scanners_stay_rejected_attempts(traffic: list[dict[str, Any]]) -> None:
    rejected = [row for row in traffic if row["action"] == "REJECT"]

    assert rejected
    assert {row["port"] for row in rejected} == {22}
    assert all(row["source_uid"] == "external:203.0.113.0/24" for row in rejected)


def test_its_five_layers_come_back(truth: Any, traffic: list[dict[str, Any]]) -> None:
    edges = [(row["source_uid"], row["target_uid"]) for row in traffic if row["action"] == "ACCEPT"]
    items = [PlanItem(uid, "AWS::EC2::Instance", moves=True) for uid in sorted({end for edge in edges for end in edge})]
    relations = [Relation(source, target, "traffic") for source, target in edges]

    plan = plan_waves(items, relations, {"traffic": RelationRole.NEEDS})

    members = {group.id: group.members for group in plan.groups}
    waves = [sorted(name_of(uid) for group in wave.groups for uid in members[group]) for wave in plan.waves]
    unresolved = next(name_of(end) for edge in edges for end in edge if end.startswith("unknown:"))
    assert waves == [sorted(unresolved if name == DANGLING else name for name in wave) for wave in truth["waves_dependency_first"]]


def test_traffic_and_manifests_agree_on_all_but_the_dangling_one(truth: Any, dependencies: list[dict[str, Any]]) -> None:
    """Seen and stated are the same sixteen, at their ports; what is stated and deployed by nobody was seen at an address of nobody's."""
    expected = {(edge["src"], edge["dst"], edge["port"]) for edge in truth["edges"] if edge["dst"] != DANGLING}
    by_kind = {
        kind: {(name_of(row["source_uid"]), name_of(row["target_uid"]), row["port"]) for row in dependencies if row["kind"] == kind}
        for kind in ("both", "config", "traffic")
    }

    assert by_kind["both"] == expected
    assert by_kind["config"] == {("frontend", DANGLING, None)}
    [(source, target, port)] = by_kind["traffic"]
    assert (source, port) == ("frontend", 80)
    assert target.startswith("unknown:")


def test_its_five_layers_come_back_from_dependencies(truth: Any, dependencies: list[dict[str, Any]]) -> None:
    edges = [(row["source_uid"], row["target_uid"]) for row in dependencies if not row["target_uid"].startswith("unknown:")]
    items = [PlanItem(uid, "AWS::EC2::Instance", moves=True) for uid in sorted({end for edge in edges for end in edge})]

    groups = move_groups(items, [Relation(source, target, "needs") for source, target in edges], {"needs": RelationRole.NEEDS}).groups

    layers = [sorted(name_of(uid) for group in groups if group.layer == layer for uid in group.members) for layer in range(1, 6)]
    assert layers == truth["waves_dependency_first"]
    assert max(group.layer for group in groups) == 5
