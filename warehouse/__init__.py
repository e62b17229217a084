"""Where: Parquet, releases, DuckDB and its SQL files."""

from warehouse.query import open_release, open_warehouse

__all__ = ["open_release", "open_warehouse"]
