"""Overlaps: which mentions stay where several finders claim the same text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

_Keys = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]

#: Offsets in an article are below it, so that ``article_no * _ARTICLE_SPAN + offset`` orders the offsets of a batch.
_ARTICLE_SPAN = 2**32


def _keys(spans: pl.DataFrame, articles: pl.DataFrame) -> tuple[_Keys, _Keys]:
    order = articles.select("article_id").with_row_index("article_no")
    numbered = spans.select("article_id", "start_char", "end_char").join(
        order, on="article_id", how="left", maintain_order="left", validate="m:1"
    )
    article = pl.col("article_no").cast(pl.Int64) * _ARTICLE_SPAN
    return (
        numbered.select(article + pl.col("start_char")).to_series().to_numpy(),
        numbered.select(article + pl.col("end_char")).to_series().to_numpy(),
    )


def _overlapped(spans: tuple[_Keys, _Keys], others: tuple[_Keys, _Keys], *, at_least_as_long: bool) -> _Bools:
    """Which spans overlap one of the others (of those that are at least as long, if so asked).

    The others are sorted and do not overlap each other.
    """
    starts, ends = spans
    other_starts, other_ends = others
    first = np.searchsorted(other_ends, starts, side="right")
    last = np.searchsorted(other_starts, ends, side="left")
    is_met: _Bools = last > first
    if not at_least_as_long or not is_met.any():
        return is_met
    # A long span meets several others; the longest of them counts.
    lengths = np.append(other_ends - other_starts, 0)
    bounds = np.stack([first[is_met], last[is_met]], axis=1).ravel()
    is_met[is_met] = np.maximum.reduceat(lengths, bounds)[::2] >= (ends - starts)[is_met]
    return is_met


def over(winners: pl.DataFrame, others: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """All ``winners``, and the ``others`` that overlap none of them; in the order of the articles and of the text.

    Both have ``article_id``, ``start_char``, ``end_char`` and the same further columns, and no overlaps among
    themselves; ``articles`` gives the order.
    """
    winners, others = (_in_order(each, articles) for each in (winners, others))
    is_lost = _overlapped(_keys(others, articles), _keys(winners, articles), at_least_as_long=False)
    return _in_order(pl.concat([winners, others.filter(~is_lost)]), articles)


def longest(first: pl.DataFrame, second: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Of mentions that overlap the longer one, of equally long ones the ``first``; shapes as in ``over``."""
    first, second = (_in_order(each, articles) for each in (first, second))
    is_lost = _overlapped(_keys(second, articles), _keys(first, articles), at_least_as_long=True)
    kept = second.filter(~is_lost)
    return over(kept, first, articles)


def _in_order(spans: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    starts, _ = _keys(spans, articles)
    return spans[np.argsort(starts, kind="stable")]
