"""Which mentions are of one entity, and what an entity's row says."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from transforms.contracts import TABLES
from transforms.enrich.entities import (
    count_mentions,
    name_key,
    summarise_entities,
    with_entity_ids,
)
from transforms.enrich.gazetteer import read_packaged_csv


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Recep Tayyip Erdoğan", "Recep Tayyip Erdogan"),
        ("the United Nations", "United Nations"),
        ("NASA", "Nasa"),
        ("Azerbaijan's", "Azerbaijan"),
        ("United States’", "United States"),
        ("O’Neill", "O'Neill"),
        ("J.D. Vance", "JD Vance"),
        ("J. Smith", "J Smith"),
        ("U.S. Senate", "US Senate"),
    ],
)
def test_equal_names(one: str, other: str) -> None:
    keys = pl.DataFrame({"name": [one, other]}).select(name_key(pl.col("name"))).to_series()
    assert keys[0] == keys[1]


def _ids(*mentions: tuple[str, str]) -> list[str | None]:
    frame = pl.DataFrame(mentions, schema=["mention_type", "surface"], orient="row")
    return with_entity_ids(frame)["entity_id"].to_list()


def test_aliases_of_a_country_are_one_entity() -> None:
    ids = _ids(("PLACE", "U.S."), ("PLACE", "United States"), ("PLACE", "the United States"), ("PLACE", "USA"))
    assert len(set(ids)) == 1


def test_an_organisation_is_one_entity_under_its_short_and_long_names() -> None:
    union = _ids(("ORGANISATION", "EU"), ("ORGANISATION", "the European Union"), ("ORGANISATION", "E.U."))
    nations = _ids(("ORGANISATION", "UN"), ("ORGANISATION", "United Nations"), ("PLACE", "UN"), ("PERSON", "UN"))
    assert len(set(union)) == 1
    assert nations[0] == nations[1]
    assert len({*union, *nations}) == 4


@pytest.mark.parametrize(
    ("entity_type", "names", "other"),
    [
        ("ORGANISATION", ["Apple", "Apple Inc", "Apple Inc.", "Apple, Inc."], "Apple Music"),
        ("ORGANISATION", ["Goldman Sachs", "Goldman Sachs & Co.", "GOLDMAN SACHS"], "Goldman"),
        ("ORGANISATION", ["Boeing Company", "Boeing"], "Boeing Field"),
        ("ORGANISATION", ["News Corp", "the News Corp"], "News"),
        ("GROUP", ["American", "Americans", "AMERICANS"], "America"),
        ("GROUP", ["Swiss"], "Swis"),
        ("PERSON", ["Donald Trump", "Donald J. Trump", "Donald J Trump"], "Donald Trump Jr."),
        ("PERSON", ["George Bush", "George W. Bush"], "George H.W. Bush"),
        ("PERSON", ["Malcolm X"], "Malcolm"),
        ("PERSON", ["Obama", "Barack Obama", "Barack H. Obama", "OBAMA"], "Michelle Obama"),
        ("PERSON", ["Biden", "Joseph R. Biden", "Joseph R. Biden Jr."], "Beau Biden"),
        ("PERSON", ["Erdoğan", "Erdogan", "Recep Tayyip Erdoğan"], "Erdogan Bayraktar"),
        ("PERSON", ["Kim Jong-un", "Kim Jong Un"], "Kim"),
    ],
)
def test_names_of_one_entity(entity_type: str, names: list[str], other: str) -> None:
    ids = _ids(*((entity_type, name) for name in [*names, other]))
    assert len(set(ids[:-1])) == 1
    assert ids[-1] not in ids[:-1]


@pytest.mark.parametrize("file_name", ["organisation_aliases.csv", "person_aliases.csv"])
def test_no_short_name_stands_for_two(file_name: str) -> None:
    rows = pl.DataFrame(read_packaged_csv(file_name))
    keys = rows.select(alias=name_key(pl.col("alias")), name=name_key(pl.col("name")))
    assert keys.group_by("alias").agg(pl.col("name").n_unique())["name"].to_list() == [1] * keys["alias"].n_unique()
    assert set(keys["alias"]) & set(keys["name"]) == set()


def test_a_name_of_two_types_is_two_entities_and_values_are_none() -> None:
    person, place, money, day = _ids(("PERSON", "Paris"), ("PLACE", "Paris"), ("MONEY", "$5"), ("DATE", "Monday"))
    assert person != place
    assert (money, day) == (None, None)


def test_ids_do_not_depend_on_the_batch() -> None:
    assert _ids(("PERSON", "Xi Jinping")) == _ids(("PLACE", "China"), ("PERSON", "Xi Jinping"))[1:]


def test_an_entity_is_named_by_its_commonest_surface_or_the_gazetteer() -> None:
    rows = [
        ("0" * 16, 0, date(2024, 1, 1), "NASA", "ORGANISATION"),
        ("0" * 16, 1, date(2024, 1, 1), "Nasa", "ORGANISATION"),
        ("1" * 16, 0, date(2024, 3, 1), "NASA", "ORGANISATION"),
        ("1" * 16, 1, date(2024, 3, 1), "USA", "PLACE"),
        ("1" * 16, 2, date(2024, 3, 1), "2024", "DATE"),
    ]
    named = pl.DataFrame(
        rows, schema=["article_id", "mention_no", "published_on", "surface", "mention_type"], orient="row"
    )
    entities = summarise_entities(*count_mentions(with_entity_ids(named).lazy()))
    assert entities.columns == TABLES["entities"].columns
    assert entities.drop("entity_id", "latitude", "longitude", "geonames_id").rows() == [
        ("ORGANISATION", "NASA", None, 3, 2, date(2024, 1, 1), date(2024, 3, 1)),
        ("PLACE", "United States", "US", 1, 1, date(2024, 3, 1), date(2024, 3, 1)),
    ]


def test_a_city_has_its_coordinates() -> None:
    named = pl.DataFrame({
        "article_id": ["0" * 16],
        "mention_no": [0],
        "published_on": [None],
        "surface": ["Baku"],
        "mention_type": ["PLACE"],
    }).with_columns(pl.col("published_on").cast(pl.Date))
    baku = summarise_entities(*count_mentions(with_entity_ids(named).lazy())).row(0, named=True)
    assert (baku["country_code"], round(baku["latitude"]), round(baku["longitude"])) == ("AZ", 40, 50)


def test_no_mentions_make_no_entities() -> None:
    assert summarise_entities(*count_mentions(TABLES["mentions"].empty().lazy())).is_empty()
