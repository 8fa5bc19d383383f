"""Queues and topics.

Source: AWS CloudFormation template reference, AWS::SQS::Queue and QueuePolicy, AWS::SNS::Topic, TopicPolicy and Subscription.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cloudmigrate.domain.iac.kind import GIVEN, Kind, same_name_there
from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.source import Source, branch, defaulted, transformed
from cloudmigrate.domain.iac.told import KEY
from cloudmigrate.domain.iac.values import Items, Leaf, Node, Ref

RUN_TIME = "what it holds at the moment"
# Members of a queue's attributes, and of SQS's template.
NUMBERS = {
    "DelaySeconds": "DelaySeconds",
    "MaximumMessageSize": "MaximumMessageSize",
    "MessageRetentionPeriod": "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout": "VisibilityTimeout",
    "KmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
}
# Of those, what means nothing without another member.
WORDS = ("DeduplicationScope", "FifoThroughputLimit")


def queue(source: Source) -> Iterator[TargetResource]:
    """A queue, and its policy. What waits in it is not moved: it is emptied before cutover."""
    spec = source.spec
    properties: dict[str, Node | None] = {"QueueName": source.own_name("QueueArn", _name_in_arn(str(spec.get("QueueArn", ""))))}
    properties |= {name: source.copied(member, of=int) for member, name in NUMBERS.items()}
    properties |= {word: source.copied(word) for word in WORDS}
    properties |= {
        "FifoQueue": source.copied("FifoQueue", of=_true),
        "ContentBasedDeduplication": source.copied("ContentBasedDeduplication", of=_true),
        "RedrivePolicy": _redrive(source),
        **_encryption(source),
        "Tags": source.tags(),
    }
    made = source.target("AWS::SQS::Queue", properties, stateful=True)
    yield made
    policy = _document(source, "Policy")
    if policy is not None:
        queues = Items((Leaf(Ref(made.key), transformed("Policy", "the queue that it is of")),))
        yield source.target("AWS::SQS::QueuePolicy", {"PolicyDocument": policy, "Queues": queues}, part="policy")


def topic(source: Source) -> Iterator[TargetResource]:
    """A topic with its policy and subscriptions. People confirm those by e-mail anew."""
    spec = source.spec
    arn = str(spec.get("TopicArn", ""))
    fifo = source.copied("FifoTopic", of=_true)
    properties: dict[str, Node | None] = {
        "TopicName": source.own_name("TopicArn", arn.rsplit(":", 1)[-1]),
        "DisplayName": source.copied("DisplayName"),
        "FifoTopic": fifo,
        "ContentBasedDeduplication": source.copied("ContentBasedDeduplication", of=_true),
        "KmsMasterKeyId": source.referred("KmsMasterKeyId", type_=KEY, where="targets.kms_key"),
        "Tags": source.tags(),
    }
    made = source.target("AWS::SNS::Topic", properties)
    yield made
    policy = _document(source, "Policy")
    if policy is not None and not _is_default(spec.get("Policy")):
        topics = Items((Leaf(Ref(made.key), transformed("Policy", "the topic that it is of")),))
        yield source.target("AWS::SNS::TopicPolicy", {"PolicyDocument": policy, "Topics": topics}, part="policy")
    for number, one in enumerate(source.value("Subscriptions") or ()):
        yield _subscription(source, made, number, one)


def _subscription(source: Source, topic: TargetResource, number: int, one: Mapping[str, Any]) -> TargetResource:
    path = f"Subscriptions[{number}]"
    protocol = str(one["Protocol"])
    if protocol in ("sqs", "lambda", "firehose"):
        endpoint = source.referred(f"{path}.Endpoint", one.get("Endpoint"), attribute="Arn", where="targets.event_sources")
    else:  # an address may have a token in it, and is somebody's
        endpoint = source.secret(f"{path}.Endpoint", f"where the topic sends to by {protocol}")
    properties = {
        "Protocol": Leaf(protocol, transformed(f"{path}.Protocol", "as it is")),
        "Endpoint": endpoint,
        "TopicArn": Leaf(Ref(topic.key), transformed(path, "the topic that it is of")),
    }
    return source.target("AWS::SNS::Subscription", properties, part=f"subscription-{number}")


def _name_in_arn(arn: str) -> str:
    return arn.rsplit(":", 1)[-1]


def _redrive(source: Source) -> Node | None:
    """To which queue messages go that nobody can handle, and after how many tries."""
    given = source.value("RedrivePolicy")
    policy = json.loads(given) if isinstance(given, str) and given else given
    if not policy:
        return None
    count = Leaf(int(policy["maxReceiveCount"]), transformed("RedrivePolicy", "as it is"))
    target = source.referred("RedrivePolicy", policy["deadLetterTargetArn"], attribute="Arn", where="targets.event_sources")
    return branch(deadLetterTargetArn=target, maxReceiveCount=count)


def _encryption(source: Source) -> dict[str, Node | None]:
    key = source.referred("KmsMasterKeyId", type_=KEY, where="targets.kms_key")
    managed = source.copied("SqsManagedSseEnabled", of=_true)
    if key is not None:
        return {"KmsMasterKeyId": key}
    if managed is not None and managed.value is True:
        return {"SqsManagedSseEnabled": managed}
    return {"SqsManagedSseEnabled": defaulted(value=True, why="encryption is on unless the source has a key of its own")}


def _document(source: Source, path: str) -> Leaf | None:
    given = source.value(path)
    return source.rewritten(path, json.loads(given) if isinstance(given, str) and given else given)


def _is_default(policy: Any) -> bool:
    """Whether AWS wrote it: it comes with every topic."""
    document = json.loads(policy) if isinstance(policy, str) and policy else policy
    return isinstance(document, Mapping) and document.get("Id") == "__default_policy_ID"


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


KINDS = (
    Kind(
        "AWS::SQS::Queue",
        queue,
        known_as=("QueueUrl",),
        named_arn=same_name_there,
        not_configuration={
            "QueueUrl": GIVEN,
            "CreatedTimestamp": RUN_TIME,
            "LastModifiedTimestamp": RUN_TIME,
            "ApproximateNumberOfMessages": RUN_TIME,
            "ApproximateNumberOfMessagesDelayed": RUN_TIME,
            "ApproximateNumberOfMessagesNotVisible": RUN_TIME,
        },
    ),
    Kind(
        "AWS::SNS::Topic",
        topic,
        arn="TopicArn",
        named_arn=same_name_there,
        not_configuration={
            "Owner": GIVEN,
            "SubscriptionsConfirmed": RUN_TIME,
            "SubscriptionsPending": RUN_TIME,
            "SubscriptionsDeleted": RUN_TIME,
            "EffectiveDeliveryPolicy": "made by AWS of DeliveryPolicy",
        },
    ),
)
