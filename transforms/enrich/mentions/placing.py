"""Where rows of a batch stand in it: which article is theirs, and offsets that order all articles' texts as one."""

from __future__ import annotations

from typing import Final

import polars as pl

from transforms.enrich.mentions.code_points import Ints
from transforms.enrich.mentions.patterns import Bodies, Matches

#: Offsets in an article are below it.
_ARTICLE_SPAN: Final = 2**32


def article_numbers(rows: pl.DataFrame, articles: pl.DataFrame) -> Ints:
    """(rows) Which of the articles each row's ``article_id`` is; every one must be among them."""
    order = articles.select("article_id").with_row_index("article_no")
    numbered = rows.select("article_id").join(order, on="article_id", how="left", maintain_order="left", validate="m:1")
    numbers: Ints = numbered["article_no"].cast(pl.Int64).to_numpy()
    return numbers


def batch_places(article_nos: Ints, chars: Ints) -> Ints:
    """Offsets in articles as numbers that order the offsets of a whole batch."""
    return article_nos * _ARTICLE_SPAN + chars


def located(mentions: pl.DataFrame, articles: pl.DataFrame, bodies: Bodies) -> Matches:
    """Mentions (``article_id, start_char, end_char``) as places in the articles' bodies, in the order of the rows."""
    chars = (mentions[name].cast(pl.Int64).to_numpy() for name in ("start_char", "end_char"))
    return bodies.byte_matches(article_numbers(mentions, articles), *chars)
