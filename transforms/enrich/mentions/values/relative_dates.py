"""Dates that need the date of publication, as the days that they cover; `date_ranges` tells the rules."""

from __future__ import annotations

import numpy as np

from transforms.enrich.mentions.values.calendar_days import (
    Days,
    Numbers,
    add_months,
    date,
    day_of_week,
    first_of_month,
    last_of_month,
    month_of,
    whole_months,
    whole_years,
    year_of,
)
from transforms.enrich.mentions.values.date_parts import Ends, Parts, either, third, unknown, where
from transforms.enrich.mentions.values.number_words import WORD_VALUES

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY_NO = {name: number for number, name in enumerate(_WEEKDAYS)}
_SEASON_MONTH = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_SEASON_MONTHS = 3
_FEBRUARY, _DECEMBER = 2, 12
_TODAY_DAYS = {"before yesterday": -2, "yesterday": -1, "today": 0, "tonight": 0, "tomorrow": 1, "after tomorrow": 2}
#: The one before, this one and the next; all other words are relative to another date.
_STEPS = {"last": -1, "this past": -1, "this": 0, "the": 0, "current": 0, "next": 1, "coming": 1, "this coming": 1}
_UNIT_DAYS = {"day": 1, "week": 7, "weekend": 7}
_UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200}
_PARTS_OF_DAY = ("morning", "afternoon", "evening", "night")
_HALF_YEAR_DAYS = 183
_WEEK_DAYS = 7
_SATURDAY = 5
_SOON_MONTHS = 3
_HALF_MONTH_DAYS = 15
#: Quarters and halves by their words.
ORDINAL_NO = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "final": 4}


def nearest_year(published: Days, month: Numbers, day: Numbers) -> Numbers:
    """The year in which the day is nearest to publication."""
    year = year_of(published)
    # The 29th of February may be missing in the year of publication: its neighbour tells as much.
    ahead = date(year, month, np.minimum(day, 28)) - published
    return year + np.where(ahead >= _HALF_YEAR_DAYS, -1, np.where(ahead < -_HALF_YEAR_DAYS, 1, 0))


def month_alone(parts: Parts) -> Ends:
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
    return third(parts, (first, last_of_month(first)))


def today(parts: Parts) -> Ends:
    day = parts.published + parts.code("way", _TODAY_DAYS)
    return day, day


def weekday(parts: Parts) -> Ends:
    published = parts.published
    number, today = parts.short_code("wd", _WEEKDAY_NO), day_of_week(published)
    back, ahead = (today - number) % _WEEK_DAYS, (number - today) % _WEEK_DAYS
    passed, coming = np.where(back == 0, _WEEK_DAYS, back), np.where(ahead == 0, _WEEK_DAYS, ahead)
    days = np.where(parts.flag("is_future"), ahead, -back)
    days = np.where(parts.is_one_of("way", "last", "this past"), -passed, days)
    days = np.where(parts.is_one_of("way", "next", "this coming"), coming, days)
    days = np.where(parts.is_one_of("way", "this"), ahead, days)
    return published + days, published + days


def _count(parts: Parts) -> Numbers:
    """How many; 1 where no number is printed, NaN where it is vague."""
    count = either(parts.code("n", WORD_VALUES), parts.number("n"))
    return np.where(parts.is_missing("n"), 1.0, count)


def _shift(parts: Parts, count: Numbers) -> Days:
    """Publication moved by so many of the unit."""
    by_days = parts.published + count * parts.code("unit", _UNIT_DAYS)
    return either(by_days, add_months(parts.published, count * parts.code("unit", _UNIT_MONTHS)))


def rolling(parts: Parts) -> Ends:
    """As in "the past three months"."""
    count = _count(parts)
    past, ahead = (_shift(parts, -count), parts.published), (parts.published, _shift(parts, count))
    is_ahead = parts.is_one_of("way", "next", "coming")
    ends = where(parts.is_one_of("way", "last", "past"), past, where(is_ahead, ahead, unknown(parts)))
    return where(np.isnan(count), unknown(parts), ends)


def ago(parts: Parts) -> Ends:
    sign = parts.code("way", {"ago": -1, "from now": 1})
    day = _shift(parts, sign * _count(parts))
    year = year_of(day)
    is_decade = parts.is_one_of("unit", "decade")
    return where(is_decade, whole_years(year, year), parts.whole_unit(day))


def period(parts: Parts) -> Ends:
    """As in "last week", "this year", "next spring", "last night"."""
    steps = parts.code("way", _STEPS)
    day = parts.published + steps
    in_month = add_months(first_of_month(parts.published), steps * parts.code("unit", _UNIT_MONTHS))
    moved = either(parts.published + steps * parts.code("unit", _UNIT_DAYS), in_month)
    ends = parts.whole_unit(moved)
    ends = where(parts.is_one_of("unit", *_PARTS_OF_DAY), (day, day), ends)
    ends = where(parts.is_one_of("unit", *_SEASON_MONTH), _season(parts, steps), ends)
    past = (_shift(parts, np.full(len(day), -1.0)), parts.published)
    return third(parts, where(parts.is_one_of("way", "past"), past, ends))


def month_of_some_year(parts: Parts) -> Ends:
    """As in "in March of last year", "on May 5 last year"."""
    year, month, day = year_of(parts.published) + parts.code("way", _STEPS), parts.month("m"), parts.number("d")
    first, whole_day = date(year, month, 1), date(year, month, day)
    return where(np.isnan(day), third(parts, (first, last_of_month(first))), (whole_day, whole_day))


def half_of_month(parts: Parts) -> Ends:
    """As in "the second half of May": up to the 15th, or from the 16th on."""
    in_some_year, _ = month_alone(parts)
    first = either(date(parts.number("y"), parts.month("m"), 1), in_some_year)
    is_first = parts.is_one_of("n", "first")
    return (
        np.where(is_first, first, first + _HALF_MONTH_DAYS),
        np.where(is_first, first + _HALF_MONTH_DAYS - 1, last_of_month(first)),
    )


def part_of_some_year(parts: Parts) -> Ends:
    """As in "the first quarter of last year"; unknown without a year, which companies begin when they like."""
    months = np.where(parts.is_one_of("unit", "half"), 6.0, 3.0)
    year, number = year_of(parts.published) + parts.code("way", _STEPS), parts.code("n", ORDINAL_NO)
    number = np.where(parts.is_one_of("n", "latter"), 2.0, number)
    return whole_months(date(year, (number - 1) * months + 1, 1), months)


def season_of_year(parts: Parts) -> Ends:
    """As in "the summer of 2019", "winter 2019-20"; a winter begins in the year."""
    first = date(parts.number("y"), parts.code("unit", _SEASON_MONTH), 1)
    return third(parts, whole_months(first, _SEASON_MONTHS))


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
    return whole_months(first, _SEASON_MONTHS)


def part_of_unit(parts: Parts) -> Ends:
    """As in "earlier this year" and "later this month"; not "later next year"."""
    first, last = parts.whole_unit(parts.published)
    season = _season(parts, np.zeros(len(first)))
    first, last = where(parts.is_one_of("unit", *_SEASON_MONTH), season, (first, last))
    published = parts.published
    is_early = parts.is_one_of("way", "earlier")
    # Of a season that lies ahead, all days are later; of one that has passed, all were earlier.
    ends = (
        np.where(is_early, first, np.maximum(first, published)),
        np.where(is_early, np.minimum(published, last), last),
    )
    is_this = parts.says_this()
    ends = where(is_this & ~np.isnan(first), ends, unknown(parts))
    return where(is_this & parts.is_one_of("unit", *_PARTS_OF_DAY), (published, published), ends)


def weekend(parts: Parts) -> Ends:
    """The latest one that had begun."""
    saturday = parts.published - (day_of_week(parts.published) - _SATURDAY) % _WEEK_DAYS
    return saturday, saturday + 1
