"""What sums of money, percentages and quantities have in common: one or two numbers beside a word or a sign."""

from __future__ import annotations

import numpy as np
import polars as pl

from transforms.enrich.mentions.code_points import Bools
from transforms.enrich.mentions.patterns import Bodies, Matches
from transforms.enrich.mentions.values.forms import Forms
from transforms.enrich.mentions.values.number_words import DECIMAL_COMMA, NUMBER, scale_of, value_of

#: Between the two numbers of a range.
TO = r"(?:[-–—]| [-–—] | to | or )"
#: How much is read around a match.
CONTEXT_BYTES = 24
#: Inside a word, a longer number, a version, a ratio or a date; behind a number sign.
_INSIDE_BEFORE = r"[\p{L}\p{N}_$£€#]$|[\p{L}\p{N}][-–./,:’']$|(?i-u:(?-u:\b)no\.? )$"
_INSIDE_AFTER = r"^[.,]?[0-9]|^/[0-9]|^\p{L}"


def number_pattern(name: str, scale: str) -> str:
    """A named group for a number, perhaps with a scale."""
    return rf"(?P<{name}>{DECIMAL_COMMA}[ -]?{scale}|{NUMBER}(?:[ -]?{scale})?)"


def stands_alone(bodies: Bodies, matches: Matches) -> Bools:
    """Is not a part of something longer: a word, a number, a date."""
    is_inside = bodies.before(matches, CONTEXT_BYTES).str.contains(_INSIDE_BEFORE)
    is_inside |= bodies.after(matches, CONTEXT_BYTES).str.contains(_INSIDE_AFTER)
    return ~is_inside.to_numpy()


def without_changes(bodies: Bodies, matches: Matches, forms: Forms) -> Matches:
    """The matches with those of the kind "from $5 to $10", "in 1987 to 35 million barrels" cut in two at "to".

    What rises or falls has two values, and is no range; "ranging from" tells one.
    """
    surfaces = bodies.surfaces(matches)
    before = bodies.before(matches, CONTEXT_BYTES)
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


def with_amounts(parts: pl.DataFrame) -> pl.DataFrame:
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
