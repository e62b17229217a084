"""Finds sums of money: a number with a currency sign, code or word."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

import polars as pl

from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches
from transforms.enrich.mentions.values.amounts import (
    TO,
    find_amounts,
    number_pattern,
    read_amounts,
    scaled,
    value_rows,
)
from transforms.enrich.mentions.values.forms import SURFACES_TO_REMEMBER, Form, Forms
from transforms.enrich.mentions.values.number_words import MIXED_NUMBER, MONEY_SCALE, NUMBER, SCALE, any_of

#: What a price can be paid for: "$1.50 a share".
_PER = (
    "share", "barrel", "year", "month", "week", "day", "hour", "ton", "tonne", "ounce", "gallon", "litre", "pound",
    "person", "head", "night", "bushel", "mile", "acre", "square foot", "vote", "unit", "student", "family", "ticket",
)  # fmt: skip
#: What is counted in pounds of money, not of weight: "1.7 billion pounds of annual savings".
_MONEY_BEHIND = (
    r"^ of (?:[a-z]+ )?(?:saving|debt|cut|revenue|sale|asset|invest|fund|tax|aid|spend|loan|share|profit|cash|cost|"
    r"bond|public|loss|equity|deal)"
)


_ONLY_MONEY = "dollar|euro|yen|yuan|rupee|rouble|ruble"

_COLUMNS = pl.Schema({"score": pl.Float64, "amount": pl.Float64, "amount_to": pl.Float64, "currency": pl.String})


@cache
def _per_pattern() -> str:
    return rf"^(?:(?: an? | per |[-/]| each ){any_of(_PER)}){EDGE}"


@cache
def _currencies() -> pl.DataFrame:
    return pl.DataFrame(read_packaged_csv("currencies.csv")).with_columns(
        pl.col("currency").replace("", None), pl.col("factor").cast(pl.Float64)
    )


def _texts(kind: str, column: str = "text") -> list[str]:
    return _currencies().filter(pl.col("kind") == kind)[column].unique().sort().to_list()


def _words(kind: str) -> str:
    """The currency words of a kind, in singular and plural; those that are nothing else with capitals too."""
    return rf"(?:{any_of(_texts(kind))}s?|hryvnias|zlotys|zlotych|(?i-u:(?:{_ONLY_MONEY})s?))"


@cache
def money_forms() -> Forms:
    """With a sign, a code or a currency word, and at most two numbers."""
    sign, code, nation = any_of(_texts("sign")), any_of(_texts("code")), any_of(_texts("national", "nation"))
    short_scale = rf"{MONEY_SCALE}{EDGE}"
    amount, amount_to = number_pattern("amount", short_scale), number_pattern("amount_to", short_scale)
    spelled, spelled_to = number_pattern("amount", SCALE), number_pattern("amount_to", SCALE)
    word, national = rf"(?P<word>{_words('word')})", rf"(?P<word>{_words('national')})"
    short_codes = any_of([text for text in _texts("code") if text.isupper()])
    return Forms((
        Form("mixed word", rf"{EDGE}(?P<amount>{MIXED_NUMBER}(?:[ -]?{SCALE})?)[ -]{word}{EDGE}", 0.98),
        Form("sign between", rf"between (?P<sign>{sign}) ?{amount} and {sign} ?{amount_to}{EDGE}", 0.98),
        Form("sign to sign", rf"(?P<sign>{sign}) ?{amount}{TO}{sign} ?{amount_to}{EDGE}", 0.98),
        Form("sign range", rf"(?P<sign>{sign}) ?{amount}[-–]{amount_to}{EDGE}", 0.95),
        Form("sign", rf"(?P<sign>{sign}) ?{amount}(?:[ -](?:{nation} )?(?:dollars?|dlrs?))?{EDGE}", 0.98),
        Form("code", rf"{EDGE}(?P<sign>{code}) ?{amount}(?:[-–]{amount_to})?{EDGE}", 0.95),
        Form("nation range", rf"{EDGE}{spelled}{TO}{spelled_to}[ -](?P<nation>{nation})[ -]{national}{EDGE}", 0.98),
        Form("nation", rf"{EDGE}{spelled}[ -](?P<nation>{nation})[ -]{national}{EDGE}", 0.98),
        Form("word between", rf"{EDGE}between {spelled} and {spelled_to}[ -]{word}{EDGE}", 0.98),
        Form("word range", rf"{EDGE}{spelled}{TO}{spelled_to}[ -]{word}{EDGE}", 0.98),
        Form("word", rf"{EDGE}{spelled}[ -]{word}{EDGE}", 0.98),
        Form(
            "scaled word",
            rf"{EDGE}(?P<amount>{NUMBER}[ -]?(?:{SCALE}|[mbk]n?))[ -](?P<word>{_words('scaled word')}){EDGE}",
            0.95,
        ),
        Form("code behind", rf"{EDGE}{amount} ?(?P<sign>{short_codes}){EDGE}", 0.95),
        Form("sign behind", rf"{EDGE}{amount} ?(?P<sign>[€£])", 0.95),
    ))


@cache
def _currency_of() -> Mapping[tuple[str, str | None], tuple[str | None, float]]:
    """Currency and factor by sign, code or word, and by the nation that some words need beside them."""
    rows = _currencies().select("kind", "text", "nation", "currency", "factor").rows()
    return {(text, nation if kind == "national" else None): (*money,) for kind, text, nation, *money in rows}


@lru_cache(SURFACES_TO_REMEMBER)
def _sum(surface: str) -> tuple[float, float, float | None, str | None]:
    """Score, amounts and currency."""
    reading, amount, amount_to = read_amounts(money_forms(), surface)
    currency, factor = _money_of(reading.parts)
    return reading.score, scaled(amount, factor), amount_to and scaled(amount_to, factor), currency


def _money_of(parts: Mapping[str, str]) -> tuple[str | None, float]:
    currency_of = _currency_of()
    if "sign" in parts:
        return currency_of.get((parts["sign"], None), (None, 1.0))
    word, nation = parts["word"].lower().replace("-", " ", 1), parts.get("nation")
    text = word if (word, None) in currency_of else word.removesuffix("s")
    return currency_of.get((text, nation), currency_of.get((text, None), (None, 1.0)))


def find_money(bodies: Bodies) -> tuple[Matches, pl.DataFrame]:
    """Sums of money, and one row each: ``score, amount, amount_to, currency, unit``.

    ``amount`` is in units of ``currency``, with the scale applied; ``unit`` is what the price is paid for, each
    ("share", "barrel"), where the text says so. A bare "$" is the dollar of the United States, a bare "pound"
    without a scale is a weight, and ``currency`` is null where several countries share the word ("pesos").
    """
    after = pl.col("after").str
    is_weight = pl.col("surface").str.contains("pounds?$") & after.starts_with(" of ") & ~after.contains(_MONEY_BEHIND)
    matches, found = find_amounts(bodies, money_forms(), unless=is_weight)
    per = after.replace(r"^ a (?:year|month|week|day) (?:earlier|ago|before|later)", "").str.extract(_per_pattern(), 0)
    unit = found.select(per.str.replace(r"^(?: an? | per |[-/]| each )", "").alias("unit"))
    return matches, value_rows(found["surface"], _sum, _COLUMNS).hstack(unit)
