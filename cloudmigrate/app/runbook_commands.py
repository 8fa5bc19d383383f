"""`cloudmigrate runbook`: the human pages of a plan, as files, kept up with a wave while it runs, or published to Confluence."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import A_WAVE, DEFAULT_ESTATE, DONE, GAPS, EstateOption, PlanArgument
from cloudmigrate.app.output import printable_lines, say
from cloudmigrate.domain.counting import counted
from cloudmigrate.errors import UsageError

if TYPE_CHECKING:
    from cloudmigrate.workspace import Workspace
    from reports.runbooks import Form
    from tasks.runbook_reading import PlanRunbooks

USUAL_FORMATS = "markdown,html"


def register(app: App) -> None:
    """Put the command into *app*."""
    app.command(runbook)


def runbook(
    plan: PlanArgument = None,
    *,
    wave: Annotated[int | None, Parameter(help="The wave's number; every wave by default.", validator=A_WAVE)] = None,
    out: Annotated[Path, Parameter(help="Folder that the files are written into.")] = Path("runbooks"),
    formats: Annotated[
        str, Parameter(name=["--format", "-f"], help="markdown, html, pdf, confluence; several with commas.")
    ] = USUAL_FORMATS,
    live: Annotated[bool, Parameter(help="Render again whenever a step is recorded, until the wave ends or Ctrl-C.", negative="")] = False,
    confluence: Annotated[
        str | None, Parameter(help="Key of a space of Confluence: bring its pages up to date in the place of writing files.")
    ] = None,
    parent: Annotated[str | None, Parameter(help="Title of the page that waves go under; that of the estate file by default.")] = None,
    estate: EstateOption = DEFAULT_ESTATE,
) -> int:
    """Write a runbook for each wave of a plan and for each workload in it; makes no cloud call.

    Exit code 3: the steps of some wave cannot be told, and its runbooks say why.
    """
    from cloudmigrate.app.reading import open_workspace
    from tasks.migrating import plan_named
    from tasks.runbook_reading import read_runbooks
    from tasks.runbooks import Folder, files_of, follow

    forms = _forms(formats)
    if live and confluence:
        raise UsageError("--live renders files. Next: leave out --confluence, and publish again when the wave has ended.")
    workspace = open_workspace(estate)
    chosen = plan_named(workspace, plan)
    if confluence:
        return _publish(workspace, read_runbooks(workspace, chosen, wave), confluence, parent)
    folder = Folder(str(out))

    def write(found: "PlanRunbooks") -> None:
        places = folder.write(files_of(found.documents, forms))
        say(f"wrote {counted(len(places), 'file')} into {out}")

    if live:
        try:
            follow(workspace, chosen, wave, write)
        except KeyboardInterrupt:
            say("stopped: the files stay as they were written last.")
            return DONE
    found = read_runbooks(workspace, chosen, wave)
    if not live:
        write(found)
    print(out / f"{found.documents[0].name}.{_first_ending(forms)}")
    return _told(found)


def _publish(workspace: "Workspace", found: "PlanRunbooks", space: str, parent: str | None) -> int:
    """Bring the pages up to date, and tell of each."""
    from contextlib import nullcontext

    from cloudmigrate.app.running import prefect_api

    # Only a block is read from a Prefect server; a token of the environment needs none.
    with prefect_api() if workspace.estate.confluence.token_block else nullcontext():
        from tasks.confluence_pages import outcome_words, publish_pages

        for one in publish_pages(workspace, found, space=space, parent=parent):
            print(printable_lines(outcome_words(one)))
    return _told(found)


def _told(found: "PlanRunbooks") -> int:
    for number, why in found.untold.items():
        say(printable_lines(f"wave {number}: {why}"))
    return GAPS if found.untold else DONE


def _first_ending(forms: "list[Form]") -> str:
    from reports.runbooks import ENDINGS

    return ENDINGS[forms[0]]


def _forms(text: str) -> "list[Form]":
    from reports.runbooks import Form

    known = {one.value: one for one in Form}
    names = [one.strip() for one in text.split(",") if one.strip()]
    unknown = [one for one in names if one not in known]
    if unknown or not names:
        raise UsageError(f"--format {text}: {unknown[0] if unknown else 'nothing'} is no format. Next: give some of {', '.join(known)}.")
    return [known[one] for one in dict.fromkeys(names)]
