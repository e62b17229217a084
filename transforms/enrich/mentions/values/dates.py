"""Finds dates and the days that they cover; see `date_forms` for the forms and `date_ranges` for the rules."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from transforms.enrich.mentions.code_points import Bools
from transforms.enrich.mentions.patterns import Bodies, Matches, with_kept_patterns
from transforms.enrich.mentions.values.date_forms import DATE_FORMS
from transforms.enrich.mentions.values.date_ranges import resolve
from transforms.enrich.mentions.values.forms import Reading

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
    r"[0-9.,]\s$|(?-u:\b)[A-Z][\w&]*\s$|[-–*•]\s?$|(?-u:\b)(?:only|most|another|with|total|vs)\s$"
)
#: "a 2012 study", but "a 2000 mile trip"; "its 2008 earnings", "the 2018 midterms", whatever is counted in plurals.
_COUNTED_BEHIND = (
    r"^ (?:square |cubic |nautical )?(?:foot|mile|acre|word|page|member|person|seat|unit|calorie|pound|dollar|euro|"
    r"point|percent|pct|metre|meter|kilomet|km|ton|year|day|hour|minute|man|bed|room|job|horsepower|watt|volt|megawatt|"
    r"barrel|bushel|gallon|lit|degree|people|troop|strong)"
)
_OF_NO_COUNT_BEFORE = r"(?-u:\b)(?:its|his|her|their|our|my|your|whose)\s$|['’]s?\s$"
_OF_YEARS_BEHIND = (
    r"^ (?:[a-z-]+ )?(?:earnings|sales|results|revenues|profits|elections|midterms|primaries|caucuses|campaigns|races|"
    r"figures|forecasts|estimates|levels|attacks|riots|hearings|protests|negotiations|talks|wildfires|Games)(?-u:\b)"
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
_WEEKDAY_NAME_AFTER = r"^ (?:Times|Mirror|Telegraph|Express|Mail|Post|Herald|Night|Morning|School|Group)(?-u:\b)"
#: ABC's "This Week".
_SHOW = r"^This Week$"
_SHOW_BEFORE = r"['’]s [\"“]?$|[\"“]$"
_SHOW_AFTER = r"^,?[\"”]|^ (?:with|host|on)(?-u:\b)"
#: "USA Today", "the Today show".
_TODAY_NAME_BEFORE = r"[\p{L}\p{N},] ?$"
#: Past tenses without "ed" that are no participles: "to be held in June" lies ahead.
_IRREGULAR_PAST = (
    "fell|rose|began|got|came|took|gave|went|saw|ran|grew|drew|knew|wrote|spoke|broke|chose|drove|became|sank|shrank|"
    "overtook|withdrew"
)
#: What lies ahead, what was reported, what has happened: the last such word before a date in its sentence decides.
_LAST_CUE = (
    r"(?i)^(?:.*[^\w-])?(?:((?:will|won['’]t|shall|going to|upcoming|scheduled|set to|due|slated|expected|expects?|"
    r"must|to be_done|plans? (?:to|an?)|planned|planning|starting|beginning|begins|deadline)(?-u:\b)|"
    r"(?:by|until|till|as early as) $)|"
    r"(?:said|says|told|reported|announced|effective|has|have)(?-u:\b)|(?:by|until|till|through) the $|"
    rf"((?:was|were|had|did|{_IRREGULAR_PAST}|\w{{2,}}ed)(?-u:\b)|since $))"
)
#: What has the letters of a cue, and is none: "better than expected", and what is "to be presented".
_NO_CUE = r"(?i)(?-u:\b)(?:than (?:was )?expected|as (?:expected|planned|scheduled))(?-u:\b)"
_MAY_MISLEAD = r"(?:than|as|be) "
_PASSIVE = r"(?-u:\b)be (?:[a-z]+ly )?[a-z]+(?:ed|en|ld|de|nt|ut|id|ught)(?-u:\b)"
#: What a sentence is made of, dots behind titles included.
_IN_SENTENCE = r"(?:[^.!?\n]|(?-u:\b)(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Sens|Reps|St|Inc|Corp|Co|Ltd|[A-Z])\.)*"
_SENTENCE_SO_FAR = rf"({_IN_SENTENCE})$"
_WILL_BEHIND = rf"^,? {_IN_SENTENCE}(?-u:\b)(?:will|is (?:expected|set|due|scheduled|slated))(?-u:\b)"
#: What is traded for a month is delivered in one that lies ahead: "June gold futures".
_TRADED_AHEAD = r"^ (?:[a-z]+ ){0,2}(?:futures|contracts?|delivery|shipment)(?-u:\b)"
#: Forms that may lie on either side of publication.
_OPEN_FORMS = ("weekday", "month", "part of a month", "half of a month")
#: What a weekday or a month may have before it, and yet lie on either side.
_OPEN_WAYS = ("", "early", "late", "earlier", "later")
_FACTS = pl.Schema({
    "reading_no": pl.Int64,
    "surface": pl.String,
    "form": pl.String,
    "score": pl.Float64,
    "y": pl.String,
    "y2": pl.String,
    "is_open": pl.Boolean,
})
#: The day that needs no year.
_ELEVENTH_OF_SEPTEMBER = r"(?i)^sept(?:ember|\.)? 11(?:th)?$"
_DAY_OF_ATTACKS, _NEARBY_DAYS = date(2001, 9, 11), 60
_ATTACKS_BEHIND = r"(?i)^,? (?:[a-z]+ )?(?:terror|attack|hijack|victim|commission|famil|bomb)"


def find_dates(bodies: Bodies, published_on: pl.Series) -> tuple[Matches, pl.DataFrame]:
    """Dates, and one row each: ``score, date_from, date_to``."""
    matches = DATE_FORMS.find(bodies)
    found = bodies.around(matches, _BEFORE_BYTES, _AFTER_BYTES)
    different = [(surface, DATE_FORMS.reading(surface)) for surface in dict.fromkeys(found["surface"].to_list())]
    readings = [(surface, reading) for surface, reading in different if reading]
    dates = found.with_columns(published_on.gather(matches.body_nos).alias("published_on")).join(
        _facts(readings), on="surface", how="left", maintain_order="left"
    )
    keep = np.flatnonzero(with_kept_patterns(lambda: _is_date(dates), "contexts of dates"))
    matches, dates = matches.at(keep), dates[keep]
    published = dates["published_on"].to_physical().cast(pl.Float64).fill_null(np.nan).to_numpy()
    cues, attacks = with_kept_patterns(lambda: (_cues(dates), dates.select(_is_attacks()).to_series()), "cues of dates")
    ranges = resolve(readings, dates["reading_no"].to_numpy(), published, cues)
    ranges = ranges.with_columns(pl.when(attacks).then(_DAY_OF_ATTACKS).otherwise(pl.all()).name.keep())
    return matches, dates.select("score").hstack(ranges)


def _facts(readings: list[tuple[str, Reading]]) -> pl.DataFrame:
    """What decides whether each different surface is a date: its form, first and last year, whether it is open."""
    rows = [
        (no, surface, form, score, parts.get("y"), parts.get("y2"), parts.get("way", "").lower() in _OPEN_WAYS)
        for no, (surface, (form, score, parts)) in enumerate(readings)
    ]
    columns = zip(*rows, strict=True) if rows else ([] for _ in _FACTS)
    return pl.DataFrame([
        pl.Series(name, values, dtype) for (name, dtype), values in zip(_FACTS.items(), columns, strict=True)
    ])


def _is_date(dates: pl.DataFrame) -> Bools:
    """Which matches are dates, by what stands around them."""
    before, after = pl.col("before"), pl.col("after")
    is_inside = before.str.contains(_INSIDE_BEFORE) | after.str.contains(_INSIDE_AFTER)
    keep = dates.select(pl.col("form").is_not_null() & ~is_inside).to_series().to_numpy().copy()
    names_weekday = before.str.contains(_WEEKDAY_NAME_BEFORE) | after.str.contains(_WEEKDAY_NAME_AFTER)
    names_today = pl.col("surface").str.contains("^T") & before.str.contains(_TODAY_NAME_BEFORE)
    names_show = pl.col("surface").str.contains(_SHOW) & (
        before.str.contains(_SHOW_BEFORE) & after.str.contains(_SHOW_AFTER) | before.str.contains(r"['’]s [\"“]?$")
    )
    runs_back = pl.col("y").cast(pl.Int32) >= pl.col("y2").cast(pl.Int32)
    is_no_date = {
        "month": _is_no_month(),
        "weekday": names_weekday,
        "today": names_today,
        "period": names_show,
        "years": runs_back,
        "years between": runs_back,
    }
    # Each form has few dates and its own patterns: only its dates are read by them.
    for (form,), of_form in dates.with_row_index("row").filter(keep).partition_by("form", as_dict=True).items():
        if form == "year":
            keep[of_form["row"].to_numpy()] = ~_is_no_year(of_form)
        elif form in is_no_date:
            keep[of_form["row"].to_numpy()] = of_form.select(~is_no_date[str(form)]).to_series().to_numpy()
    return keep


def _is_no_year(years: pl.DataFrame) -> Bools:
    """Which numbers of four digits count something, or are part of a name."""
    before, after = pl.col("before"), pl.col("after")
    is_lone = (pl.col("surface") == pl.col("y")) & ~before.str.contains(_DATE_PREPOSITION)
    facts = years.select(before.str.contains(_COUNT_BEFORE).alias("is_counted"), is_lone.alias("is_lone"))
    counts = after.str.contains(_YEAR_NEEDS_PREPOSITION_AFTER) & ~(
        after.str.contains(_OF_YEARS_BEHIND) | before.str.contains(_OF_NO_COUNT_BEFORE)
    )
    needs_preposition = (
        before.str.contains(_YEAR_NEEDS_PREPOSITION_BEFORE)
        | before.str.contains(r"(?-u:\b)a\s$") & after.str.contains(_COUNTED_BEHIND)
        | counts
        | ~pl.col("y").cast(pl.Int32, strict=False).is_between(_FIRST_LONE_YEAR, _LAST_LONE_YEAR)
    )
    is_none = facts["is_counted"].to_numpy().copy()
    # Most years have a preposition, and are asked nothing more.
    rows = np.flatnonzero(facts["is_lone"].to_numpy())
    is_none[rows] |= years[rows].select(needs_preposition).to_series().to_numpy()
    return is_none


def _is_no_month() -> pl.Expr:
    """A month's name that is a verb ("may", "March on"), a person's or part of another name ("April Smith")."""
    surface, before, after = pl.col("surface"), pl.col("before"), pl.col("after")
    is_verb = surface.str.contains(r"(?i)^(?:may|march)$")
    beside_name = after.str.contains(r"^ [A-Z][a-z]|^['’]s(?-u:\b)") | before.str.contains(r"[A-Z][a-z]+ $")
    lacks_preposition = (is_verb | beside_name) & ~before.str.contains(_NOUN_PREPOSITION)
    acts = is_verb & after.str.contains(r"^ [A-Z]|^ (?:on|be|have|not)(?-u:\b)")
    return ~surface.str.contains("[A-Z]") | lacks_preposition | acts


def _cues(dates: pl.DataFrame) -> dict[str, Bools]:
    """``is_future``, ``is_past``: what the sentence before the date, or behind a date that opens it, speaks of."""
    rows = dates.select(pl.col("form").is_in(_OPEN_FORMS) & pl.col("is_open")).to_series().arg_true()
    asked = dates[rows]
    so_far = asked["before"].str.extract(_SENTENCE_SO_FAR)
    misleading = so_far.str.contains(_MAY_MISLEAD).fill_null(value=False).arg_true()
    plain = so_far.gather(misleading).str.replace_all(_NO_CUE, "").str.replace_all(_PASSIVE, "be_done")
    so_far = so_far.scatter(misleading, plain)
    cues = so_far.str.extract_groups(_LAST_CUE).struct.unnest()
    nothing = pl.Series([False]).new_from_index(0, len(rows))
    opening = so_far.str.contains(r"(?i)^\s*(?:[\"“]?on |in |this )?$").fill_null(value=False).arg_true()
    behind = asked["after"].gather(opening)
    months = (asked["form"] != "weekday").arg_true()
    is_future = (
        cues["1"].is_not_null()
        | nothing.scatter(opening, behind.str.contains(_WILL_BEHIND))
        | nothing.scatter(months, asked["after"].gather(months).str.contains(_TRADED_AHEAD))
    )
    flags = {name: np.zeros(len(dates), np.bool_) for name in ("is_future", "is_past")}
    for name, cue in (("is_future", is_future), ("is_past", cues["2"].is_not_null())):
        flags[name][rows.to_numpy()] = cue.to_numpy()
    return flags


def _is_attacks() -> pl.Expr:
    """The eleventh of September without a year is that of 2001, unless the one nearby may be meant."""
    published = pl.col("published_on")
    days_from = (published - pl.date(published.dt.year(), 9, 11)).dt.total_days().abs()
    is_far = (days_from > _NEARBY_DAYS) & (published >= _DAY_OF_ATTACKS)
    is_near_word = pl.col("after").str.contains(_ATTACKS_BEHIND)
    return pl.col("surface").str.contains(_ELEVENTH_OF_SEPTEMBER) & (is_far.fill_null(value=False) | is_near_word)
