"""Lists of address ranges that rules and routes name.

Source: AWS CloudFormation template reference, AWS::EC2::PrefixList.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, RUN_TIME, Kind
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import NotGenerated, Source, defaulted
from cloudmigrate.domain.iac.values import Came, Leaf, Node, Origin, Value


def prefix_list(source: Source) -> Iterator[TargetResource]:
    """A list of address ranges that rules and routes name."""
    if source.value("OwnerId") == "AWS":
        raise NotGenerated("it is AWS's own: the target's region has one of the same name; map it in targets.prefix_lists")
    entries = source.value("Entries") or ()
    if source.spec.get("OwnerId") not in (None, source.resource.account_id):
        raise NotGenerated(
            f"account {source.spec['OwnerId']} shares it: have it shared in the target too, and map it in targets.prefix_lists"
        )
    given = tuple({"Cidr": str(one["Cidr"]), **_with_words(one)} for one in sorted(entries, key=lambda one: str(one["Cidr"])))
    properties: dict[str, Node | None] = {
        "PrefixListName": source.copied("PrefixListName"),  # names of lists need not be unique
        "AddressFamily": source.copied("AddressFamily"),
        "MaxEntries": source.copied("MaxEntries") or defaulted(max(len(given), 1), "as many as there are"),
        "Entries": Leaf(given, Origin(Came.COPIED, "Entries")) if given else None,
        "Tags": source.tags(),
    }
    yield source.target("AWS::EC2::PrefixList", properties)


def _with_words(entry: Mapping[str, Any]) -> dict[str, Value]:
    return {"Description": str(entry["Description"])} if entry.get("Description") else {}


KINDS = (
    Kind(
        "AWS::EC2::PrefixList",
        prefix_list,
        asks_for=("PrefixListName", "AddressFamily"),
        known_as=("PrefixListId",),
        is_shared=True,
        stays_in_place=True,
        not_configuration={"PrefixListId": GIVEN, "PrefixListArn": GIVEN, "State": RUN_TIME, "Version": RUN_TIME},
    ),
)
