"""Finds percentages."""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches
from transforms.enrich.mentions.values.amounts import TO, number_pattern, stands_alone, with_amounts, without_changes
from transforms.enrich.mentions.values.forms import Form, Forms
from transforms.enrich.mentions.values.number_words import MIXED_NUMBER, SCALE

_HUNDREDTH = 0.01


@cache
def _percent_forms() -> Forms:
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


def find_percentages(bodies: Bodies) -> tuple[Matches, pl.DataFrame]:
    """Percentages, and one row each: ``score, amount, amount_to, unit``.

    ``unit`` is "percent" or "percentage point"; a basis point is a hundredth of the latter.
    """
    forms = _percent_forms()
    matches = without_changes(bodies, forms.find(bodies), forms)
    matches = matches.where(stands_alone(bodies, matches))
    word = pl.col("word").str.to_lowercase()
    is_basis_point = word.str.contains("basis|bps")
    factor = pl.when(is_basis_point).then(_HUNDREDTH).otherwise(1.0)
    is_point = word.str.contains("point") | is_basis_point
    values = with_amounts(forms.read(bodies.surfaces(matches))).select(
        "score",
        pl.col("amount") * factor,
        pl.col("amount_to") * factor,
        pl.when(is_point).then(pl.lit("percentage point")).otherwise(pl.lit("percent")).alias("unit"),
    )
    return matches, values
