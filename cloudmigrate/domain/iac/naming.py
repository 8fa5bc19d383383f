"""Names within the code, made from names of strangers: the same for the same thing, whatever else is there."""

import hashlib
import re
import unicodedata

LONGEST_READABLE = 40
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")


def slug(name: str, key: str) -> str:
    """Lower-case letters, digits and hyphens: what can be read of *name*, and six digits of the hash of *key*.

    The digits are always there: a second thing of the same name must not give the first another name, which would replace it.
    """
    return f"{_readable(name)}-{short_hash(key)}"


def terraform_name(name: str, key: str) -> str:
    """The name of a block: lower-case letters, digits and underscores, beginning with a letter."""
    return slug(name, key).replace("-", "_")


def logical_id(name: str, key: str) -> str:
    """CloudFormation's logical id: letters and digits, beginning with a capital letter."""
    return "".join(part[:1].upper() + part[1:] for part in _readable(name).split("-")) + short_hash(key).upper()


def short_hash(key: str) -> str:
    """Six hexadecimal digits of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:6]


def _readable(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    plain = _NOT_PLAIN.sub("-", folded).strip("-")[:LONGEST_READABLE].strip("-")
    return plain if plain[:1].isalpha() else f"r-{plain}".rstrip("-")
