"""Load: the Parquet of a release becomes its DuckDB file, with views, comments and checks."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from transforms.contracts import TABLES, Table
from warehouse.ddl import comment_table, create_table, quote_literal
from warehouse.folder import fsync_path, remove_tree
from warehouse.query import quote_identifier
from warehouse.sqlfiles import sql_files

#: The newest storage that DuckDB 1.4, the oldest version still in wide use, can open.
STORAGE_VERSION: Final = "v1.4.0"

_SHOWN_OFFENDERS: Final = 3


class LoadError(Exception):
    """DuckDB could not build the new release; it was not published."""


class CheckError(Exception):
    """A release broke its own rules; it was not published."""


@contextmanager
def _new_database(path: Path, memory_limit: str | None) -> Generator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"SET temp_directory = {quote_literal(str(path.with_suffix('.spill')))}")
        # Sums and first values must not depend on which thread came first.
        connection.execute("SET preserve_insertion_order = true")
        if memory_limit is not None:
            connection.execute(f"SET memory_limit = {quote_literal(memory_limit)}")
        target = quote_literal(str(path))
        connection.execute(f"ATTACH {target} AS warehouse (STORAGE_VERSION {quote_literal(STORAGE_VERSION)})")
        connection.execute("USE warehouse")
        yield connection


def _insert(connection: duckdb.DuckDBPyConnection, table: Table, files: list[Path]) -> None:
    if not files:
        return
    columns = ", ".join(quote_identifier(name) for name in table.columns)
    name = quote_identifier(table.name)
    source = "read_parquet(?, hive_partitioning = false)"
    connection.execute(
        f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {source}", [[str(file) for file in files]]
    )


def _show(row: tuple[Any, ...], names: list[str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in zip(names, row, strict=True))


def run_checks(connection: duckdb.DuckDBPyConnection) -> None:
    """Run every check; each is a query that returns the offending rows.

    Raises ``CheckError`` with the checks that failed and the first rows that broke them.
    """
    failures = []
    for check in sql_files("checks"):
        cursor = connection.execute(check.text)
        offenders = cursor.fetchmany(_SHOWN_OFFENDERS)
        if offenders:
            names = [column[0] for column in cursor.description or []]
            rows = "; ".join(_show(row, names) for row in offenders)
            failures.append(f"{check.name} ({check.description}): {rows}")
    if failures:
        message = "the new release breaks its checks and was not published:\n  " + "\n  ".join(failures)
        raise CheckError(message)


def load_database(path: Path, files: dict[str, list[Path]], memory_limit: str | None = None) -> None:
    """Build the DuckDB file of a release from its Parquet files (by table), check it and close it.

    The file appears under its name only when it is complete.

    Raises ``CheckError`` for a release that breaks a check and ``LoadError`` for what else DuckDB refuses.
    """
    try:
        _load(path, files, memory_limit)
    except duckdb.Error as error:
        raise LoadError(f"the new release could not be loaded and was not published: {error}") from error


def _load(path: Path, files: dict[str, list[Path]], memory_limit: str | None) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    remove_tree(temporary)
    with _new_database(temporary, memory_limit) as connection:
        connection.execute("BEGIN")
        for table in TABLES.values():
            connection.execute(create_table(table))
            for statement in comment_table(table):
                connection.execute(statement)
            _insert(connection, table, files[table.name])
        for view in sql_files("views"):
            name = quote_identifier(view.name)
            connection.execute(f"CREATE VIEW {name} AS {view.text}")
            connection.execute(f"COMMENT ON VIEW {name} IS {quote_literal(view.description)}")
        connection.execute("COMMIT")
        run_checks(connection)
        connection.execute("CHECKPOINT warehouse")
        connection.execute("USE memory")
        connection.execute("DETACH warehouse")
    remove_tree(temporary.with_suffix(".spill"))
    fsync_path(temporary)
    temporary.chmod(0o444)
    temporary.replace(path)
