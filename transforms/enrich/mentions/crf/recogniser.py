"""The statistical recogniser: a hashed conditional random field over a whole batch of articles.

How an article is read: `tokenise` cuts the bytes into tokens, `candidates` picks those that may be in a name,
`features` says what is known about each, `model` adds up the weights of the features, `document` adds what the rest
of the article says, `decode` finds the best labels, `repairs`, `known` and `agreement` correct them, and this module
makes rows of them. The weights come from
`transforms.enrich.mentions.train`.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa

from transforms.enrich.mentions.crf.agreement import agreed_types
from transforms.enrich.mentions.crf.hashing import Bytes, Ints
from transforms.enrich.mentions.crf.known import known_types
from transforms.enrich.mentions.crf.labels import TYPES
from transforms.enrich.mentions.crf.language import is_english
from transforms.enrich.mentions.crf.lexicon import Lexicon
from transforms.enrich.mentions.crf.packaged import data_version, load_tagger
from transforms.enrich.mentions.crf.tagger import Names, Tagger
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS

#: To be raised with every change of the code that changes what is found.
_CODE_VERSION = 2
#: Text is read in slices of whole articles of about so many bytes: small enough for the processor's caches.
_SLICE_BYTES = 800_000
_CONTINUATION_MASK, _CONTINUATION = 0xC0, 0x80
_SCORE_DECIMALS = 4


class CrfRecogniser:
    """Recognises PERSON, ORGANISATION, PLACE and OTHER by a statistical model; see the module."""

    name = "crf"

    def __init__(self, tagger: Tagger | None = None) -> None:
        """With another model than the packaged one, which is not loaded before the first batch."""
        self._tagger = tagger

    @property
    def version(self) -> str:
        """The version of the code and of the packaged weights; another model has none."""
        return f"{_CODE_VERSION}-{data_version()}"

    def recognise(self, articles: pl.DataFrame) -> pl.DataFrame:
        """``article_id, body → article_id, start_char, end_char, surface, mention_type, score``."""
        tagger = self._tagger or load_tagger()
        parts = _slices(articles.select("article_id", "body"))
        found = tagger.names(part["body"].to_list() for part in parts)
        rows = [_rows(part, names, tagger.lexicon) for part, names in zip(parts, found, strict=True)]
        return pl.concat([MENTION_COLUMNS.to_frame(), *rows])


def _slices(articles: pl.DataFrame) -> list[pl.DataFrame]:
    """The articles in slices of some size in bytes, in order; an article is never split."""
    sizes = articles["body"].str.len_bytes().fill_null(0).to_numpy()
    slice_nos = np.cumsum(sizes, dtype=np.int64) // _SLICE_BYTES
    borders = [0, *(np.flatnonzero(np.diff(slice_nos)) + 1).tolist(), len(articles)]
    return [articles[start:end] for start, end in pairwise(borders) if start < end]


def _rows(articles: pl.DataFrame, names: Names, lexicon: Lexicon) -> pl.DataFrame:
    """The mentions of one slice."""
    tokens = names.tokens
    kept = np.flatnonzero(is_english(tokens)[tokens.articles[names.firsts]])
    first, last = names.firsts[kept], names.lasts[kept]
    starts, ends, article_nos = tokens.starts[first], tokens.ends[last], tokens.articles[first]
    scores = names.scores[kept]
    types = known_types(tokens, first, last, names.types[kept], lexicon)
    types = agreed_types(tokens, first, last, types, scores)
    surfaces = _cut(tokens.text.buffer, starts, ends)
    start_chars = _characters_before(names, starts) - _characters_before(names, tokens.article_starts[article_nos])
    return pl.DataFrame(
        {
            "article_id": articles["article_id"].gather(article_nos),
            "start_char": start_chars.astype(np.int32),
            "end_char": (start_chars + surfaces.str.len_chars().to_numpy()).astype(np.int32),
            "surface": surfaces,
            "mention_type": pl.Series(TYPES).gather(types),
            "score": np.round(scores.astype(np.float64), _SCORE_DECIMALS),
        },
        schema=MENTION_COLUMNS,
    )


def _cut(text: Bytes, starts: Ints, ends: Ints) -> pl.Series:
    """The texts of some spans of bytes."""
    lengths = ends - starts
    offsets = np.append(0, np.cumsum(lengths))
    found = text[np.repeat(starts - offsets[:-1], lengths) + np.arange(offsets[-1])]
    array = pa.LargeStringArray.from_buffers(len(starts), pa.py_buffer(offsets), pa.py_buffer(found))
    return pl.Series(array, dtype=pl.String)


def _characters_before(names: Names, byte_indices: Ints) -> Ints:
    """How many characters of the slice begin before each byte."""
    buffer = names.tokens.text.buffer
    continuations = np.flatnonzero((buffer & _CONTINUATION_MASK) == _CONTINUATION)
    return byte_indices - np.searchsorted(continuations, byte_indices)
