"""Which mention stays where two claim the same text."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from transforms.enrich.mentions.overlaps import Layer, longest, over

ARTICLES = pl.DataFrame({"article_id": ["b", "a"]})
SCHEMA = {"article_id": pl.String, "start_char": pl.Int32, "end_char": pl.Int32, "mention_type": pl.String}


def _spans(*rows: tuple[str, int, int], kind: str = "") -> pl.DataFrame:
    return pl.DataFrame([(*row, kind) for row in rows], schema=SCHEMA, orient="row")


def _merged(merge: Callable[[Layer, Layer], Layer], some: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    return merge(Layer.of(some, ARTICLES), Layer.of(more, ARTICLES)).mentions()


def test_the_winners_stay_and_what_they_leave_free() -> None:
    winners = _spans(("a", 10, 20), ("b", 5, 6), kind="won")
    others = _spans(("a", 0, 10), ("a", 15, 30), ("b", 0, 10), ("b", 10, 12))
    expected = pl.concat([
        _spans(("b", 5, 6), kind="won"),
        _spans(("b", 10, 12), ("a", 0, 10)),
        _spans(("a", 10, 20), kind="won"),
    ])
    assert_frame_equal(_merged(over, winners, others), expected)
    assert_frame_equal(_merged(over, winners, others[:0]), winners.reverse())
    assert_frame_equal(_merged(over, winners[:0], others[2:]), others[2:])


def test_the_longer_one_stays_and_the_first_of_equals() -> None:
    first = _spans(("a", 0, 4), ("a", 10, 20), ("a", 30, 34), ("a", 36, 40), kind="first")
    second = _spans(("a", 0, 4), ("a", 8, 21), ("a", 32, 37), ("b", 1, 2))
    expected = [("b", 1, 2, ""), ("a", 0, 4, "first"), ("a", 8, 21, ""), ("a", 32, 37, "")]
    assert _merged(longest, first, second).rows() == expected


_ROWS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8), st.sampled_from("ab")), max_size=12)


def _apart(rows: list[tuple[int, int, str]], kind: str) -> pl.DataFrame:
    kept: list[tuple[str, int, int]] = []
    for start, length, article in sorted(rows):
        if all(each[0] != article or each[2] <= start for each in kept):
            kept.append((article, start, start + length))
    return _spans(*kept, kind=kind)


@given(_ROWS, _ROWS)
def test_nothing_overlaps_and_nothing_is_lost_without_a_reason(
    some: list[tuple[int, int, str]], more: list[tuple[int, int, str]]
) -> None:
    first, second = _apart(some, "first"), _apart(more, "second")
    claims = pl.concat([first, second]).rows()
    for merge, rivals in ((over, first.rows()), (longest, claims)):
        merged = _merged(merge, first, second).rows()
        assert merged == sorted(merged, key=lambda row: ("ba".index(row[0]), row[1]))
        assert all(x[0] != y[0] or x[2] <= y[1] for x, y in itertools.pairwise(merged))
        for row in set(claims) - set(merged):
            met = [each for each in rivals if each != row and _meet(each, row)]
            assert met
            assert merge is over or any(each[2] - each[1] >= row[2] - row[1] for each in met)


def _meet(one: tuple[str, int, int, str], other: tuple[str, int, int, str]) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]
