"""What configuration states: which resource needs, contains or runs under which. Read from specs; no call, no clock."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cloudmigrate.aws.arns import image_repository, last_part, partition_of, place_of, resource_arn
from cloudmigrate.aws.catalogue import BY_TYPE
from cloudmigrate.aws.expressions import compiled, evaluate
from cloudmigrate.aws.relation_index import RelationIndex, normal_host
from cloudmigrate.aws.resource_type import RelationRule
from cloudmigrate.domain.resources import Relation, Resource

QUEUE_URL = re.compile(r"[a-z]+://([^/]+)/(\d{12}/[A-Za-z0-9_-]+(?:\.fifo)?)$")

Resolver = Callable[[RelationIndex, RelationRule, Any, Resource], Iterable[str]]


def relations_of(resources: Iterable[Resource]) -> tuple[Relation, ...]:
    """Every relation that the specs of *resources* state, sorted, each once; takes time in proportion to their number.

    A target named by its full ARN (or by an id that makes an ARN) stays even if it was not discovered: it is a reference
    that does not resolve, which is worth knowing. Hosts, names and addresses that lead nowhere are no relations.
    """
    listed = list(resources)
    index = RelationIndex(listed)
    found: set[tuple[str, str, str]] = set()
    for resource in listed:
        row = BY_TYPE.get(resource.type)
        if row is not None:
            for rule in row.relations:
                found.update(_of_rule(index, rule, resource))
    return tuple(Relation(source, target, kind) for source, target, kind in sorted(found))


def _of_rule(index: RelationIndex, rule: RelationRule, resource: Resource) -> Iterator[tuple[str, str, str]]:
    values = compiled(rule.path)(resource.spec)
    if not values or values is True:
        return
    source = resource.uid if rule.source is None else _stated_source(index, rule.source, resource)
    if source is None:
        return
    resolve = RESOLVERS[rule.by]
    for value in values if isinstance(values, list) else (values,):
        if value is None or isinstance(value, bool):
            continue
        for target in resolve(index, rule, value, resource):
            for one in _through(index, rule.via, target) if rule.via else (target,):
                if one != source and (rule.keep_unresolved or one in index.by_uid):
                    yield (one, source, rule.kind) if rule.reverse else (source, one, rule.kind)


def _stated_source(index: RelationIndex, path: str, resource: Resource) -> str | None:
    stated = evaluate(path, resource.spec)
    arn = resource_arn(stated) if isinstance(stated, str) else None
    return arn if arn in index.by_uid else None


def _through(index: RelationIndex, via: tuple[str, str], uid: str) -> Iterator[str]:
    """What the resource *uid* of type via[0] names by ARN at via[1]."""
    between = index.by_uid.get(uid)
    if between is None or between.type != via[0]:
        return
    for value in evaluate(via[1], between.spec) or ():
        arn = resource_arn(value) if isinstance(value, str) else None
        if arn:
            yield arn


def _types(rule: RelationRule) -> tuple[str, ...]:
    return (rule.target,) if isinstance(rule.target, str) else rule.target


def _by_arn(index: RelationIndex, _rule: RelationRule, value: Any, _near: Resource) -> Iterator[str]:
    if not isinstance(value, str):
        return
    if value in index.by_uid:
        yield value
        return
    arn = resource_arn(value)
    if arn is None:
        return
    if arn not in index.by_uid and ":secretsmanager:" in arn:
        yield _complete_secret(index, arn) or arn
    else:
        yield arn


def _complete_secret(index: RelationIndex, arn: str) -> str | None:
    """The secret that an ARN without its random suffix means, as Secrets Manager resolves it."""
    return index.by_name(("AWS::SecretsManager::Secret",), last_part(arn).removeprefix("secret:"), *place_of(arn))


def _by_id(index: RelationIndex, rule: RelationRule, value: Any, near: Resource) -> Iterator[str]:
    if not isinstance(value, str):
        return
    if value.startswith("arn:"):
        yield from _by_arn(index, rule, value, near)
        return
    found = index.by_id(_types(rule), value, near) or index.constructed(_types(rule), value, near)
    if found is not None:
        yield found


def _by_name(index: RelationIndex, rule: RelationRule, value: Any, near: Resource) -> Iterator[str]:
    """By name, id, alias or ARN. An unmatched ARN of the same account is most likely a default of AWS's own (its KMS keys)."""
    if not isinstance(value, str):
        return
    if not value.startswith("arn:"):
        found = index.by_name(_types(rule), value, near.account_id, near.region)
        if found is not None:
            yield found
        return
    arn = resource_arn(value)
    if arn is None:
        return
    account, region = place_of(arn)
    named = arn if arn in index.by_uid else index.by_name(_types(rule), last_part(arn), account, region)
    if named is not None:
        yield named
    elif account != near.account_id:
        yield arn


def _by_host(index: RelationIndex, rule: RelationRule, value: Any, near: Resource) -> Iterator[str]:
    if isinstance(value, str):
        yield from index.by_host(frozenset(_types(rule)), value, near)


def _by_address(index: RelationIndex, rule: RelationRule, value: Any, near: Resource) -> Iterator[str]:
    if isinstance(value, str):
        found = index.by_address(_types(rule), value, near)
        if found is not None:
            yield found


def _by_endpoint(index: RelationIndex, rule: RelationRule, value: Any, near: Resource) -> Iterator[str]:
    """By what `cloudmigrate.aws.mentions` finds in a text, or by an integration's URI."""
    if not isinstance(value, str):
        return
    if value.startswith("arn:"):
        yield from _by_arn(index, rule, value, near)
        return
    if value.startswith("s3://"):
        found = index.by_id(("AWS::S3::Bucket",), value.removeprefix("s3://").split("/")[0], near)
        if found is not None:
            yield found
        return
    queue = QUEUE_URL.match(value)
    if queue is not None:
        found = index.by_queue_url(queue.group(2), normal_host(queue.group(1)), near)
        if found is not None:
            yield found
            return
    yield from index.by_host(frozenset(_types(rule)), value, near)


def _by_hash(index: RelationIndex, rule: RelationRule, value: Any, near: Resource) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from index.by_hash(frozenset(_types(rule)), str(value.get("name")), str(value.get("sha256")), near)


def _by_image(_index: RelationIndex, _rule: RelationRule, value: Any, near: Resource) -> Iterator[str]:
    repository = image_repository(value, partition_of(near.uid)) if isinstance(value, str) else None
    if repository is not None:
        yield repository


def _by_member(index: RelationIndex, rule: RelationRule, value: Any, near: Resource) -> Iterator[str]:
    """A stack's resource. Its physical id is the ARN, the id, the name or (of a queue) the url; unknown ones are no relation."""
    if not isinstance(value, Mapping):
        return
    kind, own_id = value.get("ResourceType"), value.get("PhysicalResourceId")
    if not isinstance(kind, str) or kind not in BY_TYPE or not isinstance(own_id, str):
        return
    if own_id.startswith("arn:"):
        yield from (arn for arn in _by_arn(index, rule, own_id, near) if arn in index.by_uid)
        return
    found = index.by_id((kind,), own_id, near) or index.by_name((kind,), own_id, near.account_id, near.region)
    if found is None and "://" in own_id:
        found = index.by_id((kind,), own_id.rpartition("/")[2], near)
    if found is not None:
        yield found


RESOLVERS: Mapping[str, Resolver] = {
    "arn": _by_arn,
    "id": _by_id,
    "name": _by_name,
    "dns": _by_host,
    "ip": _by_address,
    "endpoint": _by_endpoint,
    "hash": _by_hash,
    "image": _by_image,
    "member": _by_member,
}
