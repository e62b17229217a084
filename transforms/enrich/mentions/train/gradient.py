"""The inner loops of `fit`, compiled by numba: a million small steps, each of which changes what the next one sees.

Scores are kept as their exponentials ("odds") here, scaled to sum to one at every token, so that no logarithm is
taken inside the loops and nothing overflows.
"""

# numba compiles what it can infer: types are in the docstrings of `fit`.
# mypy: allow-untyped-defs, allow-untyped-decorators, allow-untyped-calls

import numba
import numpy as np

#: Smaller gradients are not worth a step.
_SMALLEST_GRADIENT = 1e-3
#: Lower odds are raised to exp of this, lest a whole run is impossible by rounding.
_LOWEST_SCORE = -60.0


@numba.njit(cache=True)
def run_through(
    rows, starts, lengths, targets, is_read, run_weights, known, order,
    weights, squares, start, start_squares, step, step_squares, may_start, may_follow,
    rate, dropout, seed,
):  # fmt: skip
    """One step per run, in the order given; changes weights, start, step and their squares in place."""
    np.random.seed(seed)  # ruff: ignore[numpy-legacy-random] - what numba offers; it is numba's own state
    size, longest = weights.shape[1], lengths.max()
    scores, odds = np.zeros((longest, size)), np.zeros((longest, size))
    found, wanted = np.zeros((longest, size)), np.zeros((longest, size))
    pairs_found, pairs_wanted = np.zeros((size, size)), np.zeros((size, size))
    no_limit = np.ones((longest, size), targets.dtype)
    kept = np.ones(rows.shape[1], np.bool_)
    for run in order:
        first, length = starts[run], lengths[run]
        run_rows = rows[first : first + length]
        run_targets = targets[first : first + length]
        for k in range(len(kept)):
            kept[k] = np.random.random() >= dropout  # ruff: ignore[numpy-legacy-random]
        _add_up(run_rows, kept, dropout, known[first : first + length], weights, scores)
        start_odds, step_odds = _odds_of_steps(start, step, may_start, may_follow)
        _exponentiate(scores, no_limit, length, odds)
        _forward_backward(odds, step_odds, start_odds, length, found, pairs_found)
        if is_read[run]:
            wanted[:length] = run_targets
        else:
            _exponentiate(scores, run_targets, length, odds)
            _forward_backward(odds, step_odds, start_odds, length, wanted, pairs_wanted)
            # Not for runs that were read: the probabilities of pairs of labels are not kept.
            _step_transitions(found, wanted, pairs_found, pairs_wanted, run_weights[run], may_start, may_follow,
                              start, start_squares, step, step_squares, rate)  # fmt: skip
        _step_weights(run_rows, kept, dropout, found, wanted, run_weights[run], weights, squares, rate)


@numba.njit(cache=True)
def _add_up(rows, kept, dropout, known, weights, scores):
    """The scores of a run's labels; what is kept counts for what is left out."""
    scale = 1.0 / (1.0 - dropout)
    for t in range(len(rows)):
        scores[t] = known[t]
        for k in range(len(kept)):
            row = rows[t, k]
            if row and kept[k]:
                for j in range(weights.shape[1]):
                    scores[t, j] += weights[row, j] * scale


@numba.njit(cache=True)
def _exponentiate(scores, allowed, length, odds):
    """Odds from scores; 0 for labels that are not allowed."""
    for t in range(length):
        greatest = -np.inf
        for j in range(scores.shape[1]):
            if allowed[t, j] > 0:
                greatest = max(greatest, scores[t, j])
        for j in range(scores.shape[1]):
            odds[t, j] = np.exp(max(scores[t, j] - greatest, _LOWEST_SCORE)) if allowed[t, j] > 0 else 0.0


@numba.njit(cache=True)
def _odds_of_steps(start, step, may_start, may_follow):
    return np.exp(start) * may_start, np.exp(step) * may_follow


@numba.njit(cache=True)
def _forward_backward(odds, step, start, length, labels, pairs):
    """Probabilities of labels (length, labels), and how often each pair of neighbours is expected."""
    size = odds.shape[1]
    forward, backward = np.zeros((length, size)), np.ones((length, size))
    for t in range(length):
        for j in range(size):
            value = start[j]
            if t > 0:
                value = 0.0
                for i in range(size):
                    value += forward[t - 1, i] * step[i, j]
            forward[t, j] = value * odds[t, j]
        forward[t] /= forward[t].sum()
    pairs[:] = 0.0
    part = np.zeros((size, size))
    for t in range(length - 1, 0, -1):
        for i in range(size):
            backward[t - 1, i] = 0.0
            for j in range(size):
                ahead = step[i, j] * odds[t, j] * backward[t, j]
                backward[t - 1, i] += ahead
                part[i, j] = forward[t - 1, i] * ahead
        pairs += part / part.sum()
        backward[t - 1] /= backward[t - 1].sum()
    for t in range(length):
        labels[t] = forward[t] * backward[t]
        labels[t] /= labels[t].sum()


@numba.njit(cache=True)
def _step_weights(rows, kept, dropout, found, wanted, run_weight, weights, squares, rate):
    scale = run_weight / (1.0 - dropout)
    for t in range(len(rows)):
        for j in range(weights.shape[1]):
            gradient = (found[t, j] - wanted[t, j]) * scale
            if abs(gradient) > _SMALLEST_GRADIENT:
                square = gradient * gradient
                for k in range(len(kept)):
                    row = rows[t, k]
                    if row and kept[k]:
                        squares[row, j] += square
                        weights[row, j] -= rate * gradient / np.sqrt(squares[row, j])


@numba.njit(cache=True)
def _step_transitions(
    found, wanted, pairs_found, pairs_wanted, run_weight, may_start, may_follow,
    start, start_squares, step, step_squares, rate,
):  # fmt: skip
    for i in range(len(start)):
        if may_start[i]:
            gradient = (found[0, i] - wanted[0, i]) * run_weight
            start_squares[i] += gradient * gradient
            start[i] -= rate * gradient / np.sqrt(start_squares[i])
        for j in range(len(start)):
            if may_follow[i, j]:
                gradient = (pairs_found[i, j] - pairs_wanted[i, j]) * run_weight
                step_squares[i, j] += gradient * gradient
                step[i, j] -= rate * gradient / np.sqrt(step_squares[i, j])
