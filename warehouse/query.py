"""Query: read-only SQL on the current release."""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
import warnings
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import duckdb

from warehouse.folder import DataFolder, NoReleaseError, Release
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


#: How often a query that is over its time is told so: an interrupt between two of its steps goes unheard.
_INTERRUPT_SECONDS: Final = 0.05


class QueryError(Exception):
    """SQL that DuckDB refused, in DuckDB's words."""


class QueryLimitError(Exception):
    """A query that was stopped because it took more time or memory than it may."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may take: ``seconds`` from its start to its last row (None: any), ``memory`` as ``'2GB'``.

    Sorts and joins that do not fit into the memory spill to disk first.
    """

    seconds: float | None = None
    memory: str | None = None


UNLIMITED: Final = Limits()


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


class GuardedConnection:
    """A connection whose statements are stopped at limits, and whose failures are told in words. Close it.

    The time runs from its creation.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: Limits = UNLIMITED) -> None:
        self._connection = connection
        self._limits = limits
        self._is_late = False
        self._is_closed = threading.Event()
        if limits.seconds is not None:
            threading.Thread(target=self._interrupt_when_late, args=(limits.seconds,), daemon=True).start()

    def _interrupt_when_late(self, seconds: float) -> None:
        wait = seconds
        while not self._is_closed.wait(wait):
            self._is_late = True
            self._connection.interrupt()
            wait = _INTERRUPT_SECONDS

    @property
    def columns(self) -> list[str]:
        """The names of the last statement's columns."""
        return [column[0] for column in self._connection.description or []]

    def close(self) -> None:
        self._is_closed.set()
        self._connection.close()

    @contextmanager
    def explaining(self) -> Generator[duckdb.DuckDBPyConnection]:
        """The connection for one step, whose failures become ``QueryError`` and ``QueryLimitError``."""
        try:
            if self._is_late:
                raise duckdb.InterruptException
            yield self._connection
        except duckdb.OutOfMemoryException as error:
            limit = f" than {self._limits.memory}" if self._limits.memory else ""
            raise QueryLimitError(
                f"the query was stopped: it needs more memory{limit}; "
                f"ask for less, or allow more with --memory\n{str(error).splitlines()[0]}"
            ) from error
        except duckdb.Error as error:
            if self._is_late:
                raise QueryLimitError(
                    f"the query was stopped: it took longer than {self._limits.seconds:g} seconds; "
                    "ask for less, or allow more with --timeout"
                ) from error
            raise QueryError(str(error)) from error

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Result:
        """The rows of a statement; it closes this connection when it is closed.

        Raises ``QueryError`` for what DuckDB refuses and ``QueryLimitError`` for what takes too much.
        """
        try:
            with self.explaining() as connection:
                connection.execute(sql, dict(parameters) if isinstance(parameters, Mapping) else list(parameters))
        except BaseException:
            self.close()
            raise
        return Result(self)


@contextmanager
def _arrow_errors_as_duckdbs() -> Generator[None]:
    """What fails in DuckDB while Arrow asks it for a batch comes as an Arrow error."""
    import pyarrow as pa  # ruff: ignore[import-outside-top-level]

    try:
        yield
    except pa.ArrowException as error:
        raise duckdb.Error(str(error)) from error


class Result:
    """The rows of a query, fetched piece by piece. Use it as a context manager: it closes the warehouse."""

    def __init__(self, connection: GuardedConnection) -> None:
        self._connection = connection
        self.columns = connection.columns

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def fetch(self, count: int) -> list[tuple[Any, ...]]:
        """The next rows, at most ``count``; none at the end."""
        with self._connection.explaining() as connection:
            rows: list[tuple[Any, ...]] = connection.fetchmany(count)
        return rows

    def write_parquet(self, path: Path) -> None:
        """Write all rows that are left to a Parquet file, with zstd compression."""
        import pyarrow.parquet as pq  # ruff: ignore[import-outside-top-level] - 0.2 s that the other formats need not pay

        with warnings.catch_warnings():
            # It warns of a copy that a streamed result does not have.
            warnings.simplefilter("ignore", UserWarning)
            with self._connection.explaining() as connection:
                batches = connection.to_arrow_reader(_PARQUET_BATCH_ROWS)
        if batches is None:
            raise QueryError("the statement gives no rows to write")
        with (
            self._connection.explaining(),
            _arrow_errors_as_duckdbs(),
            pq.ParquetWriter(path, batches.schema, compression="zstd") as writer,
        ):
            for batch in batches:
                writer.write_batch(batch)


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
    try:
        with guarded.explaining():
            if limits.memory is not None:
                connection.execute(f"SET memory_limit = {quote_literal(limits.memory)}")
            for statement in _SAFE:
                connection.execute(statement)
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
    return open_safely(data, release, limits).execute(sql, parameters)
