"""Canvas: a matplotlib figure as inline SVG that is the same, byte for byte, for the same data.

Letters stay letters, so that the browser shows them in its own fonts, in every script. Colours become the page's CSS
variables, so that a page can be light or dark.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

# Before the import: where it cannot write its cache of fonts it says so, and no reader of a report can do anything.
logging.getLogger("matplotlib").setLevel(logging.ERROR)

import matplotlib as mpl  # ruff: ignore[module-import-not-at-top-of-file]
from matplotlib.backends.backend_svg import FigureCanvasSVG  # ruff: ignore[module-import-not-at-top-of-file]
from matplotlib.figure import Figure  # ruff: ignore[module-import-not-at-top-of-file]
from matplotlib.layout_engine import ConstrainedLayoutEngine  # ruff: ignore[module-import-not-at-top-of-file]

INK: Final = "#1f2933"
MUTED: Final = "#52606d"
AXIS: Final = "#9aa5b1"
GRID: Final = "#e4e7eb"
LAND: Final = "#e9ecef"
EDGE: Final = "#9fb3c8"
PAPER: Final = "#ffffff"
#: Okabe and Ito's colours, which people who see colours otherwise can tell apart; the dark ones of them.
COLOURS: Final = ("#0072b2", "#d55e00", "#007a5a", "#a3478a", "#8a6d00", "#3d5a80")

#: CSS variable of each colour, and its value on a dark page.
VARIABLES: Final = {
    INK: ("--ink", "#e6e9ec"),
    MUTED: ("--muted", "#a9b4bf"),
    AXIS: ("--axis", "#6b7783"),
    GRID: ("--grid", "#353e47"),
    LAND: ("--land", "#333c45"),
    EDGE: ("--edge", "#5f7388"),
    PAPER: ("--paper", "#161b20"),
    **{
        light: (f"--c{place}", dark)
        for place, (light, dark) in enumerate(
            zip(COLOURS, ("#56b4e9", "#f08c42", "#3fc79a", "#dd8fc6", "#d6b93c", "#93b1d6"), strict=True), start=1
        )
    },
}

#: Inches. Narrow on purpose: on a phone the letters of a wide picture would shrink away.
WIDTH: Final = 5.4
POINTS_PER_INCH: Final = 72
_MARGIN: Final = 0.06

_STYLE: Final[dict[str, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "dateline",
    # A title with two dollar signs is no formula.
    "text.parse_math": False,
    "axes.formatter.use_mathtext": False,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": AXIS,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": GRID,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}

#: In text matplotlib writes < and > as entities: what looks like a tag is one.
_TAG: Final = re.compile(r"<[^>]*>")
_NOTHING_TO_SHOW: Final = re.compile(
    r"^.*?(?=<svg)|\s*<metadata>.*?</metadata>|\s*<style[^>]*>.*?</style>|\s*<!--.*?-->", re.DOTALL
)
_ID: Final = re.compile(r' id="([^"]*)"')
_USED: Final = re.compile(r'(href="#|url\(#)([^")]+)')
_SIZE: Final = re.compile(r' (?:width|height)="[\d.]+(?:pt)?"')
_FONT: Final = re.compile(r"'DejaVu Sans'[^;\"]*")
_FRACTION: Final = re.compile(r"(\d+\.\d\d)\d+")
_COLOUR: Final = re.compile("|".join(VARIABLES))


@dataclass(frozen=True, slots=True)
class Picture:
    """Inline SVG, and the text that says the same to those who do not see it."""

    svg: str
    alt: str


def _inline(svg: str, salt: str) -> str:
    """The SVG for a page that has others: ids are its own, colours are variables, and it is as wide as its place."""
    svg = _NOTHING_TO_SHOW.sub("", svg)
    used = {found[2] for tag in _TAG.findall(svg) for found in _USED.finditer(tag)}

    def rewrite(found: re.Match[str]) -> str:
        tag = found[0]
        if tag.startswith("<svg"):
            tag = _SIZE.sub("", tag)
        tag = _ID.sub(lambda each: f' id="{salt}-{each[1]}"' if each[1] in used else "", tag)
        tag = _USED.sub(lambda each: f"{each[1]}{salt}-{each[2]}", tag)
        tag = _FONT.sub("system-ui, 'DejaVu Sans', sans-serif", tag)
        tag = _COLOUR.sub(lambda each: f"var({VARIABLES[each[0]][0]})", tag)
        return _FRACTION.sub(r"\1", tag)

    return _TAG.sub(rewrite, svg).strip()


def draw(height: float, salt: str, paint: Callable[[Figure], None], *, is_bare: bool = False) -> str:
    """The SVG of a figure that ``paint`` fills, ``WIDTH`` by ``height`` inches; ``salt`` is its own in its page.

    A figure that ``is_bare`` is laid out by ``paint`` itself. What the machine has set up for matplotlib does not
    count.
    """
    with mpl.rc_context(), warnings.catch_warnings():
        # Of letters that its own font lacks: the browser has others.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support", category=UserWarning)
        mpl.rcdefaults()
        mpl.rcParams.update(cast("Any", _STYLE))
        layout = None if is_bare else ConstrainedLayoutEngine(w_pad=_MARGIN, h_pad=_MARGIN)
        figure = Figure(figsize=(WIDTH, height), layout=layout)
        paint(figure)
        file = io.StringIO()
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(file, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _inline(file.getvalue(), salt)
