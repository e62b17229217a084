"""What ``dateline status`` tells: the last runs, the ledger's balance, the quarantine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from flows.output import print_table
from warehouse.folder import DataFolder
from warehouse.journal import read_runs
from warehouse.lock import LockedError, check_unlocked
from warehouse.query import query

_SHOWN_QUARANTINE: Final = 20

_QUARANTINE: Final = """
SELECT source, path, reason, count(*) OVER () AS total
FROM files WHERE status = 'quarantined' ORDER BY source, path LIMIT ?
"""


def _is_locked(folder: DataFolder) -> bool:
    try:
        check_unlocked(folder.lock)
    except LockedError:
        return True
    return False


def _run_rows(records: list[dict[str, Any]], *, is_locked: bool) -> list[tuple[Any, ...]]:
    rows = []
    for number, record in enumerate(reversed(records)):
        status = record.get("status") or ("running" if is_locked and number == 0 else "interrupted")
        finished = record.get("finished_at")
        seconds = round((finished - record["started_at"]).total_seconds(), 1) if finished else None
        changes = [record.get(f"files_{change}_count") for change in ("new", "changed", "unchanged", "quarantined")]
        started = record["started_at"].astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        rows.append((started, status, seconds, *changes, record.get("article_count"), record.get("error")))
    return rows


def print_status(data: Path, runs: int) -> None:
    """Print the state of a data folder.

    Raises ``NoReleaseError`` when there is neither a run nor a release.
    """
    folder = DataFolder(data)
    records = read_runs(folder.runs, newest=runs)
    release = folder.current_release() if records else folder.published_release()
    headers = ["started (UTC)", "outcome", "seconds", "new", "changed", "unchanged", "refused", "articles", "error"]
    print("Last runs")
    print_table(headers, _run_rows(records, is_locked=_is_locked(folder)))
    if release is None:
        print("No release yet.")
        return
    age = datetime.now(UTC) - datetime.fromisoformat(release.manifest["created_at"])
    print(f"Ledger of release {release.number}, made {int(age.total_seconds() // 60):,} minutes ago")
    with query("SELECT * FROM ledger_balance", data) as balance:
        print_table(
            ["source", "files", "= loaded", "+ quarantined", "+ retired", "articles"], balance.fetch(_SHOWN_QUARANTINE)
        )
    with query(_QUARANTINE, data, [_SHOWN_QUARANTINE]) as quarantine:
        refused = quarantine.fetch(_SHOWN_QUARANTINE)
    if not refused:
        print("Nothing is in quarantine.")
        return
    print(f"In quarantine: {refused[0][-1]:,} files, tried again when they change")
    print_table(["source", "path", "reason"], [row[:-1] for row in refused], cell_chars=None)
    if refused[0][-1] > len(refused):
        print('(the first; all of them: dateline query "SELECT source, path, reason FROM rejects")')


def print_releases(data: Path) -> None:
    """Print the releases that are kept, newest first.

    Raises ``NoReleaseError`` when there is none.
    """
    folder = DataFolder(data)
    current = folder.published_release().number
    rows = []
    for release in reversed(folder.complete_releases()):
        manifest = release.manifest
        changes = manifest["changes"]
        rows.append((
            f"{release.number}{' (current)' if release.number == current else ''}",
            manifest["created_at"].replace("T", " ").removesuffix("+00:00"),
            manifest["previous"],
            changes["files_new_count"],
            changes["files_changed_count"],
            changes["files_quarantined_count"],
            changes["files_retired_count"],
            manifest["tables"]["articles"]["rows"],
            manifest["tables"]["mentions"]["rows"],
            round(release.own_bytes() / 1e6, 1),
        ))
    headers = [
        "release",
        "made (UTC)",
        "from",
        "new",
        "changed",
        "refused",
        "retired",
        "articles",
        "mentions",
        "MB not shared",
    ]
    print_table(headers, rows)
