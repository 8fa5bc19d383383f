"""What is read from outside: accounts, endpoints, downloads, price lists."""

from collections.abc import Sequence

from cloudmigrate.errors import CloudMigrateError


class AccountAccessError(CloudMigrateError):
    """An account of the estate cannot be entered with the credentials at hand."""

    def __init__(self, account_id: str, error_code: str, reason: str, next_action: str, missing_action: str | None = None) -> None:
        self.account_id = account_id
        self.error_code = error_code
        self.reason = reason
        self.next_action = next_action
        self.missing_action = missing_action
        super().__init__(f"account {account_id}: {reason} ({error_code}). Next: {next_action}")


class EndpointGapError(CloudMigrateError):
    """The endpoint answered an API call with something that is no AWS answer (an HTML error page)."""

    def __init__(self, service: str, operation: str, http_status: int) -> None:
        self.service = service
        self.operation = operation
        self.http_status = http_status
        super().__init__(
            f"{service}:{operation} is not implemented by endpoint (HTTP {http_status} with an HTML body). "
            "Next: check AWS_ENDPOINT_URL; it does not point at AWS."
        )


class LoopbackOnlyError(CloudMigrateError):
    """A request would have left this machine although only loopback endpoints are allowed."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(f"refused to call {url}: only loopback endpoints are allowed here. Next: set AWS_ENDPOINT_URL to 127.0.0.1.")


class DownloadError(CloudMigrateError):
    """A file could not be fetched whole."""

    def __init__(self, url: str, reason: str, next_action: str) -> None:
        self.url = url
        self.reason = reason
        self.next_action = next_action
        super().__init__(f"download {url}: {reason}. Next: {next_action}")


class BrokenOfferError(CloudMigrateError):
    """An offer file or an answer of the Price List is none, is cut off, or is built otherwise; nothing of it was taken."""

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        self.reason = reason
        self.next_action = "run again: it is asked for anew; if it stays, report it"
        super().__init__(f"read prices of {source}: {reason}. Next: {self.next_action}")


class NothingSeenError(CloudMigrateError):
    """Discovery could look at nothing at all, so there is nothing to assess."""

    def __init__(self, estate: str, reasons: Sequence[str]) -> None:
        self.estate = estate
        self.reasons = tuple(reasons)
        listing = "\n".join(f"  {reason}" for reason in self.reasons[:20])
        super().__init__(f"nothing of estate {estate!r} could be seen:\n{listing}\nNext: mend the access named above, then run again.")
