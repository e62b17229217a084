"""Places of the world by name: countries, regions, states of the USA and cities of 15,000 people or more.

The table comes ready-made with Dateline: ``geonames`` makes it.
"""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib import resources
from typing import Final

import polars as pl

PLACES_SCHEMA: Final = pl.Schema({
    "key": pl.String,
    "name": pl.String,
    "kind": pl.String,
    "country_code": pl.String,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "geonames_id": pl.Int64,
    "population": pl.Int64,
})

PLACES_FILE: Final = "places.parquet"


def place_key(name: str) -> str:
    """The key under which `places` lists a name: case-folded, with straight apostrophes."""
    return name.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").casefold()


def read_packaged_csv(file_name: str) -> list[dict[str, str]]:
    """The rows of a CSV in ``transforms/enrich/data``, as dictionaries of strings."""
    text = resources.files("transforms.enrich").joinpath("data", file_name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@cache
def places() -> pl.DataFrame:
    """One row per key, sorted by key: ``PLACES_SCHEMA``.

    Where several places share a name, a country wins over a region, a region over a state, a state over a
    city, and among cities the most populous; the aliases in ``place_aliases.csv`` win over all of them
    ("Washington" is the capital, not the state). Latitude and longitude are in degrees and null for
    countries and regions.
    """
    packed = resources.files("transforms.enrich").joinpath("data", PLACES_FILE).read_bytes()
    return pl.read_parquet(io.BytesIO(packed))
