"""Normalise: raw articles become the rows of ``articles`` and ``sentences``.

Clean text, identity and counts. After this stage the body never changes again: every offset counts its
characters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final, NamedTuple

import polars as pl

from transforms.contracts import TABLES, UNDATED
from transforms.language import LANGUAGE_VERSION, with_languages
from transforms.sentences import split_sentences

NORMALISE_VERSION: Final = f"2-{LANGUAGE_VERSION}"

_ID_HEX_DIGITS: Final = 16

# Every character that ends a line: vertical tab, form feed, next line, line separator.
_LINE_BREAK = r"\r\n?|[\v\f\x{85}\x{2028}]"
# Zero-width space, byte-order mark, soft hyphen and the bidirectional embeddings and overrides: invisible,
# and they keep equal names from being equal. Joiners (U+200C, U+200D) stay: scripts and emoji need them.
_INVISIBLE = r"[\x{200B}\x{FEFF}\x{AD}\x{202A}-\x{202E}\x{2066}-\x{2069}]"
_CONTROL = r"[\p{Cc}--\n]"
_PARAGRAPH_MARK = "\0"  # no control character is left when it is used
# All that cleaning could change in stripped text: anything but ASCII in single-spaced paragraphs.
_UNCLEAN = r"[^\n -~]|  | \n|\n |\n{3}|[^\n]\n[^\n]"


class Normalised(NamedTuple):
    """Frames of the contracts ``articles`` and ``sentences``."""

    articles: pl.DataFrame
    sentences: pl.DataFrame


def clean_text(text: pl.Expr) -> pl.Expr:
    """NFC text in paragraphs: no control characters, single spaces, one blank line between paragraphs.

    A line break within a paragraph becomes a space. Applying it twice changes nothing.
    """
    stripped = text.str.strip_chars(" \n")
    # Plain ASCII text is mostly clean as it is, and the passes below cost nothing on a null.
    unclean = pl.when(stripped.str.contains(_UNCLEAN)).then(stripped)
    cleaned = (
        unclean.str
        .replace_all(_LINE_BREAK, "\n")
        .str.replace_all("\u2029", "\n\n", literal=True)
        .str.replace_all(_INVISIBLE, "")
        .str.replace_all(_CONTROL, " ")
        .str.normalize("NFC")
        .str.replace_all(r"[^\S\n]+", " ")
        .str.replace_all(r" ?\n ?", "\n")
        .str.strip_chars(" \n")
        .str.replace_all(r"\n{2,}", _PARAGRAPH_MARK)
        .str.replace_all("\n", " ", literal=True)
        .str.replace_all(_PARAGRAPH_MARK, "\n\n", literal=True)
    )
    return pl.coalesce(cleaned, stripped)


def clean_line(text: pl.Expr) -> pl.Expr:
    """Text as ``clean_text`` leaves it, on one line; null when nothing is left."""
    return clean_text(text).str.replace_all("\n\n", " ", literal=True).replace("", None)


def short_ids(keys: Iterable[str]) -> pl.Series:
    """The first 16 hex digits of each key's SHA-256.

    64 bits: the chance that two of ten million keys share an id is 3 in a million, and a check finds it.
    """
    # A loop, because polars has no cryptographic hash; it costs about 1 µs a row.
    return pl.Series([hashlib.sha256(key.encode()).hexdigest()[:_ID_HEX_DIGITS] for key in keys], dtype=pl.String)


def _content_sha256(articles: pl.DataFrame) -> pl.Series:
    texts = articles.select(pl.concat_str(pl.col("title").fill_null(""), pl.lit("\n"), pl.col("body"))).to_series()
    # A loop for the same reason as in short_ids.
    return pl.Series([hashlib.sha256(text.encode()).hexdigest() for text in texts], dtype=pl.String)


def normalise(raw: pl.DataFrame) -> tuple[Normalised, pl.DataFrame]:
    """Clean, identify and measure raw articles (``RAW_ARTICLE``: one row per article).

    Returns the normalised tables, articles in the order of ``raw``, and the raw rows (``source``, ``path``,
    ``record_no``) of which no text was left.
    """
    cleaned = raw.with_columns(
        clean_line(pl.col("title")), clean_line(pl.col("byline")), clean_text(pl.col("body").fill_null(""))
    )
    has_body = pl.col("body") != ""
    paragraphs = pl.col("body").str.count_matches("\n\n", literal=True) + 1
    articles = with_languages(cleaned.filter(has_body)).with_columns(
        published_month=pl.col("published_on").dt.strftime("%Y-%m").fill_null(UNDATED),
        paragraph_count=paragraphs.cast(pl.Int32),
        # In clean text one space or one paragraph's end stands between two words: a tenth of the time of "\\S+".
        word_count=(pl.col("body").str.count_matches(" ", literal=True) + paragraphs).cast(pl.Int32),
        char_count=pl.col("body").str.len_chars().cast(pl.Int32),
    )
    identity = articles.select(pl.format("{}\0{}\0{}", "source", "path", "record_no")).to_series()
    articles = articles.with_columns(
        short_ids(identity).alias("article_id"), _content_sha256(articles).alias("content_sha256")
    )
    sentences = split_sentences(articles["body"])
    owner = articles.select("article_id", "published_month")[sentences["body_no"]]
    sentences = pl.concat([owner, sentences.drop("body_no")], how="horizontal")
    per_article = sentences.group_by("article_id").agg(sentence_count=pl.len().cast(pl.Int32))
    articles = articles.join(per_article, on="article_id", how="left", maintain_order="left", validate="1:1")
    normalised = Normalised(articles.select(TABLES["articles"].columns), sentences.select(TABLES["sentences"].columns))
    return normalised, cleaned.filter(~has_body).select("source", "path", "record_no")
