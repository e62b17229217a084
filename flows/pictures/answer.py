"""Answer: a question's answer as a page, with the picture that the question declares."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import starmap
from typing import Any, Final

from flows.pictures import charts
from flows.pictures.canvas import Picture
from flows.pictures.network import MOST_EDGES, Edge, network
from flows.pictures.page import code, figure, folded, joined, page, paragraph, section, table
from flows.pictures.words import plural
from flows.pictures.world_map import MOST_POINTS, Point, world_map
from warehouse.sqlfiles import CHART_ROLES, Chart, SqlFile

#: Longer tables below a chart are there when one asks for them.
_LONG_TABLE: Final = 50
_DRAWN: Final[dict[str, tuple[int, str]]] = {
    "bars": (charts.MOST_BARS, "row"),
    "network": (MOST_EDGES, "pair"),
    "map": (MOST_POINTS, "place"),
}


def picture(chart: Chart, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Picture | None:
    """The picture of an answer; None where there is nothing to draw."""
    values = {name: [row[place] for row in rows] for place, name in enumerate(columns)}

    def of(role: str) -> list[Any]:
        return values[chart.columns[role][0]] if role in chart.columns else [""] * len(rows)

    if not rows:
        return None
    if chart.kind == "bars":
        return charts.bars("answer", chart.columns["value"][0].replace("_", " "), of("label"), of("value"))
    if chart.kind == "network":
        ends = zip(*map(of, CHART_ROLES["network"]), strict=True)
        return network("answer", list(starmap(Edge, ends)))
    if chart.kind == "map":
        places = zip(*map(of, CHART_ROLES["map"]), strict=True)
        return world_map("answer", list(starmap(Point, places)))
    series = [(name.replace("_", " "), values[name]) for name in chart.columns["y"]]
    return charts.lines("answer", of("x"), series)


def _caption(chart: Chart, row_count: int) -> str:
    roles = {role: " and ".join(name.replace("_", " ") for name in names) for role, names in chart.columns.items()}
    if chart.kind == "line":
        return f"Each day: {roles['y']}.{charts.thinning(row_count)}"
    what = {
        "bars": "Bars: {value}.",
        "network": "Thicker lines: more {weight}.",
        "map": "Larger points: more {size}.",
    }[chart.kind].format(**roles)
    most, thing = _DRAWN[chart.kind]
    return what + (f" The first {most} of {plural(row_count, thing)} are drawn." if row_count > most else "")


def answer_page(
    question: SqlFile, parameters: str, command: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> str:
    """A page with the question's picture, where it has one, and its rows as a table.

    ``parameters`` are those that were bound, in words, and ``command`` asks the same again.
    """
    drawn = picture(question.chart, columns, rows) if question.chart else None
    sections = []
    if drawn and question.chart:
        sections.append(section("Chart", [figure(drawn, _caption(question.chart, len(rows)))], is_wide=True))
    if rows:
        shown = table(question.description, [name.replace("_", " ") for name in columns], rows)
        is_long = drawn is not None and len(rows) > _LONG_TABLE
        parts = [folded(f"{plural(len(rows), 'row')}", [shown])] if is_long else [shown]
    else:
        parts = [paragraph("No rows: nothing in the warehouse answers it.")]
    sections.append(section("Table", parts, is_wide=True))
    head = [paragraph(f"Asked with {parameters}.", "note")] if parameters else []
    return page(question.description, head, sections, [paragraph(joined("Made by Dateline with ", code(command), "."))])
