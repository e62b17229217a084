"""Charts: lines, bars, networks and maps of the rows of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from flows.pictures.canvas import COLOURS, GRID, INK, MUTED, Picture, clean, draw
from flows.pictures.layout import spread

#: More bars, nodes or points than these nobody can read; the table below the picture has them all.
MOST_BARS: Final = 25
MOST_EDGES: Final = 60
MOST_POINTS: Final = 60
_LABELLED_POINTS: Final = 12
_LABELLED_NODES: Final = 26
_LABEL_CHARS: Final = 28
_NODE_CHARS: Final = 20
_FEW_DAYS: Final = 10
_TOLD: Final = 5
_LEAST_SPAN: Final = 24.0

Row = Sequence[Any]


def number(value: Any) -> str:
    """A number for people: 1,234 or 0.25; nothing for what is missing."""
    if value is None or not np.isfinite(float(value)):
        return ""
    rounded = float(value)
    if rounded.is_integer():
        return f"{rounded:,.0f}"
    return f"{rounded:,.3g}" if abs(rounded) < 1_000 else f"{rounded:,.0f}"  # ruff: ignore[magic-value-comparison]


def _float(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _told(pairs: Sequence[tuple[str, Any]], hidden: int) -> str:
    text = "; ".join(f"{label}: {number(value)}" for label, value in pairs)
    return text + (f"; and {hidden} more" if hidden > 0 else "")


def bars(salt: str, what: str, labels: Sequence[Any], values: Sequence[Any]) -> Picture:
    """Horizontal bars, one a row, in the order of the rows; ``what`` the values are."""
    shown = [(clean(label, _LABEL_CHARS), _float(value)) for label, value in zip(labels, values, strict=True)]
    shown, hidden = shown[:MOST_BARS], max(len(shown) - MOST_BARS, 0)

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        places = np.arange(len(shown))
        lengths = np.nan_to_num([value for _, value in shown])
        axes.barh(places, lengths, color=COLOURS[0], height=0.68)
        axes.set_yticks(places, [label for label, _ in shown], color=INK)
        axes.invert_yaxis()
        axes.xaxis.set_visible(False)
        axes.spines["bottom"].set_visible(False)
        widest = max(lengths.max(initial=0), 0)
        axes.set_xlim(min(lengths.min(initial=0), 0), widest * 1.14 or 1)
        for place, (_, value) in enumerate(shown):
            axes.text(max(np.nan_to_num(value), 0) + widest * 0.012, place, number(value), va="center", color=MUTED)

    height = 0.3 + 0.25 * max(len(shown), 1)
    return Picture(
        draw(height, salt, paint), f"Bars of {clean(what)}. {_told(shown[:_TOLD], len(shown) - _TOLD + hidden)}"
    )


def _day_axis(axes: Axes, days: Sequence[date]) -> None:
    if len(days) <= _FEW_DAYS:
        axes.set_xticks(date2num(list(days)), [f"{day.day} {day:%b}" for day in days])
    else:
        locator = AutoDateLocator(minticks=3, maxticks=7)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def _grid(axes: Axes, values: Any) -> None:
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    axes.set_ylim(0, max(float(np.nanmax(values, initial=0)), 1e-12) * 1.08)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=bool(np.nanmax(values, initial=0) >= 1)))


def _steps(axes: Axes, numbers: Any, values: Any, colour: str) -> None:
    """Columns side by side as one area: thousands of them are one path, and single days stay visible by its edge."""
    axes.fill_between(numbers, values, step="mid", color=colour, linewidth=0.7)


def lines(salt: str, days: Sequence[date], series: Sequence[tuple[str, Sequence[Any]]]) -> Picture:
    """One line for each series of numbers over days; a few days are columns if there is one series."""
    named = [(clean(name, _LABEL_CHARS), np.array([_float(value) for value in values])) for name, values in series]
    numbers = date2num(list(days))

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        for place, (name, values) in enumerate(named):
            colour = COLOURS[place % len(COLOURS)]
            if len(named) == 1 and len(days) <= _FEW_DAYS * 4:
                axes.bar(numbers, np.nan_to_num(values), color=colour, width=0.8)
            elif len(named) == 1:
                _steps(axes, numbers, np.nan_to_num(values), colour)
            else:
                axes.plot(numbers, values, color=colour, linewidth=1.4, label=name)
        if len(named) > 1:
            axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
        _day_axis(axes, days)
        _grid(axes, np.concatenate([values for _, values in named]))

    facts = []
    for name, values in named:
        peak = int(np.nanargmax(values)) if np.isfinite(values).any() else 0
        facts.append(
            f"{name}: {number(np.nansum(values))} in all, most on {days[peak]:%-d %B %Y} ({number(values[peak])})"
        )
    told = f"A line of each day from {days[0]:%-d %B %Y} to {days[-1]:%-d %B %Y}. " + "; ".join(facts)
    return Picture(draw(2.3, salt, paint), told)


def small_lines(salt: str, days: Sequence[date], series: Sequence[tuple[str, Sequence[int]]]) -> Picture:
    """Small columns under each other, one panel a series, on one scale: who was in the news when."""
    named = [(clean(name, _LABEL_CHARS), np.array(values, dtype=float)) for name, values in series]
    numbers = date2num(list(days))
    top = max(max(float(values.max(initial=0)) for _, values in named), 1)

    def paint(figure: Figure) -> None:
        panels = figure.subplots(len(named), 1, sharex=True, squeeze=False)[:, 0]
        for place, (axes, (name, values)) in enumerate(zip(panels, named, strict=True)):
            _steps(axes, numbers, values, COLOURS[place % len(COLOURS)])
            axes.set_ylim(0, top * 1.1)
            axes.set_yticks([0, round(top)] if place == 0 else [])
            axes.spines["left"].set_visible(False)
            axes.set_title(f"{name}  ·  {number(values.sum())}", loc="left", fontsize=10, color=INK, pad=2)
        _day_axis(panels[-1], days)

    facts = [
        f"{name}: {number(values.sum())} articles, most on {days[int(values.argmax())]:%-d %B} ({number(values.max())})"
        for name, values in named
    ]
    return Picture(draw(0.35 + 0.62 * len(named), salt, paint), "Articles a day. " + "; ".join(facts))


def network(salt: str, edges: Sequence[tuple[Any, Any, Any]]) -> Picture:
    """Names that stand together: the heaviest edges, thicker the more articles there are."""
    heaviest = sorted(edges, key=lambda edge: -_float(edge[2]))[:MOST_EDGES]
    names = list(dict.fromkeys(name for source, target, _ in heaviest for name in (source, target)))
    place_of = {name: place for place, name in enumerate(names)}
    ends = np.array([[place_of[source], place_of[target]] for source, target, _ in heaviest], dtype=np.int64).reshape(
        -1, 2
    )
    weights = np.array([_float(weight) for _, _, weight in heaviest])
    at = spread(ends, len(names))
    reach = np.zeros(len(names))
    np.add.at(reach, ends.ravel(), np.repeat(weights, 2))

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        axes.set_axis_off()
        for (source, target), share in zip(ends, weights / weights.max(initial=1), strict=True):
            axes.plot(
                *at[[source, target]].T, color="#9fb3c8", linewidth=0.5 + 3.5 * share, zorder=1, solid_capstyle="round"
            )
        axes.scatter(*at.T, s=25 + 190 * reach / reach.max(initial=1), color=COLOURS[0], edgecolor="white", zorder=2)
        for place in np.argsort(-reach, kind="stable")[:_LABELLED_NODES]:
            is_right = at[place, 0] > 0.8  # ruff: ignore[magic-value-comparison] - there the letters would run out of the picture
            axes.annotate(
                clean(names[place], _NODE_CHARS), at[place], xytext=(-6 if is_right else 6, 5),
                textcoords="offset points", ha="right" if is_right else "left", fontsize=8.5, zorder=3,
            )  # fmt: skip
        axes.margins(0.09)

    pairs = [(f"{clean(source)} and {clean(target)}", weight) for source, target, weight in heaviest[:_TOLD]]
    told = f"A network of {len(names)} names and {len(heaviest)} pairs. {_told(pairs, len(edges) - _TOLD)}"
    return Picture(draw(4.6, salt, paint), told)


def world_map(salt: str, points: Sequence[tuple[Any, Any, Any, Any]]) -> Picture:
    """Points (label, degrees north, degrees east, size) over a graticule: equirectangular, cut to where they are."""
    placed = [point for point in points if point[1] is not None and point[2] is not None][:MOST_POINTS]
    north = np.array([_float(point[1]) for point in placed])
    east = np.array([_float(point[2]) for point in placed])
    sizes = np.array([_float(point[3]) for point in placed])

    def limits(values: Any, most: float) -> tuple[float, float]:
        middle = (values.max() + values.min()) / 2 if len(values) else 0.0
        half = max(np.ptp(values) * 0.58 if len(values) else most, _LEAST_SPAN / 2)
        return max(middle - half, -most), min(middle + half, most)

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        axes.set_xlim(*limits(east, 180))
        axes.set_ylim(*limits(north, 90))
        for axis, letters in ((axes.xaxis, "WE"), (axes.yaxis, "SN")):
            axis.set_major_locator(MaxNLocator(6, steps=[1, 1.5, 2, 3, 5, 10]))
            axis.set_major_formatter(
                lambda degrees, _, letters=letters: f"{abs(degrees):g}°{letters[int(degrees > 0)] if degrees else ''}"
            )
        axes.grid(visible=True)
        axes.axhline(0, color="#9aa5b1", linewidth=0.8)
        axes.axvline(0, color="#9aa5b1", linewidth=0.8)
        axes.spines[:].set_visible(True)
        axes.spines[:].set_color(GRID)
        axes.scatter(east, north, s=22 + 260 * sizes / sizes.max(initial=1), color=COLOURS[1], alpha=0.55, linewidth=0)
        axes.scatter(east, north, s=5, color=COLOURS[1], linewidth=0)
        left, right = axes.get_xlim()
        taken: list[tuple[float, float]] = []
        for (label, *_), x, y in zip(placed, east, north, strict=True):
            # The first ones are the largest; a label that would lie on another's is left to the table.
            near = any(abs(x - u) < (right - left) / 5 and abs(y - v) < (right - left) / 28 for u, v in taken)
            if near or len(taken) >= _LABELLED_POINTS:
                continue
            taken.append((x, y))
            is_right = x > left + (right - left) * 0.78
            axes.annotate(
                clean(label, _NODE_CHARS), (x, y), xytext=(-6 if is_right else 6, 3), textcoords="offset points",
                ha="right" if is_right else "left", fontsize=8.5,
            )  # fmt: skip

    told = _told([(clean(point[0]), point[3]) for point in placed[:_TOLD]], len(placed) - _TOLD)
    return Picture(draw(3.2, salt, paint), f"A map of {len(placed)} places, the larger the more articles. {told}")


def as_day(value: Any) -> date | None:
    """A day from DuckDB, or None for what is no day."""
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
