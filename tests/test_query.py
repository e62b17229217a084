"""Reading the warehouse: safely, in every format, without Prefect."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from flows.output import printable
from warehouse import open_warehouse
from warehouse.folder import DataFolder, NoReleaseError
from warehouse.guard import QueryError
from warehouse.query import query
from warehouse.sqlfiles import sql_files


def dateline(*arguments: str | Path, data: Path) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does, off a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *map(str, arguments), "--data", str(data)],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("DELETE FROM articles", "read-only mode"),
        ("CREATE TABLE mine (x INT)", "read-only mode"),
        ("DROP VIEW co_mentions", "read-only mode"),
        ("SELECT * FROM read_text('{outside}/secret.txt')", "disabled by configuration"),
        ("SELECT * FROM read_parquet('{outside}/secret.parquet')", "disabled by configuration"),
        ("SELECT * FROM '{outside}/secret.csv'", "disabled by configuration|does not exist"),
        ("COPY articles TO '{outside}/stolen.csv'", "disabled by configuration"),
        ("ATTACH '{outside}/other.duckdb'", "disabled by configuration"),
        ("SET enable_external_access = true", "locked|Cannot change"),
        ("SET threads = 1", "locked"),
        ("INSTALL httpfs", "disabled by configuration"),
    ],
)
def test_a_query_can_neither_change_anything_nor_leave_the_warehouse(
    sql: str, refusal: str, warehouse_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "secret.parquet")
    with pytest.raises(QueryError, match=refusal):
        query(sql.format(outside=tmp_path), warehouse_data)
    assert not (tmp_path / "stolen.csv").exists()


def test_safe_and_open_connections_live_beside_each_other(warehouse_data: Path) -> None:
    count = "SELECT count(*) FROM articles"
    with open_warehouse(warehouse_data, config={"threads": 1}) as own, query(count, warehouse_data) as safe:
        assert own.execute(count).fetchall() == safe.fetch(1)


def test_what_does_not_fit_into_memory_spills_outside_the_release(warehouse_data: Path) -> None:
    release = DataFolder(warehouse_data).published_release()
    before = sorted(release.path.rglob("*"))
    with open_warehouse(warehouse_data, config={"memory_limit": "100MB", "threads": 2}) as connection:
        spill = Path(connection.execute("SELECT current_setting('temp_directory')").fetchall()[0][0])
        cursor = connection.execute("SELECT hash(n)::VARCHAR AS h, n FROM range(5000000) AS t(n) ORDER BY h")
        assert cursor.fetchone() is not None
        assert any(spill.iterdir())
        assert sorted(release.path.rglob("*")) == before
    assert not spill.exists()


def test_an_empty_data_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoReleaseError, match="run `dateline run` first"):
        open_warehouse(tmp_path)
    result = dateline("query", "SELECT 1", data=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("dateline: no release in ")


def test_a_bad_query_ends_with_duckdbs_words(warehouse_data: Path) -> None:
    result = dateline("query", "SELECT nothing FROM articles", data=warehouse_data)
    assert result.returncode == 1
    assert 'Referenced column "nothing" not found' in result.stderr
    assert "Traceback" not in result.stderr


SQL = "SELECT path, published_on, 1.5 AS x, NULL AS y FROM articles ORDER BY path LIMIT 2"


def test_a_table_is_plain_off_a_terminal(warehouse_data: Path) -> None:
    lines = dateline("query", SQL, data=warehouse_data).stdout.splitlines()
    assert [line.split() for line in lines if line.strip() and "─" not in line] == [
        ["path", "published_on", "x", "y"],
        ["a.txt", "2024-01-11", "1.5"],
        ["b.txt", "2024-01-12", "1.5"],
    ]


def test_csv(warehouse_data: Path) -> None:
    rows = list(csv.reader(dateline("query", SQL, "--format", "csv", data=warehouse_data).stdout.splitlines()))
    assert rows == [
        ["path", "published_on", "x", "y"],
        ["a.txt", "2024-01-11", "1.5", ""],
        ["b.txt", "2024-01-12", "1.5", ""],
    ]


def test_json(warehouse_data: Path) -> None:
    rows = json.loads(dateline("query", SQL, "-f", "json", data=warehouse_data).stdout)
    assert rows[0] == {"path": "a.txt", "published_on": "2024-01-11", "x": 1.5, "y": None}


def test_parquet(warehouse_data: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.parquet"
    sql = "SELECT path, word_count FROM articles ORDER BY path"
    assert dateline("query", sql, "-f", "parquet", "-o", target, data=warehouse_data).returncode == 0
    assert pl.read_parquet(target).rows()[0] == ("a.txt", 20)
    assert dateline("query", sql, "-f", "parquet", data=warehouse_data).returncode == 2
    assert dateline("query", sql, "-o", tmp_path / "by_ending.parquet", data=warehouse_data).stderr == ""
    assert pl.read_parquet(tmp_path / "by_ending.parquet").equals(pl.read_parquet(target))


def test_a_table_cannot_move_the_terminals_cursor(warehouse_data: Path) -> None:
    result = dateline("query", "SELECT chr(27) || '[31m' || chr(10) || 'x' AS " + '"a\x1b[2J"', data=warehouse_data)
    assert result.returncode == 0
    assert "\x1b" not in result.stdout
    assert printable("a\x1b[31m\nb\u202ec") == "a [31m b c"


@pytest.mark.parametrize("mart", sql_files("marts"), ids=lambda mart: mart.name)
def test_every_mart_says_its_grain_and_has_rows(mart: object, warehouse_data: Path) -> None:
    assert mart.description.startswith("One row per ")
    with query(f"SELECT * FROM {mart.name}", warehouse_data) as result:
        assert result.fetch(1)


def test_tables_are_listed_and_described(warehouse_data: Path) -> None:
    listing = dateline("tables", data=warehouse_data).stdout
    assert "One row per article" in listing
    described = dateline("tables", "mentions", data=warehouse_data).stdout
    assert "Offset of its first character in body." in described
    assert dateline("tables", "nothing", data=warehouse_data).returncode == 2


def test_status_tells_runs_balance_and_quarantine(warehouse_data: Path) -> None:
    result = dateline("status", data=warehouse_data)
    assert result.returncode == 0
    assert "published" in result.stdout
    assert "the date 2024-02-30 does not exist" in result.stdout
    ledger = next(line.split() for line in result.stdout.splitlines() if line.strip().startswith("articles"))
    assert ledger == ["articles", "11", "4", "7", "0", "4"]
