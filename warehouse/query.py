"""Query: read-only SQL on the current release."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import duckdb

from warehouse.folder import DataFolder

#: Queries can read the warehouse and nothing else: no files, no network, no other database.
_SAFE: Final[dict[str, Any]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "lock_configuration": True,
}


def open_warehouse(
    data: str | os.PathLike[str] | None = None, config: dict[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open the current release of a data folder, read-only.

    ``data`` defaults to ``$DATELINE_DATA`` or ``data``. The connection keeps to the release that it opened;
    open another one to see a newer release. It never waits for a load and no load waits for it. ``config``
    is handed to DuckDB.

    Raises ``NoReleaseError`` when nothing has been published yet.
    """
    root = Path(data if data is not None else os.environ.get("DATELINE_DATA", "data"))
    # The link is resolved once: DuckDB hands out an already open database when a path looks the same.
    release = DataFolder(root).published_release()
    return duckdb.connect(str(release.database), read_only=True, config=config or {})


def open_for_queries(data: str | os.PathLike[str] | None = None) -> duckdb.DuckDBPyConnection:
    """Open the current release for SQL that a stranger may have written: no reach beyond the database."""
    return open_warehouse(data, _SAFE)
