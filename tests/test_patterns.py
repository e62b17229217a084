"""Places of pattern matches, and which of overlapping ones stay."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.enrich.mentions.patterns import Bodies, Matches, without_overlaps

_PATTERN = r"a[b é]*|🙂+"
_BODIES = st.lists(st.text(alphabet="ab é🙂\n\x01\x02", max_size=12), max_size=5)


@settings(deadline=None)
@given(_BODIES)
def test_matches_are_those_of_the_standard_library(texts: list[str]) -> None:
    bodies = Bodies.of(pl.Series(texts, dtype=pl.String))
    matches = bodies.find(_PATTERN)
    starts, ends = bodies.chars(matches)
    expected = [
        (number, found.start(), found.end())
        for number, text in enumerate(texts)
        for found in re.finditer(_PATTERN, re.sub(r"[\x01\x02]", " ", text))
    ]
    assert list(zip(matches.body_nos.tolist(), starts.tolist(), ends.tolist(), strict=True)) == expected
    assert bodies.surfaces(matches).to_list() == [texts[number][start:end] for number, start, end in expected]
    again = bodies.byte_matches(matches.body_nos, starts, ends)
    assert again.starts.tolist() == matches.starts.tolist()
    assert again.ends.tolist() == matches.ends.tolist()


@settings(deadline=None)
@given(_BODIES)
def test_contexts_are_whole_characters_of_the_same_body(texts: list[str]) -> None:
    bodies = Bodies.of(pl.Series(texts, dtype=pl.String))
    matches = bodies.find("b")
    starts, ends = bodies.chars(matches)
    before, after = bodies.before(matches, 3), bodies.after(matches, 3)
    for number, start, end, text_before, text_after in zip(
        matches.body_nos.tolist(), starts.tolist(), ends.tolist(), before, after, strict=True
    ):
        assert texts[number][:start].endswith(text_before)
        assert texts[number][end:].startswith(text_after)
        assert len(text_before.encode()) <= 3
        assert len(text_before.encode()) == 3 or texts[number][:start] == text_before or start > 0
    in_line = bodies.before(matches, 3, in_line=True), bodies.after(matches, 3, in_line=True)
    assert in_line[0].to_list() == [text.rpartition("\n")[2] for text in before]
    assert in_line[1].to_list() == [text.partition("\n")[0] for text in after]
    around = bodies.around(matches, 3, 3)
    assert around.rows() == list(zip(before, bodies.surfaces(matches), after, strict=True))


def _spans(*spans: tuple[int, int]) -> Matches:
    columns = np.array(spans, np.int64).reshape(-1, 2)
    return Matches(np.zeros(len(spans), np.int64), columns[:, 0], columns[:, 1])


def test_the_longest_stays_then_the_earliest_then_the_first() -> None:
    assert without_overlaps(_spans((0, 3), (2, 6), (6, 8), (5, 7), (6, 8))).tolist() == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert without_overlaps(_spans()).tolist() == []


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 5)).map(lambda span: (span[0], sum(span))), max_size=9))
def test_overlaps_are_settled_as_one_by_one(spans: list[tuple[int, int]]) -> None:
    kept: list[int] = []
    for number in sorted(range(len(spans)), key=lambda no: (spans[no][0] - spans[no][1], spans[no][0], no)):
        start, end = spans[number]
        if all(end <= spans[other][0] or spans[other][1] <= start for other in kept):
            kept.append(number)
    assert np.flatnonzero(without_overlaps(_spans(*spans))).tolist() == sorted(kept)
