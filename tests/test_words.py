"""Words counted in the bytes of many texts are those that the macro words_of gives of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from warehouse.sqlfiles import sql_files
from warehouse.words import count_words

#: Letters and digits that Unicode treats in ways of their own, and what stands between words.
ODD = (
    "aA1 ıİßﬀŁøçÅñ\u0301\u0327\u0345²½Ⅷ٣१漢カー々한กِ𝐀𐍈😀’“”—·…«»\u00a0\u00ad\u200b\u2028\ufeff\0\t\n\r\x0b\x1c\x7f\x85"
)

TEXTS = st.text(st.sampled_from(ODD) | st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.fixture(scope="module")
def macros() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for macro in sql_files("macros"):
            if macro.name in {"fold", "words_of"}:
                connection.execute(macro.text)
        yield connection


def frame(connection: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    return pl.DataFrame(connection.sql(sql).to_arrow_table())


def counted(connection: duckdb.DuckDBPyConnection, texts: Sequence[str], batch_rows: int = 1_000) -> pl.DataFrame:
    # Numbers fall, and do not begin at 0.
    numbers = pl.Series([7_000 - number for number in range(len(texts))], dtype=pl.Int32)
    connection.register("texts", pl.DataFrame({"text_no": numbers, "text": texts}).to_arrow())
    folded = connection.sql("SELECT text_no, fold(text) AS text FROM texts").to_arrow_table(batch_rows)
    connection.register("counted", count_words(connection, folded))
    return frame(connection, "SELECT word::VARCHAR AS word, text_no, use_count::BIGINT AS use_count FROM counted")


def assert_as_the_macro_has_them(found: pl.DataFrame, connection: duckdb.DuckDBPyConnection) -> None:
    words = "SELECT unnest(words_of(text)) AS word, text_no FROM texts"
    sql = f"SELECT word, text_no, count(*) AS use_count FROM ({words}) GROUP BY word, text_no ORDER BY word, text_no"
    assert_frame_equal(found, frame(connection, sql))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The EU's 27 members, the 27.", {"the": 2, "eu": 1, "s": 1, "27": 2, "members": 1}),
        ("", {}),
        (" \n\n—…—\t", {}),
        ("Erdoğan’s café—naïve", {"erdogan": 1, "s": 1, "cafe": 1, "naive": 1}),
        ("cafe\u0301 q\u0307r", {"cafe": 1, "qr": 1}),
        ("IŞIK ışık", {"isik": 1, "ısık": 1}),
        ("Straße STRASSE", {"straße": 1, "strasse": 1}),
        ("東京、大阪。2024年", {"東京": 1, "大阪": 1, "2024年": 1}),
        ("Москва-река № 5½", {"москва": 1, "река": 1, "5½": 1}),
        ("𝐀😀𐍈b", {"𝐀": 1, "𐍈b": 1}),
        ("a\0b\x7fc", {"a": 1, "b": 1, "c": 1}),
    ],
)
def test_words_are_runs_of_letters_and_digits(
    text: str, words: dict[str, int], macros: duckdb.DuckDBPyConnection
) -> None:
    found = counted(macros, [text])
    assert dict(found.select("word", "use_count").iter_rows()) == words
    assert_as_the_macro_has_them(found, macros)


@given(texts=st.lists(TEXTS, min_size=1, max_size=8), batch_rows=st.integers(1, 4))
def test_words_are_those_of_the_macro(texts: list[str], batch_rows: int, macros: duckdb.DuckDBPyConnection) -> None:
    assert_as_the_macro_has_them(counted(macros, texts, batch_rows), macros)


def test_every_character_parts_or_makes_words_as_in_the_macro(macros: duckdb.DuckDBPyConnection) -> None:
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    texts = ["".join(f"x{each}y " for each in characters[start : start + 2000]) for start in range(0, 0x110000, 2000)]
    assert_as_the_macro_has_them(counted(macros, texts), macros)


def test_numbers_of_words_and_texts_together_may_need_64_bits(macros: duckdb.DuckDBPyConnection) -> None:
    texts = [" ".join(f"w{number}" for number in range(70_000)), *["x"] * 69_999]
    found = counted(macros, texts)
    assert len(found) == 70_000 + 69_999
    assert_as_the_macro_has_them(found, macros)
