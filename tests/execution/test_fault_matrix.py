"""Calls of a few steps broken in every way, on the emulator; `make test-faults` breaks those of every itinerary."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cloudmigrate.aws.sessions import AwsSessions
from cloudmigrate.domain.acts.catalogue import BY_NAME
from cloudmigrate.domain.acts.record import Look
from cloudmigrate.domain.itineraries.building import Builder, Place, of
from cloudmigrate.domain.steps import Step
from cloudmigrate.simulate.emulator import Emulator, environment_for
from tests.call_faults import CallFaults, Fault, call_faults
from tests.conftest import aws_environment
from tests.execution.fault_matrix import TAKEN_BACK_LATE, BrokenCall, FaultMatrix, broken_calls, together
from tests.execution.kill_matrix import ledger_in
from tests.execution.small_estate import ACCOUNT, TARGET, sessions, state_of_region


@dataclass
class FewThings:
    """A security group with its rules closed, and an address: three acts of any itinerary."""

    sessions: AwsSessions
    vpc_id: str

    def steps(self) -> list[Step]:
        at = Place(ACCOUNT, TARGET)
        group = Builder("group", "arn:group", "group", {"plan": "plan-1"})
        made = group.add("ec2.create_security_group", {"name": "web", "description": "web", "vpc_id": self.vpc_id}, at)
        closed = group.add("ec2.close_egress", {"group_id": of(made, "group_id")}, at)
        address = Builder("address", "arn:address", "address", {"plan": "plan-1"})
        address.add("ec2.allocate_address", {}, at, needs=(closed,))
        return [*group.steps, *address.steps]

    def state(self) -> Mapping[str, Any]:
        return state_of_region(self.sessions.client(ACCOUNT, "ec2", TARGET))


@pytest.fixture
def faults(clean_emulator: Emulator) -> Iterator[CallFaults]:
    with call_faults(clean_emulator.url) as running:
        yield running


@pytest.fixture
def matrix(faults: CallFaults, tmp_path: Path) -> Iterator[FaultMatrix]:
    clients, ledger = sessions(), ledger_in(tmp_path)
    vpc_id = clients.client(ACCOUNT, "ec2", TARGET).describe_vpcs()["Vpcs"][0]["VpcId"]
    few = FewThings(clients, vpc_id)
    with aws_environment(environment_for(faults.url)):
        yield FaultMatrix(few, ledger, few.steps(), faults, read_timeout_s=0.5)
    ledger.close()


def test_whatever_call_breaks_it_is_whole_or_as_before(matrix: FaultMatrix) -> None:
    assert matrix.ends[frozenset({"group", "address"})]["groups"]["web"] == []
    assert matrix.ends[frozenset({"group"})]["addresses"] == []
    chosen = list(broken_calls(matrix.passed, matrix.steps))
    called = sorted({f"{one.way} {one.name.split(': ')[1].split(' ')[0]} {one.call.operation}" for one in chosen})
    assert called == [
        "back undo AuthorizeSecurityGroupEgress",
        "back undo DeleteSecurityGroup",
        "back undo ReleaseAddress",
        "there act AllocateAddress",
        "there act CreateSecurityGroup",
        "there act RevokeSecurityGroupEgress",
        "there look DescribeAddresses",
        "there look DescribeSecurityGroups",
    ]
    # A look can break in 6 ways, a change in 7, one that makes something in 10, there and not on the way back.
    assert len(chosen) == 3 * 6 + 3 * 7 + 2 * 10 + 7
    by_fault = [[one for one in chosen if one.fault == fault] for fault in (*Fault, TAKEN_BACK_LATE)]
    assert all(by_fault)
    alone = [(of_fault[-1],) for of_fault in by_fault]
    assert sorted(at for run in together(chosen) for at in run) == list(range(len(chosen)))
    runs = [tuple(chosen[at] for at in run) for run in together(chosen) if len(run) > 1]
    assert all(len({one.call for one in run}) == len(run) for run in runs)
    assert {run[0].name: wrong for run in (*runs, *alone) if (wrong := matrix.fails(*run))} == {}


def test_the_matrix_sees_an_act_that_is_done_twice(matrix: FaultMatrix) -> None:
    allocate = BY_NAME["ec2.allocate_address"]
    blind = replace(
        allocate, is_repeatable=True, look=lambda params, key: Look(allocate.look(params, "another key").call, {"id": "Nothing"})
    )
    matrix.acts = {**BY_NAME, blind.name: blind}
    told = matrix.fails(case_of(matrix, "AllocateAddress", Fault.RESET_AFTER))
    assert told == "/addresses: [False, False] and not [False]"


def test_the_matrix_sees_what_a_way_back_leaves(matrix: FaultMatrix) -> None:
    believing = replace(BY_NAME["ec2.allocate_address"], undoes=lambda params, outputs: ())
    matrix.acts = {**BY_NAME, believing.name: believing}
    told = matrix.fails(case_of(matrix, "AllocateAddress", TAKEN_BACK_LATE))
    assert told == "/addresses: [False] and not []"


def test_the_matrix_sees_a_call_that_was_never_made(matrix: FaultMatrix) -> None:
    case = case_of(matrix, "AllocateAddress", Fault.THROTTLED)
    assert matrix.fails(replace(case, nth=9)) == f"the call was not made: {case.name.replace('Address ', 'Address #9 ')}"


def case_of(matrix: FaultMatrix, operation: str, fault: str) -> BrokenCall:
    (found,) = (one for one in broken_calls(matrix.passed, matrix.steps) if (one.call.operation, one.fault) == (operation, fault))
    return found
