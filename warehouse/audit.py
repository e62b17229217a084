"""Audit: whether a published release is what its manifest, its contracts and its own Parquet say."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from dataframely.exc import SchemaError, ValidationError

from transforms.contracts import SCHEMA_VERSION, TABLES, Table
from transforms.enrich.entities import count_mentions, summarise_entities
from warehouse.checks import CheckError, run_checks
from warehouse.ddl import sql_types
from warehouse.folder import MANIFEST_NAME, DataFolder, Release
from warehouse.parquet import arrow_schema, partition_folder, sha256_of
from warehouse.quoting import quote_identifier
from warehouse.scan import scan_table
from warehouse.search_index import tables as index_tables
from warehouse.sqlfiles import sql_files

_WRITE_BITS: Final = 0o222
_SOURCE: Final = "read_parquet(?, hive_partitioning = false)"

#: What a damaged file makes its readers raise.
_READ_ERRORS: Final = (OSError, KeyError, ValueError, duckdb.Error, pl.exceptions.PolarsError, pa.ArrowException)


def _stated_files(release: Release) -> dict[str, dict[str, Any]]:
    """The manifest entry of every file of the release but the manifest itself, by path."""
    manifest = release.manifest
    entries = [entry for table in manifest["tables"].values() for entry in table["files"]]
    return {entry["path"]: entry for entry in (*entries, manifest["database"])}


def _wrong_file(path: Path, name: str, entry: dict[str, Any]) -> Iterator[str]:
    if not path.is_file() or path.is_symlink():
        yield f"{name} is in the manifest, but is not a file"
        return
    status = path.stat()
    if status.st_mode & _WRITE_BITS:
        yield f"{name} can be written to: its mode is {status.st_mode & 0o777:03o}, not 444"
    if status.st_size != entry["bytes"]:
        yield f"{name} has {status.st_size:,} bytes, but {entry['bytes']:,} in the manifest"
    elif (digest := sha256_of(path)) != entry["sha256"]:
        yield f"{name} has the SHA-256 {digest}, but {entry['sha256']} in the manifest"


def _wrong_files(release: Release) -> Iterator[str]:
    """Files that are missing, changed, writable, or that nobody stated."""
    stated = _stated_files(release)
    for name, entry in stated.items():
        yield from _wrong_file(release.path / name, name, entry)
    if (mode := (release.path / MANIFEST_NAME).stat().st_mode) & _WRITE_BITS:
        yield f"{MANIFEST_NAME} can be written to: its mode is {mode & 0o777:03o}, not 444"
    expected = {MANIFEST_NAME, *stated, *(str(parent) for name in stated for parent in Path(name).parents)}
    for path in sorted(release.path.rglob("*")):
        if (found := str(path.relative_to(release.path))) not in expected:
            yield f"{found} is in the release, but not in the manifest"


def _wrong_parquet(release: Release, table: Table) -> Iterator[str]:
    """Files whose columns, rows or place are not those of the contract and the manifest."""
    expected, stated = arrow_schema(table), release.manifest["tables"][table.name]
    for entry in stated["files"]:
        with pq.ParquetFile(release.path / entry["path"]) as file:
            columns, row_count = file.schema_arrow, file.metadata.num_rows
        if not columns.equals(expected):
            yield f"{entry['path']} has other columns than the contract of {table.name}"
        if row_count != entry["rows"]:
            yield f"{entry['path']} has {row_count:,} rows, but {entry['rows']:,} in the manifest"
        folder = partition_folder(table, entry["partition"])
        if str(Path(entry["path"]).parent) != folder:
            yield f"{entry['path']} does not lie in {folder}/, where the manifest places it"
    total = sum(entry["rows"] for entry in stated["files"])
    if total != stated["rows"]:
        yield f"the files of {table.name} have {total:,} rows together, but the manifest says {stated['rows']:,}"


def _paths(release: Release, table: Table) -> list[str]:
    return [str(path) for path in release.files(table.name)]


def _wrong_partitions(connection: duckdb.DuckDBPyConnection, release: Release, table: Table) -> Iterator[str]:
    """Rows that lie in another month's file."""
    if not table.is_partitioned or not release.files(table.name):
        return
    months = {str(release.path / entry["path"]): month for month, entry in release.partitions(table.name).items()}
    found = connection.execute(
        "SELECT filename, min(published_month), max(published_month) "
        "FROM read_parquet(?, hive_partitioning = false, filename = true) GROUP BY filename ORDER BY filename",
        [_paths(release, table)],
    ).fetchall()
    for path, first, last in found:
        if first != months[path] or last != months[path]:
            yield f"{Path(path).relative_to(release.path)} holds rows of the months {first} to {last}"


def _wrong_columns(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Tables, columns and views of DuckDB that are not as the contracts declare them."""
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for table_name, column, sql_type, is_nullable in connection.execute(
        "SELECT c.table_name, c.column_name, c.data_type, c.is_nullable FROM duckdb_columns() AS c "
        "JOIN duckdb_tables() AS t USING (table_oid, database_oid) WHERE NOT c.internal ORDER BY c.column_index"
    ).fetchall():
        found.setdefault(table_name, {})[column] = (
            sql_type.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"), is_nullable
        )  # fmt: skip
    stored = {mart.name for mart in sql_files("marts") if mart.stored_per} | {table.name for table in index_tables()}
    for name in sorted(found.keys() - TABLES.keys() - stored):
        yield f"DuckDB has the table {name}, which no contract declares"
    for table in TABLES.values():
        nullable = {name: column.nullable for name, column in table.schema.columns().items()}
        expected = {name: (sql_type, nullable[name]) for name, sql_type in sql_types(table).items()}
        if found.get(table.name) != expected:
            yield f"DuckDB's table {table.name} has other columns than its contract: {found.get(table.name)}"
    views = {
        name for (name,) in connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    }
    for name in sorted({mart.name for mart in sql_files("marts")} - stored - views):
        yield f"DuckDB lacks the view {name}"
    for name in sorted(stored - found.keys()):
        yield f"DuckDB lacks the table {name}"


def _example(connection: duckdb.DuckDBPyConnection, sides: tuple[str, str], table: Table, paths: list[str]) -> str:
    """The key of a row that only the first side has; sorted or joined are keys and hashes alone."""
    keys = table.schema.primary_key() or list(table.sort_by)
    columns = ", ".join(map(quote_identifier, keys))
    every = ", ".join(map(quote_identifier, table.columns))
    rows = [f"SELECT {columns}, hash({every}) FROM {side}" for side in sides]
    found = connection.execute(f"{rows[0]} EXCEPT ALL {rows[1]} LIMIT 1", [paths]).fetchone()
    return "none" if found is None else ", ".join(f"{key}={value!r}" for key, value in zip(keys, found, strict=False))


def _wrong_rows(connection: duckdb.DuckDBPyConnection, release: Release, table: Table) -> Iterator[str]:
    """Whether DuckDB and the Parquet have the same rows, in whatever order, as many as the manifest says."""
    name, paths = quote_identifier(table.name), _paths(release, table)
    every = ", ".join(map(quote_identifier, table.columns))
    # Equal bags have equal sums; that two different ones have is as likely as that 64-bit hashes meet.
    sums = "SELECT count(*), sum(hash({columns})) FROM {source}"
    loaded = connection.execute(sums.format(columns=every, source=name)).fetchall()[0]
    written = (
        connection.execute(sums.format(columns=every, source=_SOURCE), [paths]).fetchall()[0] if paths else (0, None)
    )
    stated = release.manifest["tables"][table.name]["rows"]
    if loaded[0] != stated:
        yield f"DuckDB's table {table.name} has {loaded[0]:,} rows, but the manifest says {stated:,}"
    if loaded != written:
        only = (
            [_example(connection, sides, table, paths) for sides in ((name, _SOURCE), (_SOURCE, name))] if paths else []
        )
        shown = f"; only in DuckDB: {only[0]}; only in the Parquet: {only[1]}" if only else ""
        yield f"DuckDB's table {table.name} is not its Parquet ({loaded[0]:,} and {written[0]:,} rows){shown}"


def _wrong_database(release: Release) -> Iterator[str]:
    """What the DuckDB file has otherwise than the contracts, the Parquet and the checks."""
    with (
        # A database opened for reading would spill beside itself, into the release.
        tempfile.TemporaryDirectory(prefix="dateline-audit-") as spill,
        duckdb.connect(str(release.database), read_only=True, config={"temp_directory": spill}) as connection,
    ):
        yield from _wrong_columns(connection)
        for table in TABLES.values():
            yield from _wrong_rows(connection, release, table)
            yield from _wrong_partitions(connection, release, table)
        try:
            run_checks(connection)
        except CheckError as error:
            # The message begins with what happens to a release that fails before it is published.
            yield "the release breaks its checks:" + str(error).partition(":")[2]


def _wrong_contents(release: Release) -> Iterator[str]:
    """Rows of the tables that are about the whole that break their contract or do not follow from the others."""
    for table in TABLES.values():
        if not table.is_partitioned:
            try:
                table.schema.validate(scan_table(release, table.name).collect())
            except (SchemaError, ValidationError) as error:
                yield f"{table.name} breaks its contract: {error}"
    entities = summarise_entities(*count_mentions(scan_table(release, "mentions")))
    if not scan_table(release, "entities").collect().equals(entities):
        yield "entities are not those that all mentions give"
    run_id = release.manifest["run_id"]
    statuses = scan_table(release, "runs").filter(pl.col("run_id") == run_id).collect()["status"].to_list()
    if statuses not in (["published"], ["rebuilt"]):
        yield f"the run {run_id}, which made the release, should stand in runs once, as published: {statuses}"
    article_count = scan_table(release, "files").select(pl.col("article_count").sum()).collect().item()
    if article_count != release.manifest["tables"]["articles"]["rows"]:
        yield f"the ledger counts {article_count:,} articles, which are not the rows of articles"


def _found(about: str, step: Callable[..., Iterator[str]], *given: Release | Table) -> list[str]:
    """What a step finds; that it cannot read the release is a finding as well."""
    found: list[str] = []
    try:
        found.extend(step(*given))
    except _READ_ERRORS as error:
        found.append(f"{about} cannot be read: {type(error).__name__}: {error}")
    return found


def audit_release(release: Release) -> list[str]:
    """Every rule that the release breaks, one sentence each; empty if it is sound.

    A release that an earlier version of Dateline wrote, with other contracts, is held to its manifest alone.
    """
    try:
        version, number = release.manifest["schema_version"], release.manifest["release"]
    except _READ_ERRORS as error:
        return [f"release {release.number} has no manifest that can be read: {error}"]
    found = _found("the files", _wrong_files, release)
    if number != release.number:
        found.append(f"the manifest is that of release {number}")
    if version == SCHEMA_VERSION:
        for table in TABLES.values():
            found += _found(f"the Parquet of {table.name}", _wrong_parquet, release, table)
        found += _found("DuckDB's file", _wrong_database, release)
        found += _found("the Parquet", _wrong_contents, release)
    return [f"release {release.number}: {each}" for each in found]


def audit(folder: DataFolder) -> list[str]:
    """Every rule that the published release breaks, one sentence each; empty if it is sound.

    The writer lock need not be held: a published release does not change, and is not collected meanwhile.
    """
    link = folder.current
    if not link.is_symlink():
        return [f"{link} is no symbolic link: nothing has been published"]
    release = Release(link.resolve())
    with release.held() as is_there:
        if release.path.parent != folder.releases.resolve() or not is_there:
            return [f"{link} leads to {release.path}, which is no complete release of this folder"]
        return audit_release(release)
