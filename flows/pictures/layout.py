"""Layout: where the nodes of a small network stand in a picture."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_STEPS: Final = 200
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
    for _ in range(_STEPS):
        apart = at[:, None, :] - at[None, :, :]
        distance = np.maximum(np.sqrt((apart**2).sum(axis=2)), _TINY)
        ratio = -pull * steps / distance
        np.fill_diagonal(ratio, 0)
        np.fill_diagonal(ratio, -ratio.sum(axis=1))
        at = inverse @ (ratio @ at)
    low, span = at.min(axis=0), np.ptp(at, axis=0)
    return np.asarray(np.where(span > _TINY, (at - low) / np.maximum(span, _TINY), 0.5))
