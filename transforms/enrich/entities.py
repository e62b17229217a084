"""Entities: mentions of one type whose normalised names are equal are mentions of one entity.

Places go by the gazetteer's names, and what has several names by that of a list (``…_aliases.csv``,
``place_abbreviations.csv``): "EU" is the European Union, "Obama" Barack Obama, "Mass." Massachusetts. The lists were
written by hand for Dateline; a short name in them is what news call one of its bearers without explaining it. Where an
article explains it otherwise, that counts (``short_names``).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from transforms.contracts import ENTITY_TYPES, TABLES
from transforms.enrich.gazetteer import places, read_packaged_csv
from transforms.normalise import short_ids

ENTITY_VERSION: Final = 5

#: Forms of companies at the end of a name key; "news corp" is not "news".
_COMPANY_FORM = r"(?:,? (?:inc|corp|corporation|co|company|ltd|limited|plc|llc|llp|ag|nv|sa|spa|ab|asa|oyj|& co))+\.?$"
_NO_COMPANY = (
    r"^(?:news|the|a|this|our|his|her|general|national|insurance|oil|gas|steel|holding|trust|power|electric|[a-z])$"
)
#: One initial between a first and a last name: "Donald J. Trump", but not "George H.W. Bush". In 14,000 articles 304
#: people had both forms, and one pair of people was told apart by theirs alone.
_MIDDLE_INITIAL = r"^(\S{2,}) [a-z] (\S{2,})$"
#: The plural of a group of people: "republicans", but not "swiss".
_PLURAL = r"([^s]{2}[^su' ])s$"
_COMBINING_MARKS = r"[\x{300}-\x{36F}]"
#: The lists of the names that an entity goes by, by type. A place goes by the gazetteer's name of the one listed.
_ALIAS_FILES: Final = {
    "ORGANISATION": "organisation_aliases.csv",
    "PERSON": "person_aliases.csv",
    "PLACE": "place_abbreviations.csv",
}
_PLACE_COLUMNS = ("country_code", "latitude", "longitude", "geonames_id")


def name_key(name: pl.Expr) -> pl.Expr:
    """The form in which equal names are equal: no article, possessive, accent, case, curly quote or dotted initial."""
    return (
        name.str
        .normalize("NFKD")
        .str.replace_all(_COMBINING_MARKS, "")
        .str.to_lowercase()
        .str.replace_all(r"[‘’ʼ`]", "'")
        .str.replace_all(r"(?-u:\b)([a-z])\.", "${1}")
        .str.replace_all(r"\s+", " ")
        .str.replace(r"^the ", "")
        .str.replace(r"'s?$", "")
        .str.strip_chars(" ")
    )


def _type_key() -> pl.Expr:
    """The ``key`` of a row without what tells no two names of its ``entity_type`` apart.

    A company is itself with and without the form of a company, a group in the singular and in the plural, a person
    with and without one middle initial.
    """
    entity_type, key = pl.col("entity_type"), pl.col("key").str
    company, group = key.replace(_COMPANY_FORM, ""), key.replace(_PLURAL, "${1}")
    is_company = (entity_type == "ORGANISATION") & ~company.str.contains(_NO_COMPANY) & (company != "")
    return (
        pl.when(is_company).then(company)
        .when(entity_type == "GROUP").then(group)
        .when(entity_type == "PERSON").then(key.replace(_MIDDLE_INITIAL, "${1} ${2}"))
        .otherwise("key")
    )  # fmt: skip


@cache
def _place_names() -> pl.DataFrame:
    """One row per name key of a place: its canonical name and what is known of it."""
    is_namesake = (pl.col("kind") == "state") & pl.col("name").is_in(
        places().filter(pl.col("kind") == "country")["name"].implode()
    )
    return (
        places()
        .with_row_index("rank")
        .with_columns(pl.when(is_namesake).then(pl.col("name") + " (U.S. state)").otherwise("name").alias("name"))
        .with_columns(name_key(pl.col("key")).alias("key"))
        # Two aliases can meet when accents go: the larger place keeps the key.
        .sort(pl.col("kind") == "city", -pl.col("population").fill_null(0), "rank")
        .unique("key", keep="first", maintain_order=True)
        .select("key", pl.col("name").alias("place_name"), *_PLACE_COLUMNS)
    )


@cache
def _listed_names() -> pl.DataFrame:
    """One row per type and name key of an entity that has several names: the one that it goes by."""
    listed = pl.concat([
        pl.DataFrame(read_packaged_csv(file)).with_columns(pl.lit(entity_type).alias("entity_type"))
        for entity_type, file in _ALIAS_FILES.items()
    ])
    names = pl.concat([listed, listed.with_columns(pl.col("name").alias("alias"))])
    keyed = names.with_columns(name_key(pl.col("alias")).alias("key"))
    keyed = keyed.select("entity_type", _type_key().alias("key"), pl.col("name").alias("listed_name"))
    return keyed.unique(["entity_type", "key"], keep="first", maintain_order=True)


def listed_keys(entity_type: str) -> pl.Series:
    """The name keys of what a list says whose they are, of one type."""
    listed = _listed_names()
    return listed["key"].filter(listed["entity_type"] == entity_type)


def _resolve(names: pl.DataFrame) -> pl.DataFrame:
    """Add ``key``, ``known_name`` and the place's columns to rows of ``entity_type`` and ``surface``.

    ``known_name`` is what a place, or an entity of the lists, goes by.
    """
    is_place = pl.col("entity_type") == "PLACE"
    return (
        names
        .with_columns(name_key(pl.col("surface")).alias("key"))
        .with_columns(_type_key().alias("key"))
        .join(_listed_names(), on=["entity_type", "key"], how="left", maintain_order="left", validate="m:1")
        .with_columns(pl.coalesce(pl.when(is_place).then(name_key(pl.col("listed_name"))), "key").alias("key"))
        .join(_place_names(), on="key", how="left", maintain_order="left", validate="m:1")
        .with_columns(
            pl.when(is_place).then("place_name").otherwise("listed_name").alias("known_name"),
            *(pl.when(is_place).then(column).alias(column) for column in _PLACE_COLUMNS),
        )
        .with_columns(
            # Every alias in a list ("U.S.", "USA") is the same entity.
            pl.coalesce(name_key(pl.col("known_name")), pl.when(pl.col("key") != "").then("key"), "surface").alias(
                "key"
            )
        )
    )


def _identities(resolved: pl.DataFrame) -> pl.Series:
    """The entity that each name is by itself."""
    return short_ids(resolved.select(pl.format("{}\0{}", "entity_type", "key")).to_series())


def with_entity_ids(mentions: pl.DataFrame) -> pl.DataFrame:
    """Add ``entity_id`` to rows of ``mention_type`` and ``surface``; null for types that are not entities.

    Where there is a column ``known_as`` that is not null, it counts instead of ``surface``.
    """
    if "known_as" in mentions.columns:
        named = mentions.rename({"surface": "printed"}).with_columns(
            pl.coalesce("known_as", "printed").alias("surface")
        )
        return with_entity_ids(named.drop("known_as")).drop("surface").rename({"printed": "surface"})
    names = mentions.select(pl.col("mention_type").alias("entity_type"), "surface").unique(maintain_order=True)
    resolved = _resolve(names.filter(pl.col("entity_type").is_in(ENTITY_TYPES)))
    resolved = resolved.select(
        pl.col("entity_type").alias("mention_type"), "surface", _identities(resolved).alias("entity_id")
    )
    return mentions.join(resolved, on=["mention_type", "surface"], how="left", maintain_order="left", validate="m:1")


def summarise_entities(spellings: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """The contract ``entities``, one row per ``entity_id``, sorted as published.

    ``spellings`` has one row per entity and surface (``entity_id, entity_type, surface, uses``), ``counts`` one per
    entity: ``entity_id`` and the contract's counts and days, over all its mentions.
    """
    is_choice = pl.col("entity_id").is_duplicated()
    several = _resolve(spellings.filter(is_choice))
    # An entity goes by a name that is its own before one that only some article gives it ("Guterres").
    is_own = _identities(several) == several["entity_id"]
    chosen = (
        several
        .with_columns(is_own.alias("is_own"))
        .sort("entity_id", ~pl.col("is_own"), -pl.col("uses").cast(pl.Int64), "surface")
        .unique("entity_id", keep="first", maintain_order=True)
    )
    names = (
        pl
        .concat([chosen, _resolve(spellings.filter(~is_choice))], how="diagonal")
        .with_columns(pl.coalesce("known_name", pl.col("surface").str.replace(r"['’]s?$", "")).alias("name"))
        .with_columns(pl.when(pl.col("name") == "").then("surface").otherwise("name").alias("name"))
    )
    table = TABLES["entities"]
    joined = names.join(counts, on="entity_id", how="inner", validate="1:1")
    return table.schema.validate(joined.select(table.columns).sort(table.sort_by))


def count_mentions(mentions: pl.LazyFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The ``spellings`` and ``counts`` of all rows of ``mentions``, as ``summarise_entities`` takes them."""
    of_entities = mentions.filter(pl.col("entity_id").is_not_null())
    spellings = of_entities.group_by("entity_id", pl.col("mention_type").alias("entity_type"), "surface").agg(
        pl.len().cast(pl.Int64).alias("uses")
    )
    counts = of_entities.group_by("entity_id").agg(
        pl.len().cast(pl.Int64).alias("mention_count"),
        pl.col("article_id").n_unique().cast(pl.Int64).alias("article_count"),
        pl.col("published_on").min().alias("first_seen_on"),
        pl.col("published_on").max().alias("last_seen_on"),
    )
    return spellings.collect(engine="streaming"), counts.collect(engine="streaming")
