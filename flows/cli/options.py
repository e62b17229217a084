"""What the commands share: exit codes, options, and how a failure is told."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

if TYPE_CHECKING:
    from warehouse.folder import Release

#: Exit codes. A run that published but refused files ends with REFUSED, so that a scheduler can tell.
OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
REFUSED: Final = 3
LOCKED: Final = 4
#: Done, but a mirror run found that too many files had vanished, and retired none of that source.
HELD_BACK: Final = 5
#: Done, but a source could not be fetched or read, or not all of it, or latest/ or the report could not be written.
TROUBLE: Final = 6
#: A query was stopped because it took more time or memory than it may.
STOPPED: Final = 7
INTERRUPTED: Final = 130


DataOption = Annotated[Path, Parameter(name="--data", env_var="DATELINE_DATA", help="The data folder.")]
FormatOption = Annotated[
    Literal["table", "csv", "json", "parquet"], Parameter(name=["--format", "-f"], help="How to print the rows.")
]
OutputOption = Annotated[
    Path | None, Parameter(name=["--output", "-o"], help="A file to write to instead of standard output.")
]

SourcesOption = Annotated[
    Path | None, Parameter(name="--sources", help="The source list (sources.toml beside the data folder).")
]
OnlyOption = Annotated[
    list[str] | None,
    Parameter(name="--only", negative="", help="Only this source of the list; may be given several times."),
]

ReleaseOption = Annotated[
    int | None, Parameter(name="--release", help="An earlier release, by its number (see dateline releases).")
]

TimeoutOption = Annotated[
    float, Parameter(name="--timeout", validator=Number(gte=0), help="Seconds that the query may take; 0: any time.")
]

MemoryOption = Annotated[
    str, Parameter(name="--memory", help="Memory that the query may take, as 2GB; what needs more spills to disk.")
]

DEFAULT_DATA: Final = Path("data")
DEFAULT_TIMEOUT: Final = 300.0
DEFAULT_MEMORY: Final = "2GB"


def fail(error: BaseException, code: int = FAILED) -> int:
    from flows.output import printable

    # Line by line: an error may have several, and may quote what stood in a file.
    for number, line in enumerate(str(error).splitlines() or [type(error).__name__]):
        print(("dateline: " if number == 0 else "  ") + printable(line), file=sys.stderr)
    return code


def refresh_report(release: Release, *, is_new: bool) -> int:
    """Make the latest report that of this release, if there are reports; the exit code of the command."""
    from warehouse.folder import DataFolder

    folder = DataFolder(release.path.parent.parent)
    if not folder.reports.is_dir():
        return OK
    try:
        from flows.report.release import write_release_report

        write_release_report(folder, release, is_new=is_new)
    except Exception as error:  # ruff: ignore[blind-except] - the release is current, whatever its picture does
        return fail(RuntimeError(f"no report on release {release.number}: {error}"), TROUBLE)
    return OK


def refresh_latest(former_run_id: str | None, release: Release) -> int:
    """Bring latest/ from the release of the former run to this one, if it held that; the exit code of the command."""
    from warehouse.export import LATEST_NAME, ExportError, export_again
    from warehouse.lock import LockedError

    folder = release.path.parent.parent / LATEST_NAME
    try:
        if export_again(former_run_id, release, folder):
            print(f"{folder}/ holds release {release.number}")
    except (OSError, LockedError, ExportError) as error:
        return fail(ExportError(f"{folder}/ is not that of release {release.number}: {error}"), TROUBLE)
    return OK
