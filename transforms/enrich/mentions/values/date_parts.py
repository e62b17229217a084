"""The parts of printed dates as arrays of numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from transforms.enrich.mentions.code_points import Bools, Ints
from transforms.enrich.mentions.values.calendar_days import UNITS, Days, Numbers, whole_unit

Ends: TypeAlias = tuple[Days, Days]
"""The first and the last day of each date; NaN where they are not known."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NO = {name: number for number, name in enumerate(_MONTHS, 1)}
_FIRST_DIGITS = re.compile(r"[0-9]+")
_THIRD_NO = {"early": 0, "start of": 0, "beginning of": 0, "mid": 1, "middle of": 1, "late": 2, "end of": 2}
_THIRDS = 3


@dataclass(frozen=True, eq=False)
class Parts:
    """Some dates whose forms are resolved alike, as arrays over them."""

    readings: Sequence[tuple[str, Mapping[str, str]]]
    """Each different surface and its parts."""
    reading_nos: Ints
    """The surface of each date."""
    published: Days
    cues: Mapping[str, Bools]
    """What the words around each date tell: that it lies ahead, that it has passed (``is_future``, ``is_past``)."""
    _numbers: dict[tuple[str, ...], Numbers] = field(default_factory=dict)

    def _of_parts(self, key: tuple[str, ...], number: Callable[[str | None], float | None]) -> Numbers:
        """A number for what each date has in the part that the key begins with; NaN where that tells none."""
        if key not in self._numbers:
            # A loop over the few different surfaces.
            numbers = [number(parts.get(key[0])) for _, parts in self.readings]
            self._numbers[key] = np.array(numbers, np.float64)[self.reading_nos]
        return self._numbers[key]

    def flag(self, name: str) -> Bools:
        return self.cues[name]

    def number(self, name: str) -> Numbers:
        """The digits of a part; NaN where the part is missing."""
        return self._of_parts((name, "number"), _digits)

    def code(self, name: str, codes: Mapping[str, float]) -> Numbers:
        """The number that stands for a word; NaN for all other words."""
        return self._of_parts((name, *codes), lambda part: codes.get(part.lower()) if part else None)

    def short_code(self, name: str, codes: Mapping[str, float]) -> Numbers:
        """The same by the first three letters."""
        return self._of_parts((name, "short", *codes), lambda part: codes.get(part[:3].lower()) if part else None)

    def month(self, name: str) -> Numbers:
        return either(self.short_code(name, _MONTH_NO), self.number(name))

    def is_one_of(self, name: str, *words: str) -> Bools:
        return self._are([parts.get(name, "").lower() in words for _, parts in self.readings])

    def is_missing(self, name: str) -> Bools:
        return self._are([name not in parts for _, parts in self.readings])

    def says_this(self) -> Bools:
        return self._are([" this " in surface.lower() for surface, _ in self.readings])

    def _are(self, flags: list[bool]) -> Bools:
        return np.array(flags, np.bool_)[self.reading_nos]

    def whole_unit(self, days: Days) -> Ends:
        """The day, week, month … that each day lies in; `calendar_days.whole_unit` says which."""
        return whole_unit(days, self.code("unit", {name: float(no) for no, name in enumerate(UNITS)}))


def _digits(part: str | None) -> float | None:
    found = _FIRST_DIGITS.search(part) if part else None
    return float(found[0]) if found else None


def either(first: Numbers, second: Numbers) -> Numbers:
    """The first where it is known, else the second."""
    return np.where(np.isnan(first), second, first)


def where(condition: Bools, ends: Ends, others: Ends) -> Ends:
    return np.where(condition, ends[0], others[0]), np.where(condition, ends[1], others[1])


def unknown(parts: Parts) -> Ends:
    nothing = np.full(len(parts.published), np.nan)
    return nothing, nothing


def third(parts: Parts, ends: Ends) -> Ends:
    """The third of the days that "early", "mid", "end of" … means; all where there is no such word, or too few days."""
    first, last = ends
    no = parts.code("third", _THIRD_NO)
    days = last - first + 1
    is_whole = np.isnan(no) | (days < _THIRDS)
    return where(is_whole, ends, (first + days * no // _THIRDS, first + days * (no + 1) // _THIRDS - 1))
