"""Fits the weights of the model to labelled runs: stochastic gradient ascent of the log-likelihood.

The steps are scaled by AdaGrad (Duchi, Hazan and Singer 2011); features are left out at random (dropout), so that the
model does not rely on single words. Where an annotation does not say which label a token has, several are allowed,
and their common probability is raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.enrich.mentions.crf.decode import Scores, Transitions
from transforms.enrich.mentions.crf.hashing import Bools, Ints
from transforms.enrich.mentions.crf.labels import LABEL_COUNT, MAY_FOLLOW, MAY_START
from transforms.enrich.mentions.train.gradient import run_through

#: What the squares of gradients start from: the first steps are then no longer than about the rate.
_FIRST_SQUARE = 0.1
#: How much slower the last round is than the first.
_SLOWDOWN = 0.7


class Examples(NamedTuple):
    """Labelled runs."""

    rows: npt.NDArray[np.int32]
    """(candidates, features) Rows of the weight table; 0 is "absent"."""
    starts: Ints
    """(runs) First candidate."""
    lengths: Ints
    """(runs) Candidates."""
    targets: Scores
    """(candidates, labels) Of annotated runs, which labels the annotation leaves open (1 or 0); of runs that another
    model has read, the probabilities that it gives to the labels."""
    is_read: Bools
    """(runs) Whether a run was read by another model."""
    run_weights: npt.NDArray[np.float64]
    """(runs) How much a run counts."""
    known: Scores
    """(candidates, labels) Scores that are given and not fitted."""

    @classmethod
    def joined(cls, parts: Sequence[Examples]) -> Examples:
        """Several as one."""
        sizes = np.cumsum([0, *(len(part.rows) for part in parts)])
        starts = np.concatenate([part.starts + at for part, at in zip(parts, sizes[:-1], strict=True)])
        joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in cls._fields}
        return cls(**{**joined, "starts": starts})


class Fitted(NamedTuple):
    """A fitted weight table of (buckets, labels), and the transitions."""

    weights: Scores
    transitions: Transitions


def fit(
    examples: Examples,
    bits: int,
    rounds: int,
    rate: float,
    dropout: float,
    *,
    seed: int = 0,
    begin: Transitions | None = None,
) -> Fitted:
    """Fit a table of 2**bits buckets, in some rounds; the same input gives the same bits.

    Parameters
    ----------
    rate
        The length of the first steps.
    dropout
        The share of features that is left out, drawn anew for every run.
    begin
        Transitions to begin with.
    """
    weights = np.zeros((1 << bits, LABEL_COUNT), np.float32)
    squares = np.full_like(weights, _FIRST_SQUARE)
    start = np.zeros(LABEL_COUNT) if begin is None else begin.start.astype(np.float64)
    step = np.zeros((LABEL_COUNT, LABEL_COUNT)) if begin is None else begin.step.astype(np.float64)
    start_squares, step_squares = np.ones_like(start), np.ones_like(step)
    rng = np.random.default_rng(seed)
    for number in range(rounds):
        run_through(
            *examples,
            rng.permutation(len(examples.starts)),
            weights, squares, start, start_squares, step, step_squares, MAY_START, MAY_FOLLOW,
            rate * (1 - _SLOWDOWN * number / rounds), dropout, rng.integers(2**31),
        )  # fmt: skip
    return Fitted(weights, Transitions(start.astype(np.float32), step.astype(np.float32)))
