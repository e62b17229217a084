"""Values in article bodies: DATE, MONEY, PERCENT and QUANTITY mentions, found by their printed form.

Every form is a regular expression that was written while looking at real articles. Offsets are in characters.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.patterns import Bodies, Matches, in_order_without_overlaps
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS
from transforms.enrich.mentions.values.dates import find_dates
from transforms.enrich.mentions.values.money import find_money
from transforms.enrich.mentions.values.percentages import find_percentages
from transforms.enrich.mentions.values.quantities import find_quantities

#: Part of the engine version; to be raised whenever the same article may yield other values.
VALUES_VERSION = 2

VALUE_TYPES = ("MONEY", "PERCENT", "DATE", "QUANTITY")

#: What `find_values` returns, in this order: the columns of mentions and what the values are.
VALUE_COLUMNS = pl.Schema([
    *MENTION_COLUMNS.items(),
    ("date_from", pl.Date()),
    ("date_to", pl.Date()),
    ("amount", pl.Float64()),
    ("amount_to", pl.Float64()),
    ("currency", pl.String()),
    ("unit", pl.String()),
])


def find_values(batch: Batch) -> pl.DataFrame:
    """The values in some articles (``article_id, body[, published_on]``): ``VALUE_COLUMNS``.

    One row per value, articles in the order given and values by their place in the body; values never overlap: the
    longest wins, then the earliest, then the first of `VALUE_TYPES`. What an article yields depends on nothing but
    its body and date.

    - DATE: ``date_from`` and ``date_to`` are its first and last calendar day (ISO, both included), null where they
      cannot be told; `date_ranges` says how relative dates are read.
    - MONEY: ``amount`` in ``currency`` (ISO 4217, null where several countries share the word), ``unit`` what a price
      is paid for, each ("share").
    - PERCENT: ``amount`` in percent; ``unit`` is "percent" or "percentage point".
    - QUANTITY: ``amount`` in ``unit``, in the singular ("kilometre", "person").

    ``amount_to`` is the upper end of a range, null where there is none.
    """
    articles, bodies = batch.articles, batch.bodies
    if "published_on" in articles.columns:
        published_on = articles["published_on"].cast(pl.Date)
    else:
        published_on = pl.Series([None], dtype=pl.Date).new_from_index(0, len(articles))
    found = [
        find_money(bodies),
        find_percentages(bodies),
        find_dates(bodies, published_on),
        find_quantities(bodies),
    ]
    matches = Matches(*(np.concatenate(columns) for columns in zip(*(part for part, _ in found), strict=True)))
    values = pl.concat(
        [
            rows.with_columns(pl.lit(mention_type).alias("mention_type"))
            for mention_type, (_, rows) in zip(VALUE_TYPES, found, strict=True)
        ],
        how="diagonal",
    )
    keep = in_order_without_overlaps(matches)
    return as_mentions(articles["article_id"], bodies, matches.at(keep), values[keep])


def as_mentions(article_ids: pl.Series, bodies: Bodies, matches: Matches, values: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``VALUE_COLUMNS`` for matches and what is known of each."""
    start_chars, end_chars = bodies.chars(matches)
    placed = values.with_columns(
        article_ids.gather(matches.body_nos).alias("article_id"),
        pl.Series("start_char", start_chars, pl.Int32),
        pl.Series("end_char", end_chars, pl.Int32),
        bodies.surfaces(matches).alias("surface"),
    )
    return placed.select(VALUE_COLUMNS.names()).cast(VALUE_COLUMNS)
