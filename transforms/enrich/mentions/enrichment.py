"""The enrichment that fills ``mentions``: a recogniser's spans, placed in sentences and tied to entities."""

from __future__ import annotations

import numpy as np
import polars as pl

from transforms.contracts import TABLES
from transforms.enrich.entities import ENTITY_VERSION, with_entity_ids
from transforms.enrich.mentions import recogniser as load_recogniser
from transforms.normalise import Normalised


def _sentence_numbers(mentions: pl.DataFrame, sentences: pl.DataFrame, articles: pl.DataFrame) -> pl.Series:
    """The number of the sentence in which each mention starts."""
    order = articles.select("article_id").with_row_index("article_no")

    def keys(rows: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        numbered = rows.select("article_id", "start_char").join(
            order, on="article_id", how="left", maintain_order="left", validate="m:1"
        )
        position = pl.col("article_no").cast(pl.Int64) * 2**32 + pl.col("start_char")
        return numbered.select(position).to_series().to_numpy()

    # Sentences come in the order of the articles, so their keys are sorted already.
    at = np.searchsorted(keys(sentences), keys(mentions), side="right") - 1
    return sentences["sentence_no"].gather(at)


class MentionEnrichment:
    """Mentions by one recogniser, in the contract's columns."""

    def __init__(self, recogniser: str) -> None:
        self._recogniser = load_recogniser(recogniser)

    @property
    def version(self) -> str:
        return f"{self._recogniser.name}-{self._recogniser.version}+entities-{ENTITY_VERSION}"

    def enrich(self, normalised: Normalised) -> dict[str, pl.DataFrame]:
        articles, sentences = normalised
        found = self._recogniser.recognise(articles)
        placed = found.with_columns(
            _sentence_numbers(found, sentences, articles).alias("sentence_no"),
            pl.col("start_char").cum_count().over("article_id").cast(pl.Int32).sub(1).alias("mention_no"),
            pl.lit(self._recogniser.name).alias("recogniser"),
            pl.lit(None, dtype=pl.String).alias("role"),
            pl.lit(None, dtype=pl.Int32).alias("role_start_char"),
            pl.lit(None, dtype=pl.Int32).alias("role_end_char"),
        ).join(
            articles.select("article_id", "published_on", "published_month"),
            on="article_id",
            how="left",
            maintain_order="left",
            validate="m:1",
        )
        return {
            "mentions": with_entity_ids(placed).select(TABLES["mentions"].columns),
            "mention_values": TABLES["mention_values"].empty(),
        }
