"""Readers against a writer: nobody waits, nobody sees an error or two releases mixed.

python tests/readers/hammer.py [--releases 30] [--readers 8] [--files 200]

Each release rewrites a fixed set of articles whose titles carry the number of their generation: a reader that sees
two generations, or counts that are not those of the manifest, has seen a mixture.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event, Semaphore
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow.compute as pc
import pyarrow.dataset as ds

from flows.pipeline import run_directly
from flows.settings import Settings
from warehouse import open_release, open_warehouse

#: Articles that every generation rewrites.
REWRITTEN = 20

Seen = tuple[int, int, int, set[str]]
"""Release, articles, mentions, and the generations that the rewritten articles carry."""

_COUNTS = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM mentions)"
_TITLES = "SELECT DISTINCT title FROM articles WHERE title LIKE 'Generation %'"


def _ask(connection: duckdb.DuckDBPyConnection, release: int) -> Seen:
    articles, mentions = connection.execute(_COUNTS).fetchall()[0]
    return release, articles, mentions, {title for (title,) in connection.execute(_TITLES).fetchall()}


def _of_database(connection: duckdb.DuckDBPyConnection) -> int:
    path = connection.execute("SELECT path FROM duckdb_databases() WHERE path LIKE '%warehouse.duckdb'").fetchall()[0][
        0
    ]
    return int(Path(path).parent.name)


def read_helper(data: Path) -> Seen:
    with open_warehouse(data) as connection:
        return _ask(connection, _of_database(connection))


def read_plain_duckdb(data: Path) -> Seen:
    release = (data / "current").resolve()
    with duckdb.connect(str(release / "warehouse.duckdb"), read_only=True) as connection:
        return _ask(connection, int(release.name))


def read_polars(data: Path) -> Seen:
    with open_release(data) as release:
        articles = pl.scan_parquet(release.files("articles"), hive_partitioning=False)
        titles = articles.filter(pl.col("title").str.starts_with("Generation ")).select("title").unique().collect()
        mentions = pl.scan_parquet(release.files("mentions"), hive_partitioning=False).select(pl.len()).collect().item()
        return release.number, articles.select(pl.len()).collect().item(), mentions, set(titles["title"])


def read_pyarrow(data: Path) -> Seen:
    with open_release(data) as release:
        titles = ds.dataset([str(path) for path in release.files("articles")]).to_table(columns=["title"])["title"]
        found = titles.filter(pc.starts_with(titles, "Generation ")).unique().to_pylist()
        mentions = ds.dataset([str(path) for path in release.files("mentions")]).count_rows()
        return release.number, len(titles), mentions, set(found)


READERS: dict[str, Callable[[Path], Seen]] = {
    "open_warehouse": read_helper,
    "polars": read_polars,
    "pyarrow": read_pyarrow,
    "duckdb, path resolved": read_plain_duckdb,
}


def _complaint(data: Path, seen: Seen) -> str | None:
    release, articles, mentions, generations = seen
    if len(generations) != 1:
        return f"release {release} shows {sorted(generations)}"
    # Every release's manifest is noted by the writer, as releases are collected quickly.
    noted = json.loads((data.parent / "manifests" / f"{release}.json").read_text(encoding="utf-8"))
    if [articles, mentions] != noted:
        return f"release {release} shows {[articles, mentions]}, its manifest says {noted}"
    return None


def read_until(stop: Event, begun: Semaphore, kind: str, data: Path, results: Any) -> None:
    """Read again and again; puts (kind, seconds of each read, failures, complaints, releases seen)."""
    seconds, failures, pending, releases = [], [], [], set()
    for turn in itertools.count():
        if turn == 1:
            begun.release()
        if stop.is_set():
            break
        start = time.perf_counter()
        try:
            seen = READERS[kind](data)
        except Exception as error:  # ruff: ignore[blind-except] - any failure of a read is what is looked for
            failures.append(f"{kind}: {type(error).__name__}: {error}")
            continue
        seconds.append(time.perf_counter() - start)
        pending.append(seen)
        releases.add(seen[0])
    complaints = [complaint for seen in pending if (complaint := _complaint(data, seen))]
    results.put((kind, seconds, failures, complaints, releases))


def _write_generation(articles: Path, generation: int, files: int) -> None:
    for number in range(files if generation == 0 else REWRITTEN):
        title = f"Generation {generation}" if number < REWRITTEN else f"Article {number}"
        text = f" date 2024-{number % 12 + 1:02d}-01 {title}\n\nA ship called at Baku and at Rotterdam. {generation}\n"
        (articles / f"{number:05d}.txt").write_text(text, encoding="utf-8")
    # One article comes and another goes, so that the counts differ from release to release.
    (articles / f"extra-{generation}.txt").write_text(
        f" date 2024-01-01 Extra\n\n{'Paris is a city. ' * (generation + 1)}\n", encoding="utf-8"
    )
    if generation % 3 == 2:
        (articles / f"extra-{generation - 1}.txt").unlink()


def _publish(settings: Settings, articles: Path, generation: int, files: int) -> float:
    _write_generation(articles, generation, files)
    start = time.perf_counter()
    run_directly(settings, [articles], mirror=True)
    seconds = time.perf_counter() - start
    with open_release(settings.data) as release:
        tables = release.manifest["tables"]
        (settings.data.parent / "manifests" / f"{release.number}.json").write_text(
            json.dumps([tables["articles"]["rows"], tables["mentions"]["rows"]]), encoding="utf-8"
        )
    return seconds


def hammer(
    folder: Path, *, releases: int, readers: int, files: int, alone: int = 4, keep_hours: float = 0.05
) -> tuple[str, bool]:
    """Publish releases while readers read; the report, and whether all was well.

    ``alone`` releases, two at least, come before the readers.
    """
    articles, data = folder / "articles", folder / "data"
    articles.mkdir()
    (folder / "manifests").mkdir()
    settings = Settings.given(data=data, workers=1, settle_seconds=0, keep_releases=2, keep_hours=keep_hours)
    seconds_alone = [_publish(settings, articles, generation, files) for generation in range(alone)]
    context = multiprocessing.get_context("spawn")
    stop, begun, results = context.Event(), context.Semaphore(0), context.Queue()
    kinds = [list(READERS)[number % len(READERS)] for number in range(readers)]
    processes = [context.Process(target=read_until, args=(stop, begun, kind, data, results)) for kind in kinds]
    for process in processes:
        process.start()
    for _ in processes:
        assert begun.acquire(timeout=60), "a reader does not begin"
    busy = [_publish(settings, articles, generation, files) for generation in range(alone, alone + releases)]
    stop.set()
    collected = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    writer = (
        f"  a release took {statistics.median(seconds_alone[1:]):.2f} s without readers and "
        f"{statistics.median(busy):.2f} s with them, on {os.cpu_count()} cores"
    )
    return _report(collected, releases, writer)


def _report(collected: list[Any], releases: int, writer: str) -> tuple[str, bool]:
    lines = []
    for kind in dict.fromkeys(each[0] for each in collected):
        mine = [each for each in collected if each[0] == kind]
        times = [second * 1000 for each in mine for second in each[1]]
        seen = set().union(*(each[4] for each in mine))
        lines.append(
            f"  {kind:<24}{len(times):>7,} reads of {len(seen):>3} releases, median {statistics.median(times):,.0f} "
            f"ms, longest {max(times):,.0f} ms"
        )
    failures = [failure for each in collected for failure in each[2]]
    complaints = [complaint for each in collected for complaint in each[3]]
    head = (
        f"{sum(len(each[1]) for each in collected):,} reads by {len(collected)} processes while {releases} releases "
        f"were published: {len(failures)} failed, {len(complaints)} inconsistent"
    )
    return "\n".join([head, *lines, writer, *failures[:5], *complaints[:5]]), not failures and not complaints


def main() -> None:
    parser = argparse.ArgumentParser(description="Readers against a writer.")
    parser.add_argument("--releases", type=int, default=30)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--files", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dateline-readers-") as folder:
        report, is_well = hammer(
            Path(folder), releases=arguments.releases, readers=arguments.readers, files=arguments.files
        )
    print(report)
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
