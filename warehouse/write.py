"""Write: staged batches become the partitioned Parquet of the next release.

Only the month partitions that a run touches are written anew; the files of the others are hard-linked from
the previous release.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from transforms.contracts import FILE_KEY, SCHEMA_VERSION, TABLES, Table
from warehouse.folder import Release, fsync_path
from warehouse.parquet import WrittenFile, write_table
from warehouse.scan import scan_table
from warehouse.staging import Shard
from warehouse.versions import next_versions

_PARTITIONED: Final = tuple(table for table in TABLES.values() if table.is_partitioned)

#: How many characters of text the months that are merged at the same time may hold; this bounds the memory.
MERGE_CHARS: Final = 16_000_000

#: Month groups that are merged at the same time: while one is compressed, another is read.
_MERGERS: Final = 2


@dataclass(frozen=True, slots=True)
class Change:
    """What a run brings.

    ``files`` are ledger rows (contract ``files``) of every file whose rows are replaced or withdrawn;
    ``shards`` hold what replaces them. ``touched`` (``source``, ``path``, ``modified_at``) are files that are as
    they were but for their modification time.
    """

    shards: Sequence[Shard]
    files: pl.DataFrame
    touched: pl.DataFrame

    def scan(self, name: str) -> pl.LazyFrame:
        """A staged table; no rows when nothing was staged."""
        if not self.shards:
            return TABLES[name].empty().lazy()
        return pl.scan_parquet([path for shard in self.shards for path in shard.files(name)])


@dataclass(frozen=True, slots=True)
class Partitions:
    """The partitioned tables of a release: its files by table, and what the run changed.

    ``months`` were written anew. ``article_ids`` (column ``article_id``) are the articles that came, went or
    were processed again: all rows of other articles are as they were.
    """

    written: dict[str, list[WrittenFile]]
    months: frozenset[str]
    article_ids: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Merge:
    """What merging a group of months needs to know."""

    previous: Release | None
    change: Change
    replaced: pl.DataFrame
    release: Path
    run_id: str

    def months(self, months: list[str]) -> dict[str, list[WrittenFile]]:
        """Write the partitioned tables of these months."""
        articles = self._rows(TABLES["articles"], months)
        written = {"articles": self._write(TABLES["articles"], articles)}
        versions = next_versions(
            scan_table(self.previous, "versions", months).collect(),
            scan_table(self.previous, "articles", months),
            articles,
            last_run_id=self.previous.manifest["run_id"] if self.previous else self.run_id,
            run_id=self.run_id,
        )
        del articles
        written["versions"] = self._write(TABLES["versions"], versions.sort(TABLES["versions"].sort_by))
        for table in _PARTITIONED:
            if table.name not in written:
                written[table.name] = self._write(table, self._rows(table, months))
        return written

    def _rows(self, table: Table, months: list[str]) -> pl.DataFrame:
        fresh = self.change.scan(table.name).filter(pl.col("published_month").is_in(months)).select(table.columns)
        kept = scan_table(self.previous, table.name, months).join(self.replaced.lazy(), on="article_id", how="anti")
        return pl.concat([fresh, kept]).sort(table.sort_by).collect()

    def _write(self, table: Table, rows: pl.DataFrame) -> list[WrittenFile]:
        by_month = rows.partition_by("published_month", as_dict=True, maintain_order=True)
        written = []
        for (month,), part in sorted(by_month.items()):
            file = write_table(part, table, self.release, partition=str(month))
            former = self.previous.partitions(table.name).get(file.partition) if self.previous else None
            if self.previous and former and former["path"] == file.path:
                # The same bytes as before (a name tells): they need no space of their own.
                (self.release / file.path).unlink()
                link_file(self.previous, file, self.release)
            written.append(file)
        return written


def _replaced_articles(previous: Release | None, change: Change) -> pl.DataFrame:
    """``article_id`` and ``published_month`` of every published article of the changed files."""
    columns = ("article_id", "published_month")
    known = scan_table(previous, "files").join(change.files.lazy(), on=FILE_KEY, how="semi")
    if known.filter(pl.col("article_count") > 0).limit(1).collect().is_empty():
        # New files alone replace nothing: no published text needs to be looked at.
        return scan_table(None, "articles").select(columns).collect()
    articles = scan_table(previous, "articles").select(*FILE_KEY, *columns)
    return articles.join(change.files.lazy(), on=FILE_KEY, how="semi").select(columns).collect()


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


def link_file(previous: Release, entry: WrittenFile, release: Path) -> None:
    """Put a published file into the next release without copying it, where the file system can."""
    target = release / entry.path
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(previous.path / entry.path, target)
    except OSError:
        shutil.copy2(previous.path / entry.path, target)
        fsync_path(target)


def _touched_months(previous: Release | None, fresh: pl.DataFrame, replaced: pl.DataFrame) -> set[str]:
    if previous is not None and previous.manifest["schema_version"] != SCHEMA_VERSION:
        # Written by an earlier version of Dateline: every file gets today's columns.
        return {str(month) for month in previous.partitions("articles")} | set(fresh["published_month"])
    return set(fresh["published_month"]) | set(replaced["published_month"])


def write_partitions(
    previous: Release | None, change: Change, release: Path, *, run_id: str, advance: Callable[[int], None]
) -> Partitions:
    """Write the partitioned tables: the touched months anew, the others linked.

    ``advance`` is told of every month that is written.
    """
    replaced = _replaced_articles(previous, change)
    fresh = change.scan("articles").select("article_id", "published_month").collect()
    touched = _touched_months(previous, fresh, replaced)
    characters = (
        pl
        .concat([
            change.scan("articles").select("published_month", pl.col("char_count").cast(pl.Int64)),
            scan_table(previous, "articles", touched).select("published_month", pl.col("char_count").cast(pl.Int64)),
        ])
        .group_by("published_month")
        .agg(pl.col("char_count").sum())
        .collect()
    )
    merge = _Merge(previous, change, replaced.select("article_id"), release, run_id)
    written: dict[str, list[WrittenFile]] = {table.name: [] for table in _PARTITIONED}
    groups = list(_month_groups(characters))
    with ThreadPoolExecutor(_MERGERS) as mergers:
        for months, merged in zip(groups, mergers.map(merge.months, groups), strict=True):
            for name, files in merged.items():
                written[name] += files
            advance(len(months))
    if previous is not None:
        for table in _PARTITIONED:
            for month, entry in previous.partitions(table.name).items():
                if month not in touched:
                    file = WrittenFile.from_entry(entry)
                    link_file(previous, file, release)
                    written[table.name].append(file)
    return Partitions(
        {name: sorted(files, key=lambda file: file.path) for name, files in written.items()},
        frozenset(touched),
        pl.concat([fresh.select("article_id"), replaced.select("article_id")]).unique().sort("article_id"),
    )
