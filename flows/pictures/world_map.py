"""World map: places as points on the coastlines of the world, cut to where they are.

The coastlines are Natural Earth's land at 1:110 million (naturalearthdata.com, version 4.1, public domain), as the npm
package world-atlas 2.0.2 has it, rounded to a tenth of a degree and cut at the 180th meridian: ``land.txt`` has one
ring a line, of degrees east and north. It has no borders of countries on purpose: some are disputed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from flows.pictures.canvas import COLOURS, GRID, LAND, PAPER, WIDTH, Picture, draw
from flows.pictures.charts import told
from flows.pictures.labels import write_labels
from flows.pictures.words import clean, number, plural

#: More points than these nobody can part; the table below the picture has them all.
MOST_POINTS: Final = 60
_MOST_LABELS: Final = 25
_NAME_CHARS: Final = 22
_TOLD: Final = 5
#: Degrees: a map of one town shows the countries around it.
_LEAST_SPAN: Final = 30.0
_MARGIN_SHARE: Final = 0.14
#: Width to height of the picture, at most and at least.
_WIDEST: Final = 2.1
_HIGHEST: Final = 1.2
_SOUTH: Final = -60.0
_NORTH: Final = 84.0
_LEAST_RADIUS: Final = 2.5
_MORE_RADIUS: Final = 8.0


@dataclass(frozen=True, slots=True)
class Point:
    """A place: its degrees north and east, and how large it is to be shown."""

    name: str
    north: float
    east: float
    size: float


@cache
def _land() -> list[NDArray[np.float64]]:
    """The rings of the coastlines, each of the shape ``(points, 2)``: degrees east and north."""
    text = files(__package__).joinpath("land.txt").read_text(encoding="ascii")
    return [np.array([pair.split(",") for pair in line.split()], dtype=np.float64) for line in text.splitlines()]


def _span(values: Any, least: float) -> tuple[float, float]:
    middle, half = (values.min() + values.max()) / 2, np.ptp(values) * (0.5 + _MARGIN_SHARE)
    return float(middle - max(half, least / 2)), float(middle + max(half, least / 2))


def _moved(low: float, high: float, least: float, most: float) -> tuple[float, float]:
    """A span moved, and cut if it must be, to lie within limits."""
    if high - low >= most - least:
        return least, most
    shift = max(least - low, 0) + min(most - high, 0)
    return low + shift, high + shift


def frame(north: Any, east: Any) -> tuple[tuple[float, float], tuple[float, float], float]:
    """The degrees east and north that a map of these points shows, and its width by its height.

    Degrees east are as long as they are in its middle (an equirectangular projection).
    """
    low, high = _span(north, _LEAST_SPAN / 2)
    left, right = _span(east, _LEAST_SPAN)
    shrink = float(np.cos(np.radians((max(low, _SOUTH) + min(high, _NORTH)) / 2)))
    width, height = (right - left) * shrink, high - low
    if width > height * _WIDEST:
        more = (width / _WIDEST - height) / 2
        low, high = low - more, high + more
    elif width < height * _HIGHEST:
        more = (height * _HIGHEST / shrink - (right - left)) / 2
        left, right = left - more, right + more
    low, high = _moved(low, high, _SOUTH, _NORTH) if north.min() > _SOUTH else (max(low, -90.0), min(high, 90.0))
    left, right = _moved(left, right, -180, 180)
    return (left, right), (low, high), (right - left) * shrink / (high - low)


def world_map(salt: str, points: Sequence[Point]) -> Picture:
    """Points, the larger the larger their size; the first ones have their names, as far as there is room."""
    placed = list(points[:MOST_POINTS])
    north = np.array([point.north for point in placed])
    east = np.array([point.east for point in placed])
    sizes = np.array([point.size for point in placed])
    east_limits, north_limits, ratio = frame(north, east)
    radii = _LEAST_RADIUS + _MORE_RADIUS * np.sqrt(np.maximum(sizes, 0) / max(sizes.max(initial=0), 1))

    def paint(figure: Figure) -> None:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(True)
        axes.spines[:].set_color(GRID)
        axes.set_xlim(*east_limits)
        axes.set_ylim(*north_limits)
        seen = [
            Outline(ring, closed=False)
            for ring in _land()
            if ring[:, 0].max() > east_limits[0] and ring[:, 0].min() < east_limits[1]
            and ring[:, 1].max() > north_limits[0] and ring[:, 1].min() < north_limits[1]
        ]  # fmt: skip
        if seen:
            axes.add_patch(PathPatch(Outline.make_compound_path(*seen), facecolor=LAND, edgecolor=GRID, linewidth=0.6))
        at = np.column_stack([east, north])
        # The smaller ones lie on the larger ones.
        order = np.argsort(-radii, kind="stable")
        axes.scatter(
            at[order, 0],
            at[order, 1], s=(2 * radii[order]) ** 2, color=COLOURS[1], alpha=0.75, edgecolor=PAPER, linewidth=0.7,
            zorder=2,
        )  # fmt: skip
        write_labels(axes, at, radii.tolist(), [clean(point.name, _NAME_CHARS) for point in placed[:_MOST_LABELS]])

    pairs = [(clean(point.name), number(point.size)) for point in placed[:_TOLD]]
    words = f"A map of {plural(len(placed), 'place')}. {told(pairs, len(points) - len(pairs))}"
    return Picture(draw(WIDTH / ratio, salt, paint, is_bare=True), words)
