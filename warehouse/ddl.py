"""DuckDB statements from the contracts: tables and comments."""

from __future__ import annotations

from collections.abc import Mapping
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


def comment_relation(kind: str, name: str, description: str) -> str:
    """The COMMENT ON statement of a TABLE, a VIEW, a MACRO or a MACRO TABLE."""
    return f"COMMENT ON {kind} {quote_identifier(name)} IS {quote_literal(description)}"


def comment_columns(name: str, comments: Mapping[str, str]) -> list[str]:
    """The COMMENT ON statements of the columns of a table or view."""
    return [
        f"COMMENT ON COLUMN {quote_identifier(name)}.{quote_identifier(column)} IS {quote_literal(comment)}"
        for column, comment in comments.items()
    ]


def comment_table(table: Table) -> list[str]:
    """The COMMENT ON statements of a contract's table and its columns."""
    comments = {name: column.description or "" for name, column in table.schema.columns().items()}
    return [comment_relation("TABLE", table.name, table.description), *comment_columns(table.name, comments)]
