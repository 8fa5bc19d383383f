"""CSV: nodes, edges, and the table of workloads and waves that a person edits and `cloudmigrate plan import` reads back."""

import csv
import io
from collections.abc import Iterable, Sequence

from reports.exports.attributes import EDGE_COLUMNS, NODE_COLUMNS, Value, exported_edges, exported_nodes
from reports.graph.view import GraphView

WAVE_COLUMNS = ("uid", "name", "type", "workload", "wave")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def nodes_csv(view: GraphView) -> str:
    """One row per resource and per end outside the estate."""
    head = ("uid", *(column.name for column in NODE_COLUMNS))
    return _table(head, ((row.uid, *(column.value(row) for column in NODE_COLUMNS)) for row in exported_nodes(view)))


def edges_csv(view: GraphView) -> str:
    """One row per dependency: the source needs the target."""
    head = ("source_uid", "target_uid", *(column.name for column in EDGE_COLUMNS))
    rows = exported_edges(view)
    return _table(head, ((row.source_uid, row.target_uid, *(column.value(row) for column in EDGE_COLUMNS)) for row in rows))


def waves_csv(view: GraphView) -> str:
    """One row per resource with a wave, in the order of cutover: uid, name, type, workload, wave."""
    moving = sorted((row for row in view.nodes if row.wave is not None), key=lambda row: (row.wave, row.workload or "", row.uid))
    return _table(WAVE_COLUMNS, ((row.uid, row.name, row.type, row.workload, row.wave) for row in moving))


def original_cell(cell: str) -> str:
    """The text that a cell of these tables stands for: without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA_SIGNS, "'")) else cell


def _table(head: Sequence[str], rows: Iterable[Sequence[Value]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: Value) -> str:
    """Text that a spreadsheet shows and never runs; see https://owasp.org/www-community/attacks/CSV_Injection."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and (value.startswith(_FORMULA_SIGNS) or value.startswith("'")):
        return f"'{value}"
    return str(value)
