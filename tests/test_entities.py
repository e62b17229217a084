"""Which mentions are of one entity, and what an entity's row says."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from transforms.contracts import TABLES
from transforms.enrich.entities import (
    count_mentions,
    known_by_initials,
    known_in_full,
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
    ],
)
def test_names_of_one_entity(entity_type: str, names: list[str], other: str) -> None:
    ids = _ids(*((entity_type, name) for name in [*names, other]))
    assert len(set(ids[:-1])) == 1
    assert ids[-1] not in ids[:-1]


def test_a_middle_initial_makes_no_second_person_of_a_surname() -> None:
    mentions = pl.DataFrame({"surface": ["Donald J. Trump", "Trump", "Donald Trump"]}).with_columns(
        pl.lit("a").alias("article_id"), pl.lit("PERSON").alias("mention_type")
    )
    assert known_in_full(mentions).to_list()[1] is not None


def test_no_short_name_stands_for_two_organisations() -> None:
    rows = pl.DataFrame(read_packaged_csv("organisation_aliases.csv"))
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


def test_a_surname_means_the_person_whom_the_article_names_in_full() -> None:
    mentions = pl.DataFrame(
        [
            ("a", "PERSON", "António Guterres"),
            ("a", "PERSON", "Guterres"),
            ("a", "PERSON", "Antonio Guterres"),
            ("a", "PLACE", "Guterres"),
            ("b", "PERSON", "Guterres"),
            ("c", "PERSON", "Joe Biden"),
            ("c", "PERSON", "Hunter Biden"),
            ("c", "PERSON", "Biden"),
        ],
        schema=["article_id", "mention_type", "surface"],
        orient="row",
    )
    full = known_in_full(mentions)
    assert full.to_list() == [None, "Antonio Guterres", None, None, None, None, None, None]
    ids = with_entity_ids(mentions.with_columns(full.alias("known_as")))["entity_id"].to_list()
    assert ids[0] == ids[1] == ids[2]
    assert len({ids[1], ids[3], ids[4]}) == 3
    assert len({ids[5], ids[6], ids[7]}) == 3


def test_an_entity_goes_by_its_own_name_however_often_it_is_called_otherwise() -> None:
    mentions = pl.DataFrame({
        "article_id": ["a"] * 4,
        "mention_type": ["PERSON"] * 4,
        "surface": ["António Guterres", "Guterres", "Guterres", "Guterres"],
        "published_on": [date(2024, 1, 1)] * 4,
    })
    named = with_entity_ids(mentions.with_columns(known_in_full(mentions).alias("known_as")))
    entities = summarise_entities(*count_mentions(named.lazy()))
    assert entities.select("name", "mention_count").rows() == [("António Guterres", 4)]


@pytest.mark.parametrize(
    ("spans", "known"),
    [
        # European Central Bank (ECB) … ECB
        ([(0, "European Central Bank"), (23, "ECB"), (80, "ECB")], [None, *["European Central Bank"] * 2]),
        # Food and Agriculture Organization (FAO)
        ([(0, "Food and Agriculture Organization"), (35, "FAO")], [None, "Food and Agriculture Organization"]),
        ([(0, "Bank of England"), (17, "BoE")], [None, "Bank of England"]),
        # Department of Energy (DOE): the small word counts
        ([(0, "Department of Energy"), (22, "DOE")], [None, "Department of Energy"]),
        # European Central Bank, IMF: two names
        ([(0, "European Central Bank"), (23, "IMF")], [None, None]),
        # ECB before it is explained, and far from the name
        ([(0, "ECB"), (40, "European Central Bank"), (90, "ECB")], [None, None, None]),
    ],
)
def test_initials_stand_for_the_name_that_they_explain(spans: list[tuple[int, str]], known: list[str | None]) -> None:
    mentions = pl.DataFrame({
        "article_id": "a" * 16,
        "mention_type": "ORGANISATION",
        "surface": [surface for _, surface in spans],
        "start_char": [start for start, _ in spans],
        "end_char": [start + len(surface) for start, surface in spans],
    })
    assert known_by_initials(mentions).to_list() == known


def test_initials_are_explained_in_their_own_article_alone() -> None:
    mentions = pl.DataFrame(
        [
            ("a", "ORGANISATION", "European Central Bank", 0, 21),
            ("a", "ORGANISATION", "ECB", 23, 26),
            ("b", "ORGANISATION", "ECB", 5, 8),
            ("c", "ORGANISATION", "England Cricket Board", 0, 21),
            ("c", "ORGANISATION", "ECB", 23, 26),
            ("c", "ORGANISATION", "European Central Bank", 30, 51),
            ("c", "ORGANISATION", "ECB", 53, 56),
        ],
        schema=["article_id", "mention_type", "surface", "start_char", "end_char"],
        orient="row",
    )
    assert known_by_initials(mentions).to_list() == [None, "European Central Bank", *[None] * 5]
