"""Secrets that people keep in Prefect: read at the last moment, by name."""

from prefect.blocks.system import Secret

from cloudmigrate.errors import UsageError


def secret_named(name: str) -> str:
    """What the Prefect Secret block of that name holds. Raises UsageError where there is none, or none that is text."""
    try:
        found = Secret.load(name).get()  # type: ignore[union-attr]
    except ValueError:
        raise UsageError(
            f"there is no Secret block {name!r}. Next: make one of that name in the Prefect UI, with the token in it."
        ) from None
    if not isinstance(found, str) or not found.strip():
        raise UsageError(f"the Secret block {name!r} holds no text. Next: put the token into it.")
    return found.strip()
