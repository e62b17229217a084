"""The audit finds whatever is wrong with a release, and nothing where nothing is."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from transforms.contracts import TABLES
from warehouse.audit import audit, audit_release
from warehouse.folder import MANIFEST_NAME, DataFolder, Release
from warehouse.parquet import sha256_of, write_table


@pytest.fixture
def folder(warehouse_data: Path, tmp_path: Path) -> DataFolder:
    """A copy of the small warehouse, to tamper with."""
    shutil.copytree(warehouse_data, tmp_path / "data", symlinks=True)
    return DataFolder(tmp_path / "data")


def _flip(path: Path, at: int) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    path.chmod(0o444)


def _edit_manifest(release: Release, edit: Callable[[dict[str, Any]], None]) -> None:
    path = release.path / MANIFEST_NAME
    manifest = json.loads(path.read_text(encoding="utf-8"))
    edit(manifest)
    path.chmod(0o644)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    path.chmod(0o444)


def _edit_database(release: Release, *statements: str) -> None:
    """Change the DuckDB file behind the manifest's back, but for its hash."""
    release.database.chmod(0o644)
    with duckdb.connect(str(release.database)) as connection:
        for statement in statements:
            connection.execute(statement)
    release.database.chmod(0o444)

    def state(manifest: dict[str, Any]) -> None:
        manifest["database"] |= {"bytes": release.database.stat().st_size, "sha256": sha256_of(release.database)}

    _edit_manifest(release, state)


def _flip_parquet(release: Release) -> None:
    path = release.files("mentions")[0]
    _flip(path, path.stat().st_size // 2)


def _flip_database(release: Release) -> None:
    _flip(release.database, release.database.stat().st_size - 1)


def _truncate(release: Release) -> None:
    path = release.files("sentences")[0]
    path.chmod(0o644)
    os.truncate(path, 10)
    path.chmod(0o444)


def _miscount(release: Release) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        manifest["tables"]["articles"]["files"][0]["rows"] += 1

    _edit_manifest(release, edit)


def _forget_run(release: Release) -> None:
    _edit_manifest(release, lambda manifest: manifest.update(run_id="20200101T000000.000Z-abcdef"))


def _mistake_month(release: Release) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        manifest["tables"]["mentions"]["files"][0]["partition"] = "2024-02"

    _edit_manifest(release, edit)


def _rename_entity(release: Release) -> None:
    """Publish other entities than the mentions give, everything else in order."""
    (former,) = release.files("entities")
    renamed = pl.read_parquet(former).with_columns(pl.col("name") + "x")
    former.unlink()
    entry = write_table(renamed, TABLES["entities"], release.path).as_entry()
    _edit_manifest(release, lambda manifest: manifest["tables"]["entities"].update(files=[entry]))
    _edit_database(Release(release.path), "UPDATE entities SET name = name || 'x'")


TAMPERING: dict[str, tuple[Callable[[Release], object], str]] = {
    "flipped Parquet": (_flip_parquet, "mentions/published_month=2024-01/"),
    "flipped database": (_flip_database, "warehouse.duckdb has the SHA-256"),
    "truncated file": (_truncate, "has 10 bytes, but"),
    "missing file": (lambda release: release.files("files")[0].unlink(), "is in the manifest, but is not a file"),
    "missing database": (lambda release: release.database.unlink(), "warehouse.duckdb is in the manifest, but is not"),
    "extra file": (
        lambda release: (release.path / "warehouse.duckdb.wal").touch(),
        "warehouse.duckdb.wal is in the release, but not in the manifest",
    ),
    "extra folder": (lambda release: (release.path / "spill").mkdir(), "spill is in the release, but not"),
    "writable file": (lambda release: release.files("runs")[0].chmod(0o644), "can be written to: its mode is 644"),
    "writable manifest": (
        lambda release: (release.path / MANIFEST_NAME).chmod(0o644),
        "manifest.json can be written to: its mode is 644",
    ),
    "wrong rows": (_miscount, "rows, but 3 in the manifest"),
    "wrong sum": (
        lambda release: _edit_manifest(release, lambda manifest: manifest["tables"]["entities"].update(rows=1)),
        "DuckDB's table entities has",
    ),
    "unknown run": (_forget_run, "should stand in runs once"),
    "wrong month": (_mistake_month, "mentions/published_month=2024-02/, where the manifest places it"),
    "wrong entities": (_rename_entity, "entities are not those that all mentions give"),
    "deleted row": (
        lambda release: _edit_database(release, "DELETE FROM sentences WHERE sentence_no = 0"),
        "DuckDB's table sentences is not its Parquet (3 and 7 rows); only in DuckDB: none; only in the Parquet: ",
    ),
    "changed row": (
        lambda release: _edit_database(release, "UPDATE articles SET title = 'Other' WHERE path = 'a.txt'"),
        "DuckDB's table articles is not its Parquet (4 and 4 rows); only in DuckDB: article_id=",
    ),
    "doubled row": (
        lambda release: _edit_database(release, "INSERT INTO runs SELECT * FROM runs"),
        "DuckDB's table runs is not its Parquet (2 and 1 rows); only in DuckDB: run_id=",
    ),
    "broken check": (
        lambda release: _edit_database(release, "UPDATE mentions SET start_char = start_char + 1"),
        "spans_slice_to_surface",
    ),
    "changed type": (
        lambda release: _edit_database(release, "ALTER TABLE files ALTER COLUMN article_count TYPE BIGINT"),
        "DuckDB's table files has other columns than its contract",
    ),
    "missing table": (
        lambda release: _edit_database(release, "DROP TABLE rejects CASCADE"),
        "DuckDB's table rejects has other columns than its contract: None",
    ),
    "extra table": (lambda release: _edit_database(release, "CREATE TABLE notes (x INTEGER)"), "has the table notes"),
    "missing view": (lambda release: _edit_database(release, "DROP VIEW co_mentions"), "lacks the view co_mentions"),
}


def test_a_sound_release_has_nothing_wrong(folder: DataFolder) -> None:
    assert audit(folder) == []


@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_is_found_and_named(folder: DataFolder, name: str) -> None:
    tamper, told = TAMPERING[name]
    tamper(folder.published_release())
    found = audit(folder)
    assert any(told in each for each in found), found
    assert all(each.startswith("release 1: ") for each in found)


def test_a_release_without_a_manifest_is_none(folder: DataFolder) -> None:
    release = folder.published_release()
    (release.path / MANIFEST_NAME).unlink()
    assert "has no manifest that can be read" in audit_release(Release(release.path))[0]
    assert "is no complete release" in audit(folder)[0]


def test_a_link_must_lead_to_a_release_of_the_folder(folder: DataFolder, tmp_path: Path) -> None:
    folder.current.unlink()
    assert audit(folder) == [f"{folder.current} is no symbolic link: nothing has been published"]
    shutil.move(folder.releases / "000001", tmp_path / "000001")
    folder.current.symlink_to(tmp_path / "000001")
    assert "is no complete release of this folder" in audit(folder)[0]


def test_the_audit_changes_nothing(folder: DataFolder) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.root.rglob("*")}
    audit(folder)
    assert {path: path.stat().st_mtime_ns for path in folder.root.rglob("*")} == before
