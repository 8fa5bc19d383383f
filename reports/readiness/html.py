"""The readiness report as one self-contained HTML file: no network, no markup from strangers, the same bytes for the same view."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cloudmigrate.domain.naming import local_id, short_type
from reports.readiness import (
    charts,
    cost_page,
    cost_words,
    coverage,
    dependency_page,
    dependency_words,
    evidence,
    page,
    plan_page,
    plan_words,
    strategy_page,
    strategy_words,
    trust_page,
    use_page,
    use_words,
    wave_page,
    words,
)
from reports.readiness.called import called_apart
from reports.readiness.dependency_view import NeededRuleRow
from reports.readiness.naming import end_name
from reports.readiness.pack import pack
from reports.readiness.payload import embed, payload
from reports.readiness.ports import port_text
from reports.readiness.text import clipped, middle, visible
from reports.readiness.view import ReadinessView, ResourceRow
from reports.readiness.workload_page import dossiers

_HERE = Path(__file__).parent
_SCRIPTS = ("format.js", "unpack.js", "table.js", "report.js", "use_tables.js")


@dataclass(frozen=True, slots=True)
class PagePart:
    """A section made elsewhere that the report takes in: its markup, its data, and what belongs to the page's style and script.

    *data* goes into a script element of its own with the id ``graph-data``; *style* and *script* count into the hashes of the page's
    Content-Security-Policy.
    """

    section: Markup
    data: Markup
    style: str
    script: str


def render_html(view: ReadinessView, graph: PagePart | None = None) -> str:
    """The report as text of an HTML file; everything that came from an account is text in it, never markup."""
    view = called_apart(view)
    style = _style() + (graph.style if graph else "")
    script = _script() + (graph.script if graph else "")
    names = {row.uid: row.name for row in view.resources}
    group_names = plan_page.group_names(view.plan.groups, names) if view.plan else {}
    money = cost_page.cost_page(view)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            view=view,
            page=page,
            words=words,
            charts=charts,
            trust_items=trust_page.trust_items(view),
            figures=page.figures(view),
            type_bars=page.type_bars(view),
            place_bars=page.place_bars(view),
            matrix=coverage.matrix(view.coverage),
            cpu_rows=page.cpu_rows(view),
            cpu_bins=page.cpu_bins(view),
            look_ups=page.look_ups(view),
            kinds=page.kinds(view),
            reasons=wave_page.reasons(view.plan) if view.plan else (),
            lanes=wave_page.lanes(view, view.plan) if view.plan else (),
            notable_groups=wave_page.notable_groups(view, view.plan) if view.plan else (),
            policies=page.policies(view),
            names={row.uid: row for row in view.resources},
            graph=graph,
            contents=_contents(view, graph),
            part=dependency_page.dependency_page(view),
            part_page=dependency_page,
            plan_page=plan_page,
            wave_page=wave_page,
            dependency_words=dependency_words,
            plan_words=plan_words,
            calendar=plan_page.calendar(view.plan) if view.plan else None,
            crossings=plan_page.crossings(view.plan, group_names) if view.plan else (),
            cuts=plan_page.cuts(view.plan, group_names) if view.plan else (),
            group_names=group_names,
            used=use_page.use_page(view),
            use_words=use_words,
            money=money,
            changes={one.row.uid: one for one in money.changes} if money else {},
            cost_page=cost_page,
            cost_words=cost_words,
            todo=strategy_page.strategy_page(view),
            matrix_of_risk=strategy_page.risk_matrix(view),
            strategy_page=strategy_page,
            strategy_words=strategy_words,
            dossiers=dossiers(view, money),
            weeks=_weeks(view),
            unresolved=_unresolved(view),
            style=Markup(style),  # noqa: S704  # our own file
            script=Markup(script),  # noqa: S704  # our own files
            style_hash=csp_digest(style),
            script_hash=csp_digest(script),
            data=Markup(embed(pack(payload(view)))),  # noqa: S704  # holds no markup sign
            how=lambda figure: visible(evidence.command(figure, view), at_most=1000),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        visible=visible,
        short=lambda text, at_most=48: middle(visible(text), at_most),
        clipped=clipped,
        short_type=lambda kind: visible(short_type(kind)),
        local_id=local_id,
        end_name=end_name,
        number=words.number,
        tenths=lambda value: f"{value:.1f}",
        rounded=lambda value, digits: "–" if value is None else f"{value:.{digits}f}",
        typed=lambda types: [f"{amount:,} × {short_type(kind)}" for kind, amount in types],
        ticked=_ticked,
        signed_pct=lambda value: "–" if value is None else f"{value:+.1f}{words.NARROW_SPACE}%".replace("-", "\u2212"),
        size=words.size,
        share=words.share,
        pct=words.pct,
        mark_code=_mark_code,
        instant=words.instant,
        day=words.day,
        group_label=lambda group, names: visible(names.get(group, group)),
        peer_label=_peer_label,
        sources_label=dependency_page.sources_label,
        listing=lambda items, at_most=4: words.listing([visible(str(item)) for item in items], at_most=at_most),
    )
    environment.globals.update(quantity=words.quantity, count=words.count, hour_of_week=words.hour_of_week, port_text=port_text)
    return environment


def _contents(view: ReadinessView, graph: PagePart | None) -> tuple[tuple[str, str], ...]:
    """The sections in the reader's order: id and title."""
    return (
        ("trust", "Can I trust this?"),
        ("summary", "Summary"),
        ("costs", "Cost"),
        ("strategies", "What to do"),
        ("risks", "Risk"),
        *((("waves", "Waves"),) if view.plan else ()),
        *((("graph", "Graph"),) if graph else ()),
        ("dependencies", "Dependencies"),
        ("rules", "Rules"),
        ("workloads", "Workloads"),
        ("patterns", "Patterns and sizes"),
        ("utilisation", "Utilisation"),
        ("inventory", "Inventory"),
        ("coverage", "Coverage"),
        ("checks", "Data checks"),
    )


def _peer_label(row: NeededRuleRow, groups: Mapping[str, str], resources: Mapping[str, ResourceRow]) -> str:
    names = {row.peer: resources[row.peer].name} if row.peer in resources else {}
    return dependency_page.peer_name(row, groups, names)


@cache
def _style() -> str:
    return (_HERE / "static" / "report.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    return "".join((_HERE / "static" / name).read_text(encoding="utf-8") for name in _SCRIPTS)


def _mark_code(sentence: str, word: str | None) -> Markup:
    """The sentence, escaped, with *word* set as code where it occurs."""
    before, found, after = visible(sentence).partition(visible(word)) if word else (visible(sentence), "", "")
    return Markup("{}<code>{}</code>{}").format(before, found, after) if found else Markup("{}").format(before)


def _ticked(sentence: str) -> Markup:
    """The sentence, escaped, with what stands between backticks set as code."""
    pieces = visible(sentence, at_most=1000).split("`")
    plain, code = Markup("{}"), Markup("<code>{}</code>")
    return Markup("").join((code if at % 2 else plain).format(piece) for at, piece in enumerate(pieces))


def csp_digest(text: str) -> str:
    """The source expression of a Content-Security-Policy that allows exactly *text*."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _weeks(view: ReadinessView) -> dict[str, tuple[str, Markup]]:
    """The metric and the strip of every resource among the rows that stand there without a script."""
    shown = {row.uid for row in view.usage[: page.ROWS_WITHOUT_SCRIPT]}
    return {row.uid: (row.metric, charts.week(charts.week_levels(row.means, row.unit))) for row in view.profiles if row.uid in shown}


def _unresolved(view: ReadinessView) -> list[Any]:
    found = {row.uid for row in view.resources}
    return [row for row in view.relations if row.target_uid not in found]
