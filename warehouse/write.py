"""Write: staged batches become the Parquet of the next release.

Only the month partitions that a run touches are written anew; the files of the others are hard-linked from
the previous release.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from transforms.contracts import FILE_KEY, TABLES, Table
from warehouse.folder import Release
from warehouse.parquet import WrittenFile, write_table
from warehouse.staging import Shard

_PARTITIONED: Final = tuple(table for table in TABLES.values() if table.is_partitioned)

#: How many characters of text the months that are merged at the same time may hold; this bounds the memory.
MERGE_CHARS: Final = 32_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """What a run brings: staged shards, and the ledger rows (contract ``files``) of every file it processed."""

    shards: Sequence[Shard]
    files: pl.DataFrame

    def scan(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet([shard.file(name) for shard in self.shards])


def _previous_articles(previous: Release | None) -> pl.LazyFrame:
    columns = ["source", "path", "article_id", "published_month", "char_count"]
    if previous is None or not previous.files("articles"):
        return TABLES["articles"].empty().lazy().select(columns)
    return pl.scan_parquet(previous.files("articles"), hive_partitioning=False).select(columns)


def _month_groups(characters: pl.DataFrame) -> Iterator[list[str]]:
    """Group months, in order, so that no group but a single large month holds more than ``MERGE_CHARS``."""
    group: list[str] = []
    held = 0
    # A loop over months, not rows.
    for month, count in characters.sort("published_month").iter_rows():
        if group and held + count > MERGE_CHARS:
            yield group
            group, held = [], 0
        group.append(month)
        held += count
    if group:
        yield group


def _merge_months(
    table: Table, months: list[str], previous: Release | None, change: Change, replaced: pl.DataFrame, release: Path
) -> list[WrittenFile]:
    parts = []
    if change.shards:
        parts.append(change.scan(table.name).filter(pl.col("published_month").is_in(months)))
    if previous is not None:
        old = previous.partitions(table.name)
        files = [previous.path / old[month]["path"] for month in months if month in old]
        if files:
            kept = pl.scan_parquet(files, hive_partitioning=False)
            parts.append(kept.join(replaced.lazy(), on="article_id", how="anti"))
    rows = pl.concat([part.select(table.columns) for part in parts]).sort(table.sort_by).collect()
    by_month = rows.partition_by("published_month", as_dict=True, maintain_order=True)
    return [write_table(by_month[month,], table, release, partition=month) for month in months if (month,) in by_month]


def link_file(previous: Release, entry: WrittenFile, release: Path) -> WrittenFile:
    """Put a published file into the next release without copying it, where the file system can."""
    target = release / entry.path
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(previous.path / entry.path, target)
    except OSError:
        shutil.copy2(previous.path / entry.path, target)
    return entry


def write_articles(previous: Release | None, change: Change, release: Path) -> dict[str, list[WrittenFile]]:
    """Write ``articles``, ``sentences`` and ``mentions``: rewrite the touched months, link the others."""
    old = _previous_articles(previous)
    processed = change.files.select(FILE_KEY)
    replaced = old.join(processed.lazy(), on=FILE_KEY, how="semi").collect()
    fresh = [change.scan("articles").select("published_month", "char_count")] if change.shards else []
    touched = (
        pl
        .concat([*fresh, replaced.lazy().select("published_month", "char_count")])
        .select("published_month")
        .unique()
        .collect()
    )
    characters = (
        pl
        .concat([*fresh, old.select("published_month", "char_count")])
        .join(touched.lazy(), on="published_month", how="semi")
        .group_by("published_month")
        .agg(pl.col("char_count").cast(pl.Int64).sum())
        .collect()
    )
    written: dict[str, list[WrittenFile]] = {table.name: [] for table in _PARTITIONED}
    replaced_ids = replaced.select("article_id")
    for months in _month_groups(characters):
        for table in _PARTITIONED:
            written[table.name] += _merge_months(table, months, previous, change, replaced_ids, release)
    if previous is not None:
        rewritten = set(touched["published_month"])
        for table in _PARTITIONED:
            for month, entry in previous.partitions(table.name).items():
                if month not in rewritten:
                    written[table.name].append(link_file(previous, WrittenFile.from_entry(entry), release))
    return {name: sorted(files, key=lambda file: file.path) for name, files in written.items()}


#: Makes the contract ``entities`` from all rows of ``mentions``.
Summarise = Callable[[pl.LazyFrame], pl.DataFrame]


def write_entities(release: Path, mention_files: Iterable[WrittenFile], summarise: Summarise) -> WrittenFile:
    """Write ``entities`` from all mentions of the release that is being built."""
    table = TABLES["entities"]
    paths = [release / file.path for file in mention_files]
    mentions = pl.scan_parquet(paths, hive_partitioning=False) if paths else TABLES["mentions"].empty().lazy()
    return write_table(summarise(mentions), table, release)


def read_table(release: Release | None, name: str) -> pl.DataFrame:
    """A global table of a release (``files``, ``rejects``, ``runs``, ``entities``); empty when there is none."""
    table = TABLES[name]
    if release is None:
        return table.empty()
    return pl.read_parquet(release.files(name), hive_partitioning=False).select(table.columns)


def _write_merged(
    name: str, former: pl.DataFrame, gone: pl.DataFrame, fresh: pl.DataFrame, release: Path
) -> WrittenFile:
    """Write a table of file rows: the former ones but for those of the files in ``gone``, and the fresh ones."""
    table = TABLES[name]
    kept = former.join(gone, on=FILE_KEY, how="anti")
    merged = pl.concat([kept, fresh.select(table.columns)]).sort(table.sort_by)
    return write_table(table.schema.validate(merged), table, release)


def write_ledger(previous: Release | None, change: Change, release: Path) -> dict[str, WrittenFile]:
    """Write ``files`` and ``rejects``: the rows of processed files replace their former ones."""
    processed = change.files.select(FILE_KEY)
    ledger = read_table(previous, "files")
    first_seen = ledger.select(*FILE_KEY, pl.col("first_run_id").alias("known_since"))
    files = change.files.join(first_seen, on=FILE_KEY, how="left", maintain_order="left").with_columns(
        pl.coalesce("known_since", "first_run_id").alias("first_run_id")
    )
    rejects = change.scan("rejects").collect() if change.shards else TABLES["rejects"].empty()
    # A file that could not be read keeps its ledger row, but its latest reject counts.
    judged = pl.concat([processed, rejects.select(FILE_KEY)]).unique()
    return {
        "files": _write_merged("files", ledger, processed, files, release),
        "rejects": _write_merged("rejects", read_table(previous, "rejects"), judged, rejects, release),
    }
