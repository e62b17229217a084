"""Labels: where names can stand beside their points without lying on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from matplotlib.axes import Axes

from flows.pictures.canvas import POINTS_PER_INCH

FONT_SIZE: Final = 8.5
#: Of the size of the letters: a little more than most letters of most fonts.
_CHAR_WIDTH: Final = 0.6
_LINE_HEIGHT: Final = 1.15
#: Lines above or below its point that a label at its side may stand.
_ASIDE: Final = (0.7, -0.7, 1.3, -1.3)

Box = tuple[float, float, float, float]
Side = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Label:
    """A text beside the point with this number: offsets in points, and which side of the text is there."""

    point: int
    right: float
    up: float
    side: Side


def _width(text: str) -> float:
    # Letters of Chinese, Japanese and Korean are as wide as they are high.
    return sum(1.0 if char >= "\u2e80" else _CHAR_WIDTH for char in text) * FONT_SIZE


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def place_labels(
    points: Sequence[tuple[float, float]], radii: Sequence[float], texts: Sequence[str], room: tuple[float, float]
) -> list[Label]:
    """Labels of the points, the first ones first; one that finds no free place at its point is left out.

    There may be fewer texts than points: they belong to the first ones. Everything is in points (1/72 inch), from the
    lower left corner of a picture that is ``room`` wide and high.
    """
    taken: list[Box] = [
        (x - radius, y - radius, x + radius, y + radius) for (x, y), radius in zip(points, radii, strict=True)
    ]
    labels = []
    height = FONT_SIZE * _LINE_HEIGHT
    for number, ((x, y), radius, text) in enumerate(zip(points, radii, texts, strict=False)):
        width, gap = _width(text), radius + 2
        places: list[tuple[float, float, Side, float]] = [
            (gap, 0, "left", 0),
            (-gap, 0, "right", -width),
            (0, gap + height / 2, "center", -width / 2),
            (0, -gap - height / 2, "center", -width / 2),
        ]
        places += [(gap, lines * height, "left", 0) for lines in _ASIDE]
        places += [(-gap, lines * height, "right", -width) for lines in _ASIDE]
        for right, up, side, start in places:
            left = x + right + start
            box = (left, y + up - height / 2, left + width, y + up + height / 2)
            is_inside = box[0] >= 0 and box[1] >= 0 and box[2] <= room[0] and box[3] <= room[1]
            if is_inside and not any(_overlap(box, other) for place, other in enumerate(taken) if place != number):
                taken.append(box)
                labels.append(Label(number, right, up, side))
                break
    return labels


def write_labels(axes: Axes, at: Any, radii: Sequence[float], texts: Sequence[str]) -> None:
    """Write texts beside the first of the points ``at`` (rows of x and y as data), where there is room.

    The axes must fill their figure, with their limits set.
    """
    box = axes.get_window_extent()
    width, height = (size / axes.figure.dpi * POINTS_PER_INCH for size in (box.width, box.height))
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    points = [((x - left) / (right - left) * width, (y - low) / (high - low) * height) for x, y in at]
    for label in place_labels(points, radii, texts, (width, height)):
        axes.annotate(
            texts[label.point], tuple(at[label.point]), xytext=(label.right, label.up), textcoords="offset points",
            ha=label.side, va="center_baseline", fontsize=FONT_SIZE, zorder=4,
        )  # fmt: skip
