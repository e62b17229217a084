"""Codes beside names, which name nothing."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from transforms.enrich.mentions.codes import are_party_and_state, are_traded
from transforms.enrich.mentions.patterns import Bodies, Matches


def test_parties_with_their_states() -> None:
    surfaces = ["D-Calif", "R-OH", "I-Vt.", "D-Day", "R-Type", "Alfa", "D-New York", "MD-Wash"]
    assert are_party_and_state(pl.Series(surfaces)).to_list() == [True, True, True, False, False, False, True, False]


@pytest.mark.parametrize(
    ("body", "name", "is_code"),
    [
        ("Citigroup (C.N) fell.", "C.N", True),
        ("BNP ( BNPP.PA ) fell.", "BNPP.PA", True),
        ("The index .SPX rose.", "SPX", True),
        ("It fell. SPX rose.", "SPX", False),
        ("The bank (ECB) met.", "ECB", False),
        ("ECB", "ECB", False),
    ],
)
# What stands at the end of one body is not before the next.
@pytest.mark.parametrize("former", ["", "x", "The end .", "The end ("])
def test_codes_of_shares_and_indexes(former: str, body: str, name: str, *, is_code: bool) -> None:
    start = len(former) + body.index(name)
    spans = Matches(np.array([1]), np.array([start]), np.array([start + len(name)]))
    assert are_traded(Bodies.of(pl.Series([former, body])), spans).tolist() == [is_code]
