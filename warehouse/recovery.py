"""Recovery: what a dead run left behind is put in order by whoever takes the lock next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from transforms.contracts import TABLES
from warehouse.folder import DataFolder, Release
from warehouse.journal import read_runs, record_run
from warehouse.scan import scan_table


def ended_early(record: dict[str, Any], status: str, error: str) -> dict[str, Any]:
    """The record (contract ``runs``) of a run that began with ``record`` and did not get to its end."""
    counts = {name: 0 for name in TABLES["runs"].columns if name.endswith("_count")}
    return (
        counts
        | {"engine_version": "unknown"}
        | record
        | {"status": status, "finished_at": datetime.now(UTC), "error": error}
    )


def _published_record(current: Release | None, run_id: str) -> dict[str, Any] | None:
    """What the current release itself says of the run that made it, if it was this one."""
    if current is None or current.manifest["run_id"] != run_id:
        return None
    rows = scan_table(current, "runs").filter(pl.col("run_id") == run_id).collect()
    return next(rows.iter_rows(named=True), None)


def recover(folder: DataFolder) -> None:
    """Clear away what a dead run left, and note what became of it. Call it under the lock.

    A run that had switched to its release, published it. A release that was complete but never switched to is
    removed: nobody has seen it, and the next run makes it again from the staged batches.
    """
    unfinished = [record for record in read_runs(folder.runs) if "status" not in record]
    if unfinished:
        current = folder.current_release()
        made = {release.manifest["run_id"]: release for release in folder.complete_releases()}
        for record in unfinished:
            run_id = record["run_id"]
            published = _published_record(current, run_id)
            if published is None and run_id in made:
                made[run_id].remove()
            record_run(
                folder.runs, published or ended_early(record, "interrupted", "the process ended before the run did")
            )
    folder.clear_unfinished()
