"""With which key what is moved is encrypted: that which stands for the source's, else the one that the estate file names."""

from cloudmigrate.domain.iac.source import Source, defaulted
from cloudmigrate.domain.iac.told import KEY
from cloudmigrate.domain.iac.values import Leaf

WHERE = "targets.kms_key"
OURS = f"{WHERE}: what is copied is encrypted with it"


def key_of(source: Source, path: str, name: str | None = None) -> Leaf | None:
    """The ARN of the key that stands for the one at *path*; None where the source names none."""
    return source.referred(path, name, attribute="Arn", type_=KEY, where=WHERE)


def told_key(source: Source) -> Leaf | None:
    """The key that the estate file names."""
    return None if source.policy.kms_key is None else defaulted(source.policy.kms_key, OURS)


def key_or_told(source: Source, path: str) -> Leaf | None:
    """The key that stands for the source's, else the one that the estate file names."""
    return key_of(source, path) or told_key(source)
