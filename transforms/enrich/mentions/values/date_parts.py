"""The parts of printed dates as arrays of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.enrich.mentions.code_points import Bools, Ints
from transforms.enrich.mentions.values.calendar_days import UNITS, Days, Numbers, whole_unit

Ends: TypeAlias = tuple[Days, Days]
"""The first and the last day of each date; NaN where they are not known."""

#: What the words before a date tell: that it lies ahead, that it has passed.
CUES = ("is_future", "is_past")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NO = {name: number for number, name in enumerate(_MONTHS, 1)}
_THIRD_NO = {"early": 0, "mid": 1, "late": 2}


@dataclass(frozen=True, eq=False)
class Columns:
    """What is known of all dates of a batch, each column turned into numbers once."""

    surfaces: pl.DataFrame
    """The parts of each different surface."""
    surface_nos: Ints
    """The surface of each date."""
    published: Days
    cues: Mapping[str, Bools]
    _arrays: dict[tuple[str, ...], npt.NDArray[np.generic]] = field(default_factory=dict)

    def numbers(self, key: tuple[str, ...], series: Callable[[], pl.Series]) -> Numbers:
        if key not in self._arrays:
            self._arrays[key] = series().cast(pl.Float64).fill_null(np.nan).to_numpy()[self.surface_nos]
        return cast("Numbers", self._arrays[key])

    def flags(self, key: tuple[str, ...], series: Callable[[], pl.Series]) -> Bools:
        if key not in self._arrays:
            self._arrays[key] = series().fill_null(value=False).to_numpy()[self.surface_nos]
        return cast("Bools", self._arrays[key])


@dataclass(frozen=True, eq=False)
class Parts:
    """Some dates of one form, as arrays over them."""

    columns: Columns
    rows: Ints

    @property
    def published(self) -> Days:
        return self.columns.published[self.rows]

    def flag(self, name: str) -> Bools:
        return self.columns.cues[name][self.rows]

    def number(self, name: str) -> Numbers:
        """The digits of a part; NaN where the part is missing."""
        digits = partial(self.columns.surfaces[name].str.extract, "([0-9]+)")
        return self.columns.numbers((name, "number"), digits)[self.rows]

    def code(self, name: str, codes: Mapping[str, float]) -> Numbers:
        """The number that stands for a word; NaN for all other words."""
        words = self.columns.surfaces[name].str
        return self.columns.numbers((name, *codes), lambda: _coded(words.to_lowercase(), codes))[self.rows]

    def short_code(self, name: str, codes: Mapping[str, float]) -> Numbers:
        """The same by the first three letters."""
        words = self.columns.surfaces[name].str
        return self.columns.numbers((name, *codes), lambda: _coded(words.slice(0, 3).str.to_lowercase(), codes))[
            self.rows
        ]

    def month(self, name: str) -> Numbers:
        return either(self.short_code(name, _MONTH_NO), self.number(name))

    def is_one_of(self, name: str, *words: str) -> Bools:
        column = self.columns.surfaces[name].str
        return self.columns.flags((name, *words, "is"), lambda: column.to_lowercase().is_in(list(words)))[self.rows]

    def is_missing(self, name: str) -> Bools:
        return self.columns.flags((name, "missing"), self.columns.surfaces[name].is_null)[self.rows]

    def says_this(self) -> Bools:
        surfaces = self.columns.surfaces["surface"].str
        return self.columns.flags(("this",), lambda: surfaces.contains("(?i) this "))[self.rows]

    def whole_unit(self, days: Days) -> Ends:
        """The day, week, month … that each day lies in; `calendar_days.whole_unit` says which."""
        return whole_unit(days, self.code("unit", {name: float(no) for no, name in enumerate(UNITS)}))


def _coded(words: pl.Series, codes: Mapping[str, float]) -> pl.Series:
    # A loop over the few different surfaces: polars takes longer to read the table than Python to look up.
    return pl.Series([codes.get(word) for word in words.to_list()], dtype=pl.Float64)


def either(first: Numbers, second: Numbers) -> Numbers:
    """The first where it is known, else the second."""
    return np.where(np.isnan(first), second, first)


def where(condition: Bools, ends: Ends, others: Ends) -> Ends:
    return np.where(condition, ends[0], others[0]), np.where(condition, ends[1], others[1])


def unknown(parts: Parts) -> Ends:
    nothing = np.full(len(parts.rows), np.nan)
    return nothing, nothing


def third(parts: Parts, ends: Ends) -> Ends:
    """The third of the days that "early", "mid" or "late" means; all of them where there is no such word."""
    first, last = ends
    no = parts.code("third", _THIRD_NO)
    days = last - first + 1
    return where(np.isnan(no), ends, (first + days * no // 3, first + days * (no + 1) // 3 - 1))
