"""The record of an act, and the calls that it is made of. Pure: builders of requests and paths into answers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One API call in the words of the service: ``Call("ec2", "CreateImage", {...})``."""

    service: str  # botocore's name
    operation: str
    params: Params = field(default_factory=dict)
    region: str = ""  # where it is not the step's own: the source of a copy, or a global service
    account_id: str = ""  # likewise

    @property
    def iam_action(self) -> str:
        """The permission that the call needs, where it is named as the operation is."""
        action = f"{IAM_PREFIX.get(self.service, self.service)}:{self.operation}"
        return IAM_ACTION.get(action, action)

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing."""
        return self.operation.startswith(("Describe", "Get", "List"))


IAM_PREFIX = {
    "elbv2": "elasticloadbalancing",
    "elb": "elasticloadbalancing",
    "service-quotas": "servicequotas",
    "s3control": "s3",
}  # where it is not botocore's name


@dataclass(frozen=True, slots=True)
class Before:
    """In the parameters of a call: the instant so long before it is made. Acts know no clock."""

    span: timedelta


def timed(value: Any, now: datetime) -> Any:
    """The parameters of a call that is made *now*."""
    if isinstance(value, Before):
        return now - value.span
    if isinstance(value, Mapping):
        return {name: timed(item, now) for name, item in value.items()}
    return [timed(item, now) for item in value] if isinstance(value, list | tuple) else value


# Where it is not the operation's name. Source: Service authorization reference, "Actions, resources, and condition keys for Amazon S3",
# and those of AWS Lambda.
IAM_ACTION = {
    "lambda:GetLayerVersionByArn": "lambda:GetLayerVersion",
    "s3:HeadObject": "s3:GetObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:DeleteBucketCors": "s3:PutBucketCORS",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutBucketCors": "s3:PutBucketCORS",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}


@dataclass(frozen=True, slots=True)
class Look:
    """A call that changes nothing, and what to read in its answer."""

    call: Call
    finds: Mapping[str, str]  # output -> JMESPath; the thing is there when each gives something
    absent: frozenset[str] = frozenset()  # error codes that say that it is not there
    otherwise: Params | None = None  # what is found where it is not there; None: nothing


@dataclass(frozen=True, slots=True)
class Await:
    """A state that is waited for."""

    look: Look  # finds "state", and what else the step gives; "reason" is told in an error, "secrets" names what it may repeat
    wanted: frozenset[Any]
    failing: frozenset[Any] = frozenset()  # from which it never gets there
    every: timedelta = timedelta(seconds=15)
    within: timedelta = timedelta(hours=1)
    advice: str = ""  # what to do where it does not come about
    or_gone: bool = False  # whether it may as well not be there; where no state is wanted, that is what is waited for


@dataclass(frozen=True, slots=True)
class Rest:
    """A time that has to pass, or days in which nobody must call what stands still. The wave does not stand still for days: it ends,
    and is resumed."""

    since: str  # an instant, ISO 8601
    lasts: timedelta
    contacts: Callable[[datetime, datetime], tuple[Look, ...]]  # of beginning and now: each finds a "contact", in words, if there was one
    advice: str = ""
    why: str = "it stands still, and nobody called it so far"
    held: timedelta = timedelta(0)  # what is left is waited for by the process itself where it is no more than this


@dataclass(frozen=True, slots=True)
class Undo:
    """A call that takes something back; one that only reads, where a state has to be waited for first."""

    call: Call
    absent: frozenset[str] = frozenset()  # error codes that say that it was taken back already
    not_yet: frozenset[str] = frozenset()  # error codes that pass: something else still holds it
    gone: Await | None = None  # what is waited for after it
    before: Await | None = None  # and before it
    otherwise: frozenset[str] = frozenset()  # error codes that say that nothing is to be done; *gone* is waited for all the same


@dataclass(frozen=True, slots=True)
class FileCopy:
    """A file that an answer names by a url, as the body of the act's call, where its digest is the one that it must have."""

    named_by: Call  # its url is as good as a key: it is asked for at the last moment and stands nowhere
    url: str  # JMESPath into that answer
    sha256: str  # base64


@dataclass(frozen=True, slots=True)
class ImageCopy:
    """A container image from one registry of ECR to another, byte for byte; the act's call puts its manifest there."""

    account_id: str  # as which the source is read
    region: str
    registry_id: str  # the account of the source's registry
    repository: str  # in both registries
    digest: str  # of its manifest


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of step. *does* is None for a step that only waits or checks."""

    name: str
    says: str  # in the imperative, for people; {name} is a parameter
    does: Callable[[Params, str], Call] | None = None  # of parameters and idempotency key
    gives: Mapping[str, str] = field(default_factory=dict)  # output -> JMESPath into the answer
    copies: Callable[[Params], FileCopy | ImageCopy] | None = None  # the data that goes before, or with, the call of *does*
    noted_at: str = ""  # output that keeps the instant at which it was seen to be done: at its answer, or when it was found to be done
    keeps: tuple[str, ...] = ()  # parameters that are outputs as they are, where the answer names nothing
    reads: Callable[[Params], Look | None] | None = None  # what the request needs and no record may hold: read just before, for *does*
    look: Callable[[Params, str], Look] | None = None  # how to see that it was done under that key
    awaits: Callable[[Params], Await] | None = None
    rests: Callable[[Params], Rest] | None = None
    undoes: Callable[[Params, Params], tuple[Undo, ...]] | None = None  # of parameters and outputs
    begun: Callable[[str], Params] | None = None  # of the key: outputs for the undo of what was done in part; None: in one call or not
    is_repeatable: bool = False  # the API takes the key and does it once, or doing it twice is doing it once
    takes_dry_run: bool = False  # the API honours DryRun
    not_yet: frozenset[str] = frozenset()  # error codes that pass: what it builds on does not show yet
    exists: frozenset[str] = frozenset()  # error codes that say that it, or something of its name, is there
    already: frozenset[str] = frozenset()  # of what ends something: error codes that say that it is gone
    holds_writes: bool = False  # from cutover on users write to what it makes: a person hears of them before its undo throws them away
    is_elsewhere: bool = False  # the cloud's world alone does not do it: what is around that one does
    further_actions: tuple[str, ...] = ()  # IAM actions beside those of its calls
    likely: timedelta = timedelta(seconds=5)
    family: str = ""  # of API limits


MASKED_TAG = "(masked)"  # what is kept in the place of a tag's value that is a secret
MOST_TAGS = 50  # Source: EC2 user guide, "Tag restrictions": 50 tags; keys of 128 characters, values of 256; aws: is reserved


def tags_of(params: Params, key: str) -> list[dict[str, str]]:
    """The tags that everything created bears: those of the source that are known, and ours, by which what a dead process made is found."""
    own = {"cloudmigrate:key": key, **{f"cloudmigrate:{name}": str(value)[:256] for name, value in params.get("marks", {}).items()}}
    taken = {
        name: value[:256]
        for name, value in sorted(params.get("tags", {}).items())
        if value != MASKED_TAG and 0 < len(name) <= 128 and not name.lower().startswith(("aws:", "cloudmigrate:"))
    }
    kept = list(taken.items())[: MOST_TAGS - len(own)]
    return [{"Key": name, "Value": value} for name, value in sorted([*kept, *own.items()])]


def tagged(kinds: tuple[str, ...], params: Params, key: str) -> list[dict[str, Any]]:
    """EC2's TagSpecifications for what a request creates."""
    return [{"ResourceType": kind, "Tags": tags_of(params, key)} for kind in kinds]


def quoted(value: Any) -> str:
    """The value within a JMESPath expression, whatever characters it has."""
    return f"`{json.dumps(value).replace('`', chr(92) + '`')}`"


def member(name: str) -> str:
    """A member's name within a JMESPath expression, whatever characters it has."""
    return json.dumps(name)


def by_key(key: str) -> list[dict[str, Any]]:
    """The filter of EC2's lists that finds what bears the key."""
    return [{"Name": "tag:cloudmigrate:key", "Values": [key]}]
