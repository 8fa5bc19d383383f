"""Rules of a bucket's lifecycle in Terraform, whose filters and expirations are blocks of their own there."""

from collections.abc import Mapping

from cloudmigrate.domain.iac.shape import Argument, Member, Nested, named, tag_map
from cloudmigrate.domain.iac.values import Value

CHOSEN = ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
EXPIRES = {"ExpirationInDays": "Days", "ExpirationDate": "Date", "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"}
KEPT = (
    "Id",
    "Status",
    "Transitions",
    "NoncurrentVersionTransitions",
    "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
)


def lifecycle_rules(value: Value) -> Value:
    """Rules with their filter and expiration as objects."""
    return tuple(_rule(number, one) for number, one in enumerate(value if isinstance(value, tuple) else ()) if isinstance(one, Mapping))


def _rule(number: int, one: Mapping[str, Value]) -> Value:
    rule: dict[str, Value] = {"Id": f"rule-{number}"}
    rule |= {name: one[name] for name in KEPT if one.get(name) is not None}
    rule["Filter"] = one_filter(one)
    expires = {there: one[name] for name, there in EXPIRES.items() if one.get(name) is not None}
    return rule | {"Expiration": expires} if expires else rule


def one_filter(one: Mapping[str, Value]) -> Value:
    """What of a rule says to which objects it applies: one thing, or several within ``And``; all objects where nothing does."""
    given = one.get("TagFilters")
    tags = given if isinstance(given, tuple) else ()
    chosen: dict[str, Value] = {name: _number(name, one[name]) for name in CHOSEN if one.get(name) is not None}
    if len(chosen) + len(tags) > 1:
        return {"And": chosen | ({"TagFilters": tags} if tags else {})}
    return {"Tag": tags[0]} if tags else chosen or {"Prefix": ""}


def _number(name: str, value: Value) -> Value:
    return int(value) if name != "Prefix" and isinstance(value, str) else value


SIZES: Mapping[str, Member] = named(
    Prefix="prefix", ObjectSizeGreaterThan="object_size_greater_than", ObjectSizeLessThan="object_size_less_than"
)
LIFECYCLE_RULE: Mapping[str, Member] = {
    **named(Id="id", Status="status"),
    "Filter": Nested(
        "filter",
        {
            **SIZES,
            "Tag": Nested("tag", named(Key="key", Value="value")),
            "And": Nested("and", {**SIZES, "TagFilters": Argument("tags", tag_map)}),
        },
    ),
    "Expiration": Nested("expiration", named(Days="days", Date="date", ExpiredObjectDeleteMarker="expired_object_delete_marker")),
    "Transitions": Nested("transition", named(TransitionInDays="days", TransitionDate="date", StorageClass="storage_class")),
    "NoncurrentVersionExpiration": Nested(
        "noncurrent_version_expiration", named(NoncurrentDays="noncurrent_days", NewerNoncurrentVersions="newer_noncurrent_versions")
    ),
    "NoncurrentVersionTransitions": Nested(
        "noncurrent_version_transition",
        named(TransitionInDays="noncurrent_days", NewerNoncurrentVersions="newer_noncurrent_versions", StorageClass="storage_class"),
    ),
    "AbortIncompleteMultipartUpload": Nested("abort_incomplete_multipart_upload", named(DaysAfterInitiation="days_after_initiation")),
}
