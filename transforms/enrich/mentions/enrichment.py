"""The enrichment that fills ``mentions`` and ``mention_values``: spans, placed in sentences and tied to entities.

Names come from a recogniser, values from their printed form; where the two claim the same text, the longer one stays.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from transforms.contracts import ENTITY_TYPES, TABLES
from transforms.enrich.entities import ENTITY_VERSION, with_entity_ids
from transforms.enrich.mentions import recogniser as load_recogniser
from transforms.enrich.mentions.overlaps import longest
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS
from transforms.enrich.mentions.values import VALUE_COLUMNS, VALUES_VERSION, find_values
from transforms.normalise import Normalised

#: What ``mentions.recogniser`` says of values.
PATTERNS: Final = "patterns"

_SPAN: Final = ("article_id", "start_char", "end_char")
_VALUES: Final = [name for name in VALUE_COLUMNS if name not in MENTION_COLUMNS]


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
    """Names by one recogniser and values by their form, in the contracts' columns."""

    def __init__(self, recogniser: str) -> None:
        self._recogniser = load_recogniser(recogniser)

    @property
    def version(self) -> str:
        return f"{self._recogniser.name}-{self._recogniser.version}+values-{VALUES_VERSION}+entities-{ENTITY_VERSION}"

    def enrich(self, normalised: Normalised) -> dict[str, pl.DataFrame]:
        articles, sentences = normalised
        names = self._recogniser.recognise(articles).filter(pl.col("mention_type").is_in(ENTITY_TYPES))
        values = find_values(articles)
        found = longest(
            values.select(MENTION_COLUMNS.names()).with_columns(pl.lit(PATTERNS).alias("recogniser")),
            names.with_columns(pl.lit(self._recogniser.name).alias("recogniser")),
            articles,
        )
        placed = found.with_columns(
            _sentence_numbers(found, sentences, articles).alias("sentence_no"),
            pl.col("start_char").cum_count().over("article_id").cast(pl.Int32).sub(1).alias("mention_no"),
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
            "mention_values": _value_rows(placed, values),
        }


def _value_rows(placed: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """The contract ``mention_values`` for those values that are mentions and say something."""
    said = values.filter(pl.col("date_from").is_not_null() | pl.col("amount").is_not_null())
    of_values = placed.filter(pl.col("recogniser") == PATTERNS).select(*_SPAN, "mention_no", "published_month")
    rows = of_values.join(said.select(*_SPAN, *_VALUES), on=_SPAN, how="inner", maintain_order="left", validate="1:1")
    return rows.select(TABLES["mention_values"].columns)
