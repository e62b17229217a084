"""The seed format: a header line `` date 2024-01-11 Title of the article``, a blank line, paragraphs."""

from __future__ import annotations

import polars as pl

from transforms.parse.format import RAW_ARTICLE, Format, Parsed, quote_start, reject

_EXPECTATION = "a first line ' date YYYY-MM-DD title', a blank line and paragraphs"

# The leading blank of the header is part of the format, but nothing is gained by refusing a file without it.
_SIGNATURE = r"^\s*date(?:\s|$)"
_HEADER = r"^\s*date(?:[ \t]+(?<day>\d{4}-\d{2}-\d{2})(?:[ \t]+(?<title>[^\n]*))?)?[ \t]*(?:\n|$)"


def _parse(files: pl.DataFrame) -> Parsed:
    header = pl.col("text").str.extract_groups(_HEADER).struct
    read = files.with_columns(
        day=header.field("day"),
        title=header.field("title").str.strip_chars().replace("", None),
        body=pl.col("text").str.strip_chars_start().str.extract(r"(?s)^[^\n]*\n(.*)$"),
    ).with_columns(
        published_on=pl.col("day").str.to_date("%Y-%m-%d", strict=False),
        has_body=pl.col("body").fill_null("").str.contains(r"\S"),
    )
    first_line = quote_start(pl.col("text"))
    problem = (
        pl
        .when(pl.col("day").is_null())
        .then(pl.lit("date_missing"))
        .when(pl.col("published_on").is_null())
        .then(pl.lit("date_impossible"))
        .when(~pl.col("has_body"))
        .then(pl.lit("body_missing"))
    )
    read = read.with_columns(problem=problem)
    reasons = {
        "date_missing": pl.format(
            "the header has no date of the form YYYY-MM-DD: expected ' date YYYY-MM-DD title', came {}; add the date",
            first_line,
        ),
        "date_impossible": pl.format("the date {} does not exist; correct the first line", pl.col("day")),
        "body_missing": pl.format("nothing follows the header {}; add the article's text", first_line),
    }
    rejects = [
        reject(read.filter(pl.col("problem") == rule), rule=rule, reason=reason, excerpt=pl.col("text"))
        for rule, reason in reasons.items()
    ]
    articles = read.filter(pl.col("problem").is_null()).with_columns(
        pl.lit(0, dtype=pl.Int32).alias("record_no"),
        *(pl.lit(None, dtype=RAW_ARTICLE[name]).alias(name) for name in ("url", "language", "published_at", "byline")),
    )
    return Parsed(articles.select(RAW_ARTICLE.names()), pl.concat(rejects))


FORMAT = Format(
    name="seed_text",
    version=1,
    expectation=_EXPECTATION,
    signature=pl.col("text").str.contains(_SIGNATURE),
    parse=_parse,
)
