"""A name of two places."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.enrich.entities import count_mentions, summarise_entities, with_entity_ids
from transforms.enrich.place_context import known_by_neighbours


def _mentions(*articles: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        [(str(number), "PLACE", surface) for number, surfaces in enumerate(articles) for surface in surfaces],
        schema=["article_id", "mention_type", "surface"],
        orient="row",
    )


@pytest.mark.parametrize(
    ("surfaces", "is_state"),
    [
        (["Georgia", "Ohio"], True),
        (["GEORGIA", "Atlanta"], True),
        (["the Georgia", "Washington", "Ga"], True),
        (["Georgia"], False),
        (["Georgia", "Washington", "Ukraine"], False),
        (["Georgia", "Ohio", "Tbilisi"], False),
        (["Georgia", "California", "South Ossetia"], False),
    ],
)
def test_georgia_is_a_state_beside_other_states(surfaces: list[str], is_state: bool) -> None:  # ruff: ignore[boolean-type-hint-positional-argument] - pytest gives it
    known = known_by_neighbours(_mentions(tuple(surfaces)))
    assert known.to_list() == ["Ga" if is_state else None, *[None] * (len(surfaces) - 1)]


def test_what_georgia_is_depends_on_its_own_article_and_on_places_alone() -> None:
    mentions = _mentions(("Georgia", "Atlanta"), ("Georgia", "Armenia"), ("Ohio",))
    assert known_by_neighbours(mentions).to_list() == ["Ga", None, None, None, None]
    persons = mentions.with_columns(pl.lit("PERSON").alias("mention_type"))
    assert known_by_neighbours(persons).is_null().all()


def test_the_state_is_another_entity_than_the_country() -> None:
    mentions = _mentions(("Georgia", "Atlanta"), ("Georgia", "Ga"), ("Georgia",))
    known = mentions.with_columns(known_by_neighbours(mentions).alias("known_as"))
    named = with_entity_ids(known).with_columns(pl.lit(None, pl.Date).alias("published_on"))
    entities = summarise_entities(*count_mentions(named.lazy())).filter(pl.col("name").str.contains("Georgia"))
    found = entities.select("name", "country_code", "mention_count", "geonames_id").sort("name").rows()
    assert found == [("Georgia", "GE", 1, 614540), ("Georgia (U.S. state)", "US", 3, 4197000)]
