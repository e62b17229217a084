"""Roles of persons, before and behind their names."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transforms.enrich.mentions.batch import Batch
from transforms.enrich.mentions.roles import ROLE_COLUMNS, find_roles


def _articles(*bodies: str) -> pl.DataFrame:
    return pl.DataFrame({"article_id": [f"{number}" for number in range(len(bodies))], "body": bodies})


def _persons(articles: pl.DataFrame, name: str) -> pl.DataFrame:
    """Every place where the name stands, once in each body at most."""
    found = [
        (article_id, body.index(name), body.index(name) + len(name))
        for article_id, body in articles.rows()
        if name in body
    ]
    schema = {"article_id": pl.String, "start_char": pl.Int32, "end_char": pl.Int32}
    return pl.DataFrame(found, schema=schema, orient="row")


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ("the role of Azerbaijani Ambassador to China Ann Lee.", "Azerbaijani Ambassador to China"),
        ("He met President Ann Lee.", "President"),
        ("On Tuesday President Ann Lee left.", "President"),
        ("then-Senate Majority Leader Ann Lee", "then-Senate Majority Leader"),
        ("Ann Lee, director of the Institute of Physics, said", "director of the Institute of Physics"),
        ("Ann Lee, Apple's chief executive, spoke.", "Apple's chief executive"),
        ("Ann Lee, 45, a professor at the University of Ghent.", "professor at the University of Ghent"),
        ("The head of the agency, Ann Lee, resigned.", "head of the agency"),
        ("met Director of the IFW at the Academy of Art Ann Lee", "Director of the IFW at the Academy of Art"),
        ("with former Texas Gov. Ann Lee", "former Texas Gov."),
        ("Bank of Japan Governor Ann Lee", "Bank of Japan Governor"),
        ("Health and Human Services Secretary Ann Lee", "Health and Human Services Secretary"),
        ("Obama and Russian President Ann Lee", "Russian President"),
        ("His campaign manager, Ann Lee, said", "campaign manager"),
        ("Kenya's president, Ann Lee, said", "Kenya's president"),
        ("But South Africa's finance minister, Ann Lee, said", "South Africa's finance minister"),
        ("a letter today to the president of the bank, Ann Lee, said", "president of the bank"),
        ("His partner, Ann Lee, said", None),
        ("Ann Lee, a tax expert at the Urban Institute.", "tax expert at the Urban Institute"),
        ("The director of the Bank of Dar (BOD), Ann Lee, said", "director of the Bank of Dar"),
        ("Bob Ray D MT Senator Ann Lee", "Senator"),
        ("Müllers é Präsident and U.S. Senator Ann Lee", "U.S. Senator"),
        ("In Baku. Foreign Minister Ann Lee", "Foreign Minister"),
        ("Mr Ann Lee", None),
        ("The presidents met Ann Lee, and the director left.", None),
        ("Ann Lee, who was a director, left.", None),
        ("Senators Ann Lee", None),
        ("the director\n\nAnn Lee", None),
        ("Ann Lee", None),
    ],
)  # fmt: skip
def test_roles(body: str, role: str | None) -> None:
    articles = _articles(body)
    found = find_roles(_persons(articles, "Ann Lee"), Batch(articles))
    assert found["role"].to_list() == [role]
    if role:
        assert body[found["role_start_char"][0] : found["role_end_char"][0]] == role
    else:
        assert found["role_start_char"].to_list() == found["role_end_char"].to_list() == [None]


def test_no_persons() -> None:
    articles = _articles("a")
    assert_frame_equal(find_roles(_persons(articles, "Ann Lee"), Batch(articles)), ROLE_COLUMNS.to_frame())


_PIECES = st.sampled_from([
    "President", "the", "Senator", "director of", "Bank of Japan", ",", ", ", ".", " ", "é", "🙂", "\n\n", "former",
    "U.S.", "chief executive", "and", "said",
])  # fmt: skip


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.lists(_PIECES, max_size=6), st.lists(_PIECES, max_size=6)), min_size=1, max_size=4))
def test_spans_are_exact_and_do_not_depend_on_the_batch(contexts: list[tuple[list[str], list[str]]]) -> None:
    articles = _articles(*(f"{' '.join(before)} Ann Lee{' '.join(behind)}" for before, behind in contexts))
    persons = _persons(articles, "Ann Lee")
    found = find_roles(persons, Batch(articles))
    assert found.schema == ROLE_COLUMNS
    alone = [find_roles(persons[number], Batch(articles[number])) for number in range(len(articles))]
    assert_frame_equal(found, pl.concat(alone))
    backwards = find_roles(persons.reverse(), Batch(articles.reverse())).reverse()
    assert_frame_equal(found, backwards)
    for body, role, start, end in pl.concat([articles, found], how="horizontal").drop("article_id").rows():
        assert role is None or body[start:end] == role
