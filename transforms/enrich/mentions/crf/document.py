"""The second look: what an article says of a name elsewhere.

"Huseynov" alone may be anything; if the same article has "Ambassador Bunyad Huseynov", it is a person. The first look
gives every candidate the probabilities of its labels. Here they are averaged over the other places where the article
has the same word, and the averages become features of a second, small weight table, added to the first one's sums.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from transforms.enrich.mentions.crf.characters import LOWER
from transforms.enrich.mentions.crf.decode import Scores, softmax
from transforms.enrich.mentions.crf.features import Feature, Window
from transforms.enrich.mentions.crf.hashing import Bools, Hashes, HashFilter, Ints, mix, pair
from transforms.enrich.mentions.crf.labels import TYPES

#: Probabilities are looked at in these steps.
_STEPS = np.array([0.02, 0.1, 0.3, 0.6, 0.85, 0.97])
_MOST_COUNTED = 4
_FILTER_BITS = 18


def article_features(window: Window, emissions: Scores) -> Iterator[Feature]:
    """The features of the second look, for all n candidates, from the first look's (n, labels) emissions."""
    tokens, candidates = window.tokens, window.runs.tokens
    labels = softmax(emissions)
    kinds = np.column_stack([labels[:, 0], labels[:, 1::2] + labels[:, 2::2]]).astype(np.float64)
    inside = labels[:, 2::2].sum(axis=1).astype(np.float64)
    own = labels.argmax(axis=1) << 3 | _step(labels.max(axis=1))

    counts = tokens.is_capitalised[candidates]
    words = _in_article(tokens.folded[candidates], tokens.articles[candidates])
    others = _Elsewhere(words, counts)
    elsewhere = counts & (others.count > 0)
    average = np.column_stack([others.mean(column) for column in kinds.T])
    steps = _step(average)
    main = average.argmax(axis=1)
    verdict = main << 3 | steps[np.arange(len(main)), main]

    for number, name in enumerate(("OUTSIDE", *TYPES)):
        yield Feature(f"elsewhere {name}", steps[:, number], elsewhere)
    yield Feature("elsewhere", verdict << 3 | np.minimum(others.count, _MOST_COUNTED), elsewhere)
    yield Feature("elsewhere, inside", verdict << 3 | _step(others.mean(inside)), elsewhere)
    yield Feature("nowhere else", np.ones(len(counts), np.int64), counts & ~elsewhere)
    yield Feature("elsewhere and here", verdict << 7 | own, elsewhere)
    yield Feature("here", own, counts)
    small = _has_small_form(window, words) << 1 | window.at(window.opens_sentence)
    yield Feature("in small letters", small << 1 | elsewhere | own << 3, counts)

    yield from _beside(window, verdict, elsewhere)


def _beside(window: Window, verdict: Ints, elsewhere: Bools) -> Iterator[Feature]:
    """What the article says elsewhere of the words beside a candidate."""
    candidates = window.runs.tokens
    verdicts = np.zeros(len(window.tokens), np.int64)
    verdicts[candidates] = np.where(elsewhere, verdict + 1, 0)
    before, behind = verdicts[candidates - 1], verdicts[candidates + 1]
    yield Feature("elsewhere of -1", before, before > 0)
    yield Feature("elsewhere of +1", behind, behind > 0)
    yield Feature("elsewhere of -1 and 0", before << 6 | verdict, (before > 0) & elsewhere)
    yield Feature("elsewhere of 0 and +1", behind << 6 | verdict, (behind > 0) & elsewhere)


def _step(probabilities: np.ndarray) -> Ints:
    """How many of the steps each probability reaches."""
    reached = np.zeros(probabilities.shape, np.int64)
    for step in _STEPS:
        reached += probabilities >= step
    return reached


def _in_article(words: Hashes, articles: Ints) -> Hashes:
    """Hashes that are equal for the same word in the same article only."""
    return mix(pair(words, articles.astype(np.uint64)))


class _Elsewhere:
    """Sums over the other places with the same word, for candidates that count."""

    def __init__(self, words: Hashes, counts: Bools) -> None:
        _, self._groups = np.unique(words, return_inverse=True)
        self._counts = counts.astype(np.float64)
        self.count = (np.bincount(self._groups, weights=self._counts)[self._groups] - self._counts).astype(np.int64)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """(n) The mean value at the other places; 0 where there is none."""
        counted = values * self._counts
        sums = np.bincount(self._groups, weights=counted)[self._groups] - counted
        return np.where(self.count > 0, sums / np.maximum(self.count, 1), 0)


def _has_small_form(window: Window, words: Hashes) -> Ints:
    """(n) 1 for words that the article has in small letters, too."""
    tokens = window.tokens
    small = np.flatnonzero(~tokens.is_capitalised & (tokens.classes == LOWER))
    forms = _in_article(tokens.hashes[small], tokens.articles[small])
    # Few forms are among the words: only those are worth sorting.
    return np.isin(words, forms[HashFilter(words, _FILTER_BITS).may_contain(forms)]).astype(np.int64)
