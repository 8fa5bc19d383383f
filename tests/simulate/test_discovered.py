"""Discovery of the demo estate, over real HTTP: it finds exactly what the tables say, all of it related, and no secret."""

from collections import Counter
from dataclasses import asdict
from typing import Any

import networkx as nx
import pytest
import yaml

from cloudmigrate.aws.catalogue import CATALOGUE, RELATION_ROLES
from cloudmigrate.aws.discover import discover_region
from cloudmigrate.aws.relations import relations_of
from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.estate import Estate, Scope
from cloudmigrate.domain.resources import Coverage, RelationRole, Resource
from cloudmigrate.simulate.demo import demo_estate_yaml
from cloudmigrate.simulate.estate.parts import HOSTILE_NAME, OWN, PLANTED_SECRETS
from tests.conftest import aws_environment


@pytest.fixture(scope="module")
def discovered(demo_emulator: Any) -> tuple[list[Resource], list[Coverage]]:
    estate = Estate.model_validate(yaml.safe_load(demo_estate_yaml()))
    resources: list[Resource] = []
    coverage: list[Coverage] = []
    with aws_environment(demo_emulator.environment()):
        sessions = AwsSessions(estate.accounts, correlation_id="test", loopback_only=True)
        for account in estate.accounts:
            for region in (*account.regions, "global"):
                found = discover_region(sessions, account, region, CATALOGUE, Scope(), regions_in_scope=frozenset(account.regions))
                resources += found.resources
                coverage += found.coverage
    return resources, coverage


def test_it_finds_what_the_tables_say(demo_emulator: Any, discovered: tuple[list[Resource], list[Coverage]]) -> None:
    found: dict[tuple[str, str], Counter[str]] = {}
    for one in discovered[0]:
        found.setdefault((one.account_id, one.region), Counter())[one.type] += 1
    assert found == demo_emulator.summary.expected


def test_nothing_is_unseen(discovered: tuple[list[Resource], list[Coverage]]) -> None:
    assert [row for row in discovered[1] if row.status.is_gap] == []


def test_no_secret_comes_along(discovered: tuple[list[Resource], list[Coverage]]) -> None:
    everything = "\n".join(str(asdict(one)) for one in discovered[0])
    assert HOSTILE_NAME in {one.name for one in discovered[0]}
    assert [secret for secret in PLANTED_SECRETS if secret in everything] == []


def test_every_relation_ends_at_a_resource(discovered: tuple[list[Resource], list[Coverage]]) -> None:
    uids = {one.uid for one in discovered[0]}
    relations = relations_of(discovered[0])
    assert [one for one in relations if one.target_uid not in uids or one.source_uid not in uids] == []


def test_two_groups_need_each_other_and_must_move_together(discovered: tuple[list[Resource], list[Coverage]]) -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    for one in relations_of(discovered[0]):
        if RELATION_ROLES[one.kind] is RelationRole.NEEDS:
            graph.add_edge(one.source_uid, one.target_uid)
    names = {one.uid: (one.account_id, one.name) for one in discovered[0]}
    cycles = [{names[uid] for uid in group} for group in nx.strongly_connected_components(graph) if len(group) > 1]
    calling = {(OWN, name) for name in ("pricing", "pricing-api", "catalogue", "catalogue-api")}
    notifying = {(OWN, name) for name in ("acme-shop-uploads", "thumbnails")}  # the bucket starts the function that works on the bucket
    assert sorted(cycles, key=len, reverse=True) == [calling, notifying]
