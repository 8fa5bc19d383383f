"""Degrees by the ports of services (service_peers), by hand-worked cases."""

from pathlib import Path
from typing import Any

from cloudmigrate.domain.shared_services import ServicePeers, service_ports
from cloudmigrate.lake.dependencies import write_dependencies
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.views import Selection, Views
from tests.lake.test_dependencies import SNAPSHOT, seen


def peers_of(folder: Path, traffic: list[dict[str, Any]], at_least: int = 2) -> list[ServicePeers]:
    lake = Lake.open(str(folder))
    written = lake.write("traffic", traffic, snapshot_id=SNAPSHOT, part="t")
    with Views(lake, Selection(SNAPSHOT, {"traffic": (written.path,)})) as views:
        part = write_dependencies(views, needs=[], homes={}, part="d")
    with Views(lake, Selection(SNAPSHOT, {"dependencies": (part.path,)})) as views:
        views.register("service_ports", service_ports())
        return [ServicePeers.of(row) for row in views.run("service_peers", at_least=at_least)]


def test_distinct_resources_count_by_direction_protocol_and_port(tmp_path: Path) -> None:
    dns = [seen(client, "dns", 53, protocol=protocol) for client in ("a", "b", "c") for protocol in (6, 17)]
    database = [seen(client, "db", 5432) for client in ("a", "b", "c")]
    bastion = [seen("bastion", host, 22) for host in ("a", "b")]
    strangers = [seen("external:198.51.100.0/24", "dns", 53), seen("dns", "unknown:10.0.0.9", 22), seen("a", "dns", 443)]
    time_over_tcp = [seen(client, "odd", 123) for client in ("a", "b")]

    found = peers_of(tmp_path / "lake", [*dns, *database, *bastion, *strangers, *time_over_tcp])

    assert found == [
        ServicePeers("bastion", "bastion", "outbound", 2, (22,), 2, 7),
        ServicePeers("dns", "dns", "inbound", 3, (53,), 3, 7),
    ]


def test_too_few_are_not_listed(tmp_path: Path) -> None:
    assert peers_of(tmp_path / "lake", [seen("a", "dns", 53), seen("b", "dns", 53)], at_least=3) == []
