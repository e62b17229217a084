"""Canvas: a matplotlib figure as inline SVG that is the same, byte for byte, for the same data."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK: Final = "#1f2933"
MUTED: Final = "#52606d"
GRID: Final = "#e4e7eb"
#: Okabe and Ito's colours, which people who see colours otherwise can tell apart; the dark ones of them.
COLOURS: Final = ("#0072b2", "#d55e00", "#007a5a", "#a3478a", "#8a6d00", "#3d5a80")

#: Narrow on purpose: on a phone the letters of a wide picture would shrink away.
WIDTH: Final = 5.4
_MARGIN: Final = 0.06

_STYLE: Final[dict[str, Any]] = {
    "svg.fonttype": "none",  # letters stay letters: smaller, searchable, in every script that the reader has
    "svg.hashsalt": "dateline",
    # A title with two dollar signs is no formula.
    "text.parse_math": False,
    "axes.formatter.use_mathtext": False,
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": "#9aa5b1",
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

_PROLOGUE: Final = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA: Final = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_COMMENT: Final = re.compile(r"\s*<!--.*?-->", re.DOTALL)
_SIZE: Final = re.compile(r'(<svg[^>]*?) width="[^"]*"')
_HEIGHT: Final = re.compile(r'(<svg[^>]*?) height="[^"]*"')
_ID: Final = re.compile(r' id="([^"]*)"')
_USED: Final = re.compile(r'(?:href="#|url\(#)([^")]+)')
_FONT: Final = re.compile(r"'DejaVu Sans'[^;\"]*")
#: What no XML holds, and what would turn the direction of the text around it.
_UNWRITABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Picture:
    """Inline SVG, hidden from screen readers, and the text that says the same."""

    svg: str
    alt: str


def clean(text: object, most_chars: int | None = None) -> str:
    """A text that can stand in a picture or a page once it is escaped: one line, no control characters."""
    cleaned = _UNWRITABLE.sub(" ", str(text))
    return cleaned if most_chars is None or len(cleaned) <= most_chars else cleaned[: most_chars - 1] + "…"


def _inline(svg: str, salt: str) -> str:
    svg = _COMMENT.sub("", _METADATA.sub("", _PROLOGUE.sub("", svg)))
    svg = _HEIGHT.sub(r"\1", _SIZE.sub(r"\1", svg))
    used = set(_USED.findall(svg))
    # Several pictures stand in one page, where an id may be there once.
    svg = _ID.sub(lambda found: f' id="{salt}-{found[1]}"' if found[1] in used else "", svg)
    svg = _USED.sub(lambda found: found[0].replace(f"#{found[1]}", f"#{salt}-{found[1]}"), svg)
    svg = _FONT.sub("system-ui, 'DejaVu Sans', sans-serif", svg)
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1).strip()


def draw(height: float, salt: str, paint: Callable[[Figure], None]) -> str:
    """The SVG of a figure that ``paint`` fills, ``WIDTH`` by ``height`` inches; ``salt`` is its own in its page.

    What the machine has set up for matplotlib does not count.
    """
    with mpl.rc_context(), warnings.catch_warnings():
        # Of letters that its own font lacks: the browser has others.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support", category=UserWarning)
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        layout_engine = figure.get_layout_engine()
        if layout_engine is not None:
            layout_engine.set(w_pad=_MARGIN, h_pad=_MARGIN)
        paint(figure)
        file = io.StringIO()
        FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _inline(file.getvalue(), salt)
