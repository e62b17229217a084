"""Finds quantities: a number with a unit of measure, or with what is counted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

import polars as pl

from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches
from transforms.enrich.mentions.values.amounts import (
    TO,
    UNIT_COLUMNS,
    behind_lost_point,
    find_amounts,
    number_pattern,
    read_amounts,
    value_rows,
)
from transforms.enrich.mentions.values.forms import SURFACES_TO_REMEMBER, Form, Forms
from transforms.enrich.mentions.values.number_words import MIXED_NUMBER, SCALE, any_of

#: What may stand between a count and what is counted.
_MODIFIERS = ("more", "additional", "new", "other", "young", "foreign", "local", "armed", "federal", "common")

_MAX_SHORT_CHARS = 3
#: A year, not a count: "in 2016 people voted".
_YEAR_BEFORE = r"(?i)(?-u:\b)(?:in|since|by|of|until|from|during|before|after|late|early|mid|year|and)[ -]$"
_YEAR_OF_COUNT = r"^(?:19|20)[0-9]{2} "


@cache
def quantity_forms() -> Forms:
    measured, counted = _unit_pattern("measure"), _unit_pattern("count")
    amount, amount_to = number_pattern("amount", SCALE), number_pattern("amount_to", SCALE)
    modifier = rf"(?:{any_of(_MODIFIERS)} ){{0,2}}"
    return Forms((
        Form(
            "mixed measure", rf"{EDGE}(?P<amount>{MIXED_NUMBER}(?:[ -]?{SCALE})?)[ -]?(?P<word>{measured}){EDGE}", 0.95
        ),
        Form("measure between", rf"{EDGE}between {amount} and {amount_to}[ -]?(?P<word>{measured}){EDGE}", 0.95),
        Form("measure range", rf"{EDGE}{amount}{TO}{amount_to}[ -]?(?P<word>{measured}){EDGE}", 0.95),
        Form("measure", rf"{EDGE}{amount}[ -]?(?P<word>{measured}){EDGE}", 0.95),
        Form(
            "mixed count",
            rf"{EDGE}(?P<amount>{MIXED_NUMBER}(?:[ -]?{SCALE})?) {modifier}(?P<word>{counted}){EDGE}",
            0.9,
        ),
        Form("count between", rf"{EDGE}between {amount} and {amount_to} {modifier}(?P<word>{counted}){EDGE}", 0.9),
        Form("count range", rf"{EDGE}{amount}{TO}{amount_to} {modifier}(?P<word>{counted}){EDGE}", 0.9),
        Form("count", rf"{EDGE}{amount} {modifier}(?P<word>{counted}){EDGE}", 0.9),
    ))


@cache
def _units() -> Mapping[str, tuple[str, str]]:
    """Kind and unit of each word; the case of short ones counts ("MW", "mm"), longer ones are in small letters."""
    units: dict[str, tuple[str, str]] = {}
    for row in read_packaged_csv("units.csv"):
        word, kind = row["word"], "measure" if row["kind"] == "measure" else "count"
        has_plural = kind == "measure" and word.islower() and word[-1] not in "sh" and len(word) > _MAX_SHORT_CHARS
        for form in (word, f"{word}s") if has_plural else (word,):
            units[_unit_key(form)] = kind, row["unit"]
    return units


def _unit_key(word: str) -> str:
    return word if len(word) <= _MAX_SHORT_CHARS else word.lower().replace("-", " ")


def _unit_pattern(wanted: str) -> str:
    words = [word for word, (kind, _) in _units().items() if kind == wanted]
    short = [word for word in words if len(word) <= _MAX_SHORT_CHARS]
    return (
        rf"(?:(?i-u:{any_of([word for word in words if word not in short])})|{any_of(short)})"
        if short
        else (rf"(?i-u:{any_of(words)})")
    )


@lru_cache(SURFACES_TO_REMEMBER)
def _quantity(surface: str) -> tuple[float, float, float | None, str]:
    reading, amount, amount_to = read_amounts(quantity_forms(), surface)
    return reading.score, amount, amount_to, _units()[_unit_key(reading.parts["word"])][1]


def find_quantities(bodies: Bodies) -> tuple[Matches, pl.DataFrame]:
    """Measures and counts of the packaged ``units.csv``, and one row each: ``score, amount, amount_to, unit``."""
    surface, before = pl.col("surface").str, pl.col("before").str
    is_year = surface.contains(_YEAR_OF_COUNT) & before.contains(_YEAR_BEFORE)
    in_ranking = before.contains(r"(?:Fortune|S&P|Poor['’]s|FTSE|Russell|Forbes|Inc\.?) $")
    # "the two countries" refers back to them, and counts nothing.
    refers_back = surface.contains(r"(?i)^[a-z]+ ") & before.contains(r"(?i)(?:the|these|those|all|our|their) $")
    matches, found = find_amounts(
        bodies, quantity_forms(), unless=is_year | refers_back | in_ranking | behind_lost_point()
    )
    return matches, value_rows(found["surface"], _quantity, UNIT_COLUMNS)
