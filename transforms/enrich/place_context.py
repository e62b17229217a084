"""A name of two places: which of them an article means, by the other places that it names.

"Georgia" is a country and a state of the USA. What else has several bearers goes by the gazetteer's most populous one.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import polars as pl

from transforms.enrich.entities import name_key
from transforms.enrich.gazetteer import places

PLACE_CONTEXT_VERSION: Final = 1

_NAME: Final = "georgia"
#: What only the state is called.
_STATE: Final = "Ga"
_CITIES_OF_STATE: Final = ("atlanta",)
_NEIGHBOURS: Final = ("AM", "AZ", "GE")
_REGIONS_OF_COUNTRY: Final = ("abkhazia", "south ossetia", "caucasus", "south caucasus")


def _keys(is_meant: pl.Expr, others: tuple[str, ...]) -> list[str]:
    """The name keys of some places of the gazetteer and of others, without the name that is asked about."""
    keys = places().filter(is_meant).select(name_key(pl.col("key")).alias("key"))["key"]
    return sorted({*keys, *others} - {_NAME})


@cache
def _states() -> list[str]:
    return _keys(pl.col("kind") == "state", _CITIES_OF_STATE)


@cache
def _around_country() -> list[str]:
    return _keys(pl.col("country_code").is_in(_NEIGHBOURS), _REGIONS_OF_COUNTRY)


def known_by_neighbours(mentions: pl.DataFrame) -> pl.Series:
    """Another name of each PLACE of which there are two, if the article means the less populous one; else null.

    ``mentions`` has ``article_id``, ``mention_type`` and ``surface``. Georgia is the state where the article names
    another state of the USA, or Atlanta, and no place of the Caucasus.
    """
    named = mentions.select("article_id", "surface").with_row_index("row").filter(mentions["mention_type"] == "PLACE")
    asked = named.filter(pl.col("surface").str.to_lowercase().str.contains(_NAME, literal=True))
    asked = asked.filter(name_key(pl.col("surface")) == _NAME)
    beside = named.join(asked, on="article_id", how="semi").with_columns(name_key(pl.col("surface")).alias("key"))
    states = beside.filter(pl.col("key").is_in(_states()))
    abroad = beside.filter(pl.col("key").is_in(_around_country()))
    of_state = asked.join(states, on="article_id", how="semi").join(abroad, on="article_id", how="anti")["row"]
    return pl.Series("known_as", [None], pl.String).new_from_index(0, len(mentions)).scatter(of_state, _STATE)
