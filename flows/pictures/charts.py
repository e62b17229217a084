"""Charts: bars of names and lines of days."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from flows.pictures.canvas import AXIS, COLOURS, INK, MUTED, Picture, draw
from flows.pictures.day_axis import positions, write_days
from flows.pictures.words import clean, day, number, shown_label

#: More bars than these nobody can read; the table below the picture has them all.
MOST_BARS: Final = 25
_LABEL_CHARS: Final = 28
_MOST_COLUMNS: Final = 62
_MOST_POINTS: Final = 750
_TOLD: Final = 5
_ROW_INCHES: Final = 0.25
#: Of the length of the longest bar, for the number behind it.
_NUMBER_ROOM: Final = 0.16


def as_float(value: Any) -> float:
    return float("nan") if value is None else float(value)


def told(pairs: Sequence[tuple[str, str]], hidden: int) -> str:
    """The first values in words, for those who do not see a picture."""
    text = "; ".join(f"{label}: {value}" for label, value in pairs)
    return text + (f"; and {hidden:,} more" if hidden > 0 else "")


def _name_axis(axes: Axes, labels: Sequence[str], lengths: Any) -> None:
    axes.set_yticks(np.arange(len(labels)), labels, color=INK)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    widest = max(float(lengths.max(initial=0)), 0)
    axes.set_xlim(min(float(lengths.min(initial=0)), 0), widest * (1 + _NUMBER_ROOM) or 1)


def _shown_label(label: Any) -> str:
    return clean(shown_label(label), _LABEL_CHARS)


def bars(salt: str, what: str, labels: Sequence[Any], values: Sequence[Any]) -> Picture:
    """Horizontal bars, one a row, in the order of the rows; ``what`` the values are."""
    pairs = [(_shown_label(label), as_float(value)) for label, value in zip(labels, values, strict=True)]
    drawn, hidden = pairs[:MOST_BARS], max(len(pairs) - MOST_BARS, 0)

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        lengths = np.nan_to_num([value for _, value in drawn])
        axes.barh(np.arange(len(drawn)), lengths, color=COLOURS[0], height=0.68)
        _name_axis(axes, [label for label, _ in drawn], lengths)
        for place, (_, value) in enumerate(drawn):
            axes.annotate(
                number(value), (max(lengths[place], 0), place), xytext=(4, 0), textcoords="offset points", va="center",
                color=MUTED,
            )  # fmt: skip

    words = told([(label, number(value)) for label, value in drawn[:_TOLD]], len(drawn) - _TOLD + hidden)
    return Picture(draw(0.2 + _ROW_INCHES * max(len(drawn), 1), salt, paint), f"Bars of {clean(what)}. {words}")


def compared_bars(salt: str, labels: Sequence[Any], values: Sequence[float], usual: Sequence[float]) -> Picture:
    """Horizontal bars with a mark where each would usually end."""
    names = [_shown_label(label) for label in labels]

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        places = np.arange(len(names))
        lengths = np.array(values, dtype=float)
        axes.barh(places, lengths, color=COLOURS[0], height=0.62)
        for place, length in enumerate(usual):
            axes.plot([length, length], [place - 0.42, place + 0.42], color=COLOURS[1], linewidth=2.5, zorder=3)
        _name_axis(axes, names, np.maximum(lengths, usual))
        for place, length in enumerate(np.maximum(lengths, usual)):
            axes.annotate(
                number(values[place]),
                (length, place),
                xytext=(5, 0),
                textcoords="offset points",
                va="center",
                color=INK,
            )

    pairs = [
        (name, f"{number(value)}, usually {number(mark)}")
        for name, value, mark in zip(names, values, usual, strict=True)
    ]
    return Picture(draw(0.2 + 0.28 * max(len(names), 1), salt, paint), "Bars of articles. " + told(pairs, 0))


def _height_axis(axes: Axes, top: float) -> None:
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    axes.set_ylim(0, (top or 1) * 1.08)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=top >= 1 or not top))


def _days_a_column(day_count: int) -> int:
    """How many days one column or point of a line stands for: more than so many could not be told apart."""
    return -(-day_count // _MOST_POINTS)


def thinning(day_count: int) -> str:
    """What a caption has to say of a chart of so many days; nothing where each has a column of its own."""
    size = _days_a_column(day_count)
    return f" One column stands for {size} days and shows the highest of them." if size > 1 else ""


def _thinned(numbers: Any, values: Any) -> tuple[Any, Any]:
    """Places and values of columns: of the days that one stands for, the highest value."""
    size = _days_a_column(len(numbers))
    if size == 1:
        return numbers, values
    starts = np.arange(0, len(numbers), size)
    return numbers[np.minimum(starts + size // 2, len(numbers) - 1)], np.maximum.reduceat(values, starts)


def _columns(axes: Axes, numbers: Any, values: Any, colour: str) -> None:
    """A column a day. Many are one area, which is one path: single days stay visible by its edge."""
    if len(numbers) > _MOST_COLUMNS:
        axes.fill_between(*_thinned(numbers, values), step="mid", color=colour, linewidth=0.7)
    else:
        axes.bar(numbers[values > 0], values[values > 0], color=colour, width=0.84)


def lines(salt: str, days: Sequence[date], series: Sequence[tuple[str, Sequence[Any]]]) -> Picture:
    """Series of numbers over days: columns if there is one, else a line for each."""
    named = [(clean(name, _LABEL_CHARS), np.array([as_float(value) for value in values])) for name, values in series]
    numbers = positions(days)

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        if len(named) == 1:
            _columns(axes, numbers, np.nan_to_num(named[0][1]), COLOURS[0])
        else:
            for place, (name, values) in enumerate(named):
                axes.plot(*_thinned(numbers, values), color=COLOURS[place % len(COLOURS)], linewidth=1.4, label=name)
            axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
        write_days(axes, days)
        _height_axis(axes, max(float(np.nan_to_num(values).max(initial=0)) for _, values in named))

    facts = []
    for name, values in named:
        peak = int(np.nan_to_num(values).argmax())
        facts.append(f"{name}: {number(np.nansum(values))} in all, most on {day(days[peak])} ({number(values[peak])})")
    words = f"Each day from {day(days[0])} to {day(days[-1])}. " + "; ".join(facts)
    return Picture(draw(2.3, salt, paint), words)


def small_lines(salt: str, days: Sequence[date], since: date, series: Sequence[tuple[str, Sequence[int]]]) -> Picture:
    """Small columns under each other, one panel a series, on one scale: who was in the news when.

    The days from ``since`` on are the period; those before it are paler.
    """
    named = [(clean(name, _LABEL_CHARS), np.array(values, dtype=float)) for name, values in series]
    numbers = positions(days)
    top = max(1.0, *(float(values.max(initial=0)) for _, values in named))
    start = since.toordinal()

    def paint(figure: Figure) -> None:
        panels = figure.subplots(len(named), 1, sharex=True, squeeze=False)[:, 0]
        for place, (axes, (name, values)) in enumerate(zip(panels, named, strict=True)):
            is_now = numbers >= start
            _columns(axes, numbers, np.where(is_now, 0, values), AXIS)
            _columns(axes, numbers, np.where(is_now, values, 0), COLOURS[0])
            axes.set_ylim(0, top * 1.1)
            axes.set_yticks([0, math.ceil(top)] if place == 0 else [])
            axes.spines["left"].set_visible(False)
            axes.set_title(f"{name}: {number(values[is_now].sum())}", loc="left", fontsize=10, color=INK, pad=2)
        write_days(panels[-1], days)

    facts = [
        f"{name}: {number(values.sum())} articles, most on {day(days[int(values.argmax())])} ({number(values.max())})"
        for name, values in named
    ]
    return Picture(draw(0.4 + 0.62 * len(named), salt, paint), "Articles a day. " + "; ".join(facts))
