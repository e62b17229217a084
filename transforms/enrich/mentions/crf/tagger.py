"""Reads a batch of articles: the two looks, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from transforms.enrich.mentions.crf.candidates import find_runs
from transforms.enrich.mentions.crf.decode import Scores, Transitions, best_labels, marginals
from transforms.enrich.mentions.crf.document import article_features
from transforms.enrich.mentions.crf.features import Window, features
from transforms.enrich.mentions.crf.hashing import Ints
from transforms.enrich.mentions.crf.labels import spans_of
from transforms.enrich.mentions.crf.lexicon import Lexicon
from transforms.enrich.mentions.crf.model import WeightTable
from transforms.enrich.mentions.crf.repairs import repaired
from transforms.enrich.mentions.crf.tokenise import Tokens, tokenise


class Names(NamedTuple):
    """The names in a batch, in the order of the text."""

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

    def names(self, bodies: Sequence[str]) -> Names:
        """The names in some articles."""
        tokens = tokenise(bodies)
        window = self.look(tokens)
        runs = window.runs
        emissions = self.emissions(window)
        labels = best_labels(emissions, runs.starts, runs.lengths, self.transitions)
        found = spans_of(labels)
        # Most runs hold no name, and nobody asks how probable that is.
        named = np.maximum.reduceat(labels, runs.starts) > 0 if len(labels) else np.zeros(0, np.bool_)
        probabilities = marginals(emissions, runs.starts[named], runs.lengths[named], self.transitions)
        chosen = probabilities[np.arange(len(labels)), labels]
        borders = np.column_stack([found.firsts, found.lasts + 1]).ravel()
        weakest = np.minimum.reduceat(np.append(chosen, np.float32(1)), borders)[::2] if len(borders) else chosen[:0]
        spans, origins = repaired(found, window)
        scores = self.calibration(weakest[origins])
        return Names(tokens, runs.tokens[spans.firsts], runs.tokens[spans.lasts], spans.types, scores)
