"""How fast names are recognised: ``python tests/mention_speed.py CORPUS [--articles 4000] [--rounds 3]``.

From a polars frame of articles to one of mentions, with offsets, types and scores: one process on one core, then two at
once, then spaCy's tokeniser alone on the same text, if spaCy is there. Rounds alternate, and the best of each counts:
all figures are of one sitting. Tokens are those that the recogniser cuts. Leave the machine alone meanwhile.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import polars as pl

from every_form import sample_articles
from transforms.enrich.mentions import recogniser
from transforms.enrich.mentions.crf.tokenise import tokenise

_WARM_UP_ARTICLES: Final = 100
_TWO: Final = 2


def _recognise(articles: pl.DataFrame) -> Callable[[], object]:
    crf = recogniser("crf")
    crf.recognise(articles.head(_WARM_UP_ARTICLES))
    return lambda: crf.recognise(articles)


def _cut_by_spacy(articles: pl.DataFrame) -> Callable[[], object]:
    import spacy  # ruff: ignore[import-outside-top-level] - an optional group

    cut = spacy.blank("en").tokenizer
    texts = articles["body"].to_list()
    return lambda: [len(cut(text)) for text in texts]


def _work(prepare: Callable[[pl.DataFrame], Callable[[], object]], file: Path, start: Any, seconds: Any) -> None:
    """Do the work once when all are ready, and tell how long it took."""
    work = prepare(pl.read_parquet(file))
    start.wait()
    begun = time.perf_counter()
    work()
    seconds.put(time.perf_counter() - begun)


def _seconds(prepare: Callable[[pl.DataFrame], Callable[[], object]], file: Path, processes: int) -> float:
    """How long the slowest of some processes took that do the same at once."""
    context = multiprocessing.get_context("spawn")
    start, seconds = context.Barrier(processes), context.Queue()
    workers = [context.Process(target=_work, args=(prepare, file, start, seconds)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    slowest = max(seconds.get() for _ in workers)
    for worker in workers:
        worker.join()
    return slowest


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--articles", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    os.environ["POLARS_MAX_THREADS"] = "1"  # of the processes that are measured
    articles = sample_articles(arguments.corpus, arguments.articles).select(
        pl.int_range(pl.len()).cast(pl.String).alias("article_id"), pl.col("text").alias("body")
    )
    kinds: dict[str, tuple[Callable[[pl.DataFrame], Callable[[], object]], int]] = {
        "mentions, one process": (_recognise, 1),
        "mentions, two at once": (_recognise, _TWO),
    }
    if find_spec("spacy"):
        kinds["spaCy's tokeniser, one process"] = (_cut_by_spacy, 1)
    best = dict.fromkeys(kinds, float("inf"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "articles.parquet"
        articles.write_parquet(file)
        for _ in range(arguments.rounds):
            for kind, (prepare, processes) in kinds.items():
                best[kind] = min(best[kind], _seconds(prepare, file, processes))
    tokens = len(tokenise(articles["body"].to_list()).starts)
    print(f"{len(articles):,} articles, {tokens:,} tokens\n")
    print(f"{'':<34}{'seconds':>9}{'tokens/s':>12}{'ratio':>8}")
    alone = best["mentions, one process"]
    for kind, (_, processes) in kinds.items():
        times = processes / best[kind]
        print(f"{kind:<34}{best[kind]:>9.2f}{times * tokens:>12,.0f}{times * alone:>8.2f}")


if __name__ == "__main__":
    main()
