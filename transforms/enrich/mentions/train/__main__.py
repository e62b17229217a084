"""Makes the packaged lexicon and weights of the statistical recogniser.

python -m transforms.enrich.mentions.train DIR --corpus DIR [--out DIR]

With --hold-out 10, one in ten texts of every set is kept from the training, the packaged lexicon is used as it is (no
annotation is in it), and precision, recall and F1 on the texts held out are printed: per set, per type, and in the
letters of headlines. Nothing is written then unless --out names a folder. So a change of features or settings can be
judged without a look at the sets that the accuracy card is made of.
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
from transforms.enrich.mentions.crf.packaged import (
    LEXICON_FILE,
    WEIGHTS_FILE,
    load_lexicon,
    pack_table,
    save_arrays,
    tagger_of,
)
from transforms.enrich.mentions.crf.recogniser import CrfRecogniser
from transforms.enrich.mentions.train.annotations import read_annotations
from transforms.enrich.mentions.train.corpus import cluster_words, count_words, read_corpus
from transforms.enrich.mentions.train.gazetteer import lexicon_tables
from transforms.enrich.mentions.train.held_out import figures, parted
from transforms.enrich.mentions.train.recipe import READ_EVERY, SMALLEST_STEP, TRAINING_SETS
from transforms.enrich.mentions.train.training import Sets, Trained, train

_LEAST_PARTS = 2
_PACKAGED = Path(__file__).parents[1] / "crf" / "data"


def main() -> None:
    arguments = _arguments()
    say = _clock()
    missing = [kind.name for kind in TRAINING_SETS if not (arguments.folder / f"{kind.name}.jsonl").exists()]
    if missing:
        sys.exit(f"{arguments.folder} lacks {', '.join(missing)} (expected files NAME.jsonl)")
    if next(read_corpus(arguments.corpus), None) is None:
        sys.exit(f"{arguments.corpus} has no articles (expected files NAME.jsonl.gz, lines with title and body)")
    sets = {kind: read_annotations(arguments.folder / f"{kind.name}.jsonl") for kind in TRAINING_SETS}
    for kind, texts in sets.items():
        names = sum(len(text.spans) for text in texts)
        say(f"{kind.name}: {len(texts):,} texts, {names:,} names, {kind.licence}, weight {kind.weight}")
    if arguments.hold_out:
        _hold_out(arguments, sets, say)
        return
    out = arguments.out or _PACKAGED
    out.mkdir(parents=True, exist_ok=True)

    lexicon_arrays = make_lexicon(arguments.corpus, say)
    _write(lexicon_arrays, out / LEXICON_FILE, say)
    weights = make_weights(sets, _articles(arguments.corpus), Lexicon(lexicon_arrays), say)
    _write(weights, out / WEIGHTS_FILE, say)


def _articles(corpus: Path) -> list[str]:
    return list(itertools.islice(read_corpus(corpus), 0, None, READ_EVERY))


def _hold_out(arguments: argparse.Namespace, sets: Sets, say: Callable[[str], None]) -> None:
    """Train without some texts and print how well they are read."""
    kept, held_out = parted(sets, arguments.hold_out)
    weights = make_weights(kept, _articles(arguments.corpus), load_lexicon(), say)
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        _write(weights, arguments.out / WEIGHTS_FILE, say)
    for line in figures(CrfRecogniser(tagger_of(weights, load_lexicon())), held_out):
        print(line, flush=True)


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
    parser = argparse.ArgumentParser(
        prog="python -m transforms.enrich.mentions.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="folder of annotated JSONL: corpus, doc, text, ents")
    parser.add_argument("--corpus", type=Path, required=True, help="folder of articles: *.jsonl.gz with title and body")
    parser.add_argument(
        "--out", type=Path, help="where the files go; the package's data if not given, with --hold-out nowhere"
    )
    parser.add_argument(
        "--hold-out", type=_at_least_two, metavar="N", help="keep one text in N from the training and score it"
    )
    return parser.parse_args()


def _at_least_two(text: str) -> int:
    number = int(text)
    if number < _LEAST_PARTS:
        raise argparse.ArgumentTypeError(f"{text} is not 2 or more: one text in so many is held out")
    return number


if __name__ == "__main__":
    main()
