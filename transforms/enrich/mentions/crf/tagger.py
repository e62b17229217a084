"""Reads a batch of articles: the two looks, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from transforms.enrich.mentions.crf.candidates import find_runs
from transforms.enrich.mentions.crf.decode import Scores, Transitions, best_labels, marginals
from transforms.enrich.mentions.crf.document import article_features
from transforms.enrich.mentions.crf.features import Window, features
from transforms.enrich.mentions.crf.hashing import Bytes, Ints
from transforms.enrich.mentions.crf.labels import LABEL_COUNT, spans_of
from transforms.enrich.mentions.crf.lexicon import Lexicon
from transforms.enrich.mentions.crf.model import WeightTable
from transforms.enrich.mentions.crf.repairs import repaired
from transforms.enrich.mentions.crf.tokenise import Tokens, tokenise

_NOTHING: Final = np.zeros(0, np.int64)
_NO_EMISSIONS: Final = np.zeros((0, LABEL_COUNT), np.float32)


class Names(NamedTuple):
    """The names in some articles, in the order of the text."""

    tokens: Tokens
    firsts: Ints
    """(names) First token."""
    lasts: Ints
    """(names) Last token."""
    types: Ints
    """(names) Number of the type."""
    scores: Scores
    """(names) How often a name that looks like this one is right: 0 to 1."""


class Calibration(NamedTuple):
    """A rising line through points: from the model's probability of a name to how often such names are right."""

    probabilities: Scores
    shares: Scores

    def __call__(self, probabilities: Scores) -> Scores:
        """The shares of some probabilities."""
        return np.interp(probabilities, self.probabilities, self.shares).astype(np.float32)


class Tagger(NamedTuple):
    """A fitted model."""

    lexicon: Lexicon
    first_look: WeightTable
    second_look: WeightTable
    transitions: Transitions
    calibration: Calibration

    def look(self, tokens: Tokens) -> Window:
        """What the features see of a batch."""
        return Window(tokens, find_runs(tokens, self.lexicon), self.lexicon)

    def emissions(self, window: Window) -> Scores:
        """(candidates, labels) The scores of both looks."""
        count = len(window.runs.tokens)
        first = self.first_look.emissions(features(window), count)
        return first + self.second_look.emissions(article_features(window, first), count)

    def names(self, parts: Iterable[Sequence[str]]) -> list[Names]:
        """The names in some articles, given in parts that fit into the processor's caches.

        Every part is looked at by itself. The labels are found for all parts at once: that takes as many steps as the
        longest run has candidates, however few of the other runs are that long.
        """
        windows = [self.look(tokenise(bodies)) for bodies in parts]
        emissions = np.concatenate([_NO_EMISSIONS, *(self.emissions(window) for window in windows)])
        counts = [len(window.runs.tokens) for window in windows]
        ends = np.cumsum(counts, dtype=np.int64)
        offsets = [0, *ends.tolist()]
        starts = np.concatenate([_NOTHING, *(w.runs.starts + at for w, at in zip(windows, offsets[:-1], strict=True))])
        lengths = np.concatenate([_NOTHING, *(window.runs.lengths for window in windows)])

        labels = best_labels(emissions, starts, lengths, self.transitions)
        # Most runs hold no name, and nobody asks how probable that is.
        named = np.maximum.reduceat(labels, starts) > 0 if len(labels) else np.zeros(0, np.bool_)
        probabilities = marginals(emissions, starts[named], lengths[named], self.transitions)
        chosen = probabilities[np.arange(len(labels)), labels]
        return [
            self._names(window, labels[start:end], chosen[start:end])
            for window, (start, end) in zip(windows, pairwise(offsets), strict=True)
        ]

    def _names(self, window: Window, labels: Bytes, chosen: Scores) -> Names:
        """The names of one part, from its candidates' labels and how probable these are."""
        found = spans_of(labels)
        borders = np.column_stack([found.firsts, found.lasts + 1]).ravel()
        weakest = np.minimum.reduceat(np.append(chosen, np.float32(1)), borders)[::2] if len(borders) else chosen[:0]
        spans, origins = repaired(found, window)
        tokens = window.runs.tokens
        scores = self.calibration(weakest[origins])
        return Names(window.tokens, tokens[spans.firsts], tokens[spans.lasts], spans.types, scores)
