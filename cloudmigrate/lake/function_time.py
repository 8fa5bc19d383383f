"""How long calls of functions take, each call counting once: a plain mean over time counts quiet hours like busy ones."""

from cloudmigrate.lake.connection import identifier
from cloudmigrate.lake.views import Views

FUNCTIONS = "AWS::Lambda::Function"
CALLS, TIME = "Invocations|Sum", "Duration|Average"


def make_function_time(views: Views) -> None:
    """Make the table `function_time`: one row per function of which both were measured, with the mean of its calls in milliseconds."""
    views.execute("create or replace temp table function_time (uid varchar, mean_ms double)")
    found = [one for one in views.wide if one.type == FUNCTIONS and {CALLS, TIME} <= set(one.value_columns)]
    points = " union all ".join(
        f"select uid, {identifier(CALLS)} as calls, {identifier(TIME)} as ms from wide.{identifier(one.view)}"  # noqa: S608  # names of ours
        for one in found
    )
    if points:
        views.execute(
            f"insert into function_time select uid, sum(calls * ms) / sum(calls) from ({points}) "  # noqa: S608  # see above
            "where calls > 0 and ms is not null group by uid"
        )
