"""docs/resource-types.md: what discovery lists of each type, rendered from the catalogue."""

from collections.abc import Iterable, Sequence

from cloudmigrate.aws.catalogue import CATALOGUE
from cloudmigrate.aws.iam_policy import actions_of
from cloudmigrate.aws.resource_type import ResourceType

HEADINGS = {
    "compute": "Compute",
    "data": "Data",
    "integration": "Integration",
    "network": "Networks",
    "identity": "Identity, keys and secrets",
    "artifact": "Images, software and stacks",
}
INTRODUCTION = """\
# Resource types

What `cloudmigrate discover` lists, one row per type. This page is generated from the catalogue
(`cloudmigrate/aws/catalogue/`); a test fails when the two differ. To write it anew:

    python -m cloudmigrate.aws.docs_table > docs/resource-types.md

*Moves* says whether a plan gives the type a wave of its own: networks, identities and images are prepared in the target
before anything moves. *Relations* are the kinds that its configuration states. *Metrics* are read from CloudWatch.
"""


def render(rows: Sequence[ResourceType] = CATALOGUE) -> str:
    """The whole page as Markdown: one table per role, types in the order of their names."""
    parts = [INTRODUCTION]
    for role, heading in HEADINGS.items():
        chosen = sorted((row for row in rows if row.role == role), key=lambda row: row.type)
        if chosen:
            parts.append(f"## {heading}\n\n{_table(chosen)}\n")
    return "\n".join(parts)


def _table(rows: Iterable[ResourceType]) -> str:
    lines = ["| type | scope | moves | IAM actions | relations | metrics |", "|---|---|---|---|---|---|"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    return "\n".join(lines)


def _cells(row: ResourceType) -> tuple[str, ...]:
    metrics = dict.fromkeys(metric.name for metric in row.metric_source.metrics) if row.metric_source else ()
    return (
        f"`{row.type}`",
        "global" if row.is_global else "region",
        "yes" if row.moves else "no",
        _listing(actions_of([row])),
        _listing(sorted({rule.kind for rule in row.relations})),
        _listing(metrics),
    )


def _listing(values: Iterable[str]) -> str:
    return ", ".join(f"`{value}`" for value in values) or "-"


if __name__ == "__main__":
    import sys

    sys.stdout.write(render())
