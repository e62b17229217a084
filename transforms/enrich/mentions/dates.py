"""Finds dates, built from neighbouring tokens."""

from __future__ import annotations

import numpy as np

from transforms.enrich.mentions.code_points import Bools, Ints
from transforms.enrich.mentions.lexicon import Cue
from transforms.enrich.mentions.money import CURRENCY_SIGNS
from transforms.enrich.mentions.reading import Reading
from transforms.enrich.mentions.spans import TokenSpans, spans_of
from transforms.enrich.mentions.tokens import Tokens, following, previous

_MAX_DAY = 31
#: A number alone is taken for a year from here on; an older one needs "in", "since", "until" before it.
_FIRST_LONE_YEAR, _FIRST_YEAR, _LAST_YEAR = 1900, 1000, 2099
_YEAR_DIGITS = 4
_ORDINALS = tuple(f"{day}{suffix}" for day in range(1, _MAX_DAY + 1) for suffix in ("st", "nd", "rd", "th"))
_DECADES = tuple(f"{year}s" for year in range(1500, 2100, 10))
#: Months that are also verbs, names or short for something else.
_AMBIGUOUS_MONTHS = ("jan", "mar", "march", "april", "may", "june", "august", "sep", "dec")
_HYPHENS = "-\N{EN DASH}"


def find_dates(reading: Reading, taken: Bools) -> TokenSpans:
    """Dates such as "Tuesday, 11 January 2024", "Jan. 11-13", "2024-01-11", "the 1990s", "2019-2023", "2024"."""
    tokens = reading.tokens
    numbers = _plain_numbers(tokens)
    is_day = (numbers >= 1) & (numbers <= _MAX_DAY) | reading.is_one_of(*_ORDINALS)
    could_be_year = (numbers >= _FIRST_YEAR) & (numbers <= _LAST_YEAR)
    is_year = could_be_year & ~_is_quantity(reading)
    is_weekday = reading.has(Cue.WEEKDAY) & tokens.is_capitalised
    is_comma, is_hyphen, is_of = tokens.is_mark(","), tokens.is_mark(_HYPHENS), reading.is_one_of("of")

    dates = _with_days(reading, is_day & ~taken, is_hyphen, is_of)
    ends_date = dates & ~following(dates)
    year_behind = is_year & (previous(ends_date) | previous(is_comma & previous(ends_date)))
    dates |= year_behind | is_comma & following(year_behind) & previous(ends_date)
    opens_date = dates & ~previous(dates)
    dates |= is_weekday | is_comma & previous(is_weekday) & following(opens_date)

    is_lone = (numbers >= _FIRST_LONE_YEAR) | previous(reading.has(Cue.DATE_PREPOSITION))
    lone_year = is_year & is_lone & ~dates
    dates |= lone_year | is_hyphen & tokens.is_glued & previous(lone_year) & following(lone_year)
    dates |= reading.is_one_of(*_DECADES) | _is_numeric_date(tokens, is_day, could_be_year)
    return spans_of(dates & ~taken, opens=lone_year & previous(is_weekday))


def _with_days(reading: Reading, is_day: Bools, is_hyphen: Bools, is_of: Bools) -> Bools:
    """(n) Tokens of months and of the days before or behind them, also in ranges of days."""
    is_month = _is_month(reading)
    is_stop = reading.tokens.is_mark(".") & reading.tokens.is_glued
    is_stop &= previous(is_month & reading.has(Cue.ABBREVIATION))
    ends_month = is_month & ~following(is_stop) | is_stop
    day_behind = is_day & previous(ends_month)
    day_before = is_day & (following(is_month) | following(is_of & following(is_month)))
    dates = is_month | is_stop | day_behind | day_before | is_of & previous(day_before) & following(is_month)
    # "Jan. 11-13", "11-13 January"
    range_end = is_day & previous(is_hyphen & previous(day_behind))
    range_start = is_day & following(is_hyphen & following(day_before))
    return dates | range_end | range_start | is_hyphen & (following(range_end) | previous(range_start))


def _is_month(reading: Reading) -> Bools:
    """Months; "May" and "March" only beside a number or behind a word that goes before dates."""
    tokens = reading.tokens
    is_month = reading.has(Cue.MONTH) & tokens.is_capitalised
    has_number = previous(tokens.is_number) | following(tokens.is_number)
    has_number |= following(tokens.is_mark(".") & following(tokens.is_number))
    is_clear = has_number | previous(reading.has(Cue.DATE_PREPOSITION)) | ~reading.is_one_of(*_AMBIGUOUS_MONTHS)
    return is_month & is_clear


def _is_quantity(reading: Reading) -> Bools:
    """A number with a unit or a sign: no year."""
    tokens = reading.tokens
    is_unit = tokens.is_mark("%$") | reading.has(Cue.SCALE | Cue.CURRENCY)
    return following(is_unit) | previous(tokens.is_mark(f"{CURRENCY_SIGNS}#./"))


def _is_numeric_date(tokens: Tokens, is_day: Bools, is_year: Bools) -> Bools:
    """(n) Tokens of dates such as 2024-01-11 and 11/01/2024."""
    joins = tokens.is_mark("-/") & tokens.is_glued & following(tokens.is_glued)
    has_three_parts = following(joins) & following(is_day, 2) & following(joins, 3)
    opens = has_three_parts & (is_year & following(is_day, 4) | is_day & following(is_year, 4))
    dates = opens.copy()
    for distance in range(1, 5):
        dates |= previous(opens, distance)
    return dates


def _plain_numbers(tokens: Tokens) -> Ints:
    """(n) The value of tokens that are one to four Western digits; -1 for all others."""
    values = np.full(len(tokens), -1, np.int64)
    at = np.flatnonzero(tokens.is_number & (tokens.lengths <= _YEAR_DIGITS))
    found, is_plain = np.zeros(len(at), np.int64), np.ones(len(at), np.bool_)
    for position in range(_YEAR_DIGITS):
        is_inside = position < tokens.lengths[at]
        points = tokens.text.code_points[tokens.starts[at] + position].astype(np.int64)
        found = np.where(is_inside, found * 10 + points - ord("0"), found)
        is_plain &= ~is_inside | (points >= ord("0")) & (points <= ord("9"))
    values[at[is_plain]] = found[is_plain]
    return values
