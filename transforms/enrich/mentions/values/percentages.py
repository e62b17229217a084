"""Finds percentages."""

from __future__ import annotations

from functools import cache, lru_cache

import polars as pl

from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches
from transforms.enrich.mentions.values.amounts import (
    TO,
    UNIT_COLUMNS,
    behind_lost_point,
    find_amounts,
    number_pattern,
    read_amounts,
    scaled,
    value_rows,
)
from transforms.enrich.mentions.values.forms import SURFACES_TO_REMEMBER, Form, Forms
from transforms.enrich.mentions.values.number_words import DIGITS, FRACTION, MIXED_NUMBER, SCALE

_HUNDREDTH = 0.01
_PLUS_OR_MINUS = r"(?i)or[ -]minus $"


@cache
def percent_forms() -> Forms:
    words = r"(?i-u:percentage[ -]points?|percent[ -]points?|basis[ -]points?|percent|per[ -]cent|pct|bps)"
    amount, amount_to = number_pattern("amount", SCALE), number_pattern("amount_to", SCALE)
    sign = rf"(?P<word> ?%|[ -]?{words}{EDGE})"
    return Forms((
        Form("negative", rf"(?P<minus>[-−])(?P<amount>{DIGITS}){sign}", 0.98),
        Form("below one", rf"(?P<amount>\.[0-9]+){sign}", 0.98),
        Form("fraction", rf"{EDGE}(?P<amount>{FRACTION}) (?:of )?(?:an?|one|1)(?P<word> {words}){EDGE}", 0.98),
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
    if "minus" in reading.parts:
        factor = -factor
    return reading.score, scaled(amount, factor), amount_to and scaled(amount_to, factor), unit


def find_percentages(bodies: Bodies) -> tuple[Matches, pl.DataFrame]:
    """Percentages, and one row each: ``score, amount, amount_to, unit``.

    ``unit`` is "percent" or "percentage point"; a basis point is a hundredth of the latter. A minus sign counts, a word
    such as "fell" does not.
    """
    matches, found = find_amounts(bodies, percent_forms(), unless=behind_lost_point())
    rows = value_rows(found["surface"], _percentage, UNIT_COLUMNS)
    before = found["before"].str
    negative = (before.ends_with("minus ") | before.ends_with("negative ")).arg_true()
    negative = negative.filter(~found["before"].gather(negative).str.contains(_PLUS_OR_MINUS))
    return matches, rows.with_columns(
        rows[name].scatter(negative, -rows[name].gather(negative)) for name in ("amount", "amount_to")
    )
