"""The day on which bytes are first read decides what is of the future, whenever they are read again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Self

import polars as pl
import pytest

import flows.batch
import flows.pipeline
from flows.compare import Selection
from flows.pipeline import Request, run_directly, run_request
from flows.settings import Settings
from samples import write_files
from transforms.contracts import CONTENT_TABLES
from warehouse import open_warehouse
from warehouse.folder import DataFolder

SettingsFor = Callable[..., Settings]


def _content(data: Path) -> dict[str, str]:
    tables = DataFolder(data).published_release().manifest["tables"]
    return {entry["path"]: entry["sha256"] for table in CONTENT_TABLES for entry in tables[table]["files"]}


def _rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_warehouse(data) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return rows


def _runs_begin(monkeypatch: pytest.MonkeyPatch, year: int) -> None:
    """Let runs begin on the first of March of a year, late in the evening."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls(year, 3, 1, 23, 59, tzinfo=tz)

    monkeypatch.setattr(flows.pipeline, "datetime", Clock)


def test_what_is_the_future_is_decided_when_the_bytes_are_first_read(
    tmp_path: Path, settings_for: SettingsFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not by the day on which they happen to be read again."""
    folder, settings = tmp_path / "articles", settings_for()

    def dates() -> list[tuple[Any, ...]]:
        return _rows(settings.data, "SELECT path, published_on::VARCHAR FROM articles ORDER BY path")

    write_files(folder, {f"{day}.txt": f" date {day} Title\n\nText.\n" for day in ("2024-03-02", "2024-03-03")})
    write_files(folder, {"later.json": '{"title": "T", "text": "Text.", "date": "2024-03-03"}'})
    _runs_begin(monkeypatch, 2024)
    run_directly(settings, [folder])
    expected = [("2024-03-02.txt", "2024-03-02"), ("2024-03-03.txt", None), ("later.json", None)]
    assert dates() == expected
    content = _content(settings.data)
    _runs_begin(monkeypatch, 2025)
    run_request(settings, Request(selection=Selection()))
    assert _content(settings.data) == content
    days = "SELECT DISTINCT first_read_on::VARCHAR, last_run_id[:8] FROM files"
    assert _rows(settings.data, days) == [("2024-03-01", "20250301")]
    # Other bytes are judged anew, the others stay.
    write_files(folder, {"2024-03-03.txt": " date 2024-03-03 Title\n\nText, more of it.\n"})
    run_directly(settings, [folder])
    assert dates() == [expected[0], ("2024-03-03.txt", "2024-03-03"), expected[2]]


def test_a_large_file_keeps_the_day_on_which_it_was_first_read(
    tmp_path: Path, settings_for: SettingsFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flows.batch, "_WHOLE_BYTES", 10)
    settings = settings_for()
    write_files(tmp_path / "articles", {"a.jsonl": '{"title": "T", "text": "Text.", "date": "2024-03-03"}'})
    _runs_begin(monkeypatch, 2024)
    run_directly(settings, [tmp_path / "articles"])
    _runs_begin(monkeypatch, 2025)
    run_request(settings, Request(selection=Selection()))
    assert _rows(settings.data, "SELECT published_on FROM articles") == [(None,)]


def test_a_ledger_without_days_has_those_of_the_runs_that_judged(
    tmp_path: Path, settings_for: SettingsFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As versions of Dateline before schema 5 wrote it."""
    settings = settings_for()
    write_files(tmp_path / "articles", {"a.txt": " date 2024-03-03 Title\n\nText.\n"})
    _runs_begin(monkeypatch, 2024)
    run_directly(settings, [tmp_path / "articles"])
    (ledger,) = DataFolder(settings.data).published_release().files("files")
    ledger.chmod(0o644)
    pl.read_parquet(ledger).drop("first_read_on").write_parquet(ledger)
    _runs_begin(monkeypatch, 2025)
    run_request(settings, Request(selection=Selection()))
    assert _rows(
        settings.data, "SELECT published_on, first_read_on::VARCHAR FROM articles JOIN files USING (path)"
    ) == [(None, "2024-03-01")]
