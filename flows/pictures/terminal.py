"""Terminal: charts of characters, without colours, as wide as the terminal or 80 characters."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from rich.cells import cell_len, set_cell_size

from flows.output import printable
from flows.pictures.words import number, shown_label
from warehouse.sqlfiles import Chart

#: More bars than these scroll away; the table has them all.
MOST_BARS: Final = 40
_RISING: Final = " ▁▂▃▄▅▆▇█"
_GROWING: Final = "▏▎▍▌▋▊▉█"
_EIGHTHS: Final = 8
_HEIGHT: Final = 6
_LABEL_CELLS: Final = 32
_LEAST_BAR: Final = 4
_MOST_COLUMN: Final = 6
_PLAIN_WIDTH: Final = 80


def _value(value: Any) -> float:
    exact = 0.0 if value is None else float(value)
    return exact if math.isfinite(exact) else 0.0


def _bar(share: float, width: int, *, is_ascii: bool) -> str:
    """A bar of a share (0 to 1) of the width, in eighths of a character."""
    eighths = round(max(0.0, min(share, 1.0)) * width * _EIGHTHS)
    if is_ascii:
        return "#" * round(eighths / _EIGHTHS)
    whole, rest = divmod(eighths, _EIGHTHS)
    return "█" * whole + (_GROWING[rest - 1] if rest else "")


def _fitted(label: str, cells: int) -> str:
    """A label in so many cells of the terminal: letters of Chinese or Korean take two each."""
    return label if cell_len(label) <= cells else set_cell_size(label, cells - 1).rstrip() + "…"


def _bars(labels: Sequence[Any], values: Sequence[Any], width: int, *, is_ascii: bool) -> list[str]:
    pairs = [
        (printable(shown_label(label)), _value(value))
        for label, value in zip(labels[:MOST_BARS], values[:MOST_BARS], strict=True)
    ]
    hidden = len(labels) - MOST_BARS
    numbers = [number(value) for value in values[:MOST_BARS]]
    number_cells = max(map(len, numbers))
    most_cells = max(min(_LABEL_CELLS, width - number_cells - 3 - _LEAST_BAR), 1)
    names = [_fitted(name, most_cells) for name, _ in pairs]
    longest = max(map(cell_len, names))
    room = max(width - longest - number_cells - 3, 1)
    top = max(0.0, *(value for _, value in pairs)) or 1.0
    lines = [
        f"{set_cell_size(name, longest)}  {_bar(value / top, room, is_ascii=is_ascii)} {text}".rstrip()
        for name, (_, value), text in zip(names, pairs, numbers, strict=True)
    ]
    return lines + ([f"(and {hidden:,} more rows)"] if hidden > 0 else [])


def _mark(height: int, level: int, *, is_ascii: bool) -> str:
    """The character of a column that is so many eighths of a line high, on the line of a level (from 1)."""
    filled = max(0, min(_EIGHTHS, height - (level - 1) * _EIGHTHS))
    if is_ascii:
        return "#" if 2 * filled >= _EIGHTHS or (level == 1 and filled) else " "
    return _RISING[filled]


def _ends(first: str, last: str, cells: int, *, is_ascii: bool) -> list[str]:
    """The first and the last day of an axis; under each other where they do not fit."""
    space = cells - len(first) - len(last)
    if first == last:
        return [first]
    return [first + " " * space + last] if space > 0 else [first + (" -" if is_ascii else " –"), last]


def _columns(days: Sequence[Any], values: Sequence[Any], width: int, *, is_ascii: bool) -> list[str]:
    numbers = [_value(value) for value in values]
    top = max([0.0, *numbers])
    margin = len(number(top)) + 1
    room = max(width - margin, 1)
    # Where days outnumber characters, a character shows the busiest of its days; where they are few, each is wide.
    count = min(len(numbers), room)
    cuts = [round(place * len(numbers) / count) for place in range(count + 1)]
    highest = [max(numbers[start:end]) for start, end in pairwise(cuts)]
    # What is not nothing is seen.
    heights = [max(round(value / top * _HEIGHT * _EIGHTHS), 1) if value > 0 else 0 for value in highest]
    each = max(min(room // count, _MOST_COLUMN), 1)
    gap = 1 if each > 1 else 0
    lines = []
    for level in range(_HEIGHT, 0, -1):
        left = number(top) if level == _HEIGHT else "0" if level == 1 else ""
        marks = (_mark(height, level, is_ascii=is_ascii) for height in heights)
        lines.append(f"{left:>{margin - 1}} {''.join(mark * (each - gap) + ' ' * gap for mark in marks)}".rstrip())
    ends = _ends(str(days[0]), str(days[-1]), count * each - gap, is_ascii=is_ascii)
    return lines + [" " * margin + end for end in ends]


def chart_lines(
    chart: Chart, columns: Sequence[str], rows: Sequence[Sequence[Any]], width: int, *, is_ascii: bool = False
) -> list[str]:
    """The lines of a chart. Networks are bars of their pairs, and maps bars of their places."""
    values = {name: [row[place] for row in rows] for place, name in enumerate(columns)}

    def of(role: str) -> list[Any]:
        return values[chart.columns[role][0]]

    if not rows:
        return ["(no rows)"]
    if chart.kind == "line":
        lines = []
        for name in chart.columns["y"]:
            title = [name.replace("_", " ")] if len(chart.columns["y"]) > 1 else []
            lines += title + _columns(of("x"), values[name], width, is_ascii=is_ascii)
        return lines
    if chart.kind == "network":
        dash = "-" if is_ascii else "–"
        pairs = [f"{source} {dash} {target}" for source, target in zip(of("source"), of("target"), strict=True)]
        return _bars(pairs, of("weight"), width, is_ascii=is_ascii)
    return _bars(of("label"), of("size" if chart.kind == "map" else "value"), width, is_ascii=is_ascii)


def print_chart(chart: Chart, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a chart, as wide as the terminal; off a terminal, 80 characters wide."""
    width = shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns if sys.stdout.isatty() else _PLAIN_WIDTH
    encoding = sys.stdout.encoding or "utf-8"
    is_ascii = not encoding.lower().replace("-", "").startswith("utf")
    for line in chart_lines(chart, columns, rows, width, is_ascii=is_ascii):
        print(line.encode(encoding, errors="replace").decode(encoding))
