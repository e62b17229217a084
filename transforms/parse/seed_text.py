"""The seed format: a header line `` date 2024-01-11 Title of the article``, a blank line, paragraphs.

The one format that is parsed by the frame, many files at once: people keep it by the hundred thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import polars as pl

from transforms.parse.dates import EARLIEST
from transforms.parse.format import RAW_ARTICLE, WHOLE_FILE, Parsed, quote_start, reject
from transforms.parse.reading import Context, Format, Head, Stream, read_text
from transforms.parse.records import Item, SeedText

# The leading blank of the header is part of the format, but nothing is gained by refusing a file without it.
_SIGNATURE: Final = r"^\s*date(?:\s|$)"
# The header of a table whose first column is called date.
_TABLE: Final = r"^date\t[A-Za-z_]+(?:\t|\n|\r)"
# What the usual seed text begins with, whatever encoding it is in that has ASCII in it.
_USUAL_START: Final = re.compile(rb"[ \n]{0,2}date \d{4}-\d\d-\d\d[ \n]")
_HEADER = r"^\s*date(?:[ \t]+(?<day>\d{4}-\d{2}-\d{2})(?:[ \t]+(?<title>[^\n]*))?)?[ \t]*(?:\n|$)"


def is_seed_text(text: pl.Expr) -> pl.Expr:
    return text.str.contains(_SIGNATURE) & ~text.str.contains(_TABLE)


def _matches(head: Head) -> bool:
    text = head.text or ""
    return re.match(_SIGNATURE, text) is not None and re.match(_TABLE, text) is None


def is_surely_seed_text(head: bytes) -> bool:
    """Whether a file with these first bytes is a seed text for certain: told without decoding them, most are.

    A NUL byte would make it a container, another encoding, or no text.
    """
    return _USUAL_START.match(head) is not None and b"\0" not in head


def parse_seed_texts(files: pl.DataFrame) -> Parsed:
    """Turn seed texts into articles: one row each of ``source``, ``path``, ``latest`` and ``text``.

    With ``record_no`` and ``inner_path`` for the members of a container. An article whose date is before the
    first newspaper or after its ``latest`` is kept without a date, beside a reject that tells the date.
    """
    header = pl.col("text").str.extract_groups(_HEADER).struct
    is_record = "record_no" in files.columns
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
        .when(~pl.col("published_on").is_between(EARLIEST, pl.col("latest")))
        .then(pl.lit("date_implausible"))
    )
    read = read.with_columns(problem=problem)
    reasons = {
        "date_missing": pl.format(
            "the header has no date of the form YYYY-MM-DD: expected ' date YYYY-MM-DD title', came {}; add the date",
            first_line,
        ),
        "date_impossible": pl.format("the date {} does not exist; correct the first line", pl.col("day")),
        "body_missing": pl.format("nothing follows the header {}; add the article's text", first_line),
        "date_implausible": pl.format(
            "the date {} is not between {} and {}: the article is kept without a date; correct the first line",
            pl.col("day"),
            pl.lit(EARLIEST.isoformat()),
            pl.col("latest"),
        ),
    }
    rejects = [
        reject(read.filter(pl.col("problem") == rule), rule=rule, reason=reason, excerpt=pl.col("text"))
        for rule, reason in reasons.items()
    ]
    is_kept = pl.col("problem").is_null() | (pl.col("problem") == "date_implausible")
    articles = read.filter(is_kept).with_columns(
        pl.when(pl.col("problem").is_null()).then(pl.col("published_on")).alias("published_on"),
        *(pl.lit(None, dtype=RAW_ARTICLE[name]).alias(name) for name in ("url", "language", "published_at", "byline")),
    )
    if not is_record:
        articles = articles.with_columns(
            pl.lit(0, dtype=pl.Int32).alias("record_no"), pl.lit(None, dtype=pl.String).alias("inner_path")
        )
        # What is said beside an article bears its number; what refuses the file bears none.
        beside = pl.col("rule") == "date_implausible"
        numbers = pl.when(beside).then(0).otherwise(WHOLE_FILE).cast(pl.Int32).alias("record_no")
        rejects = [each.with_columns(numbers) for each in rejects]
    return Parsed(articles.select(RAW_ARTICLE.names()), pl.concat(rejects))


def _read(stream: Stream, context: Context) -> Iterator[Item]:
    text = read_text(stream, context)
    yield SeedText(text.text, notes=text.notes)


FORMAT = Format(
    name="seed_text",
    version=2,
    expectation="a first line ' date YYYY-MM-DD title'",
    matches=_matches,
    read=_read,
)
