"""Facts: what the report tells of a period, read from one release by the files of ``warehouse/sql/report``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from warehouse.guard import UNLIMITED, GuardedConnection, Limits
from warehouse.query import open_release, open_safely, run_query
from warehouse.questions import questions
from warehouse.sqlfiles import sql_files

_MOST_ROWS: Final = 100_000
_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)
#: Timelines reach so far back, for there to be something that the period can be compared with.
_TIMELINE: Final = timedelta(days=28)
_TIMELINES_PER_TYPE: Final = 2
#: Of so many articles, one pair in common is no news.
_ARTICLES_PER_PAIR: Final = 150
_STORIES_OF: Final = 5
_MOST_PLACES: Final = 60
_MOST_GAPS: Final = 20
_MAX_CHANCE: Final = 0.001
#: Before it there is no news, and the calendar has no room for what a period is compared with.
_FIRST_DAY: Final = date(1000, 1, 1)
_MOST_DAYS: Final = 100 * 366

Row = dict[str, Any]


class PeriodError(ValueError):
    """A period that ends before it begins, or is longer or earlier than a report can tell of."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days of a report. ``is_latest``: nobody chose it, it is the last seven days that have articles."""

    first: date
    last: date
    is_latest: bool = False

    @property
    def day_count(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a report tells; rows as the SQL files of the same names say. No ``period``: no article has a date.

    ``timelines`` holds the articles of each of ``timeline_days`` for some entities of ``most_mentioned``; ``places``
    and ``gaps`` answer the questions ``places_on_map`` and ``coverage_gaps``.
    """

    release: int
    period: Period | None
    totals: Row
    days: list[Row]
    movers: list[Row]
    stories: list[Row]
    most_mentioned: list[Row]
    timeline_days: list[date]
    timelines: dict[str, list[int]]
    pair_minimum: int
    pairs: list[Row]
    places: list[Row]
    sources: list[Row]
    languages: list[Row]
    gaps: list[Row]
    refused: list[Row]
    ledger: list[Row]


class _Reader:
    """Runs the report's SQL on one connection, so that all figures are of one release."""

    def __init__(self, connection: GuardedConnection) -> None:
        self._connection = connection
        self._texts = {each.name: each.text for each in sql_files("report")}
        known = questions()
        self._texts |= {name: known[name].text for name in ("places_on_map", "coverage_gaps")}

    def rows(self, name: str, values: Mapping[str, Any] | None = None) -> list[Row]:
        text = self._texts[name]
        bound = {key: value for key, value in (values or {}).items() if f"${key}" in text}
        result = run_query(self._connection, text, bound)
        return [dict(zip(result.columns, row, strict=True)) for row in result.fetch(_MOST_ROWS)]


def _chosen_period(first: date | None, last: date | None, latest: date | None) -> Period:
    if last is None:
        # A report on what is to come is an empty one, not an error.
        return Period(first or _FIRST_DAY, max(first or _FIRST_DAY, latest or _FIRST_DAY))
    return Period(last - _WEEK + _DAY if first is None else first, last)


def _period(reader: _Reader, first: date | None, last: date | None) -> Period | None:
    for day in (first, last):
        if day is not None and day < _FIRST_DAY + _WEEK:
            raise PeriodError(f"{day} is too early for a report")
    latest = reader.rows("period")[0]
    if first is None and last is None:
        return None if latest["to_on"] is None else Period(latest["from_on"], latest["to_on"], is_latest=True)
    period = _chosen_period(first, last, latest["to_on"])
    if period.first > period.last:
        raise PeriodError(f"the period ends on {last}, before it begins on {first}")
    if period.day_count > _MOST_DAYS:
        raise PeriodError(f"the period from {period.first} to {period.last} is longer than a hundred years")
    return period


def _timeline_days(period: Period, begun_on: date) -> list[date]:
    first = min(period.first, max(period.last - _TIMELINE + _DAY, begun_on))
    return [first + place * _DAY for place in range((period.last - first).days + 1)]


def _timelines(reader: _Reader, most: list[Row], days: list[date]) -> dict[str, list[int]]:
    of_type: dict[str, list[str]] = {}
    for row in most:
        of_type.setdefault(row["entity_type"], []).append(row["entity_id"])
    chosen = {entity_id for ids in of_type.values() for entity_id in ids[:_TIMELINES_PER_TYPE]}
    place_of = {day: place for place, day in enumerate(days)}
    series = {row["entity_id"]: [0] * len(days) for row in most if row["entity_id"] in chosen}
    for row in reader.rows("timelines", {"ids": [*series], "from": days[0], "to": days[-1]}):
        series[row["entity_id"]][place_of[row["day"]]] = row["articles"]
    return series


def _facts(reader: _Reader, release: int, period: Period | None) -> Facts:
    # Any day will do where no article has one.
    days = period or Period(date(1970, 1, 1), date(1970, 1, 1))
    between: dict[str, Any] = {"from": days.first, "to": days.last}
    totals = reader.rows("totals", between)[0]
    movers = reader.rows("movers", between)
    most = reader.rows("most_mentioned", between)
    timeline_days = _timeline_days(days, totals["first_on"]) if most else []
    minimum = max(2, totals["articles"] // _ARTICLES_PER_PAIR)
    return Facts(
        release=release,
        period=period,
        totals=totals,
        days=reader.rows("days", between) if period else [],
        movers=movers,
        stories=reader.rows("stories", between | {"ids": [row["entity_id"] for row in movers[:_STORIES_OF]]}),
        most_mentioned=most,
        timeline_days=timeline_days,
        timelines=_timelines(reader, most, timeline_days) if most else {},
        pair_minimum=minimum,
        pairs=reader.rows("pairs", between | {"min_count": minimum}),
        places=reader.rows("places_on_map", between | {"limit": _MOST_PLACES}),
        sources=reader.rows("sources", between),
        languages=reader.rows("languages", between),
        gaps=reader.rows("coverage_gaps", between | {"max_chance": _MAX_CHANCE, "limit": _MOST_GAPS}),
        refused=reader.rows("refused"),
        ledger=reader.rows("ledger"),
    )


def read_facts(
    data: str | os.PathLike[str] | None = None,
    first: date | None = None,
    last: date | None = None,
    release: int | None = None,
    limits: Limits = UNLIMITED,
) -> Facts:
    """What a report tells of the days from ``first`` to ``last``.

    Without both, those are the last seven days that have articles; without ``first``, the week up to ``last``; without
    ``last``, all days up to that of the last article.

    Raises ``PeriodError`` for a period that no report can tell of, ``NoReleaseError`` before the first run, and what
    ``warehouse.query.query`` raises.
    """
    with open_release(data, release) as found:
        connection = open_safely(data, found.number, limits)
        try:
            reader = _Reader(connection)
            return _facts(reader, found.number, _period(reader, first, last))
        finally:
            connection.close()
