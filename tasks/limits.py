"""How much of an account's API may be used at once: a Prefect limit per account, made where there is none."""

from prefect.client.orchestration import get_client

from cloudmigrate import settings
from cloudmigrate.domain.estate import Estate
from tasks.discovery import scan_tags


def ensure_account_limits(estate: Estate) -> None:
    """Make each account's tag limit if the Prefect server has none yet; a limit that people changed stays as it is."""
    if not settings.current().account_limits:
        return
    with get_client(sync_client=True) as client:
        known = {limit.tag for limit in client.read_concurrency_limits(limit=200, offset=0)}
        for account in estate.accounts:
            _, tag = scan_tags(account.id)
            if tag not in known:
                client.create_concurrency_limit(tag, settings.current().tasks_per_account)
