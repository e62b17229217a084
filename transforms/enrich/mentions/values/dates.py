"""Finds dates and the days that they cover; see `date_forms` for the forms and `date_ranges` for the rules."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from transforms.enrich.mentions.code_points import Bools
from transforms.enrich.mentions.patterns import Bodies, Matches
from transforms.enrich.mentions.values.date_forms import DATE_FORMS
from transforms.enrich.mentions.values.date_ranges import resolve

_BEFORE_BYTES, _AFTER_BYTES = 90, 60

_INSIDE_BEFORE = r"[\p{L}\p{N}_$£€#@]$|[\p{L}\p{N}][-–./:’']$|[0-9],$"
_INSIDE_AFTER = (
    r"^[.,:]?[0-9]|^\p{L}|^[-–/]\w|^(?: ?[%$£€]|[- ](?:percent|per cent|pct|million|billion|thousand|mln|bln)(?-u:\b))"
)
_DATE_PREPOSITION = (
    r"(?i)(?:^|[\s(\"“—–-])(?:in|since|by|until|till|through|throughout|during|before|after|from|of|for|early|late|mid|"
    r"on|with|under|into|between|around|circa|year|to|and|or|than|as of)(?: the)?\s$"
)
_NOUN_PREPOSITION = r"(?i)(?:^|[\s(\"“—–-])(?:in|since|by|until|till|through|during|before|after|from|of|for)\s$"
#: A year is no year beside other numbers, before what is counted, or behind a name ("Windows 2000").
_YEAR_NEEDS_PREPOSITION_BEFORE = (
    r"[0-9.,]\s$|(?-u:\b)[A-Z][\w&]*\s$|[-–*•]\s?$|(?-u:\b)(?:only|most|another|with|total|a|vs)\s$"
)
_COUNT_BEFORE = r"(?i)(?-u:\b)(?:about|over|nearly|almost|some|than|least)\s$"
_FIRST_LONE_YEAR, _LAST_LONE_YEAR = 1900, 2049
_YEAR_NEEDS_PREPOSITION_AFTER = (
    r"^\s?[0-9]|^ (?:[a-z]+ )?[a-z]{3,}s(?-u:\b)|^ (?:people|men|women|children|feet)(?-u:\b)"
)
#: Weekdays that are part of a name.
_WEEKDAY_NAME_BEFORE = (
    r"(?i)(?-u:\b)(?:black|good|super|ash|cyber|palm|easter|bloody|fat|sheffield|shrove|holy|whit|news)\s$"
)
_WEEKDAY_NAME_AFTER = r"^ (?:Times|Mirror|Telegraph|Express|Mail|Post|Herald|Night|Morning|School)(?-u:\b)"
#: "USA Today", "the Today show".
_TODAY_NAME_BEFORE = r"[\p{L}\p{N},] ?$"
#: What lies ahead, what was reported, what has happened: the last such word before a date in its sentence decides.
_LAST_CUE = (
    r"(?i)^(?:.*[^\w])?(?:((?:will|won['’]t|shall|going to|upcoming|scheduled|set to|due|slated|expected|expects?|"
    r"plans?|planned|planning|starting|beginning|begins|deadline)(?-u:\b)|(?:by|until|till) $)|"
    r"(?:said|says|told|reported|announced|has|have)(?-u:\b)|(was|were|had|did|\w{2,}ed)(?-u:\b))"
)
_SENTENCE_SO_FAR = r"([^.!?\n]*)$"
_WILL_BEHIND = r"^,? [^.!?\n]*(?-u:\b)(?:will|is (?:expected|set|due|scheduled|slated))(?-u:\b)"
#: Forms that may lie on either side of publication.
_OPEN_FORMS = ("weekday", "month", "part of a month")
#: The day that needs no year.
_ELEVENTH_OF_SEPTEMBER = r"(?i)^sept(?:ember|\.)? 11(?:th)?$"
_DAY_OF_ATTACKS, _NEARBY_DAYS = date(2001, 9, 11), 60
_ATTACKS_BEHIND = r"(?i)^,? (?:[a-z]+ )?(?:terror|attack|hijack|victim|commission|famil|bomb)"


def find_dates(bodies: Bodies, published_on: pl.Series) -> tuple[Matches, pl.DataFrame]:
    """Dates, and one row each: ``score, date_from, date_to``."""
    matches = DATE_FORMS.find(bodies)
    before, after = bodies.before(matches, _BEFORE_BYTES), bodies.after(matches, _AFTER_BYTES)
    dates = DATE_FORMS.read(bodies.surfaces(matches)).with_columns(before.alias("before"), after.alias("after"))
    keep = _is_date(dates)
    matches = matches.where(keep)
    dates = dates.filter(pl.Series(keep)).with_columns(published_on.gather(matches.body_nos).alias("published_on"))
    ranges = resolve(dates.drop("before", "after", "score").with_columns(_cues(dates)))
    attacks = dates.select(_is_attacks()).to_series()
    ranges = ranges.with_columns(pl.when(attacks).then(_DAY_OF_ATTACKS).otherwise(pl.all()).name.keep())
    return matches, pl.concat([dates.select("score"), ranges], how="horizontal")


def _is_date(dates: pl.DataFrame) -> Bools:
    """Which matches are dates, by what stands around them."""
    form, surface, before, after = (pl.col(name) for name in ("form", "surface", "before", "after"))
    is_inside = before.str.contains(_INSIDE_BEFORE) | after.str.contains(_INSIDE_AFTER)
    names_weekday = before.str.contains(_WEEKDAY_NAME_BEFORE) | after.str.contains(_WEEKDAY_NAME_AFTER)
    names_today = surface.str.contains("^T") & before.str.contains(_TODAY_NAME_BEFORE)
    first, last = (pl.col(name).cast(pl.Int32, strict=False) for name in ("y", "y2"))
    is_bad = (
        is_inside
        | (form == "year") & _is_no_year()
        | (form == "month") & _is_no_month()
        | (form == "weekday") & names_weekday
        | (form == "today") & names_today
        | form.is_in(["years", "years between"]) & (first >= last)
    )
    keep: Bools = dates.select(~is_bad.fill_null(value=False)).to_series().to_numpy()
    return keep


def _is_no_year() -> pl.Expr:
    """A number of four digits that counts something, or is part of a name."""
    before, after = pl.col("before"), pl.col("after")
    needs_preposition = (
        before.str.contains(_YEAR_NEEDS_PREPOSITION_BEFORE)
        | after.str.contains(_YEAR_NEEDS_PREPOSITION_AFTER)
        | ~pl.col("y").cast(pl.Int32, strict=False).is_between(_FIRST_LONE_YEAR, _LAST_LONE_YEAR)
    )
    lacks_preposition = needs_preposition & ~before.str.contains(_DATE_PREPOSITION) & (pl.col("surface") == pl.col("y"))
    return lacks_preposition | before.str.contains(_COUNT_BEFORE)


def _is_no_month() -> pl.Expr:
    """A month's name that is a verb ("may", "March on"), a person's or part of another name ("April Smith")."""
    surface, before, after = pl.col("surface"), pl.col("before"), pl.col("after")
    is_verb = surface.str.contains(r"(?i)^(?:may|march)$")
    beside_name = after.str.contains(r"^ [A-Z][a-z]|^['’]s(?-u:\b)") | before.str.contains(r"[A-Z][a-z]+ $")
    lacks_preposition = (is_verb | beside_name) & ~before.str.contains(_NOUN_PREPOSITION)
    acts = is_verb & after.str.contains(r"^ [A-Z]|^ (?:on|be|have|not)(?-u:\b)")
    return ~surface.str.contains("[A-Z]") | lacks_preposition | acts


def _cues(dates: pl.DataFrame) -> list[pl.Series]:
    """``is_future``, ``is_past``: what the sentence before the date, or behind a date that opens it, speaks of."""
    is_open = dates["form"].is_in(list(_OPEN_FORMS)) & (dates["way"].is_null() | dates["third"].is_not_null())
    asked = dates.filter(is_open)
    so_far = asked["before"].str.extract(_SENTENCE_SO_FAR)
    opens = so_far.str.contains(r"(?i)^\s*(?:[\"“]?on |in |this )?$")
    cues = so_far.str.extract_groups(_LAST_CUE).struct.unnest()
    is_ahead = cues["1"].is_not_null() | opens & asked["after"].str.contains(_WILL_BEHIND)
    flags = {"is_future": is_ahead, "is_past": cues["2"].is_not_null()}
    nothing = np.zeros(len(dates), np.bool_)
    return [pl.Series(name, nothing).scatter(is_open.arg_true(), flag) for name, flag in flags.items()]


def _is_attacks() -> pl.Expr:
    """The eleventh of September without a year is that of 2001, unless the one nearby may be meant."""
    published = pl.col("published_on")
    days_from = (published - pl.date(published.dt.year(), 9, 11)).dt.total_days().abs()
    is_far = (days_from > _NEARBY_DAYS) & (published >= _DAY_OF_ATTACKS)
    is_near_word = pl.col("after").str.contains(_ATTACKS_BEHIND)
    return pl.col("surface").str.contains(_ELEVENTH_OF_SEPTEMBER) & (is_far.fill_null(value=False) | is_near_word)
