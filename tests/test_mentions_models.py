"""Recognisers that run somebody else's model: their real loading code, on a pipeline that the test makes."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from transforms.enrich.mentions import UnknownRecogniserError, check_recognisers, recogniser
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS, MissingLibraryError, mention_rows
from warehouse import open_warehouse

ARTICLES = pl.DataFrame({
    "article_id": ["a", "b", "c"],
    "body": ["🙂 Angela Merkel met Danes in Paris.", "Nothing here.", "Paris again, on Monday."],
})


def _mentions(*rows: tuple[str, int, int, str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=MENTION_COLUMNS, orient="row")


def test_a_spacy_pipeline_is_loaded_from_its_folder(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    pipeline: Any = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([
        {"label": "PERSON", "pattern": "Angela Merkel"},
        {"label": "NORP", "pattern": "Danes"},
        {"label": "GPE", "pattern": "Paris"},
        {"label": "DATE", "pattern": "Monday"},
    ])
    pipeline.to_disk(tmp_path / "tiny")
    loaded = recogniser(f"spacy:{tmp_path / 'tiny'}")
    assert loaded.name == f"spacy:{tmp_path / 'tiny'}"
    assert loaded.version == f"{spacy.__version__}-{pipeline.meta['version']}"
    expected = _mentions(
        ("a", 2, 15, "Angela Merkel", "PERSON", 1.0),
        ("a", 20, 25, "Danes", "GROUP", 1.0),
        ("a", 29, 34, "Paris", "PLACE", 1.0),
        ("c", 0, 5, "Paris", "PLACE", 1.0),
    )
    assert_frame_equal(loaded.recognise(ARTICLES), expected)
    assert_frame_equal(loaded.recognise(ARTICLES[2:]), expected[3:])


def test_a_missing_spacy_pipeline_says_what_to_do() -> None:
    pytest.importorskip("spacy")
    with pytest.raises(OSError, match=r"no spaCy pipeline is called 'no_such': install its package"):
        _ = recogniser("spacy:no_such").version


@pytest.mark.parametrize("library", ["spacy", "gliner"])
def test_a_missing_library_says_what_to_install(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(sys.modules["transforms.enrich.mentions.recogniser"], "version", missing)
    with pytest.raises(MissingLibraryError, match=rf"{library} is not installed: pip install 'dateline\[{library}\]'"):
        _ = recogniser(f"{library}:anything").version


def test_a_name_that_nobody_has_lists_those_that_there_are() -> None:
    with pytest.raises(UnknownRecogniserError, match=r"called 'flair'; there are: .*rules, gliner:MODEL, spacy:MODEL"):
        recogniser("flair")
    with pytest.raises(UnknownRecogniserError, match="called 'rules:large'"):
        recogniser("rules:large")


def test_of_several_recognisers_the_first_fills_mentions_and_the_others_stand_apart(warehouse_data: Path) -> None:
    with open_warehouse(warehouse_data) as connection:
        finders = connection.execute("SELECT DISTINCT recogniser FROM mentions ORDER BY 1").fetchall()
        assert finders == [("crf",), ("patterns",)]
        assert connection.execute("SELECT DISTINCT recogniser FROM compared_mentions").fetchall() == [("rules",)]
        agreement = (
            "SELECT mention_count, same_span_and_type_count FROM recogniser_agreement WHERE mention_type = 'PERSON'"
        )
        assert connection.execute(agreement).fetchall() == [(4, 4)]
    with pytest.raises(UnknownRecogniserError, match="named twice"):
        check_recognisers("crf,crf")


def test_spans_of_a_model_are_trimmed_and_do_not_overlap() -> None:
    found = [
        ("c", 12, 15, "PLACE", 0.5),
        ("a", 15, 25, "GROUP", 0.5),
        ("a", 2, 16, "PERSON", 0.5),
        ("a", 20, 25, "GROUP", 0.5),
    ]
    assert_frame_equal(
        mention_rows(ARTICLES, found),
        _mentions(
            ("a", 2, 15, "Angela Merkel", "PERSON", 0.5),
            ("a", 16, 25, "met Danes", "GROUP", 0.5),
            ("c", 13, 15, "on", "PLACE", 0.5),
        ),
    )
    assert_frame_equal(mention_rows(ARTICLES, []), MENTION_COLUMNS.to_frame())
