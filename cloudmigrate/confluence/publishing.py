"""Pages brought up to date, each found by its title first; safe to run again, wherever the last run stopped."""

from cloudmigrate.confluence.client import Confluence
from cloudmigrate.confluence.pages import TITLE_AT_MOST, Action, Found, Mark, Published, Wanted, action_for, was_edited
from cloudmigrate.errors.publishing import ConfluenceConflictError, ConfluenceError, ConfluenceUnclearError

TRIES = 3  # of a page whose write was not answered: it is looked for anew each time


def publish_page(confluence: Confluence, wanted: Wanted) -> Published:
    """What became of the page. A version that somebody else wrote meanwhile is gone past once. Raises ConfluenceError."""
    if len(wanted.title) > TITLE_AT_MOST:
        reason = f"the title is longer than {TITLE_AT_MOST} characters"
        raise ConfluenceError(confluence.space, wanted.title, "check the title", reason, "rename the workload")
    conflicts = unanswered = 0
    while True:
        try:
            return _publish(confluence, wanted)
        except ConfluenceConflictError:
            conflicts += 1
            if conflicts > 1:
                raise
        except ConfluenceUnclearError:
            unanswered += 1
            if unanswered >= TRIES:
                raise


def parent_named(confluence: Confluence, title: str) -> str:
    """The id of the page that others are put under. Raises ConfluenceError where there is none."""
    found = confluence.find(title)
    if found is None:
        raise ConfluenceError(confluence.space, title, "find the parent page", "there is no such page", "make it, or name another parent")
    return found.page_id


def _publish(confluence: Confluence, wanted: Wanted) -> Published:
    found = confluence.find(wanted.title)
    mark = confluence.mark(found, wanted.title) if found else Mark("", 0)
    action, edited = action_for(wanted, found, mark), was_edited(found, mark)
    if found is not None and action is Action.UNCHANGED:
        return Published(wanted.title, found.page_id, action, found.version, edited)
    written: Found = confluence.update(found, wanted) if found else confluence.create(wanted)
    confluence.set_mark(written, wanted.title, Mark(wanted.digest, written.version, mark.version + 1))
    return Published(wanted.title, written.page_id, action, written.version, edited)
