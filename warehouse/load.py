"""Load: the Parquet of a release becomes its DuckDB file, with marts, macros, comments and checks.

The file is built from nothing (``build_database``), or from a copy of the former release's file in which only
the rows of changed articles and files are replaced (``update_database``).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from transforms.contracts import FILE_KEY, TABLES, Table
from warehouse.checks import run_checks
from warehouse.ddl import comment_table, create_table
from warehouse.folder import fsync_path, remove_tree
from warehouse.marts import make_marts
from warehouse.quoting import quote_identifier, quote_literal
from warehouse.search_index import counted_ahead, index_words

#: The newest storage that DuckDB 1.4, the oldest version still in wide use, can open.
STORAGE_VERSION: Final = "v1.4.0"

#: Up to so many changed articles are checked by themselves, in memory; beyond, the whole release is.
_MOST_CHECKED_APART: Final = 20_000

#: Makes rows of ``entities`` from spellings (one row per entity and surface: ``entity_id, entity_type, surface, uses``)
#: and counts (one row per entity: ``entity_id`` and the counts and days of the contract), and sees to it that they are
#: published. The third argument, if it is not None, has the only ``entity_id`` that changed: the rows are theirs.
MakeEntities = Callable[[pl.DataFrame, pl.DataFrame, pl.DataFrame | None], pl.DataFrame]


class LoadError(Exception):
    """DuckDB could not build the new release; it was not published."""


@dataclass(frozen=True, slots=True)
class Delta:
    """Which rows a release has otherwise than the one before it.

    ``article_ids`` (column ``article_id``) are the articles whose rows are replaced, ``months`` the partitions in
    which they stand now. The others hold file keys (columns ``FILE_KEY``): of the ``files`` that were processed, of
    those ``touched`` that only have another modification time, and of those ``judged`` whose rejects are new.
    """

    article_ids: pl.DataFrame
    months: frozenset[str]
    files: pl.DataFrame
    touched: pl.DataFrame
    judged: pl.DataFrame


@contextmanager
def _attached(path: Path, memory_limit: str | None) -> Generator[duckdb.DuckDBPyConnection]:
    """A connection in which the file at ``path`` is the catalog in use; it is flushed and closed at the end."""
    spill = path.with_suffix(".spill")
    try:
        with duckdb.connect(":memory:") as connection:
            connection.execute(f"SET temp_directory = {quote_literal(str(spill))}")
            # Sums and first values must not depend on which thread came first.
            connection.execute("SET preserve_insertion_order = true")
            if memory_limit is not None:
                connection.execute(f"SET memory_limit = {quote_literal(memory_limit)}")
            # Without a log: what a crash leaves behind is thrown away, and all bodies would be written twice.
            options = f"STORAGE_VERSION {quote_literal(STORAGE_VERSION)}, RECOVERY_MODE no_wal_writes"
            connection.execute(f"ATTACH {quote_literal(str(path))} AS warehouse ({options})")
            connection.execute("USE warehouse")
            connection.execute("BEGIN")
            yield connection
            connection.execute("CHECKPOINT warehouse")
            connection.execute("USE memory")
            connection.execute("DETACH warehouse")
    except duckdb.Error as error:
        raise LoadError(f"the new release could not be loaded and was not published: {error}") from error
    remove_tree(spill)
    fsync_path(path)


def _insert(
    connection: duckdb.DuckDBPyConnection, table: Table, files: Sequence[Path], condition: str = "true"
) -> None:
    if not files:
        return
    columns = ", ".join(quote_identifier(name) for name in table.columns)
    name = quote_identifier(table.name)
    source = "read_parquet(?, hive_partitioning = false)"
    connection.execute(
        f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {source} WHERE {condition}",
        [[str(file) for file in files]],
    )


def _insert_rows(connection: duckdb.DuckDBPyConnection, table: Table, rows: pl.DataFrame) -> None:
    columns = ", ".join(quote_identifier(name) for name in table.columns)
    connection.register("given_rows", rows.to_arrow())
    connection.execute(f"INSERT INTO {quote_identifier(table.name)} ({columns}) SELECT {columns} FROM given_rows")
    connection.unregister("given_rows")


def _frame(connection: duckdb.DuckDBPyConnection, sql: str) -> pl.DataFrame:
    return pl.DataFrame(connection.sql(sql).to_arrow_table())


def _entity_rows(connection: duckdb.DuckDBPyConnection, condition: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    spellings = _frame(
        connection,
        "SELECT entity_id, mention_type AS entity_type, surface, count(*) AS uses "
        f"FROM mentions WHERE {condition} GROUP BY ALL",
    )
    counts = _frame(
        connection,
        "SELECT entity_id, count(*) AS mention_count, count(DISTINCT article_id) AS article_count, "
        "min(published_on) AS first_seen_on, max(published_on) AS last_seen_on "
        f"FROM mentions WHERE {condition} GROUP BY ALL",
    )
    return spellings, counts


def build_database(
    path: Path,
    files: Mapping[str, Sequence[Path]],
    make_entities: MakeEntities | None = None,
    memory_limit: str | None = None,
) -> None:
    """Build the DuckDB file of a release from its Parquet files (by table), check it and close it.

    ``make_entities`` makes the table ``entities`` from the mentions; without it, it is among ``files``.

    Raises ``CheckError`` for a release that breaks a check and ``LoadError`` for what else DuckDB refuses.
    """
    remove_tree(path)
    with _attached(path, memory_limit) as connection:
        for table in TABLES.values():
            connection.execute(create_table(table))
            for statement in comment_table(table):
                connection.execute(statement)
        articles, *others = TABLES.values()
        _insert(connection, articles, files[articles.name])
        with counted_ahead(connection) as counted_words, ThreadPoolExecutor(1) as maker:
            # Tables stand behind those that they reference: mentions are there when entities are made of them.
            for table in others:
                if table.name == "entities" and make_entities is not None:
                    making = maker.submit(make_entities, *_entity_rows(connection, "entity_id IS NOT NULL"), None)
                    # DuckDB has nothing else to do meanwhile.
                    index_words(connection, counted_words)
                    _insert_rows(connection, table, making.result())
                else:
                    _insert(connection, table, files[table.name])
            if make_entities is None:
                index_words(connection, counted_words)
            make_marts(connection, is_indexed=True)
        connection.execute("COMMIT")
        run_checks(connection)


def _replace_articles(connection: duckdb.DuckDBPyConnection, files: Mapping[str, Sequence[Path]]) -> None:
    changed = "article_id IN (SELECT article_id FROM changed_articles)"
    for table in TABLES.values():
        if table.is_partitioned:
            # Versions of a changed article stand in other months too, and stay.
            connection.execute(
                f"DELETE FROM {quote_identifier(table.name)} WHERE {changed} AND published_month IN "
                "(SELECT published_month FROM changed_months)"
            )
            # Not from the staged batches: what is loaded is what is published.
            _insert(connection, table, files[table.name], changed)


def _replace_file_rows(
    connection: duckdb.DuckDBPyConnection, name: str, keys: pl.DataFrame, files: Sequence[Path]
) -> None:
    connection.register("file_keys", keys.select(FILE_KEY).to_arrow())
    changed = "(source, path) IN (SELECT (source, path) FROM file_keys)"
    connection.execute(f"DELETE FROM {quote_identifier(name)} WHERE {changed}")
    _insert(connection, TABLES[name], files, changed)
    connection.unregister("file_keys")


def _replace_runs(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    columns = ", ".join(quote_identifier(name) for name in TABLES["runs"].columns)
    connection.execute(
        f"CREATE TEMP TABLE all_runs AS SELECT {columns} FROM read_parquet(?, hive_partitioning = false)",
        [[str(file) for file in files]],
    )
    connection.execute(
        f"DELETE FROM runs WHERE run_id NOT IN (SELECT run_id FROM "
        f"(SELECT {columns} FROM runs INTERSECT SELECT {columns} FROM all_runs))"
    )
    connection.execute(
        f"INSERT INTO runs ({columns}) SELECT {columns} FROM all_runs WHERE run_id NOT IN (SELECT run_id FROM runs)"
    )


def _check_changed(connection: duckdb.DuckDBPyConnection, delta: Delta) -> None:
    """Run the checks on the rows that changed: temporary tables hide those of the warehouse."""
    if len(delta.article_ids) > _MOST_CHECKED_APART:
        run_checks(connection)
        return
    connection.register("file_keys", delta.files.select(FILE_KEY).to_arrow())
    conditions = {
        "entities": "entity_id IN (SELECT entity_id FROM changed_entities)",
        "files": "(source, path) IN (SELECT (source, path) FROM file_keys)",
        "rejects": "(source, path) IN (SELECT (source, path) FROM file_keys)",
    }
    for table in TABLES.values():
        if table.is_partitioned:
            conditions[table.name] = "article_id IN (SELECT article_id FROM changed_articles)"
    for name, condition in conditions.items():
        hidden = f"warehouse.main.{quote_identifier(name)}"
        # By row id, so that wide columns (the bodies) are read of the rows found alone.
        rows = f"SELECT * FROM {hidden} WHERE rowid IN (SELECT rowid FROM {hidden} WHERE {condition})"
        connection.execute(f"CREATE TEMP TABLE {quote_identifier(name)} AS {rows}")
    run_checks(connection, is_whole=False)


def update_database(
    path: Path,
    files: Mapping[str, Sequence[Path]],
    delta: Delta,
    make_entities: MakeEntities,
    memory_limit: str | None = None,
) -> None:
    """Replace the changed rows in a copy of the former release's DuckDB file, check them and close it.

    ``files`` are the new release's Parquet files by table; of partitioned tables only those that the changed
    articles stand in. Only entities that a changed article mentions, or mentioned, are made anew.

    Raises what ``build_database`` raises.
    """
    with _attached(path, memory_limit) as connection:
        connection.register("given_articles", delta.article_ids.to_arrow())
        connection.execute("CREATE TEMP TABLE changed_articles AS SELECT article_id FROM given_articles")
        connection.register("given_months", pl.DataFrame({"published_month": sorted(delta.months)}).to_arrow())
        connection.execute("CREATE TEMP TABLE changed_months AS FROM given_months")
        mentioned = (
            "SELECT DISTINCT entity_id FROM mentions WHERE entity_id IS NOT NULL "
            "AND article_id IN (SELECT article_id FROM changed_articles)"
        )
        connection.execute(f"CREATE TEMP TABLE mentioned AS {mentioned}")
        _replace_articles(connection, files)
        connection.execute(f"CREATE TEMP TABLE changed_entities AS SELECT entity_id FROM mentioned UNION {mentioned}")
        changed = "entity_id IN (SELECT entity_id FROM changed_entities)"
        spellings, counts = _entity_rows(connection, changed)
        entities = make_entities(spellings, counts, _frame(connection, "FROM changed_entities"))
        connection.execute(f"DELETE FROM entities WHERE {changed}")
        _insert_rows(connection, TABLES["entities"], entities)
        noted = pl.concat([delta.files.select(FILE_KEY), delta.touched.select(FILE_KEY)])
        _replace_file_rows(connection, "files", noted, files["files"])
        _replace_file_rows(connection, "rejects", delta.judged, files["rejects"])
        _replace_runs(connection, files["runs"])
        make_marts(connection)
        connection.execute("COMMIT")
        _check_changed(connection, delta)
