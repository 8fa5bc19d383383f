"""Where runbooks are published to in Confluence: the estate file's section `confluence`, which never holds the token itself."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ConfluencePolicy(BaseModel):
    """The section `confluence`. Empty: nothing is published there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[
        str | None, Field(description="Such as https://acme.atlassian.net/wiki (Cloud) or https://confluence.acme.example (Data Center).")
    ] = None
    user: Annotated[
        str | None,
        Field(min_length=1, description="Cloud: the address that the API token belongs to. Data Center: empty, a personal token."),
    ] = None
    space: Annotated[str | None, Field(pattern=r"^~?[A-Za-z0-9._-]{1,255}$", description="Key of the space, such as OPS.")] = None
    parent: Annotated[
        str | None, Field(min_length=1, description="Title of the page that waves are put under; empty: the space's root.")
    ] = None
    token_block: Annotated[
        str | None,
        Field(
            pattern=r"^[a-z0-9-]{1,100}$", description="Name of a Prefect Secret block; empty: the variable CLOUDMIGRATE_CONFLUENCE_TOKEN."
        ),
    ] = None

    @field_validator("url")
    @classmethod
    def _token_is_safe_with_it(cls, url: str | None) -> str | None:
        if url is None:
            return None
        try:
            parts = urlsplit(url)
            host = parts.hostname
            port_is_fine = parts.port != 0
        except ValueError:
            host, port_is_fine = None, False
        if not host or not port_is_fine or parts.scheme not in ("http", "https"):
            raise ValueError(f"{url} is no address; write https://acme.atlassian.net/wiki")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("the url holds a name, a password or a query; the token comes from a block or a variable")
        if parts.scheme == "http" and host not in LOOPBACK:
            raise ValueError(f"{url} would send the token unencrypted; write https://")
        return _with_wiki(url.rstrip("/"), host)


def _with_wiki(url: str, host: str) -> str:
    """Confluence Cloud lives below /wiki of its site."""
    return f"{url}/wiki" if host.endswith(".atlassian.net") and not urlsplit(url).path else url
