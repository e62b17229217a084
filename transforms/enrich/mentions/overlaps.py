"""Overlaps: which mentions stay where several finders claim the same text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from transforms.enrich.mentions.code_points import Bools, Ints
from transforms.enrich.mentions.placing import article_numbers, batch_places


@dataclass(frozen=True, eq=False)
class Layer:
    """Mentions that do not overlap each other, in the order of the articles and of the text.

    Layers are laid over each other many times for each batch, so they carry numbers; rows are made at the end.
    """

    frames: tuple[pl.DataFrame, ...]
    """Where the rows come from; all have the same columns."""
    rows: Ints
    """(n) Which row of all frames together each mention is."""
    starts: Ints
    """(n) Where each starts in the batch, see `placing.batch_places`."""
    ends: Ints
    """(n) The place behind it."""

    @classmethod
    def of(cls, mentions: pl.DataFrame, articles: pl.DataFrame) -> Layer:
        """A finder's mentions (``article_id, start_char, end_char`` and more); ``articles`` gives the order."""
        numbers = article_numbers(mentions, articles)
        starts, ends = (batch_places(numbers, mentions[name].to_numpy()) for name in ("start_char", "end_char"))
        return _in_order(cls((mentions,), np.arange(len(mentions)), starts, ends))

    def mentions(self) -> pl.DataFrame:
        """The rows."""
        return pl.concat(self.frames)[self.rows]


def over(winners: Layer, others: Layer) -> Layer:
    """All ``winners``, and the ``others`` that overlap none of them."""
    return _joined(winners, _where(others, ~_overlapped(others, winners, at_least_as_long=False)))


def longest(first: Layer, second: Layer) -> Layer:
    """Of mentions that overlap the longer one, of equally long ones the ``first``."""
    return over(_where(second, ~_overlapped(second, first, at_least_as_long=True)), first)


def _overlapped(some: Layer, others: Layer, *, at_least_as_long: bool) -> Bools:
    """(n) Which of some mentions overlap one of the others (of those that are at least as long, if so asked)."""
    first = np.searchsorted(others.ends, some.starts, side="right")
    last = np.searchsorted(others.starts, some.ends, side="left")
    is_met: Bools = last > first
    if not at_least_as_long or not is_met.any():
        return is_met
    # A long mention meets several others; the longest of them counts.
    lengths = np.append(others.ends - others.starts, 0)
    bounds = np.stack([first[is_met], last[is_met]], axis=1).ravel()
    is_met[is_met] = np.maximum.reduceat(lengths, bounds)[::2] >= (some.ends - some.starts)[is_met]
    return is_met


def _where(layer: Layer, keep: Bools | Ints) -> Layer:
    """Those of the mentions that are marked, or given by their numbers."""
    return Layer(layer.frames, layer.rows[keep], layer.starts[keep], layer.ends[keep])


def _in_order(layer: Layer) -> Layer:
    if (layer.starts[1:] >= layer.starts[:-1]).all():
        return layer
    return _where(layer, np.argsort(layer.starts, kind="stable"))


def _joined(some: Layer, more: Layer) -> Layer:
    """The mentions of both, which do not overlap."""
    if not len(more.rows):
        return some
    rows_before = sum(map(len, some.frames))
    return _in_order(
        Layer(
            (*some.frames, *more.frames),
            np.concatenate([some.rows, rows_before + more.rows]),
            np.concatenate([some.starts, more.starts]),
            np.concatenate([some.ends, more.ends]),
        )
    )
