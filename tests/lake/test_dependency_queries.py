"""The queries over dependencies and beside them.

workload_links, artifact_dependencies, workload_candidates, flow_log_gaps, accepted_edges, interface_owners.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from math import log10
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.domain.folding import ConfiguredNeed
from cloudmigrate.domain.network import ObservedEdge
from cloudmigrate.lake.dependencies import write_dependencies
from cloudmigrate.lake.lake import Lake
from cloudmigrate.lake.views import Selection, Views
from tests.lake.test_dependencies import AT, SNAPSHOT, seen
from tests.lake.test_stage_queries import ONE, resource

EARLIER, LATER, TRIED = (datetime(2026, 11, 29, hour, 48, tzinfo=UTC) for hour in (5, 6, 7))


def place(source: str, status: str, read_at: datetime | None = None) -> dict[str, Any]:
    known = {"error_code": None, "missing_action": None, "detail": None, "read_objects": 0, "read_at": read_at, "attempted_at": TRIED}
    return (
        {"source": source, "account_id": ONE, "region": "eu-central-1", "found_by": "x", "objects": 0, "new_objects": 0}
        | known
        | {"status": status}
    )


STALE = (place("five", "partial", LATER), place("six", "partial", TRIED))


def logged(interface_id: str, day: int, owner_hint: str | None) -> dict[str, Any]:
    told = {"records": 1, "nodata_records": 0, "skipdata_records": 0, "aggregation_s": 60, "hours": 1, "skipped_hours": 0}
    return told | {
        "batch": f"b{day}",
        "account_id": ONE,
        "region": "eu-central-1",
        "day": date(2026, 11, day),
        "interface_id": interface_id,
        "owner_hint": owner_hint,
        "vpc_id": None,
        "subnet_id": None,
    }


TRAFFIC = [
    seen("b", "a", 443, bytes=90, confidence=0.5),
    seen("a", "b", 22, bytes=999_990, confidence=1.0),
    seen("a", "external:203.0.113.0/24", 443),
    seen("a", "b", 23, action="REJECT"),
]
NEEDS = [ConfiguredNeed("a", "b", ("target",), ()), ConfiguredNeed("b", "c", ("target",), ())]


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Views]:
    lake = Lake.open(str(tmp_path_factory.mktemp("lake")))
    rows = {
        "traffic": TRAFFIC,
        "inventory": [resource("a", "AWS::EC2::Instance", ONE, "eu-central-1", "web")],
        "interface_logs": [
            logged("eni-1", 9, "i-new"),
            logged("eni-1", 2, "i-old"),
            logged("eni-2", 3, None),
            logged("", 4, "i-nowhere"),
            logged("eni-3", 5, "ecs:shop/cart"),
        ],
        "flow_log_sources": [
            place("one", "ok"),
            place("two", "empty"),
            place("three", "partial"),
            place("four", "denied", EARLIER),
            *STALE,
        ],
    }
    parts = {name: (lake.write(name, some, snapshot_id=SNAPSHOT, part="p").path,) for name, some in rows.items()}
    with Views(lake, Selection(SNAPSHOT, parts)) as opened:
        judge = lambda pairs: [{443: None, 22: False}[pair[3]] for pair in pairs]  # noqa: E731
        made = write_dependencies(opened, needs=NEEDS, homes={}, judge=judge, part="p")
    with Views(lake, Selection(SNAPSHOT, parts | {"dependencies": (made.path,)})) as opened:
        yield opened


def test_links_weigh_both_directions_and_a_statement_once(views: Views) -> None:
    """a -> b: a million bytes, and stated; b -> a: a hundred with the header of ten, at half confidence."""
    rows = {(row["one_uid"], row["other_uid"]): row["weight"] for row in views.run("workload_links")}

    assert rows == {("a", "b"): pytest.approx(0.5 * log10(100) + 1.0 * log10(1_000_000) + 6), ("b", "c"): pytest.approx(6)}


def test_the_artifact_counts_evidence_by_kind(views: Views) -> None:
    def row(kind: str, *counts: int) -> Mapping[str, Any]:
        names = ("dependencies", "pairs", "bytes", "not_allowed", "allowed_unknown", "outside")
        return {"kind": kind} | dict(zip(names, counts, strict=True))

    assert views.run("artifact_dependencies") == [
        row("both", 1, 1, 999_990, 1, 0, 0),
        row("config", 1, 1, 0, 0, 0, 0),
        row("traffic", 2, 2, 1090, 0, 2, 1),
    ]


def test_candidates_have_name_and_tags(views: Views) -> None:
    assert views.run("workload_candidates") == [{"uid": "a", "type": "AWS::EC2::Instance", "name": "web", "tags": {"App": "web"}}]


def test_gaps_are_places_not_wholly_read(views: Views) -> None:
    """Of these, known until the earliest of their full readings are those whose records still count: not the one that holds none."""
    assert views.run("flow_log_gaps") == [{"places": 6, "gaps": 4, "attempted_at": TRIED, "known": 2, "known_until": LATER}]


def test_without_any_place_nothing_was_measured(tmp_path: Path) -> None:
    with Views(Lake.open(str(tmp_path)), Selection(SNAPSHOT, {})) as empty:
        assert empty.run("flow_log_gaps") == [{"places": 0, "gaps": 0, "attempted_at": None, "known": 0, "known_until": None}]


def test_edges_for_rules_are_the_accepted_ones_one_by_one(views: Views) -> None:
    edges = [ObservedEdge.of(row) for row in views.each("accepted_edges")]

    assert [(one.source_uid, one.target_uid, one.port) for one in edges] == [
        ("a", "b", 22),
        ("a", "external:203.0.113.0/24", 443),
        ("b", "a", 443),
    ]
    assert edges[0].last_seen is not None
    assert edges[0].last_seen > AT


def test_who_owns_an_interface_is_told_in_order_of_time(views: Views) -> None:
    rows = views.run("interface_owners")

    assert [(row["interface_id"], row["owner_hint"]) for row in rows] == [
        ("eni-1", "i-old"),
        ("eni-3", "ecs:shop/cart"),
        ("eni-1", "i-new"),
    ]
    assert {(row["account_id"], row["region"]) for row in rows} == {(ONE, "eu-central-1")}
