"""Names of workloads out of what strangers wrote: which tags speak of one, and how a value becomes a name that can be shown."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_NAME = 64
# What people write where they have to write something.
_PLACEHOLDERS = frozenset(
    {"", "-", "--", ".", "?", "0", "n/a", "na", "none", "null", "nil", "unknown", "undefined", "tbd", "tba", "todo", "xxx"}
)
_APPLICATION_GROUP = re.compile(r"arn:[a-z-]+:resource-groups:[^:]*:\d{12}:group/([^/]+)(?:/.*)?")


@dataclass(frozen=True, slots=True)
class TagKey:
    """A tag that names a workload, and how surely."""

    key: str  # in lower case, without spaces, hyphens and underscores
    source: str  # what the tag is evidence of
    confidence: float  # 0..1; a judgement


# The first that a resource bears counts. A project is often a budget and a service often a part, so these come late. The tags that
# begin with aws: are set by the services themselves, on what they make.
TAG_KEYS: tuple[TagKey, ...] = (
    TagKey("workload", "tag", 0.95),
    TagKey("workloadname", "tag", 0.95),
    TagKey("awsapplication", "tag", 0.95),  # myApplications: the ARN of the application's resource group
    TagKey("application", "tag", 0.95),
    TagKey("applicationname", "tag", 0.95),
    TagKey("app", "tag", 0.95),
    TagKey("appname", "tag", 0.95),
    TagKey("applicationid", "tag", 0.9),
    TagKey("appid", "tag", 0.9),
    TagKey("app.kubernetes.io/partof", "tag", 0.9),
    TagKey("system", "tag", 0.85),
    TagKey("systemname", "tag", 0.85),
    TagKey("product", "tag", 0.85),
    TagKey("elasticbeanstalk:environmentname", "tag", 0.85),
    TagKey("service", "tag", 0.8),
    TagKey("servicename", "tag", 0.8),
    TagKey("project", "tag", 0.7),
    TagKey("projectname", "tag", 0.7),
    TagKey("aws:cloudformation:stackname", "stack", 0.85),
    TagKey("aws:autoscaling:groupname", "auto_scaling_group", 0.7),
    TagKey("aws:ecs:servicename", "ecs_service", 0.7),
)


@dataclass(frozen=True, slots=True)
class TagEvidence:
    """The workload that a resource's tags name."""

    name: str
    key: str  # as it is written, made fit to be shown
    source: str
    confidence: float


def workload_tag(tags: Mapping[str, str]) -> TagEvidence | None:
    """What the tags of a resource say of its workload; None where nothing."""
    by_key: dict[str, tuple[str, str]] = {}
    for key in sorted(tags):
        by_key.setdefault(re.sub(r"[\s_-]+", "", key).casefold(), (key, tags[key]))
    for one in TAG_KEYS:
        if one.key in by_key:
            key, value = by_key[one.key]
            group = _APPLICATION_GROUP.fullmatch(value)
            name = workload_name(group.group(1) if group else value)
            if name is not None:
                return TagEvidence(name, shown(key), one.source, one.confidence)
    return None


def workload_name(text: str) -> str | None:
    """*text* as a workload's name: fit to be shown; None where it says nothing.

    A name that is too long is cut, and ends in a hash of all of it, so that two of them stay two.
    """
    name = shown(text)
    if name.casefold() in _PLACEHOLDERS or not any(character.isalnum() for character in name):
        return None
    if len(name) > LONGEST_NAME:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
        name = f"{name[: LONGEST_NAME - 8].rstrip()}… {digest}"
    return name


def shown(text: str) -> str:
    """*text* on one line, without characters that are not seen: controls, marks that turn the direction of text, lone surrogates.

    What is visible stays as it is, markup included: whoever shows it escapes it.
    """
    if text.isprintable():  # what no character of the kind is in, most texts, takes a tenth of the time
        return " ".join(text.split())
    kept = (
        " " if character.isspace() else character for character in text if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    return " ".join("".join(kept).split())
