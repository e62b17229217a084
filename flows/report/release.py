"""Release report: the report of each release, beside the releases.

Not in the release: that is sealed before it is published, and a report that fails must neither hold it up nor be part
of what its manifest vouches for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flows.pictures.page import write_page
from flows.report.facts import read_facts
from flows.report.report import report_markdown, report_page
from warehouse.folder import DataFolder, Release
from warehouse.guard import Limits

LATEST_NAME: Final = "latest.html"
#: The next run waits for the report of this one.
_MOST_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """Where a release's report is, and what it says in short, as Markdown."""

    path: Path
    markdown: str


def _forget_old_ones(folder: DataFolder, reports: Path) -> None:
    kept = {f"{release.path.name}.html" for release in folder.complete_releases()}
    for path in reports.glob("[0-9]*.html"):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def write_release_report(
    folder: DataFolder, release: Release, *, is_new: bool, memory: str | None = None
) -> ReleaseReport | None:
    """Write ``reports/<release>.html``, on the last seven days that have articles, and ``reports/latest.html``.

    The report of a release that ``is_new`` is written in any case; that of another one only if it is missing, and None
    is returned if it was not. Reports of releases that are not kept any more go. Call it under the lock.
    """
    reports = folder.reports
    reports.mkdir(exist_ok=True)
    path = reports / f"{release.path.name}.html"
    written = None
    if is_new or not path.exists():
        facts = read_facts(folder.root, release=release.number, limits=Limits(_MOST_SECONDS, memory))
        write_page(report_page(facts), path)
        written = ReleaseReport(path, report_markdown(facts, str(path.absolute())))
    # After a rollback, the latest report is that of the release which is current now.
    write_page(path.read_text(encoding="utf-8"), reports / LATEST_NAME)
    _forget_old_ones(folder, reports)
    return written
