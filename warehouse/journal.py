"""The run journal: one small file per run, whatever became of it.

A run that changes nothing makes no release and a run that dies cannot; the journal tells of both. The
next release's ``runs`` table is made from it.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
import polars.selectors as cs

from transforms.contracts import TABLES
from warehouse.folder import write_atomically

#: Enough for `dateline status`; a run every five minutes leaves a hundred thousand a year.
_KEPT_RECORDS: Final = 100


def record_run(runs: Path, record: dict[str, Any]) -> None:
    """Write a run's record (columns of the contract ``runs``; those not known yet are left out)."""
    text = json.dumps(record, default=lambda value: value.isoformat(), ensure_ascii=False)
    write_atomically(runs / f"{record['run_id']}.json", text + "\n")


def read_runs(runs: Path, newest: int | None = None) -> list[dict[str, Any]]:
    """The records of all runs, or of the newest ones, oldest first. A run without ``status`` has not ended."""
    paths = sorted(runs.glob("*.json"))
    records = []
    for path in paths[-newest:] if newest else paths:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        for name in ("started_at", "finished_at"):
            if record.get(name):
                record[name] = datetime.fromisoformat(record[name])
        records.append(record)
    return records


def runs_table(former: pl.DataFrame, records: list[dict[str, Any]]) -> pl.DataFrame:
    """The contract ``runs``: the rows of the previous release and those of the journal's runs that ended."""
    table = TABLES["runs"]
    ended = [{name: record.get(name) for name in table.columns} for record in records if record.get("status")]
    # A record by an earlier version of Dateline has fewer counts.
    fresh = pl.DataFrame(ended, schema=table.empty().schema).with_columns(cs.ends_with("_count").fill_null(0))
    return pl.concat([former.join(fresh, on="run_id", how="anti"), fresh])


def prune_journal(runs: Path) -> None:
    """Remove the oldest records, which a release's ``runs`` table holds by now."""
    for path in sorted(runs.glob("*.json"))[:-_KEPT_RECORDS]:
        path.unlink(missing_ok=True)
