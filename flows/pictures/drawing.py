"""Drawing: the chart that a question declares, of the rows that answer it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flows.pictures import charts
from flows.pictures.canvas import Picture
from warehouse.sqlfiles import Chart


def picture(
    chart: Chart, columns: Sequence[str], rows: Sequence[Sequence[Any]], salt: str = "answer"
) -> Picture | None:
    """The picture of an answer; None where there is nothing to draw."""
    values = {name: [row[place] for row in rows] for place, name in enumerate(columns)}

    def of(role: str) -> list[Any]:
        return values[chart.columns[role][0]]

    if not rows:
        return None
    if chart.kind == "bars":
        return charts.bars(salt, chart.columns["value"][0].replace("_", " "), of("label"), of("value"))
    if chart.kind == "network":
        return charts.network(salt, list(zip(of("source"), of("target"), of("weight"), strict=True)))
    if chart.kind == "map":
        points = zip(of("label"), of("latitude"), of("longitude"), of("size"), strict=True)
        return charts.world_map(salt, list(points))
    series = [(name.replace("_", " "), values[name]) for name in chart.columns["y"]]
    return charts.lines(salt, of("x"), series)
