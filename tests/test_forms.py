"""Forms: their matches are those of a plain search, and each can be read."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms.enrich.mentions.patterns import EDGE, Bodies
from transforms.enrich.mentions.values.date_forms import DATE_FORMS
from transforms.enrich.mentions.values.forms import Form, Forms
from transforms.enrich.mentions.values.money import money_forms
from transforms.enrich.mentions.values.percentages import percent_forms
from transforms.enrich.mentions.values.quantities import quantity_forms

_PIECES = st.sampled_from([
    "5", "2010", "1.5", ".5", "11", "twenty", "one", "a", "half a", "%", "percent", "$", "US$", "€", "million", "m",
    "dollars", "people", "km", "May", "Mayor", "Tuesday", "the", "between", "and", "to", "of", "'80s", "80s", "last",
    "week", "-", "–", ",", ".", "/", " ", " ", " ", "\n", "é", "x", "\x01", "\x02",
])  # fmt: skip
_BODIES = st.lists(st.lists(_PIECES, max_size=20).map("".join), max_size=3)


@cache
def _toy_forms() -> Forms:
    """With and without edges of words, so that the same text may be a match at one place and none at another."""
    return Forms((
        Form("long", rf"{EDGE}(?P<n>[0-9]+) million{EDGE}", 1.0),
        Form("sign", r"\$(?P<n>[0-9])", 1.0),
        Form("edged", rf"{EDGE}(?P<n>[0-9]+)%?{EDGE}", 1.0),
        Form("open", r"(?P<n>[0-9]+)%", 1.0),
    ))


@pytest.mark.parametrize("forms", [_toy_forms(), money_forms(), percent_forms(), quantity_forms(), DATE_FORMS])
@settings(deadline=None, max_examples=60)
@given(texts=_BODIES)
@example(texts=["May\nMayor", "Mayor May 11, x11 11 million 11"])
@example(texts=["x5 5%x 5% 5", "", "$5x $5", "5\x015%"])
def test_matches_are_those_of_a_plain_search(forms: Forms, texts: list[str]) -> None:
    bodies = Bodies.of(pl.Series(texts, dtype=pl.String))
    found, expected = forms.find(bodies), bodies.find(forms._scan_pattern)
    assert [column.tolist() for column in found] == [column.tolist() for column in expected]


def test_a_reading_is_that_of_the_first_form() -> None:
    forms = _toy_forms()
    assert forms.reading("12 million") == ("long", 1.0, {"n": "12"})
    assert forms.reading("5%") == ("open", 1.0, {"n": "5"})
    assert forms.reading("5") == ("edged", 1.0, {"n": "5"})
    assert forms.reading("five") is None
    read = forms.read(pl.Series(["5", "five"]))
    assert read.rows() == [("5", "edged", 1.0), ("five", None, None)]
    assert forms.read(pl.Series([], dtype=pl.String)).schema == read.schema
