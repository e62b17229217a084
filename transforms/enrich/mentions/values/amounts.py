"""What sums of money, percentages and quantities have in common: one or two numbers beside a word or a sign."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import polars as pl

from transforms.enrich.mentions.code_points import Bools, Ints
from transforms.enrich.mentions.patterns import Bodies, Matches
from transforms.enrich.mentions.values.forms import Forms, Reading
from transforms.enrich.mentions.values.number_words import DECIMAL_COMMA, NUMBER, scale_of, value_of

#: Between the two numbers of a range.
TO = r"(?:[-–—]| [-–—] | to | or )"
#: How much is read around a match.
CONTEXT_BYTES = 24
#: Inside a word, a longer number, a version, a ratio or a date; behind a number sign.
#: Or behind the first half of a number in words, "one hundred and".
_INSIDE_BEFORE = r"[\p{L}\p{N}_$£€#]$|[\p{L}\p{N}][-–./,:’']$|[\s(=]\.$|(?i-u:(?-u:\b)no\.? |hundred and )$"
_INSIDE_AFTER = r"^[.,]?[0-9]|^/[0-9]|^\p{L}"
#: Behind another number, which is no year and no day: "37 5 percent", where a text has lost its points, is 37.5.
_LOST_POINT_BEFORE = r"(?:^|[^0-9A-Za-z,./-])[0-9]{1,3} $"
_DAY_BEFORE = r"(?-u:\b)(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? [0-9]{1,2} $"
#: What is told of an amount and its unit.
UNIT_COLUMNS = pl.Schema({"score": pl.Float64, "amount": pl.Float64, "amount_to": pl.Float64, "unit": pl.String})


def number_pattern(name: str, scale: str) -> str:
    """A named group for a number, perhaps with a scale."""
    return rf"(?P<{name}>{DECIMAL_COMMA}[ -]?{scale}|{NUMBER}(?:[ -]?{scale})?)"


def behind_lost_point() -> pl.Expr:
    """Over the column ``before``: whether only the decimals of a number would be taken."""
    before = pl.col("before").str
    return before.contains(_LOST_POINT_BEFORE) & ~before.contains(_DAY_BEFORE)


def find_amounts(bodies: Bodies, forms: Forms, *, unless: pl.Expr | None = None) -> tuple[Matches, pl.DataFrame]:
    """The amounts in one of the forms, and ``before, surface, after`` of each.

    Left out is what is part of something longer (a word, a number, a date), and what ``unless`` says, over the columns
    returned.
    """
    is_none = pl.col("before").str.contains(_INSIDE_BEFORE) | pl.col("after").str.contains(_INSIDE_AFTER)
    if unless is not None:
        is_none |= unless
    matches, found = _without_changes(bodies, forms)
    keep = found.select(~is_none).to_series().to_numpy()
    return matches.where(keep), found.filter(keep)


def _without_changes(bodies: Bodies, forms: Forms) -> tuple[Matches, pl.DataFrame]:
    """All matches of the forms, and ``before, surface, after`` of each.

    Those of the kind "from $5 to $10", "in 1987 to 35 million barrels" are cut in two at "to": what rises or falls has
    two values, and is no range; "ranging from" tells one.
    """
    matches = forms.find(bodies)
    found = bodies.around(matches, CONTEXT_BYTES, CONTEXT_BYTES)
    before, surface = pl.col("before").str, pl.col("surface").str
    is_change = before.contains(r"(?i)(?-u:\b)from (?:about |around |nearly |almost |some |just )?$")
    is_change &= ~before.contains(r"(?i)(?-u:\b)rang\w+ from ")
    is_year = surface.contains(r"^(?:19|20)[0-9]{2} to ").alias("starts_with_year")
    ranges = found.with_row_index("row").filter(surface.contains(" to ", literal=True))
    ranges = ranges.with_columns(is_year).filter(is_change | pl.col("starts_with_year"))
    if ranges.is_empty():
        return matches, found
    to = ranges["surface"].str.find(" to ", literal=True).to_numpy()
    joined = _in_two(bodies, matches, ranges["row"].to_numpy(), to, ranges["starts_with_year"].to_numpy(), forms)
    return joined, bodies.around(joined, CONTEXT_BYTES, CONTEXT_BYTES)


def _in_two(bodies: Bodies, matches: Matches, rows: Ints, to: Ints, may_lose_first: Bools, forms: Forms) -> Matches:
    """All matches, those in some rows cut at some byte; a half that is in none of the forms is left out.

    Where that is the first one, and it must not be lost, there is no cut.
    """
    firsts = matches.at(rows)
    at = firsts.starts + to
    firsts, seconds = firsts._replace(ends=at), firsts._replace(starts=at + len(" to "))
    is_readable = _are_readable(bodies, firsts, forms)
    is_cut = is_readable | may_lose_first
    whole = np.ones(len(matches.starts), np.bool_)
    whole[rows[is_cut]] = False
    seconds = seconds.where(is_cut)
    seconds = seconds.where(_are_readable(bodies, seconds, forms))
    parts = [matches.where(whole), firsts.where(is_readable), seconds]
    joined = Matches(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    return joined.at(np.argsort(joined.starts, kind="stable"))


def _are_readable(bodies: Bodies, matches: Matches, forms: Forms) -> Bools:
    surfaces = bodies.surfaces(matches).to_list()
    return np.array([forms.reading(surface) is not None for surface in surfaces], np.bool_)


def value_rows(surfaces: pl.Series, value_of: Callable[[str], tuple[object, ...]], schema: pl.Schema) -> pl.DataFrame:
    """What each surface says, by a function that remembers what it has said: a row of the columns of ``schema``."""
    columns = zip(*map(value_of, surfaces.to_list()), strict=True) if len(surfaces) else ([] for _ in schema)
    return pl.DataFrame([
        pl.Series(name, values, dtype) for (name, dtype), values in zip(schema.items(), columns, strict=True)
    ])


def read_amounts(forms: Forms, surface: str) -> tuple[Reading, float, float | None]:
    """What a surface says, and the values of its parts ``amount`` and ``amount_to``, None where it has no second one.

    Raises ``ValueError`` for what is in none of the forms.
    """
    reading = forms.reading(surface)
    if reading is None:
        raise ValueError(f"Expected a value in one of the forms, got {surface!r}: their pattern finds more than them.")
    return reading, *_pair_of_values(reading.parts["amount"], reading.parts.get("amount_to"))


def scaled(amount: float, factor: float) -> float:
    """In decimals, so that 95 hundredths are 0.95 and not a little more."""
    return float(Decimal(repr(amount)) * Decimal(repr(factor)))


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
