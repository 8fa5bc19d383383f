"""An estate as a saved Prefect block: the same fields and rules as the estate file, as a form in the UI.

A block can be read by everyone who reaches the Prefect server, so it holds no secret: the ledger's url names a variable
(``${LEDGER_PASSWORD}``) that each worker has in its own environment. A password written into the url is refused.

A block can be changed by everyone who reaches the server too, so nobody is believed to be who it says: an estate that is loaded from one
has no people, and its gates open for none. Who migrates names the estate file.
"""

import re
from typing import ClassVar, Self

from prefect.blocks.core import Block
from pydantic import ConfigDict, ValidationError, model_validator

from cloudmigrate.domain.estate import Estate
from cloudmigrate.errors import UsageError

_WRITTEN_PASSWORD = re.compile(r"://[^/@]*:(?!\$\{[^}]*\}@)[^@]+@|[?&](?:ssl)?password=(?!\$\{[^}]*\}(?:&|\Z))")


class EstateBlock(Block, Estate):
    """Every account and region in scope, where the lake and the ledger are, and how much to read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    _block_type_name: ClassVar[str] = "CloudMigrate Estate"
    _block_type_slug: ClassVar[str] = "cloudmigrate-estate"
    _description: ClassVar[str] = "Which accounts and regions CloudMigrate looks at, and where it keeps what it finds. Holds no secret."

    @model_validator(mode="after")
    def _holds_no_password(self) -> Self:
        if _WRITTEN_PASSWORD.search(self.ledger):
            raise ValueError("ledger: a saved estate holds no password; write ${LEDGER_PASSWORD} and set that variable where flows run")
        return self

    def to_estate(self) -> Estate:
        """The estate, free of Prefect, and of what only the estate file can prove: people, their policy and their waivers, and the
        addresses that tokens for Confluence and Git are sent to."""
        unproven = ("people", "approvals", "execution", "confluence", "repository")
        return Estate.model_validate({name: getattr(self, name) for name in Estate.model_fields if name not in unproven})


def save_block(estate: Estate, name: str) -> None:
    """Save *estate* under *name*, over what was saved there. Raises UsageError if its ledger's url holds a password."""
    try:
        block = EstateBlock.model_validate(estate.model_dump())
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)[0]["msg"].removeprefix("Value error, ")
        raise UsageError(f"estate {estate.estate!r} cannot be saved: {told}.") from None
    block.save(name, overwrite=True)


def load_block(name: str) -> Estate:
    """The estate saved under *name*. Raises UsageError if there is none, or it no longer fits this release."""
    try:
        block = EstateBlock.load(name)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False, include_input=False))
        raise UsageError(f"the saved estate {name!r} does not fit: {told}. Next: edit the block in the Prefect UI.") from None
    except ValueError:
        raise UsageError(
            f"there is no estate file and no saved estate {name!r}. Next: name a .yaml file, or save a "
            f"{EstateBlock._block_type_name} block of that name in the Prefect UI."
        ) from None
    assert isinstance(block, EstateBlock)  # noqa: S101 - typed as a coroutine too, for asynchronous callers
    return block.to_estate()
