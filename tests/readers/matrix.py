"""Every reader reads the published tables: python tests/readers/matrix.py DATA [--environments DIR] [--only NAME …].

Opens the Parquet folders of the current release, flat files exported from it and its DuckDB file with each reader in a
virtual environment of its own, and compares rows, values, types and descriptions with the release. Prints a table in
Markdown. Needs a package index, and Java for Spark; ``--environments`` keeps the environments for the next time.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl
from probes import Digest, digest

from transforms.contracts import TABLES
from warehouse.export import export_release
from warehouse.folder import Release
from warehouse.query import open_release
from warehouse.scan import scan_table


class Reader(NamedTuple):
    """A reader by the name that the table shows, which probe reads with it, and what to install for it."""

    name: str
    probe: str
    requirements: tuple[str, ...]


#: pytz: DuckDB hands out instants with it. dbt-core 1.12 downloads a parser from outside the index as it installs.
READERS: Final = (
    Reader("DuckDB", "duckdb", ("duckdb==2.*", "pytz")),
    Reader("DuckDB 1.5", "duckdb", ("duckdb==1.5.*", "pytz")),
    Reader("DuckDB 1.4", "duckdb", ("duckdb==1.4.*", "pytz")),
    Reader("pyarrow", "pyarrow", ("pyarrow",)),
    Reader("polars", "polars", ("polars",)),
    Reader("pandas", "pandas", ("pandas", "pyarrow")),
    Reader("fastparquet", "fastparquet", ("fastparquet",)),
    Reader("DataFusion", "datafusion", ("datafusion", "pyarrow")),
    Reader("chDB (ClickHouse)", "chdb", ("chdb",)),
    Reader("Spark", "spark", ("pyspark",)),
    Reader("Tableau Hyper API", "tableau", ("tableauhyperapi",)),
    Reader("SQLAlchemy", "sqlalchemy", ("sqlalchemy<2.1", "duckdb-engine", "duckdb==2.*", "pytz")),
    Reader("ADBC", "adbc", ("adbc-driver-manager", "duckdb==2.*", "pyarrow", "pytz")),
    Reader("dbt", "dbt", ("dbt-core<1.12", "dbt-duckdb", "duckdb==2.*", "pytz")),
)

_KINDS: Final[dict[pl.DataType, str]] = {
    pl.String(): "string",
    pl.Int32(): "int32",
    pl.Int64(): "int64",
    pl.Float64(): "float64",
    pl.Boolean(): "bool",
    pl.Date(): "date",
    pl.Datetime("us", "UTC"): "timestamp",
}

#: How readers call the types of the contract, in small letters.
_NATIVE: Final = {
    "string": r"(large_)?string(_view)?|utf8(view)?|varchar|text|str|stringtype\(\)",
    "int32": r"int32|integer|int|integertype\(\)",
    "int64": r"int64|bigint|big_int|longtype\(\)",
    "float64": r"double|float64|double[_ ]precision|doubletype\(\)",
    "bool": r"bool|boolean|booleantype\(\)",
    "date": r"date|date32(\[day\])?|datetype\(\)",
    "timestamp": r"timestamp\[us, tz=(etc/)?utc\]|timestamp with time zone|timestamptz|timestamp_tz|timestamptype\(\)"
    r"|datetime64\[us, utc\]|datetime64\(6, 'utc'\)|datetime\(time_unit='us', time_zone='utc'\)|timestamp",
}

_PLACES: Final = {"folder": "Parquet by month", "flat": "flat Parquet", "database": "DuckDB file"}


def specification(release: Release, flat: Path) -> dict[str, Any]:
    """What each probe is told: where everything lies, and every column's type and description."""
    tables = {
        table.name: {
            "columns": {name: _KINDS[column.dtype] for name, column in table.schema.columns().items()},
            "descriptions": {name: column.description for name, column in table.schema.columns().items()},
            "description": table.description,
        }
        for table in TABLES.values()
    }
    return {"folder": str(release.path), "flat": str(flat), "database": str(release.database), "tables": tables}


def expectations(release: Release, told: dict[str, Any]) -> dict[str, Digest]:
    """The digest of each table as it was published."""
    return {
        table: digest(scan_table(release, table).collect().iter_rows(), list(each["columns"].values()))
        for table, each in told["tables"].items()
    }


def _run_reader(reader: Reader, environment: Path, told: str) -> dict[str, Any]:
    """What a reader read; ``error`` says why it could not be had."""
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *reader.requirements]
    installed = subprocess.run(install, check=False, capture_output=True, text=True)
    if installed.returncode:
        return {"error": "cannot be installed here: " + installed.stderr.strip().splitlines()[-1]}
    if reader.probe == "spark" and shutil.which("java") is None:
        return {"error": "needs Java"}
    probe = [python, "-W", "ignore", Path(__file__).with_name("probes.py"), reader.probe]
    # From another folder: nothing of this project is to be found by chance.
    done = subprocess.run(probe, check=False, capture_output=True, text=True, input=told, cwd=environment)
    if done.returncode:
        return {"error": "fails: " + done.stderr.strip().splitlines()[-1]}
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _types_that_differ(found: dict[str, Any], told: dict[str, Any]) -> set[str]:
    different = set()
    for table, result in found.items():
        for column, native in result.get("types", {}).items():
            kind = told["tables"][table]["columns"][column]
            plain = re.sub(r"nullable\((.*)\)$", r"\1", native.lower())
            if not re.fullmatch(_NATIVE[kind], plain):
                different.add(f"{'published_month' if native == 'category' else kind} as {native}")
    return different


def _columns_that_differ(found: list[int], expected: Digest, table: dict[str, Any]) -> list[str]:
    return [name for name, a, b in zip(table["columns"], found, expected.columns, strict=True) if a != b]


def verdict(found: dict[str, Any] | None, expected: dict[str, Digest], told: dict[str, Any]) -> str:
    """``same``, or what is not as in the release; a dash for what the reader does not read."""
    if found is None:
        return "–"
    errors: dict[str, list[str]] = {}
    for table, result in found.items():
        if "error" in result:
            errors.setdefault(" ".join(result["error"].split())[:120], []).append(table)
    told_errors = [f"{', '.join(tables)}: {error}" for error, tables in errors.items()]
    read = {table: result for table, result in found.items() if "error" not in result}
    rows = [table for table, result in read.items() if result["rows"] != expected[table].rows]
    values = [
        f"{table} ({', '.join(_columns_that_differ(result['columns'], expected[table], told['tables'][table]))})"
        for table, result in read.items()
        if result["checksum"] != expected[table].checksum and table not in rows
    ]
    notes = {result["note"] for result in read.values() if result["note"]}
    parts = [
        *told_errors,
        *([f"rows differ: {', '.join(rows)}"] if rows else []),
        *([f"values differ: {', '.join(values)}"] if values else []),
    ]
    types = sorted(_types_that_differ(read, told))
    how = ["same values" if types else "same", *sorted(notes)]
    return "; ".join([*(parts or [" ".join(how)]), *types])


def descriptions(answer: dict[str, Any]) -> str:
    shown = {}
    for place, results in answer["results"].items():
        for level in ("table", "columns"):
            seen = {result.get(f"{level}_described") for result in results.values()}
            if seen != {None}:
                shown[f"{level} ({'DuckDB' if place == 'database' else 'Parquet'})"] = seen <= {True}
    wrong = [level for level, is_same in shown.items() if not is_same]
    return ", ".join(shown) + (f"; differ: {wrong}" if wrong else "") if shown else "not shown"


def main() -> None:
    parser = argparse.ArgumentParser(description="Every reader reads the published tables.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--environments", type=Path)
    parser.add_argument("--only", nargs="*", default=[], help="readers, by the names in the table")
    arguments = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory(prefix="dateline-readers-") as name, open_release(arguments.data) as release:
        export_release(release, Path(name) / "flat")
        told = specification(release, Path(name) / "flat")
        expected = expectations(release, told)
        total = sum(each.rows for each in expected.values())
        print(f"{len(expected)} tables, {total:,} rows, {datetime.now(UTC):%Y-%m-%d}\n")
        print(f"| reader | versions | {' | '.join(_PLACES.values())} | descriptions shown |")
        print("| --- | --- | --- | --- | --- | --- |")
        for reader in READERS:
            if arguments.only and reader.name not in arguments.only:
                continue
            environment = (arguments.environments or Path(name)) / re.sub(r"\W+", "-", reader.name.lower())
            answer = _run_reader(reader, environment, json.dumps(told))
            if "error" in answer:
                print(f"| {reader.name} | – | {answer['error']} | | | |", flush=True)
                failed = True
                continue
            versions = ", ".join(f"{package} {version}" for package, version in answer["versions"].items())
            verdicts = [verdict(answer["results"].get(place), expected, told) for place in _PLACES]
            failed |= any("differ" in each or "Error" in each for each in verdicts)
            print(f"| {reader.name} | {versions} | {' | '.join(verdicts)} | {descriptions(answer)} |", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
