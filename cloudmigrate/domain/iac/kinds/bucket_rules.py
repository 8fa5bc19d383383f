"""What a bucket does by rules: lifecycle, CORS, website and notifications, in CloudFormation's words.

Source: S3 API reference, LifecycleRule, CORSRule, GetBucketWebsite, NotificationConfiguration; AWS::S3::Bucket.
"""

from collections.abc import Mapping
from typing import Any

from cloudmigrate.domain.iac.source import Source, branch, frozen, transformed
from cloudmigrate.domain.iac.values import Branch, Came, Items, Leaf, Node, Origin, Value

# Words of the API -> CloudFormation's, where they differ.
EXPIRES = {"Days": "ExpirationInDays", "Date": "ExpirationDate", "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"}
MOVES = {"Days": "TransitionInDays", "Date": "TransitionDate", "StorageClass": "StorageClass"}
MOVES_OLD = {"NoncurrentDays": "TransitionInDays", "StorageClass": "StorageClass", "NewerNoncurrentVersions": "NewerNoncurrentVersions"}
SIZES = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")
CORS = {
    "ID": "Id",
    "AllowedHeaders": "AllowedHeaders",
    "AllowedMethods": "AllowedMethods",
    "AllowedOrigins": "AllowedOrigins",
    "ExposeHeaders": "ExposedHeaders",
    "MaxAgeSeconds": "MaxAge",
}
# Notifications: member of the source, ARN in it, property, what the property calls the receiver, and the type.
RECEIVERS = (
    ("QueueConfigurations", "QueueArn", "QueueConfigurations", "Queue"),
    ("TopicConfigurations", "TopicArn", "TopicConfigurations", "Topic"),
    ("LambdaFunctionConfigurations", "LambdaFunctionArn", "LambdaConfigurations", "Function"),
)


def copied(given: Mapping[str, Any], name: str, path: str) -> Leaf | None:
    """A member of a member as it is; None where there is none."""
    found = given.get(name)
    return None if found in (None, "", [], {}) else Leaf(frozen(found), Origin(Came.COPIED, f"{path}.{name}"))


def tag_filters(tags: Any, path: str) -> Leaf | None:
    """Tags that objects must have."""
    found = tuple({"Key": str(one["Key"]), "Value": str(one["Value"])} for one in tags or ())
    return Leaf(found, Origin(Came.COPIED, f"{path}.Tags")) if found else None


def lifecycle(source: Source) -> Node | None:
    """When objects move to cheaper storage and when they go."""
    rules = tuple(_rule(one, f"LifecycleRules[{number}]") for number, one in enumerate(source.value("LifecycleRules") or ()))
    return branch(Rules=Items(rules)) if rules else None


def _rule(one: Mapping[str, Any], path: str) -> Branch:
    given = one.get("Filter") or {}
    both = given.get("And") or given
    prefix = both.get("Prefix") or one.get("Prefix")
    tags = both.get("Tags") or ([given["Tag"]] if given.get("Tag") else [])
    expires = one.get("Expiration") or {}
    members: dict[str, Node | None] = {
        "Id": copied(one, "ID", path),
        "Status": copied(one, "Status", path),
        "Prefix": Leaf(str(prefix), Origin(Came.COPIED, f"{path}.Filter")) if prefix else None,
        "TagFilters": tag_filters(tags, f"{path}.Filter"),
        **{size: Leaf(str(both[size]), Origin(Came.COPIED, f"{path}.Filter.{size}")) for size in SIZES if both.get(size) is not None},
        **{
            there: _said(expires[name], f"{path}.Expiration.{name}")
            for name, there in EXPIRES.items()
            if expires.get(name) not in (None, False)
        },
        "Transitions": _renamed(one.get("Transitions"), MOVES, f"{path}.Transitions"),
        "NoncurrentVersionTransitions": _renamed(
            one.get("NoncurrentVersionTransitions"), MOVES_OLD, f"{path}.NoncurrentVersionTransitions"
        ),
        "NoncurrentVersionExpiration": copied(one, "NoncurrentVersionExpiration", path),
        "AbortIncompleteMultipartUpload": copied(one, "AbortIncompleteMultipartUpload", path),
    }
    return Branch({name: node for name, node in members.items() if node is not None})


def _said(value: Any, path: str) -> Leaf:
    return Leaf(frozen(value), Origin(Came.COPIED, path))


def _renamed(given: Any, names: Mapping[str, str], path: str) -> Leaf | None:
    """A list of objects whose members are called otherwise there."""
    found: list[Value] = [
        {there: frozen(one[name]) for name, there in names.items() if one.get(name) not in (None, "", [])} for one in given or ()
    ]
    return Leaf(tuple(found), Origin(Came.COPIED, path)) if found else None


def cors(source: Source) -> Node | None:
    """From which other sites browsers may read."""
    return branch(CorsRules=_renamed(source.value("CORSRules"), CORS, "CORSRules"))


def website(source: Source) -> Node | None:
    """How it serves as a website; the public reaches it only through CloudFront, as public access is blocked."""
    given = source.value("Website") or {}
    index, error = (given.get("IndexDocument") or {}).get("Suffix"), (given.get("ErrorDocument") or {}).get("Key")
    all_to = given.get("RedirectAllRequestsTo")
    return branch(
        IndexDocument=Leaf(str(index), Origin(Came.COPIED, "Website.IndexDocument.Suffix")) if index else None,
        ErrorDocument=Leaf(str(error), Origin(Came.COPIED, "Website.ErrorDocument.Key")) if error else None,
        RedirectAllRequestsTo=Leaf(frozen(all_to), Origin(Came.COPIED, "Website.RedirectAllRequestsTo")) if all_to else None,
        RoutingRules=_routing(given.get("RoutingRules")),
    )


def _routing(given: Any) -> Leaf | None:
    found: list[Value] = []
    for one in given or ():
        rule: dict[str, Value] = {"RedirectRule": frozen(one["Redirect"])}
        if one.get("Condition"):
            rule["RoutingRuleCondition"] = frozen(one["Condition"])
        found.append(rule)
    return Leaf(tuple(found), Origin(Came.COPIED, "Website.RoutingRules")) if found else None


def notification(source: Source) -> tuple[Node | None, tuple[str, ...]]:
    """Who hears of new objects, and the policies that let S3 tell them: those have to be there first."""
    given = source.value("Notification") or {}
    members: dict[str, Node | None] = {}
    needs: list[str] = []
    for member, arn, there, receiver in RECEIVERS:
        made: list[Node] = []
        for number, one in enumerate(given.get(member) or ()):
            path = f"Notification.{member}[{number}]"
            found = source.referred(f"{path}.{arn}", one[arn], attribute="Arn", where="targets.event_sources")
            needs += policies_of(source, str(one[arn]))
            made += [node for event in one.get("Events") or () if (node := _event(one, path, str(event), receiver, found))]
        members[there] = Items(tuple(made)) if made else None
    if given.get("EventBridgeConfiguration") is not None:
        enabled = Leaf(value=True, origin=transformed("Notification.EventBridgeConfiguration", "on where it is there"))
        members["EventBridgeConfiguration"] = branch(EventBridgeEnabled=enabled)
    return branch(**members), tuple(needs)


def _event(one: Mapping[str, Any], path: str, event: str, receiver: str, found: Leaf | None) -> Node | None:
    """One kind of event: CloudFormation has a configuration for each."""
    rules = ((one.get("Filter") or {}).get("Key") or {}).get("FilterRules") or ()
    kept = tuple({"Name": str(rule["Name"]).lower(), "Value": str(rule["Value"])} for rule in rules)
    key = branch(Rules=Leaf(kept, Origin(Came.COPIED, f"{path}.Filter.Key.FilterRules"))) if kept else None
    members = {"Event": Leaf(event, Origin(Came.COPIED, f"{path}.Events")), receiver: found, "Filter": branch(S3Key=key)}
    return branch(**members)


def policies_of(source: Source, arn: str) -> list[str]:
    """The keys of what lets S3 send to a queue or topic, or call a function: keys of what is not made do no harm."""
    functions = source.relatives(source.resource, "AWS::Lambda::Function")
    statements = next((len((one.spec.get("Policy") or {}).get("Statement") or ()) for one in functions if one.uid == arn), 0)
    return [f"{arn}#policy", *(f"{arn}#permission-{number}" for number in range(statements))]
