"""Day axis: which days of a chart have their name below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from flows.pictures.words import MONTHS

#: As many as have room on a phone.
_MOST_TICKS: Final = 6
_ALL_DAYS: Final = 10
_WEEK: Final = 7
_MONTHS_A_YEAR: Final = 12
_DAYS_A_MONTH: Final = 30.4
_MONTH_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)


def _months(first: date, last: date, step: int) -> Iterator[date]:
    """The first days of months within a period, every ``step`` of them, counted from the year 0."""
    month = -(-(first.year * _MONTHS_A_YEAR + first.month - 1 + (first.day > 1)) // step) * step
    while month // _MONTHS_A_YEAR <= last.year:
        day = date(month // _MONTHS_A_YEAR, month % _MONTHS_A_YEAR + 1, 1)
        if day > last:
            return
        yield day
        month += step


def ticks(first: date, last: date) -> list[tuple[date, str]]:
    """The days of a period to name, and how: ten days each, more by weeks, by months or by years.

    A name has its year where the year begins or changes.
    """
    count = (last - first).days + 1
    if count <= _ALL_DAYS:
        days = [first + timedelta(days=place) for place in range(count)]
    elif count <= 2 * _MOST_TICKS * _WEEK:
        step = _WEEK if count <= _MOST_TICKS * _WEEK else 2 * _WEEK
        # Mondays, so that weeks stand out.
        start = first + timedelta(days=-first.weekday() % _WEEK)
        days = [start + timedelta(days=place) for place in range(0, (last - start).days + 1, step)]
    else:
        months = count / _DAYS_A_MONTH
        step = next((step for step in _MONTH_STEPS if months / step <= _MOST_TICKS), _MONTH_STEPS[-1])
        days = list(_months(first, last, step))
    is_yearly = all((day.day, day.month) == (1, 1) for day in days)
    is_monthly = all(day.day == 1 for day in days)
    named, year = [], None
    for day in days:
        month = MONTHS[day.month - 1]
        text = str(day.year) if is_yearly else month if is_monthly else f"{day.day} {month}"
        named.append((day, text if is_yearly or day.year == year else f"{text}\n{day.year}"))
        year = day.year
    return named


def positions(days: Sequence[date]) -> NDArray[np.float64]:
    """Where days stand on an axis, one apart."""
    return np.array([day.toordinal() for day in days], dtype=np.float64)


def write_days(axes: Axes, days: Sequence[date]) -> None:
    """Cut the axis to the days and name some of them."""
    named: list[tuple[Any, str]] = [(day.toordinal(), text) for day, text in ticks(days[0], days[-1])]
    axes.set_xlim(days[0].toordinal() - 0.6, days[-1].toordinal() + 0.6)
    axes.set_xticks([place for place, _ in named], [text for _, text in named])
