"""What every mention recogniser looks like."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import polars as pl

#: What `Recogniser.recognise` returns, in this order.
MENTION_COLUMNS = pl.Schema({
    "article_id": pl.String,
    "start_char": pl.Int32,
    "end_char": pl.Int32,
    "surface": pl.String,
    "mention_type": pl.String,
    "score": pl.Float64,
})


@runtime_checkable
class Recogniser(Protocol):
    """Finds the mentions in articles; what it finds in one article does not depend on the others."""

    @property
    def name(self) -> str:
        """The name that it is registered under and that ``mentions.recogniser`` records."""

    @property
    def version(self) -> str:
        """Changes whenever the same article may yield other mentions; part of the engine version."""

    def recognise(self, articles: pl.DataFrame) -> pl.DataFrame:
        """The mentions of some articles: ``article_id, body → MENTION_COLUMNS``.

        Further columns of ``articles`` are ignored. One row per mention, articles in the order given and
        mentions by their place in the body; the spans of an article do not overlap, and every ``surface``
        is ``body[start_char:end_char]``, counted in code points.
        """
