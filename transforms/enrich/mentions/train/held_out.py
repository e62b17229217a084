"""How well a model reads texts of the training sets that were kept from it: a look at what it learnt in general.

A developer can try features and settings against these figures and keep the evaluation sets for the end. They are
higher than on the evaluation sets, since the texts held out are of the same collections as those trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import polars as pl

from transforms.enrich.mentions.accuracy import MAIN_TYPES, SPAN_SCHEMA, find, score
from transforms.enrich.mentions.recogniser import Recogniser
from transforms.enrich.mentions.train.annotations import Annotated
from transforms.enrich.mentions.train.headlines import changed, title_case

if TYPE_CHECKING:
    from transforms.enrich.mentions.train.training import Sets  # needs numba

_LETTERS: Final[dict[str, Callable[[str], str]]] = {"in title case": title_case, "in capitals": str.upper}


def parted(sets: Sets, one_in: int) -> tuple[Sets, Sets]:
    """The texts to train on, and those held out: of every set the first of each ``one_in`` texts.

    Of articles and posts whole texts are held out; CrossNER's texts are sentences, whose neighbours may be trained on.
    """
    kept = {kind: [text for number, text in enumerate(texts) if number % one_in] for kind, texts in sets.items()}
    return kept, {kind: texts[::one_in] for kind, texts in sets.items()}


def figures(engine: Recogniser, held_out: Sets) -> Iterator[str]:
    """Lines with precision, recall and F1 by exact span, in per cent: per set, per type, and in headline letters."""
    whole = [text for texts in held_out.values() for text in texts]
    no_tweets = [text for kind, texts in held_out.items() if not kind.is_tweets for text in texts]
    yield "held out, persons, organisations and places by exact span and type:"
    for kind, texts in held_out.items():
        yield _line(engine, kind.name, texts)
    yield _line(engine, "all sets", whole)
    for name in MAIN_TYPES:
        yield _line(engine, f"all sets, {name}", whole, (name,))
    yield _line(engine, "sets with OTHER, OTHER", _with_other(held_out), ("OTHER",))
    yield _line(engine, "no tweets", no_tweets)
    for letters, change in _LETTERS.items():
        yield _line(engine, f"no tweets, {letters}", changed(no_tweets, change))


def _with_other(held_out: Sets) -> list[Annotated]:
    return [text for kind, texts in held_out.items() if kind.knows_other for text in texts]


def _line(engine: Recogniser, what: str, texts: Sequence[Annotated], types: Sequence[str] = MAIN_TYPES) -> str:
    # As in training, nothing is asked of names of accounts.
    spans = [(number, *span) for number, text in enumerate(texts) for span in text.spans if text.text[span[0]] != "@"]
    which = pl.col("type").is_in(list(types))
    expected = pl.DataFrame(spans, schema=SPAN_SCHEMA, orient="row").filter(which)
    found = find(engine, [text.text for text in texts]).filter(which)
    accounts = [
        texts[number].text[max(start - 1, 0) : start] == "@"
        for number, start in found.select("text_no", "start").rows()
    ]
    found = found.filter(~pl.Series(accounts, dtype=pl.Boolean))
    result = score(expected, found, len(texts), typed=True)
    return (
        f"  {what:40s} {result.expected:6,} names  "
        f"P {result.precision:5.1f}  R {result.recall:5.1f}  F1 {result.f1:5.1f}"
    )
