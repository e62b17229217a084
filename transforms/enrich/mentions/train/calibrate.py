"""From the probability that the model gives to a name to the share of such names that are right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import starmap

import numpy as np

from transforms.enrich.mentions.crf.labels import TYPES
from transforms.enrich.mentions.crf.tagger import Calibration, Tagger
from transforms.enrich.mentions.train.annotations import Annotated

_BINS = 24
_TEXTS_AT_ONCE = 400


def fit_calibration(read: Iterable[tuple[Tagger, Sequence[Annotated]]]) -> Calibration:
    """An isotonic line through the shares of right names in bins of equal size (Zadrozny and Elkan 2002)."""
    probabilities, right = (np.concatenate(parts) for parts in zip(*starmap(_outcomes, read), strict=True))
    order = np.argsort(probabilities, kind="stable")
    bins = np.array_split(order, _BINS)
    means = np.array([probabilities[bin_].mean() for bin_ in bins])
    shares = rising(np.array([right[bin_].mean() for bin_ in bins]), np.array([len(bin_) for bin_ in bins]))
    return Calibration(means.astype(np.float32), shares.astype(np.float32))


def _outcomes(tagger: Tagger, texts: Sequence[Annotated]) -> tuple[np.ndarray, np.ndarray]:
    """The probability of every name found in annotated texts, and whether it is right."""
    probabilities, right = [], []
    for at in range(0, len(texts), _TEXTS_AT_ONCE):
        batch = texts[at : at + _TEXTS_AT_ONCE]
        (names,) = tagger.names([[text.text for text in batch]])
        tokens = names.tokens
        expected = {
            (article, len(text.text[:start].encode()), len(text.text[:end].encode()), kind)
            for article, text in enumerate(batch)
            for start, end, kind in text.spans
        }
        articles = tokens.articles[names.firsts]
        origins = tokens.article_starts[articles]
        found = zip(
            articles.tolist(),
            (tokens.starts[names.firsts] - origins).tolist(),
            (tokens.ends[names.lasts] - origins).tolist(),
            [TYPES[kind] for kind in names.types.tolist()],
            strict=True,
        )
        probabilities.append(names.scores)
        right.append(np.array([name in expected for name in found], np.float64))
    return np.concatenate(probabilities), np.concatenate(right)


def rising(shares: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The rising sequence that is nearest: neighbours that fall are replaced by their mean, until none does."""
    blocks: list[tuple[float, float, int]] = []
    for share, weight in zip(shares.tolist(), weights.tolist(), strict=True):
        blocks.append((share, float(weight), 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (share_1, weight_1, size_1), (share_2, weight_2, size_2) = blocks.pop(-2), blocks.pop(-1)
            total = weight_1 + weight_2
            blocks.append(((share_1 * weight_1 + share_2 * weight_2) / total, total, size_1 + size_2))
    return np.concatenate([np.full(size, share) for share, _, size in blocks])
