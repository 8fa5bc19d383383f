"""The runbooks of a plan as pages of a space of Confluence. No Prefect, but for a token that a block of it holds."""

from cloudmigrate import settings
from cloudmigrate.confluence.client import Access, Confluence
from cloudmigrate.confluence.pages import Published, Wanted
from cloudmigrate.confluence.publishing import parent_named, publish_page
from cloudmigrate.domain.estate import Estate
from cloudmigrate.domain.runbooks.pages import INDEX
from cloudmigrate.errors import UsageError
from cloudmigrate.workspace import Workspace
from reports.runbooks.confluence import render_storage
from reports.written import plain
from tasks.runbook_reading import PlanRunbooks

PUBLISHED = "runbooks.published"


def publish_pages(workspace: Workspace, found: PlanRunbooks, *, space: str | None = None, parent: str | None = None) -> list[Published]:
    """What became of each page: of a wave below the parent, of a workload below its wave. Noted on the audit chain.

    *space*, *parent*: in the place of those of the estate file. Raises ConfluenceError, UsageError.
    """
    with open_confluence(workspace.estate, space) as confluence:
        under = parent or workspace.estate.confluence.parent
        root = parent_named(confluence, under) if under else None
        ids: dict[str, str] = {}
        done = []
        for document in found.documents:
            if document.name == INDEX:  # Confluence has a tree of its own
                continue
            parent_id = ids.get(document.parent, root)
            one = publish_page(confluence, Wanted(plain(document.title), render_storage(document), parent_id))
            ids[document.name] = one.page_id
            done.append(one)
        counts = {action: sum(one.action == action for one in done) for action in sorted({one.action.value for one in done})}
        detail = {"confluence": workspace.estate.confluence.url, "space": confluence.space, **counts}
        workspace.ledger.audit(settings.acting_user(), PUBLISHED, found.plan.plan_id, detail)
        return done


def open_confluence(estate: Estate, space: str | None = None) -> Confluence:
    """The space of Confluence that the estate file names, with the token of a block or a variable. Raises UsageError."""
    policy = estate.confluence
    key = space or policy.space
    if policy.url is None or key is None:
        lack = "url" if policy.url is None else "space"
        raise UsageError(f"confluence.{lack} is not in the estate file. Next: add the section confluence: {{url: ..., space: ...}}.")
    access = Access(policy.url, _token(policy.token_block), policy.user)
    return Confluence(access, key, loopback_only=settings.current().loopback_only)


def _token(block: str | None) -> str:
    if block is None:
        return settings.confluence_token()
    from blocks.secrets import secret_named

    return secret_named(block)


def outcome_words(one: Published) -> str:
    """What became of a page, for a person."""
    edited = "; somebody edited it since, see its history" if one.was_edited else ""
    return f"{one.action.value}: {one.title} (page {one.page_id}, version {one.version}{edited})"
