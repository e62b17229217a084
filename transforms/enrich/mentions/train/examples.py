"""Makes labelled runs of annotated texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from transforms.enrich.mentions.crf.candidates import find_runs
from transforms.enrich.mentions.crf.decode import Scores, marginals
from transforms.enrich.mentions.crf.document import article_features
from transforms.enrich.mentions.crf.features import Feature, Window, features, rows
from transforms.enrich.mentions.crf.labels import LABEL_COUNT
from transforms.enrich.mentions.crf.lexicon import Lexicon
from transforms.enrich.mentions.crf.tagger import Tagger
from transforms.enrich.mentions.crf.tokenise import tokenise
from transforms.enrich.mentions.train.annotations import Annotated, allowed_labels
from transforms.enrich.mentions.train.fit import Examples

_TEXTS_AT_ONCE = 400


def examples_of(
    texts: Sequence[Annotated],
    lexicon: Lexicon,
    bits: int,
    weight: float,
    *,
    knows_other: bool,
    first_look: Callable[[Window], Scores] | None = None,
) -> Examples:
    """The labelled runs of some texts.

    With the features of the second look, on top of the emissions that the first look gives, if it is passed.
    """
    parts = []
    for at in range(0, len(texts), _TEXTS_AT_ONCE):
        batch = texts[at : at + _TEXTS_AT_ONCE]
        tokens = tokenise([text.text for text in batch])
        window = Window(tokens, find_runs(tokens, lexicon), lexicon)
        runs = window.runs
        if not len(runs.tokens):
            continue
        if first_look is None:
            known = np.zeros((len(runs.tokens), LABEL_COUNT), np.float32)
            table = _rows(features(window), bits)
        else:
            known = first_look(window)
            table = _rows(article_features(window, known), bits)
        allowed = allowed_labels(batch, tokens, runs, knows_other=knows_other)
        weights = np.full(len(runs.starts), weight)
        targets, is_read = allowed.astype(np.float32), np.zeros(len(runs.starts), np.bool_)
        parts.append(Examples(table, runs.starts, runs.lengths, targets, is_read, weights, known))
    return Examples.joined(parts)


def _rows(found: Iterable[Feature], bits: int) -> np.ndarray:
    return np.column_stack([rows(feature, bits).astype(np.int32) for feature in found])


def read_examples(bodies: Sequence[str], tagger: Tagger, bits: int, weight: float) -> Examples:
    """The runs of articles that nobody has annotated, with the probabilities that a model gives to their labels."""
    tokens = tokenise(bodies)
    window = tagger.look(tokens)
    runs = window.runs
    targets = marginals(tagger.emissions(window), runs.starts, runs.lengths, tagger.transitions)
    return Examples(
        _rows(features(window), bits),
        runs.starts,
        runs.lengths,
        targets,
        np.ones(len(runs.starts), np.bool_),
        np.full(len(runs.starts), weight),
        np.zeros((len(runs.tokens), LABEL_COUNT), np.float32),
    )
