"""Whole runs over folders of files: what became of every file, and whether the ledger balances.

``python tests/balance_report.py DIR...`` loads each folder into a warehouse of its own, prints a Markdown table with a
row per subfolder, and ends with 1 if a file or a record is missing, or counted twice.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path, PurePosixPath

import polars as pl

from flows.extract import find_files
from flows.pipeline import run_directly
from flows.settings import Settings
from flows.sources import Source
from transforms.contracts import FILE_KEY
from transforms.parse.format import WHOLE_FILE
from warehouse.folder import DataFolder, Release
from warehouse.scan import scan_table

_RECORD = [*FILE_KEY, "record_no"]


def imbalances(release: Release, listed: pl.DataFrame) -> list[str]:
    """What does not add up between files that were listed (``FILE_KEY``), ``files``, ``articles`` and ``rejects``."""
    files = scan_table(release, "files").collect()
    articles = scan_table(release, "articles").select("article_id", *_RECORD).collect()
    mentions = scan_table(release, "mentions").select("article_id").collect()
    rejects = scan_table(release, "rejects").collect()
    found = []

    def expect_none(what: str, rows: pl.DataFrame) -> None:
        if len(rows):
            found.append(f"{what}: {len(rows):,}, first {rows.row(0)}")

    key = list(FILE_KEY)
    expect_none("files that were listed and are not in the ledger", listed.join(files, on=key, how="anti"))
    expect_none("files in the ledger that were not listed", files.select(key).join(listed, on=key, how="anti"))
    expect_none("articles of no loaded file", articles.join(files.filter(status="loaded"), on=key, how="anti"))
    expect_none("rejects of no file", rejects.join(files, on=key, how="anti"))
    refused = files.filter(status="quarantined").select(*key, "reason")
    expect_none("quarantined files without a reject of that reason", refused.join(rejects, [*key, "reason"], "anti"))
    expect_none("records that are two articles", articles.filter(pl.struct(_RECORD).is_duplicated()))
    expect_none("articles with one identity", articles.filter(pl.col("article_id").is_duplicated()))
    for name, rows in (
        ("article_count", articles),
        ("mention_count", mentions.join(articles, on="article_id", how="left", validate="m:1")),
    ):
        counted = rows.group_by(key).agg(pl.len().alias("rows"))
        both = files.select(*key, name).join(counted, on=key, how="full", coalesce=True)
        expect_none(f"files whose {name} is another", both.filter(pl.col(name) != pl.col("rows").fill_null(0)))
    # Records are numbered in the order in which they are read: one that is lost leaves a gap.
    records = pl.concat([articles.select(_RECORD), rejects.filter(pl.col("record_no") > WHOLE_FILE).select(_RECORD)])
    numbers = records.unique().group_by(key).agg(pl.len().alias("count"), (pl.max("record_no") + 1).alias("expected"))
    expect_none(
        "files with records that are neither article nor reject", numbers.filter(pl.col("count") < pl.col("expected"))
    )
    accounted = pl.concat([records.select(key), rejects.select(key)]).unique()
    expect_none("files of which nothing is known", files.select(key).join(accounted, on=key, how="anti"))
    return found


def _told(rules: pl.DataFrame, group: str) -> str:
    counts = rules.filter(folder=group).group_by("rule").len().sort(["len", "rule"], descending=[True, False])
    return ", ".join(f"{rule} {count:,}" for rule, count in counts.iter_rows()) or "–"


def _table(release: Release) -> str:
    def folder(path: str) -> str:
        return str(PurePosixPath(path).parent)

    grouped = pl.col("path").map_elements(folder, return_dtype=pl.String).alias("folder")
    files = scan_table(release, "files").collect().with_columns(grouped)
    articles = scan_table(release, "articles").select(_RECORD).collect()
    rejects = scan_table(release, "rejects").collect().with_columns(grouped)
    quarantined = files.filter(status="quarantined")
    first = rejects.join(quarantined, on=[*FILE_KEY, "reason"], how="semi").unique(FILE_KEY)
    of_files = rejects.join(quarantined, on=FILE_KEY, how="anti")
    remarks = of_files.join(articles, on=_RECORD, how="semi")
    refused = of_files.join(articles, on=_RECORD, how="anti")
    lines = [
        "| folder | files | articles | files quarantined | why | records refused in loaded files | remarks |",
        "| --- | ---: | ---: | ---: | --- | --- | --- |",
    ]
    for group in [*sorted(files["folder"].unique()), None]:
        own = files if group is None else files.filter(folder=group)
        told = [""] * 3 if group is None else [_told(rows, group) for rows in (first, refused, remarks)]
        bad = len(own.filter(status="quarantined"))
        lines.append(
            f"| {group or 'all'} | {len(own):,} | {own['article_count'].sum():,} | {bad:,} | {' | '.join(told)} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Print the tables; 1 if something does not balance."""
    is_balanced = True
    for name in sys.argv[1:]:
        folder = Path(name).resolve()
        with tempfile.TemporaryDirectory(prefix="dateline-balance-") as data:
            start = time.perf_counter()
            run_directly(Settings.given(data=Path(data), settle_seconds=0), [folder], source=folder.name)
            seconds = time.perf_counter() - start
            release = DataFolder(Path(data)).published_release()
            found = imbalances(release, find_files([Source(folder.name, folder)]).select(FILE_KEY))
            print(f"\n### {folder.name} ({seconds:.1f} s)\n\n{_table(release)}\n", flush=True)
        for problem in found:
            print(f"DOES NOT BALANCE: {problem}")
        is_balanced &= not found
    print("every ledger balances" if is_balanced else "NOT BALANCED")
    return 0 if is_balanced else 1


if __name__ == "__main__":
    sys.exit(main())
