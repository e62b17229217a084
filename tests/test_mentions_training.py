"""Training of the statistical recogniser: labels from annotations, headlines, and fitting on a toy language."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from transforms.enrich.mentions.crf.candidates import find_runs
from transforms.enrich.mentions.crf.labels import LABEL_COUNT
from transforms.enrich.mentions.crf.packaged import load_lexicon
from transforms.enrich.mentions.crf.recogniser import CrfRecogniser
from transforms.enrich.mentions.crf.tokenise import tokenise
from transforms.enrich.mentions.train.annotations import Annotated, allowed_labels, read_annotations
from transforms.enrich.mentions.train.calibrate import rising
from transforms.enrich.mentions.train.headlines import headlines_of
from transforms.enrich.mentions.train.held_out import figures, parted
from transforms.enrich.mentions.train.recipe import TRAINING_SETS


def _allowed(text: str, spans: list[tuple[int, int, str]], *, knows_other: bool) -> list[tuple[str, list[int]]]:
    """The candidates of a text, and their allowed labels."""
    tokens = tokenise([text])
    runs = find_runs(tokens, load_lexicon())
    allowed = allowed_labels([Annotated("set", text, spans)], tokens, runs, knows_other=knows_other)
    buffer = tokens.text.buffer.tobytes()
    words = [buffer[tokens.starts[at] : tokens.ends[at]].decode() for at in runs.tokens]
    return [(word, np.flatnonzero(row).tolist()) for word, row in zip(words, allowed, strict=True)]


def test_labels_of_annotated_candidates() -> None:
    text = "Then Élie Zola left Baku for good."
    spans = [(5, 14, "PERSON"), (20, 24, "PLACE")]
    assert _allowed(text, spans, knows_other=True) == [("Then", [0]), ("Élie", [1]), ("Zola", [2]), ("Baku", [5])]
    assert _allowed(text, spans, knows_other=False)[0] == ("Then", [0, 7, 8])


def test_nothing_is_learnt_of_account_names() -> None:
    assert _allowed("Hi @Zola", [(3, 8, "PERSON")], knows_other=True) == [
        ("Hi", [0]),
        ("Zola", list(range(LABEL_COUNT))),
    ]


def test_titles_are_no_part_of_persons(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    row = {
        "text": "Mr. Zola met Dr Ames of Sir Ltd",
        "ents": [[0, 8, "PER"], [13, 20, "PER"], [24, 31, "ORG"], [0, 2, "DATE"]],
    }
    path.write_text(json.dumps(row), encoding="utf-8")
    assert read_annotations(path) == [
        Annotated("set", row["text"], [(4, 8, "PERSON"), (16, 20, "PERSON"), (24, 31, "ORGANISATION")])
    ]


def test_headlines_keep_the_places_of_names() -> None:
    texts = [Annotated("set", f"the mayor of Baku, no {number}", [(13, 17, "PLACE")]) for number in range(8)]
    made = headlines_of([*texts, Annotated("set", "straße in Baku", [])])
    assert [text.text for text in made] == ["THE MAYOR OF BAKU, NO 0", "the Mayor of Baku, No 4"]
    assert all(text.text[13:17].lower() == "baku" and text.spans == [(13, 17, "PLACE")] for text in made)


def test_texts_held_out_are_the_others() -> None:
    sets = {kind: [Annotated(kind.name, f"{number}", []) for number in range(23)] for kind in TRAINING_SETS[:2]}
    kept, held_out = parted(sets, 10)
    for kind, texts in sets.items():
        assert [text.text for text in held_out[kind]] == ["0", "10", "20"]
        assert sorted([*kept[kind], *held_out[kind]]) == sorted(texts)


def test_figures_of_texts_held_out() -> None:
    tweets, articles = TRAINING_SETS[0], next(kind for kind in TRAINING_SETS if kind.has_articles and kind.knows_other)
    place, account = (
        Annotated("a", "She is in Paris.", [(10, 15, "PLACE")]),
        Annotated("t", "@Zola", [(0, 5, "PERSON")]),
    )
    sentence = Annotated("a", "Angela Merkel is in Zzyzx.", [(0, 13, "PERSON"), (20, 25, "ORGANISATION")])
    lines = list(figures(CrfRecogniser(), {tweets: [account], articles: [place, sentence]}))
    printed = {line[2:42].strip(): line[42:].split() for line in lines[1:]}
    assert printed[tweets.name][0] == "0"
    assert printed["all sets"][0] == "3"
    assert printed["all sets, PERSON"] == ["1", "names", "P", "100.0", "R", "100.0", "F1", "100.0"]
    assert printed["all sets, ORGANISATION"][-1] == "0.0"
    assert {"no tweets", "no tweets, in capitals", "no tweets, in title case"} <= printed.keys()


def test_calibration_never_falls() -> None:
    shares = rising(np.array([0.2, 0.1, 0.5, 0.4, 0.9]), np.ones(5))
    np.testing.assert_allclose(shares, [0.15, 0.15, 0.45, 0.45, 0.9])


def test_fitting_learns_a_toy_language_the_same_way_every_time() -> None:
    pytest.importorskip("numba", reason="of the dependency group train")
    from transforms.enrich.mentions.train.fit import Examples, fit  # ruff: ignore[import-outside-top-level] - needs numba

    # Feature 1 begins a person, 2 continues it, 3 is no name.
    words = np.array([1, 2, 3, 3, 1, 3, 1, 2] * 20)
    labels = np.array([1, 2, 0, 0, 1, 0, 1, 2] * 20)
    targets = np.zeros((len(words), LABEL_COUNT), np.float32)
    targets[np.arange(len(words)), labels] = 1
    examples = Examples(
        rows=words[:, None].astype(np.int32),
        starts=np.arange(0, len(words), 8),
        lengths=np.full(20, 8),
        targets=targets,
        is_read=np.zeros(20, np.bool_),
        run_weights=np.ones(20),
        known=np.zeros((len(words), LABEL_COUNT), np.float32),
    )
    first, again = (fit(examples, bits=2, rounds=10, rate=0.2, dropout=0.1, seed=1) for _ in range(2))
    assert first.weights.tobytes() == again.weights.tobytes()
    assert first.transitions.step.tobytes() == again.transitions.step.tobytes()
    assert first.weights[1:].argmax(axis=1).tolist() == [1, 2, 0]
