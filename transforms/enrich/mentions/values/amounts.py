"""Finds sums of money, percentages and quantities: a number with a currency, a per cent sign or a unit beside it."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from transforms.enrich.gazetteer import read_packaged_csv
from transforms.enrich.mentions.code_points import Bools
from transforms.enrich.mentions.patterns import EDGE, Bodies, Matches
from transforms.enrich.mentions.values.forms import Form, Forms
from transforms.enrich.mentions.values.number_words import (
    DECIMAL_COMMA,
    MIXED_NUMBER,
    MONEY_SCALE,
    NUMBER,
    SCALE,
    any_of,
    scale_of,
    value_of,
)

_HUNDREDTH = 0.01
_TO = r"(?:[-–—]| [-–—] | to | or )"
_CONTEXT_BYTES = 24
#: What a price can be paid for: "$1.50 a share".
_PER = (
    "share", "barrel", "year", "month", "week", "day", "hour", "ton", "tonne", "ounce", "gallon", "litre", "pound",
    "person", "head", "night", "bushel", "mile", "acre", "square foot", "vote", "unit", "student", "family", "ticket",
)  # fmt: skip
#: What may stand between a count and what is counted.
_MODIFIERS = ("more", "additional", "new", "other", "young", "foreign", "local", "armed", "federal", "common")

#: Inside a word, a longer number, a version, a ratio or a date; behind a number sign.
_INSIDE_BEFORE = r"[\p{L}\p{N}_$£€#]$|[\p{L}\p{N}][-–./,:’']$|(?i-u:(?-u:\b)no\.? )$"
#: What is counted in pounds of money, not of weight: "1.7 billion pounds of annual savings".
_MONEY_BEHIND = (
    r"^ of (?:[a-z]+ )?(?:saving|debt|cut|revenue|sale|asset|invest|fund|tax|aid|spend|loan|share|profit|cash|cost|"
    r"bond|public|loss|equity|deal)"
)
_INSIDE_AFTER = r"^[.,]?[0-9]|^/[0-9]"
#: A year, not a count: "in 2016 people voted".
_YEAR_BEFORE = r"(?i)(?-u:\b)(?:in|since|by|of|until|from|during|before|after|late|early|mid|year|and)[ -]$"
_YEAR_OF_COUNT = r"^(?:19|20)[0-9]{2} "


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


def _number(name: str, scale: str) -> str:
    return rf"(?P<{name}>{DECIMAL_COMMA}[ -]?{scale}|{NUMBER}(?:[ -]?{scale})?)"


@cache
def _money_forms() -> Forms:
    """With a sign, a code or a currency word, and at most two numbers."""
    sign, code, nation = any_of(_texts("sign")), any_of(_texts("code")), any_of(_texts("national", "nation"))
    short_scale = rf"{MONEY_SCALE}{EDGE}"
    amount, amount_to = _number("amount", short_scale), _number("amount_to", short_scale)
    spelled, spelled_to = _number("amount", SCALE), _number("amount_to", SCALE)
    word, national = rf"(?P<word>{_words('word')})", rf"(?P<word>{_words('national')})"
    short_codes = any_of([text for text in _texts("code") if text.isupper()])
    return Forms((
        Form("mixed word", rf"{EDGE}(?P<amount>{MIXED_NUMBER}(?:[ -]?{SCALE})?)[ -]{word}{EDGE}", 0.98),
        Form("sign between", rf"between (?P<sign>{sign}) ?{amount} and {sign} ?{amount_to}{EDGE}", 0.98),
        Form("sign to sign", rf"(?P<sign>{sign}) ?{amount}{_TO}{sign} ?{amount_to}{EDGE}", 0.98),
        Form("sign range", rf"(?P<sign>{sign}) ?{amount}[-–]{amount_to}{EDGE}", 0.95),
        Form("sign", rf"(?P<sign>{sign}) ?{amount}(?:[ -](?:{nation} )?(?:dollars?|dlrs?))?{EDGE}", 0.98),
        Form("code", rf"{EDGE}(?P<sign>{code}) ?{amount}(?:[-–]{amount_to})?{EDGE}", 0.95),
        Form("nation range", rf"{EDGE}{spelled}{_TO}{spelled_to}[ -](?P<nation>{nation})[ -]{national}{EDGE}", 0.98),
        Form("nation", rf"{EDGE}{spelled}[ -](?P<nation>{nation})[ -]{national}{EDGE}", 0.98),
        Form("word range", rf"{EDGE}{spelled}{_TO}{spelled_to}[ -]{word}{EDGE}", 0.98),
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
def _percent_forms() -> Forms:
    words = r"(?i-u:percentage[ -]points?|percent[ -]points?|basis[ -]points?|percent|per[ -]cent|pct|bps)"
    amount, amount_to = _number("amount", SCALE), _number("amount_to", SCALE)
    sign = rf"(?P<word> ?%|[ -]?{words}{EDGE})"
    return Forms((
        Form("mixed", rf"{EDGE}(?P<amount>{MIXED_NUMBER}(?:[ -]?{SCALE})?){sign}", 0.98),
        Form("between", rf"{EDGE}between {amount}(?: ?%| ?{words})? and {amount_to}{sign}", 0.98),
        # "rose 5 percent to 35 percent" tells two percentages, "5 to 35 percent" a range.
        Form("range", rf"{EDGE}{amount}(?:%?[-–—]|{_TO}){amount_to}{sign}", 0.95),
        Form("half", rf"{EDGE}(?P<amount>(?i-u:half an?|a half))(?P<word> {words}){EDGE}", 0.98),
        Form("single", rf"{EDGE}{amount}{sign}", 0.98),
    ))


@cache
def _quantity_forms() -> Forms:
    units = pl.DataFrame(read_packaged_csv("units.csv"))
    measured = any_of([*(units.filter(pl.col("kind") == "measure")["word"].to_list()), *_measure_plurals(units)])
    counted = any_of(units.filter(pl.col("kind") != "measure")["word"].to_list())
    amount, amount_to = _number("amount", SCALE), _number("amount_to", SCALE)
    modifier = rf"(?:{any_of(_MODIFIERS)} ){{0,2}}"
    return Forms((
        Form(
            "mixed measure", rf"{EDGE}(?P<amount>{MIXED_NUMBER}(?:[ -]?{SCALE})?)[ -]?(?P<word>{measured}){EDGE}", 0.95
        ),
        Form("measure between", rf"{EDGE}between {amount} and {amount_to}[ -]?(?P<word>{measured}){EDGE}", 0.95),
        Form("measure range", rf"{EDGE}{amount}{_TO}{amount_to}[ -]?(?P<word>{measured}){EDGE}", 0.95),
        Form("measure", rf"{EDGE}{amount}[ -]?(?P<word>{measured}){EDGE}", 0.95),
        Form(
            "mixed count",
            rf"{EDGE}(?P<amount>{MIXED_NUMBER}(?:[ -]?{SCALE})?) {modifier}(?P<word>{counted}){EDGE}",
            0.9,
        ),
        Form("count between", rf"{EDGE}between {amount} and {amount_to} {modifier}(?P<word>{counted}){EDGE}", 0.9),
        Form("count range", rf"{EDGE}{amount}{_TO}{amount_to} {modifier}(?P<word>{counted}){EDGE}", 0.9),
        Form("count", rf"{EDGE}{amount} {modifier}(?P<word>{counted}){EDGE}", 0.9),
    ))


def _measure_plurals(units: pl.DataFrame) -> list[str]:
    words = units.filter(pl.col("kind") == "measure")["word"].to_list()
    return [f"{word}s" for word in words if word.islower() and word[-1] not in "sh" and len(word) > len("inch")]


def find_money(bodies: Bodies) -> tuple[Matches, pl.DataFrame]:
    """Sums of money, and one row each: ``score, amount, amount_to, currency, unit``.

    ``amount`` is in units of ``currency``, with the scale applied; ``unit`` is what the price is paid for, each
    ("share", "barrel"), where the text says so. A bare "$" is the dollar of the United States, a bare "pound"
    without a scale is a weight, and ``currency`` is null where several countries share the word ("pesos").
    """
    forms = _money_forms()
    matches = _without_changes(bodies, forms.find(bodies), forms)
    after = bodies.after(matches, _CONTEXT_BYTES)
    is_weight = bodies.surfaces(matches).str.contains("pounds?$") & after.str.starts_with(" of ")
    is_weight &= ~after.str.contains(_MONEY_BEHIND)
    matches = matches.where(_stands_alone(bodies, matches) & ~is_weight.to_numpy())
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
    after = bodies.after(matches, _CONTEXT_BYTES).str.replace(
        r"^ a (?:year|month|week|day) (?:earlier|ago|before|later)", ""
    )
    per = after.str.extract(rf"^(?:(?: an? | per |[-/]| each ){any_of(_PER)}){EDGE}", 0)
    values = _amounts(parts).select(
        "score",
        pl.col("amount") * factor,
        pl.col("amount_to") * factor,
        pl.coalesce("sign_currency", "national_currency", "word_currency").alias("currency"),
        per.str.replace(r"^(?: an? | per |[-/]| each )", "").alias("unit"),
    )
    return matches, values


def find_percentages(bodies: Bodies) -> tuple[Matches, pl.DataFrame]:
    """Percentages, and one row each: ``score, amount, amount_to, unit``.

    ``unit`` is "percent" or "percentage point"; a basis point is a hundredth of the latter.
    """
    forms = _percent_forms()
    matches = _without_changes(bodies, forms.find(bodies), forms)
    matches = matches.where(_stands_alone(bodies, matches))
    word = pl.col("word").str.to_lowercase()
    is_basis_point = word.str.contains("basis|bps")
    factor = pl.when(is_basis_point).then(_HUNDREDTH).otherwise(1.0)
    is_point = word.str.contains("point") | is_basis_point
    values = _amounts(forms.read(bodies.surfaces(matches))).select(
        "score",
        pl.col("amount") * factor,
        pl.col("amount_to") * factor,
        pl.when(is_point).then(pl.lit("percentage point")).otherwise(pl.lit("percent")).alias("unit"),
    )
    return matches, values


def find_quantities(bodies: Bodies) -> tuple[Matches, pl.DataFrame]:
    """Measures and counts of the packaged ``units.csv``, and one row each: ``score, amount, amount_to, unit``."""
    forms = _quantity_forms()
    matches = _without_changes(bodies, forms.find(bodies), forms)
    surfaces, before = bodies.surfaces(matches), bodies.before(matches, _CONTEXT_BYTES)
    is_year = surfaces.str.contains(_YEAR_OF_COUNT) & before.str.contains(_YEAR_BEFORE)
    in_ranking = before.str.ends_with("Fortune ")
    # "the two countries" refers back to them, and counts nothing.
    refers_back = surfaces.str.contains(r"(?i)^[a-z]+ ") & before.str.contains(
        r"(?i)(?:the|these|those|all|our|their) $"
    )
    matches = matches.where(_stands_alone(bodies, matches) & ~(is_year | refers_back | in_ranking).to_numpy())
    units = pl.DataFrame(read_packaged_csv("units.csv")).select("word", "unit")
    stem = pl.col("word").str.replace_all("-", " ")
    parts = forms.read(bodies.surfaces(matches)).with_columns(
        pl.when(pl.col("word").is_in(units["word"].implode())).then(pl.col("word"))
        .when(stem.is_in(units["word"].implode())).then(stem)
        .otherwise(stem.str.strip_suffix("s")).alias("word")
    )  # fmt: skip
    values = _amounts(parts.join(units, on="word", how="left", maintain_order="left"))
    return matches, values.select("score", "amount", "amount_to", "unit")


def _stands_alone(bodies: Bodies, matches: Matches) -> Bools:
    """Is not a part of something longer: a word, a number, a date."""
    is_inside = bodies.before(matches, _CONTEXT_BYTES).str.contains(_INSIDE_BEFORE)
    is_inside |= bodies.after(matches, _CONTEXT_BYTES).str.contains(_INSIDE_AFTER)
    return ~is_inside.to_numpy()


def _without_changes(bodies: Bodies, matches: Matches, forms: Forms) -> Matches:
    """The matches with those of the kind "from $5 to $10", "in 1987 to 35 million barrels" cut in two at "to".

    What rises or falls has two values, and is no range; "ranging from" tells one.
    """
    surfaces = bodies.surfaces(matches)
    before = bodies.before(matches, _CONTEXT_BYTES)
    starts_with_year = surfaces.str.contains(r"^(?:19|20)[0-9]{2} to ")
    is_change = before.str.contains(r"(?i)(?-u:\b)from (?:about |around |nearly |almost |some |just )?$")
    is_change &= ~before.str.contains(r"(?i)(?-u:\b)rang\w+ from ")
    cut = ((is_change | starts_with_year) & surfaces.str.contains(" to ", literal=True)).to_numpy()
    if not cut.any():
        return matches
    firsts = matches.where(cut)
    at = firsts.starts + surfaces.filter(cut).str.find(" to ", literal=True).to_numpy()
    firsts, seconds = firsts._replace(ends=at), firsts._replace(starts=at + len(" to "))
    is_readable = forms.read(bodies.surfaces(firsts))["form"].is_not_null().to_numpy()
    whole = ~cut
    whole[np.flatnonzero(cut)[~is_readable & ~starts_with_year.filter(cut).to_numpy()]] = True
    seconds = seconds.where(~whole[cut])
    seconds = seconds.where(forms.read(bodies.surfaces(seconds))["form"].is_not_null().to_numpy())
    parts = [matches.where(whole), firsts.where(is_readable), seconds]
    joined = Matches(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    order = np.argsort(joined.starts, kind="stable")
    return Matches(*(column[order] for column in joined))


def _amounts(parts: pl.DataFrame) -> pl.DataFrame:
    """The printed numbers as values; each different pair is read once."""
    printed = ["amount", "amount_to"]
    pairs = parts.select(printed).unique()
    values = [(*pair, *_pair_of_values(*pair)) for pair in pairs.rows()]
    schema = {"amount": pl.String, "amount_to": pl.String, "low": pl.Float64, "high": pl.Float64}
    known = pl.DataFrame(values, schema=schema, orient="row")
    read = parts.join(known, on=printed, how="left", maintain_order="left", nulls_equal=True)
    return read.drop(printed).rename({"low": "amount", "high": "amount_to"})


def _pair_of_values(amount: str, amount_to: str | None) -> tuple[float, float | None]:
    """The values of one or two printed numbers.

    The scale behind the second of two belongs to both where the first has none and is the smaller ("$5 to $10
    million", but not "$500 to $1 million").
    """
    low = value_of(amount)
    if amount_to is None:
        return low, None
    high, scale = value_of(amount_to), scale_of(amount_to)
    shares_scale = scale is not None and scale_of(amount) is None and low < high / scale
    return low * scale if scale is not None and shares_scale else low, high
