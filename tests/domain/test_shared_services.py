"""What counts as a shared service and what does not, and what a person's decision makes of it."""

from datetime import UTC, datetime

import pytest

from cloudmigrate.domain.decisions import Decision, DecisionKind
from cloudmigrate.domain.shared_services import (
    INBOUND,
    OUTBOUND,
    SERVICES,
    ServicePeers,
    SharedPolicy,
    SharedService,
    service_ports,
    shared_services,
)


def peers(service: str, count: int, *, of: int = 20, talks_with: int | None = None, uid: str = "x") -> ServicePeers:
    direction = next(one.direction for one in SERVICES if one.service == service)
    return ServicePeers(uid, service, direction, count, (53,), count if talks_with is None else talks_with, of)


def decided(uid: str, value: str) -> Decision:
    return Decision(DecisionKind.SHARED, uid, value, "we know it", "ada", datetime(2025, 11, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    ("found", "is_shared"),
    [
        pytest.param(peers("dns", 5), True, id="five-clients-in-a-small-estate"),
        pytest.param(peers("dns", 4), False, id="four-are-too-few-however-small-it-is"),
        pytest.param(peers("dns", 9, of=100), False, id="less-than-a-tenth"),
        pytest.param(peers("dns", 10, of=100), True, id="a-tenth"),
        pytest.param(peers("dns", 25, of=10_000), True, id="twenty-five-are-enough-however-large-it-is"),
        pytest.param(peers("bastion", 6, talks_with=12), True, id="half-of-what-it-does"),
        pytest.param(peers("bastion", 6, talks_with=13), False, id="an-application-that-also-opens-shells"),
    ],
)
def test_enough_peers_and_mostly_that(found: ServicePeers, *, is_shared: bool) -> None:
    assert [one.held_out for one in shared_services([found])] == ([True] if is_shared else [])


def test_thresholds_are_arguments() -> None:
    assert shared_services([peers("dns", 2)], policy=SharedPolicy(at_least=2, share_of_estate=0))


def test_a_domain_controller_is_a_directory_that_also_serves_dns_and_time() -> None:
    [one] = shared_services(
        [
            ServicePeers("dc", "dns", INBOUND, 8, (53,), 9, 20),
            ServicePeers("dc", "directory", INBOUND, 8, (88, 389), 9, 20),
            ServicePeers("dc", "ntp", INBOUND, 6, (123,), 9, 20),
        ]
    )

    assert (one.service, one.peers, one.ports) == ("directory", 8, (53, 88, 123, 389))
    assert one.reason == "serves 8 of 19 other resources on port 88, 389; talks with 9 on any port; also dns, ntp"


def test_ports_of_databases_and_applications_are_no_service() -> None:
    """However many clients they have: PostgreSQL, MySQL, SQL Server, Oracle, Redis, Kafka, HTTP, SMB, NFS."""
    inbound = {row["port"] for row in service_ports() if row["direction"] == INBOUND}

    assert not inbound & {5432, 3306, 1433, 1521, 6379, 9092, 80, 443, 8080, 8443, 445, 2049, 27017, 9200}
    assert {row["port"] for row in service_ports() if row["direction"] == OUTBOUND} >= {22, 3389, 9100, 161}


def test_a_service_that_a_person_puts_back_stays_listed() -> None:
    [one] = shared_services([peers("dns", 8)], [decided("x", "put_back")])

    assert (one.service, one.held_out) == ("dns", False)
    assert one.reason.startswith("ada decided: put_back (we know it); serves 8 of 19")


def test_a_person_holds_out_what_nothing_told() -> None:
    got = shared_services([], [decided("lic", "held_out"), decided("gone", "held_out"), decided("eni", "held_out")],
                          known=["lic", "box"], homes={"eni": "box"})  # fmt: skip

    assert got == (
        SharedService("box", "other", 0, (), held_out=True, reason="ada decided: held_out (we know it)"),
        SharedService("lic", "other", 0, (), held_out=True, reason="ada decided: held_out (we know it)"),
    )


def test_putting_back_what_is_no_service_changes_nothing() -> None:
    assert shared_services([], [decided("lic", "put_back")], known=["lic"]) == ()
