"""Finds the most probable labels of all runs at once, and how probable they are.

A linear-chain conditional random field gives a sequence of labels the score

    start[y1] + sum of emission[t, yt] + sum of transition[yt-1, yt]

and the probability exp(score) / Z. An emission is the sum of the weights of a token's features. `best_labels` is the
algorithm of Viterbi, `marginals` the one called forward-backward; both go through the runs of a batch side by side,
longest first, so that each step is one array operation over all runs that are still going on.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from transforms.enrich.mentions.crf.hashing import Bytes, Ints
from transforms.enrich.mentions.crf.labels import MAY_FOLLOW, MAY_START

Scores = npt.NDArray[np.float32]

#: The score of what may not be: far below any sum of weights, and far above the limits of 32-bit floats.
_NEVER = np.float32(-1e4)


class Transitions(NamedTuple):
    """What it scores to start with a label (labels) and to go from one to the next (labels, labels)."""

    start: Scores
    step: Scores

    def barred(self) -> Transitions:
        """The same, without the ones that may not be."""
        return Transitions(np.where(MAY_START, self.start, _NEVER), np.where(MAY_FOLLOW, self.step, _NEVER))


class _SideBySide(NamedTuple):
    """Runs ordered by falling length: at step t the first `going_on[t]` of them have a token."""

    starts: Ints
    going_on: list[int]


def _side_by_side(starts: Ints, lengths: Ints) -> _SideBySide:
    order = np.argsort(-lengths, kind="stable")
    longest = int(lengths.max(initial=0))
    shorter = np.cumsum(np.bincount(lengths, minlength=longest + 1))
    return _SideBySide(starts[order], (len(starts) - shorter[:longest]).tolist())


def best_labels(emissions: Scores, starts: Ints, lengths: Ints, transitions: Transitions) -> Bytes:
    """(candidates) The labels of the best-scored sequence of every run.

    Parameters
    ----------
    emissions
        (candidates, labels)
    starts, lengths
        (runs) The first candidate of each run, and how many there are.
    """
    start, step = transitions.barred()
    runs, going_on = _side_by_side(starts, lengths)
    labels = np.zeros(len(emissions), np.uint8)
    if not len(runs):
        return labels
    best = emissions[runs] + start
    last = np.zeros(len(runs), np.int64)
    came_from = []
    # The labels come first and the runs last in these arrays: few long rows are faster than many short ones.
    best = np.ascontiguousarray(best.T)
    for t, count in enumerate(going_on[1:], 1):
        last[count : best.shape[1]] = best[:, count:].argmax(axis=0)
        candidates = best[:, None, :count] + step[:, :, None]
        came_from.append(candidates.argmax(axis=0).astype(np.uint8))
        best = candidates.max(axis=0) + emissions[runs[:count] + t].T
    last[: best.shape[1]] = best.argmax(axis=0)
    for t in range(len(going_on) - 1, 0, -1):
        count = going_on[t]
        labels[runs[:count] + t] = last[:count]
        last[:count] = came_from[t - 1][last[:count], np.arange(count)]
    labels[runs] = last
    return labels


def marginals(emissions: Scores, starts: Ints, lengths: Ints, transitions: Transitions) -> Scores:
    """(candidates, labels) The probability of each label at each candidate; arguments as for `best_labels`."""
    start, step = transitions.barred()
    runs, going_on = _side_by_side(starts, lengths)
    if not len(runs):
        return np.zeros_like(emissions)
    # Candidates of no run given keep zeros: all labels are as probable there.
    forward, backward = np.zeros_like(emissions), np.zeros_like(emissions)
    forward[runs] = emissions[runs] + start
    odds, odds_back = np.exp(step), np.exp(step.T)
    for t, count in enumerate(going_on[1:], 1):
        at = runs[:count] + t
        forward[at] = _log_product(forward[at - 1], odds) + emissions[at]
    for t in range(len(going_on) - 1, 0, -1):
        at = runs[: going_on[t]] + t
        backward[at - 1] = _log_product(emissions[at] + backward[at], odds_back)
    total = forward + backward
    return softmax(total)


def softmax(scores: Scores) -> Scores:
    """Scores of each row as probabilities."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: Scores = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def _log_product(rows: Scores, odds: Scores) -> Scores:
    """log(exp(rows) @ odds): every row's greatest item is taken out first, so nothing overflows."""
    greatest = rows.max(axis=1, keepdims=True)
    powers = np.exp(rows - greatest)
    sums = powers[:, :1] * odds[0]
    # An own loop over the few labels: a matrix product's order of addition may depend on the size of the batch.
    for label in range(1, rows.shape[1]):
        sums += powers[:, label : label + 1] * odds[label]
    logarithms: Scores = np.log(np.maximum(sums, np.float32(1e-30))) + greatest
    return logarithms
