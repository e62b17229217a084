"""The accuracy card: what counts as found."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl
import pytest

from transforms.enrich.mentions.accuracy import SPAN_SCHEMA, calibration, card, find, main, read_set, score
from transforms.enrich.mentions.recogniser import MENTION_COLUMNS

TEXT = "Ada Lovelace met Élie in Paris in 1843."


class Fixed:
    """Finds the same in every text."""

    name, version = "fixed", "1"

    def recognise(self, articles: pl.DataFrame) -> pl.DataFrame:
        found = [
            (0, 12, "Ada Lovelace", "PERSON", 0.95),
            (17, 21, "Élie", "PLACE", 0.4),
            (25, 30, "Paris", "EVENT", 0.7),
            (34, 38, "1843", "DATE", 0.9),
        ]
        rows = [(article_id, *mention) for article_id in articles["article_id"] for mention in found]
        return pl.DataFrame(rows, schema=MENTION_COLUMNS, orient="row")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        {"text": TEXT, "ents": [[0, 12, "PER"], [17, 21, "PER"], [25, 30, "LOC"], [34, 38, "DATE"]]},
        {"text": TEXT, "ents": [[0, 3, "PER"], [25, 30, "MISC"]]},
    ]
    _write(tmp_path / "small.test.jsonl", rows)
    _write(tmp_path / "no_other.test.jsonl", [rows[0], {"text": TEXT, "ents": [[0, 3, "PERSON"]]}])
    return tmp_path


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_values_are_left_out_and_types_are_mapped(folder: Path) -> None:
    assert find(Fixed(), [TEXT]).select("text_no", "start", "type").rows() == [
        (0, 0, "PERSON"),
        (0, 17, "PLACE"),
        (0, 25, "OTHER"),
    ]
    assert read_set(folder, "small.test").spans.rows() == [
        (0, 0, 12, "PERSON"),
        (0, 17, 21, "PERSON"),
        (0, 25, 30, "PLACE"),
        (1, 0, 3, "PERSON"),
        (1, 25, 30, "OTHER"),
    ]


def test_both_ends_must_be_right_and_the_type_if_asked(folder: Path) -> None:
    expected = read_set(folder, "small.test").spans
    found = find(Fixed(), [TEXT, TEXT])
    typed = score(expected, found, 2, typed=True)
    assert typed[:3] == pytest.approx((100 * 2 / 6, 100 * 2 / 5, 100 * 4 / 11))
    assert typed.expected == 5
    assert typed.lowest <= typed.f1 <= typed.highest
    untyped = score(expected, found, 2, typed=False)
    assert untyped[:3] == pytest.approx((100 * 4 / 6, 100 * 4 / 5, 100 * 8 / 11))


def test_a_set_without_names_scores_nothing() -> None:
    nothing = SPAN_SCHEMA.to_frame()
    assert score(nothing, nothing, 1, typed=True) == (0, 0, 0, 0, 0, 0)


def test_calibration_compares_scores_with_what_is_right(folder: Path) -> None:
    expected = read_set(folder, "small.test").spans
    table = calibration(expected, find(Fixed(), [TEXT, TEXT]))
    expected_rows = [(0.4, 2, 0.4, 0.0), (0.7, 2, 0.7, 0.5), (0.9, 2, 0.95, 0.5)]
    assert [pytest.approx(row) for row in expected_rows] == table.rows()


def test_the_card_has_a_row_per_type_and_leaves_out_what_a_set_does_not_annotate(folder: Path) -> None:
    text = card(Fixed(), [read_set(folder, "small.test"), read_set(folder, "no_other.test")])
    assert "| small.test | **person, organisation, place** | 4 | 25.0 | 25.0 | 25.0 | 0.0 – 40.0 |" in text
    assert "| small.test | OTHER | 1 | 50.0 | 100.0 | 66.7 |" in text
    assert "| no_other.test | OTHER" not in text
    assert "| no_other.test | 0.4 | 2 | 0.40 | 0.00 |" in text


def _print_card(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["accuracy", *arguments])
    main()


def test_all_sets_of_a_folder_of_ones_own_are_scored(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _print_card(monkeypatch, str(folder), "--recogniser", "rules")
    out = capsys.readouterr().out
    assert "| no_other.test | PERSON | 3 |" in out
    assert "| small.test | PERSON | 3 |" in out
    _write(folder / "ww.dev.jsonl", [{"text": TEXT, "ents": [[0, 12, "PER"]]}])
    _print_card(monkeypatch, str(folder), "--recogniser", "rules")
    out = capsys.readouterr().out
    assert "| ww.dev | PERSON | 1 |" in out
    assert "small.test" not in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "big.test"], "has no big.test"),
        (["--recogniser", "spicy"], "no mention recogniser is called 'spicy'; there are: crf, rules, gliner:MODEL"),
        (["--set", "small.test", "--recogniser", "spacy:no_such_model"], "(?i)spacy"),
        (["--set", "broken"], "broken.jsonl, line 2: expected an object with a text and ents"),
    ],
)
def test_what_cannot_be_scored_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    _write(folder / "broken.jsonl", [{"text": TEXT, "ents": []}, {"text": TEXT, "ents": [[0, 12]]}])
    with pytest.raises(SystemExit, match=words):
        _print_card(monkeypatch, str(folder), *arguments)
