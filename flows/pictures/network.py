"""Network: names that stand together, as nodes and edges."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from flows.pictures.canvas import COLOURS, EDGE, PAPER, POINTS_PER_INCH, WIDTH, Picture, draw
from flows.pictures.charts import told
from flows.pictures.labels import write_labels
from flows.pictures.words import clean, number, plural

#: More edges or names than these nobody can follow; the table below the picture has them all.
MOST_EDGES: Final = 40
_MOST_LABELS: Final = 40
_NAME_CHARS: Final = 22
_TOLD: Final = 5
_HEIGHT: Final = 4.4
_SIDE_MARGIN: Final = 0.17
_END_MARGIN: Final = 0.06
_LEAST_RADIUS: Final = 3.0
_MORE_RADIUS: Final = 6.5
#: Types that have a colour of their own, in the order of the legend; others share the last one.
_TYPES: Final = ("PERSON", "ORGANISATION", "PLACE", "")

_ROUNDS: Final = 200
#: Steps from a node to one that no edge leads to: a little more than the longest way that is looked at.
_MOST_STEPS: Final = 4.0
_TINY: Final = 1e-9


def _steps_between(edges: NDArray[np.int64], node_count: int) -> NDArray[np.float64]:
    """Edges on the shortest way between any two nodes, at most ``_MOST_STEPS`` (Floyd and Warshall's algorithm)."""
    steps = np.full((node_count, node_count), _MOST_STEPS)
    np.fill_diagonal(steps, 0)
    steps[edges[:, 0], edges[:, 1]] = steps[edges[:, 1], edges[:, 0]] = 1
    for middle in range(node_count):
        steps = np.minimum(steps, steps[:, middle, None] + steps[None, middle, :])
    return steps


def spread(edges: NDArray[np.int64], node_count: int) -> NDArray[np.float64]:
    """Positions of the nodes, shape ``(node_count, 2)``, each coordinate from 0 to 1.

    ``edges`` has the shape ``(edge_count, 2)``. Nodes stand as far apart as there are edges between them, by stress
    majorisation: Gansner, Koren and North, Graph Drawing by Stress Majorization, 2004. It starts from a sunflower
    spiral instead of random places, so that the same network always looks the same; it is meant for up to about 100
    nodes.
    """
    if not node_count:
        return np.zeros((0, 2))
    order = np.arange(node_count) + 0.5
    angle = order * np.pi * (3 - np.sqrt(5))
    at = np.sqrt(order)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    steps = _steps_between(edges, node_count)
    pull = np.where(steps > 0, np.maximum(steps, _TINY) ** -2.0, 0)
    inverse = np.linalg.pinv(np.diag(pull.sum(axis=1)) - pull)
    for _ in range(_ROUNDS):
        apart = at[:, None, :] - at[None, :, :]
        distance = np.maximum(np.sqrt((apart**2).sum(axis=2)), _TINY)
        ratio = -pull * steps / distance
        np.fill_diagonal(ratio, 0)
        np.fill_diagonal(ratio, -ratio.sum(axis=1))
        at = inverse @ (ratio @ at)
    low, span = at.min(axis=0), np.ptp(at, axis=0)
    return np.asarray(np.where(span > _TINY, (at - low) / np.maximum(span, _TINY), 0.5))


@dataclass(frozen=True, slots=True)
class Edge:
    """Two names that stand together, how often, and what they are."""

    source: str
    target: str
    weight: float
    source_type: str = ""
    target_type: str = ""


def _legend(types: Collection[str]) -> list[tuple[str, str]]:
    """What the colours of these of ``_TYPES`` mean."""
    return [((kind or "other").lower(), COLOURS[place]) for place, kind in enumerate(_TYPES) if kind in types]


def network(salt: str, edges: Sequence[Edge]) -> Picture:
    """The heaviest edges, thicker the heavier they are; names are larger the more weight their edges have."""
    heaviest = sorted(edges, key=lambda edge: -edge.weight)[:MOST_EDGES]
    types = {
        key: key[1] if key[1] in _TYPES else ""
        for edge in heaviest
        for key in ((edge.source, edge.source_type), (edge.target, edge.target_type))
    }
    nodes = list(types)
    place_of = {node: place for place, node in enumerate(nodes)}
    ends = np.array(
        [[place_of[edge.source, edge.source_type], place_of[edge.target, edge.target_type]] for edge in heaviest],
        dtype=np.int64,
    ).reshape(-1, 2)
    weights = np.array([edge.weight for edge in heaviest])
    reach = np.zeros(len(nodes))
    np.add.at(reach, ends.ravel(), np.repeat(weights, 2))
    at = spread(ends, len(nodes))
    radii = _LEAST_RADIUS + _MORE_RADIUS * np.sqrt(reach / reach.max(initial=1))
    order = np.argsort(-reach, kind="stable")

    def paint(figure: Figure) -> None:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(-_SIDE_MARGIN, 1 + _SIDE_MARGIN)
        axes.set_ylim(-_END_MARGIN, 1 + 3 * _END_MARGIN)
        for (source, target), share in zip(ends, weights / weights.max(initial=1), strict=True):
            axes.plot(
                *at[[source, target]].T, color=EDGE, linewidth=0.6 + 3.4 * share, zorder=1, solid_capstyle="round"
            )
        colours = [COLOURS[_TYPES.index(types[node])] for node in nodes]
        axes.scatter(at[:, 0], at[:, 1], s=(2 * radii) ** 2, color=colours, edgecolor=PAPER, linewidth=1, zorder=2)
        names = [clean(nodes[place][0], _NAME_CHARS) for place in order[:_MOST_LABELS]]
        write_labels(axes, at[order], radii[order].tolist(), names)
        legend = _legend(types.values())
        if len(legend) > 1:
            for place, (kind, colour) in enumerate(legend):
                x = 10 + place * WIDTH * POINTS_PER_INCH / 4.2
                axes.annotate(
                    "●", (0, 1), xycoords="axes fraction", xytext=(x, -8), textcoords="offset points", color=colour,
                    va="center", fontsize=9,
                )  # fmt: skip
                axes.annotate(
                    kind, (0, 1), xycoords="axes fraction", xytext=(x + 11, -8), textcoords="offset points",
                    va="center", fontsize=9,
                )  # fmt: skip

    pairs = [(f"{clean(edge.source)} and {clean(edge.target)}", number(edge.weight)) for edge in heaviest[:_TOLD]]
    count = f"{plural(len(nodes), 'name')} and {plural(len(heaviest), 'pair')}"
    words = f"A network of {count}. {told(pairs, len(edges) - len(pairs))}"
    return Picture(draw(_HEIGHT, salt, paint, is_bare=True), words)
