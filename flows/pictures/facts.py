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

_MOST_ROWS: Final = 20_000
#: Timelines reach so far back, for there to be something that the period can be compared with.
_TIMELINE_DAYS: Final = 28
#: Of so many articles, one pair in common is no news.
_ARTICLES_PER_PAIR: Final = 150
_STORIES_OF: Final = 5
_MOST_PLACES: Final = 60
_MOST_GAPS: Final = 20
_MAX_CHANCE: Final = 0.001

Rows = list[tuple[Any, ...]]


class PeriodError(ValueError):
    """A period that ends before it begins."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a report tells; rows as the SQL files of the same names say. ``from_on`` is None: no dated article."""

    release: int
    from_on: date | None
    to_on: date | None
    totals: dict[str, Any]
    days: Rows
    movers: Rows
    stories: Rows
    most_mentioned: Rows
    timeline_days: list[date]
    timelines: dict[str, list[int]]
    pairs: Rows
    places: Rows
    sources: Rows
    languages: Rows
    gaps: Rows
    refused: Rows
    ledger: Rows


def _days(from_on: date, to_on: date) -> list[date]:
    return [from_on + timedelta(days=place) for place in range((to_on - from_on).days + 1)]


class _Reader:
    """Runs the report's SQL on one connection, so that all figures are of one release."""

    def __init__(self, connection: GuardedConnection) -> None:
        self._connection = connection
        self._texts = {each.name: each.text for each in sql_files("report")}
        known = questions()
        self._texts |= {name: known[name].text for name in ("places_on_map", "coverage_gaps")}

    def rows(self, name: str, values: Mapping[str, Any] | None = None) -> Rows:
        text = self._texts[name]
        bound = {key: value for key, value in (values or {}).items() if f"${key}" in text}
        return run_query(self._connection, text, bound).fetch(_MOST_ROWS)

    def row(self, name: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        result = run_query(
            self._connection,
            self._texts[name],
            {key: value for key, value in (values or {}).items() if f"${key}" in self._texts[name]},
        )
        return dict(zip(result.columns, result.fetch(1)[0], strict=True))


def _timelines(reader: _Reader, most: Rows, days: list[date]) -> dict[str, list[int]]:
    place_of = {day: place for place, day in enumerate(days)}
    series = {entity_id: [0] * len(days) for entity_id, *_ in most}
    for entity_id, day, articles in reader.rows("timelines", {"ids": [*series], "from": days[0], "to": days[-1]}):
        series[entity_id][place_of[day]] = articles
    return series


def _facts(reader: _Reader, release: int, from_on: date | None, to_on: date | None) -> Facts:
    if from_on is None or to_on is None:
        latest = reader.row("period")
        # A given end moves the usual beginning with it, so that the period never ends before it begins.
        to_on = to_on or latest["to_on"]
        if from_on is None and to_on is not None:
            from_on = latest["from_on"] if to_on == latest["to_on"] else to_on - timedelta(days=6)
    if from_on is not None and to_on is not None and from_on > to_on:
        raise PeriodError(f"the period ends on {to_on}, before it begins on {from_on}")
    # Any day will do where no article has one.
    period = {"from": from_on or date(1970, 1, 1), "to": to_on or date(1970, 1, 1)}
    totals = reader.row("totals", period)
    movers = reader.rows("movers", period)
    most = reader.rows("most_mentioned", period)
    begin = min(period["from"], period["to"] - timedelta(days=_TIMELINE_DAYS - 1))
    if totals["first_on"] is not None:
        begin = min(max(begin, totals["first_on"]), period["from"])
    days = _days(begin, period["to"]) if most else []
    least = max(2, totals["articles"] // _ARTICLES_PER_PAIR)
    gaps = {"max_chance": _MAX_CHANCE, "limit": _MOST_GAPS}
    return Facts(
        release=release,
        from_on=from_on,
        to_on=to_on,
        totals=totals,
        days=reader.rows("days", period) if from_on else [],
        movers=movers,
        stories=reader.rows("stories", period | {"ids": [row[0] for row in movers[:_STORIES_OF]]}),
        most_mentioned=most,
        timeline_days=days,
        timelines=_timelines(reader, most, days) if most else {},
        pairs=reader.rows("pairs", period | {"min_count": least}),
        places=reader.rows("places_on_map", period | {"limit": _MOST_PLACES}),
        sources=reader.rows("sources", period),
        languages=reader.rows("languages", period),
        gaps=reader.rows("coverage_gaps", period | gaps),
        refused=reader.rows("refused"),
        ledger=reader.rows("ledger"),
    )


def read_facts(
    data: str | os.PathLike[str] | None = None,
    from_on: date | None = None,
    to_on: date | None = None,
    release: int | None = None,
    limits: Limits = UNLIMITED,
) -> Facts:
    """What a report tells of the period, by default of the last seven days that have articles.

    Raises ``PeriodError`` for a period that ends before it begins, ``NoReleaseError`` before the first run, and what
    ``warehouse.query.query`` raises.
    """
    with open_release(data, release) as found:
        connection = open_safely(data, found.number, limits)
        try:
            return _facts(_Reader(connection), found.number, from_on, to_on)
        finally:
            connection.close()
