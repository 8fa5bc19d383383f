"""Names that a person gives on the command line, as resources."""

from cloudmigrate.domain.naming import Names, UnknownNameError
from cloudmigrate.errors import UsageError


def meant(names: Names, option: str, name: str) -> tuple[str, ...]:
    """The resources that a name stands for. Raises UsageError."""
    try:
        return names.meant_by(name)
    except UnknownNameError as error:
        raise UsageError(f"{option} {name}: {error}") from error
