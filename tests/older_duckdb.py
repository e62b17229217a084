"""Older DuckDB opens the published file: python tests/older_duckdb.py DATA [VERSION …] (needs a package index)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from warehouse.folder import DataFolder

#: The oldest version that opens storage v1.4.0, and the last one before 2.0.
VERSIONS = ("==1.4.0", "<2")

_LOOK = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    connection.execute("SET enable_progress_bar = false")
    names = connection.execute(
        "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
    ).fetchall()
    rows = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchall()[0][0] for name, _ in names}
    comments = connection.execute("SELECT count(comment) FROM duckdb_columns() WHERE NOT internal").fetchall()[0][0]
    name, day = connection.execute(
        "SELECT arg_max(name, (article_count, entity_id)), max(last_seen_on) FROM entities"
    ).fetchall()[0]
    calls = {
        "entity_called(?)": [name], "entity_timeline(?)": [name], "trending(?)": [day],
        "co_mentioned(?, ?, ?)": [name, day, day],
        "compare(?)": [[name, "nobody"]], "network(?, ?, 2)": [day, day], "context(?, max_rows := 5)": [name],
        "search(?)": [name], "as_known_on(?)": [day], "entity_profile(?)": [name],
    }
    for call, values in calls.items():
        connection.execute(f"SELECT * FROM {call}", values).fetchall()
views = sum(kind == "VIEW" for _, kind in names)
print(f"duckdb {duckdb.__version__}: {len(names) - views} tables and {views} views read, "
      f"{len(calls)} macros called, {comments} comments, "
      + ", ".join(f"{name} {count:,}" for name, count in rows.items()))
"""


def main() -> None:
    database = DataFolder(Path(sys.argv[1])).published_release().database
    failed = False
    for version in sys.argv[2:] or VERSIONS:
        with tempfile.TemporaryDirectory(prefix="dateline-duckdb-") as folder:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            python = f"{folder}/bin/python"
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"duckdb{version}"]
            subprocess.run(install, check=True)
            failed |= subprocess.run([python, "-c", _LOOK, str(database)], check=False).returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
