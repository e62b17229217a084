"""The accuracy card: how well a recogniser finds the names in annotated text.

python -m transforms.enrich.mentions.accuracy DIR [--recogniser NAME] [--set NAME ...]

A name counts as found only if both of its ends are right, in characters of the raw text, and (typed) its type. Figures
are micro-averaged over all names of a set. The 95 per cent intervals come from 1,000 bootstrap samples of its texts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from transforms.enrich.mentions import UnknownRecogniserError, recogniser
from transforms.enrich.mentions.recogniser import Recogniser

#: What is scored of a folder that has them: the parts that no shipped weight was trained on. Of another folder, all is.
EVALUATION_SETS = ("ww.dev", "wikigold.test", "uner_ewt.test", "crossner_politics.dev", "wnut17.test")
MAIN_TYPES = ("PERSON", "ORGANISATION", "PLACE")
_TYPE_OF_MENTION = {**{name: name for name in (*MAIN_TYPES, "OTHER")}, "GROUP": "OTHER", "EVENT": "OTHER"}
_TYPE_OF_ANNOTATION = {"PER": "PERSON", "ORG": "ORGANISATION", "LOC": "PLACE", "MISC": "OTHER"} | _TYPE_OF_MENTION
_SAMPLES = 1_000
_INTERVAL = (2.5, 97.5)
_SCORE_STEPS = 10

SPAN_SCHEMA = pl.Schema({"text_no": pl.Int64, "start": pl.Int32, "end": pl.Int32, "type": pl.String})


class AnnotatedSet(NamedTuple):
    """The texts of one file, and their names as rows of `SPAN_SCHEMA`."""

    name: str
    texts: list[str]
    spans: pl.DataFrame


class Scores(NamedTuple):
    """Precision, recall and F1 in per cent, with the interval of F1."""

    precision: float
    recall: float
    f1: float
    lowest: float
    highest: float
    expected: int
    """Names in the annotation."""


class AnnotationError(ValueError):
    """A line of an annotated set is not what is expected."""


def _read_line(line: str, where: str) -> tuple[str, list[tuple[int, int, str]]]:
    try:
        row = json.loads(line)
        return str(row["text"]), [(int(start), int(end), str(kind)) for start, end, kind in row["ents"]]
    except (ValueError, KeyError, TypeError) as error:
        raise AnnotationError(
            f"{where}: expected an object with a text and ents = [[start, end, type], …] in characters, came "
            f"{line.strip()[:60]!r} ({type(error).__name__}: {error})"
        ) from error


def read_set(folder: Path, name: str) -> AnnotatedSet:
    """The set ``name`` of a folder of annotated JSONL; types other than those of names are left out.

    Raises ``AnnotationError``.
    """
    path = folder / f"{name}.jsonl"
    with path.open(encoding="utf-8") as lines:
        rows = [_read_line(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    spans = [
        (number, start, end, _TYPE_OF_ANNOTATION[kind])
        for number, (_, annotations) in enumerate(rows)
        for start, end, kind in annotations
        if kind in _TYPE_OF_ANNOTATION
    ]
    return AnnotatedSet(name, [text for text, _ in rows], pl.DataFrame(spans, schema=SPAN_SCHEMA, orient="row"))


def find(engine: Recogniser, texts: Sequence[str]) -> pl.DataFrame:
    """What the recogniser finds, as rows of `SPAN_SCHEMA` and ``score``; values such as dates are left out."""
    articles = pl.DataFrame({"article_id": [str(number) for number in range(len(texts))], "body": list(texts)})
    found = engine.recognise(articles.cast(pl.String))
    return found.filter(pl.col("mention_type").is_in(list(_TYPE_OF_MENTION))).select(
        pl.col("article_id").cast(pl.Int64).alias("text_no"),
        pl.col("start_char").alias("start"),
        pl.col("end_char").alias("end"),
        pl.col("mention_type").replace_strict(_TYPE_OF_MENTION, return_dtype=pl.String).alias("type"),
        "score",
    )


def score(expected: pl.DataFrame, found: pl.DataFrame, text_count: int, *, typed: bool) -> Scores:
    """Compare rows of `SPAN_SCHEMA`."""
    keys = ["text_no", "start", "end", *(["type"] if typed else [])]
    right = found.join(expected.select(keys), on=keys, how="semi")
    counts = np.stack([
        np.bincount(frame["text_no"].to_numpy(), minlength=text_count) for frame in (right, found, expected)
    ])
    precision, recall, f1 = _figures(counts.sum(axis=1))
    drawn = np.random.default_rng(0).integers(0, text_count, (_SAMPLES, text_count))
    sums = np.stack([[row[sample].sum() for sample in drawn] for row in counts])
    lowest, highest = np.percentile(_figures(sums)[2], _INTERVAL)
    return Scores(float(precision), float(recall), float(f1), float(lowest), float(highest), len(expected))


def _figures(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 from counts of what is right, found and expected."""
    right, found, expected = counts
    return (
        100 * right / np.maximum(found, 1),
        100 * right / np.maximum(expected, 1),
        200 * right / np.maximum(found + expected, 1),
    )


def calibration(expected: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """One row per tenth of the score: ``from``, ``mentions``, ``mean_score``, ``share_right``, by score."""
    keys = ["text_no", "start", "end", "type"]
    marked = found.join(expected.select(keys).with_columns(pl.lit(1.0).alias("right")), on=keys, how="left")
    tenth = (pl.col("score") * _SCORE_STEPS).floor().clip(0, _SCORE_STEPS - 1) / _SCORE_STEPS
    return (
        marked
        .group_by(tenth.alias("from"))
        .agg(
            pl.len().alias("mentions"),
            pl.col("score").mean().alias("mean_score"),
            pl.col("right").fill_null(0).mean().alias("share_right"),
        )
        .sort("from")
    )


def card(engine: Recogniser, sets: Sequence[AnnotatedSet]) -> str:
    """The card as Markdown."""
    lines = [
        f"# Accuracy of `{engine.name}` {engine.version}",
        "",
        "F1 by exact span on raw text, in per cent, with 95 per cent intervals over texts.",
        "",
        "For trying a change there is `python -m transforms.enrich.mentions.train … --hold-out 10`: it scores texts",
        "of the training sets that it kept from training, also in letters of headlines. These sets are for the end.",
        "",
        "| set | what | names | precision | recall | F1 | interval |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    calibrations = []
    for annotated in sets:
        found, expected = find(engine, annotated.texts), annotated.spans
        # Not every set annotates other names: in one that has none, to find them is no mistake.
        knows_other = bool((expected["type"] == "OTHER").any())
        if not knows_other:
            found = found.filter(pl.col("type") != "OTHER")
        main = pl.col("type").is_in(MAIN_TYPES)
        rows = [
            ("**person, organisation, place**", main, True),
            ("the same, untyped", main, False),
            *((kind, pl.col("type") == kind, True) for kind in MAIN_TYPES),
        ]
        if knows_other:
            rows += [("OTHER", pl.col("type") == "OTHER", True), ("all four, untyped", pl.lit(True), False)]
        for what, which, typed in rows:
            result = score(expected.filter(which), found.filter(which), len(annotated.texts), typed=typed)
            figures = " | ".join(f"{figure:.1f}" for figure in result[:3])
            interval = f"{result.lowest:.1f} – {result.highest:.1f}"
            lines.append(f"| {annotated.name} | {what} | {result.expected:,} | {figures} | {interval} |")
        calibrations.append((annotated.name, calibration(expected.filter(main), found.filter(main))))
    lines += [
        "",
        "## Calibration",
        "",
        "Persons, organisations and places: how often a mention with such a score is right.",
        "",
    ]
    lines += ["| set | score from | mentions | mean score | share right |", "|---|---:|---:|---:|---:|"]
    for name, table in calibrations:
        lines += [
            f"| {name} | {start:.1f} | {count:,} | {mean:.2f} | {share:.2f} |"
            for start, count, mean, share in table.rows()
        ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m transforms.enrich.mentions.accuracy", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of annotated JSONL: corpus, doc, text, ents")
    parser.add_argument("--recogniser", default="crf", help="which to score: crf, rules, spacy:MODEL or gliner:MODEL")
    parser.add_argument("--set", nargs="*", help="which sets, by file name without .jsonl")
    arguments = parser.parse_args()
    there = sorted(path.name.removesuffix(".jsonl") for path in arguments.folder.glob("*.jsonl"))
    names = arguments.set or [name for name in EVALUATION_SETS if name in there] or there
    missing = [name for name in names if name not in there]
    if missing or not names:
        sys.exit(f"{arguments.folder} has no {', '.join(missing) or 'annotated sets'} (expected files NAME.jsonl)")
    try:
        print(card(recogniser(arguments.recogniser), [read_set(arguments.folder, name) for name in names]))
    except (UnknownRecogniserError, AnnotationError, ImportError, OSError) as error:
        # A model or its package may be missing.
        sys.exit(str(error))


if __name__ == "__main__":
    main()
