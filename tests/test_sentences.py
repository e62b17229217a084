"""Sentence boundaries: the hard cases, and the invariants on any text."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.normalise import clean_text
from transforms.sentences import split_sentences


def _split(body: str) -> list[str]:
    return [
        body[start:end] for start, end in split_sentences(pl.Series([body])).select("start_char", "end_char").rows()
    ]


@pytest.mark.parametrize(
    "sentences",
    [
        ["One sentence.", "Another one!", "A third?", "And a fourth…", "The end."],
        ["Mr. Smith met Dr. Jones and Mrs. O'Neill.", "They talked."],
        ["The U.S. Senate met.", "He flew to the U.S. on Monday."],
        ["She lives in the U.S.", "He does not."],
        ["No. 5 won.", "He said no.", "Then he left."],
        ["George W. Bush spoke.", "J. K. Rowling wrote.", "É. Zola read."],
        ["Prices rose 3.5 per cent.", "Oil cost $82.40 a barrel."],
        ['"It was good," he said.', '"We will go on."', "She left."],
        ['"Will it work?" he asked.', "“Stop!” she cried.", "They stopped."],
        ["It starts at 5 p.m. on Jan. 11 in Washington, D.C. and ends late.", "It ended at 6 a.m.", "The guests left."],
        ["Acme Inc. said so.", "He works for Acme Inc.", "The firm is small."],
        ["He won (in 2020.)", "Then he lost."],
        ["See Fig. 3 and Sec. 2, e.g. Berlin vs. Paris.", "Fine."],
        ["It cost 1,000 euros (about £850).", "9 people paid."],
        ["他说。", "我们走！", "“好。”"],
        ["Wait... what happened?", "Nothing."],
    ],
    ids=lambda sentences: sentences[0],
)
def test_splits(sentences: list[str]) -> None:
    separator = "" if sentences[0].endswith("。") else " "
    assert _split(separator.join(sentences)) == sentences


def test_a_paragraph_ends_a_sentence_whatever_stands_there() -> None:
    assert _split("A headline without a stop\n\n1. First item\n\nMr.\n\nx") == [
        "A headline without a stop",
        "1. First item",
        "Mr.",
        "x",
    ]


def test_numbers_start_anew_in_every_body() -> None:
    rows = split_sentences(pl.Series(["A. The b.\n\nC.", "D."])).rows()
    assert [row[:3] for row in rows] == [(0, 0, 0), (0, 1, 0), (0, 2, 1), (1, 0, 0)]


def test_nothing_comes_of_nothing() -> None:
    assert split_sentences(pl.Series([], dtype=pl.String)).is_empty()


_PROSE = st.text(alphabet=st.sampled_from("aAbB.!?…\"'”() \n1é🙂。"), min_size=1, max_size=60)


@given(st.lists(_PROSE | st.text(min_size=1), min_size=1, max_size=4))
def test_sentences_cover_every_body_and_nothing_else(texts: list[str]) -> None:
    cleaned = pl.DataFrame({"text": texts}).select(clean_text(pl.col("text"))).to_series()
    bodies = cleaned.filter(cleaned != "")
    sentences = split_sentences(bodies)
    for number, body in enumerate(bodies):
        spans = sentences.filter(pl.col("body_no") == number).select("start_char", "end_char").rows()
        alone = split_sentences(pl.Series([body])).select("start_char", "end_char").rows()
        assert spans == alone
        assert "".join(body[start:end] for start, end in spans).replace(" ", "") == "".join(body.split()).replace(
            " ", ""
        )
        assert all(body[start:end] == body[start:end].strip() != "" for start, end in spans)
