"""By what id the provider takes over what exists.

Source: Terraform Registry, hashicorp/aws, section "Import" of each resource.
"""

import re
from collections.abc import Mapping

from cloudmigrate.domain.iac.model import TargetResource
from cloudmigrate.domain.iac.values import Value, plain

_MEMBER = re.compile(r"\{(\w+)\}")


def import_id(resource: TargetResource, form: str) -> str | None:
    """The id of an existing resource as its type's shape says; None where what is known of it does not tell.

    *form*: "arn", "url" (of a queue), text with {id} and {Property} within, or else the argument or attribute that it is.
    """
    known = resource.exists_as
    if not known:
        return None
    if "{" in form:
        return _filled(form, {"id": known, **{name: plain(node) for name, node in resource.properties.items()}})
    if form == "arn":
        return known if known.startswith("arn:") else None
    if form == "url":
        return _url(known)
    return re.split("[:/]", known)[-1] if known.startswith("arn:") else known


def _filled(form: str, known: Mapping[str, Value]) -> str | None:
    names = _MEMBER.findall(form)
    if not all(isinstance(known.get(name), str | int) for name in names):
        return None
    return _MEMBER.sub(lambda found: str(known[found.group(1)]), form)


def _url(known: str) -> str | None:
    """Of a queue."""
    if known.startswith("https://"):
        return known
    parts = known.split(":")
    return f"https://sqs.{parts[3]}.amazonaws.com/{parts[4]}/{parts[5]}" if parts[:3] == ["arn", "aws", "sqs"] and len(parts) == 6 else None
