"""Overlaps: which mentions stay where several finders claim the same text."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.enrich.mentions.placing import article_numbers, batch_places

_Keys = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]


class _Placed(NamedTuple):
    """Spans in the order of the articles and of the text, and their places in the batch."""

    spans: pl.DataFrame
    starts: _Keys
    ends: _Keys

    def where(self, keep: _Bools) -> _Placed:
        return self if keep.all() else _Placed(self.spans.filter(keep), self.starts[keep], self.ends[keep])


def _placed(spans: pl.DataFrame, articles: pl.DataFrame) -> _Placed:
    numbers = article_numbers(spans, articles)
    starts, ends = (batch_places(numbers, spans[name].to_numpy()) for name in ("start_char", "end_char"))
    return _in_order(_Placed(spans, starts, ends))


def _in_order(placed: _Placed) -> _Placed:
    if (placed.starts[1:] >= placed.starts[:-1]).all():
        return placed
    order = np.argsort(placed.starts, kind="stable")
    return _Placed(placed.spans[order], placed.starts[order], placed.ends[order])


def _joined(some: _Placed, more: _Placed) -> _Placed:
    if not len(more.starts):
        return some
    return _in_order(
        _Placed(
            pl.concat([some.spans, more.spans]),
            np.concatenate([some.starts, more.starts]),
            np.concatenate([some.ends, more.ends]),
        )
    )


def _overlapped(spans: _Placed, others: _Placed, *, at_least_as_long: bool) -> _Bools:
    """Which spans overlap one of the others (of those that are at least as long, if so asked).

    The others are sorted and do not overlap each other.
    """
    _, starts, ends = spans
    _, other_starts, other_ends = others
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
    return _over(_placed(winners, articles), _placed(others, articles)).spans


def _over(winners: _Placed, others: _Placed) -> _Placed:
    return _joined(winners, others.where(~_overlapped(others, winners, at_least_as_long=False)))


def longest(first: pl.DataFrame, second: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """Of mentions that overlap the longer one, of equally long ones the ``first``; shapes as in ``over``."""
    some, more = _placed(first, articles), _placed(second, articles)
    return _over(more.where(~_overlapped(more, some, at_least_as_long=True)), some).spans
