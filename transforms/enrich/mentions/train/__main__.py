"""Makes the packaged lexicon and weights of the statistical recogniser.

python -m transforms.enrich.mentions.train DIR --corpus DIR [--out DIR]
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from transforms.enrich.mentions.crf.lexicon import Lexicon
from transforms.enrich.mentions.crf.model import quantise
from transforms.enrich.mentions.crf.packaged import LEXICON_FILE, WEIGHTS_FILE, pack_table, save_arrays
from transforms.enrich.mentions.train.annotations import read_annotations
from transforms.enrich.mentions.train.corpus import cluster_words, count_words, read_corpus
from transforms.enrich.mentions.train.gazetteer import lexicon_tables
from transforms.enrich.mentions.train.recipe import READ_EVERY, SMALLEST_STEP, TRAINING_SETS
from transforms.enrich.mentions.train.training import Sets, Trained, train

_PACKAGED = Path(__file__).parents[1] / "crf" / "data"


def main() -> None:
    arguments = _arguments()
    say = _clock()
    missing = [kind.name for kind in TRAINING_SETS if not (arguments.folder / f"{kind.name}.jsonl").exists()]
    if missing:
        sys.exit(f"{arguments.folder} lacks {', '.join(missing)} (expected files NAME.jsonl)")
    sets = {kind: read_annotations(arguments.folder / f"{kind.name}.jsonl") for kind in TRAINING_SETS}
    for kind, texts in sets.items():
        names = sum(len(text.spans) for text in texts)
        say(f"{kind.name}: {len(texts):,} texts, {names:,} names, {kind.licence}, weight {kind.weight}")
    arguments.out.mkdir(parents=True, exist_ok=True)

    lexicon_arrays = make_lexicon(arguments.corpus, say)
    _write(lexicon_arrays, arguments.out / LEXICON_FILE, say)
    articles = list(itertools.islice(read_corpus(arguments.corpus), 0, None, READ_EVERY))
    weights = make_weights(sets, articles, Lexicon(lexicon_arrays), say)
    _write(weights, arguments.out / WEIGHTS_FILE, say)


def make_lexicon(corpus: Path, say: Callable[[str], None]) -> dict[str, np.ndarray]:
    """The arrays of the lexicon's file."""
    counts, streams, printed = count_words(read_corpus(corpus))
    say(f"corpus: {sum(map(len, streams)):,} tokens, {len(counts.hashes):,} words")
    tables = lexicon_tables(counts)
    say(f"gazetteer: {len(tables['word_hashes']):,} words, {len(tables['phrase_hashes']):,} longer names")
    clusters = cluster_words(streams, printed)
    say(f"clusters of {len(clusters['cluster_hashes']):,} words")
    return {**tables, **clusters}


def make_weights(
    sets: Sets, articles: list[str], lexicon: Lexicon, say: Callable[[str], None]
) -> dict[str, np.ndarray]:
    """The arrays of the weights' file."""
    trained: Trained = train(sets, articles, lexicon, say)
    arrays = {}
    for name, fitted in (("first", trained.first_look), ("second", trained.second_look)):
        steps, scale = quantise(fitted.weights)
        # Rows of tiny weights change next to nothing and would double the file.
        steps[np.abs(steps).max(axis=1) < SMALLEST_STEP] = 0
        arrays.update(pack_table(name, steps, scale))
    return {
        **arrays,
        "start": trained.second_look.transitions.start,
        "step": trained.second_look.transitions.step,
        "calibration_from": trained.calibration.probabilities,
        "calibration_to": trained.calibration.shares,
    }


def _write(arrays: dict[str, np.ndarray], path: Path, say: Callable[[str], None]) -> None:
    save_arrays(arrays, path)
    data = path.read_bytes()
    say(f"{path}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


def _clock() -> Callable[[str], None]:
    start = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - start:7.1f} s  {line}", flush=True)

    return say


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m transforms.enrich.mentions.train", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of annotated JSONL: corpus, doc, text, ents")
    parser.add_argument("--corpus", type=Path, required=True, help="folder of articles: *.jsonl.gz with title and body")
    parser.add_argument(
        "--out", type=Path, default=_PACKAGED, help="where the files go; the package's data if not given"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
