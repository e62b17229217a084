"""What every format shares: the shape of what it yields, and how it refuses."""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

#: The columns that a format fills; null is allowed in all but the first three and ``body``.
#: ``inner_path`` says where in a container the article stood; it is no part of its identity.
RAW_ARTICLE: Final = pl.Schema({
    "source": pl.String(),
    "path": pl.String(),
    "record_no": pl.Int32(),
    "inner_path": pl.String(),
    "url": pl.String(),
    "language": pl.String(),
    "published_on": pl.Date(),
    "published_at": pl.Datetime("us", "UTC"),
    "title": pl.String(),
    "byline": pl.String(),
    "body": pl.String(),
})

#: ``record_no`` of a reject that concerns a whole file.
WHOLE_FILE: Final = -1

_EXCERPT_CHARS: Final = 200
_QUOTED_CHARS: Final = 60


class Parsed(NamedTuple):
    """Articles (schema ``RAW_ARTICLE``, one row per article) and rejects (contract ``rejects``)."""

    articles: pl.DataFrame
    rejects: pl.DataFrame


def printable(text: pl.Expr) -> pl.Expr:
    """The text on one line, without control characters, so that it can be shown on any terminal."""
    return text.str.replace_all(r"[\p{Cc}\p{Cf}\s]+", " ").str.strip_chars()


def quote_start(text: pl.Expr) -> pl.Expr:
    """The first line of the text, printable and in quotes, cut where it gets long."""
    line = printable(text.str.strip_chars_start("\r\n").str.split("\n").list.first())
    return (
        pl
        .when(line.str.len_chars() > _QUOTED_CHARS)
        .then(pl.format("'{}…'", line.str.head(_QUOTED_CHARS)))
        .otherwise(pl.format("'{}'", line))
    )


def reject(
    rows: pl.DataFrame, *, rule: str | pl.Expr, reason: pl.Expr, excerpt: pl.Expr, stage: str = "parse"
) -> pl.DataFrame:
    """Refuse rows (``source``, ``path`` and, if it is about a record, ``record_no``), as contract ``rejects``."""
    record_no = pl.col("record_no") if "record_no" in rows.columns else pl.lit(WHOLE_FILE, dtype=pl.Int32)
    return rows.select(
        "source",
        "path",
        record_no.alias("record_no"),
        pl.lit(stage).alias("stage"),
        (pl.lit(rule) if isinstance(rule, str) else rule).alias("rule"),
        reason.cast(pl.String).alias("reason"),
        printable(excerpt.str.head(_EXCERPT_CHARS)).alias("excerpt"),
    )
