"""Terminal: charts of characters, without colours, as wide as the terminal or 80 characters."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Sequence
from typing import Any, Final

from flows.output import printable
from warehouse.sqlfiles import Chart

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_WIDE: Final = "▏▎▍▌▋▊▉█"
_HEIGHT: Final = 6
_LABEL_CHARS: Final = 32
_LEAST_BAR: Final = 10
_PLAIN_WIDTH: Final = 80
MOST_BARS: Final = 40


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}"


def _value(value: Any) -> float:
    number = 0.0 if value is None else float(value)
    return number if math.isfinite(number) else 0.0


def bar(share: float, width: int, *, is_ascii: bool = False) -> str:
    """A bar of ``share`` (0 to 1) of the width, in eighths of a character."""
    eighths = round(max(0.0, min(share, 1.0)) * width * 8)
    if is_ascii:
        return "#" * round(eighths / 8)
    return "█" * (eighths // 8) + (_WIDE[eighths % 8 - 1] if eighths % 8 else "")


def _bars(labels: Sequence[Any], values: Sequence[Any], width: int, *, is_ascii: bool) -> list[str]:
    pairs = [(printable(str(label)), _value(value)) for label, value in zip(labels, values, strict=True)]
    pairs, hidden = pairs[:MOST_BARS], len(pairs) - MOST_BARS
    names = [name if len(name) <= _LABEL_CHARS else name[: _LABEL_CHARS - 1] + "…" for name, _ in pairs]
    longest = max(map(len, names))
    numbers = [_number(value) for _, value in pairs]
    room = max(width - longest - max(map(len, numbers)) - 3, _LEAST_BAR)
    top = max(max(value for _, value in pairs), 0.0) or 1.0
    lines = [
        f"{name:<{longest}}  {bar(value / top, room, is_ascii=is_ascii)} {text}"
        for name, (_, value), text in zip(names, pairs, numbers, strict=True)
    ]
    return lines + ([f"(and {hidden:,} more rows)"] if hidden > 0 else [])


def _columns(name: str, days: Sequence[Any], values: Sequence[Any], width: int, *, is_ascii: bool) -> list[str]:
    numbers = [_value(value) for value in values]
    top = max(max(numbers), 0.0)
    margin = max(len(_number(top)), 1) + 1
    room = max(width - margin, _LEAST_BAR)
    # Where days outnumber characters, a character shows the busiest of its days; where they are few, each is wide.
    count = min(len(numbers), room)
    cuts = [round(place * len(numbers) / count) for place in range(count + 1)]
    tops = [max(numbers[start:end]) for start, end in zip(cuts, cuts[1:], strict=False)]
    each = max(min(room // count, 6), 1)
    lines = [name] if name else []
    for level in range(_HEIGHT, 0, -1):
        filled = [max(0, min(8, round((value / top if top else 0) * _HEIGHT * 8) - (level - 1) * 8)) for value in tops]
        marks = ["#" if eighths >= 4 else " " for eighths in filled] if is_ascii else [_EIGHTHS[n] for n in filled]
        gap = each > 1
        left = _number(top) if level == _HEIGHT else "0" if level == 1 else ""
        lines.append((f"{left:>{margin - 1}} " + "".join(mark * (each - gap) + " " * gap for mark in marks)).rstrip())
    first, last = str(days[0]), str(days[-1])
    space = max(count * each - len(first) - len(last), 1)
    lines.append(" " * margin + first + (" " * space + last if len(days) > 1 else ""))
    return lines


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
        names = chart.columns["y"]
        lines = []
        for name in names:
            title = name.replace("_", " ") if len(names) > 1 else ""
            lines += _columns(title, of("x"), values[name], width, is_ascii=is_ascii)
        return lines
    if chart.kind == "network":
        dash = "-" if is_ascii else "–"
        pairs = [f"{source} {dash} {target}" for source, target in zip(of("source"), of("target"), strict=True)]
        return _bars(pairs, of("weight"), width, is_ascii=is_ascii)
    return _bars(of("label"), of("size" if chart.kind == "map" else "value"), width, is_ascii=is_ascii)


def print_chart(chart: Chart, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a chart, as wide as the terminal; off a terminal, 80 characters wide."""
    width = shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns if sys.stdout.isatty() else _PLAIN_WIDTH
    is_ascii = not (sys.stdout.encoding or "ascii").lower().replace("-", "").startswith("utf")
    for line in chart_lines(chart, columns, rows, width, is_ascii=is_ascii):
        print(line)
