"""DuckDB statements from the contracts: tables and comments."""

from __future__ import annotations

from typing import Final

import polars as pl

from transforms.contracts import Table
from warehouse.quoting import quote_identifier, quote_literal

_SQL_TYPES: Final[dict[pl.DataType, str]] = {
    pl.String(): "VARCHAR",
    pl.Int32(): "INTEGER",
    pl.Int64(): "BIGINT",
    pl.Float64(): "DOUBLE",
    pl.Boolean(): "BOOLEAN",
    pl.Date(): "DATE",
    pl.Datetime("us", "UTC"): "TIMESTAMPTZ",
}


def sql_types(table: Table) -> dict[str, str]:
    """Each column's DuckDB type, in the contract's order."""
    return {name: _SQL_TYPES[column.dtype] for name, column in table.schema.columns().items()}


def create_table(table: Table) -> str:
    """The CREATE TABLE statement.

    Keys are not declared: DuckDB would build an index for each, which costs more than the load itself. The
    checks hold them instead.
    """
    nullable = {name: column.nullable for name, column in table.schema.columns().items()}
    columns = ", ".join(
        f"{quote_identifier(name)} {sql_type}{'' if nullable[name] else ' NOT NULL'}"
        for name, sql_type in sql_types(table).items()
    )
    return f"CREATE TABLE {quote_identifier(table.name)} ({columns})"


def comment_table(table: Table) -> list[str]:
    """The COMMENT ON statements of the table and its columns."""
    name = quote_identifier(table.name)
    columns = [
        f"COMMENT ON COLUMN {name}.{quote_identifier(column)} IS {quote_literal(declared.description or '')}"
        for column, declared in table.schema.columns().items()
    ]
    return [f"COMMENT ON TABLE {name} IS {quote_literal(table.description)}", *columns]
