"""Tags without the secrets that people put into them.

Tags are kept, since they sort, name and filter resources. The value under a key that says password, secret, token or key becomes
``(masked)`` (an ARN stays: it names a secret and holds none), and so does one that looks like a secret or holds one whatever its key
says (an access key id, a token, ``password=...``); urls in a value lose user, password and query. A filter by tags sees the values that
are kept.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cloudmigrate.aws.mentions import ARN, URL, without_credentials
from cloudmigrate.domain.acts.record import MASKED_TAG
from cloudmigrate.masking import masked_text

TAG_MEMBERS = frozenset({"Tags", "tags", "TagSet", "TagList"})
SECRET_TAG = re.compile(
    r"pass[-_ .]?(?:word|wd|phrase|code)|pwd|(?:^|[^a-z])(?:pw|pass)(?:$|[^a-z])|(?-i:(?<=[a-z0-9])P(?:ass|w)(?![a-z]))"
    r"|secret|token|credential"
    r"|(?:api|access|account|private|signing|encryption|shared|ssh|license)[-_ .]?key",
    re.IGNORECASE,
)
OWN_PREFIX = "aws:"  # AWS's own tags, such as aws:secretsmanager:owningService: nobody else may set them


def tag_value(key: str, value: str) -> str:
    """The value of a tag as it may be kept: masked where the key or its shape says a secret, urls without user, password and query."""
    if value and SECRET_TAG.search(key) and not key.startswith(OWN_PREFIX) and not ARN.fullmatch(value):
        return MASKED_TAG
    kept = without_url_secrets(value)
    return kept if key.startswith(OWN_PREFIX) or not _holds_secret(kept) else MASKED_TAG


def tags_without_secrets(tags: Any) -> Any:
    """Tags in either form: ``{key: value}``, or a list of mappings whose members end in ``key`` and ``value``."""
    if isinstance(tags, Mapping):
        return {key: _tag(key, value) for key, value in tags.items()}
    if not isinstance(tags, list):
        return tags
    kept = []
    for tag in tags:
        named = tag if isinstance(tag, Mapping) else {}
        key = next((str(value) for member, value in named.items() if str(member).lower() in ("key", "tagkey")), "")
        is_value = {member: str(member).lower() in ("value", "tagvalue") for member in named}
        kept.append({member: _tag(key, value) if is_value[member] else value for member, value in named.items()} if named else tag)
    return kept


def without_url_secrets(text: str) -> str:
    """*text*, whose urls have lost user, password and query; urls without these stay to the letter."""
    if "://" not in text:
        return text
    return URL.sub(lambda found: without_credentials(found.group(0)) if re.search("[@?]", found.group(2)) else found.group(0), text)


@lru_cache(maxsize=65_536)  # most values are those of many resources, and the patterns take 50 microseconds
def _holds_secret(text: str) -> bool:
    return masked_text(text) != text


def _tag(key: Any, value: Any) -> Any:
    """The value as it may be kept. Services know but text here: what else an emulator answers is kept as its text."""
    return None if value is None else tag_value(str(key), str(value))
