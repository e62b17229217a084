"""The contracts: what they promise, and that Parquet and DuckDB say the same."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from dataframely.exc import ValidationError

from transforms.contracts import CONTENT_TABLES, TABLES, Table
from warehouse import open_warehouse
from warehouse.ddl import sql_types
from warehouse.folder import DataFolder
from warehouse.parquet import arrow_schema

TABLE_PARAMETERS = [pytest.param(table, id=table.name) for table in TABLES.values()]
FLAT_TYPES = {
    pl.String(),
    pl.Int32(),
    pl.Int64(),
    pl.Float64(),
    pl.Boolean(),
    pl.Date(),
    pl.Datetime("us", "UTC"),
}


def test_the_tables_of_the_design_exist() -> None:
    assert set(TABLES) == {
        "articles",
        "sentences",
        "mentions",
        "mention_values",
        "compared_mentions",
        "versions",
        "entities",
        "files",
        "rejects",
        "runs",
    }
    assert set(CONTENT_TABLES) == {
        "articles",
        "sentences",
        "mentions",
        "mention_values",
        "compared_mentions",
        "entities",
    }


@pytest.mark.parametrize("table", TABLE_PARAMETERS)
class TestEveryTable:
    def test_begins_with_its_grain(self, table: Table) -> None:
        assert table.description.startswith("One row per ")

    def test_describes_every_column(self, table: Table) -> None:
        undescribed = [name for name, column in table.schema.columns().items() if not column.description]
        assert undescribed == []

    def test_is_flat_and_of_types_that_every_reader_knows(self, table: Table) -> None:
        assert {column.dtype for column in table.schema.columns().values()} <= FLAT_TYPES

    def test_sorts_by_a_total_order(self, table: Table) -> None:
        assert set(table.schema.primary_key()) <= set(table.sort_by)

    def test_refers_to_keys_that_exist(self, table: Table) -> None:
        for column, target in table.references.items():
            name, key = target.split(".")
            assert column in table.columns
            assert TABLES[name].schema.primary_key() == [key]

    def test_stands_behind_what_it_refers_to_or_is_checked(self, table: Table) -> None:
        assert all(target.split(".")[0] in TABLES for target in table.references.values())

    def test_is_in_parquet_as_declared(self, table: Table, warehouse_data: Path) -> None:
        release = DataFolder(warehouse_data).published_release()
        files = release.files(table.name)
        assert files
        for file in files:
            assert pq.read_schema(file).equals(arrow_schema(table), check_metadata=True)

    def test_is_in_duckdb_as_declared(self, table: Table, warehouse_data: Path) -> None:
        with open_warehouse(warehouse_data) as connection:
            columns = connection.execute(
                "SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() WHERE table_name = ?"
                " ORDER BY column_index",
                [table.name],
            ).fetchall()
            comment = connection.execute(
                "SELECT comment FROM duckdb_tables() WHERE table_name = ?", [table.name]
            ).fetchall()
        types = sql_types(table)
        declared = [
            (name, types[name].replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"), column.nullable, column.description)
            for name, column in table.schema.columns().items()
        ]
        assert columns == declared
        assert comment == [(table.description,)]

    def test_holds_the_same_rows_in_parquet_and_duckdb(self, table: Table, warehouse_data: Path) -> None:
        release = DataFolder(warehouse_data).published_release()
        parquet = pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in release.files(table.name)])
        with open_warehouse(warehouse_data) as connection:
            database = connection.table(table.name).pl()
        assert (
            table.schema
            .validate(parquet)
            .sort(table.sort_by)
            .equals(database.cast(dict(parquet.schema)).sort(table.sort_by))
        )


def _mention(**changes: object) -> pl.DataFrame:
    row = {
        "article_id": "0123456789abcdef",
        "mention_no": 0,
        "published_on": None,
        "published_month": "undated",
        "sentence_no": 0,
        "start_char": 3,
        "end_char": 7,
        "surface": "Baku",
        "mention_type": "PLACE",
        "score": 0.9,
        "recogniser": "rules",
        "entity_id": "0123456789abcdef",
        "is_credit": False,
        "role": None,
        "role_start_char": None,
        "role_end_char": None,
    }
    return pl.DataFrame([row | changes], schema=TABLES["mentions"].empty().schema)


def test_a_mention_within_the_contract_is_accepted() -> None:
    TABLES["mentions"].schema.validate(_mention())
    TABLES["mentions"].schema.validate(_mention(role="mayor", role_start_char=8, role_end_char=13))
    TABLES["mentions"].schema.validate(_mention(mention_type="DATE", entity_id=None))


@pytest.mark.parametrize(
    "changes",
    [
        {"mention_type": "THING"},
        {"score": 1.5},
        {"end_char": 3},
        {"surface": "Bak"},
        {"published_month": "2024-1"},
        {"article_id": "0123"},
        {"entity_id": None},
        {"mention_type": "DATE"},
        {"role": "mayor"},
        {"role": "mayor", "role_start_char": 8, "role_end_char": 12},
    ],
)
def test_a_mention_that_breaks_a_rule_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TABLES["mentions"].schema.validate(_mention(**changes))
