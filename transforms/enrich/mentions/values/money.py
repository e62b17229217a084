"""Finds sums of money: a number with a currency sign, code or word."""

from __future__ import annotations

from functools import cache

import polars as pl

from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches
from transforms.enrich.mentions.values.amounts import (
    CONTEXT_BYTES,
    TO,
    number_pattern,
    stands_alone,
    with_amounts,
    without_changes,
)
from transforms.enrich.mentions.values.forms import Form, Forms
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


@cache
def _currencies() -> pl.DataFrame:
    return pl.DataFrame(read_packaged_csv("currencies.csv")).with_columns(
        pl.col("currency").replace("", None), pl.col("factor").cast(pl.Float64)
    )


def _texts(kind: str, column: str = "text") -> list[str]:
    return _currencies().filter(pl.col("kind") == kind)[column].unique().sort().to_list()


def _words(kind: str) -> str:
    """The currency words of a kind, in singular and plural."""
    return rf"(?:{any_of(_texts(kind))}s?|hryvnias|zlotys|zlotych)"


@cache
def _money_forms() -> Forms:
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


def find_money(bodies: Bodies) -> tuple[Matches, pl.DataFrame]:
    """Sums of money, and one row each: ``score, amount, amount_to, currency, unit``.

    ``amount`` is in units of ``currency``, with the scale applied; ``unit`` is what the price is paid for, each
    ("share", "barrel"), where the text says so. A bare "$" is the dollar of the United States, a bare "pound"
    without a scale is a weight, and ``currency`` is null where several countries share the word ("pesos").
    """
    forms = _money_forms()
    matches = without_changes(bodies, forms.find(bodies), forms)
    after = bodies.after(matches, CONTEXT_BYTES)
    is_weight = bodies.surfaces(matches).str.contains("pounds?$") & after.str.starts_with(" of ")
    is_weight &= ~after.str.contains(_MONEY_BEHIND)
    matches = matches.where(stands_alone(bodies, matches) & ~is_weight.to_numpy())
    parts = forms.read(bodies.surfaces(matches))
    currencies = _currencies()
    by_sign = currencies.filter(pl.col("kind").is_in(["sign", "code"])).select(
        pl.col("text").alias("sign"), pl.col("currency").alias("sign_currency")
    )
    by_word = currencies.filter(pl.col("kind").is_in(["word", "scaled word"])).select(
        "text", pl.col("currency").alias("word_currency"), pl.col("factor").alias("word_factor")
    )
    by_nation = currencies.filter(pl.col("kind") == "national").select(
        "text", "nation", pl.col("currency").alias("national_currency"), pl.col("factor").alias("national_factor")
    )
    stem = pl.col("word").str.to_lowercase().str.replace("-", " ")
    is_whole = stem.is_in(by_word["text"].implode())
    parts = (
        parts
        .with_columns(pl.when(is_whole).then(stem).otherwise(stem.str.strip_suffix("s")).alias("text"))
        .join(by_sign, on="sign", how="left", maintain_order="left")
        .join(by_word, on="text", how="left", maintain_order="left")
        .join(by_nation, on=["text", "nation"], how="left", maintain_order="left")
    )
    factor = pl.coalesce("national_factor", "word_factor", pl.lit(1.0))
    after = bodies.after(matches, CONTEXT_BYTES).str.replace(
        r"^ a (?:year|month|week|day) (?:earlier|ago|before|later)", ""
    )
    per = after.str.extract(rf"^(?:(?: an? | per |[-/]| each ){any_of(_PER)}){EDGE}", 0)
    values = with_amounts(parts).select(
        "score",
        pl.col("amount") * factor,
        pl.col("amount_to") * factor,
        pl.coalesce("sign_currency", "national_currency", "word_currency").alias("currency"),
        per.str.replace(r"^(?: an? | per |[-/]| each )", "").alias("unit"),
    )
    return matches, values
