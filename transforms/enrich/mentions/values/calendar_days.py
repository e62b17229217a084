"""Calendar arithmetic on whole arrays: days are counted from 1970-01-01 in the Gregorian calendar, NaN is no day."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = npt.NDArray[np.float64]
Days: TypeAlias = npt.NDArray[np.float64]

_MONTHS_PER_YEAR, _WEEK_DAYS = 12, 7
_EPOCH_YEAR = 1970
#: 1970-01-01 was a Thursday, which is 3 when Monday is 0.
_EPOCH_WEEKDAY = 3
_SATURDAY, _SUNDAY = 5, 6
#: Years outside are no years of news, and would not fit a date column.
_FIRST_YEAR, _LAST_YEAR = 1, 9999
_DECADE, _CENTURY = 10, 100

#: What `whole_unit` knows, in this order.
UNITS = ("day", "week", "weekend", "month", "quarter", "year", "decade", "century")


def _in_unit(days: Days, unit: str) -> Numbers:
    """Months or years since 1970, NaN for no day."""
    known = ~np.isnan(days)
    counts = np.where(known, days, 0).astype("datetime64[D]").astype(f"datetime64[{unit}]").astype(np.int64)
    return np.where(known, counts, np.nan)


def _first_days(months: Numbers) -> Days:
    """The first day of months that are counted from January 1970."""
    first = (_FIRST_YEAR - _EPOCH_YEAR) * _MONTHS_PER_YEAR
    last = (_LAST_YEAR + 1 - _EPOCH_YEAR) * _MONTHS_PER_YEAR
    known = (months >= first) & (months <= last)
    days = np.where(known, months, 0).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.where(known, days, np.nan)


def date(year: Numbers, month: Numbers | int, day: Numbers | int) -> Days:
    """The day, or NaN where there is none such."""
    months = (year - _EPOCH_YEAR) * _MONTHS_PER_YEAR + month - 1
    first = _first_days(months)
    is_day = (month >= 1) & (month <= _MONTHS_PER_YEAR) & (day >= 1) & (first + day <= _first_days(months + 1))
    return np.where(is_day, first + day - 1, np.nan)


def year_of(days: Days) -> Numbers:
    """The calendar year."""
    return _in_unit(days, "Y") + _EPOCH_YEAR


def month_of(days: Days) -> Numbers:
    """The month, from 1."""
    return _in_unit(days, "M") % _MONTHS_PER_YEAR + 1


def day_of_week(days: Days) -> Numbers:
    """The day of the week, Monday is 0."""
    return (days + _EPOCH_WEEKDAY) % _WEEK_DAYS


def first_of_month(days: Days) -> Days:
    """The first day of the month that the day lies in."""
    return _first_days(_in_unit(days, "M"))


def last_of_month(days: Days) -> Days:
    """The last day of the month that the day lies in."""
    return _first_days(_in_unit(days, "M") + 1) - 1


def add_months(days: Days, months: Numbers | int) -> Days:
    """The same day so many months on; where that month is shorter, its last day."""
    in_month = _in_unit(days, "M") + months
    first = _first_days(in_month)
    return np.minimum(first + (days - first_of_month(days)), _first_days(in_month + 1) - 1)


def whole_months(first: Days, count: int | Numbers) -> tuple[Days, Days]:
    """The ends of so many months, of which the first day of the first is given."""
    return first, last_of_month(add_months(first, count - 1))


def whole_years(first: Numbers, last: Numbers) -> tuple[Days, Days]:
    """From the first day of a year to the last day of a year."""
    return date(first, 1, 1), date(last, _MONTHS_PER_YEAR, 31)


def whole_unit(days: Days, unit_nos: Numbers) -> tuple[Days, Days]:
    """The first and last day of the unit of `UNITS`, by number, that the day lies in; NaN where the unit is NaN.

    A day, an ISO week, the weekend at the end of that week, a month, a quarter, a year, a decade (1990 to 1999), a
    century (2001 to 2100).
    """
    monday = days - day_of_week(days)
    year, quarter = year_of(days), (month_of(days) - 1) // 3 * 3 + 1
    decade, century = year // _DECADE * _DECADE, (year - 1) // _CENTURY * _CENTURY + 1
    quarter_start = date(year, quarter, 1)
    spans = (
        (days, days),
        (monday, monday + _SUNDAY),
        (monday + _SATURDAY, monday + _SUNDAY),
        (first_of_month(days), last_of_month(days)),
        (quarter_start, last_of_month(add_months(quarter_start, 2))),
        whole_years(year, year),
        whole_years(decade, decade + _DECADE - 1),
        whole_years(century, century + _CENTURY - 1),
    )
    first, last = np.full(len(days), np.nan), np.full(len(days), np.nan)
    for unit_no, (span_first, span_last) in enumerate(spans):
        is_unit = unit_nos == unit_no
        first[is_unit], last[is_unit] = span_first[is_unit], span_last[is_unit]
    return first, last
