"""What sums of money, percentages and quantities have in common: one or two numbers beside a word or a sign."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from transforms.enrich.mentions.code_points import Bools
from transforms.enrich.mentions.patterns import Bodies, Matches
from transforms.enrich.mentions.values.forms import Forms, Reading
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
    ranges = surfaces.str.contains(" to ", literal=True).arg_true().to_numpy()
    if not len(ranges):
        return matches
    before = bodies.before(matches.at(ranges), CONTEXT_BYTES)
    starts_with_year = surfaces.gather(ranges).str.contains(r"^(?:19|20)[0-9]{2} to ").to_numpy()
    is_change = before.str.contains(r"(?i)(?-u:\b)from (?:about |around |nearly |almost |some |just )?$")
    is_change &= ~before.str.contains(r"(?i)(?-u:\b)rang\w+ from ")
    is_cut = is_change.to_numpy() | starts_with_year
    cut, starts_with_year = ranges[is_cut], starts_with_year[is_cut]
    if not len(cut):
        return matches
    firsts = matches.at(cut)
    at = firsts.starts + surfaces.gather(cut).str.find(" to ", literal=True).to_numpy()
    firsts, seconds = firsts._replace(ends=at), firsts._replace(starts=at + len(" to "))
    is_readable = _are_readable(bodies, firsts, forms)
    whole = np.ones(len(matches.starts), np.bool_)
    whole[cut[is_readable | starts_with_year]] = False
    seconds = seconds.where(~whole[cut])
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


def scaled(amount: float | None, factor: float) -> float | None:
    return None if amount is None else amount * factor


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
