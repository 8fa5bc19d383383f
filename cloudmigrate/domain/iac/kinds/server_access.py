"""Who may use a server, and as whom it acts: key pairs, instance profiles, and how it asks for what AWS knows of it.

Source: AWS CloudFormation template reference, AWS::EC2::KeyPair.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, RUN_TIME, Kind
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import OF_ITS_ID, NotGenerated, Source, branch, transformed
from cloudmigrate.domain.iac.values import Came, Leaf, Node, Origin

KEY_PAIR, PROFILE = "AWS::EC2::KeyPair", "AWS::IAM::InstanceProfile"


def key_pair(source: Source) -> Iterator[TargetResource]:
    """The public half of a key pair; the private half stays with its people."""
    if not source.value("PublicKey"):
        raise NotGenerated("its public half is not told: import it in the target, and map it in targets.key_pairs")
    properties: dict[str, Node | None] = {
        "KeyName": source.copied("KeyName"),
        "PublicKeyMaterial": source.copied("PublicKey"),
        "Tags": source.tags(),
    }
    yield source.target(KEY_PAIR, properties)


def key_name(source: Source, path: str, name: str) -> Leaf | None:
    """The name of the key pair."""
    if name and source.look(source.resource, name, KEY_PAIR) is None:
        return Leaf(name, transformed(path, "a key pair of the same name, as targets.key_pairs says no other"))
    return source.referred(path, name, type_=KEY_PAIR)


def profile_of(source: Source, path: str, arn: str) -> Leaf | None:
    """The name of the instance profile."""
    source.value(path)
    name = arn.rpartition("/")[2]
    if not name:
        return None
    known = next((one for one in (name, arn) if source.look(source.resource, one, PROFILE) is not None), None)
    if known is None:
        return Leaf(name, transformed(path, "a profile of the same name, as targets.instance_profiles says no other"))
    found = source.referred(path, known, type_=PROFILE)
    if found is not None and isinstance(found.value, str):
        return Leaf(found.value.rpartition("/")[2], found.origin)
    return found


def metadata_options(given: Mapping[str, Any], path: str) -> Node | None:
    """How the server asks for what AWS knows of it: with a token only."""
    required = given.get("HttpTokens") == "required"
    tokens = (
        Leaf("required", Origin(Came.COPIED, f"{path}.HttpTokens"))
        if required
        else Leaf(
            "required", transformed(f"{path}.HttpTokens", "IMDSv2 only; programs that ask without a token have to be brought up to date")
        )
    )
    others = {
        word: Leaf(given[word], Origin(Came.COPIED, f"{path}.{word}"))
        for word in ("HttpEndpoint", "HttpPutResponseHopLimit", "HttpProtocolIpv6", "InstanceMetadataTags")
        if given.get(word) is not None
    }
    if given.get("HttpEndpoint") == "disabled":
        return branch(HttpEndpoint=others["HttpEndpoint"])
    return branch(HttpTokens=tokens, **others)


KINDS = (
    Kind(
        KEY_PAIR,
        key_pair,
        known_as=("KeyName", "KeyPairId"),
        is_shared=True,
        stays_in_place=True,
        arn=OF_ITS_ID,
        not_configuration={"KeyPairId": GIVEN, "KeyFingerprint": GIVEN, "KeyType": "what its public half says", "CreateTime": RUN_TIME},
    ),
)
