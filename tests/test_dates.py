"""Dates of every shape, and those that are not guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.parse.dates import EARLIEST, date_in_path, read_date
from transforms.parse.records import DateValue

_LATEST = date(2025, 1, 1)
_DAY = date(2024, 1, 13)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-13", "2024/1/13", "2024.01.13", "20240113", "13.01.2024", "13/01/2024", "01/13/2024", "13-01-2024",
        "13 January 2024", "January 13, 2024", "Jan. 13th, 2024", "13-JAN-2024", "2024 Jan 13",
        "Saturday, 13 January 2024",
        "13 janvier 2024", "13. Januar 2024", "13 de enero de 2024", "sáb, 13 ene 2024", "13 января 2024 г.",
        "13 ocak 2024",
        "13 stycznia 2024", "2024年1月13日", "2024년 1월 13일", "２０２４－０１－１３", "13 Jan 24",
        " 2024-01-13 ", "2024-01-13 at noon",
    ],
)  # fmt: skip
def test_days(text: str) -> None:
    read = read_date(text, latest=_LATEST)
    assert (read.on, read.at, read.rule) == (_DAY, None, None)


@pytest.mark.parametrize(
    ("value", "on", "at"),
    [
        ("2024-01-11T23:30:00-05:00", date(2024, 1, 11), datetime(2024, 1, 12, 4, 30, tzinfo=UTC)),
        ("2024-01-11T04:05:06Z", date(2024, 1, 11), datetime(2024, 1, 11, 4, 5, 6, tzinfo=UTC)),
        ("20240111T101500Z", date(2024, 1, 11), datetime(2024, 1, 11, 10, 15, tzinfo=UTC)),
        ("2024-01-11 10:00:00.5 +0000", date(2024, 1, 11), datetime(2024, 1, 11, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("Thu, 11 Jan 2024 15:04:05 GMT", date(2024, 1, 11), datetime(2024, 1, 11, 15, 4, 5, tzinfo=UTC)),
        ("Thu, 11 Jan 24 15:04 EST", date(2024, 1, 11), datetime(2024, 1, 11, 20, 4, tzinfo=UTC)),
        ("Thu Jan 11 15:04:05 PST 2024", date(2024, 1, 11), datetime(2024, 1, 11, 23, 4, 5, tzinfo=UTC)),
        ("Fri, 12 Jan 2024 01:43:00 +0530 (IST)", date(2024, 1, 12), datetime(2024, 1, 11, 20, 13, tzinfo=UTC)),
        ("January 11, 2024 3:04 p.m. UTC", date(2024, 1, 11), datetime(2024, 1, 11, 15, 4, tzinfo=UTC)),
        ("2024-01-11T23:59:60Z", date(2024, 1, 11), datetime(2024, 1, 11, 23, 59, 59, tzinfo=UTC)),
        (1_704_967_200, date(2024, 1, 11), datetime(2024, 1, 11, 10, tzinfo=UTC)),
        ("1704967200000", date(2024, 1, 11), datetime(2024, 1, 11, 10, tzinfo=UTC)),
        (datetime(2024, 1, 11, 10, tzinfo=UTC), date(2024, 1, 11), datetime(2024, 1, 11, 10, tzinfo=UTC)),
        ("2024-01-11 10:00", date(2024, 1, 11), None),
        ("Jan 11, 2024 3:04 pm ET", date(2024, 1, 11), None),
        (datetime(2024, 1, 11, 10), date(2024, 1, 11), None),  # ruff: ignore[call-datetime-without-tzinfo] - the case
        (20_240_111, date(2024, 1, 11), None),
    ],
)
def test_moments(value: DateValue, on: date, at: datetime | None) -> None:
    read = read_date(value, latest=_LATEST)
    assert (read.on, read.at, read.rule) == (on, at, None)


def test_the_zone_of_the_source_makes_a_moment_of_a_time() -> None:
    read = read_date("2024-07-11 10:00", latest=_LATEST, time_zone="Europe/Berlin")
    assert (read.on, read.at) == (date(2024, 7, 11), datetime(2024, 7, 11, 8, tzinfo=UTC))
    assert read_date("Jan 11, 2024 3:04 pm ET", latest=_LATEST, time_zone="Europe/Berlin").at is None


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("0201-01-01", "date_implausible"), ("2050-01-01", "date_implausible"), ("2025-01-02", "date_implausible"),
        ("1604-12-31", "date_implausible"), ("2024-02-30", "date_impossible"), ("2024-13-01", "date_impossible"),
        ("0000-00-00", "date_impossible"), ("31 April 2024", "date_impossible"), ("3/4/2024", "date_ambiguous"),
        ("13/01/24", "date_ambiguous"), ("2024-01", "date_incomplete"), ("2024", "date_incomplete"),
        ("yesterday", "date_unreadable"), ("11 listopad 2024", "date_unreadable"), ("11 January", "date_unreadable"),
        ("2024-01-11 or 2024-01-12", "date_unreadable"), (0, "date_unreadable"), (float("nan"), "date_unreadable"),
        ("1" * 500, "date_unreadable"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_told(value: DateValue, rule: str) -> None:
    read = read_date(value, latest=_LATEST)
    assert (read.on, read.at, read.rule) == (None, None, rule)
    assert str(value)[:20] in (read.reason or "")


def test_day_first_decides() -> None:
    assert read_date("3/4/2024", latest=_LATEST, day_first=True).on == date(2024, 4, 3)
    assert read_date("3/4/2024", latest=_LATEST, day_first=False).on == date(2024, 3, 4)


def test_an_impossible_time_leaves_the_day() -> None:
    read = read_date("2024-01-11 25:00", latest=_LATEST)
    assert (read.on, read.at, read.rule) == (date(2024, 1, 11), None, "time_impossible")


@pytest.mark.parametrize("value", [None, "", "  "])
def test_nothing_is_no_problem(value: DateValue) -> None:
    assert read_date(value, latest=_LATEST) == (None, None, None, None)


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[0-9A-Za-z:/.,+ -]{0,40}"), st.integers(), st.floats()))
def test_nothing_raises_and_nothing_implausible_comes_out(value: DateValue) -> None:
    read = read_date(value, latest=_LATEST)
    assert (read.on is None) or EARLIEST <= read.on <= _LATEST
    assert (read.rule is None) == (read.reason is None)


@given(st.dates(EARLIEST, _LATEST), st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%a, %d %b %Y", "%d.%m.%Y"]))
def test_what_is_written_is_read(day: date, form: str) -> None:
    text = day.strftime(form) if day.year >= 1000 else day.isoformat()
    assert read_date(text, latest=_LATEST).on == day


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2024/01/11/a.html", "2024-01-11"),
        ("posts/2024-01-11-title.md", "2024-01-11"),
        ("a/2024_01_11.txt", "2024-01-11"),
        ("2024/01/a.html", None),
        ("12024-01-11.md", None),
    ],
)
def test_a_path_can_bear_a_date(path: str, day: str | None) -> None:
    assert date_in_path(path) == day
