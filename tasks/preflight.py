"""What is checked before a wave writes anything: facts gathered, verdicts joined, the result recorded. Reads only. No Prefect."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cloudmigrate.domain.diff import diff_inventories
from cloudmigrate.domain.estate import Estate, Scope
from cloudmigrate.domain.explaining import Explained
from cloudmigrate.domain.preflight.connectivity import Judged, after_move, moved_servers, of_connectivity, pairs_of
from cloudmigrate.domain.preflight.drift import ALSO, Neighbourhood, lasting, neighbourhood_of, of_drift
from cloudmigrate.domain.preflight.freeze import of_freeze
from cloudmigrate.domain.preflight.kinds import questions, verdicts
from cloudmigrate.domain.preflight.permissions import needed_actions
from cloudmigrate.domain.preflight.questions import WaveFacts
from cloudmigrate.domain.preflight.record import Check, Preflight, judged
from cloudmigrate.domain.preflight.rehearsal import of_by_hand, of_rehearsal
from cloudmigrate.domain.reachability import allowed
from cloudmigrate.domain.resources import Coverage, CoverageStatus, Resource
from cloudmigrate.domain.steps import Step, steps_hash
from cloudmigrate.ledger.records import PlanRow, PreflightRow
from cloudmigrate.workspace import Workspace
from tasks.migrating import DryRun, rehearsed
from tasks.plan_reading import read_document, read_edges

if TYPE_CHECKING:
    from cloudmigrate.aws.sessions import AwsSessions

Place = tuple[str, str]
# What the routes and rules of a target are made of.
TARGET_TYPES = (
    "AWS::EC2::VPC",
    "AWS::EC2::Subnet",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::RouteTable",
    "AWS::EC2::PrefixList",
    "AWS::EC2::VPCPeeringConnection",
    "AWS::EC2::TransitGateway",
    "AWS::EC2::TransitGatewayAttachment",
    "AWS::EC2::NatGateway",
    "AWS::EC2::VPCEndpoint",
    "AWS::EC2::NetworkInterface",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the plan's snapshot tells of a wave."""

    resources: Mapping[str, Resource]  # of the types that rules, drift and members need
    coverage: tuple[Coverage, ...]
    members: frozenset[str]
    edges: frozenset[tuple[str, str]]  # the needs that the plan was made from
    traffic: tuple[Mapping[str, Any], ...]  # who was seen to talk to whom
    is_mapped: bool  # whether anybody looked


def run_preflight(
    workspace: Workspace,
    plan: PlanRow,
    wave: int,
    steps: Sequence[Step],
    sessions: "AwsSessions",
    *,
    now: datetime,
    rehearsal: DryRun | None = None,
    begun: Collection[str] = (),
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> Preflight:
    """All checks of one wave. *rehearsal*: of these very steps, where it was made already. Raises LakeError, DamagedPlanError.

    *begun*: groups that are not checked, for they were begun; *given*: what their steps gave.
    """
    from cloudmigrate.aws.acting import AwsWorld

    known = _known(workspace, plan, wave, begun)
    place: dict[str, Any] = {"plan_id": plan.plan_id, "plan_hash": plan.content_hash, "wave": wave}
    found = rehearsal or rehearsed(steps, **place, world=AwsWorld(sessions), begun=begun, given=given)
    return judge(workspace.estate, plan.plan_id, wave, found, known, sessions=sessions, now=now, begun=begun)


def judge(
    estate: Estate,
    plan_id: str,
    wave: int,
    found: DryRun,
    known: Known,
    *,
    sessions: "AwsSessions",
    now: datetime,
    begun: Collection[str] = (),
) -> Preflight:
    """The preflight of steps that were rehearsed, over what the plan's snapshot knows; of all groups but those *begun*."""
    from cloudmigrate.aws.preflight import answers

    facts = _facts(estate, plan_id, wave, found, known, sessions=sessions, now=now, begun=begun)
    near = neighbourhood_of(known.members, known.resources, known.edges)
    seen, coverage = _looked_again(estate, sessions, near, facts)
    checks = [
        *verdicts(facts, answers(sessions, questions(facts))),
        *_connectivity(facts, known, seen, coverage, whole=replace(facts, explained=found.explained)),
        *of_freeze(facts),
        *_drift(near, known, seen, coverage),
        *of_rehearsal(facts, found.said, found.refused, found.unclear),
        *of_by_hand(facts),
    ]
    return judged(plan_id, wave, checks, estate.execution.waivers, now.date())


def record(
    workspace: Workspace, plan: PlanRow, steps: Sequence[Step], found: Preflight, *, checked_by: str, checked_at: datetime
) -> PreflightRow:
    """The preflight as the ledger keeps it: what an approval can bind by its hash."""
    row = PreflightRow(
        estate=workspace.estate.estate,
        plan_id=found.plan_id,
        wave=found.wave,
        steps_hash=steps_hash(steps),
        preflight_hash=found.preflight_hash,
        document=found.document(),
        checked_by=checked_by,
        checked_at=checked_at,
    )
    return workspace.ledger.record_preflight(row, plan_hash=plan.content_hash)


def _known(workspace: Workspace, plan: PlanRow, wave: int, begun: Collection[str]) -> Known:
    from cloudmigrate.aws.network_rules import NETWORK_RULE_TYPES
    from tasks.discovery import as_resource

    document = read_document(workspace, plan)
    of_wave = [one for one in document["groups"] if one["wave"] == wave]
    members = frozenset(uid for group in of_wave if group["id"] not in begun for uid in group["members"])
    moving = {uid for group in of_wave if group["id"] in begun for uid in group["members"]}  # that these changed is no drift
    with workspace.views(plan.snapshot_id, plan.plan_id) as views:
        needs = read_edges(views, workspace.estate.planning.min_confidence)
        edges = frozenset(edge for edge in needs if moving.isdisjoint(edge))
        beside = {end for edge in edges if not members.isdisjoint(edge) for end in edge}
        uids = sorted(members | moving | beside)
        types = {*NETWORK_RULE_TYPES, *ALSO, *(row["type"] for row in views.run("wave_resources", uids=uids, types=[]))}
        rows = views.run("wave_resources", uids=uids, types=sorted(types))
        is_mapped = "dependencies" in views.selection.parts
        return Known(
            resources={row["uid"]: as_resource({"created_at": None, **row, "tags": row["tags"] or {}}) for row in rows},
            coverage=tuple(Coverage(**_coverage(row)) for row in views.run("coverage_all")),
            members=members,
            edges=edges,
            traffic=tuple(views.run("needed_edges")) if is_mapped else (),
            is_mapped=is_mapped,
        )


def _coverage(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: row[name] for name in Coverage.__dataclass_fields__}, "status": CoverageStatus(row["status"])}


def _facts(
    estate: Estate,
    plan_id: str,
    wave: int,
    found: DryRun,
    known: Known,
    *,
    sessions: "AwsSessions",
    now: datetime,
    begun: Collection[str],
) -> WaveFacts:
    from cloudmigrate.aws.preflight import principals

    told: tuple[Explained, ...] = tuple(one for one in found.explained if one.step.group not in begun)
    likely = found.likely - min((one.starts_after for one in told), default=timedelta(0))
    without = WaveFacts(estate, plan_id, wave, told, known.resources, now, likely)
    accounts = {one.id: one for one in estate.accounts}
    return replace(without, principals=principals(sessions, accounts, needed_actions(without)))


def _looked_again(
    estate: Estate, sessions: "AwsSessions", near: Neighbourhood, facts: WaveFacts
) -> tuple[tuple[Resource, ...], tuple[Coverage, ...]]:
    """What is there now, in the wave's neighbourhood and where its servers go, and what of it could not be seen."""
    from cloudmigrate.aws.catalogue import ROWS
    from cloudmigrate.aws.discover import discover_region

    wanted: dict[Place, set[str]] = defaultdict(set)
    for place, types in near.types.items():
        wanted[place].update(types)
    for one in moved_servers(facts).values():
        wanted[one.step.account_id, one.step.region].update(TARGET_TYPES)
    accounts = {one.id: one for one in estate.accounts}
    seen: list[Resource] = []
    coverage: list[Coverage] = []
    for (account_id, region), asked in sorted(wanted.items()):
        types = tuple(sorted(asked))
        account = accounts.get(account_id)
        if account is None:
            why = "the account is not in the estate file"
            coverage += (Coverage(account_id, region, "", one, CoverageStatus.NOT_ATTEMPTED, detail=why) for one in types)
            continue
        regions = frozenset({*account.regions, region})
        found = discover_region(sessions, account, region, ROWS, Scope(types=types), regions_in_scope=regions, max_workers=8)
        seen += found.resources
        coverage += found.coverage
    return tuple(seen), tuple(coverage)


def _drift(near: Neighbourhood, known: Known, seen: Sequence[Resource], coverage: Sequence[Coverage]) -> Iterable[Check]:
    from cloudmigrate.aws.relations import relations_of

    looked = {(one.account_id, one.region, one.type) for one in coverage}
    asked = {(*place, type_) for place, types in near.types.items() for type_ in types}
    before = [one for one in known.resources.values() if (one.account_id, one.region, one.type) in looked & asked]
    after = [one for one in seen if (one.account_id, one.region, one.type) in asked]
    again = [one for one in coverage if (one.account_id, one.region, one.type) in asked]
    diff = diff_inventories(
        ({**asdict(one), "spec": lasting(one.spec)} for one in before),
        ({**asdict(one), "spec": lasting(one.spec)} for one in after),
        coverage_before=[asdict(one) for one in known.coverage],
        coverage_after=[asdict(one) for one in again],
    )
    return of_drift(near, diff, relations_of(before), relations_of(after), again)


def _connectivity(
    facts: WaveFacts, known: Known, seen: Sequence[Resource], coverage: Sequence[Coverage], *, whole: WaveFacts
) -> Iterable[Check]:
    """The plan's snapshot judges what may talk now; the same with what was seen just now, and the servers moved, what may then.

    *whole*: with the servers that the wave has moved already.
    """
    from cloudmigrate.aws.network_rules import network_of

    pairs = pairs_of(facts, known.traffic)
    if not pairs:
        return of_connectivity(facts, (), is_mapped=known.is_mapped)
    newer = {(one.account_id, one.region, one.type) for one in coverage}
    kept = [one for one in known.resources.values() if (one.account_id, one.region, one.type) not in newer]
    told = [one for one in known.coverage if (one.account_id, one.region, one.type) not in newer]
    now = allowed(network_of(known.resources.values(), known.coverage), pairs)
    then = allowed(network_of(after_move([*kept, *seen], whole), [*told, *coverage]), pairs)
    return of_connectivity(facts, [Judged(*one) for one in zip(pairs, now, then, strict=True)], is_mapped=True)
