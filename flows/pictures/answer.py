"""Answer: a question's answer as a page, or as a chart of characters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from flows.pictures.terminal import print_chart
from warehouse.query import Result
from warehouse.sqlfiles import SqlFile

#: Half a century of days. What has more rows is cut, and the page says so.
_MOST_ROWS: Final = 20_000


def answer_page(question: SqlFile, heading: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A page with the question's picture, where it has one, and its rows as a table."""
    from flows.pictures.drawing import picture  # ruff: ignore[import-outside-top-level] - a terminal needs no matplotlib
    from flows.pictures.page import (  # ruff: ignore[import-outside-top-level]
        figure,
        page,
        paragraph,
        section,
        table,
    )

    names = [name.replace("_", " ") for name in columns]
    drawn = picture(question.chart, columns, rows) if question.chart else None
    sections = [section("The picture", [figure(drawn, question.description)])] if drawn else []
    shown = [table(heading, names, rows)] if rows else [paragraph("No rows: nothing in the warehouse answers it.")]
    sections.append(section("The rows", shown, is_wide=drawn is None))
    foot = f"Made by Dateline: dateline ask {question.name}"
    return page(question.description, [paragraph(heading, "note")], sections, foot)


def show_answer(question: SqlFile, heading: str, result: Result, html: Path | None, *, is_chart: bool) -> None:
    """Write the page, print the chart, or both. ``question`` has a chart if ``is_chart``.

    Raises ``OSError`` for a file that cannot be written, and what fetching the rows raises.
    """
    rows = result.fetch(_MOST_ROWS)
    if is_chart and question.chart is not None:
        print_chart(question.chart, result.columns, rows)
    if html is not None:
        from flows.pictures.page import write_page  # ruff: ignore[import-outside-top-level]

        write_page(answer_page(question, heading, result.columns, rows), html)
