"""`cloudmigrate publish`: a plan's code and runbooks in the Git repository that the estate file names."""

from contextlib import nullcontext

from cyclopts import App

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, EstateOption, JsonOption, PlanArgument
from cloudmigrate.app.output import print_json


def register(app: App) -> None:
    """Put the command into *app*."""
    app.command(publish)


def publish(
    plan: PlanArgument = None,
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    as_json: JsonOption = False,
) -> int:
    """Commit a plan's code and runbooks to a branch of its own; nothing is pushed by force, nor over what somebody else wrote."""
    from cloudmigrate import settings
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.app.running import prefect_api
    from tasks.migrating import plan_named
    from tasks.repository import publish_plan

    workspace = open_workspace(estate)
    found = plan_named(workspace, plan)
    # Only a block is read from a Prefect server; a token of the environment needs none.
    with prefect_api() if workspace.estate.repository.token_block else nullcontext():
        done = publish_plan(workspace, found, by=settings.acting_user())
    if as_json:
        print_json({"branch": done.branch, "commit": done.commit, "content_sha256": done.content_sha256, "is_new": done.is_new})
    else:
        print(f"{'published' if done.is_new else 'unchanged'}: {done.branch} at {done.commit}")
    return DONE
