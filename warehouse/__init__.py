"""Where: Parquet, releases, DuckDB and its SQL files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.query import open_release, open_warehouse

__all__ = ["open_release", "open_warehouse"]


def __getattr__(name: str) -> Any:
    """What opens a warehouse, imported when it is asked for: the processes that read files need no DuckDB."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from warehouse import query  # ruff: ignore[import-outside-top-level]

    return getattr(query, name)
