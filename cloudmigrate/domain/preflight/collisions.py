"""Names and addresses that the wave wants, and somebody else has: a table by operation. A new itinerary adds rows to `WANTED_BY`."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cloudmigrate.domain.acts.launches import launched_interfaces
from cloudmigrate.domain.acts.record import Call
from cloudmigrate.domain.explaining import Explained
from cloudmigrate.domain.preflight.landing import is_usable, subnet_question
from cloudmigrate.domain.preflight.names import CheckName
from cloudmigrate.domain.preflight.questions import (
    Answers,
    Kind,
    Question,
    Unseen,
    WaveFacts,
    any_unseen,
    failed,
    is_known,
    listed,
    passed,
    unseen,
)
from cloudmigrate.domain.preflight.record import Check

NAME = CheckName.COLLISIONS
Place = tuple[str, str]
MARKS = ("cloudmigrate:plan", "cloudmigrate:wave", "cloudmigrate:step")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name that must be free; *question* gives a list of [id, tags] of those who have it."""

    what: str  # such as "security group web in vpc-1"
    question: Question
    advice: str


def _group(place: Place, call: Call) -> Iterator[Wanted]:
    name, vpc_id = str(call.params["GroupName"]), str(call.params["VpcId"])
    asked = {"Filters": [{"Name": "group-name", "Values": [name]}, {"Name": "vpc-id", "Values": [vpc_id]}]}
    question = Question(*place, "ec2", "DescribeSecurityGroups", asked, "SecurityGroups[].[GroupId, Tags]", pages=True)
    advice = "if it is what the target should get, map the source group to it in targets.security_groups; else rename it"
    yield Wanted(f"security group {name} in {vpc_id}", question, advice)


def _image(place: Place, call: Call) -> Iterator[Wanted]:
    name = str(call.params["Name"])
    asked = {"Owners": ["self"], "Filters": [{"Name": "name", "Values": [name]}]}
    question = Question(*place, "ec2", "DescribeImages", asked, "Images[].[ImageId, Tags]")
    yield Wanted(f"image {name}", question, "deregister it, if no wave that runs has made it")


def _address(place: Place, call: Call) -> Iterator[Wanted]:
    for address, subnet_id in _asked(call):
        asked = {"Filters": [{"Name": "subnet-id", "Values": [subnet_id]}, {"Name": "addresses.private-ip-address", "Values": [address]}]}
        reads = "NetworkInterfaces[].[NetworkInterfaceId, TagSet]"
        question = Question(*place, "ec2", "DescribeNetworkInterfaces", asked, reads, pages=True)
        yield Wanted(f"address {address} in {subnet_id}", question, "free it, or give another in targets.overrides")


def _named(service: str, operation: str, member: str, reads: str, absent: str) -> "Wants":
    """A name that one thing of an account and region can have, by the call that describes it."""

    def wants(place: Place, call: Call) -> Iterator[Wanted]:
        if is_known(call.params.get(member)):
            name = str(call.params[member])
            question = Question(*place, service, operation, {member: name}, reads, frozenset({absent}))
            yield Wanted(f"{member} {name}", question, "rename what has it, or give another name in targets")

    return wants


Wants = Callable[[Place, Call], Iterator[Wanted]]
_DATABASE = _named(
    "rds", "DescribeDBInstances", "DBInstanceIdentifier", "DBInstances[].[DBInstanceIdentifier, TagList]", "DBInstanceNotFound"
)
_CLUSTER = _named(
    "rds", "DescribeDBClusters", "DBClusterIdentifier", "DBClusters[].[DBClusterIdentifier, TagList]", "DBClusterNotFoundFault"
)
WANTED_BY: Mapping[tuple[str, str], Wants] = {
    ("ec2", "CreateSecurityGroup"): _group,
    ("ec2", "CreateImage"): _image,
    ("ec2", "CopyImage"): _image,
    ("ec2", "RunInstances"): _address,
    ("rds", "CreateDBInstance"): _DATABASE,
    ("rds", "CreateDBInstanceReadReplica"): _DATABASE,
    ("rds", "RestoreDBInstanceFromDBSnapshot"): _DATABASE,
    ("rds", "CreateDBCluster"): _CLUSTER,
    ("rds", "RestoreDBClusterFromSnapshot"): _CLUSTER,
}


def _wanted(wave: WaveFacts) -> Iterator[tuple[Explained, Place, Wanted]]:
    for one in wave.explained:
        for made in one.calls:
            if made.call is None or not made.writes:
                continue
            wants = WANTED_BY.get((made.call.service, made.call.operation))
            place = (made.account_id, made.region)
            yield from ((one, place, wanted) for wanted in (wants(place, made.call) if wants is not None else ()))


def _asks(wave: WaveFacts) -> Iterator[Question]:
    yield from (wanted.question for _, _, wanted in _wanted(wave))
    yield from (subnet_question(place, subnet_id) for _, place, _, subnet_id in _addressed(wave))


def _judges(wave: WaveFacts, answers: Answers) -> Iterator[Check]:
    times = Counter((place, wanted.what) for _, place, wanted in _wanted(wave))
    for (place, what), number in times.items():
        if number > 1:
            yield failed(NAME, what, place, f"{number} steps of this wave want it", "rename one of the sources, or map one of them")
    for one, place, wanted in _wanted(wave):
        yield _judged(one, place, wanted, answers[wanted.question])
    for one, place, address, subnet_id in _addressed(wave):
        found = answers[subnet_question(place, subnet_id)]
        if isinstance(found, Unseen):
            yield unseen(NAME, one.step.uid, place, found)
        elif found is not None and not is_usable(address, str(found.get("CidrBlock"))):
            told = f"{address} is no address that subnet {subnet_id} ({found.get('CidrBlock')}) can give"
            yield failed(NAME, one.step.uid, place, told, "give one of the subnet's in targets.overrides, or take same_private_ip away")


def _addressed(wave: WaveFacts) -> Iterator[tuple[Explained, Place, str, str]]:
    """(step, place, address, subnet) of addresses that launches ask for."""
    for one, account_id, region, call in wave.calls("ec2", "RunInstances"):
        yield from ((one, (account_id, region), address, subnet_id) for address, subnet_id in _asked(call))


def _asked(call: Call) -> Iterator[tuple[str, str]]:
    """(address, subnet) of the addresses that a launch asks for."""
    for made in launched_interfaces(call.params):
        if is_known(made.subnet_id):
            yield from ((address, str(made.subnet_id)) for address in made.addresses if is_known(address))


def _judged(one: Explained, place: Place, wanted: Wanted, found: Any) -> Check:
    if any_unseen(found):
        return unseen(NAME, wanted.what, place, found)
    marks = one.step.params.get("marks") or {}
    own = {f"cloudmigrate:{name}": str(value)[:256] for name, value in marks.items()}
    others: list[str] = []
    ours: list[str] = []
    for thing, tags in found or ():
        borne = {str(tag.get("Key")): str(tag.get("Value")) for tag in tags or ()}
        (ours if own and all(borne.get(name) == own.get(name) for name in MARKS) else others).append(str(thing))
    if others:
        return failed(NAME, wanted.what, place, f"{listed(others)} has it", wanted.advice)
    told = f"{listed(ours)} has it, made by this very step before" if ours else "nobody has it"
    return passed(NAME, wanted.what, place, told)


COLLISIONS = Kind(NAME, _asks, _judges)
