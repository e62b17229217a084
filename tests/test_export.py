"""One file a table: the rows and the schema of the release, whole files of one release, refreshed when asked."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from flows.cli import app
from flows.pipeline import run_directly
from flows.settings import Settings
from small_warehouse import run_row
from transforms.contracts import TABLES
from warehouse import export as exporting
from warehouse.export import ExportError, export_release
from warehouse.folder import DataFolder, Release
from warehouse.lock import LockedError, writer_lock
from warehouse.parquet import arrow_schema, sha256_of
from warehouse.scan import scan_table


@pytest.fixture
def release(warehouse_data: Path) -> Release:
    return DataFolder(warehouse_data).published_release()


def _note(folder: Path) -> dict[str, dict[str, dict[str, object]]]:
    return json.loads((folder / "release.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TABLES)
def test_a_file_has_the_rows_the_order_and_the_schema_of_its_table(name: str, release: Release, tmp_path: Path) -> None:
    done = export_release(release, tmp_path, [name])
    path = tmp_path / f"{name}.parquet"
    expected = scan_table(release, name).collect()
    if TABLES[name].is_partitioned:
        expected = expected.sort("published_month", *TABLES[name].sort_by)
    assert_frame_equal(pl.read_parquet(path), expected)
    assert pq.read_schema(path).equals(arrow_schema(TABLES[name]), check_metadata=True)
    assert done.files[path.name]["rows"] == len(expected)
    assert done.files[path.name]["sha256"] == sha256_of(path)


def test_small_row_groups_are_filled_across_months(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = export_release(release, tmp_path / "whole", ["mentions"])
    monkeypatch.setattr(exporting, "_BATCH_ROWS", 4)
    monkeypatch.setattr(exporting, "row_group_rows", lambda _: 7)
    export_release(release, tmp_path / "small", ["mentions"])
    with pq.ParquetFile(tmp_path / "small/mentions.parquet") as file:
        sizes = [file.metadata.row_group(number).num_rows for number in range(file.num_row_groups)]
        rows = file.read()
    assert set(sizes[:-1]) == {7}
    assert sum(sizes) == whole.files["mentions.parquet"]["rows"]
    assert rows.equals(pq.read_table(tmp_path / "whole/mentions.parquet"))


def test_long_text_makes_a_row_group_shorter(release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_BATCH_ROWS", 2)
    monkeypatch.setattr(exporting, "_GROUP_BYTES", 1)
    export_release(release, tmp_path, ["articles"])
    with pq.ParquetFile(tmp_path / "articles.parquet") as file:
        assert all(file.metadata.row_group(number).num_rows <= 2 for number in range(file.num_row_groups))
        assert file.metadata.num_rows == release.manifest["tables"]["articles"]["rows"]


def test_the_same_release_gives_the_same_bytes(release: Release, tmp_path: Path) -> None:
    for form in ("parquet", "csv"):
        first = export_release(release, tmp_path / "first", form=form)
        second = export_release(release, tmp_path / "second", form=form)
        assert first.files == second.files
        assert first.written == second.written == tuple(f"{name}.{form}" for name in TABLES)


def test_csv_parts_what_is_null_from_what_is_empty(release: Release, tmp_path: Path) -> None:
    export_release(release, tmp_path, ["articles", "files"], form="csv")
    with (tmp_path / "articles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = scan_table(release, "articles").sort("published_month", "published_on", "article_id").collect()
    assert [row["body"] for row in rows] == expected["body"].to_list()
    assert [row["published_on"] or None for row in rows] == expected["published_on"].cast(pl.String).to_list()
    text = (tmp_path / "files.csv").read_text(encoding="utf-8")
    assert text.startswith('"source","path"')


def test_what_is_there_already_is_not_written_again(release: Release, tmp_path: Path) -> None:
    export_release(release, tmp_path)
    before = (tmp_path / "mentions.parquet").stat()
    (tmp_path / "articles.parquet").write_bytes(b"cut short")
    again = export_release(release, tmp_path)
    assert again.written == ("articles.parquet",)
    assert (tmp_path / "mentions.parquet").stat() == before
    assert sha256_of(tmp_path / "articles.parquet") == again.files["articles.parquet"]["sha256"]


def test_files_of_one_release_add_up_and_those_of_another_are_not_listed(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_release(release, tmp_path, ["articles"])
    assert set(export_release(release, tmp_path, ["entities"]).files) == {"articles.parquet", "entities.parquet"}
    monkeypatch.setattr(exporting, "_origin", lambda _release, table: f"another release of {table.name}")
    assert set(export_release(release, tmp_path, ["mentions"]).files) == {"mentions.parquet"}
    assert set(_note(tmp_path)["files"]) == {"mentions.parquet"}


def test_an_export_that_fails_leaves_the_former_files_and_no_others(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_release(release, tmp_path, ["articles"])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name != ".export.lock"}
    write = exporting._write

    def fail_at_mentions(*arguments: object) -> int:
        if arguments[1] is TABLES["mentions"]:
            raise OSError("no space left")
        return write(*arguments)

    monkeypatch.setattr(exporting, "_write", fail_at_mentions)
    monkeypatch.setattr(exporting, "_known_files", lambda *_: {})
    with pytest.raises(OSError, match="no space"):
        export_release(release, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name != ".export.lock"} == before


def test_there_is_no_note_while_files_are_being_put_in_place(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_release(release, tmp_path)
    replace = Path.replace
    seen: list[tuple[str, bool]] = []

    def watched(path: Path, target: Path) -> Path:
        seen.append((target.name, (tmp_path / "release.json").exists()))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", watched)
    monkeypatch.setattr(exporting, "_known_files", lambda *_: {})
    export_release(release, tmp_path)
    assert seen == [*((f"{name}.parquet", False) for name in TABLES), ("release.json", False)]


def test_it_refuses_the_releases_unknown_tables_and_a_second_writer(release: Release, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(release.path)
    for folder in (release.path, release.path / "flat", tmp_path / "link"):
        with pytest.raises(ExportError, match="among the releases"):
            export_release(release, folder)
    with pytest.raises(ExportError, match="no table is called 'nothing'"):
        export_release(release, tmp_path, ["nothing"])
    with writer_lock(tmp_path / ".export.lock", "another"), pytest.raises(LockedError):
        export_release(release, tmp_path)


def test_a_table_that_an_earlier_version_wrote_gets_its_missing_columns() -> None:
    table = TABLES["runs"]
    row = pl.DataFrame([run_row("a", datetime(2024, 2, 1, tzinfo=UTC)) | {"files_new_count": 3, "error": "why"}])
    former = row.drop("error", "files_new_count").to_arrow().to_batches()[0]
    rows = exporting._conformed(former, arrow_schema(table))
    assert rows.column_names == table.columns
    assert rows["error"].to_pylist() == [None]
    assert rows["files_new_count"].to_pylist() == [0]


def test_a_run_refreshes_latest_only_if_it_is_asked_to(settings_for: Callable[..., Settings], articles: Path) -> None:
    run_directly(settings_for(), [articles])
    latest = settings_for().data / "latest"
    assert not latest.exists()
    summary = run_directly(settings_for(latest=True), [articles])
    assert summary.record["status"] == "unchanged"
    assert _note(latest)["release"] == 1
    next(articles.glob("*.txt")).unlink()
    summary = run_directly(settings_for(latest=True), [articles], mirror=True)
    assert _note(latest)["release"] == summary.release == 2
    assert len(pl.read_parquet(latest / "articles.parquet")) == summary.articles_total
    assert summary.troubles == ()


def test_a_run_whose_latest_fails_has_published_and_says_so(
    settings_for: Callable[..., Settings], articles: Path
) -> None:
    settings = settings_for(latest=True)
    settings.data.mkdir()
    (settings.data / "latest").write_text("in the way")
    summary = run_directly(settings, [articles])
    assert summary.release == 1
    assert "latest/ is not that of release 1" in summary.troubles[0]


def test_the_command_writes_beside_the_data_or_where_it_is_told(
    settings_for: Callable[..., Settings], articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(settings_for().data)

    def call(*arguments: str) -> int:
        return app(["export", "--data", data, *arguments], result_action="return_value", exit_on_error=False)

    assert call() == 1
    assert "no release" in capsys.readouterr().err
    run_directly(settings_for(), [articles])
    assert call() == 0
    assert (settings_for().data / "latest/articles.parquet").is_file()
    assert call("--to", str(tmp_path / "flat"), "--format", "csv", "--tables", "entities", "files") == 0
    assert {path.name for path in (tmp_path / "flat").iterdir()} == {
        ".export.lock",
        "entities.csv",
        "files.csv",
        "release.json",
    }
    assert "holds 2 tables of release 1" in capsys.readouterr().out
    assert call("--tables", "nothing") == 2
