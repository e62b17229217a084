"""Types that the words around a name tell, or the name itself: "Zangezur corridor" is in a place, the Moon is one.

A model of four types has no room for much of this, and takes a spacecraft that it has not met for a person.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import polars as pl

from transforms.enrich.gazetteer import place_key, places, read_packaged_csv
from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.code_points import Bools
from transforms.enrich.mentions.codes import are_party_and_state, are_traded
from transforms.enrich.mentions.patterns import EDGE, Matches
from transforms.enrich.mentions.placing import located
from transforms.enrich.mentions.tails import stand_alone
from transforms.enrich.mentions.works import is_work

#: To be raised with every change of what is found.
TOLD_VERSION: Final = 3

_CONTEXT_BYTES: Final = 48
#: Codes of states and countries are words as often.
_CODE_CHARS: Final = 2

#: Abbreviations of common nouns, which name nothing.
_COMMON: Final = r"^(?:AI|GDP|GNP|DNA|RNA|mRNA|microRNA|CEO|CFO|COO|CTO|TV|PC|IT|PR|HR|ID|IQ|VIP|MP|MPs|LGBT|LGBTQ)$"
_COUNTRIES_TOGETHER: Final = r"^(?:Group of (?:Seven|Eight|Ten|Twenty|7|8|10|20|77)|G-?(?:7|8|10|20|77)|BRICS)$"
#: Of the heavenly bodies those that are news of this world; annotators agree on the planets less.
_HEAVENLY_BODIES: Final = r"^(?:Earth|Moon|South Pole|North Pole)$"
_EVENTS: Final = (
    r"^(?:Olympics?|Paralympics?|(?:(?:Olympic|Paralympic|Summer|Winter) )?Games"
    r"|(?:[0-9]+(?:st|nd|rd|th) )?Grand Slam|(?:El|La) Ni[nñ][oa])$"
)
_INSTITUTION: Final = (
    r"^[^0-9].* (?:Parliament|Senate|House of Representatives|Ministry|Council|Commission|Committee|Club|Bank|Army"
    r"|Police)$"
)
#: What a place is, in small letters behind its name.
_PLACE_NOUN: Final = (
    r"^ (?:corridor|strait|valley|peninsula|province|region|district|river|island|islands|village|archipelago|enclave"
    r"|plateau|basin|oblast|canton|prefecture|municipality|neighbou?rhood|suburb)(?-u:\b)"
)
#: Things that have names of their own, beside which no person or place stands.
_THING: Final = (
    r"(?:spacecraft|spaceship|lander|orbiter|rover|probe|rocket|booster|capsule|satellite|space telescope|telescope"
    r"|cargo ship|container ship|cruise ship|warship|frigate|ferry|tanker|missile|vaccine|chatbot|cryptocurrency"
    r"|smartphone|console)"
)
_BEHIND_NAME: Final = rf"^(?: (?:crew|cargo|lunar|space|moon))? {_THING}s?{EDGE}"
_BEFORE_NAME: Final = rf"(?:^|[ (]){_THING} $"
_THINGS: Final = rf"{EDGE}(?:(?:crew|cargo|lunar|space|moon) )?{_THING}s?{EDGE}"
_LISTED_TYPES: Final = ("ORGANISATION", "EVENT", "OTHER")
#: A report's first words: "BERN, Jan 11 (Agency) —".
_DATELINE: Final = r"^\p{Lu}[\p{Lu} .'’-]{2,}$"
_BEHIND_DATELINE: Final = (
    r"^(?:, \p{Lu}[\p{L}.]+)?(?:,? \p{Lu}[a-z]{2,8}\.? [0-9]{1,2})?(?: \([\p{L} ]+\))? ?(?:--|[–—-]) "
)
_LINE_START: Final = r"(?:^|\n)$"
_ACRONYM: Final = r"^(?:\p{Lu}\.?){2,}$"
_YEAR: Final = r"^((?:1[89]|20)[0-9]{2} )"


@cache
def _sure_places() -> pl.Series:
    is_sure = pl.col("kind").is_in(["country", "region", "state"]) & (pl.col("key").str.len_chars() > _CODE_CHARS)
    return places().filter(is_sure)["key"]


@cache
def _listed() -> pl.DataFrame:
    """``surface, listed`` of the organisations, events and works that everybody knows."""
    known = read_packaged_csv("known_names.csv")
    rows = [(row["name"], row["mention_type"]) for row in known if row["mention_type"] in _LISTED_TYPES]
    organisations = read_packaged_csv("organisation_aliases.csv")
    rows += [(row[name], "ORGANISATION") for name in ("alias", "name") for row in organisations]
    rows += [(".".join(row["alias"]) + ".", "ORGANISATION") for row in organisations if row["alias"].isupper()]
    found = pl.DataFrame(rows, schema={"surface": pl.String, "listed": pl.String}, orient="row")
    return found.unique("surface", keep="first", maintain_order=True)


def told_types(names: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """``MENTION_COLUMNS`` in and out, rows in their order: types told, names that name nothing left out.

    What is told of a name at one place of an article holds for the same name at its other places.
    """
    is_common = pl.col("mention_type").is_in(["ORGANISATION", "OTHER"]) & pl.col("surface").str.contains(_COMMON)
    is_nothing = is_common | (pl.col("surface").str.len_bytes() == 1) | are_party_and_state(names["surface"])
    is_nothing |= stand_alone(names["surface"])
    names = _without_year(names.filter(~is_nothing))
    found = names.join(
        _told_by_themselves(names["surface"].unique()), on="surface", how="left", maintain_order="left", validate="m:1"
    )
    found = found.with_columns(*_told_by_neighbours(found, batch), _are_parts_of_names(found))
    found = found.filter(~pl.col("is_traded")) if found["is_traded"].any() else found
    found = found.with_columns(_told().alias("told"))
    by = ["article_id", "surface", "mention_type"]
    at_any_place = found.filter(pl.col("told").is_not_null()).group_by(by).agg(pl.col("told").max().alias("elsewhere"))
    return found.join(at_any_place, on=by, how="left", maintain_order="left", validate="m:1").select(
        pl.coalesce("told", "elsewhere", "mention_type").alias(name) if name == "mention_type" else name
        for name in names.columns
    )


def _told_by_themselves(surfaces: pl.Series) -> pl.DataFrame:
    """What each of some different names is by its own words: a row each, with the column ``surface``."""
    listed, keys = _listed(), pl.Series([place_key(surface) for surface in surfaces], dtype=pl.String)
    surface, bare = pl.col("surface"), pl.col("surface").str.strip_prefix("The ").str.strip_prefix("the ")
    is_institution = surface.str.contains(_INSTITUTION)
    return (
        surfaces.alias("surface").to_frame()
        .join(listed, on="surface", how="left", maintain_order="left", validate="1:1")
        .with_columns(
            keys.is_in(_sure_places().implode()).alias("in_gazetteer"),
            (is_work(surfaces) & ~is_institution).alias("is_work"),
            is_institution.alias("is_institution"),
            surface.str.contains(_DATELINE).alias("is_in_capitals"),
            bare.str.contains(_COUNTRIES_TOGETHER).alias("is_countries"),
            bare.str.contains(_EVENTS).alias("is_event"),
            bare.str.contains(_HEAVENLY_BODIES).alias("is_heavenly_body"),
        )
    )  # fmt: skip


def _told_by_neighbours(names: pl.DataFrame, batch: Batch) -> list[pl.Series]:
    """What stands beside each name: ``is_traded, is_thing, opens_report, is_before_place``.

    Most names are not asked: only persons and places may be things, which are rare, and the others are few.
    """
    bodies = batch.bodies
    spans = located(names, batch.articles, bodies)
    types = names["mention_type"]
    may_be_thing = types.is_in(["PERSON", "PLACE"]).to_numpy() & _is_near(spans, bodies.find(_THINGS))
    rows = np.flatnonzero(may_be_thing | (types == "OTHER").to_numpy() | names["is_in_capitals"].to_numpy())
    asked = spans.at(rows)
    before, after = bodies.before(asked, _CONTEXT_BYTES), bodies.after(asked, _CONTEXT_BYTES)
    nowhere = pl.Series([False]).new_from_index(0, len(names))
    return [
        pl.Series("is_traded", are_traded(bodies, spans)),
        *(
            nowhere.scatter(rows, told).alias(name)
            for name, told in (
                ("is_thing", after.str.contains(_BEHIND_NAME) | before.str.contains(_BEFORE_NAME)),
                ("opens_report", before.str.contains(_LINE_START) & after.str.contains(_BEHIND_DATELINE)),
                ("is_before_place", after.str.contains(_PLACE_NOUN)),
            )
        ),
    ]


def _is_near(spans: Matches, others: Matches) -> Bools:
    """Which spans have one of the others in them or right beside them, with a space or bracket between."""
    first = np.searchsorted(others.ends, spans.starts - 1)
    last = np.searchsorted(others.starts, spans.ends + 1, side="right")
    is_near: Bools = last > first
    return is_near


def _are_parts_of_names(names: pl.DataFrame) -> pl.Series:
    """``is_part``: which persons are called as a thing is and by a longer name: "Rafiqul Islam … Islam"."""
    persons = names.select("article_id", "surface", "listed").with_row_index("row")
    persons = persons.filter(names["mention_type"] == "PERSON")
    asked = persons.filter(pl.col("listed") == "OTHER")
    words = pl.col("surface").str.split(" ")
    longer = persons.join(asked, on="article_id", how="semi").filter(pl.col("surface").str.contains(" ", literal=True))
    parts = longer.select("article_id", pl.concat_list(words.list.first(), words.list.last()).alias("surface"))
    found = asked.join(parts.explode("surface"), on=["article_id", "surface"], how="semi")
    return pl.Series("is_part", [False]).new_from_index(0, len(names)).scatter(found["row"], True)


def _told() -> pl.Expr:
    """The type that is told of a name at its place, null if none is."""
    mention_type = pl.col("mention_type")
    is_other, no_person = mention_type == "OTHER", mention_type != "PERSON"
    is_thing = (pl.col("is_thing") & ~pl.col("in_gazetteer")) | ((pl.col("listed") == "OTHER") & ~pl.col("is_part"))
    is_thing &= mention_type.is_in(["PERSON", "PLACE"])
    is_union = pl.col("surface").str.contains(_ACRONYM) & (pl.col("listed") == "ORGANISATION")
    is_union &= mention_type == "PLACE"
    is_dateline = pl.col("opens_report") & pl.col("is_in_capitals") & (mention_type != "GROUP")
    return (
        pl.when(((mention_type == "ORGANISATION") & pl.col("is_work")) | is_thing).then(pl.lit("OTHER"))
        .when(is_dateline).then(pl.lit("PLACE"))
        .when(no_person & pl.col("is_countries")).then(pl.lit("ORGANISATION"))
        .when(is_union).then(pl.lit("ORGANISATION"))
        .when(is_other & pl.col("is_event")).then(pl.lit("EVENT"))
        .when(is_other & pl.col("is_heavenly_body")).then(pl.lit("PLACE"))
        .when(is_other & pl.col("in_gazetteer") & pl.col("surface").str.contains(" ")).then(pl.lit("PLACE"))
        .when(is_other).then(pl.col("listed"))
    ).fill_null(
        pl.when(is_other & pl.col("is_before_place")).then(pl.lit("PLACE"))
        .when(is_other & pl.col("is_institution")).then(pl.lit("ORGANISATION"))
    )  # fmt: skip


def _without_year(names: pl.DataFrame) -> pl.DataFrame:
    """Works without the year before them, which is a date: "2015 | Paris Agreement"."""
    surfaces = names["surface"]
    rows = ((names["mention_type"] == "OTHER") & surfaces.str.contains(_YEAR)).arg_true()
    rows = rows.filter(is_work(surfaces.gather(rows).str.replace(_YEAR, "")))
    starts = names["start_char"].gather(rows) + surfaces.gather(rows).str.extract(_YEAR).str.len_chars().cast(pl.Int32)
    return names.with_columns(
        names["start_char"].scatter(rows, starts),
        surfaces.scatter(rows, surfaces.gather(rows).str.replace(_YEAR, "")),
    )
