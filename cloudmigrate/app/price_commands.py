"""`cloudmigrate prices`: what prices are held, from which version; refresh them, or ask for single products."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from cloudmigrate.app.cli_options import DEFAULT_ESTATE, DONE, GAPS, EstateOption, FormatOption, JsonOption
from cloudmigrate.app.output import Format, print_json, print_rows, say
from cloudmigrate.domain.counting import counted
from cloudmigrate.errors import UsageError

if TYPE_CHECKING:
    from cloudmigrate.domain.price_answers import PriceAnswer

COLUMNS = ("dataset", "service", "region", "account_id", "status", "price_version", "published_at", "rows", "missing_action", "detail")
BOUND = "Next: `cloudmigrate assess` or `cloudmigrate metrics` lets a snapshot show them; one that has prices keeps its own until then."

RegionsFurther = Annotated[
    list[str],
    Parameter(help="Further regions, such as possible targets; the estate's own are always read.", consume_multiple=True, negative=""),
]
OnlyOption = Annotated[
    list[str], Parameter(help="Service codes or datasets, such as AmazonEC2 or spot_prices.", consume_multiple=True, negative="")
]

prices_app = App(name="prices", help="Show what prices are held and what could not be read; refresh them.")


@prices_app.default
def held(*, estate: EstateOption = DEFAULT_ESTATE, form: FormatOption = Format.TABLE) -> int:
    """List what is held of each price list: version, day, rows, gaps; exit code 3 if there are gaps."""
    from cloudmigrate.app.reading import open_workspace
    from tasks.prices import answers_of

    answers = answers_of(open_workspace(estate))
    print_rows(COLUMNS, [_row(one) for one in answers], form)
    if not answers:
        say("no prices are held. Next: run `cloudmigrate prices refresh`.")
    return GAPS if any(one.status.is_gap for one in answers) else DONE


@prices_app.command
def refresh(
    *,
    estate: EstateOption = DEFAULT_ESTATE,
    regions: RegionsFurther = [],  # noqa: B006 - read only
    only: OnlyOption = [],  # noqa: B006
    as_json: JsonOption = False,
) -> int:
    """Read what is new of AWS's prices: price lists, spot prices, instance types, and what the accounts have committed to."""
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.app.running import prefect_api

    workspace = open_workspace(estate)
    with prefect_api():
        from flows.refresh_prices import refresh_prices
        from tasks.prices import answers_of

        gaps: int = refresh_prices(str(estate), tuple(regions), tuple(only))
    answers = answers_of(workspace)
    if as_json:
        print_json({"gaps": gaps, "prices": [_row(one) for one in answers]})
    else:
        for line in summary(answers, gaps):
            print(line)
        say(BOUND)
    return GAPS if gaps else DONE


@prices_app.command
def fix(
    service: Annotated[str, Parameter(help="Service code, such as AmazonEC2.")],
    region: Annotated[str, Parameter(help="Such as eu-central-1.")],
    *,
    where: Annotated[list[str], Parameter(help="attribute=value as the price list has them, such as instanceType=m5.large.", negative="")],
    estate: EstateOption = DEFAULT_ESTATE,
) -> int:
    """Ask for single products again (GetProducts), and hold what is told now in the place of what was held."""
    from cloudmigrate.app.reading import open_workspace
    from cloudmigrate.workspace import utc_now
    from tasks.estate import alone, recorded_run
    from tasks.prices import fix_prices

    wanted = _wanted(where)
    workspace = open_workspace(estate)
    parameters = {"service": service, "region": region, "where": list(where)}
    with recorded_run(workspace, "fix-prices", parameters) as run_id, alone(workspace, "refresh the prices"):
        answer = fix_prices(workspace.estate, service, region, wanted, run_id=run_id, now=utc_now())
    print(f"{service} {region}: {counted(answer.rows, 'row is', 'rows are')} held")
    say(BOUND)
    return DONE


def summary(answers: "list[PriceAnswer]", gaps: int) -> list[str]:
    """A line for each dataset, and one for what could not be read."""
    lines = []
    for dataset in dict.fromkeys(one.dataset for one in answers):
        some = [one for one in answers if one.dataset == dataset and one.series]
        lines.append(f"{dataset}: {counted(sum(one.rows for one in some), 'row')} in {counted(len(some), 'part')}")
    if gaps:
        lines.append(f"gaps: {counted(gaps, 'question was', 'questions were')} not answered, or not wholly: see `cloudmigrate prices`")
    return lines


def _wanted(where: list[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in where]
    if not pairs or any(not name or not mark or not value for name, mark, value in pairs):
        raise UsageError("--where takes attribute=value. Next: give one, such as --where instanceType=m5.large.")
    return {name: value for name, _, value in pairs}


def _row(one: "PriceAnswer") -> dict[str, object]:
    row = one.row()
    return {name: str(row[name]) if name == "published_at" and row[name] else row[name] for name in COLUMNS}
