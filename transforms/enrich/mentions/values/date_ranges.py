"""Turns the parts of a date into the calendar days that it covers, both ends included.

What leaves the year, the month or the week open is resolved against the date of publication:

- A weekday is the latest one that is not after publication, because news looks back; behind a future cue ("will meet
  on Tuesday") it is the first one that is not before it: on a Tuesday, "Tuesday" is the day itself either way.
- A month alone is the latest one that had begun by then; but behind a future cue, or where it lies no more than three
  months ahead and no verb before it tells of the past, the first one that has not ended.
- A day and a month without a year are the ones nearest to publication, whether before or behind it.
- "last" and "next" mean the one before and the one behind the week, month or year of publication ("last week" is the
  whole ISO week before, from Monday to Sunday); of weekdays, months and seasons the nearest one that has passed, or
  that has not begun.
- "the past three months" end on the day of publication; "two years ago" is a whole calendar year, "two months ago" a
  calendar month, "two weeks ago" an ISO week.
- "early", "mid", "late", "start of", "middle of" and "end of" mean a third of the days of what they stand before, and
  "the end of the year" is that of the year of publication. Seasons are those of the northern hemisphere, in whole
  months from March, June, September and December.
- Both ends are null for what is relative where the date of publication is unknown, for what is relative to another
  date ("a week later"), for vague numbers ("a few days ago"), for fiscal years and for quarters without a year
  ("the first quarter of last year" has one, and is a quarter of the calendar),
  and for days that do not exist. So they are for "3/4/2024": which of the two is the month is anyone's guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from transforms.enrich.mentions.code_points import Bools, Ints
from transforms.enrich.mentions.values.calendar_days import (
    Days,
    date,
    last_of_month,
    whole_months,
    whole_years,
    year_of,
)
from transforms.enrich.mentions.values.date_parts import Ends, Parts, either, third, unknown
from transforms.enrich.mentions.values.forms import Reading
from transforms.enrich.mentions.values.relative_dates import (
    ORDINAL_NO,
    ago,
    half_of_month,
    month_alone,
    month_of_some_year,
    nearest_year,
    part_of_some_year,
    part_of_unit,
    period,
    rolling,
    season_of_year,
    today,
    weekday,
    weekend,
)

#: "2019-20" spans no more years than this.
_MAX_SEASON_YEARS = 30
#: Two digits from here on are of the last century: "the '30s", "3/15/70".
_FIRST_SHORT_DECADE, _FIRST_SHORT_YEAR = 30, 70
_CENTURY = 100
_MONTHS_PER_YEAR = 12


def _days(parts: Parts) -> Ends:
    """A day, or a first and a last one, each with or without its month and year."""
    month, day = either(parts.month("m"), parts.month("m3")), either(parts.number("d"), parts.number("d3"))
    last_month = either(parts.month("m2"), month)
    last_day = either(either(parts.number("d2"), parts.number("d4")), day)
    year, last_year = parts.number("y"), parts.number("y2")
    wraps = (last_month < month).astype(np.float64)
    year = either(year, either(last_year, nearest_year(parts.published, last_month, last_day)) - wraps)
    return date(year, month, day), date(either(last_year, year + wraps), last_month, last_day)


def _slashes(parts: Parts) -> Ends:
    a, b, year = parts.number("a"), parts.number("b"), parts.number("y")
    short = year + np.where(year < _FIRST_SHORT_YEAR, 2000, 1900)
    year = np.where(year < _CENTURY, short, year)
    month_first, day_first = date(year, a, b), date(year, b, a)
    is_clear = np.isnan(month_first) | np.isnan(day_first) | (a == b)
    day = np.where(is_clear, either(month_first, day_first), np.nan)
    return day, day


def _months(parts: Parts) -> Ends:
    """From a month to a month; without a year the latest such months that had begun."""
    month, last_month = either(parts.month("m"), parts.month("m3")), either(parts.month("m2"), parts.month("m4"))
    year = year_of(parts.published)
    year -= date(year, month, 1) > parts.published
    wraps = (last_month < month).astype(np.float64)
    last_year = either(parts.number("y2"), year + wraps)
    first_year = either(parts.number("y"), last_year - wraps)
    return date(first_year, month, 1), last_of_month(date(last_year, last_month, 1))


def _month_of_year(parts: Parts) -> Ends:
    first = date(parts.number("y"), parts.month("m"), 1)
    return third(parts, (first, last_of_month(first)))


def _years(parts: Parts) -> Ends:
    return whole_years(parts.number("y"), parts.number("y2"))


def _year(parts: Parts) -> Ends:
    return third(parts, whole_years(parts.number("y"), parts.number("y")))


def _season_years(parts: Parts) -> Ends:
    first, short = parts.number("y"), parts.number("yy")
    last = first // _CENTURY * _CENTURY + short + np.where(short < first % _CENTURY, _CENTURY, 0)
    is_span = (last > first) & (last - first <= _MAX_SEASON_YEARS)
    return whole_years(first, np.where(is_span, last, np.nan))


def _decade(parts: Parts) -> Ends:
    return third(parts, whole_years(parts.number("y"), parts.number("y") + 9))


def _short_decade(parts: Parts) -> Ends:
    first = parts.number("yy") + np.where(parts.number("yy") >= _FIRST_SHORT_DECADE, 1900, 2000)
    return third(parts, whole_years(first, first + 9))


def _century(parts: Parts) -> Ends:
    last = parts.number("n") * _CENTURY
    return third(parts, whole_years(last - _CENTURY + 1, last))


def _part_of_year(months: int) -> Callable[[Parts], Ends]:
    """As in "the second quarter of 2024", in parts of so many months."""

    def resolve_part(parts: Parts) -> Ends:
        words = either(parts.code("n", ORDINAL_NO), parts.code("n3", ORDINAL_NO))
        # The last part, of two as of four.
        is_last = parts.is_one_of("n", "latter", "last", "final")
        number = either(either(words, parts.number("n")), parts.number("n2"))
        number = np.where(is_last, _MONTHS_PER_YEAR / months, number)
        year = either(either(parts.number("y"), parts.number("y2")), parts.number("y3"))
        return whole_months(date(year, (number - 1) * months + 1, 1), months)

    return resolve_part


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
    "half of a month": half_of_month,
    "some quarter": part_of_some_year,
    "fiscal year": unknown,
    "season of a year": season_of_year,
    "year": _year,
    "today": today,
    "weekday": weekday,
    "rolling": rolling,
    "the last year": rolling,
    "part of this year": part_of_unit,
    "part of a period": period,
    "part of the period": period,
    "period": period,
    "weekend": weekend,
    "ago": ago,
    "named month": month_alone,
    "month of some year": month_of_some_year,
    "part of a month": month_alone,
    "month": month_alone,
}


def resolve(
    readings: Sequence[tuple[str, Reading]], reading_nos: Ints, published: Days, cues: Mapping[str, Bools]
) -> pl.DataFrame:
    """``date_from, date_to`` of dates whose surfaces are given once each, with the number of each date's surface.

    Where either end is unknown, or the first day comes behind the last one, both are null.
    """
    # Forms that are resolved alike are resolved at once.
    resolvers = [_RESOLVERS[reading.form] for _, reading in readings]
    by_resolver: dict[Callable[[Parts], Ends], list[int]] = {}
    for number, resolver in enumerate(resolvers):
        by_resolver.setdefault(resolver, []).append(number)
    group_of, place_of = np.empty(len(readings), np.int64), np.empty(len(readings), np.int64)
    for group, numbers in enumerate(by_resolver.values()):
        group_of[numbers], place_of[numbers] = group, np.arange(len(numbers))
    first, last = np.full(len(reading_nos), np.nan), np.full(len(reading_nos), np.nan)
    for group, (resolver, numbers) in enumerate(by_resolver.items()):
        rows = np.flatnonzero(group_of[reading_nos] == group)
        parts = Parts(
            [(readings[number][0], readings[number][1].parts) for number in numbers],
            place_of[reading_nos[rows]],
            published[rows],
            {name: flags[rows] for name, flags in cues.items()},
        )
        first[rows], last[rows] = resolver(parts)
    is_known = first <= last
    return pl.DataFrame({
        name: pl.Series(np.where(is_known, days, np.nan), nan_to_null=True).cast(pl.Int32).cast(pl.Date)
        for name, days in (("date_from", first), ("date_to", last))
    })
