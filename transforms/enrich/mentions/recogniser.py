"""What every mention recogniser looks like."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
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


class MissingLibraryError(OSError):
    """A recogniser needs a library that is not installed."""


def library_version(library: str, extra: str) -> str:
    """The installed version of an optional library. Raises ``MissingLibraryError`` with what to install."""
    try:
        return version(library)
    except PackageNotFoundError as error:
        raise MissingLibraryError(f"{library} is not installed: pip install 'dateline[{extra}]'") from error


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


def mention_rows(articles: pl.DataFrame, found: Sequence[tuple[str, int, int, str, float]]) -> pl.DataFrame:
    """What a model found (``article_id, start_char, end_char, mention_type, score``) as ``MENTION_COLUMNS``.

    White space at a span's ends is left out, and of spans that overlap the one that begins first, or is the longest
    of those, stays.
    """
    names = ("article_id", "start_char", "end_char", "mention_type", "score")
    schema = {name: MENTION_COLUMNS[name] for name in names}
    order = articles.select("article_id", "body").with_row_index("article_no")
    rows = (
        pl
        .DataFrame(found, schema=schema, orient="row")
        .join(order, on="article_id", how="inner", validate="m:1")
        .with_columns(
            pl.col("body").str.slice("start_char", pl.col("end_char") - pl.col("start_char")).alias("printed")
        )
        .with_columns(pl.col("printed").str.strip_chars_start().alias("surface"))
        .with_columns(
            (pl.col("end_char") - pl.col("surface").str.len_chars()).cast(pl.Int32).alias("start_char"),
            pl.col("surface").str.strip_chars_end(),
        )
        .with_columns((pl.col("start_char") + pl.col("surface").str.len_chars()).cast(pl.Int32).alias("end_char"))
        .filter(pl.col("surface") != "")
        .sort("article_no", "start_char", pl.col("end_char") * -1, "mention_type")
    )
    # A span that begins before the end of any that stands before it overlaps: what is dropped counts as well, which
    # matters only where three meet.
    before = pl.col("end_char").cum_max().shift(1, fill_value=0).over("article_no")
    return rows.filter(pl.col("start_char") >= before).select(MENTION_COLUMNS.names())
