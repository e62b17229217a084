"""The matrix of readers, with those that Dateline itself brings, and what it says of differences."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent / "readers"))

from matrix import descriptions, expectations, specification, verdict
from probes import Digest, digest, read_all

from warehouse.export import export_release
from warehouse.folder import DataFolder


@pytest.fixture(scope="module")
def told(warehouse_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    release = DataFolder(warehouse_data).published_release()
    flat = tmp_path_factory.mktemp("flat")
    export_release(release, flat)
    return specification(release, flat)


@pytest.fixture(scope="module")
def expected(warehouse_data: Path, told: dict[str, Any]) -> dict[str, Digest]:
    return expectations(DataFolder(warehouse_data).published_release(), told)


@pytest.mark.parametrize(
    ("reader", "shown"),
    [
        ("duckdb", "table (Parquet), table (DuckDB), columns (DuckDB)"),
        ("pyarrow", "table (Parquet), columns (Parquet)"),
        ("polars", "table (Parquet)"),
    ],
)
def test_the_readers_at_hand_read_the_same(
    reader: str, shown: str, told: dict[str, Any], expected: dict[str, Digest]
) -> None:
    results = read_all(reader, told)
    for place, found in results.items():
        assert verdict(found, expected, told) in {"same", "same with partitioning=None"}, place
    assert descriptions({"results": results}) == shown


def test_what_differs_is_told(told: dict[str, Any], expected: dict[str, Digest], tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"ATTACH '{told['database']}' AS published (READ_ONLY)")
        for table in told["tables"]:
            connection.execute(f"CREATE TABLE {table} AS FROM published.{table}")
        connection.execute("UPDATE entities SET name = 'Ghent' WHERE entity_id = (SELECT min(entity_id) FROM entities)")
        connection.execute("DELETE FROM files WHERE path = (SELECT min(path) FROM files)")
        connection.execute("ALTER TABLE mentions ALTER COLUMN start_char TYPE BIGINT")
        connection.execute("DROP TABLE runs")
    found = read_all("duckdb", told | {"database": str(database)})["database"]
    said = verdict(found, expected, told)
    assert said.startswith("runs: CatalogException")
    assert "rows differ: files; values differ: entities (name); int32 as BIGINT" in said


def test_nulls_and_order_count_as_they_should() -> None:
    kinds = ["string", "float64", "timestamp"]
    rows = [("a", 1.5, "2024-01-01 12:00:00.000001"), (None, float("nan"), None)]
    assert digest(rows, kinds) == digest(rows[::-1], kinds) == digest([*rows[:1], (None, None, None)], kinds)
    assert digest(rows, kinds).checksum != digest([rows[0], ("", None, None)], kinds).checksum
    assert digest(rows, kinds).checksum != digest([*rows, rows[1]], kinds).checksum
