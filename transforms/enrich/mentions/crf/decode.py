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
from transforms.enrich.mentions.crf.labels import LABEL_COUNT, MAY_FOLLOW, MAY_START

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


class _SideBySide:
    """The candidates of runs, step by step: the first ones of all runs, then the second ones of those that go on.

    The longest run comes first, so that the candidates of a step stand below those of the same runs in the step before.
    Arrays in this order have the labels first and the candidates last: few long rows are faster than many short ones.
    """

    def __init__(self, starts: Ints, lengths: Ints) -> None:
        order = np.argsort(-lengths, kind="stable")
        longest = int(lengths.max(initial=0))
        shorter = np.cumsum(np.bincount(lengths, minlength=longest + 1))
        counts: Ints = len(starts) - shorter[:longest]
        self.counts = counts.tolist()
        """(steps) How many runs have a candidate at that step."""
        self.borders = [0, *np.cumsum(counts).tolist()]
        """(steps + 1) Where the steps begin."""
        ranks = np.arange(self.borders[-1]) - np.repeat(np.cumsum(counts) - counts, counts)
        self.candidates: Ints = starts[order][ranks] + np.repeat(np.arange(longest), counts)
        """(candidates) Which candidate stands where."""

    def at(self, step: int, first: int | None = None) -> slice:
        """Where a step stands, or the ``first`` so many of its runs."""
        start = self.borders[step]
        return slice(start, start + (self.counts[step] if first is None else first))

    def gathered(self, rows: Scores) -> Scores:
        """(candidates, labels) → (labels, candidates in this order)."""
        return np.ascontiguousarray(rows[self.candidates].T)


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
    runs = _SideBySide(starts, lengths)
    own = runs.gathered(emissions)
    labels = np.zeros(len(emissions), np.uint8)
    if not len(starts):
        return labels
    best = own[:, runs.at(0)] + start[:, None]
    last = np.zeros(len(starts), np.uint8)
    came_from = []
    for t, count in enumerate(runs.counts[1:], 1):
        last[count : best.shape[1]] = best[:, count:].argmax(axis=0)
        best, previous = _best_steps(best[:, :count], step)
        came_from.append(previous)
        best += own[:, runs.at(t)]
    last[: best.shape[1]] = best.argmax(axis=0)
    for t in range(len(runs.counts) - 1, 0, -1):
        count = runs.counts[t]
        labels[runs.candidates[runs.at(t)]] = last[:count]
        last[:count] = came_from[t - 1][last[:count], np.arange(count)]
    labels[runs.candidates[runs.at(0)]] = last
    return labels


def _best_steps(best: Scores, step: Scores) -> tuple[Scores, Bytes]:
    """(labels, runs) twice: the best score with which each label is reached, and the label before it."""
    reached = best[0] + step[0][:, None]
    previous = np.zeros(reached.shape, np.uint8)
    for label in range(1, LABEL_COUNT):
        scores = best[label] + step[label][:, None]
        np.copyto(previous, np.uint8(label), where=scores > reached)
        np.maximum(reached, scores, out=reached)
    return reached, previous


def marginals(emissions: Scores, starts: Ints, lengths: Ints, transitions: Transitions) -> Scores:
    """(candidates, labels) The probability of each label at each candidate; arguments as for `best_labels`.

    At candidates of no run given all labels are as probable.
    """
    start, step = transitions.barred()
    runs = _SideBySide(starts, lengths)
    own = runs.gathered(emissions)
    forward, backward = np.empty_like(own), np.zeros_like(own)
    odds, odds_back = np.exp(step), np.exp(step.T)
    if len(starts):
        forward[:, runs.at(0)] = own[:, runs.at(0)] + start[:, None]
    for t, count in enumerate(runs.counts[1:], 1):
        forward[:, runs.at(t)] = _log_product(forward[:, runs.at(t - 1, count)], odds) + own[:, runs.at(t)]
    for t in range(len(runs.counts) - 1, 0, -1):
        at = runs.at(t)
        backward[:, runs.at(t - 1, runs.counts[t])] = _log_product(own[:, at] + backward[:, at], odds_back)
    probabilities = np.full_like(emissions, 1 / LABEL_COUNT)
    probabilities[runs.candidates] = _softmax(forward + backward).T
    return probabilities


def softmax(scores: Scores) -> Scores:
    """(candidates, labels) Scores of each row as probabilities."""
    return np.ascontiguousarray(_softmax(np.ascontiguousarray(scores.T)).T)


def _softmax(scores: Scores) -> Scores:
    """(labels, candidates) Scores of each column as probabilities."""
    powers = np.exp(scores - scores.max(axis=0))
    first, second, third, fourth = (powers[label] + powers[label + 1] for label in range(0, LABEL_COUNT - 1, 2))
    probabilities: Scores = powers / (((first + second) + (third + fourth)) + powers[-1])
    return probabilities


def _log_product(scores: Scores, odds: Scores) -> Scores:
    """(labels, candidates) log(odds.T @ exp(scores)): the greatest of a column goes first, so nothing overflows."""
    greatest = scores.max(axis=0)
    powers = np.exp(scores - greatest)
    # An own loop over the few labels: a matrix product's order of addition may depend on the size of the batch.
    sums = powers[0] * odds[0][:, None]
    for label in range(1, LABEL_COUNT):
        sums += powers[label] * odds[label][:, None]
    logarithms: Scores = np.log(np.maximum(sums, np.float32(1e-30))) + greatest
    return logarithms
