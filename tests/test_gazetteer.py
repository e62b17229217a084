"""The gazetteer of places."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.enrich.gazetteer import PLACES_SCHEMA, place_key, places, read_packaged_csv
from transforms.enrich.geonames import make_places


def test_the_packaged_places_are_those_that_would_be_made() -> None:
    assert_frame_equal(places(), make_places())  # else: python -m transforms.enrich.geonames


def test_places_have_one_row_per_key() -> None:
    assert places().schema == PLACES_SCHEMA
    assert places()["key"].is_sorted()
    assert places()["key"].is_unique().all()
    assert (places()["key"] == places()["key"].map_elements(place_key, return_dtype=pl.String)).all()
    assert set(places()["kind"]) == {"country", "region", "state", "city"}


@pytest.mark.parametrize(
    ("alias", "name", "kind", "country_code"),
    [
        *((alias, "United States", "country", "US") for alias in ("US", "U.S.", "USA", "America", "United States")),
        ("UK", "United Kingdom", "country", "GB"),
        ("Britain", "United Kingdom", "country", "GB"),
        ("Türkiye", "Turkey", "country", "TR"),
        ("Turkey", "Turkey", "country", "TR"),
        ("Georgia", "Georgia", "country", "GE"),
        ("Middle East", "Middle East", "region", None),
        ("Gaza", "Gaza", "region", "PS"),
        ("Ohio", "Ohio", "state", "US"),
        ("OH", "Ohio", "state", "US"),
        ("Washington", "Washington", "city", "US"),
        ("Paris", "Paris", "city", "FR"),
        ("Kiev", "Kyiv", "city", "UA"),
        ("Bogota", "Bogotá", "city", "CO"),
    ],
)
def test_place(alias: str, name: str, kind: str, country_code: str | None) -> None:
    (place,) = places().filter(key=place_key(alias)).iter_rows(named=True)
    assert (place["name"], place["kind"], place["country_code"]) == (name, kind, country_code)


def test_cities_have_coordinates() -> None:
    (paris,) = places().filter(key="paris").iter_rows(named=True)
    assert paris["geonames_id"] == 2988507
    assert paris["latitude"] == pytest.approx(48.85, abs=0.01)
    assert paris["longitude"] == pytest.approx(2.35, abs=0.01)
    assert paris["population"] > 2_000_000


def test_an_alias_of_a_city_without_coordinates_hides_no_listed_city() -> None:
    aliases = {place_key(row["alias"]) for row in read_packaged_csv("place_aliases.csv") if row["kind"] == "city"}
    unresolved = places().filter(pl.col("key").is_in(aliases), pl.col("geonames_id").is_null())
    others = places().filter(pl.col("geonames_id").is_not_null(), pl.col("kind") == "city")["key"]
    assert not set(unresolved["name"].str.to_lowercase()) & set(others)
    assert unresolved.height < 20


@pytest.mark.parametrize(
    ("file_name", "columns"),
    [
        ("place_aliases.csv", ["alias", "name", "kind", "country_code"]),
        ("organisation_aliases.csv", ["alias", "name"]),
        ("person_aliases.csv", ["alias", "name"]),
        ("place_abbreviations.csv", ["alias", "name"]),
        ("groups.csv", ["name"]),
        ("more_groups.csv", ["name"]),
        ("known_names.csv", ["name", "mention_type"]),
        ("given_names.csv", ["name"]),
        ("family_names.csv", ["name"]),
        ("common_words.csv", ["word"]),
        ("word_cues.csv", ["word", "cue"]),
    ],
)
def test_packaged_lists_are_whole_and_without_duplicates(file_name: str, columns: list[str]) -> None:
    rows = read_packaged_csv(file_name)
    assert list(rows[0]) == columns
    assert all(row[columns[0]] == row[columns[0]].strip() != "" for row in rows)
    assert len({tuple(row.values()) for row in rows}) == len(rows)
