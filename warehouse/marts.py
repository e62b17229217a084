"""Marts and macros: what stands in the DuckDB file besides the tables of the contracts.

Views and macros are made anew at every load. Stored marts, and the word index of ``search``, follow the change: only
rows of changed articles and entities are replaced.
"""

from __future__ import annotations

import hashlib
from typing import Final

import duckdb

from transforms.contracts import TABLES
from warehouse import search_index
from warehouse.ddl import comment_columns, comment_relation
from warehouse.quoting import quote_identifier
from warehouse.sqlfiles import SqlFile, in_creation_order, sql_files

#: For each kind of stored mart, the temporary table of the changed keys that ``update_database`` makes.
_CHANGED: Final = {"article_id": "changed_articles", "entity_id": "changed_entities"}

#: Tables that a stored mart may be made from, when only rows of changed keys are wanted.
_SOURCES: Final = {"article_id": ("articles", "mentions"), "entity_id": ("entities", "mentions")}


def _exists(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND table_name = ?", [table]
    ).fetchall()
    return bool(found[0][0])


def _replace_rows(connection: duckdb.DuckDBPyConnection, mart: SqlFile, key: str) -> None:
    changed = f"{key} IN (SELECT {key} FROM {_CHANGED[key]})"
    name = quote_identifier(mart.name)
    connection.execute(f"DELETE FROM {name} WHERE {changed}")
    # Temporary views hide the tables, so that the mart's own text gives the changed rows alone.
    for source in _SOURCES[key]:
        connection.execute(f"CREATE TEMP VIEW {source} AS SELECT * FROM warehouse.main.{source} WHERE {changed}")
    connection.execute(f"INSERT INTO {name} {mart.text}")
    for source in _SOURCES[key]:
        connection.execute(f"DROP VIEW temp.{source}")


def _make_mart(connection: duckdb.DuckDBPyConnection, mart: SqlFile) -> None:
    name = quote_identifier(mart.name)
    if mart.stored_per is None:
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS {mart.text}")
    elif _exists(connection, mart.name):
        _replace_rows(connection, mart, mart.stored_per)
        return
    else:
        connection.execute(f"CREATE TABLE {name} AS {mart.text}")
    kind = "VIEW" if mart.stored_per is None else "TABLE"
    for statement in (comment_relation(kind, mart.name, mart.description), *comment_columns(mart.name, mart.columns)):
        connection.execute(statement)


def _drop_unknown(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what a former version made and this one does not: the file was copied from its release."""
    files = sql_files("marts")
    stored = {mart.name for mart in files if mart.stored_per} | {table.name for table in search_index.tables()}
    known = {
        "TABLE": stored | TABLES.keys(),
        "VIEW": {mart.name for mart in files} - stored,
        "MACRO": {macro.name for macro in sql_files("macros")},
    }
    found = connection.execute(
        "SELECT kind, name FROM (SELECT 'TABLE' AS kind, table_name AS name, database_name FROM duckdb_tables() "
        "UNION ALL SELECT 'VIEW', view_name, database_name FROM duckdb_views() WHERE NOT internal "
        "UNION ALL SELECT if(function_type = 'macro', 'MACRO', 'MACRO TABLE'), function_name, database_name "
        "FROM duckdb_functions() WHERE NOT internal) WHERE database_name = current_database()"
    ).fetchall()
    for kind, name in found:
        if name not in known[kind.split()[0]]:
            connection.execute(f"DROP {kind} {quote_identifier(name)}")


def stored_marts_version() -> str:
    """Changes with whatever the rows of stored marts and of the word index depend on besides the tables.

    Rows that follow the change can only be added to those that the same SQL made.
    """
    stored = [mart for mart in sql_files("marts") if mart.stored_per]
    texts = [f"{file.name}\0{file.text}" for file in (*stored, *sql_files("macros"))]
    return f"{search_index.INDEX_VERSION}-{hashlib.sha256(chr(0).join(texts).encode()).hexdigest()[:12]}"


def make_marts(connection: duckdb.DuckDBPyConnection, *, is_indexed: bool = False) -> None:
    """Bring macros, marts and the word index up to date with the tables of the contracts, in the open transaction.

    ``is_indexed`` tells that the words of all articles are in the index already.

    In a file that has them already, the temporary tables ``changed_articles`` and ``changed_entities`` must name the
    keys whose rows are replaced.
    """
    _drop_unknown(connection)
    marts = {mart.name for mart in sql_files("marts")}
    for file in in_creation_order([*sql_files("macros"), *sql_files("marts"), *search_index.tables()]):
        if file.name in marts:
            _make_mart(connection, file)
        elif file.name == search_index.NUMBERS:
            if not is_indexed:
                search_index.number_articles(connection, is_new=not _exists(connection, search_index.NUMBERS))
        elif file.name == search_index.WORDS:
            if not is_indexed:
                search_index.index_words(connection)
        else:
            connection.execute(file.text)
            kind = "MACRO TABLE" if " AS TABLE" in file.text else "MACRO"
            connection.execute(comment_relation(kind, file.name, file.description))
