"""The published Parquet files, as a reader meets them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from transforms.contracts import TABLES, Table
from warehouse.folder import DataFolder
from warehouse.parquet import write_table


@pytest.mark.parametrize(
    ("name", "column"),
    [("mentions", "entity_id"), ("mentions", "article_id"), ("articles", "article_id"), ("sentences", "article_id")],
)
def test_a_bloom_filter_tells_that_a_file_lacks_an_identifier(name: str, column: str, warehouse_data: Path) -> None:
    release = DataFolder(warehouse_data).published_release()
    path = min((release.path / name).rglob("*.parquet"))
    probe = f"SELECT bool_and(bloom_filter_excludes) FROM parquet_bloom_probe(?, '{column}', ?)"
    with duckdb.connect() as connection:
        present = pl.read_parquet(path, columns=[column])[column].drop_nulls().unique().to_list()
        for value in present[:20]:
            assert connection.execute(probe, [str(path), value]).fetchall() == [(False,)]
        absent = [f"{number:016x}" for number in range(200)]
        excluded = [connection.execute(probe, [str(path), value]).fetchall() == [(True,)] for value in absent]
        assert sum(excluded) > 180


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_without_rows_is_a_file(table: Table, tmp_path: Path) -> None:
    partition = "2024-01" if table.is_partitioned else None
    entry = write_table(table.empty(), table, tmp_path, partition)
    assert entry.row_count == 0
    with duckdb.connect() as connection:
        assert connection.execute("SELECT count(*) FROM read_parquet(?)", [str(tmp_path / entry.path)]).fetchall() == [
            (0,)
        ]
