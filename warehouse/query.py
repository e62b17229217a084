"""Query: read-only SQL on the current release."""

from __future__ import annotations

import os
import secrets
import tempfile
import warnings
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import duckdb

from warehouse.folder import DataFolder, NoReleaseError, Release
from warehouse.guard import UNLIMITED, GuardedConnection, Limits, QueryError
from warehouse.quoting import quote_literal

#: Queries can read the warehouse and nothing else: no files, no network, no other database.
_SAFE: Final = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)

_PARQUET_BATCH_ROWS: Final = 100_000

#: Looks for a release before giving up; each fails only if a release was collected in that moment.
_TRIES: Final = 100


@contextmanager
def open_release(data: str | os.PathLike[str] | None = None, release: int | None = None) -> Generator[Release]:
    """The current release of a data folder, or an earlier one by its number, for readers of its Parquet files.

    All that is read from ``release.path`` and ``release.files(table)`` is of one release, and it is not collected
    while the block runs. ``data`` defaults to ``$DATELINE_DATA`` or ``data``.

    Raises ``NoReleaseError`` when nothing has been published yet, or the release is not kept any more.
    """
    folder = DataFolder(Path(data if data is not None else os.environ.get("DATELINE_DATA", "data")))
    for _ in range(_TRIES):
        found = folder.published_release(release)
        with found.held() as is_there:
            if is_there:
                yield found
                return
        # It was collected between our look and our hold: the next look finds a newer one.
    raise NoReleaseError(f"the releases in {folder.root}/ are collected faster than they can be opened; keep more")


def spill_folder() -> str:
    """Where large sorts and joins spill: a folder for each connection, and not the sealed release."""
    return str(Path(tempfile.gettempdir()) / f"dateline-{os.getpid()}-{secrets.token_hex(4)}")


def open_warehouse(
    data: str | os.PathLike[str] | None = None, config: dict[str, Any] | None = None, release: int | None = None
) -> duckdb.DuckDBPyConnection:
    """Open the current release of a data folder, or an earlier one by its number, read-only.

    ``data`` defaults to ``$DATELINE_DATA`` or ``data``. The connection keeps to the release that it opened, even
    when that is collected; open another one to see a newer release. It never waits for a load and no load waits
    for it. The release is the catalog ``warehouse`` of an otherwise empty database in memory, for which ``config``
    is; what does not fit into memory spills to the system's temporary folder.

    Raises ``NoReleaseError`` when nothing has been published yet, or the release is not kept any more.
    """
    with open_release(data, release) as found:
        connection = duckdb.connect(":memory:", config={"temp_directory": spill_folder()} | (config or {}))
        try:
            # Attached rather than opened: DuckDB shares an opened file within a process, and refuses to open it
            # again with other settings.
            connection.execute(f"ATTACH {quote_literal(str(found.database))} AS warehouse (READ_ONLY)")
            connection.execute("USE warehouse")
        except duckdb.Error:
            connection.close()
            raise
        return connection


class Result:
    """The rows of a query, fetched piece by piece. Use it as a context manager: it closes the warehouse."""

    def __init__(self, connection: GuardedConnection) -> None:
        self._connection = connection
        self.columns: list[str] = connection.run(lambda raw: [column[0] for column in raw.description or []])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def fetch(self, count: int) -> list[tuple[Any, ...]]:
        """The next rows, at most ``count``; none at the end.

        Raises ``QueryError`` and ``QueryLimitError``, as the query itself does.
        """
        return self._connection.run(lambda raw: raw.fetchmany(count))

    def write_parquet(self, path: Path) -> None:
        """Write all rows that are left to a Parquet file, with zstd compression."""
        import pyarrow as pa  # ruff: ignore[import-outside-top-level] - 0.2 s that the other formats need not pay
        import pyarrow.parquet as pq  # ruff: ignore[import-outside-top-level]

        with warnings.catch_warnings():
            # It warns of a copy that a streamed result does not have.
            warnings.simplefilter("ignore", UserWarning)
            batches = self._connection.run(lambda raw: raw.to_arrow_reader(_PARQUET_BATCH_ROWS))
        if batches is None:
            raise QueryError("the statement gives no rows to write")
        try:
            with pq.ParquetWriter(path, batches.schema, compression="zstd") as writer:
                while (batch := self._connection.run(lambda _: next(batches, None))) is not None:
                    writer.write_batch(batch)
        except pa.ArrowException as error:
            # What fails in DuckDB while Arrow asks it for a batch comes as an Arrow error.
            raise QueryError(str(error)) from error


def run_query(connection: GuardedConnection, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Result:
    """The rows of a statement; the result closes the connection, and so does a failure.

    Raises ``QueryError`` for what DuckDB refuses and ``QueryLimitError`` for what takes too much.
    """
    bound = dict(parameters) if isinstance(parameters, Mapping) else list(parameters)
    try:
        connection.run(lambda raw: raw.execute(sql, bound))
        return Result(connection)
    except BaseException:
        connection.close()
        raise


def open_safely(
    data: str | os.PathLike[str] | None = None, release: int | None = None, limits: Limits = UNLIMITED
) -> GuardedConnection:
    """A connection of one release that reads its tables and nothing else, within limits.

    Raises ``QueryError`` when it cannot be opened and ``NoReleaseError`` before the first run.
    """
    try:
        connection = open_warehouse(data, release=release)
    except duckdb.Error as error:
        raise QueryError(f"the warehouse cannot be opened: {error}") from error
    guarded = GuardedConnection(connection, limits)
    memory = [] if limits.memory is None else [f"SET memory_limit = {quote_literal(limits.memory)}"]
    try:
        for statement in (*memory, *_SAFE):
            guarded.run(lambda raw, sql=statement: raw.execute(sql))  # type: ignore[misc]
    except BaseException:
        guarded.close()
        raise
    return guarded


def query(
    sql: str,
    data: str | os.PathLike[str] | None = None,
    parameters: Sequence[Any] | Mapping[str, Any] = (),
    release: int | None = None,
    limits: Limits = UNLIMITED,
) -> Result:
    """Run SQL that a stranger may have written on a release: it reads tables and nothing else.

    ``parameters`` are bound to ``?`` or, by name, to ``$name``.

    Raises ``QueryError`` for SQL that DuckDB refuses, ``QueryLimitError`` for a query that takes more than ``limits``
    allow (here, or while its rows are fetched) and ``NoReleaseError`` before the first run.
    """
    return run_query(open_safely(data, release, limits), sql, parameters)
