"""Turns the parts of a date into the calendar days that it covers, both ends included.

What leaves the year, the month or the week open is resolved against the date of publication:

- A weekday is the latest one that is not after publication, because news looks back; behind a future cue ("will meet
  on Tuesday") it is the first one after publication.
- A month alone is the latest one that had begun by then; but behind a future cue, or where it lies no more than three
  months ahead and no verb before it tells of the past, the first one that has not ended.
- A day and a month without a year are the ones nearest to publication, whether before or behind it.
- "last" and "next" mean the one before and the one behind the week, month or year of publication ("last week" is the
  whole ISO week before, from Monday to Sunday); of weekdays, months and seasons the nearest one that has passed, or
  that has not begun.
- "the past three months" end on the day of publication; "two years ago" is a whole calendar year, "two months ago" a
  calendar month, "two weeks ago" an ISO week.
- "early", "mid" and "late" mean a third of the days of what they stand before. Seasons are those of the northern
  hemisphere, in whole months from March, June, September and December.
- Both ends are null for what is relative where the date of publication is unknown, for what is relative to another
  date ("a week later"), for vague numbers ("a few days ago"), for fiscal years and for quarters without a year,
  and for days that do not exist. So they are for "3/4/2024": which of the two is the month is anyone's guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt
import polars as pl

from transforms.enrich.mentions.code_points import Bools, Ints
from transforms.enrich.mentions.values.calendar_days import (
    UNITS,
    Days,
    Numbers,
    add_months,
    date,
    day_of_week,
    first_of_month,
    last_of_month,
    month_of,
    whole_unit,
    whole_years,
    year_of,
)
from transforms.enrich.mentions.values.number_words import WORD_VALUES

Ends: TypeAlias = tuple[Days, Days]
"""The first and the last day of each date; NaN where they are not known."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTH_NO = {name: number for number, name in enumerate(_MONTHS, 1)}
_WEEKDAY_NO = {name: number for number, name in enumerate(_WEEKDAYS)}
_ORDINAL_NO = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "final": 4}
_SEASON_MONTH = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_SEASON_MONTHS = 3
_FEBRUARY, _DECEMBER = 2, 12
_THIRD_NO = {"early": 0, "mid": 1, "late": 2}
_TODAY_DAYS = {"before yesterday": -2, "yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1, "after tomorrow": 2}
#: The one before, this one and the next; all other words are relative to another date.
_STEPS = {"last": -1, "this past": -1, "this": 0, "current": 0, "next": 1, "coming": 1, "this coming": 1}
_UNIT_DAYS = {"day": 1, "week": 7, "weekend": 7}
_UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200}
_PARTS_OF_DAY = ("morning", "afternoon", "evening", "night")
_CUES = ("is_future", "is_past")
_HALF_YEAR_DAYS = 183
_WEEK_DAYS = 7
_SATURDAY = 5
_SOON_MONTHS = 3
#: "2019-20" spans no more years than this.
_MAX_SEASON_YEARS = 30
#: Two digits from here on are of the last century: "the '30s", "3/15/70".
_FIRST_SHORT_DECADE, _FIRST_SHORT_YEAR = 30, 70
_CENTURY = 100


@dataclass(frozen=True, eq=False)
class _Columns:
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

    columns: _Columns
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
        return _either(self.short_code(name, _MONTH_NO), self.number(name))

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
    return words.replace_strict(codes, default=None, return_dtype=pl.Float64)


def _either(first: Numbers, second: Numbers) -> Numbers:
    """The first where it is known, else the second."""
    return np.where(np.isnan(first), second, first)


def _where(condition: Bools, ends: Ends, others: Ends) -> Ends:
    return np.where(condition, ends[0], others[0]), np.where(condition, ends[1], others[1])


def _unknown(parts: Parts) -> Ends:
    nothing = np.full(len(parts.rows), np.nan)
    return nothing, nothing


def _third(parts: Parts, ends: Ends) -> Ends:
    """The third of the days that "early", "mid" or "late" means; all of them where there is no such word."""
    first, last = ends
    no = parts.code("third", _THIRD_NO)
    days = last - first + 1
    return _where(np.isnan(no), ends, (first + days * no // 3, first + days * (no + 1) // 3 - 1))


def _nearest_year(published: Days, month: Numbers, day: Numbers) -> Numbers:
    """The year in which the day is nearest to publication."""
    year = year_of(published)
    # The 29th of February may be missing in the year of publication: its neighbour tells as much.
    ahead = date(year, month, np.minimum(day, 28)) - published
    return year + np.where(ahead >= _HALF_YEAR_DAYS, -1, np.where(ahead < -_HALF_YEAR_DAYS, 1, 0))


def _days(parts: Parts) -> Ends:
    """A day, or a first and a last one, each with or without its month and year."""
    month, day = _either(parts.month("m"), parts.month("m3")), _either(parts.number("d"), parts.number("d3"))
    last_month = _either(parts.month("m2"), month)
    last_day = _either(_either(parts.number("d2"), parts.number("d4")), day)
    year, last_year = parts.number("y"), parts.number("y2")
    wraps = (last_month < month).astype(np.float64)
    year = _either(year, _either(last_year, _nearest_year(parts.published, last_month, last_day)) - wraps)
    return date(year, month, day), date(_either(last_year, year + wraps), last_month, last_day)


def _slashes(parts: Parts) -> Ends:
    a, b, year = parts.number("a"), parts.number("b"), parts.number("y")
    short = year + np.where(year < _FIRST_SHORT_YEAR, 2000, 1900)
    year = np.where(year < _CENTURY, short, year)
    month_first, day_first = date(year, a, b), date(year, b, a)
    is_clear = np.isnan(month_first) | np.isnan(day_first) | (a == b)
    day = np.where(is_clear, _either(month_first, day_first), np.nan)
    return day, day


def _month_alone(parts: Parts) -> Ends:
    """The latest that had begun, or one that lies ahead; see the module."""
    month, this_month = parts.month("m"), first_of_month(parts.published)
    year = year_of(this_month)
    in_year, before, behind = (date(year + offset, month, 1) for offset in (0, -1, 1))
    back, passed = (np.where(is_back, in_year, before) for is_back in (in_year <= this_month, in_year < this_month))
    ahead, coming = (np.where(is_ahead, in_year, behind) for is_ahead in (in_year >= this_month, in_year > this_month))
    is_soon = (ahead <= add_months(this_month, _SOON_MONTHS)) & ~parts.flag("is_past")
    first = np.where(parts.flag("is_future") | is_soon, ahead, back)
    first = np.where(parts.is_one_of("way", "last", "this past"), passed, first)
    first = np.where(parts.is_one_of("way", "next", "this coming"), coming, first)
    first = np.where(parts.is_one_of("way", "this"), in_year, first)
    return _third(parts, (first, last_of_month(first)))


def _months(parts: Parts) -> Ends:
    """From a month to a month; without a year the latest such months that had begun."""
    month, last_month = _either(parts.month("m"), parts.month("m3")), _either(parts.month("m2"), parts.month("m4"))
    year = year_of(parts.published)
    year -= date(year, month, 1) > parts.published
    wraps = (last_month < month).astype(np.float64)
    last_year = _either(parts.number("y2"), year + wraps)
    first_year = _either(parts.number("y"), last_year - wraps)
    return date(first_year, month, 1), last_of_month(date(last_year, last_month, 1))


def _month_of_year(parts: Parts) -> Ends:
    first = date(parts.number("y"), parts.month("m"), 1)
    return _third(parts, (first, last_of_month(first)))


def _years(parts: Parts) -> Ends:
    return whole_years(parts.number("y"), parts.number("y2"))


def _year(parts: Parts) -> Ends:
    return _third(parts, whole_years(parts.number("y"), parts.number("y")))


def _season_years(parts: Parts) -> Ends:
    first, short = parts.number("y"), parts.number("yy")
    last = first // _CENTURY * _CENTURY + short + np.where(short < first % _CENTURY, _CENTURY, 0)
    is_span = (last > first) & (last - first <= _MAX_SEASON_YEARS)
    return whole_years(first, np.where(is_span, last, np.nan))


def _decade(parts: Parts) -> Ends:
    return _third(parts, whole_years(parts.number("y"), parts.number("y") + 9))


def _short_decade(parts: Parts) -> Ends:
    first = parts.number("yy") + np.where(parts.number("yy") >= _FIRST_SHORT_DECADE, 1900, 2000)
    return _third(parts, whole_years(first, first + 9))


def _century(parts: Parts) -> Ends:
    last = parts.number("n") * _CENTURY
    return _third(parts, whole_years(last - _CENTURY + 1, last))


def _part_of_year(months: int) -> Callable[[Parts], Ends]:
    """As in "the second quarter of 2024", in parts of so many months."""

    def resolve_part(parts: Parts) -> Ends:
        number = _either(_either(parts.code("n", _ORDINAL_NO), parts.number("n")), parts.number("n2"))
        first = date(_either(parts.number("y"), parts.number("y2")), (number - 1) * months + 1, 1)
        return first, last_of_month(add_months(first, months - 1))

    return resolve_part


def _today(parts: Parts) -> Ends:
    day = parts.published + parts.code("way", _TODAY_DAYS)
    return day, day


def _weekday(parts: Parts) -> Ends:
    published = parts.published
    number, today = parts.short_code("wd", _WEEKDAY_NO), day_of_week(published)
    back, ahead = (today - number) % _WEEK_DAYS, (number - today) % _WEEK_DAYS
    passed, coming = np.where(back == 0, _WEEK_DAYS, back), np.where(ahead == 0, _WEEK_DAYS, ahead)
    days = np.where(parts.flag("is_future"), coming, -back)
    days = np.where(parts.is_one_of("way", "last", "this past"), -passed, days)
    days = np.where(parts.is_one_of("way", "next", "this coming"), coming, days)
    days = np.where(parts.is_one_of("way", "this"), ahead, days)
    return published + days, published + days


def _count(parts: Parts) -> Numbers:
    """How many; 1 where no number is printed, NaN where it is vague."""
    count = _either(parts.code("n", WORD_VALUES), parts.number("n"))
    return np.where(parts.is_missing("n"), 1.0, count)


def _shift(parts: Parts, count: Numbers) -> Days:
    """Publication moved by so many of the unit."""
    by_days = parts.published + count * parts.code("unit", _UNIT_DAYS)
    return _either(by_days, add_months(parts.published, count * parts.code("unit", _UNIT_MONTHS)))


def _rolling(parts: Parts) -> Ends:
    """As in "the past three months"."""
    count = _count(parts)
    past, ahead = (_shift(parts, -count), parts.published), (parts.published, _shift(parts, count))
    is_ahead = parts.is_one_of("way", "next", "coming")
    ends = _where(parts.is_one_of("way", "last", "past"), past, _where(is_ahead, ahead, _unknown(parts)))
    return _where(np.isnan(count), _unknown(parts), ends)


def _ago(parts: Parts) -> Ends:
    sign = parts.code("way", {"ago": -1, "from now": 1})
    day = _shift(parts, sign * _count(parts))
    year = year_of(day)
    is_decade = parts.is_one_of("unit", "decade")
    return _where(is_decade, whole_years(year, year), parts.whole_unit(day))


def _period(parts: Parts) -> Ends:
    """As in "last week", "this year", "next spring", "last night"."""
    steps = parts.code("way", _STEPS)
    day = parts.published + steps
    in_month = add_months(first_of_month(parts.published), steps * parts.code("unit", _UNIT_MONTHS))
    moved = _either(parts.published + steps * parts.code("unit", _UNIT_DAYS), in_month)
    ends = parts.whole_unit(moved)
    ends = _where(parts.is_one_of("unit", *_PARTS_OF_DAY), (day, day), ends)
    ends = _where(parts.is_one_of("unit", *_SEASON_MONTH), _season(parts, steps), ends)
    past = (_shift(parts, np.full(len(day), -1.0)), parts.published)
    return _where(parts.is_one_of("way", "past"), past, ends)


def _season(parts: Parts, steps: Numbers) -> Ends:
    """The last season that has ended, the one that lies or begins in the year, the next that has not begun."""
    published, month = parts.published, parts.code("unit", _SEASON_MONTH)
    year = year_of(published)
    earlier, before, in_year, behind = (date(year + offset, month, 1) for offset in (-2, -1, 0, 1))
    is_in_winter = (month == _DECEMBER) & (month_of(published) <= _FEBRUARY)
    this = np.where(is_in_winter, before, in_year)
    last = np.where(add_months(before, _SEASON_MONTHS) <= published, before, earlier)
    last = np.where(add_months(in_year, _SEASON_MONTHS) <= published, in_year, last)
    coming = np.where(in_year > published, in_year, behind)
    first = np.where(steps < 0, last, np.where(steps > 0, coming, np.where(steps == 0, this, np.nan)))
    return first, last_of_month(add_months(first, _SEASON_MONTHS - 1))


def _part_of_unit(parts: Parts) -> Ends:
    """As in "earlier this year" and "later this month"; not "later next year"."""
    first, last = parts.whole_unit(parts.published)
    published = parts.published
    is_early = parts.is_one_of("way", "earlier")
    ends = np.where(is_early, first, published), np.where(is_early, published, last)
    is_this = parts.says_this()
    ends = _where(is_this & ~np.isnan(first), ends, _unknown(parts))
    return _where(is_this & parts.is_one_of("unit", *_PARTS_OF_DAY), (published, published), ends)


def _weekend(parts: Parts) -> Ends:
    """The latest one that had begun."""
    saturday = parts.published - (day_of_week(parts.published) - _SATURDAY) % _WEEK_DAYS
    return saturday, saturday + 1


_RESOLVERS: Mapping[str, Callable[[Parts], Ends]] = {
    "iso": _days,
    "slashes": _slashes,
    "dots": _days,
    "days of two months": _days,
    "days of a month": _days,
    "days of a month, no year": _days,
    "month day year": _days,
    "month day": _days,
    "days, then month": _days,
    "days, each with month": _days,
    "day month": _days,
    "months": _months,
    "month year": _month_of_year,
    "years": _years,
    "years between": _years,
    "season": _season_years,
    "decade": _decade,
    "short decade": _short_decade,
    "century": _century,
    "quarter": _part_of_year(3),
    "half year": _part_of_year(6),
    "some quarter": _unknown,
    "fiscal year": _unknown,
    "year": _year,
    "today": _today,
    "weekday": _weekday,
    "rolling": _rolling,
    "the last year": _rolling,
    "part of this year": _part_of_unit,
    "period": _period,
    "weekend": _weekend,
    "ago": _ago,
    "named month": _month_alone,
    "part of a month": _month_alone,
    "month": _month_alone,
}


def resolve(dates: pl.DataFrame) -> pl.DataFrame:
    """``surface, form, parts, published_on, is_future, is_past → date_from, date_to``, one row per row.

    Where either end is unknown, or the first day comes behind the last one, both are null.
    """
    surfaces = dates.drop("published_on", *_CUES).unique("surface", keep="first", maintain_order=True)
    numbered = surfaces.select("surface").with_row_index("surface_no")
    placed = dates.select("surface").join(numbered, on="surface", how="left", maintain_order="left")
    published = dates["published_on"].to_physical().cast(pl.Float64).fill_null(np.nan).to_numpy()
    surface_nos = placed["surface_no"].to_numpy().astype(np.int64)
    columns = _Columns(surfaces, surface_nos, published, {name: dates[name].to_numpy() for name in _CUES})

    first, last = np.full(len(dates), np.nan), np.full(len(dates), np.nan)
    form_nos = surfaces["form"].replace_strict({form: no for no, form in enumerate(_RESOLVERS)}, return_dtype=pl.Int64)
    form_of = form_nos.to_numpy()[surface_nos]
    for no, resolver in enumerate(_RESOLVERS.values()):
        rows = np.flatnonzero(form_of == no)
        if len(rows):
            first[rows], last[rows] = resolver(Parts(columns, rows))
    is_known = first <= last
    return pl.DataFrame({
        name: pl.Series(np.where(is_known, days, np.nan), nan_to_null=True).cast(pl.Int32).cast(pl.Date)
        for name, days in (("date_from", first), ("date_to", last))
    })
