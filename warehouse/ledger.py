"""The ledger of a release: which files it was made of (``files``), and what was refused (``rejects``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from transforms.contracts import FILE_KEY, TABLES
from warehouse.folder import Release
from warehouse.parquet import WrittenFile, write_table
from warehouse.scan import read_table
from warehouse.write import Change


def _write_merged(
    name: str, former: pl.DataFrame, gone: pl.DataFrame, fresh: pl.DataFrame, release: Path
) -> WrittenFile:
    """Write a table of file rows: the former ones but for those of the files in ``gone``, and the fresh ones."""
    table = TABLES[name]
    kept = former.join(gone, on=FILE_KEY, how="anti")
    merged = pl.concat([kept, fresh.select(table.columns)]).sort(table.sort_by)
    # The former rows were held to the contract when they were written.
    table.schema.validate(fresh.select(table.columns))
    return write_table(merged, table, release)


def _with_touched(ledger: pl.DataFrame, touched: pl.DataFrame) -> pl.DataFrame:
    """The ledger with the modification times that files have now which are otherwise as they were."""
    seen = touched.select(*FILE_KEY, pl.col("modified_at").alias("touched_at"))
    return ledger.join(seen, on=FILE_KEY, how="left", maintain_order="left").with_columns(
        pl.coalesce("touched_at", "modified_at").alias("modified_at")
    ).drop("touched_at")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger's files by table, and the files whose rejects are those of this run (columns ``FILE_KEY``)."""

    written: dict[str, WrittenFile]
    judged: pl.DataFrame


def write_ledger(previous: Release | None, change: Change, release: Path) -> Ledger:
    """Write ``files`` and ``rejects``: the rows of processed files replace their former ones."""
    processed = change.files.select(FILE_KEY)
    ledger = _with_touched(read_table(previous, "files"), change.touched)
    first_seen = ledger.select(*FILE_KEY, pl.col("first_run_id").alias("known_since"))
    files = change.files.join(first_seen, on=FILE_KEY, how="left", maintain_order="left").with_columns(
        pl.coalesce("known_since", "first_run_id").alias("first_run_id")
    )
    rejects = change.scan("rejects").collect()
    # Not only of the processed files: one that could not be read keeps its ledger row, but its latest reject counts.
    judged = pl.concat([processed, rejects.select(FILE_KEY)]).unique()
    written = {
        "files": _write_merged("files", ledger, processed, files, release),
        "rejects": _write_merged("rejects", read_table(previous, "rejects"), judged, rejects, release),
    }
    return Ledger(written, judged)
