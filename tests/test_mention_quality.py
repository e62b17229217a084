"""How good the mentions of the default engine are on the gold set, by exact span and type: floors that only rise."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from transforms.enrich.mentions.enrichment import MentionEnrichment
from transforms.normalise import normalise
from transforms.parse.format import RAW_ARTICLE

Span = tuple[str, int, int]

#: F1 in per cent, a little below what was measured: raise a floor whenever the engine has risen above it by a point.
FLOORS = {
    "PERSON": 94.5,
    "ORGANISATION": 88.5,
    "PLACE": 94.5,
    "GROUP": 93,
    "EVENT": 87.5,
    "OTHER": 63,
    "DATE": 92.5,
    "MONEY": 94,
    "PERCENT": 92.5,
}
#: In per cent. The gold set has only some units; of what else is found nothing can be said.
QUANTITY_RECALL = 92
ROLE_PRECISION, ROLE_RECALL = 97, 83


@pytest.fixture(scope="module")
def gold() -> list[dict[str, Any]]:
    """The labelled articles."""
    lines = (Path(__file__).parent / "gold" / "mentions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def found(gold: list[dict[str, Any]]) -> pl.DataFrame:
    """What the engine finds in them, with the document's name."""
    columns: dict[str, list[Any]] = {name: [None] * len(gold) for name in RAW_ARTICLE.names()}
    columns |= {
        "source": ["gold"] * len(gold),
        "path": [each["doc"] for each in gold],
        "record_no": [0] * len(gold),
        "published_on": [date(2024, 6, 1)] * len(gold),
        "body": [each["text"] for each in gold],
    }
    normalised, _ = normalise(pl.DataFrame(columns, schema=RAW_ARTICLE))
    mentions = MentionEnrichment("crf").enrich(normalised)["mentions"]
    return mentions.join(normalised.articles.select("article_id", "path"), on="article_id")


def _shares(found: Iterable[Any], expected: Iterable[Any]) -> tuple[float, float]:
    """Precision and recall in per cent."""
    found, expected = set(found), set(expected)
    right = len(found & expected)
    return 100 * right / max(len(found), 1), 100 * right / len(expected)


def _of_type(gold: list[dict[str, Any]], mention_type: str) -> set[Span]:
    return {(each["doc"], start, end) for each in gold for start, end, kind in each["ents"] if kind == mention_type}


def _found_of_type(found: pl.DataFrame, mention_type: str) -> list[Span]:
    rows = found.filter(pl.col("mention_type") == mention_type)
    return list(rows.select("path", "start_char", "end_char").iter_rows())


@pytest.mark.parametrize(("mention_type", "floor"), FLOORS.items())
def test_f1_is_not_below_its_floor(
    gold: list[dict[str, Any]], found: pl.DataFrame, mention_type: str, floor: float
) -> None:
    precision, recall = _shares(_found_of_type(found, mention_type), _of_type(gold, mention_type))
    assert 2 * precision * recall / (precision + recall) >= floor, f"precision {precision:.1f}, recall {recall:.1f}"


def test_quantities_are_found(gold: list[dict[str, Any]], found: pl.DataFrame) -> None:
    _, recall = _shares(_found_of_type(found, "QUANTITY"), _of_type(gold, "QUANTITY"))
    assert recall >= QUANTITY_RECALL


def test_roles_are_those_that_the_text_gives(gold: list[dict[str, Any]], found: pl.DataFrame) -> None:
    with_role = found.filter(pl.col("role").is_not_null())
    rows = with_role.select("path", "start_char", "end_char", "role_start_char", "role_end_char").rows()
    precision, recall = _shares(rows, [(each["doc"], *role) for each in gold for role in each.get("roles", [])])
    assert precision >= ROLE_PRECISION
    assert recall >= ROLE_RECALL
