"""Names without what a model takes along behind them."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.enrich.mentions.recogniser import MENTION_COLUMNS
from transforms.enrich.mentions.tails import without_tails


@pytest.mark.parametrize(
    ("surface", "mention_type", "bare"),
    [
        ("California-based", "PLACE", "California"),
        ("Republican-led", "OTHER", "Republican"),
        ("Republican Sens", "ORGANISATION", "Republican"),
        ("F-Series", "OTHER", "F-Series"),
        ("Ban Ki-moon", "PERSON", "Ban Ki-moon"),
        ("Laura Sen", "PERSON", "Laura Sen"),
        ("Apple Inc", "ORGANISATION", "Apple Inc"),
    ],
)
def test_tails(surface: str, mention_type: str, bare: str) -> None:
    row = ("0", 3, 3 + len(surface), surface, mention_type, 0.5)
    found = without_tails(pl.DataFrame([row], schema=MENTION_COLUMNS, orient="row"))
    assert found.schema == MENTION_COLUMNS
    assert found.select("start_char", "end_char", "surface").rows() == [(3, 3 + len(bare), bare)]
