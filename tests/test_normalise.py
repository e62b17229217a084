"""Clean text, identity and counts."""

from __future__ import annotations

import unicodedata
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise import clean_line, clean_text, normalise, short_ids
from transforms.parse.format import RAW_ARTICLE


def _clean(text: str) -> str:
    return str(pl.DataFrame({"text": [text]}).select(clean_text(pl.col("text"))).item())


def _raw(**columns: list[object]) -> pl.DataFrame:
    count = len(next(iter(columns.values())))
    rows = {name: [None] * count for name in RAW_ARTICLE.names()}
    rows |= {"source": ["s"] * count, "path": ["p"] * count, "record_no": [0] * count}
    return pl.DataFrame(rows | columns, schema=RAW_ARTICLE)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  One\ttwo  \n", "One two"),
        ("One.\n\n\n \nTwo.", "One.\n\nTwo."),
        ("hard\nwrapped\nlines", "hard wrapped lines"),
        ("cafe\u0301", "caf\u00e9"),
        ("a\u00a0b\u3000c", "a b c"),
        ("bell\x07 escape\x1b[31m null\x03", "bell escape [31m null"),
        ("zero\u200bwidth soft\u00adhyphen", "zerowidth softhyphen"),
        ("right\u202eto\u202cleft", "righttoleft"),
        ("next\x85line and\u2028separator", "next line and separator"),
        ("one\u2029two", "one\n\ntwo"),
        ("family 👩\u200d👩\u200d👧", "family 👩\u200d👩\u200d👧"),
        (" \n ", ""),
    ],
)
def test_clean_text(text: str, cleaned: str) -> None:
    assert _clean(text) == cleaned


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = _clean(text)
    assert _clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()
    assert not any(unicodedata.category(character) == "Cc" and character != "\n" for character in once)


def test_a_line_has_no_breaks_and_none_is_null() -> None:
    lines = pl.DataFrame({"text": ["A\n\nB", " \n", None]}).select(clean_line(pl.col("text"))).to_series()
    assert lines.to_list() == ["A B", None, None]


def test_counts_identity_and_month() -> None:
    raw = _raw(
        path=["a", "b"],
        published_on=[date(2024, 2, 29), None],
        title=[" A  title ", None],
        body=["One two. Three!\n\nFour 🙂.", "Five."],
    )
    (articles, sentences), textless = normalise(raw)
    assert textless.is_empty()
    assert articles.select(
        "title", "published_month", "paragraph_count", "sentence_count", "word_count", "char_count"
    ).rows() == [("A title", "2024-02", 2, 3, 5, 24), (None, "undated", 1, 1, 1, 5)]
    assert articles["article_id"].to_list() == short_ids(["s\0a\0000", "s\0b\0000"]).to_list()
    assert sentences.select("sentence_no", "paragraph_no", "start_char", "end_char").rows() == [
        (0, 0, 0, 8),
        (1, 0, 9, 15),
        (2, 1, 17, 24),
        (0, 0, 0, 5),
    ]


def test_identity_depends_on_where_the_article_is_and_content_on_what_it_says() -> None:
    raw = _raw(path=["a", "b", "a"], record_no=[0, 0, 1], title=["T", "T", "U"], body=["Same.", "Same.", "Same."])
    articles = normalise(raw)[0].articles
    assert articles["article_id"].n_unique() == 3
    first, second, third = articles["content_sha256"]
    assert first == second != third


def test_an_article_of_nothing_but_control_characters_is_told() -> None:
    (articles, sentences), textless = normalise(_raw(path=["a", "b"], body=["\x01 \u200b", "Text."]))
    assert articles["path"].to_list() == ["b"]
    assert len(sentences) == 1
    assert textless.rows() == [("s", "a", 0)]
