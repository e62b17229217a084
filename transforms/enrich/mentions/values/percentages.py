"""Finds percentages."""

from __future__ import annotations

from functools import cache, lru_cache

import polars as pl

from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches
from transforms.enrich.mentions.values.amounts import (
    TO,
    UNIT_COLUMNS,
    find_amounts,
    number_pattern,
    read_amounts,
    scaled,
    value_rows,
)
from transforms.enrich.mentions.values.forms import SURFACES_TO_REMEMBER, Form, Forms
from transforms.enrich.mentions.values.number_words import MIXED_NUMBER, SCALE

_HUNDREDTH = 0.01


@cache
def percent_forms() -> Forms:
    words = r"(?i-u:percentage[ -]points?|percent[ -]points?|basis[ -]points?|percent|per[ -]cent|pct|bps)"
    amount, amount_to = number_pattern("amount", SCALE), number_pattern("amount_to", SCALE)
    sign = rf"(?P<word> ?%|[ -]?{words}{EDGE})"
    return Forms((
        Form("mixed", rf"{EDGE}(?P<amount>{MIXED_NUMBER}(?:[ -]?{SCALE})?){sign}", 0.98),
        Form("between", rf"{EDGE}between {amount}(?: ?%| ?{words})? and {amount_to}{sign}", 0.98),
        # "rose 5 percent to 35 percent" tells two percentages, "5 to 35 percent" a range.
        Form("range", rf"{EDGE}{amount}(?:%?[-–—]|{TO}){amount_to}{sign}", 0.95),
        Form("half", rf"{EDGE}(?P<amount>(?i-u:half an?|a half))(?P<word> {words}){EDGE}", 0.98),
        Form("single", rf"{EDGE}{amount}{sign}", 0.98),
    ))


@lru_cache(SURFACES_TO_REMEMBER)
def _percentage(surface: str) -> tuple[float, float, float | None, str]:
    reading, amount, amount_to = read_amounts(percent_forms(), surface)
    word = reading.parts["word"].lower()
    is_basis_point = "basis" in word or "bps" in word
    factor = _HUNDREDTH if is_basis_point else 1.0
    unit = "percentage point" if is_basis_point or "point" in word else "percent"
    return reading.score, amount * factor, scaled(amount_to, factor), unit


def find_percentages(bodies: Bodies) -> tuple[Matches, pl.DataFrame]:
    """Percentages, and one row each: ``score, amount, amount_to, unit``.

    ``unit`` is "percent" or "percentage point"; a basis point is a hundredth of the latter.
    """
    matches, found = find_amounts(bodies, percent_forms())
    return matches, value_rows(found["surface"], _percentage, UNIT_COLUMNS)
