"""docs/datasets.md, from the table of datasets: `python -m cloudmigrate.lake.docs_table > docs/datasets.md`."""

import sys

from cloudmigrate.lake.dataset import Dataset
from cloudmigrate.lake.datasets import DATASETS
from cloudmigrate.lake.definitions import sql_type

INTRODUCTION = """# Datasets

Every dataset of the lake is a view of the same name in `cloudmigrate query`; `snapshot` is the first column of each. The files
are Parquet under `<lake>/<dataset>/snapshot=<snapshot>/`; `metrics` is a series that snapshots share, under
`<lake>/metrics/account=<account>/region=<region>/day=<day>/`. So are prices and what belongs to them, under
`<lake>/prices/service=<service>/region=<region>/` and alike: a snapshot shows the parts that were the newest when it was analysed.
Instants are in UTC. Columns marked *key* identify a row within a snapshot.

This page is made from `cloudmigrate/lake/datasets.py`; change it there.
"""


def datasets_page() -> str:
    """The page as Markdown: a section per dataset, a row per column."""
    return "\n".join([INTRODUCTION, *(_section(dataset) for dataset in DATASETS)])


def _section(dataset: Dataset) -> str:
    rows = ["| column | type | |", "|---|---|---|", "| `snapshot` | varchar | id of the snapshot |"]
    for field in dataset.schema:
        marks = [mark for mark, holds in (("*key*", field.name in dataset.keys), ("may be null", field.nullable)) if holds]
        remarks = "; ".join([*marks, *filter(None, [dataset.remarks.get(field.name)])])
        rows.append(f"| `{field.name}` | {sql_type(dataset, field.name)} | {remarks} |")
    plans = " The view shows one plan: the newest, unless `--plan` names another." if dataset.per_plan else ""
    return f"## {dataset.name}\n\n{dataset.grain[:1].upper()}{dataset.grain[1:]}.{plans}\n\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(datasets_page())
