"""Treaties, laws and prizes by their form, and types that the words around a name tell."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS
from transforms.enrich.mentions.told import told_types
from transforms.enrich.mentions.works import find_works, is_work


def _articles(*bodies: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"article_id": [f"{number}" for number in range(len(bodies))], "body": bodies},
        schema={"article_id": pl.String, "body": pl.String},
    )


def _told(body: str, *names: tuple[str, str]) -> list[tuple[str, str]]:
    """What becomes of some names, each at its next place in the body, with the types that a model gave."""
    rows, at = [], 0
    for surface, mention_type in names:
        at = body.index(surface, at)
        rows.append(("0", at, at + len(surface), surface, mention_type, 0.5))
        at += len(surface)
    found = told_types(pl.DataFrame(rows, schema=MENTION_COLUMNS, orient="row"), Batch(_articles(body)))
    assert found.schema == MENTION_COLUMNS
    assert all(
        body[start:end] == surface for start, end, surface in found.select("start_char", "end_char", "surface").rows()
    )
    return found.select("surface", "mention_type").rows()


@pytest.mark.parametrize(
    ("body", "name", "is_kept"),
    [
        ("Sen. Ann Lee (D-Calif.) said", "D-Calif", False),
        ("Rep. Bob Ray, R-N.Y., said", "R-N.Y.", False),
        ("the D-Link router", "D-Link", True),
        ("BNP Paribas ( BNPP.PA ) fell", "BNPP.PA", False),
        ("Citigroup ( C.N ) fell", "C.N", False),
        ("<Dow> and Exxon <XON.N> fell", "XON", False),
        ("the index .SPX rose", "SPX", False),
        ("the agency (FEMA) said", "FEMA", True),
        ("the law (GATT. It) said", "GATT", True),
        ("Q: Why?", "Q", False),
        ("The Times, LLC. Mrs. Lee", "LLC", False),
        ("The Times, LLC. Mrs. Lee", "Mrs.", False),
    ],
)  # fmt: skip
def test_codes_name_nothing(body: str, name: str, is_kept: bool) -> None:  # ruff: ignore[boolean-type-hint-positional-argument] - pytest gives it
    assert _told(body, (name, "ORGANISATION")) == ([(name, "ORGANISATION")] if is_kept else [])


@pytest.mark.parametrize(
    ("body", "treaties", "works"),
    [
        (
            "parties to the United Nations Framework Convention on Climate Change met",
            ["United Nations Framework Convention on Climate Change"], [],
        ),
        ("It joined the Convention on the Rights of the Child in 1990.", ["Convention on the Rights of the Child"], []),
        ("under the Treaty of Lisbon and the Schengen Agreement", ["Treaty of Lisbon"], ["Schengen Agreement"]),
        ("under Article 6 of the Paris Agreement, on Monday", ["Article 6 of the Paris Agreement"], []),
        ("The Paris Agreement of 2015", [], ["Paris Agreement"]),
        ("won the Nobel Prize in Physiology or Medicine", [], ["Nobel Prize in Physiology or Medicine"]),
        ("The Agreement holds. This Act does not. The Inflation Reduction Act", [], ["Inflation Reduction Act"]),
        ("the Democratic National Convention in Chicago; an agreement on trade", [], []),
    ],
)  # fmt: skip
def test_works_by_their_form(body: str, treaties: list[str], works: list[str]) -> None:
    assert [found["surface"].to_list() for found in find_works(Batch(_articles(body)))] == [treaties, works]


def test_a_whole_name_is_a_work_or_not() -> None:
    works = ["Kyoto Protocol", "the Treaty on Open Skies", "Clean Air Act", "Rome Statute of the International Court"]
    others = ["Treaty", "Kyoto", "Convention Center", "Ministry of Agreement", "Bletchley"]
    assert is_work(pl.Series([*works[:3], *others])).to_list() == [True] * 3 + [False] * 5


@pytest.mark.parametrize(
    ("body", "given_types", "told"),
    [
        ("The Xanthor corridor opens.", [("Xanthor", "OTHER")], [("Xanthor", "PLACE")]),
        ("The Xanthor plan.", [("Xanthor", "OTHER")], [("Xanthor", "OTHER")]),
        (
            "The lander Odile is up. Odile sleeps. Odile Ames cheered.",
            [("Odile", "PERSON"), ("Odile", "PERSON"), ("Odile Ames", "PERSON")],
            [("Odile", "OTHER"), ("Odile", "OTHER"), ("Odile Ames", "PERSON")],
        ),
        ("a Japan rocket", [("Japan", "PLACE")], [("Japan", "PLACE")]),
        ("A NASA spacecraft", [("NASA", "ORGANISATION")], [("NASA", "ORGANISATION")]),
        (
            "GDP and AI and the UN",
            [("GDP", "ORGANISATION"), ("AI", "OTHER"), ("UN", "OTHER")],
            [("UN", "ORGANISATION")],
        ),
        ("the 2015 Paris Agreement", [("2015 Paris Agreement", "OTHER")], [("Paris Agreement", "OTHER")]),
        ("at the 2008 Summer Olympics", [("2008 Summer Olympics", "OTHER")], [("2008 Summer Olympics", "OTHER")]),
        ("the Kyoto Protocol", [("Kyoto Protocol", "ORGANISATION")], [("Kyoto Protocol", "OTHER")]),
        ("the Group of Seven", [("Group of Seven", "OTHER")], [("Group of Seven", "ORGANISATION")]),
        (
            "the Olympic flag on Earth",
            [("Olympic", "OTHER"), ("Earth", "OTHER")],
            [("Olympic", "EVENT"), ("Earth", "PLACE")],
        ),
        ("Lines.\n\nBERN, Jan 11 (Agency) — Ice.", [("BERN", "ORGANISATION")], [("BERN", "PLACE")]),
        ("Lines of NATO — all.", [("NATO", "ORGANISATION")], [("NATO", "ORGANISATION")]),
        ("French Guiana", [("French Guiana", "OTHER")], [("French Guiana", "PLACE")]),
        ("the Welsh Parliament", [("Welsh Parliament", "OTHER")], [("Welsh Parliament", "ORGANISATION")]),
        # What everybody knows for a thing is no person and no place.
        (
            "Obamacare and the Koran, Islam Karimov",
            [("Obamacare", "PERSON"), ("Koran", "PLACE"), ("Islam Karimov", "PERSON")],
            [("Obamacare", "OTHER"), ("Koran", "OTHER"), ("Islam Karimov", "PERSON")],
        ),
        (
            "Rafiqul Islam fled. Islam lost his house.",
            [("Rafiqul Islam", "PERSON"), ("Islam", "PERSON")],
            [("Rafiqul Islam", "PERSON"), ("Islam", "PERSON")],
        ),
        (
            "the U.N. and NATO in the U.S. and LA",
            [("U.N.", "PLACE"), ("NATO", "PLACE"), ("U.S.", "PLACE"), ("LA", "PLACE")],
            [("U.N.", "ORGANISATION"), ("NATO", "ORGANISATION"), ("U.S.", "PLACE"), ("LA", "PLACE")],
        ),
    ],
)
def test_types_that_are_told(body: str, given_types: list[tuple[str, str]], told: list[tuple[str, str]]) -> None:
    assert _told(body, *given_types) == told


_PIECES = st.sampled_from([
    "Kyoto Protocol", "the", "Convention on", "Climate Change", "Énergie", "🙂", "Treaty of", "Act", ".", " ", "\n\n",
    "of", "Nobel Prize in", "Article 6 of the", "\x01",
])  # fmt: skip


@settings(deadline=None, max_examples=20)
@given(st.lists(st.lists(_PIECES, max_size=8).map(" ".join), min_size=1, max_size=4))
def test_spans_are_exact_and_do_not_depend_on_the_batch(bodies: list[str]) -> None:
    articles = _articles(*bodies)
    for part, found in enumerate(find_works(Batch(articles))):
        assert found.schema == MENTION_COLUMNS
        one_by_one = pl.concat([find_works(Batch(articles[number]))[part] for number in range(len(articles))])
        assert_frame_equal(found, one_by_one)
        for article_id, start, end, surface in found.select("article_id", "start_char", "end_char", "surface").rows():
            assert bodies[int(article_id)][start:end] == surface
