"""One reader reads every table: what tests/readers/matrix.py runs in each reader's own virtual environment.

python probes.py READER < specification; prints what was read as JSON. Beside the reader's own packages it needs the
standard library alone.
"""

# ruff: file-ignore[import-outside-top-level, missing-type-function-argument] - each reader is installed in one environment only

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

_FETCHED_ROWS: Final = 10_000
_STAMP_CHARS: Final = len("2024-01-01 12:00:00.000000")


class Read(NamedTuple):
    """A table as a reader has it: its columns' types, its rows, the descriptions that it shows; what reading took."""

    types: dict[str, str]
    rows: Iterable[Sequence[Any]]
    descriptions: dict[str, str] | None = None
    description: str | None = None
    note: str | None = None


def _moment(value: Any) -> datetime:
    """Any reader's idea of an instant; one that bears no zone is in UTC."""
    if not isinstance(value, datetime | str):
        value = str(value)  # Tableau's
    if isinstance(value, str):
        value = datetime.fromisoformat(value[:_STAMP_CHARS])
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


_CANONICAL: Final[dict[str, Callable[[Any], str]]] = {
    "string": str,
    "int32": lambda value: str(int(value)),
    "int64": lambda value: str(int(value)),
    "float64": lambda value: float(value).hex(),
    "bool": lambda value: str(bool(value)),
    "date": lambda value: (
        (value.date() if isinstance(value, datetime) else value).isoformat()
        if isinstance(value, date)
        else str(value)[:10]
    ),
    "timestamp": lambda value: _moment(value).strftime("%Y-%m-%d %H:%M:%S.%f"),
}


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or str(value) in {"NaT", "<NA>"}


class Digest(NamedTuple):
    """How many rows, a checksum of them whatever their order, and a weak one of each column, to say which differs."""

    rows: int
    checksum: str
    columns: list[int]


def digest(rows: Iterable[Sequence[Any]], kinds: Sequence[str]) -> Digest:
    """The digest of rows whose values are taken as the contract means them."""
    canonical = [_CANONICAL[kind] for kind in kinds]
    hashes, sums = [], [0] * len(kinds)
    # Every row in Python, on purpose: the values must be those that the reader hands to its user.
    for row in rows:
        texts = ["\x00" if _is_null(value) else form(value) for form, value in zip(canonical, row, strict=True)]
        sums = [total + zlib.crc32(text.encode()) for total, text in zip(sums, texts, strict=True)]
        hashes.append(hashlib.blake2b("\x1f".join(texts).encode(), digest_size=16).digest())
    return Digest(len(hashes), hashlib.sha256(b"".join(sorted(hashes))).hexdigest(), sums)


def _files(path: Path) -> list[str]:
    return [str(path)] if path.is_file() else sorted(str(each) for each in path.rglob("*.parquet"))


def _columns(columns: Sequence[str], values: dict[str, list[Any]]) -> Iterable[tuple[Any, ...]]:
    return zip(*(values[name] for name in columns), strict=True)


def _arrow(table, columns: Sequence[str]) -> Read:
    fields = {field.name: field for field in table.schema}
    described = {name: (fields[name].metadata or {}).get(b"description", b"").decode() for name in columns}
    return Read(
        {name: str(fields[name].type) for name in columns},
        _columns(columns, {name: table[name].to_pylist() for name in columns}),
        described if any(described.values()) else None,
        (table.schema.metadata or {}).get(b"description", b"").decode() or None,
    )


def _without_partitioning(read: Callable[..., Any], path: Path) -> tuple[Any, str | None]:
    """The month is in the files and in the folders' names, which some take for a clash unless told otherwise."""
    try:
        return read(path), None
    except (TypeError, ValueError) as error:
        if "published_month" not in str(error):
            raise
        return read(path, partitioning=None), "with partitioning=None"


def pyarrow_parquet(path: Path, columns: Sequence[str]) -> Read:
    import pyarrow.parquet as pq

    table, note = _without_partitioning(pq.read_table, path)
    return _arrow(table, columns)._replace(note=note)


def pandas_parquet(path: Path, columns: Sequence[str]) -> Read:
    import pandas as pd

    frame, note = _without_partitioning(pd.read_parquet, path)
    types = {name: str(frame[name].dtype) for name in columns}
    return Read(types, frame[list(columns)].itertuples(index=False), note=note)


def polars_parquet(path: Path, columns: Sequence[str]) -> Read:
    import polars as pl

    frame = pl.read_parquet(path).select(columns)
    note = pl.read_parquet_metadata(_files(path)[0])
    types = {name: str(kind) for name, kind in frame.schema.items()}
    return Read(types, frame.iter_rows(), None, note.get("description"))


def fastparquet_parquet(path: Path, columns: Sequence[str]) -> Read:
    import fastparquet

    file = fastparquet.ParquetFile(_files(path))
    frame = file.to_pandas()
    note = file.key_value_metadata.get("description")
    types = {name: str(frame[name].dtype) for name in columns}
    return Read(types, frame[list(columns)].itertuples(index=False), None, note)


def datafusion_parquet(path: Path, columns: Sequence[str]) -> Read:
    import pyarrow as pa
    from datafusion import SessionContext

    frame = SessionContext().read_parquet(str(path))
    schema = frame.schema()
    return _arrow(pa.Table.from_batches(frame.collect(), schema), columns)


def chdb_parquet(path: Path, columns: Sequence[str]) -> Read:
    import chdb

    pattern = str(path) if path.is_file() else f"{path}/**/*.parquet"
    chosen = ", ".join(f"`{name}`" for name in columns)
    answer = chdb.query(f"SELECT {chosen} FROM file('{pattern}', Parquet)", "JSONCompactEachRowWithNamesAndTypes")
    lines = str(answer).splitlines()
    types = dict(zip(json.loads(lines[0]), json.loads(lines[1]), strict=True))
    return Read(types, (json.loads(line) for line in lines[2:]))


def spark_parquet(path: Path, columns: Sequence[str]) -> Read:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.session.timeZone", "UTC").config("spark.log.level", "OFF")
    frame = builder.getOrCreate().read.parquet(str(path))
    types = {field.name: str(field.dataType) for field in frame.schema}
    comments = {field.name: field.metadata.get("comment", "") for field in frame.schema}
    frame = frame.select(*columns)
    return Read(types, frame.toLocalIterator(), comments if any(comments.values()) else None)


def tableau_parquet(path: Path, columns: Sequence[str]) -> Read:
    from tableauhyperapi import Connection, HyperProcess, Telemetry

    files = ", ".join(f"'{each}'" for each in _files(path))
    chosen = ", ".join(f'"{name}"' for name in columns)
    with (
        tempfile.TemporaryDirectory() as log,
        HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_dir": log}) as process,
        Connection(process.endpoint) as connection,
    ):
        connection.execute_command("SET TIME ZONE 'UTC'")
        with connection.execute_query(f"SELECT {chosen} FROM external(ARRAY[{files}], FORMAT => 'parquet')") as result:
            types = {column.name.unescaped: str(column.type) for column in result.schema.columns}
            return Read(types, list(result))


def _duckdb_rows(relation) -> Iterable[tuple[Any, ...]]:
    while rows := relation.fetchmany(_FETCHED_ROWS):
        yield from rows


def duckdb_parquet(path: Path, columns: Sequence[str]) -> Read:
    import duckdb

    pattern = str(path) if path.is_file() else f"{path}/**/*.parquet"
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    note = connection.execute(
        f"SELECT decode(value) FROM parquet_kv_metadata('{_files(path)[0]}') WHERE decode(key) = 'description'"
    ).fetchone()
    relation = connection.execute(f"SELECT {', '.join(columns)} FROM read_parquet('{pattern}')")
    types = {each[0]: str(each[1]) for each in relation.description}
    return Read(types, _duckdb_rows(relation), None, note and note[0])


def duckdb_file(path: Path, columns: Sequence[str], table: str) -> Read:
    import duckdb

    connection = duckdb.connect(str(path), read_only=True)
    connection.execute("SET TimeZone = 'UTC'")
    described = dict(
        connection.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE NOT internal AND table_name = ?", [table]
        ).fetchall()
    )
    note = connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = ?", [table]).fetchone()
    relation = connection.execute(f'SELECT {", ".join(columns)} FROM "{table}"')
    types = {each[0]: str(each[1]) for each in relation.description}
    return Read(types, _duckdb_rows(relation), described, note and note[0])


def sqlalchemy_file(path: Path, columns: Sequence[str], table: str) -> Read:
    import sqlalchemy

    engine = sqlalchemy.create_engine(f"duckdb:///{path}", connect_args={"read_only": True})
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SET TimeZone = 'UTC'"))
        result = connection.execute(
            sqlalchemy.select(*map(sqlalchemy.column, columns)).select_from(sqlalchemy.table(table))
        )
        types = {each[0]: str(each[1]) for each in result.cursor.description}
        rows = [tuple(row) for row in result]
    try:
        reflected = sqlalchemy.inspect(engine).get_columns(table)
    except sqlalchemy.exc.SQLAlchemyError as error:
        return Read(types, rows, note=f"reflection of columns fails ({str(error).splitlines()[0][:60]}…)")
    comments = {column["name"]: column.get("comment") or "" for column in reflected}
    return Read(types, rows, comments if any(comments.values()) else None)


def adbc_file(path: Path, columns: Sequence[str], table: str) -> Read:
    import adbc_driver_duckdb
    from adbc_driver_manager import dbapi as manager

    options = {"path": str(path), "access_mode": "READ_ONLY"}
    with (
        manager.connect(
            driver=adbc_driver_duckdb.driver_path(), entrypoint="duckdb_adbc_init", db_kwargs=options, autocommit=True
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(f'SELECT {", ".join(columns)} FROM "{table}"')
        return _arrow(cursor.fetch_arrow_table(), columns)


_DBT_FILES: Final = {
    "dbt_project.yml": "name: probe\nprofile: probe\nmodel-paths: [models]\nmodels: {probe: {+materialized: table}}\n",
    "models/sources.yml": "version: 2\nsources:\n- name: warehouse\n  database: warehouse\n  schema: main\n"
    "  tables: [{name: \"{{ var('table') }}\"}]\n",
    "models/staged.sql": "select * from {{ source('warehouse', var('table')) }}\n",
    "models/counted.sql": "select count(*) as row_count from {{ ref('staged') }}\n",
}


def dbt_file(path: Path, columns: Sequence[str], table: str) -> Read:
    """A project of two models: ``staged`` copies a table of the attached warehouse, ``counted`` counts its rows."""
    import duckdb
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "models").mkdir()
        attach = f"[{{path: '{path}', alias: warehouse, read_only: true}}]"
        output = f"{{type: duckdb, path: '{folder}/out.duckdb', attach: {attach}}}"
        profile = f"probe: {{target: dev, outputs: {{dev: {output}}}}}\n"
        for file, text in {**_DBT_FILES, "profiles.yml": profile}.items():
            (folder / file).write_text(text.replace("{{ var('table') }}", table), encoding="utf-8")
        done = dbtRunner().invoke([
            "--quiet", "--no-send-anonymous-usage-stats", "run", "--project-dir", name, "--profiles-dir", name,
            "--vars", json.dumps({"table": table}),
        ])  # fmt: skip
        if not done.success:
            raise RuntimeError(str(done.exception or [each.message for each in done.result]))
        with duckdb.connect(f"{folder}/out.duckdb") as connection:
            connection.execute("SET TimeZone = 'UTC'")
            relation = connection.execute(f"SELECT {', '.join(columns)} FROM staged")
            types = {each[0]: str(each[1]) for each in relation.description}
            rows = relation.fetchall()
            counted = connection.execute("SELECT row_count FROM counted").fetchall()
    if counted != [(len(rows),)]:
        raise RuntimeError(f"the second model counted {counted}, the first one has {len(rows)} rows")
    return Read(types, rows)


#: Of each reader: the packages whose versions are told, how it reads Parquet, how it reads the DuckDB file.
READERS: Final[dict[str, tuple[Sequence[str], Any, Any]]] = {
    "duckdb": (["duckdb"], duckdb_parquet, duckdb_file),
    "pyarrow": (["pyarrow"], pyarrow_parquet, None),
    "polars": (["polars"], polars_parquet, None),
    "pandas": (["pandas", "pyarrow"], pandas_parquet, None),
    "fastparquet": (["fastparquet", "pandas"], fastparquet_parquet, None),
    "datafusion": (["datafusion"], datafusion_parquet, None),
    "chdb": (["chdb"], chdb_parquet, None),
    "spark": (["pyspark"], spark_parquet, None),
    "tableau": (["tableauhyperapi"], tableau_parquet, None),
    "sqlalchemy": (["sqlalchemy", "duckdb-engine", "duckdb"], None, sqlalchemy_file),
    "adbc": (["adbc-driver-manager", "duckdb"], None, adbc_file),
    "dbt": (["dbt-core", "dbt-duckdb", "duckdb"], None, dbt_file),
}


def _probe(read: Callable[[], Read], table: dict[str, Any]) -> dict[str, Any]:
    columns = table["columns"]
    try:
        found = read()
        rows, checksum, sums = digest(found.rows, list(columns.values()))
    except Exception as error:  # ruff: ignore[blind-except] - whatever a reader raises is what is to be told
        return {"error": f"{type(error).__name__}: {error}"}
    described = found.descriptions
    return {
        "rows": rows,
        "checksum": checksum,
        "columns": sums,
        "note": found.note,
        "types": {name: found.types[name] for name in columns},
        "columns_described": described
        and all(described.get(name) == text for name, text in table["descriptions"].items()),
        "table_described": None if found.description is None else found.description == table["description"],
    }


def read_all(reader: str, specification: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a reader makes of every table, by place and table."""
    _, read_parquet, read_file = READERS[reader]
    results: dict[str, dict[str, Any]] = {}
    for name, table in specification["tables"].items():
        columns = list(table["columns"])
        folder = Path(specification["folder"]) / name
        if read_parquet is not None and folder.exists():  # a table without rows has no months, and no folder
            results.setdefault("folder", {})[name] = _probe(partial(read_parquet, folder, columns), table)
        if read_parquet is not None:
            flat = Path(specification["flat"]) / f"{name}.parquet"
            results.setdefault("flat", {})[name] = _probe(partial(read_parquet, flat, columns), table)
        if read_file is not None:
            database = Path(specification["database"])
            results.setdefault("database", {})[name] = _probe(partial(read_file, database, columns, name), table)
    return results


def main() -> None:
    reader = sys.argv[1]
    results = read_all(reader, json.load(sys.stdin))
    versions = {package: importlib.metadata.version(package) for package in READERS[reader][0]}
    print("\n" + json.dumps({"versions": versions, "results": results}))


if __name__ == "__main__":
    main()
