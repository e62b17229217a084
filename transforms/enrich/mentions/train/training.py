"""Trains the two looks of the model on annotated sets, with a corpus as its second teacher.

1. A teacher is fitted to the annotated sets.
2. It reads articles of the corpus. The model that is shipped is fitted to the annotated sets and to the probabilities
   that the teacher gives to the labels of these articles: so it meets many more words, in the text of news.
3. The second look learns from what the first look finds in texts that it was not fitted to: the texts are dealt into
   folds, and each fold is read by a first look fitted to the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from transforms.enrich.mentions.crf.decode import Transitions
from transforms.enrich.mentions.crf.features import Window, features
from transforms.enrich.mentions.crf.labels import LABEL_COUNT, TYPES, begin
from transforms.enrich.mentions.crf.lexicon import Lexicon
from transforms.enrich.mentions.crf.model import WeightTable, quantise
from transforms.enrich.mentions.crf.tagger import Calibration, Tagger
from transforms.enrich.mentions.train.annotations import Annotated
from transforms.enrich.mentions.train.calibrate import fit_calibration
from transforms.enrich.mentions.train.examples import examples_of, read_examples
from transforms.enrich.mentions.train.fit import Examples, Fitted, fit
from transforms.enrich.mentions.train.headlines import headlines_of
from transforms.enrich.mentions.train.recipe import (
    FAVOUR,
    FIRST_LOOK,
    FOLDS,
    HEADLINE_WEIGHT,
    READ_WEIGHT,
    SECOND_LOOK,
    Effort,
    TrainingSet,
)

_ARTICLES_AT_ONCE = 400

Sets = dict[TrainingSet, list[Annotated]]


class Trained(NamedTuple):
    """What training makes."""

    first_look: Fitted
    second_look: Fitted
    calibration: Calibration


def train(sets: Sets, articles: Sequence[str], lexicon: Lexicon, say: Callable[[str], None] = print) -> Trained:
    """Fit everything; ``articles`` may be empty, then there is no second teacher."""
    folds = [{kind: texts[number::FOLDS] for kind, texts in sets.items()} for number in range(FOLDS)]
    annotated = _annotated(sets, lexicon)
    say(f"{len(annotated.starts):,} annotated runs, {annotated.rows.shape[1]} features")
    without = [_annotated(_without(folds, number), lexicon) for number in range(FOLDS)]
    read = None
    if articles:
        teacher = _tagger(lexicon, *_both_looks(annotated, without, folds, lexicon)[:2])
        say("the teacher is fitted")
        read = Examples.joined(list(_read(articles, teacher)))
        say(f"it has read {len(articles):,} articles with {len(read.rows):,} candidates")
        annotated = Examples.joined([annotated, read])
        without = [Examples.joined([part, read]) for part in without]
    first, second, firsts_of_others = _both_looks(annotated, without, folds, lexicon)
    second = second._replace(transitions=favouring(second.transitions))
    say("both looks are fitted")
    calibration = _calibrate(firsts_of_others, second, folds, lexicon)
    return Trained(first, second, calibration)


def favouring(transitions: Transitions) -> Transitions:
    """The transitions with what the recipe adds to the beginnings of names."""
    favour = np.zeros(LABEL_COUNT, transitions.start.dtype)
    for name, points in FAVOUR.items():
        favour[begin(TYPES.index(name))] = points
    return Transitions(transitions.start + favour, transitions.step + favour)


def _both_looks(
    annotated: Examples, without: Sequence[Examples], folds: Sequence[Sets], lexicon: Lexicon
) -> tuple[Fitted, Fitted, list[Fitted]]:
    """The first look, the second look, and per fold a first look that was not fitted to it."""
    first = _fit(annotated, FIRST_LOOK)
    others = [_fit(examples, FIRST_LOOK._replace(fits=1)) for examples in without]
    parts: list[Examples] = []
    for other, fold in zip(others, folds, strict=True):
        parts += _second_examples(fold, lexicon, WeightTable(*quantise(other.weights)))
    return first, _fit(Examples.joined(parts), SECOND_LOOK, first.transitions), others


def _second_examples(fold: Sets, lexicon: Lexicon, table: WeightTable) -> Iterator[Examples]:
    def first_look(window: Window) -> np.ndarray:
        return table.emissions(features(window), len(window.runs.tokens))

    for kind, texts in fold.items():
        if texts:
            yield examples_of(
                texts, lexicon, SECOND_LOOK.bits, kind.weight, knows_other=kind.knows_other, first_look=first_look
            )


def _fit(examples: Examples, effort: Effort, begin: Transitions | None = None) -> Fitted:
    """The mean of several fits from different orders."""
    fits = [
        fit(examples, effort.bits, effort.rounds, effort.rate, effort.dropout, seed=seed, begin=begin)
        for seed in range(effort.fits)
    ]
    return Fitted(
        np.mean([one.weights for one in fits], axis=0),
        Transitions(
            np.mean([one.transitions.start for one in fits], axis=0),
            np.mean([one.transitions.step for one in fits], axis=0),
        ),
    )


def _annotated(sets: Sets, lexicon: Lexicon) -> Examples:
    return Examples.joined([
        examples_of(some, lexicon, FIRST_LOOK.bits, kind.weight * factor, knows_other=kind.knows_other)
        for kind, texts in sets.items()
        for some, factor in ((texts, 1.0), ([] if kind.is_tweets else headlines_of(texts), HEADLINE_WEIGHT))
        if some
    ])


def _without(folds: Sequence[Sets], left_out: int) -> Sets:
    """The texts of all folds but one."""
    return {
        kind: [text for number, fold in enumerate(folds) if number != left_out for text in fold[kind]]
        for kind in folds[0]
    }


def _read(articles: Sequence[str], teacher: Tagger) -> Iterator[Examples]:
    for at in range(0, len(articles), _ARTICLES_AT_ONCE):
        yield read_examples(articles[at : at + _ARTICLES_AT_ONCE], teacher, FIRST_LOOK.bits, READ_WEIGHT)


def _tagger(lexicon: Lexicon, first: Fitted, second: Fitted) -> Tagger:
    plain = Calibration(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    first_table, second_table = (WeightTable(*quantise(fitted.weights)) for fitted in (first, second))
    return Tagger(lexicon, first_table, second_table, second.transitions, plain)


def _calibrate(firsts: Sequence[Fitted], second: Fitted, folds: Sequence[Sets], lexicon: Lexicon) -> Calibration:
    """From what first looks find in whole articles that they were not fitted to."""
    outcomes = []
    for first, fold in zip(firsts, folds, strict=True):
        tagger = _tagger(lexicon, first, second)
        outcomes += [(tagger, texts) for kind, texts in fold.items() if kind.has_articles]
    return fit_calibration(outcomes)
