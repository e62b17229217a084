"""Scan: the Parquet of a release as frames of the contracts, whichever version of them wrote it."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from transforms.contracts import TABLES
from warehouse.folder import Release


def _conformed(rows: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """The contract's columns; those that an earlier version of Dateline did not write are null, or 0 for counts."""
    table = TABLES[name]
    written = rows.collect_schema()
    missing = [
        pl.lit(None if column.nullable else 0, dtype=column.dtype).alias(column_name)
        for column_name, column in table.schema.columns().items()
        if column_name not in written
    ]
    return rows.with_columns(missing).select(table.columns)


def scan_table(release: Release | None, name: str, months: Iterable[str] | None = None) -> pl.LazyFrame:
    """A table of a release, or of some of its months if it is partitioned; no rows where there is nothing."""
    files = [] if release is None else release.files(name, months)
    if not files:
        return TABLES[name].empty().lazy()
    return _conformed(pl.scan_parquet(files, hive_partitioning=False), name)


def read_table(release: Release | None, name: str) -> pl.DataFrame:
    """A table that is not partitioned (``files``, ``rejects``, ``runs``, ``entities``), whole."""
    return scan_table(release, name).collect()
