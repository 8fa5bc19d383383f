"""What people call a move group: told apart within a workload, by the member that says most."""

import pytest

from cloudmigrate.domain.move_groups import MoveGroup, PlanItem
from cloudmigrate.domain.plan_sections import label_of

SERVER, VOLUME, MAPPING, FUNCTION = ("AWS::EC2::Instance", "AWS::EC2::Volume", "AWS::Lambda::EventSourceMapping", "AWS::Lambda::Function")
WEB, DISK = PlanItem("i-1", SERVER, True, name="web-1"), PlanItem("a-disk", VOLUME, True, name="a data disk")
TOLD = PlanItem("0-map", MAPPING, True, name="36fcf305-6ed5"), PlanItem("worker", FUNCTION, True, name="order-worker")


@pytest.mark.parametrize(
    ("members", "workloads", "expected"),
    [
        pytest.param([WEB], ["shop"], "web-1", id="one member of a workload"),
        pytest.param([DISK, WEB], ["shop"], "web-1 (shop)", id="a server before its disk"),
        pytest.param(TOLD, ["shop"], "order-worker (shop)", id="a function before its event source mapping"),
        pytest.param([DISK, WEB], [], "web-1 and 1 more", id="no workload"),
        pytest.param([DISK, WEB], ["web-1"], "web-1 and 1 more", id="a workload called as its server is"),
        pytest.param([WEB, DISK], ["erp", "shop"], "web-1 (erp and shop)", id="several workloads"),
        pytest.param([PlanItem("i-9", SERVER, True)], [], "i-9", id="no name"),
    ],
)
def test_a_group_is_called_by_its_most_telling_member(members: list[PlanItem], workloads: list[str], expected: str) -> None:
    uids = tuple(sorted(one.uid for one in members))
    group = MoveGroup("g", uids, 1, cyclic=False, cycle=(), needs=(), needed_by=(), needs_unplanned=())
    assert label_of(group, workloads, {one.uid: one for one in members}) == expected
