"""Rules of security groups: added all at once, found again by their tags, revoked by their ids."""

from datetime import timedelta
from typing import Any

from cloudmigrate.domain.acts.ec2 import NO_GROUP
from cloudmigrate.domain.acts.record import Act, Call, Look, Params, Undo, by_key, quoted, tagged

NO_RULE = NO_GROUP | {"InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound"}
EVERYTHING = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}  # the rule that EC2 gives to a new group
OPEN = "IpPermissionsEgress[?IpProtocol=='-1'].IpRanges[] | [?CidrIp=='0.0.0.0/0']"


def _authorize(direction: str) -> Act:
    def does(params: Params, key: str) -> Call:
        asked = {"GroupId": params["group_id"], "IpPermissions": params["permissions"]}
        tags = tagged(("security-group-rule",), params, key)
        return Call("ec2", f"AuthorizeSecurityGroup{direction}", {**asked, "TagSpecifications": tags})

    def undoes(params: Params, outputs: Params) -> tuple[Undo, ...]:
        asked: dict[str, Any] = {"GroupId": params["group_id"], "SecurityGroupRuleIds": outputs["rule_ids"]}
        return (Undo(Call("ec2", f"RevokeSecurityGroup{direction}", asked), NO_RULE),)

    return Act(
        f"ec2.authorize_{direction.lower()}",
        f"add the {direction.lower()} rules of {{group_id}}",
        does=does,
        gives={"rule_ids": "SecurityGroupRules[].SecurityGroupRuleId"},
        look=lambda params, key: Look(
            Call("ec2", "DescribeSecurityGroupRules", {"Filters": by_key(key)}),
            {"rule_ids": "SecurityGroupRules[0] && SecurityGroupRules[].SecurityGroupRuleId"},
        ),
        undoes=undoes,
        takes_dry_run=True,
        not_yet=NO_GROUP,
        exists=frozenset({"InvalidPermission.Duplicate"}),
        further_actions=("ec2:CreateTags",),
        likely=timedelta(seconds=2),
        family="ec2-network",
    )


AUTHORIZE_INGRESS = _authorize("Ingress")
AUTHORIZE_EGRESS = _authorize("Egress")
CLOSE_EGRESS = Act(
    "ec2.close_egress",
    "take from {group_id} the rule that lets everything out",
    does=lambda params, key: Call("ec2", "RevokeSecurityGroupEgress", {"GroupId": params["group_id"], "IpPermissions": [EVERYTHING]}),
    keeps=("group_id",),
    look=lambda params, key: Look(
        Call("ec2", "DescribeSecurityGroups", {"GroupIds": [params["group_id"]]}),
        {"group_id": f"SecurityGroups[?length({OPEN}) == `0`].GroupId | [0]"},
        NO_GROUP,
    ),
    undoes=lambda params, outputs: (
        Undo(
            Call("ec2", "AuthorizeSecurityGroupEgress", {"GroupId": params["group_id"], "IpPermissions": [EVERYTHING]}),
            NO_GROUP | {"InvalidPermission.Duplicate"},
        ),
    ),
    takes_dry_run=True,
    not_yet=NO_GROUP,
    exists=frozenset({"InvalidPermission.NotFound"}),  # somebody closed it already: looked for then
    likely=timedelta(seconds=2),
    family="ec2-network",
)

DELETE_GROUP = Act(
    "ec2.delete_security_group",
    "delete security group {group_id}, which nothing bears any more",
    does=lambda params, key: Call("ec2", "DeleteSecurityGroup", {"GroupId": params["group_id"]}),
    keeps=("group_id",),
    look=lambda params, key: Look(  # what is gone is in no list
        Call("ec2", "DescribeSecurityGroups", {"Filters": [{"Name": "group-id", "Values": [params["group_id"]]}]}),
        {"group_id": "length(SecurityGroups[?GroupId=={0}]) == `0` && {0} || `null`".format(quoted(params["group_id"]))},
    ),
    is_repeatable=True,
    takes_dry_run=True,
    already=NO_GROUP,
    not_yet=frozenset({"DependencyViolation", "InvalidGroup.InUse"}),
    likely=timedelta(seconds=2),
    family="ec2-network",
)

ACTS = (AUTHORIZE_INGRESS, AUTHORIZE_EGRESS, CLOSE_EGRESS, DELETE_GROUP)
