"""Short names: what they stand for in their article, and that no other article matters."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from transforms.enrich.entities import count_mentions, summarise_entities, with_entity_ids
from transforms.enrich.short_names import known_by_initials, known_in_full


def _known(*surfaces: str) -> list[str | None]:
    mentions = pl.DataFrame({"article_id": "a", "mention_type": "PERSON", "surface": list(surfaces)})
    return known_in_full(mentions).to_list()


@pytest.mark.parametrize(
    ("surfaces", "known"),
    [
        # Two are named before anyone is meant: it could be either.
        (["Joe Biden", "Hunter Biden", "Biden"], None),
        (["Mitt Romney", "Ann Romney", "Romney"], None),
        (["George H.W. Bush", "George W. Bush", "Bush"], None),
        # The first one is meant, also by the headline before.
        (["Mitt Romney", "Romney", "Ann Romney"], "Mitt Romney"),
        (["Clinton", "Hillary Clinton", "Bill Clinton"], "Hillary Clinton"),
        # One person in two forms.
        (["Donald J. Trump", "Trump", "Donald Trump"], "Donald Trump"),
        (["Hillary Rodham Clinton", "Hillary Clinton", "Clinton’s"], "Hillary Clinton"),
        # Sons.
        (["Eric Holder Jr.", "Holder"], "Eric Holder Jr."),
        (["Trump", "Donald Trump Jr."], None),
        (["Eric Holder Jr.", "Holder", "Eric Holder"], "Eric Holder"),
        (["Donald Trump", "Trump Jr."], None),
        # Who is known by the surname alone is another one, unless the article says first whom it means.
        (["Obama", "Michelle Obama", "Obama"], None),
        (["Michelle Obama", "Obama"], "Michelle Obama"),
        # Surnames of several words.
        (["Bill de Blasio", "de Blasio"], "Bill de Blasio"),
        (["Osama bin Laden", "Bin Laden"], "Osama bin Laden"),
        (["Bill de Blasio", "Blasio"], None),
        (["Al Gore", "Gore"], "Al Gore"),
        (["Marine Le Pen", "Le Pen"], "Marine Le Pen"),
        # Given names and family names that come first.
        (["Hillary Clinton", "Hillary", "Clinton"], "Hillary Clinton"),
        (["Hillary", "Hillary Clinton", "Hillary"], "Hillary Clinton"),
        (["Xi Jinping", "Xi"], "Xi Jinping"),
        (["Mike Pence", "Mike", "Mike Pompeo"], None),
        (["Christine", "Christine", "Christine Quinn"], None),
        (["Craig Kim", "Kim Jong Un", "Kim"], "Craig Kim"),
        (["Trump Donald John TrumpGOP", "Trump"], None),
    ],
)
def test_a_part_of_a_name_means_whom_the_article_names_in_full(surfaces: list[str], known: str | None) -> None:
    answers = dict(zip(surfaces, _known(*surfaces), strict=True))
    shortest = min(surfaces, key=len)
    assert answers.pop(shortest) == known
    assert set(answers.values()) <= {None, known}


def test_a_surname_is_told_by_its_own_article_and_type_alone() -> None:
    mentions = pl.DataFrame(
        [
            ("a", "PERSON", "Bünyad Hüseynov"),
            ("a", "PERSON", "Huseynov"),
            ("a", "PERSON", "Bunyad Huseynov"),
            ("a", "PLACE", "Huseynov"),
            ("b", "PERSON", "Huseynov"),
        ],
        schema=["article_id", "mention_type", "surface"],
        orient="row",
    )
    full = known_in_full(mentions)
    assert full.to_list() == [None, "Bunyad Huseynov", None, None, None]
    ids = with_entity_ids(mentions.with_columns(full.alias("known_as")))["entity_id"].to_list()
    assert ids[0] == ids[1] == ids[2]
    assert len({ids[1], ids[3], ids[4]}) == 3


def test_an_entity_goes_by_its_own_name_however_often_it_is_called_otherwise() -> None:
    mentions = pl.DataFrame({
        "article_id": ["a"] * 4,
        "mention_type": ["PERSON"] * 4,
        "surface": ["Bünyad Hüseynov", "Huseynov", "Huseynov", "Huseynov"],
        "published_on": [date(2024, 1, 1)] * 4,
    })
    named = with_entity_ids(mentions.with_columns(known_in_full(mentions).alias("known_as")))
    entities = summarise_entities(*count_mentions(named.lazy()))
    assert entities.select("name", "mention_count").rows() == [("Bünyad Hüseynov", 4)]


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
        # A list in the name
        (
            [(0, "Institute of Asian, Russian and East European Studies"), (55, "IAREES")],
            [None, "Institute of Asian, Russian and East European Studies"],
        ),
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
