"""Publish: build the next release beside the current one and switch to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from transforms.contracts import SCHEMA_VERSION, TABLES
from warehouse.folder import MANIFEST_NAME, DataFolder, Release, fsync_path, write_atomically
from warehouse.load import load_database
from warehouse.parquet import WrittenFile, sha256_of, write_table
from warehouse.write import Change, Summarise, write_articles, write_entities, write_ledger

#: Gives a context that measures the step of this name.
Timer = Callable[[str], AbstractContextManager[object]]


def _untimed(_step: str) -> AbstractContextManager[object]:
    return nullcontext()


def _seal(
    release: Release, written: dict[str, list[WrittenFile]], run: dict[str, Any], previous: Release | None
) -> None:
    """Flush every directory, then write the manifest, which makes the release complete."""
    for folder in sorted({path.parent for path in release.path.rglob("*")} | {release.path}):
        fsync_path(folder)
    manifest = {
        "release": release.number,
        "previous": previous.number if previous else None,
        "run_id": run["run_id"],
        "changes": {name: count for name, count in run.items() if name.endswith("_count")},
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "schema_version": SCHEMA_VERSION,
        "engine_version": run["engine_version"],
        "tables": {
            name: {"rows": sum(file.row_count for file in files), "files": [file.as_entry() for file in files]}
            for name, files in written.items()
        },
        "database": {
            "path": release.database.name,
            "bytes": release.database.stat().st_size,
            "sha256": sha256_of(release.database),
        },
    }
    path = release.path / MANIFEST_NAME
    write_atomically(path, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    path.chmod(0o444)


def publish(
    folder: DataFolder,
    change: Change,
    runs: Callable[[], pl.DataFrame],
    summarise: Summarise,
    *,
    run: dict[str, Any],
    memory_limit: str | None = None,
    timer: Timer = _untimed,
) -> Release:
    """Build, check, seal and publish the release that a change leads to.

    ``run`` is the run's own record (columns of the contract ``runs``). ``summarise`` makes ``entities`` from
    all mentions; ``runs`` gives the rows of the contract ``runs``, asked for when all else is written. The
    caller holds the writer lock. Until the last step nothing that a reader sees is touched.

    Raises ``CheckError`` when the new release breaks a check; the current release stays.
    """
    previous = folder.current_release()
    release = folder.begin_release()
    with timer("write"):
        written = write_articles(previous, change, release.path)
        written["entities"] = [write_entities(release.path, written["mentions"], summarise)]
        written |= {name: [file] for name, file in write_ledger(previous, change, release.path).items()}
        table = TABLES["runs"]
        written["runs"] = [write_table(table.schema.validate(runs().sort(table.sort_by)), table, release.path)]
    with timer("load"):
        paths: dict[str, list[Path]] = {
            name: [release.path / file.path for file in files] for name, files in written.items()
        }
        load_database(release.database, paths, memory_limit)
    with timer("publish"):
        _seal(release, written, run, previous)
        folder.switch_to(release)
    return release
