"""Publish: build the next release beside the current one and switch to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from transforms.contracts import SCHEMA_VERSION, TABLES
from warehouse.database_copy import copying
from warehouse.folder import MANIFEST_NAME, DataFolder, Release, fsync_path, remove_tree, write_atomically
from warehouse.ledger import write_ledger
from warehouse.load import Delta, build_database, update_database
from warehouse.marts import stored_marts_version
from warehouse.parquet import WrittenFile, sha256_of, write_table
from warehouse.scan import read_table
from warehouse.write import Change, Partitions, write_partitions

#: Gives a context that measures the step of this name.
Timer = Callable[[str], AbstractContextManager[object]]

#: Makes the contract ``entities`` from spellings and counts (``transforms.enrich.entities``).
Summarise = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]

#: Rows that are replaced stand at the end of the DuckDB file and leave gaps. When so large a share of the articles has
#: been replaced since the file was built, it is built anew, in the contracts' order: that costs a constant per change.
_MOST_UPDATED: Final = 0.5


def _untimed(_step: str) -> AbstractContextManager[object]:
    return nullcontext()


def _unheard(_count: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Job:
    """What publishing needs to know beside the change itself.

    ``run`` is the run's own record (columns of the contract ``runs``). ``runs`` gives the rows of the contract
    ``runs``, asked for when the content is written. ``is_rebuild``: build the DuckDB file from the Parquet alone.
    ``advance`` is told of every month that is written.
    """

    run: dict[str, Any]
    runs: Callable[[], pl.DataFrame]
    summarise: Summarise
    is_rebuild: bool = False
    memory_limit: str | None = None
    timer: Timer = _untimed
    advance: Callable[[int], None] = _unheard


@dataclass(slots=True)
class _Build:
    """A release that is being built."""

    previous: Release | None
    release: Release
    job: Job
    pool: ThreadPoolExecutor
    written: dict[str, list[WrittenFile]] = field(default_factory=dict)
    entities: Future[WrittenFile] | None = None

    def paths(self, table: str, months: frozenset[str] | None = None) -> list[Path]:
        files = self.written.get(table, [])
        return [self.release.path / each.path for each in files if months is None or each.partition in months]

    def write_runs(self) -> None:
        table = TABLES["runs"]
        rows = table.schema.validate(self.job.runs().sort(table.sort_by))
        self.written["runs"] = [write_table(rows, table, self.release.path)]

    def make_entities(
        self, spellings: pl.DataFrame, counts: pl.DataFrame, changed: pl.DataFrame | None
    ) -> pl.DataFrame:
        """Make the rows of ``entities`` that changed, and begin to write the table while they are loaded."""
        rows = self.job.summarise(spellings, counts)
        self.entities = self.pool.submit(self._write_entities, rows, changed)
        return rows

    def _write_entities(self, rows: pl.DataFrame, changed: pl.DataFrame | None) -> WrittenFile:
        """Write ``entities``; those that did not change are taken over from the previous release."""
        table = TABLES["entities"]
        if changed is not None:
            kept = read_table(self.previous, table.name).join(changed, on="entity_id", how="anti")
            rows = pl.concat([kept, rows]).sort(table.sort_by)
        return write_table(rows, table, self.release.path)

    def updated_articles(self, partitions: Partitions) -> int | None:
        """Articles replaced in the DuckDB file since it was built, this run's among them; None: build it anew."""
        if self.previous is None or self.job.is_rebuild:
            return None
        former = self.previous.manifest
        is_same_engine = former["engine_version"] == self.job.run["engine_version"]
        is_same_sql = former["database"].get("stored_marts") == stored_marts_version()
        if former["schema_version"] != SCHEMA_VERSION or not is_same_engine or not is_same_sql:
            return None
        updated = int(former["database"]["updated_articles"]) + len(partitions.article_ids)
        total = sum(file.row_count for file in partitions.written["articles"])
        return updated if updated <= _MOST_UPDATED * total else None

    def load(self, change: Change, partitions: Partitions, judged: pl.DataFrame, copied: Future[bool]) -> int:
        """Make the DuckDB file; the value is how many of its articles were replaced since it was built."""
        database, memory_limit = self.release.database, self.job.memory_limit
        updated = self.updated_articles(partitions)
        if copied.result() and updated is not None:
            delta = Delta(partitions.article_ids, partitions.months, change.files, change.touched, judged)
            partitioned = {name: self.paths(name, partitions.months) for name in partitions.written}
            single = {name: self.paths(name) for name in ("files", "rejects", "runs")}
            update_database(database, partitioned | single, delta, self.make_entities, memory_limit)
        else:
            updated = 0
            files = {name: self.paths(name) for name in self.written}
            build_database(database, files, self.make_entities, memory_limit)
        if self.entities is not None:
            self.written["entities"] = [self.entities.result()]
        return updated

    def _flush_folders(self) -> None:
        folders = {(self.release.path / each.path).parent for files in self.written.values() for each in files}
        folders |= {folder.parent for folder in folders} | {self.release.path}
        for folder in sorted(folders):
            if folder.is_relative_to(self.release.path):
                fsync_path(folder)

    def seal(self, updated_articles: int) -> None:
        """Flush every directory, then write the manifest, which makes the release complete."""
        release, run = self.release, self.job.run
        release.database.chmod(0o444)
        hashed = self.pool.submit(sha256_of, release.database)
        fsync_path(release.database)
        self._flush_folders()
        manifest = {
            "release": release.number,
            "previous": self.previous.number if self.previous else None,
            "run_id": run["run_id"],
            "changes": {name: count for name, count in run.items() if name.endswith("_count")},
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "schema_version": SCHEMA_VERSION,
            "engine_version": run["engine_version"],
            "tables": {
                name: {
                    "rows": sum(file.row_count for file in self.written[name]),
                    "files": [file.as_entry() for file in self.written[name]],
                }
                for name in TABLES
            },
            "database": {
                "path": release.database.name,
                "bytes": release.database.stat().st_size,
                "sha256": hashed.result(),
                "updated_articles": updated_articles,
                "stored_marts": stored_marts_version(),
            },
        }
        path = release.path / MANIFEST_NAME
        write_atomically(path, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", mode=0o444)


def publish(folder: DataFolder, change: Change, job: Job) -> Release:
    """Build, check, seal and publish the release that a change leads to.

    The caller holds the writer lock. Until the last step nothing that a reader sees is touched.

    Raises ``CheckError`` when the new release breaks a check; the current release stays.
    """
    previous = folder.current_release()
    release = folder.begin_release()
    try:
        with ThreadPoolExecutor(1) as pool:
            build = _Build(previous, release, job, pool)
            with copying(None if job.is_rebuild else previous, release.database) as copied:
                with job.timer("write"):
                    writing = pool.submit(write_ledger, previous, change, release.path)
                    partitions = write_partitions(
                        previous, change, release.path, run_id=job.run["run_id"], advance=job.advance
                    )
                    ledger = writing.result()
                    build.written |= partitions.written | {name: [file] for name, file in ledger.written.items()}
                    build.write_runs()
                with job.timer("load"):
                    updated_articles = build.load(change, partitions, ledger.judged, copied)
            with job.timer("publish"):
                build.seal(updated_articles)
                folder.switch_to(release)
    except BaseException:
        current = folder.current_release()
        if current is None or current.path != release.path:
            # The disk may be full: what will not be published must not keep it so.
            with suppress(OSError):
                (release.path / MANIFEST_NAME).unlink(missing_ok=True)
                remove_tree(release.path)
        raise
    return release
