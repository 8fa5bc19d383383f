"""The graph as one self-contained HTML file, or as parts that the readiness report takes in under its own policy."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cloudmigrate.domain.graph_layout import ASPECT
from cloudmigrate.domain.naming import short_type
from reports.graph import page
from reports.graph.arrange import Arranged, arrange
from reports.graph.ends import with_distinct_names
from reports.graph.payload import payload
from reports.graph.view import GraphView
from reports.graph.words import folded_sentences, lead_sentence, left_out_sentences
from reports.readiness import words
from reports.readiness.html import PagePart, csp_digest
from reports.readiness.naming import end_name
from reports.readiness.payload import embed
from reports.readiness.text import middle, visible

_HERE = Path(__file__).parent
_READINESS = _HERE.parent / "readiness"
_EMBEDDED_ASPECT = 1.0  # beside a panel, in a column of text
_SCRIPTS = tuple(f"graph_{name}.js" for name in ("model", "colour", "paint", "items", "hit", "panel", "tables", "app"))


def render_graph(view: GraphView) -> str:
    """The graph as text of an HTML file of its own; the same bytes for the same view."""
    part = graph_part(view, embedded=False)
    style = (_READINESS / "static" / "report.css").read_text(encoding="utf-8") + part.style
    libraries = "".join((_READINESS / "static" / name).read_text(encoding="utf-8") for name in ("format.js", "table.js"))
    script = libraries + part.script if part.script else ""
    return (
        _environment()
        .get_template("graph.html.j2")
        .render(
            view=view,
            section=part.section,
            data=part.data,
            style=Markup(style),  # noqa: S704  # our own files
            script=Markup(script),  # noqa: S704  # our own files
            style_hash=csp_digest(style),
            script_hash=csp_digest(script),
        )
    )


def graph_part(view: GraphView, *, embedded: bool = True) -> PagePart:
    """The graph as a section; *embedded* leaves the wheel and one finger to the page's own scrolling."""
    view = with_distinct_names(view)
    arranged = arrange(view, aspect=_EMBEDDED_ASPECT if embedded else ASPECT)
    section = _environment().get_template("section.html.j2").render(**_section(view, arranged), embedded=embedded)
    data = embed(payload(view, arranged)) if arranged.nodes else ""
    # Our templates escape what strangers wrote, and the data holds no markup sign.
    return PagePart(Markup(section), Markup(data), _style(), _script() if arranged.nodes else "")  # noqa: S704


def _section(view: GraphView, arranged: Arranged) -> dict[str, object]:
    return {
        "lead": lead_sentence(view, arranged),
        "notes": (*view.notes, *left_out_sentences(view), *folded_sentences(view)),
        "arranged": arranged,
        "planned": any(group.wave for group in arranged.groups),
        "rows": page.ROWS_WITHOUT_SCRIPT,
        "edge_rows": page.edge_lines(arranged),
        "group_rows": page.group_lines(arranged),
        "node_rows": page.node_lines(arranged),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader([_HERE / "templates", _READINESS / "templates"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        visible=visible,
        short=lambda text, at_most=48: middle(visible(text), at_most),
        short_type=lambda kind: visible(short_type(kind)),
        end_name=end_name,
        number=words.number,
        size=words.size,
        instant=words.instant,
        day=words.day,
    )
    environment.globals.update(count=words.count, tools=_with_choice)
    return environment


def _with_choice(tools: Markup, choice: Markup) -> Markup:
    """A table's tools with one more choice before the button that copies."""
    before, button, after = tools.partition('<button type="button" class="copy">')
    return Markup(before) + choice + Markup(button) + Markup(after)  # noqa: S704  # parts of our own templates


@cache
def _style() -> str:
    return (_HERE / "static" / "graph.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    """The graph's own files in a block: their names stay out of the way of the page's."""
    text = "".join((_HERE / "static" / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    return f"{{\n{text}}}\n"
