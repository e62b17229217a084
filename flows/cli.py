"""The command line. Prefect is imported by the commands that run flows, not by those that ask questions."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Final, Literal

from cyclopts import App, Parameter

from warehouse.folder import DataFolder, NoReleaseError

_STARTED: Final = time.perf_counter()

#: Exit codes. A run that published but refused files ends with REFUSED, so that a scheduler can tell.
OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
REFUSED: Final = 3
LOCKED: Final = 4

app = App(name="dateline", help="From article files to SQL.", version_flags=["--version"])

Data = Annotated[Path | None, Parameter(name="--data", env_var="DATELINE_DATA", help="The data folder [data].")]


def _fail(error: Exception, code: int = FAILED) -> int:
    print(f"dateline: {error}", file=sys.stderr)
    return code


@app.command
def run(  # noqa: PLR0913 - one argument an option
    *paths: Path,
    data: Data = None,
    source: str | None = None,
    recogniser: Literal["rules"] | None = None,
    workers: int | None = None,
    batch_files: int | None = None,
) -> int:
    """Load article files: folders or single files [seeds/articles].

    Exit code 0: done; 3: done, but files were refused; 4: another run holds the data folder; 1: failed,
    the warehouse is as it was.

    Parameters
    ----------
    paths
        Folders or files of articles.
    source
        A name for the paths as one source; otherwise each folder's own name.
    recogniser
        Which recogniser finds the mentions.
    workers
        Processes that transform batches.
    batch_files
        Most files in a batch.
    """
    from flows.orchestration import prepare_prefect  # noqa: PLC0415

    prepare_prefect()
    from flows import progress  # noqa: PLC0415

    with progress.shown():
        from flows.extract import SourceError  # noqa: PLC0415
        from flows.ingest import ingest  # noqa: PLC0415
        from flows.summary import summary_text  # noqa: PLC0415
        from warehouse.load import CheckError  # noqa: PLC0415
        from warehouse.lock import LockedError  # noqa: PLC0415

        try:
            began = time.time() - (time.perf_counter() - _STARTED)
            summary = ingest(
                paths=list(paths) or None,
                data=data,
                source=source,
                recogniser=recogniser,
                workers=workers,
                batch_files=batch_files,
            )
        except LockedError as error:
            return _fail(error, LOCKED)
        except SourceError as error:
            return _fail(error, USAGE)
        except (CheckError, OSError) as error:
            return _fail(error)
    startup = summary.record["started_at"].timestamp() - began
    print(summary_text(summary, startup))
    return REFUSED if summary.refused_count else OK
